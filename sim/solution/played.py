"""How the scenario's own protocol ends the same bargain, to stand beside the points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim import montecarlo, randomness
from sim.analysis.outcomes import lower_median
from sim.rules.layout import Layout
from sim.rules.trees import take
from sim.rules.types import F, Params
from sim.scenario.levels import level_of
from sim.solution.bargain import Wish, opened, order_of
from sim.solution.spread import told, uncertain

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.scenario.compile import Compiled


def chancy(layout: Layout, params: Params) -> bool:
    """Tell whether chance along the way can lead one draw elsewhere than another with the same numbers."""
    return bool(
        layout.first < 0
        or layout.by_lot
        or layout.moves
        or layout.variables
        or any(layout.audiences)
        or any(layout.can_breach)
        or any(layout.can_reopen)
        or (params.hazard > 0).any()
        or (params.accuracy < 1).any()
    )


def protocol(
    compiled: Compiled, draws: int, seed: int, progress: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """Return what the scenario's protocol comes to: shares of outcomes, and its first deals in this bargain's measure.

    One draw is played where nothing differs between draws; its deal is then told whole.
    """
    params = compiled.middle_params()
    alone = not uncertain(compiled) and not chancy(compiled.layout, params)
    draws = 1 if alone else draws
    columns = montecarlo.simulate(compiled, draws, seed, progress=progress).columns
    agreed = np.asarray(columns["agreed_step"]) >= 0
    names = [outcome.id for outcome in compiled.scenario.outcomes]
    shares = np.bincount(np.asarray(columns["outcome"], dtype=np.int64), minlength=len(names)) / draws
    worth = np.full((draws, 2), np.nan)
    if agreed.any():
        level = np.stack([_levels(issue, columns[f"agreed.{issue.id}"]) for issue in compiled.issues])
        level = np.where(agreed, level, 0.0)
        for block in range(-(-draws // randomness.BLOCK)):
            rows = np.arange(block * randomness.BLOCK, min((block + 1) * randomness.BLOCK, draws))
            some = take(compiled.params(seed, block), rows - rows[0])
            game, _ = opened(compiled, some, Wish())
            worth[rows] = game.worth(np.ascontiguousarray(level[:, None, rows]))[0].T
        worth[~agreed] = np.nan
    steps = np.asarray(columns["agreed_step"])[agreed]
    order = order_of(compiled)
    return {
        "kind": compiled.layout.protocol,
        "draws": draws,
        "outcomes": {name: float(share) for name, share in zip(names, shares, strict=True)},
        "agreement": float(agreed.mean()),
        "median_step": lower_median(steps),
        "worth": told(worth, order),
        "deal": compiled.terms_of(level[:, 0]) if alone and agreed[0] else None,
    }


def _levels(issue: Any, column: Any) -> F:
    """Return a column of terms as levels (n,)."""
    values = np.asarray(column, dtype=np.float64)
    if not issue.continuous:
        return values
    ends = [level_of(issue, end) for end in issue.range]
    low, high = issue.range
    level: F = np.nan_to_num((values - low) / (high - low) * ends[1])
    return level
