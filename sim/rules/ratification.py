"""The domestic audience: an accepted deal must be ratified at home (Putnam 1988).

The audience's support for deal d is its own value of d, plus the opinions of the communities it listens to, plus
declared effects, less its threshold.  The chance of ratification is a link of that support:

- ``step``: 1 where support is not negative,
- ``logistic``: 1 / (1 + exp(-precision * support)),
- ``cdf``: the threshold is uniform on threshold +- spread, so the chance is (support + spread) / (2 spread).
"""

from __future__ import annotations

import numpy as np

from sim.rules.layout import Layout
from sim.rules.types import TOLERANCE, TRUE, F, Marks, Params


def backing(layout: Layout, params: Params, side: int, support: F, clause: Marks, now: F) -> F:
    """Return support less threshold (..., n) for deals of audience value ``support`` and clauses (..., n)."""
    total = support - params.tastes.threshold[side, TRUE]
    for variable in layout.listens[side]:
        total = total + params.audience_pull[side, variable] * now[variable]
    for row, effect in enumerate(layout.effects):
        if effect.on != "support" or effect.side != side:
            continue
        term = params.tastes.effect[row, TRUE]
        if effect.driver >= 0:
            term = term * now[effect.driver]
        total = total + (term * clause[effect.clause] if effect.clause >= 0 else term)
    return total


def chance(layout: Layout, params: Params, side: int, support: F, clause: Marks, now: F) -> F:
    """Return the chance (..., n) that the audience of ``side`` ratifies; 1 where it has none."""
    link = layout.audiences[side]
    if not link:
        return np.ones_like(support)
    margin = backing(layout, params, side, support, clause, now)
    precision, spread = params.audience[side]
    if link == "step":
        return (margin >= -TOLERANCE).astype(np.float64)
    if link == "cdf":
        wide = np.clip((margin + spread) / np.maximum(2.0 * spread, 1e-300), 0.0, 1.0)
        return np.where(spread > 0.0, wide, (margin >= -TOLERANCE).astype(np.float64))
    return logistic(precision * margin)


def logistic(exponent: F) -> F:
    """Return ``1 / (1 + exp(-exponent))``, safe at both ends."""
    odds = np.clip(-exponent, -700.0, 700.0)
    np.exp(odds, out=odds)
    odds += 1.0
    return np.divide(1.0, odds, out=odds)
