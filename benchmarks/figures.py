"""Figures over repeats, and two ways of doing one thing side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

LONG_ENOUGH = 0.05  # seconds: what is shorter is done several times, and the time of one is reported


class Effort(StrEnum):
    """How much is measured."""

    QUICK = "quick"
    NORMAL = "normal"
    FULL = "full"

    def of(self, quick: Any, normal: Any, full: Any) -> Any:
        """Return what belongs to this effort."""
        return {"quick": quick, "normal": normal, "full": full}[self.value]


class Spread(NamedTuple):
    """A figure over repeats."""

    least: float
    median: float
    most: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        """Return least, median and most of ``figures``."""
        return cls(min(figures), median(figures), max(figures))

    def __str__(self) -> str:
        """Return the median with its spread, in as many digits as a person reads."""
        return f"{short(self.median)} ({short(self.least)} to {short(self.most)})"


def short(figure: float) -> str:
    """Return a figure with three digits or so.

    >>> short(0.01234), short(1.234), short(1234.5), short(0.0)
    ('0.0123', '1.23', '1,234', '0')
    """
    if figure == 0:
        return "0"
    if abs(figure) >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.3g}"


def seconds_of(do: Callable[[], object]) -> float:
    """Return how long it takes to do something once, several times over where that is short."""
    times = 1
    while True:
        started = perf_counter()
        for _ in range(times):
            do()
        took = perf_counter() - started
        if took >= LONG_ENOUGH:
            return took / times
        times = max(times + 1, int(times * 1.2 * LONG_ENOUGH / max(took, 1e-9)))


def side_by_side(one: Callable[[], object], other: Callable[[], object], repeats: int) -> dict[str, Any]:
    """Return the seconds of both and the ratio of the first to the second, taken within each repeat.

    Each repeat times one right after the other, so that whatever else the machine does weighs on both.
    """
    pairs = [(seconds_of(one), seconds_of(other)) for _ in range(repeats)]
    return {
        "seconds": Spread.of([a for a, _ in pairs])._asdict(),
        "other_seconds": Spread.of([b for _, b in pairs])._asdict(),
        "ratio": Spread.of([a / b for a, b in pairs])._asdict(),
    }


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows of words as a table for a terminal, the first column to the left.

    >>> print(table(("what", "ratio"), [("a", "1.5"), ("bb", "20")]))
      what  ratio
      a       1.5
      bb       20
    """
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]

    def line(row: Sequence[str]) -> str:
        first, *others = (
            cell.ljust(w) if k == 0 else cell.rjust(w) for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        return "  " + "  ".join((first, *others)).rstrip()

    return "\n".join(line(row) for row in (head, *rows))
