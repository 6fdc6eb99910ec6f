"""What a deal is worth, from its terms and the prospects of the step in which it is signed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.rules import beliefs, deals, payoff
from sim.rules.layout import Layout
from sim.rules.outlook import Outlook, Prospect, answered
from sim.rules.types import BELOW, HIGH, LOW, TRUE, WHOLE, Coordinate, Deals, F, Footing, Marks, Params, ends

ENDS_ALONE = 3  # casts where the middle lies half way between the ends


def middle(rows: F) -> F:
    """Return the middle of the types the other thinks possible, from casts (casts, n)."""
    return middle_of_casts(len(rows), rows.__getitem__)


def middle_of_casts(casts: int, row: Callable[[int], F]) -> F:
    """Return the middle of the types, from what is known of each cast: half way between the ends, or a cast itself."""
    return 0.5 * (row(LOW) + row(HIGH)) if casts == ENDS_ALONE else row(casts - 1)


def slope(rows: F, along: Coordinate) -> F:
    """Return the change per unit of a coordinate, from casts (casts, n); 0 where there is no exit to value (-inf)."""
    if rows.shape[0] == 1:
        return np.zeros_like(rows[TRUE])
    low, high = (rows[end] for end in ends(along.type))
    there = np.isfinite(low) & np.isfinite(high)
    low, high = np.where(there, low, 0.0), np.where(there, high, 0.0)
    if along.half == WHOLE:
        return 0.5 * (high - low)
    centre = np.where(there, rows[-1], 0.0)
    return centre - low if along.half == BELOW else high - centre


def slopes(layout: Layout, side: int, rows: F) -> list[F]:
    """Return the change per unit of each coordinate of ``side``, (...) each, from casts (casts, ...)."""
    return [slope(rows, along) for along in layout.coordinates(side)]


def at_coordinates(layout: Layout, side: int, rows: F, z: F) -> F:
    """Return the value at coordinates ``z`` (D, ...) of the types of ``side``, from casts (casts, ...)."""
    return beliefs.linear(middle(rows), slopes(layout, side, rows), z)


class Price(NamedTuple):
    """What turns a deal's terms into its value, for one cast; every array (n,) unless said otherwise."""

    kept: F
    gain: F  # (priced clauses, n)
    always: F
    expiry: F
    lump: F  # (lumps of signing, n)

    @property
    def changes(self) -> bool:
        """Tell whether any deal is worth anything but its terms: promises are doubted, or the world adds to them."""
        return bool((self.kept != 1.0).any() or self.always.any())


def true_price(seen: Prospect) -> Price:
    """Return the price for the true type."""
    return Price(seen.kept[TRUE], seen.gain[:, TRUE], seen.always[TRUE], seen.expiry[TRUE], seen.lump[:, TRUE])


def middle_price(seen: Prospect) -> Price:
    """Return the price at the middle of the types the other thinks possible."""
    return Price(
        middle(seen.kept), middle_of(seen.gain), middle(seen.always), middle(seen.expiry), middle_of(seen.lump)
    )


def expected_price(layout: Layout, side: int, seen: Prospect, tilt: F | None) -> Price:
    """Return the price at what the other expects of ``side`` at first: coordinates (D, n), or the middle."""
    if tilt is None:
        return middle_price(seen)
    return Price(
        kept=at_coordinates(layout, side, seen.kept, tilt),
        gain=at_coordinates(layout, side, by_cast(seen.gain), tilt),
        always=at_coordinates(layout, side, seen.always, tilt),
        expiry=at_coordinates(layout, side, seen.expiry, tilt),
        lump=at_coordinates(layout, side, by_cast(seen.lump), tilt),
    )


def tilt(layout: Layout, params: Params, side: int) -> F | None:
    """Return the coordinates (D, n) that the other expects of ``side`` at first; None where that is the middle."""
    if not layout.biased[side] and not any(layout.bent[side]):
        return None
    mass = np.exp(beliefs.prior(params.bias[side, : layout.axes(side)]))
    return beliefs.expected(mass, beliefs.coordinates(beliefs.points(layout.axes(side)), layout.coordinates(side)))


def by_cast(table: F) -> F:
    """Return a table (rows, casts, n) with its casts first."""
    return np.moveaxis(table, 1, 0)


def middle_of(table: F) -> F:
    """Return the middle of the types, from a table (rows, casts, n)."""
    return middle(by_cast(table))


def priced_deal(
    layout: Layout,
    side: int,
    terms: F,
    clause: Marks,
    reliance: F,
    price: Price,
    lasting: F | None,
    *,
    new: bool = True,
) -> F:
    """Return K (..., n): ``kept * (value of the terms - reliance) + clauses + what every deal adds + lumps``.

    A deal that lasts m steps has the share ``lasting = 1 - d^m`` of its flows, and the rest of what follows its expiry.
    Lumps of signing count for a ``new`` deal alone.
    """
    lumps = layout.signing(side) if new else ()
    if lasting is None and not (layout.leans(side) or layout.priced(side) or lumps or price.changes):
        return terms
    value = terms - reliance
    value *= price.kept
    value += price.always
    part = np.empty_like(value)
    for row, c in enumerate(layout.priced(side)):
        value += np.multiply(clause[c], price.gain[row], out=part)
    if lasting is not None:
        value -= price.expiry
        value *= lasting
        value += price.expiry
    for row, c in enumerate(lumps):
        value += np.multiply(clause[c], price.lump[row], out=part) if c >= 0 else price.lump[row]
    return value


def worth_of(layout: Layout, params: Params, side: int, foot: Footing, ahead: Outlook, left: F | None = None) -> F:
    """Return what a deal is worth to ``side`` in truth, K (n,): a new one, or one with ``left`` steps to run."""
    seen = ahead.path[0][side]
    terms = foot.base[side, TRUE] + answered(layout, params, side, foot.clause)[TRUE]
    reliance = deals.herfindahl(layout, params, side, foot.part, ahead.mean[side])
    lasting = None
    if layout.duration >= 0:
        lasting = payoff.lasting(params, side, payoff.steps_of(layout, foot.level) if left is None else left)
    price = true_price(seen)
    return priced_deal(layout, side, terms, foot.clause, reliance, price, lasting, new=left is None)


def worth_of_list(layout: Layout, params: Params, list_: Deals, side: int, ahead: Outlook) -> F:
    """Return what the first side's candidates are worth to ``side`` in truth, K (K, n), in this step."""
    seen = ahead.path[0][side]
    terms = list_.own if side == 0 else list_.truth
    reliance = deals.herfindahl(layout, params, side, list_.part, ahead.mean[side])
    lasting = list_.lasting[side] if layout.duration >= 0 else None
    return priced_deal(layout, side, terms, list_.clause, reliance, true_price(seen), lasting)
