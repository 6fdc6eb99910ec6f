"""Removing results from the disk: only real folders below the folder of results, and none that is being written."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.batch.folders import PARTIAL_NAME, RUN_NAME, SWEEP_NAME, StoreError, hold, partial, reason, refuse_links
from sim.batch.listing import date_of, folders, size_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path


@dataclass(frozen=True)
class Removable:
    """One result on disk: its folder, or its partial one, with scenario, the time it was begun, and size in bytes."""

    folder: Path
    scenario: str
    started: datetime
    bytes: int

    @property
    def run(self) -> Path:
        """The folder that is held while this one is removed: a partial one belongs to the run it was to become."""
        half = PARTIAL_NAME.fullmatch(self.folder.name)
        return self.folder.with_name(half[1]) if half else self.folder


def removable(out: Path) -> Iterator[Removable]:
    """Yield what may be removed below `out`; symlinks and whatever is no result are passed over, nothing is checked."""
    for home in folders(out):
        for folder in folders(home):
            if any(kind.fullmatch(folder.name) for kind in (RUN_NAME, SWEEP_NAME, PARTIAL_NAME)):
                yield Removable(folder, home.name, date_of(folder), size_of(folder))


def refuse_held(items: list[Removable]) -> None:
    """Raise `LockedError` for the first result that another process is writing."""
    for run in dict.fromkeys(item.run for item in items):
        with hold(run):
            pass


def remove(item: Removable) -> None:
    """Remove one result and what only it needed; an interruption leaves a partial folder, never half a result.

    Symlinks inside are unlinked, not followed. Raises `LockedError` where another process writes it, `StoreError`
    where it cannot be removed.
    """
    run = item.run
    with hold(run):
        refuse_links(run.parent, run)
        half = partial(run)
        try:
            if half.is_dir():
                shutil.rmtree(half)
            if run == item.folder:
                run.replace(half)
                shutil.rmtree(half)
        except OSError as error:
            raise StoreError(f"cannot remove {error.filename or item.folder}: {reason(error)}") from error
        if not run.exists():
            run.with_name(f".{run.name}.lock").unlink(missing_ok=True)
    _drop_if_empty(run.parent)


def _drop_if_empty(home: Path) -> None:
    """Remove a scenario's folder once nothing lies in it."""
    try:
        if not any(home.iterdir()):
            home.rmdir()
    except OSError:
        return
