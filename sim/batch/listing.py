"""What lies on disk: every result under a folder, checked, with its state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sim.batch.folders import PARTIAL_NAME, RUN_NAME, SWEEP_NAME, DamagedError, StoreError, reason
from sim.batch.index import NAME as INDEX
from sim.batch.manifest import LOG, MANIFEST, json_object
from sim.batch.progress import standing_of
from sim.batch.store import verify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One result on disk as `parley list` shows it; `state` is complete, damaged or partial, `fault` says why.

    A sweep may also be running or unfinished; its draws are those on disk, all points together.
    """

    folder: Path
    scenario: str
    draws: int | None
    seed: int | None
    date: str | None
    bytes: int
    state: str
    fault: str | None


def entries(out: Path) -> Iterator[Entry]:
    """Yield the results under `out` by scenario and name, each checked; symlinks and foreign files are passed over."""
    for home in folders(out):
        for folder in folders(home):
            if RUN_NAME.fullmatch(folder.name):
                yield _entry(folder)
            elif SWEEP_NAME.fullmatch(folder.name):
                yield _sweep(folder)
            elif PARTIAL_NAME.fullmatch(folder.name):
                yield Entry(folder, home.name, None, None, None, size_of(folder), "partial", "was interrupted")


def folders(parent: Path) -> list[Path]:
    """List the real folders in `parent` by name, symlinks left out; raises `StoreError` where it cannot be read."""
    try:
        found = sorted(parent.iterdir())
        return [path for path in found if path.is_dir() and not path.is_symlink()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"cannot read {parent}: {reason(error)}") from error


def _entry(folder: Path) -> Entry:
    try:
        inputs = verify(folder)["inputs"]
    except DamagedError as fault:
        return Entry(folder, folder.parent.name, None, None, _date(folder), size_of(folder), "damaged", str(fault))
    return Entry(
        folder, inputs["scenario"], inputs["draws"], inputs["seed"], _date(folder), size_of(folder), "complete", None
    )


def _sweep(folder: Path) -> Entry:
    """Return a sweep as it stands; one that is not finished is not compared with its manifest, which is older."""
    from sim.batch.sweeps import verify as verify_sweep

    seed: int | None = None
    draws: int | None = None
    fault: str | None
    state, fault = "unfinished", "was stopped; the same command goes on"
    try:
        if (folder / INDEX).exists():
            at = standing_of(folder)
            draws, seed = at.draws, at.seed
            state, fault = ("running", f"in process {at.process}") if at.process else (state, fault)
            finished = at.finished
        else:
            finished = (folder / MANIFEST).exists()
        if finished:
            seed, state, fault = verify_sweep(folder)["inputs"]["seed"], "complete", None
    except StoreError as error:
        state, fault = "damaged", str(error)
    date = date_of(folder).isoformat(timespec="seconds")
    return Entry(folder, folder.parent.name, draws, seed, date, size_of(folder), state, fault)


def _date(folder: Path) -> str | None:
    try:
        started = json_object((folder / LOG).read_bytes()).get("started")
    except (OSError, ValueError):
        return None
    return started if isinstance(started, str) else None


def date_of(folder: Path) -> datetime:
    """Return when a result was begun: as its log says, else when its folder was last changed."""
    started = _date(folder)
    try:
        return datetime.fromisoformat(started or "").astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(folder.lstat().st_mtime, UTC)


def size_of(folder: Path) -> int:
    """Return the bytes of all files below `folder`; what a symlink points to is not counted."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
