"""Flows, lumps and discounted values.

The regime of a step (talks, deal, exit, collapse) governs its flow; the payoff is

    (1 - d_i) sum_t d_i^t flow_i(t) + lumps,

the last regime going on for ever after the window.  With d = 1 this is the flow of the last regime.
"""

from __future__ import annotations

import numpy as np

from sim.rules import deals
from sim.rules.environment import Drivers
from sim.rules.layout import NOWHERE, Layout
from sim.rules.types import AGREEMENT, BREAKDOWN, EXIT, TALKS, TRUE, B, F, Footing, Levels, Params


def flow(
    layout: Layout,
    params: Params,
    side: int,
    regime: int,
    foot: Footing,
    now: F | Drivers,
    target: int = NOWHERE,
    *,
    terms: int = NOWHERE,
    casts: int | None = None,
) -> F:
    """Return the flow (casts, n) of one side under terms in force, given drivers (D, n).

    The value of the terms, what the regime adds (status-quo, exit or breakdown flows), every declared effect
    ``coefficient * driver * clause``, less the cost of reliance.  ``target`` is the exit taken, ``terms`` the row
    of the declared terms if ``foot`` is about such, ``casts`` how many are wanted, all by default, 1
    for the true type alone.  What no private number touches is summed once.
    """
    casts = layout.casts if casts is None else casts
    absolute = (regime == EXIT and layout.exits[target].absolute) or (regime == BREAKDOWN and layout.collapse_absolute)
    base = foot.base[side][: casts if layout.private_tastes[side] else 1]
    total = np.zeros_like(base) if absolute else base.copy()
    for row, clause in layout.effects_under[side, regime, target if regime == EXIT else NOWHERE, terms]:
        term = _term(layout, params, row, clause, foot, now, casts=casts)
        if len(term) > len(total):
            total = total + term
        else:
            total += term
    if layout.leans(side):
        total -= deals.herfindahl(layout, params, side, foot.part, now)
    added = _added(params, side, regime, target)
    if added is not None:
        return total + added[:casts]
    return total if len(total) == casts else np.broadcast_to(total, (casts, *total.shape[1:]))


def flow_in_force(layout: Layout, params: Params, side: int, held: B, foot: Footing, now: F | Drivers) -> F:
    """Return the flow (n,) of its true type while the sides talk, or under a deal where one is ``held`` (n,)."""
    talks, deal = (layout.flow_effects[side, regime, NOWHERE] for regime in (TALKS, AGREEMENT))
    signed = held.astype(np.float64)
    open_ = 1.0 - signed
    total = foot.base[side, TRUE].copy()
    for row in sorted({*talks, *deal}):
        term = _term(layout, params, row, layout.effects[row].clause, foot, now, casts=1)[TRUE]
        if row not in talks or row not in deal:
            term = term * (signed if row in deal else open_)
        total += term
    if layout.leans(side):
        total -= deals.herfindahl(layout, params, side, foot.part, now)
    total += params.tastes.status_quo[side, TRUE] * open_
    return total


def _term(layout: Layout, params: Params, row: int, clause: int, foot: Footing, now: F | Drivers, *, casts: int) -> F:
    """Return ``coefficient * driver * clause`` of an effect (1 or casts, n)."""
    driver = layout.effects[row].driver
    term = params.tastes.effect[row][: casts if row in layout.private_effects else 1]
    if driver >= 0:
        term = term * now[driver]
    return term * foot.clause[clause] if clause >= 0 else term


def _added(params: Params, side: int, regime: int, target: int) -> F | None:
    tastes = params.tastes
    if regime == EXIT:
        return tastes.exit[target, side]
    return {TALKS: tastes.status_quo[side], BREAKDOWN: tastes.breakdown[side]}.get(regime)


def lump(layout: Layout, params: Params, on: str, bearer: int, foot: Footing, by: int = -1, exit_: int = -1) -> F:
    """Return the one-off gain (casts, n) of a transition to one side, as a normalised payoff ``(1-d) amount / dt``."""
    scale = (1.0 - params.tastes.discount[bearer]) / layout.step_years
    total = np.zeros_like(scale)
    for row, rule in enumerate(layout.lumps):
        if rule.on != on or rule.bearer != bearer:
            continue
        if (rule.by >= 0 and rule.by != by) or (rule.exit >= 0 and rule.exit != exit_):
            continue
        amount = params.tastes.lump[row] * scale
        total = total + (amount * foot.clause[rule.clause] if rule.clause >= 0 else amount)
    return total


def kept(discount: F, breach: F) -> F:
    """Return the weight of a promise in its value, ``(1-d) / (1 - d (1-h))``, for a chance h of breach per step.

    A deal is worth ``kept * u + (1 - kept) * Z``, Z the value after the other's breach; 1 where h is 0.
    """
    denominator = 1.0 - discount * (1.0 - breach)
    return np.where(denominator > 0.0, (1.0 - discount) / np.maximum(denominator, 1e-300), 1.0)


def lasting(params: Params, side: int, steps: F) -> F:
    """Return the share ``1 - d^m`` of a deal's value (..., n) that lies within the ``steps`` m it has to run."""
    return 1.0 - params.tastes.discount[side, TRUE] ** steps


def steps_of(layout: Layout, level: Levels) -> F:
    """Return how many steps deals ``level`` (M, ..., n) last, at least one."""
    issue = layout.issues[layout.duration]
    years = np.asarray(issue.years)
    at = np.clip(np.rint(level[layout.duration]), 0, issue.levels - 1).astype(np.int64)
    return np.minimum(np.maximum(np.rint(years[at] / layout.step_years), 1.0), 1e9)
