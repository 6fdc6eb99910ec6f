"""While a deal holds: comply, breach or reopen.

A side breaches with chance ``logistic(precision * (W_i - K_i))``, W_i what it has after its own breach, with the one
step's gain and its costs, and K_i what the deal is worth.  A breach declares the terms it goes back to, lowers trust,
and leads to talks or to collapse.  A side reopens talks under the terms in force with chance
``logistic(precision * (G_i - cost - K_i))``.
"""

from __future__ import annotations

from sim.rules import payoff
from sim.rules.layout import Layout
from sim.rules.outlook import Outlook, worth_of
from sim.rules.ratification import logistic
from sim.rules.types import TALKS, TRUE, F, Params, Plan, State


def chance_of_breach(layout: Layout, params: Params, plan: Plan, state: State, side: int, ahead: Outlook) -> F:
    """Return the chance (n,) that ``side`` breaks the deal in force in this step."""
    precision, gain, collapse = params.breach[side]
    return logistic(
        precision
        * (
            value_of_breach(layout, params, plan, side, ahead, gain, collapse)
            - worth_of(layout, params, side, state.footing, ahead)
        )
    )


def value_of_breach(layout: Layout, params: Params, plan: Plan, side: int, ahead: Outlook, gain: F, collapse: F) -> F:
    """Return what ``side`` has after its own breach (n,): the terms it goes back to, or collapse, gain and costs."""
    foot = plan.fixed[layout.after_breach[side]]
    back = payoff.flow(layout, params, side, TALKS, foot, ahead.mean[side])[TRUE]
    cost = payoff.lump(layout, params, "breach", side, foot, side)[TRUE]
    once = gain * (1.0 - params.tastes.discount[side, TRUE]) / layout.step_years
    ruin = ahead.path[0][side].collapse[TRUE]
    return (1.0 - collapse) * back + collapse * ruin + once + cost


def chance_of_reopening(layout: Layout, params: Params, state: State, side: int, ahead: Outlook, going_on: F) -> F:
    """Return the chance (n,) that ``side`` asks for new talks under the terms in force, given its G (n,)."""
    precision, cost = params.reopening[side]
    return logistic(precision * (going_on - cost - worth_of(layout, params, side, state.footing, ahead)))
