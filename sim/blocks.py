"""How draws are grouped: numbers alone, so that what a run costs can be said without loading what plays it."""

from __future__ import annotations

BLOCK = 1024  # draws with streams of random numbers of their own
TOGETHER = 8  # blocks played at once at most: long enough to outweigh calls, short enough for the caches
ALONE = 4096  # below this many draws, starting processes costs more than it saves
