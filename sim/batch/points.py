"""The table of a sweep's points as Parquet and as CSV, written a group of rows at a time."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from sim.batch.sweeps import placed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from sim.batch.store import Sink

POINTS, TABLE = "points.parquet", "points.csv"
GROUP = 4096  # rows held in memory, and in a row group of the Parquet file


class Points:
    """The two files while they are written; every column holds numbers, whole numbers or texts, and may be empty."""

    def __init__(self, kinds: Mapping[str, type], parquet: Sink, text: Sink) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        types = {int: pa.int64(), float: pa.float64(), str: pa.string()}
        self._schema = pa.schema([(name, types[kind]) for name, kind in kinds.items()])
        self._file = pq.ParquetWriter(parquet, self._schema, compression="zstd", write_page_checksum=True)
        self._sinks = {POINTS: parquet, TABLE: text}
        self._waiting: list[Mapping[str, Any]] = []
        text.write(b"\xef\xbb\xbf" + _lines([kinds]))

    def add(self, row: Mapping[str, Any]) -> None:
        """Append a row."""
        self._waiting.append(row)
        if len(self._waiting) == GROUP:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        names = self._schema.names
        columns = {name: [row[name] for row in self._waiting] for name in names}
        self._file.write_table(pa.table(columns, schema=self._schema))
        self._sinks[TABLE].write(_lines([row[name] for name in names] for row in self._waiting))
        self._waiting = []

    def close(self) -> None:
        """Write what is waiting, and what ends the files."""
        if self._waiting:
            self._flush()
        self._file.close()

    def abandon(self) -> None:
        """Let go of files that will not be placed: Arrow complains of a writer that was never closed."""
        with suppress(OSError, ValueError):
            self._file.close()

    @property
    def records(self) -> dict[str, dict[str, Any]]:
        """The sha256 and the bytes of both files, once they are closed."""
        return {name: sink.record for name, sink in self._sinks.items()}


@contextmanager
def writing(folder: Path, kinds: Mapping[str, type]) -> Iterator[Points]:
    """Write the table of points into `folder`, in place once it is whole; raises OSError where it cannot be."""
    with placed(folder / POINTS) as parquet, placed(folder / TABLE) as text:
        points = Points(kinds, parquet, text)
        try:
            yield points
            points.close()
        except BaseException:
            points.abandon()
            raise


def _lines(rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def cell(value: Any) -> str:
    """Return a value as a cell that a spreadsheet shows and never runs.

    >>> cell("=1+1"), cell(-0.5), cell(None), cell(True)
    ("'=1+1", '-0.5', '', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
