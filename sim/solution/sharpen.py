"""Points of curved continuous issues to the last digit.

The rules hold a curved value function at evenly spaced points of its range and draw straight lines between them.  A
point found on these lines is looked at again through a window around it, in which the curve is drawn anew as finely;
after ten windows what is left of the lines is below 1e-7 of the range.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sim.rules import reference, space
from sim.rules.reference import Point
from sim.rules.types import F

if TYPE_CHECKING:
    from sim.rules.layout import Layout
    from sim.scenario.compile import Compiled
    from sim.scenario.numbers import Numbers
    from sim.solution.bargain import Bargain

WINDOWS = 10
CELLS = 3  # on either side of the point

Find = Callable[[space.Pieces], Point | None]
Found = tuple[F, F]  # utilities (2,) and levels (M,)


def curved(layout: Layout) -> tuple[int, ...]:
    """Return the continuous issues with curved values, unless a condition reads one of them."""
    rows = tuple(issue for issue in space.free(layout) if layout.issues[issue].levels > 2)
    read = {issue for clause in layout.clauses for issue in clause.issues}
    return () if read & set(rows) else rows


def sharpened(compiled: Compiled, numbers: Numbers, bargain: Bargain, find: Find) -> Found | None:
    """Return the point that ``find`` finds, on the curves themselves and not on the lines that stand for them."""
    layout = compiled.layout
    rows = curved(layout)
    windows = dict.fromkeys(rows, (0.0, 1.0))
    seen, best = bargain.pieces, None
    for _ in range(WINDOWS if rows else 1):
        point = find(seen)
        if point is None:
            break
        level = seen.at(point.piece, point.share).copy()
        for issue in rows:
            cells = layout.issues[issue].levels - 1
            low, high = windows[issue]
            cell = (high - low) / cells
            at = low + cell * level[issue]
            level[issue] = at * cells
            windows[issue] = max(at - CELLS * cell, 0.0), min(at + CELLS * cell, 1.0)
        best = (point.worth, level)
        if rows:
            seen = space.pieces(_through(compiled, numbers, bargain.game, windows))
    return best


def _through(
    compiled: Compiled, numbers: Numbers, game: space.Game, windows: dict[int, tuple[float, float]]
) -> space.Game:
    """Return the game with the ranges of some issues replaced by parts of them."""
    value = list(game.params.tastes.value)
    for issue, (low, high) in windows.items():
        value[issue] = compiled.values_of_part(numbers, issue, low, high)
    tastes = game.params.tastes._replace(value=tuple(value))
    return game._replace(params=game.params._replace(tastes=tastes))


def points(compiled: Compiled, numbers: Numbers, bargain: Bargain, power: float = 0.5) -> dict[str, Found | None]:
    """Return every solution point of ``reference.points`` with its levels."""

    def sharp(find: Find) -> Found | None:
        return sharpened(compiled, numbers, bargain, find)

    ends = [sharp(_furthest(bargain, side)) for side in (0, 1)]
    if ends[0] is None or ends[1] is None:
        return dict.fromkeys(reference.NAMES)
    best = [max(float(end[0][side]) - float(bargain.disagreement[side]), 0.0) for side, end in enumerate(ends) if end]
    return {name: sharp(_point(bargain, name, power, best)) for name in reference.NAMES}


def _furthest(bargain: Bargain, side: int) -> Find:
    return lambda seen: reference.furthest(seen.worth, bargain.reserve, side, ends=seen.end_worth)


def _point(bargain: Bargain, name: str, power: float, best: list[float]) -> Find:
    import numpy as np

    def find(seen: space.Pieces) -> Point | None:
        return reference.points(
            seen.worth, bargain.disagreement, bargain.reserve, ends=seen.end_worth, power=power, best=np.array(best)
        )[name]

    return find
