"""Results on disk: written whole or not at all, byte-identical for the same inputs, checked on every read."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.batch.folders import StoreError, partial, reason, refuse_links
from sim.batch.manifest import (
    DRAWS,
    LOG,
    MANIFEST,
    REPORT,
    SUMMARY,
    Inputs,
    canonical,
    damaged,
    json_object,
    manifest_text,
    read_manifest,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

ROWS_PER_GROUP = 64 * 1024
# Where nothing was agreed, no deal ended or no exit was open there is nothing to measure: these columns hold null
# there, and only these may.
_MAY_BE_EMPTY = ("surplus_share", "distance", "conceded.", "agreed.", "moved.", "start.exit.")


class Sink:
    """A file being written, hashed as it goes, and on the disk once closed."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        self._sha256 = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes | memoryview) -> int:
        """Append `data`; return its number of bytes."""
        self._file.write(data)
        self._sha256.update(data)
        self._size += memoryview(data).nbytes
        return memoryview(data).nbytes

    def tell(self) -> int:
        """Return the number of bytes written."""
        return self._size

    def flush(self) -> None:
        """Hand what is buffered to the operating system."""
        self._file.flush()

    def close(self) -> None:
        """Force the bytes onto the disk and close."""
        if not self._file.closed:
            try:
                self._file.flush()
                os.fsync(self._file.fileno())
            finally:
                self._file.close()

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        return self._file.closed

    @property
    def record(self) -> dict[str, Any]:
        """What the manifest says of the file: its sha256 in hex and its size in bytes."""
        return {"sha256": self._sha256.hexdigest(), "bytes": self._size}


def table(columns: Mapping[str, np.ndarray]) -> pa.Table:
    """Return `columns`, each of shape `(N,)`, as an Arrow table in their order; NaN becomes null where it may.

    Raises `ValueError` for a value that is not finite anywhere else: such a number is a bug, never a result.
    """
    import pyarrow as pa

    return pa.table({name: _arrow(name, np.asarray(values)) for name, values in columns.items()})


def _arrow(name: str, values: np.ndarray) -> pa.Array:
    """Return a column, empty where a number is not there.

    Built from buffers: `pa.array` would import pandas, a quarter of a second, to look at each array.
    """
    import pyarrow as pa

    if values.dtype.kind == "S":
        return _text(values)
    present = None
    if values.dtype.kind == "f":
        empty = np.isnan(values)
        if np.isinf(values).any() or (empty.any() and not name.startswith(_MAY_BE_EMPTY)):
            raise ValueError(f"column {name} holds a value that is not a finite number")
        present = _bits(~empty) if empty.any() else None
    flat = np.ascontiguousarray(values)
    data = _bits(flat) if flat.dtype.kind == "b" else pa.py_buffer(flat)
    return pa.Array.from_buffers(pa.from_numpy_dtype(flat.dtype), len(flat), [present, data])


def _text(values: np.ndarray) -> pa.Array:
    """Return ASCII bytes as strings; on disk Parquet keeps each that occurs once and refers to it."""
    import pyarrow as pa

    words = values.tolist()
    ends = np.cumsum([0, *map(len, words)], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(words), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(words))])


def _bits(flags: np.ndarray) -> pa.Buffer:
    import pyarrow as pa

    return pa.py_buffer(np.packbits(flags, bitorder="little"))


def encoding(schema: pa.Schema) -> dict[str, Any]:
    """Return how a table of draws is written to Parquet: a dictionary for what repeats, which few real numbers do."""
    import pyarrow as pa

    repeats = [column.name for column in schema if not pa.types.is_floating(column.type)]
    return {"compression": "zstd", "write_page_checksum": True, "store_schema": False, "use_dictionary": repeats}


def write_run(
    folder: Path,
    inputs: Inputs,
    draws: pa.Table,
    summary: Mapping[str, Any],
    report: str | None,
    log: Mapping[str, Any],
) -> None:
    """Write a whole run into `folder`, which must not exist, by way of a hidden sibling and one rename.

    Whatever fails, `folder` does not exist or is complete; raises `StoreError` with one sentence.
    The caller holds the folder.
    """
    temporary = partial(folder)
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        files = {
            DRAWS: _write_draws(temporary / DRAWS, draws),
            SUMMARY: _write(temporary / SUMMARY, summary_text(summary)),
        }
        if report is not None:
            files[REPORT] = _write(temporary / REPORT, report)
        _write(temporary / MANIFEST, manifest_text(inputs, files))
        _write(temporary / LOG, json.dumps(log, ensure_ascii=False, indent=1) + "\n")
        _sync(temporary)
        temporary.replace(folder)
        _sync(folder.parent)
    except OSError as error:
        raise StoreError(f"cannot write {error.filename or folder}: {reason(error)}; nothing was kept") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def add_report(folder: Path, manifest: Mapping[str, Any], inputs: Inputs, report: str) -> None:
    """Add the report to a complete run that was made without one; the manifest is replaced last, in one rename."""
    try:
        new = {name: folder / f".{name}.partial" for name in (REPORT, MANIFEST)}
        for path in new.values():
            path.unlink(missing_ok=True)
        files = {**manifest["files"], REPORT: _write(new[REPORT], report)}
        _write(new[MANIFEST], manifest_text(inputs, files))
        for name, path in new.items():
            path.replace(folder / name)
        _sync(folder)
    except OSError as error:
        raise StoreError(f"cannot write {folder / REPORT}: {reason(error)}; the run itself is kept") from error


def verify(folder: Path, inputs: Inputs | None = None) -> dict[str, Any]:
    """Return the manifest of `folder` after comparing every file with it, and it with `inputs` where given.

    Raises `DamagedError` naming the first file that is not what was written, and what to do.
    """
    manifest = read_manifest(folder)
    for name, record in manifest["files"].items():
        if _record(folder / name, folder) != record:
            raise damaged(folder, name, "is not what was written")
    if inputs is not None and manifest["inputs"] != inputs.plain:
        raise damaged(folder, MANIFEST, "belongs to another run")
    return manifest


def read_summary(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the summary of `folder`; `manifest` comes from `verify`."""
    return json_object(_checked(folder, manifest, SUMMARY))


def read_draws(folder: Path, manifest: Mapping[str, Any]) -> pa.Table:
    """Return the draws of `folder`, one row each; `manifest` comes from `verify`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = pa.BufferReader(_checked(folder, manifest, DRAWS))
    return pq.read_table(source, page_checksum_verification=True)


def summary_text(summary: Mapping[str, Any]) -> str:
    """Return `summary` as JSON in its own order, one line per top-level key; NaN and infinities are refused."""
    lines = (f"{json.dumps(key)}: {canonical(value)}" for key, value in summary.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _record(path: Path, folder: Path) -> dict[str, Any]:
    refuse_links(path)
    try:
        with path.open("rb") as file:
            total = hashlib.file_digest(file, "sha256")
            return {"sha256": total.hexdigest(), "bytes": file.tell()}
    except OSError as error:
        raise damaged(folder, path.name, f"cannot be read ({reason(error)})") from error


def _checked(folder: Path, manifest: Mapping[str, Any], name: str) -> bytes:
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise damaged(folder, name, f"cannot be read ({reason(error)})") from error
    if hashlib.sha256(data).hexdigest() != manifest["files"][name]["sha256"]:
        raise damaged(folder, name, "is not what was written")
    return data


def _write_draws(path: Path, draws: pa.Table) -> dict[str, Any]:
    import pyarrow.parquet as pq

    sink = Sink(path)
    try:
        pq.write_table(draws, sink, row_group_size=ROWS_PER_GROUP, **encoding(draws.schema))
    finally:
        sink.close()
    return sink.record


def _write(path: Path, text: str) -> dict[str, Any]:
    sink = Sink(path)
    try:
        sink.write(text.encode())
    finally:
        sink.close()
    return sink.record


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
