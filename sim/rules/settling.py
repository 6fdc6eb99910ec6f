"""A side's candidates valued in one step, and the best of them that gives the other what it demands."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.rules import beliefs, deals
from sim.rules.layout import Layout
from sim.rules.outlook import Prospect
from sim.rules.pricing import expected_price, middle, middle_price, priced_deal, slope, true_price
from sim.rules.types import TOLERANCE, B, Coordinate, Deals, F, I, Marks


class Settlement(NamedTuple):
    """The best offer that gives the other what it demands."""

    segment: I  # (n,)
    fraction: F | None  # (n,); None where no offer lies between two candidates
    made: B  # (n,) there is one
    first: F  # (n,) worth to the one it is best for
    second: F  # (n,) worth to the other


class Book(NamedTuple):
    """One side's candidates, valued in one step: by itself, as the other thinks, and as it sees the other."""

    own: F  # (K, n)
    prior: F  # (K, n)
    seen: F  # (K, n) the other at its expected type
    lean: F  # (D, K, n) change of the other's value per unit of each of its coordinates


ITSELF, OTHER = slice(2), slice(2, None)  # rows of values: those of the side that looks, and those of the other
BOTH, EVERYBODY = slice(0, 3, 2), slice(None)  # its own, and that of the other; all of them


class Values(NamedTuple):
    """Values of one step, by whom: itself, itself as the other thinks, the other, and each of its types."""

    rows: F  # (3 + A, n), in this order; A is 1 where the other has no private types

    @classmethod
    def of(cls, own: F, prior: F, other: F, points: F) -> Values:
        """Return the values of each (n,), and of the types of the other (A, n)."""
        rows = np.empty((3 + len(points), points.shape[-1]))
        rows[0], rows[1], rows[2], rows[3:] = own, prior, other, points
        return cls(rows)

    @property
    def own(self) -> F:
        """Its own (n,)."""
        return self.rows[0]

    @property
    def prior(self) -> F:
        """Its own, as the other thinks (n,)."""
        return self.rows[1]

    @property
    def other(self) -> F:
        """That of the other, as this side sees it (n,)."""
        return self.rows[2]

    @property
    def points(self) -> F:
        """Those of the other's types (A, n)."""
        return self.rows[3:]


class Pair(NamedTuple):
    """Values of both sides alone."""

    rows: F  # (2, n)

    @classmethod
    def of(cls, own: F, other: F) -> Pair:
        """Return the values of each (n,)."""
        return cls(np.stack([own, other]))

    @property
    def own(self) -> F:
        """Its own (n,)."""
        return self.rows[0]

    @property
    def other(self) -> F:
        """That of the other (n,)."""
        return self.rows[1]


def book(
    layout: Layout,
    side: int,
    list_: Deals,
    reliance: tuple[F, F],
    view: tuple[Prospect, Prospect],
    z: F,
    tilt: F | None = None,
) -> Book:
    """Return the values of the candidates of ``side`` in a step with prospects ``view`` of (side, other).

    ``z`` (D, n) are the coordinates expected of the other, ``tilt`` those that the other expects of this side at first.
    """
    mine, theirs = view
    other = 1 - side
    mine_lasts, theirs_lasts = lasting(layout, list_, side), lasting(layout, list_, other)
    own = priced_deal(layout, side, list_.own, list_.clause, reliance[0], true_price(mine), mine_lasts)
    prior = own
    if layout.private_deals[side]:
        prior = priced_deal(
            layout, side, list_.prior, list_.clause, reliance[0], expected_price(layout, side, mine, tilt), mine_lasts
        )
    seen = priced_deal(layout, other, list_.seen[0], list_.clause, reliance[1], middle_price(theirs), theirs_lasts)
    if not layout.types[other]:
        return Book(own, prior, seen, list_.seen[1:])
    lean = np.stack(
        [
            leaning(layout, other, list_.seen[1 + row], list_.clause, theirs, theirs_lasts, along)
            for row, along in enumerate(layout.coordinates(other))
        ]
    )
    return Book(own, prior, beliefs.linear(seen, lean, z), lean)


def leaning(
    layout: Layout, side: int, terms: F, clause: Marks, view: Prospect, lasts: F | None, along: Coordinate
) -> F:
    """Return the change (K, n) of what candidates are worth to ``side``, the other, per unit of a coordinate.

    ``terms`` (K, n) is that of the value of their terms, ``clause`` (K, n) where each condition holds.
    """
    lean = middle(view.kept) * terms
    lean += slope(view.always, along)
    for row, c in enumerate(layout.priced(side)):
        lean += clause[c] * slope(view.gain[row], along)
    if lasts is not None:
        lean *= lasts
    for row, c in enumerate(layout.signing(side)):
        change = slope(view.lump[row], along)
        lean += clause[c] * change if c >= 0 else change
    return lean


def lasting(layout: Layout, list_: Deals, side: int) -> F | None:
    """Return the share of its value that each candidate has while it lasts (K, n); None where deals last for ever."""
    return list_.lasting[side] if layout.duration >= 0 else None


def settle(first: F, second: F, demand: F, joined: F | None) -> Settlement:
    """Return the candidate, or point between two, best for ``first`` (K, n) that gives ``second`` its demand (n,).

    ``joined`` (K, n) tells which candidates any deal up to the next one lies between; None where none does.
    """
    enough = second >= demand - TOLERANCE
    score = np.where(enough, first, -np.inf)
    segment = np.argmax(score, axis=0)
    at = deals.at_row(score, segment)
    given = deals.at_row(second, segment)
    fraction = None
    if joined is not None:
        reach, part = _between_points(first, second, demand, joined, enough)
        between = np.argmax(reach, axis=0)
        there = deals.at_row(reach, between)
        better = there > at
        segment = np.where(better, between, segment)
        fraction = np.where(better, deals.at_row(part, between), 0.0)
        given = np.where(better, demand, given)
        at = np.maximum(at, there)
    made = np.isfinite(at)
    return Settlement(segment, fraction, made, np.where(made, at, 0.0), given)


class Frontier:
    """The most that one side has where the other has its demand, of one set of candidates and for many demands.

    Between two candidates joined by a segment it falls, if at all, along a straight line from the better of them.
    """

    def __init__(self, first: F, second: F, joined: F | None = None, *, lots: bool = False) -> None:
        """Take the candidates' worths (K, n); ``joined`` as in ``settle``, with ``lots`` each is joined to the next."""
        self.first, self.second, self.lots = first, second, lots and len(first) > 1
        self.chained = joined is not None or self.lots
        if not self.chained:
            return
        low, high = np.minimum(second[:-1], second[1:]), np.maximum(second[:-1], second[1:])
        rise, run = first[1:] - first[:-1], second[1:] - second[:-1]
        self.low, self.best = low, np.maximum(first[:-1], first[1:])
        self.slope = np.minimum(rise / np.where(run == 0.0, np.inf, run), 0.0)
        self.reach = high + TOLERANCE
        if joined is not None:
            self.reach = np.where(joined[:-1] > 0, self.reach, -np.inf)

    def __call__(self, demand: F) -> F:
        """Return the most (n,) that the first has where the second has ``demand`` (n,); -inf where it never has."""
        if not self.chained:
            return self.at_candidates(demand)
        most = demand - self.low
        np.maximum(most, 0.0, out=most)
        most *= self.slope
        most += self.best
        found = np.where(demand <= self.reach, most, -np.inf).max(axis=0)
        return found if self.lots else np.maximum(found, self.at_candidates(demand))

    def agreed(self, demand: F) -> F:
        """Return the same of what can be agreed on without lots."""
        return self.at_candidates(demand) if self.lots else self(demand)

    def at_candidates(self, demand: F) -> F:
        """Return the same of the candidates alone."""
        return np.where(self.second >= demand - TOLERANCE, self.first, -np.inf).max(axis=0)


def _between_points(first: F, second: F, demand: F, joined: F, enough: B) -> tuple[F, F]:
    """Return what ``first`` has (K - 1, n) where a segment gives ``second`` just its demand, and where that is."""
    low, high = second[:-1], second[1:]
    crosses = (joined[:-1] > 0) & (enough[:-1] != enough[1:])
    part = np.clip((demand - low) / np.where(crosses, high - low, 1.0), 0.0, 1.0)
    return np.where(crosses, first[:-1] + part * (first[1:] - first[:-1]), -np.inf), part


def of_types(deal: Settlement, made: Book, z: F, points: F, *, private: bool) -> F:
    """Return what a settlement is worth (A, n) at the ``points`` (D, A, 1), to the other expected at ``z`` (D, n).

    All types are one where nothing is ``private``.
    """
    worth = deals.between(made.seen, deal.segment, deal.fraction)
    if not private:
        return worth[None]
    return beliefs.linear(worth, deals.between(made.lean, deal.segment, deal.fraction), points - z[:, None])
