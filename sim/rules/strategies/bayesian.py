"""Maximise the expected value of an offer under one's belief about the other's private type."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from sim.rules import beliefs, deals
from sim.rules.strategies.aim import Aim, no_offer
from sim.rules.types import INTERVALS, KNOTS, F, I, Offer, View

NEVER = -1e300  # the gain from an offer that nobody would accept, where a number is needed


def offer(view: View, _aim: Aim) -> Offer:
    """Offer the deal d that maximises ``P(d) V(d) + (1 - P(d)) R``.

    P(d) is the believed chance that the other's gain from d, linear in its type between knots, is not negative; V the
    value of the deal to oneself, R that of a refusal: of going on, or of the exit that the other takes.  In one round
    with a uniform type this is Fearon's ultimatum (Fearon 1995): the optimum between two knots of the belief is found
    in closed form, since P is linear in the offer there and the objective a parabola.
    """
    gain = expected_gain(view, view.own, view.seen)
    segment = np.argmax(gain, axis=0)
    best = deals.at_row(gain, segment)
    fraction = None
    if view.joined is not None:
        segment, fraction, best = between_candidates(view, view.joined, segment, best)
    made = no_offer(view, segment, fraction, deals.between(view.own, segment, fraction))
    return made._replace(made=made.made & (best >= 0.0) & (believed_chance(view, made) > 0.0))


def expected_gain(view: View, own: F, seen: F) -> F:
    """Return ``P(d) (V(d) - R)`` for candidates (K, n) that the viewer values ``own`` and sees valued ``seen``."""
    chance = np.zeros_like(own)
    for first in range(0, len(view.mass), INTERVALS):  # a row of the grid at a time: all at once is much memory
        at = KNOTS * (first // INTERVALS)
        chance += beliefs.chance(margins(view, seen, slice(at, at + KNOTS)), view.mass[first : first + INTERVALS])
    return np.where(chance > 0.0, chance * (own - view.refused), -np.inf)


def margins(view: View, seen: F, some: slice = slice(None)) -> F:
    """Return each type's gain (A, ..., n) from deals it values ``seen`` (1 + Z, ..., n), or that of ``some`` types."""
    points, demand = view.points[:, some], view.demand[some]
    worth = beliefs.linear(seen[0], seen[1:], points.reshape(*points.shape[:2], *([1] * (seen.ndim - 1))))
    return worth - demand.reshape(len(demand), *([1] * (seen.ndim - 2)), -1)


def believed_chance(view: View, offered: Offer) -> F:
    """Return the believed chance (n,) that an offer is accepted."""
    at = deals.between(view.seen, offered.segment, offered.fraction)
    return beliefs.chance(margins(view, at), view.mass)


def between_candidates(view: View, joined: F, segment: I, best: F) -> tuple[I, F, F]:
    """Search every segment of the curve that may be travelled, and return segment, fraction and expected gain.

    The points at which a knot's type is just satisfied cut a segment into pieces; in each piece the parabola through
    three points inside it gives the optimum.
    """
    fraction = np.zeros_like(best)
    for k in range(view.own.shape[0] - 1):
        start, end = margins(view, view.seen[:, k]), margins(view, view.seen[:, k + 1])
        slope = end - start
        cut = np.where(slope != 0.0, -start / np.where(slope != 0.0, slope, 1.0), 0.0)
        cuts = np.sort(np.clip(np.concatenate([cut, np.zeros_like(cut[:1]), np.ones_like(cut[:1])]), 0.0, 1.0), axis=0)
        for low, high in pairwise(cuts):
            centre = 0.5 * (low + high)
            inside = [0.75 * low + 0.25 * high, centre, 0.25 * low + 0.75 * high]
            left, mid, right = (np.maximum(_gain_at(view, k, at), NEVER) for at in inside)
            bend = np.where(np.minimum(np.minimum(left, mid), right) > NEVER, left - 2.0 * mid + right, 0.0)
            lean = np.where(bend < 0.0, right - left, 0.0)
            shift = np.where(bend < 0.0, -0.125 * lean / np.where(bend < 0.0, bend, 1.0), 0.0)
            vertex = np.clip(centre + shift * (high - low), low, high)
            for at in (low, vertex, high):
                gain = np.where(joined[k] > 0, _gain_at(view, k, at), -np.inf)
                better = gain > best
                best = np.where(better, gain, best)
                segment = np.where(better, k, segment)
                fraction = np.where(better, at, fraction)
    return segment, fraction, best


def _gain_at(view: View, k: int, fraction: F) -> F:
    own = view.own[k] + fraction * (view.own[k + 1] - view.own[k])
    seen = view.seen[:, k] + fraction * (view.seen[:, k + 1] - view.seen[:, k])
    return expected_gain(view, own, seen)
