"""Time-dependent concession."""

from __future__ import annotations

import numpy as np

from sim.rules import deals
from sim.rules.strategies.aim import Aim
from sim.rules.types import TOLERANCE, F, Offer, View


def concession(aim: Aim) -> F:
    """Return how much of the way (n,) is conceded, from the opening k to 1 (Faratin, Sierra & Jennings 1998).

        a = k + (1-k) s^(1/e)            polynomial
        a = exp((1-s)^e ln k)            exponential, k > 0

    s = min(t, T) / T, or with the clock ``stacked`` (t + 1) / (T + 1).  An exponent e below 1 concedes late
    (Boulware), above 1 early (Conceder).

    >>> import numpy as np
    >>> one = np.ones(1)
    >>> [round(float(curve(0.5, 0.2 * one, 0.1 * one)[0]), 6) for curve in (polynomial, exponential)]
    [0.128125, 0.134725]
    """
    return CURVES[aim.shape](elapsed(aim), aim.exponent, aim.opening)


def elapsed(aim: Aim) -> float:
    """Return the share of the time that is over, by the side's own clock."""
    clock = min(aim.t, aim.until) / aim.until if aim.clock == "faratin" else (aim.t + 1) / (aim.until + 1)
    return min(clock, 1.0)


def polynomial(share: float, exponent: F, opening: F) -> F:
    """Return how much is conceded (n,) once a ``share`` of the time is over, by a power of the time."""
    return opening + (1.0 - opening) * np.full_like(exponent, share) ** (1.0 / exponent)


def exponential(share: float, exponent: F, opening: F) -> F:
    """Return how much is conceded (n,) once a ``share`` of the time is over, by a power of the opening, above 0."""
    return np.exp(np.full_like(exponent, 1.0 - share) ** exponent * np.log(opening))


CURVES = {"polynomial": polynomial, "exponential": exponential}


def room(view: View) -> tuple[F, F]:
    """Return a side's best candidate (n,), and its reservation.

    The reservation is what it has without any agreement, or its exit, or its worst candidate if that is more.
    """
    best, worst = view.own.max(axis=0), view.own.min(axis=0)
    return best, np.minimum(np.maximum(worst, np.maximum(view.alone, view.exit)), best)


def aspiration(view: View, aim: Aim) -> F:
    """Return the value (n,) a side holds out for: from its best candidate down to its reservation."""
    best, floor = room(view)
    return best - concession(aim) * (best - floor)


def offer(view: View, aim: Aim) -> Offer:
    """Offer the deal best for the other among those worth at least one's aspiration."""
    return worth_at_least(aspiration(view, aim), view)


def worth_at_least(target: F, view: View) -> Offer:
    """Offer the deal best for the other among those worth at least ``target`` (n,) to oneself."""
    score = np.where(view.own >= target - TOLERANCE, view.seen[0], -np.inf)
    segment = np.argmax(score, axis=0)
    best = deals.at_row(score, segment)
    fraction = None
    if view.joined is not None:
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
