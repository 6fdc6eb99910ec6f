"""Time-dependent concession."""

from __future__ import annotations

import numpy as np

from sim.rules import deals
from sim.rules.strategies.aim import Aim
from sim.rules.types import TOLERANCE, F, Offer, View


def concession(aim: Aim) -> F:
    """Return how much of the way is conceded, ``a = k + (1-k) (min(t, T) / T)^(1/e)`` (Faratin et al. 1998).

    k is the opening, e the exponent: below 1 Boulware, above 1 Conceder.  The clock ``stacked`` reads
    (t + 1) / (T + 1) instead of t / T.

    >>> import numpy as np
    >>> one = np.ones(1)
    >>> aim = Aim(5, 10, "faratin", 0.2 * one, 0.1 * one, one, one, one, np.zeros(0, np.int64), False)
    >>> round(float(concession(aim)[0]), 6)
    0.128125
    """
    clock = min(aim.t, aim.until) / aim.until if aim.clock == "faratin" else (aim.t + 1) / (aim.until + 1)
    elapsed = np.full_like(aim.exponent, min(clock, 1.0))
    return aim.opening + (1.0 - aim.opening) * elapsed ** (1.0 / aim.exponent)


def aspiration(view: View, aim: Aim) -> F:
    """Return the value (n,) a side holds out for: from its best candidate down to its reservation.

    The reservation is what it has without any agreement, or its exit, or its worst candidate if that is more.
    """
    best, worst = view.own.max(axis=0), view.own.min(axis=0)
    floor = np.minimum(np.maximum(worst, np.maximum(view.alone, view.exit)), best)
    return best - concession(aim) * (best - floor)


def offer(view: View, aim: Aim) -> Offer:
    """Offer the deal best for the other among those worth at least one's aspiration."""
    target = aspiration(view, aim)
    score = np.where(view.own >= target - TOLERANCE, view.seen[0], -np.inf)
    segment = np.argmax(score, axis=0)
    best = deals.at_row(score, segment)
    fraction = None
    if aim.continuous:
        low, high = view.own[:-1], view.own[1:]
        crosses = (view.joined[:-1] > 0) & (low < target) & (high > target)
        part = np.clip((target - low) / np.where(crosses, high - low, 1.0), 0.0, 1.0)
        reach = np.where(crosses, view.seen[0, :-1] + part * (view.seen[0, 1:] - view.seen[0, :-1]), -np.inf)
        between = np.argmax(reach, axis=0)
        there = deals.at_row(reach, between)
        segment = np.where(there > best, between, segment)
        fraction = np.where(there > best, deals.at_row(part, between), 0.0)
        best = np.maximum(best, there)
    return Offer(segment, fraction, np.isfinite(best))
