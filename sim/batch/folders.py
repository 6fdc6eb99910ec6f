"""Where results may lie: names that cannot leave the folder, and a lock that names its holder."""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SCENARIO_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
RUN_NAME = re.compile(r"run-[0-9a-f]{10}")
SWEEP_NAME = re.compile(r"sweep-[a-z0-9][a-z0-9-]{0,63}")
PARTIAL_NAME = re.compile(r"\.(run-[0-9a-f]{10}|sweep-[a-z0-9][a-z0-9-]{0,63})\.partial")


class StoreError(Exception):
    """A result could not be written or read; the sentence names the file and the reason."""


class LockedError(StoreError):
    """Another process is writing the same result; the sentence names it."""


class MismatchError(StoreError):
    """What was begun is not what is asked for now; the sentence names what differs."""


class DamagedError(StoreError):
    """A stored file is not what was written; the sentence names it and the way out."""


def reason(error: OSError) -> str:
    """The operating system's sentence without its number and path.

    >>> reason(OSError(28, "No space left on device", "a"))
    'No space left on device'
    """
    return error.strerror or str(error) or type(error).__name__


def run_folder(out: Path, scenario: str, digest: str) -> Path:
    """Return `out/<scenario>/run-<first ten of digest>`, refused where a name or a symlink could lead out of `out`.

    >>> run_folder(Path("results"), "water-rent", "0123456789abcdef").as_posix()
    'results/water-rent/run-0123456789'
    """
    name = f"run-{digest[:10]}"
    if not SCENARIO_NAME.fullmatch(scenario) or not RUN_NAME.fullmatch(name):
        raise StoreError(
            f"{scenario[:80]!r} cannot name a folder of results: letters a-z, digits and hyphens, 64 at most"
        )
    folder = out / scenario / name
    refuse_links(folder.parent, folder)
    return folder


def sweep_folder(out: Path, scenario: str, name: str) -> Path:
    """Return `out/<scenario>/sweep-<name>`, refused where a name or a symlink could lead out of `out`.

    >>> sweep_folder(Path("results"), "water-rent", "rates").as_posix()
    'results/water-rent/sweep-rates'
    """
    if not SCENARIO_NAME.fullmatch(scenario) or not SWEEP_NAME.fullmatch(f"sweep-{name}"):
        raise StoreError(f"{name[:80]!r} cannot name a sweep: letters a-z, digits and hyphens, 64 at most")
    folder = out / scenario / f"sweep-{name}"
    refuse_links(folder.parent, folder)
    return folder


def refuse_links(*paths: Path) -> None:
    """Raise `StoreError` for the first of `paths` that is a symlink: what it points to may lie anywhere."""
    for path in paths:
        try:
            if path.is_symlink():
                raise StoreError(f"{path} is a symlink; results are only written into real folders: remove the link")
        except OSError as error:
            raise StoreError(f"cannot look at {path}: {reason(error)}") from error


def partial(folder: Path) -> Path:
    """Return the hidden sibling in which `folder` is built before it is renamed."""
    return folder.with_name(f".{folder.name}.partial")


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold the right to write `folder`, creating its parents; a second holder is refused at once with `LockedError`.

    The lock belongs to the process: when that dies, however it dies, the lock is free again. Where nothing came to
    be, the parents that were created go again.
    """
    from filelock import FileLock, Timeout

    lock_path, holder = folder.with_name(f".{folder.name}.lock"), folder.with_name(f".{folder.name}.holder")
    refuse_links(lock_path, holder, partial(folder))
    created = [each for each in folder.parents if not each.exists()]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(lock_path, timeout=0)
        lock.acquire()
    except Timeout:
        raise LockedError(f"{folder} is being written by {_who(holder)}; wait for it, or end it") from None
    except OSError as error:
        raise StoreError(f"cannot write in {folder.parent}: {reason(error)}") from error
    try:
        _note_holder(holder)
        yield
    finally:
        holder.unlink(missing_ok=True)
        if not folder.exists():
            lock_path.unlink(missing_ok=True)  # still held: whoever waits for this file sees that it has no name
        lock.release()
        with suppress(OSError):
            for each in created:
                each.rmdir()


def refuse_held(folder: Path) -> None:
    """Raise `LockedError` if another process writes `folder`; where nobody ever did, nothing is looked at or made."""
    if folder.with_name(f".{folder.name}.lock").exists():
        with hold(folder):
            pass


def _note_holder(path: Path) -> None:
    note = {"pid": os.getpid(), "host": os.uname().nodename, "command": [Path(sys.argv[0]).name, *sys.argv[1:]]}
    try:
        path.write_text(json.dumps(note), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot write {path}: {reason(error)}") from error


def _who(path: Path) -> str:
    try:
        note: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return f"process {note['pid']} on {note['host']} ({' '.join(note['command'])})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
