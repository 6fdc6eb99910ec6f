"""Which points a sweep plays: a grid, a Latin hypercube, Sobol' or Halton points, or a list; one at a time.

A point is named by what it sets, so that a finer grid or a longer sequence keeps the points it already had.
"""

from __future__ import annotations

import csv
import hashlib
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.scenario.axes import DesignError, refuse_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sim.scenario.axes import Axis

KINDS = ("grid", "lhs", "sobol", "halton")
POINTS = 64  # of a design that fills a space, where no number is asked for
CHUNK = 1024  # a power of two, as Sobol' points want it


@dataclass(frozen=True)
class Point:
    """One setting of everything that is varied; no setting at all is the base case."""

    settings: tuple[tuple[str, str], ...]

    @property
    def id(self) -> str:
        """Return twelve hex digits that name what is set, or `base`."""
        if not self.settings:
            return "base"
        text = "\n".join(f"{path}={value}" for path, value in sorted(self.settings))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def words(self) -> str:
        """Return the settings as a person reads them."""
        return ", ".join(f"{path}={value}" for path, value in self.settings) or "the base case"


@dataclass(frozen=True)
class Design:
    """A way to lay out points over axes, read as a stream."""

    kind: str
    axes: tuple[Axis, ...]
    asked: int | None = None
    seed: int = 0
    rows: tuple[Point, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return every path that is varied, in order."""
        if self.kind == "list":
            return tuple(path for path, _ in self.rows[0].settings)
        return tuple(path for axis in self.axes for path in axis.paths)

    @property
    def size(self) -> int:
        """Return how many points there are."""
        if self.kind == "list":
            return len(self.rows)
        if self.kind == "grid":
            return math.prod(axis.count for axis in self.axes)
        return self.asked or POINTS

    def is_text(self, path: str) -> bool:
        """Return whether a path takes values that are no numbers."""
        return not all(is_number(word) for word in self.words(path))

    def value(self, path: str, text: str) -> str | float:
        """Return a setting as it stands in tables: a number where the path takes nothing else."""
        return text if self.is_text(path) else float(text)

    def words(self, path: str) -> tuple[str, ...]:
        """Return the values of a path that are written one by one, as they are written; none for a range."""
        if self.kind == "list":
            return self._listed[path]
        return next(each.words for axis in self.axes for name, each in zip(axis.paths, axis.ranges, strict=True)
                    if name == path)  # fmt: skip

    @cached_property
    def _listed(self) -> dict[str, tuple[str, ...]]:
        columns = zip(*((value for _, value in point.settings) for point in self.rows), strict=True)
        return {path: tuple(dict.fromkeys(column)) for path, column in zip(self.names, columns, strict=True)}

    def __iter__(self) -> Iterator[Point]:
        """Yield the points in order; none is kept."""
        if self.kind == "list":
            yield from self.rows
        elif self.kind == "grid":
            for place in range(self.size):
                yield self._of_grid(place)
        else:
            for row in self._unit():
                yield Point(tuple(s for axis, u in zip(self.axes, row, strict=True) for s in axis.within(u)))

    def probes(self) -> Iterator[Point]:
        """Yield what is tried beforehand, alone in the base case: values that are written, ends and steps of ranges.

        Of a list these are its rows.  The second value of a range tells a step that does not fit, as a half of a month.
        """
        yield from self.rows
        for axis in self.axes:
            written = any(each.kind == "levels" for each in axis.ranges)
            for place in range(axis.count) if written else sorted({0, min(1, axis.count - 1), axis.count - 1}):
                yield Point(axis.at(place))

    def _of_grid(self, place: int) -> Point:
        settings: list[tuple[str, str]] = []
        for axis in reversed(self.axes):
            place, digit = divmod(place, axis.count)
            settings[:0] = axis.at(digit)
        return Point(tuple(settings))

    def _unit(self) -> Iterator[list[float]]:
        from scipy.stats import qmc

        dimensions = len(self.axes)
        if self.kind == "lhs":
            yield from qmc.LatinHypercube(dimensions, rng=self.seed).random(self.size).tolist()
            return
        engine: Any = {"sobol": qmc.Sobol, "halton": qmc.Halton}[self.kind](dimensions, rng=self.seed)
        left = self.size
        while left > 0:
            yield from engine.random(CHUNK)[: min(left, CHUNK)].tolist()
            left -= CHUNK


def is_number(text: str) -> bool:
    """Return whether a setting is a finite number.

    >>> is_number("0.5"), is_number("on"), is_number("nan")
    (True, False, False)
    """
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def design(kind: str, axes: Sequence[Axis], points: int | None, seed: int, listed: Path | None) -> Design:
    """Return the design asked for; raises `DesignError` where it asks for what cannot be laid out."""
    if kind != "list" and listed is not None:
        raise DesignError(f"{listed} is a list of points; add --design list")
    if kind == "list":
        if listed is None:
            raise DesignError("the design list needs the file that lists its points; add --list FILE")
        if axes or points is not None:
            raise DesignError("a list names its own paths and points; leave out --vary and --points")
        return Design("list", (), rows=_listed(listed))
    refuse_size(kind, axes, points)
    return Design(kind, tuple(axes), points, seed)


def _listed(path: Path) -> tuple[Point, ...]:
    """Read points from a CSV file whose head names the paths."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DesignError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    if len(rows) < 2:
        raise DesignError(f"{path} lists no points; its first line names the paths, each further line is a point")
    head = [name.strip() for name in rows[0]]
    if len(set(head)) < len(head):
        raise DesignError(f"{path} names a path twice in its first line")
    for place, row in enumerate(rows[1:], start=2):
        if len(row) != len(head) or not all(cell.strip() for cell in row):
            raise DesignError(f"{path}:{place}: {len(row)} values for {len(head)} paths, or an empty one")
    points = [Point(tuple(zip(head, (cell.strip() for cell in row), strict=True))) for row in rows[1:]]
    return tuple(dict.fromkeys(points))
