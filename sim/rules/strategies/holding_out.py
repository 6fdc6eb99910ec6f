"""Holding out by the clock: of all deals, the one worth least to oneself among those that are worth enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.rules import deals
from sim.rules.layout import Layout
from sim.rules.strategies.aim import Aim
from sim.rules.types import TOLERANCE, F, I, Levels, Params


class Ladder(NamedTuple):
    """What a side offers in every step, and between which values its aspiration falls."""

    offers: Levels  # (M, T, n)
    span: F  # (2, n) the greater of its worst deal and its reservation; its best deal


def aspiration(aim: Aim) -> F:
    """Return what a side holds out for now (n,); NaN where its offers do not search the whole deal space."""
    return aspired(aim.t, aim.until, aim.exponent, aim.tolerance, aim.span)


def aspired(t: int, until: int, exponent: F, tolerance: F, span: F) -> F:
    """Return ``least + (1 - s^e) (most - least) - tolerance``, never below ``least``, s = (t + 1) / (T + 1).

    ``span`` (2, n): least and most; ``exponent``, ``tolerance`` (n,).  e above 1 concedes late (Boulware), below 1
    early; a side never holds out for less than its reservation.  References: Faratin, Sierra & Jennings (1998).

    >>> one = np.ones(1)
    >>> round(float(aspired(4, 9, 2 * one, 0.001 * one, np.array([[0.2], [1.0]]))[0]), 6)
    0.799
    """
    least, most = span
    share = min((t + 1) / (until + 1), 1.0)
    held = least + (1.0 - np.full_like(exponent, share) ** exponent) * (most - least) - tolerance
    return np.maximum(np.minimum(held, most), least)


def ladder(layout: Layout, params: Params, side: int, own: Sequence[F], reservation: F) -> Ladder:
    """Return the offers of all steps: in each the deal of lowest own value that is not below the aspiration.

    ``own``: what each group's combinations are worth to the side, (combinations, n); ``reservation`` (n,).  Of deals
    whose values are the same number the first is offered, in the order of issues and of their levels.  A side whose
    reservation is above its best deal offers that.
    """
    strategy = layout.strategies[side]
    exponent, _, _, tolerance = params.strategy[side]
    alike = deals.alike(own)
    draws = reservation.shape[0]
    sorted_ = [_ranked([rows[:, column] for rows in own]) for column in range(1 if alike else draws)]
    lowest, highest = (np.array([ranked[end] for ranked, _ in sorted_]) for end in (0, -1))
    span = np.stack([np.maximum(lowest, reservation), np.broadcast_to(highest, (draws,))])
    held = np.stack([aspired(t, strategy.until, exponent, tolerance, span) for t in range(strategy.until)])
    if alike:
        return Ladder(levels_of(layout, lowest_above(*sorted_[0], held)), span)
    found = [lowest_above(*sorted_[column], held[:, column]) for column in range(draws)]
    return Ladder(levels_of(layout, np.stack(found, axis=1)), span)


def _ranked(parts: Sequence[F]) -> tuple[F, I]:
    """Return the values of all deals in ascending order (K,), and the deal of each, the first of equals first."""
    total = all_sums(parts)
    order = np.argsort(total, kind="stable")
    return total[order], order


def all_sums(parts: Sequence[F]) -> F:
    """Return the sums of one number out of each of several rows, the last row running fastest."""
    total = parts[0]
    for part in parts[1:]:
        total = (total[:, None] + part[None]).reshape(-1)
    return np.ascontiguousarray(total)


def lowest_above(ranked: F, order: I, held: F) -> I:
    """Return, for each of ``held`` (...), the deal of lowest value (K,) that is not below it; the best if all are.

    ``ranked``: values in ascending order, ``order``: the deal of each, the first of equals first.

    >>> lowest_above(np.array([0.1, 0.5, 0.5, 0.9]), np.array([3, 0, 2, 1]), np.array([0.3, 0.9, 1.2])).tolist()
    [0, 1, 1]
    """
    return order[np.searchsorted(ranked, np.minimum(held - TOLERANCE, ranked[-1]))]


def levels_of(layout: Layout, deal: I) -> Levels:
    """Return the levels (M, ..., n) of deals (..., n), numbered as in ``all_sums``."""
    level = np.empty((len(layout.issues), *deal.shape), dtype=deals.counted_in(layout))
    for group in reversed(layout.groups):
        table = np.array(group.combinations, dtype=deals.counted_in(layout))
        rows = deal % len(table)
        deal = deal // len(table)
        for place, issue in enumerate(group.issues):
            level[issue] = table[:, place][rows]
    return level
