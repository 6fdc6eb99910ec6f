"""The index of a sweep: which draws of which point are on disk.  It can be made again from the tables."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from sim.batch.folders import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "index.sqlite"
_TABLES = """
create table if not exists parts (
    point text, first integer, stop integer, sha256 text, bytes integer, fingerprint text, primary key (point, first)
);
create table if not exists failed (point text primary key, reason text);
create table if not exists facts (name text primary key, value text);
"""


class Part(NamedTuple):
    """One table on disk: draws `first` to `stop` of a point."""

    point: str
    first: int
    stop: int
    sha256: str
    bytes: int
    fingerprint: str


class Index:
    """The index while one process writes it; others may read it meanwhile."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    def parts(self, point: str | None = None, home: str | None = None) -> list[Part]:
        """Return the tables of a point, of the points whose names begin alike, or all, in order."""
        if point is not None:
            rows = self._sql.execute("select * from parts where point = ? order by first", (point,))
        elif home is not None:
            among = "point >= ? and point < ?"
            ends = (home, home[:-1] + chr(ord(home[-1]) + 1))
            rows = self._sql.execute(f"select * from parts where {among} order by point, first", ends)  # noqa: S608 fixed
        else:
            return list(self.each_part())
        return [Part(*row) for row in rows]

    def each_part(self) -> Iterator[Part]:
        """Yield all tables in order; none is kept."""
        for row in self._sql.execute("select * from parts order by point, first"):
            yield Part(*row)

    def homes(self) -> set[str]:
        """Return the beginnings of the names of all points: their tables lie in folders called so."""
        return {str(row[0]) for row in self._sql.execute("select distinct substr(point, 1, 2) from parts")}

    def repeated(self, most: int) -> list[str]:
        """Return the first fingerprints, in their own order, that several points have, the base case left out."""
        several = "group by fingerprint having count(distinct point) > 1 order by fingerprint limit ?"
        rows = self._sql.execute(f"select fingerprint from parts where point <> 'base' {several}", (most,))  # noqa: S608 fixed
        return [str(row[0]) for row in rows]

    def add(self, part: Part) -> None:
        """Note a table that is on disk."""
        with self._sql:
            self._sql.execute("insert or replace into parts values (?, ?, ?, ?, ?, ?)", part)
            self._sql.execute("delete from failed where point = ?", (part.point,))

    def drop(self, part: Part) -> None:
        """Forget a table that is not on disk."""
        with self._sql:
            self._sql.execute("delete from parts where point = ? and first = ?", (part.point, part.first))

    def fail(self, point: str, reason: str) -> None:
        """Note why a point could not be played."""
        with self._sql:
            self._sql.execute("insert or replace into failed values (?, ?)", (point, reason))

    def failures(self) -> dict[str, str]:
        """Return the reason of every point that failed."""
        return dict(self._sql.execute("select point, reason from failed"))

    def forget_failures(self) -> None:
        """Give every failed point another chance."""
        with self._sql:
            self._sql.execute("delete from failed")

    def note(self, **facts: str) -> None:
        """Note facts for those who ask how far the sweep is."""
        with self._sql:
            self._sql.executemany("insert or replace into facts values (?, ?)", facts.items())

    def facts(self) -> dict[str, str]:
        """Return what was noted."""
        return dict(self._sql.execute("select name, value from facts"))

    def draws(self) -> int:
        """Return how many draws lie on disk."""
        return int(self._sql.execute("select coalesce(sum(stop - first), 0) from parts").fetchone()[0])


@contextmanager
def opened(folder: Path) -> Iterator[Index]:
    """Open the index of a sweep for writing; one that cannot be read is made anew."""
    path = folder / NAME
    try:
        connection = _connected(path)
    except sqlite3.DatabaseError:
        for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            each.unlink(missing_ok=True)
        connection = _connected(path)
    try:
        yield Index(connection)
    except sqlite3.Error as error:
        raise StoreError(f"cannot write {path}: {error}; what is finished is kept") from error
    finally:
        connection.close()


@contextmanager
def watched(folder: Path) -> Iterator[Index]:
    """Open the index of a sweep for reading while another process may write it."""
    path = folder / NAME
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            yield Index(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StoreError(f"cannot read {path}: {error}; the same `parley sweep` again makes it anew") from error


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5)
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.executescript(_TABLES)
        if connection.execute("pragma quick_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("damaged")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
