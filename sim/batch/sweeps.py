"""A sweep on disk: what it is of, a table for some draws of each point, an index, and what is made of them at the end.

Tables are written beside their place and renamed, so that whatever kills a sweep leaves whole tables and no others.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.batch.folders import DamagedError, MismatchError, StoreError, reason, refuse_links, sweep_folder
from sim.batch.index import Part
from sim.batch.manifest import MANIFEST, SEAL, canonical, environment, json_object, sealed
from sim.batch.store import Sink
from sim.scenario.hashes import meaning, model_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from sim.batch.games import Played, Task
    from sim.batch.index import Index
    from sim.scenario.schema import Scenario

OF, PARTS, LISTED, SUMMARY, REPORT = "sweep.json", "parts", "parts.sha256", "summary.json", "report.html"
NAMED = 12  # keys that a refusal names
ENDING = ".parquet"


@dataclass(frozen=True)
class Identity:
    """What a sweep is of; more points and more draws are still the same sweep."""

    scenario: Scenario
    design: str
    varied: tuple[str, ...]
    points: int | None  # of a design of fixed size
    seed: int
    independent: bool
    sets: tuple[str, ...]
    version: str
    code: str
    name: str | None = None

    @cached_property
    def plain(self) -> dict[str, Any]:
        """The inputs as JSON knows them."""
        return {
            "scenario": self.scenario.id,
            "design": self.design,
            "varied": list(self.varied),
            "points": self.points,
            "seed": self.seed,
            "independent": self.independent,
            "sets": list(self.sets),
            "version": self.version,
            "code": self.code,
            "model_hash": model_hash(self.scenario),
        }

    def folder(self, out: Path) -> Path:
        """Return where the sweep lies: under its name, or under a hash of what the command asks for.

        Model and code are left out: the same command finds its folder again, and is told what has changed.
        """
        asked = {key: value for key, value in self.plain.items() if key not in ("version", "code", "model_hash")}
        digest = hashlib.sha256(canonical(asked).encode()).hexdigest()[:10]
        return sweep_folder(out, self.scenario.id, digest if self.name is None else self.name)


def open_or_begin(folder: Path, identity: Identity) -> None:
    """Make the folder of a sweep, or compare the one that is there; the caller holds it.

    Raises `MismatchError` naming the keys that differ, `DamagedError` where what is there cannot be read.
    """
    refuse_links(folder, folder / PARTS, folder / OF)
    body: dict[str, Any] = {"format": 1, "inputs": identity.plain, "model": dict(flat(meaning(identity.scenario)))}
    try:
        (folder / PARTS).mkdir(parents=True, exist_ok=True)
        if not (folder / OF).exists():
            put(folder / OF, sealed(body).encode())
            return
        data = (folder / OF).read_bytes()
    except OSError as error:
        raise StoreError(f"cannot write {error.filename or folder}: {reason(error)}") from error
    found = _unsealed(folder / OF, data)
    differ = [key for key in identity.plain if found["inputs"].get(key) != identity.plain[key] and key != "model_hash"]
    differ += _differing(found["model"], body["model"])
    if differ:
        more = f" and {len(differ) - NAMED} more" if len(differ) > NAMED else ""
        raise MismatchError(
            f"{folder} was begun with other values of {', '.join(differ[:NAMED])}{more}; "
            "nothing was mixed: undo the change, or give this sweep another --name"
        )


def _unsealed(path: Path, data: bytes) -> dict[str, Any]:
    try:
        found = json_object(data)
        if sealed({key: value for key, value in found.items() if key != SEAL}).encode() == data:
            return found
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise _damaged(path)


def _damaged(path: Path) -> DamagedError:
    return DamagedError(f"{path} is not what was written; remove it and give the same command again")


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return sorted(key for key in {*old, *new} if old.get(key) != new.get(key))


def flat(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value of plain data with its path; items of a list go by their id, or by their place."""
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from flat(value, f"{path}.{key}" if path else key)
    elif isinstance(node, list) and node:
        for place, value in enumerate(node):
            own = value.get("id", place) if isinstance(value, dict) else place
            yield from flat(value, f"{path}.{own}")
    else:
        yield path, node


@contextmanager
def placed(path: Path, *, settled: bool = True) -> Iterator[Sink]:
    """Write a file beside its place; when all is written it is forced onto the disk and renamed.

    ``settled`` forces the new name onto the disk too; without, a loss of power may lose the file, but never leaves a
    part of it.  Raises OSError; then nothing new stands at `path`.
    """
    beside = path.with_name(f".{path.name}.partial")
    beside.unlink(missing_ok=True)
    sink = Sink(beside)
    try:
        try:
            yield sink
        finally:
            sink.close()
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    if settled:
        _settle(path.parent)


def _settle(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def put(path: Path, data: bytes, *, settled: bool = True) -> dict[str, Any]:
    """Write a whole file as `placed` does; return its sha256 in hex and its bytes."""
    with placed(path, settled=settled) as sink:
        sink.write(data)
    return sink.record


def place_of(folder: Path, point: str, first: int) -> Path:
    """Return where a table lies: at most a few thousand in one folder."""
    return folder / PARTS / point[:2] / f"{point}-{first:010d}{ENDING}"


def keep(folder: Path, index: Index, task: Task, played: Played) -> None:
    """Put a finished task's table onto the disk, then into the index."""
    path = place_of(folder, task.point.id, task.first)
    try:
        path.parent.mkdir(exist_ok=True)
        sha256 = put(path, played.data, settled=False)["sha256"]
    except OSError as error:
        raise StoreError(f"cannot write {path}: {reason(error)}; what is finished is kept") from error
    index.add(Part(task.point.id, task.first, task.stop, sha256, len(played.data), played.fingerprint))


def reconcile(folder: Path, index: Index) -> None:
    """Bring the index in line with the tables on disk, home by home; what is half written goes."""
    homes = {path.name for path in (folder / PARTS).iterdir() if path.is_dir()}
    for home in sorted(homes | index.homes()):
        known = {(part.point, part.first): part for part in index.parts(home=home)}
        seen = set()
        for path in sorted((folder / PARTS / home).glob("*") if home in homes else ()):
            if path.name.endswith(".partial"):
                path.unlink(missing_ok=True)
            elif path.name.endswith(ENDING):
                point, first = path.stem.rsplit("-", 1)
                seen.add((point, int(first)))
                if (point, int(first)) not in known:
                    index.add(_read_part(path, point, int(first)))
        for key, part in known.items():
            if key not in seen:
                index.drop(part)


def _read_part(path: Path, point: str, first: int) -> Part:
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = path.read_bytes()
    found = _table(path, data)
    about = pq.read_metadata(pa.BufferReader(data)).metadata or {}
    if about.get(b"parley.point") != point.encode() or found["draw"][0].as_py() != first:
        raise _damaged(path)
    mark = about[b"parley.fingerprint"].decode()
    return Part(point, first, first + len(found), hashlib.sha256(data).hexdigest(), len(data), mark)


def _table(path: Path, data: bytes, columns: Sequence[str] | None = None) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # threads cost more than they save: the tables are small, and there are many
        with pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True) as file:
            return file.read(columns=columns and list(columns), use_threads=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(path) from error


def draws_of(folder: Path, parts: Sequence[Part], draws: int, columns: Sequence[str]) -> pa.Table:
    """Return columns of the first `draws` draws of a point, each file compared with the index before it is used."""
    import pyarrow as pa

    tables = []
    for part in parts:
        if part.first >= draws:
            break
        path = place_of(folder, part.point, part.first)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise _damaged(path) from error
        if hashlib.sha256(data).hexdigest() != part.sha256:
            raise _damaged(path)
        tables.append(_table(path, data, columns).replace_schema_metadata(None))
    return pa.concat_tables(tables).slice(0, draws)


def seal_up(folder: Path, identity: Identity, index: Index, records: Mapping[str, Any]) -> None:
    """Write the list of tables, and the manifest with the hash of every other file, last.

    ``records`` are those of the files made of the tables.  The list has a line for each table, as `sha256sum` has it.
    """
    try:
        for home in (folder / PARTS, *sorted((folder / PARTS).iterdir())):
            _settle(home)
        begun = (folder / OF).read_bytes()
        with placed(folder / LISTED) as sink:
            for part in index.each_part():
                name = place_of(folder, part.point, part.first).relative_to(folder).as_posix()
                sink.write(f"{part.sha256}  {name}\n".encode())
        files = {**records, LISTED: sink.record}
        files[OF] = {"sha256": hashlib.sha256(begun).hexdigest(), "bytes": len(begun)}
        body = {
            "format": 2,
            "inputs": identity.plain,
            "environment": environment(),
            "files": dict(sorted(files.items())),
        }
        put(folder / MANIFEST, sealed(body).encode())
    except OSError as error:
        raise StoreError(f"cannot write {error.filename or folder}: {reason(error)}; the draws are kept") from error


def verify(folder: Path, *, tables: bool = True) -> dict[str, Any]:
    """Return the manifest of a finished sweep after comparing every file with it; raises `DamagedError`.

    Without ``tables`` the draws of the points, by far the most, are passed over.
    """
    refuse_links(folder)
    try:
        manifest = _unsealed(folder / MANIFEST, (folder / MANIFEST).read_bytes())
        for name, record in manifest["files"].items():
            _compare(folder / name, record["sha256"])
        if tables:
            with (folder / LISTED).open(encoding="utf-8") as lines:
                for line in lines:
                    sha256, _, name = line.rstrip("\n").partition("  ")
                    _compare(folder / name, sha256)
    except OSError as error:
        raise DamagedError(f"{error.filename or folder} cannot be read ({reason(error)}); sweep again") from error
    return manifest


def _compare(path: Path, sha256: str) -> None:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise _damaged(path)


def read_summary(folder: Path) -> dict[str, Any]:
    """Return the summary of a finished sweep, compared with its manifest; raises `DamagedError`."""
    verify(folder, tables=False)
    return json_object((folder / SUMMARY).read_bytes())


def summary_bytes(summary: Mapping[str, Any]) -> bytes:
    """Return the summary as JSON, one line for each top-level key."""
    lines = (f"{json.dumps(key)}: {canonical(value)}" for key, value in summary.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()
