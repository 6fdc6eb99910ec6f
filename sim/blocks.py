"""How draws are grouped: numbers alone, so that what a run costs can be said without loading what plays it."""

from __future__ import annotations

from itertools import pairwise

BLOCK = 1024  # draws with streams of random numbers of their own
TOGETHER = 10  # blocks played at once at most: long enough to outweigh calls, short enough for the caches
ALONE = 4096  # below this many draws, starting processes costs more than it saves


def shares(draws: int, workers: int, together: int = TOGETHER) -> list[tuple[int, int]]:
    """Share blocks out evenly, as many parts for each worker: the first block of each part, and how many draws.

    >>> shares(5000, 2)
    [(0, 2048), (2, 2952)]
    """
    blocks = -(-draws // BLOCK)
    rounds = -(-blocks // (together * workers))
    count = min(blocks, rounds * workers)
    first = [blocks * place // count for place in range(count + 1)]
    return [(low, min(high * BLOCK, draws) - low * BLOCK) for low, high in pairwise(first)]
