"""While a deal holds: comply, breach or reopen.

A side would break the deal within a year with chance ``logistic(precision * (W_i - K_i))``, W_i what it has after its
own breach, with the one step's gain and its costs, and K_i what the deal is worth.  A breach declares the terms it goes
back to, lowers trust, and leads to talks or to collapse.  A side would reopen talks under the terms in force within a
year with chance ``logistic(precision * (G_i - cost - K_i))``.

Both are chances per year, so that a shorter step changes no deal's life: per step ``1 - (1 - chance)^dt``.  Neither is
ever surer than 49 in 50: offices hesitate.  So a lot above the surest chance decides by itself, and what a side must
work out is worked out only where its lot leaves something open.
"""

from __future__ import annotations

import numpy as np

from sim.rules import payoff
from sim.rules.layout import Layout
from sim.rules.outlook import Outlook
from sim.rules.pricing import worth_of
from sim.rules.ratification import logistic
from sim.rules.types import TALKS, TRUE, B, F, Params, Plan, State

SUREST = 0.98  # chance within a year of anything that a side chooses


def left_to_run(t: int, state: State) -> F:
    """Return how many steps (n,) the deal in force still has to run."""
    return np.clip(state.expires - t, 1, 10**9).astype(np.float64)


def chance_of_breach(t: int, layout: Layout, params: Params, plan: Plan, state: State, side: int, ahead: Outlook) -> F:
    """Return the chance (n,) that ``side`` breaks the deal in force in this step."""
    precision, gain, collapse = params.breach[side]
    tempted = value_of_breach(layout, params, plan, side, ahead, gain, collapse)
    kept = worth_of(layout, params, side, state.footing, ahead, left_to_run(t, state))
    return hesitant(logistic(precision * (tempted - kept)), layout.step_years)


def per_step(yearly: F, years: float) -> F:
    """Return the chance (n,) in a step of ``years`` of what has the chance ``yearly`` in a year.

    >>> import numpy as np
    >>> per_step(np.array([0.75]), 0.5)
    array([0.5])
    """
    return 1.0 - (1.0 - yearly) ** np.full_like(yearly, years)


def hesitant(yearly: F, years: float) -> F:
    """Return the chance (n,) in a step of ``years`` of a choice with the chance ``yearly``, never surer than SUREST."""
    return per_step(np.minimum(yearly, SUREST), years)


def left_open(lot: F, years: float) -> B:
    """Tell where (n,) a lot leaves a choice open: it is below the surest chance in a step of ``years``."""
    return lot < per_step(np.full_like(lot, SUREST), years)


def value_of_breach(layout: Layout, params: Params, plan: Plan, side: int, ahead: Outlook, gain: F, collapse: F) -> F:
    """Return what ``side`` has after its own breach (n,): the terms it goes back to, or collapse, gain and costs."""
    terms = layout.after_breach[side]
    foot = plan.fixed[terms]
    back = payoff.flow(layout, params, side, TALKS, foot, ahead.mean[side], terms=terms, casts=1)[TRUE]
    cost = payoff.lump(layout, params, "breach", side, foot, side)[TRUE]
    once = gain * (1.0 - params.tastes.discount[side, TRUE]) / layout.step_years
    ruin = ahead.path[0][side].collapse[TRUE]
    return (1.0 - collapse) * back + collapse * ruin + once + cost


def chance_of_reopening(
    t: int, layout: Layout, params: Params, state: State, side: int, ahead: Outlook, going_on: F
) -> F:
    """Return the chance (n,) that ``side`` asks for new talks under the terms in force, given its G (n,)."""
    kept = worth_of(layout, params, side, state.footing, ahead, left_to_run(t, state))
    gain = going_on - cost_of_reopening(layout, params, side) - kept
    return hesitant(logistic(params.reopening[side, 0] * gain), layout.step_years)


def cost_of_reopening(layout: Layout, params: Params, side: int) -> F:
    """Return what ``side`` pays (n,) to reopen talks, as a normalised payoff ``(1-d) cost / dt``."""
    return params.reopening[side, 1] * (1.0 - params.tastes.discount[side, TRUE]) / layout.step_years
