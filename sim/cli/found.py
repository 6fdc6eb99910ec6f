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


def summary_of(folder: Path) -> dict[str, Any]:
    """Return the summary of a run after comparing every file with its manifest; a folder without one is refused."""
    from sim.batch import store
    from sim.batch.manifest import MANIFEST

    if not (folder / MANIFEST).is_file():
        sentence = f"{folder} holds no run: name a folder `run-...`, or a file in it; `parley list` shows what there is"
        raise RefusalError(sentence, Code.BAD_INPUT)
    return store.read_summary(folder, store.verify(folder))


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
