"""A run on disk as a command is given it, and what is written beside its files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sim.cli.common import Code, RefusalError

CHARTS = "charts"


def run_folder(name: str) -> Path | None:
    """Return the folder of a run given as its folder or a file in it (the report, say); None where it is neither."""
    path = Path(name)
    if path.is_file() and path.suffix not in (".yaml", ".yml"):
        path = path.parent
    return path if path.is_dir() else None


def sweep_folder(name: str) -> Path | None:
    """Return the folder of a finished sweep given as its folder or a file in it; None where it is no such thing."""
    from sim.batch.manifest import MANIFEST
    from sim.batch.sweeps import OF

    folder = run_folder(name)
    return folder if folder and (folder / OF).is_file() and (folder / MANIFEST).is_file() else None


def summary_of(folder: Path) -> dict[str, Any]:
    """Return the summary of a run after comparing every file with its manifest; a folder without one is refused."""
    from sim.batch import store

    return store.read_summary(stored(folder), store.verify(folder))


def stored(folder: Path) -> Path:
    """Return the folder if it is that of a finished run; anything else is refused with the way out."""
    from sim.batch.manifest import MANIFEST
    from sim.batch.sweeps import OF

    hint = "name a folder `run-...`, or a file in it; `parley list` shows what there is"
    if (folder / OF).is_file():
        raise RefusalError(f"{folder} is a sweep, not a run: {hint}", Code.BAD_INPUT)
    if not (folder / MANIFEST).is_file():
        raise RefusalError(f"{folder} holds no run: {hint}", Code.BAD_INPUT)
    return folder


def write_chart(folder: Path, name: str, data: bytes) -> Path:
    """Write one file into the run's `charts`, whole or not at all; return its path. Symlinks are refused."""
    from sim.batch.folders import refuse_links

    home = folder / CHARTS
    path, new = home / name, home / f".{name}.partial"
    refuse_links(home, path, new)
    home.mkdir(exist_ok=True)
    try:
        new.write_bytes(data)
        os.replace(new, path)  # noqa: PTH105 one rename, also over what is there
    finally:
        new.unlink(missing_ok=True)
    return path
