"""How far the points move with what is uncertain: the same bargain over draws of the parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import randomness
from sim.rules import reference, space
from sim.rules.trees import selected, take
from sim.rules.types import F
from sim.solution.bargain import Wish, listable, opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.scenario.compile import Compiled

AT_ONCE = 2_000_000  # deals times draws valued together
AT_MOST = 50_000_000  # deals times draws in all


def uncertain(compiled: Compiled) -> bool:
    """Tell whether any number of a scenario differs from draw to draw."""
    return bool(compiled.uncertain or compiled.owners)


def affordable(compiled: Compiled, draws: int) -> int:
    """Return how many draws are looked at of those asked for: fewer where there are very many deals."""
    return max(1, min(draws, AT_MOST // max(space.count(compiled.layout), 1)))


def spread(
    compiled: Compiled, wish: Wish, draws: int, seed: int, progress: Callable[[int], None] | None = None
) -> dict[str, NDArray[Any]]:
    """Return the points of every draw: ``zone`` (n,), and each point and fallback (n, 2), NaN where there is none.

    Sides stand in the order of the layout.  Curved continuous issues are taken on the straight lines of the rules.
    """
    listable(compiled)
    names = (*reference.NAMES, "disagreement", "reservation")
    found: dict[str, NDArray[Any]] = {name: np.full((draws, 2), np.nan) for name in names}
    found["zone"] = np.zeros(draws, dtype=np.bool_)
    for block in range(-(-draws // randomness.BLOCK)):
        first = block * randomness.BLOCK
        params = take(compiled.params(seed, block), np.arange(min(randomness.BLOCK, draws - first)))
        game, back = opened(compiled, params, wish)
        for row, seen in enumerate(_pieces(game)):
            floor, reserve = back.disagreement[:, row], back.reserve[:, row]
            found["disagreement"][first + row], found["reservation"][first + row] = floor, reserve
            for name, point in reference.points(seen.worth, floor, reserve, ends=seen.end_worth).items():
                if point is not None:
                    found["zone"][first + row] = True
                    found[name][first + row] = point.worth
            if progress is not None:
                progress(first + row + 1)
    return found


def _pieces(game: space.Game) -> Any:
    """Yield what can be agreed in each draw; deals alone are valued many draws at once."""
    draws = game.params.type.shape[-1]
    if space.free(game.layout):
        for row in range(draws):
            yield space.pieces(_some(game, np.array([row])))
        return
    level = space.every(game.layout)
    step = max(1, AT_ONCE // level.shape[1])
    for first in range(0, draws, step):
        some = np.arange(first, min(first + step, draws))
        shape = (*level.shape, len(some))
        worth = _some(game, some).worth(np.ascontiguousarray(np.broadcast_to(level[:, :, None], shape)))
        for row in range(len(some)):
            yield space.Pieces(level, None, np.ascontiguousarray(worth[:, :, row]), None)


def _some(game: space.Game, rows: NDArray[np.int64]) -> space.Game:
    params, plan = take((game.params, game.plan), rows)
    return space.Game(game.layout, params, plan, selected(game.ahead.of_now(), rows))


def told(values: F, order: list[int]) -> list[dict[str, float]] | None:
    """Return mean and quantiles of one point (n, 2) for each party in the file's order; None where no draw has it."""
    there = values[~np.isnan(values[:, 0])]
    if not len(there):
        return None
    names = ("p05", "p25", "p50", "p75", "p95")
    rows = np.quantile(there, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
    return [
        {"mean": float(there[:, side].mean())} | {name: float(row[side]) for name, row in zip(names, rows, strict=True)}
        for side in order
    ]
