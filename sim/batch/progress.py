"""How far the sweeps on disk are, read beside whoever writes them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, NamedTuple

from sim.batch.folders import SWEEP_NAME
from sim.batch.index import NAME, watched
from sim.batch.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Standing(NamedTuple):
    """One sweep: draws on disk of those asked for, points that failed, the process that writes it, and its seed."""

    folder: Path
    points: int
    draws: int
    asked: int
    failed: int
    process: int | None
    finished: bool
    seed: int | None = None  # None where the index does not say it


def standing(out: Path) -> Iterator[Standing]:
    """Yield the sweeps below `out` by name; raises `StoreError` where an index cannot be read."""
    for folder in sorted(out.glob("*/sweep-*")):
        real = folder.is_dir() and not folder.is_symlink() and not folder.parent.is_symlink()
        if real and SWEEP_NAME.fullmatch(folder.name) and (folder / NAME).exists():
            yield standing_of(folder)


def standing_of(folder: Path) -> Standing:
    """Return how far one sweep is; raises `StoreError` where its index cannot be read."""
    with watched(folder) as index:
        facts, failed = index.facts(), len(index.failures())
        draws = index.draws() - int(facts.get("aside", 0))
    points, each = int(facts.get("points", 0)), int(facts.get("draws", 0))
    asked = (points + 1) * each
    process = _writer(folder)
    finished = process is None and draws >= asked - failed * each and (folder / MANIFEST).exists()
    seed = int(facts["seed"]) if "seed" in facts else None
    return Standing(folder, points, draws, asked, failed, process, finished, seed)


def _writer(folder: Path) -> int | None:
    """Return the process that holds a sweep, if it is alive on this machine."""
    try:
        note = json.loads(folder.with_name(f".{folder.name}.holder").read_text(encoding="utf-8"))
        process = int(note["pid"])
        if note["host"] == os.uname().nodename:
            os.kill(process, 0)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return process
