"""What a deal is worth, from its terms and the prospects of the step in which it is signed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.rules import beliefs, deals, payoff
from sim.rules.layout import Layout
from sim.rules.outlook import Outlook, Prospect, answered
from sim.rules.types import HIGH, LOW, TRUE, Deals, F, Footing, Params


def middle(rows: F) -> F:
    """Return the middle of the types the other thinks possible, from casts (casts, n)."""
    return rows[TRUE] if rows.shape[0] == 1 else 0.5 * (rows[LOW] + rows[HIGH])


def slope(rows: F) -> F:
    """Return the change per unit of type, from casts (casts, n); 0 where there is no exit to value (-inf)."""
    if rows.shape[0] == 1:
        return np.zeros_like(rows[TRUE])
    there = np.isfinite(rows[LOW]) & np.isfinite(rows[HIGH])
    return 0.5 * (np.where(there, rows[HIGH], 0.0) - np.where(there, rows[LOW], 0.0))


class Price(NamedTuple):
    """What turns a deal's terms into its value, for one cast; every array (n,) unless said otherwise."""

    kept: F
    gain: F  # (priced clauses, n)
    always: F
    expiry: F
    lump: F  # (lumps of signing, n)


def true_price(seen: Prospect) -> Price:
    """Return the price for the true type."""
    return Price(seen.kept[TRUE], seen.gain[:, TRUE], seen.always[TRUE], seen.expiry[TRUE], seen.lump[:, TRUE])


def middle_price(seen: Prospect) -> Price:
    """Return the price at the middle of the types the other thinks possible."""
    return Price(
        middle(seen.kept), middle_of(seen.gain), middle(seen.always), middle(seen.expiry), middle_of(seen.lump)
    )


def expected_price(seen: Prospect, tilt: F | None) -> Price:
    """Return the price at the type that the other expects at first: the middle, or (n,) to one side of it."""
    centre = middle_price(seen)
    if tilt is None:
        return centre
    return Price(
        kept=centre.kept + tilt * slope(seen.kept),
        gain=centre.gain + tilt * slope_of(seen.gain),
        always=centre.always + tilt * slope(seen.always),
        expiry=centre.expiry + tilt * slope(seen.expiry),
        lump=centre.lump + tilt * slope_of(seen.lump),
    )


def tilt(layout: Layout, params: Params, side: int) -> F | None:
    """Return the type (n,) that the other expects of ``side`` at first, its prior's mean; None where that is 0."""
    return beliefs.mean_type(np.exp(beliefs.prior(params.bias[side]))) if layout.biased[side] else None


def middle_of(table: F) -> F:
    """Return the middle of the types, from a table (rows, casts, n)."""
    return table[:, TRUE] if table.shape[1] == 1 else 0.5 * (table[:, LOW] + table[:, HIGH])


def slope_of(table: F) -> F:
    """Return the change per unit of type, from a table (rows, casts, n)."""
    return np.zeros_like(table[:, TRUE]) if table.shape[1] == 1 else 0.5 * (table[:, HIGH] - table[:, LOW])


def priced_deal(
    layout: Layout, side: int, terms: F, clause: F, reliance: F, price: Price, lasting: F | None, *, new: bool = True
) -> F:
    """Return K (..., n): ``kept * (value of the terms - reliance) + clauses + what every deal adds + lumps``.

    A deal that lasts m steps has the share ``lasting = 1 - d^m`` of its flows, and the rest of what follows its expiry.
    Lumps of signing count for a ``new`` deal alone.
    """
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
    for row, c in enumerate(layout.signing(side) if new else ()):
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
