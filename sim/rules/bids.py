"""Rival bids that answer: what an outsider pays if one side leaves rises with what that side is offered.

A bid pays through a state variable that the side's exits hang on.  Once it has been made, its maker matches what the
other side offers, up to a limit: both therefore reckon with an exit at the limit, and if the side leaves, the rival
pays no more than what the other side would have gone up to.  With one price and full information this is the truthful
equilibrium of a menu auction (Bernheim & Whinston 1986): the deal is kept where the other side can pay the rival's
limit and the cost of hosting, and costs it just that; else the rival pays what the other side would have paid.
"""

from __future__ import annotations

import numpy as np

from sim.rules import payoff
from sim.rules.layout import Layout
from sim.rules.types import EXIT, TRUE, F, Params, Plan

LIMIT = 3  # row of Params.move


def at_the_limit(layout: Layout, params: Params, now: F) -> F:
    """Return drivers (D, n) with every bid that answers, and has been made, at its limit."""
    if not layout.bids:
        return now
    met = now.copy()
    for move in layout.bids:
        rule = layout.moves[move]
        assert rule.answers is not None
        variable = rule.answers[1]
        made = np.minimum(now[len(layout.variables) + move], 1.0)
        met[variable] = met[variable] + made * np.maximum(params.move[move, LIMIT] - met[variable], 0.0)
    return met


def paid(layout: Layout, params: Params, plan: Plan, exit_: int, now: F, best: F) -> F:
    """Return the drivers (D, n) at which a side leaves by ``exit_``, when the other could have given it ``best`` (n,).

    Each bid is lowered from its limit until the exit is worth what the other side would have gone up to, or until the
    bid is what it was.
    """
    met = at_the_limit(layout, params, now)
    option = layout.exits[exit_]
    foot = plan.fixed[option.terms]
    for move in layout.bids:
        rule = layout.moves[move]
        assert rule.answers is not None
        side, variable = rule.answers
        if side != option.side:
            continue
        dear, cheap = met, met.copy()
        cheap[variable] = now[variable]
        most, least = (
            payoff.flow(layout, params, side, EXIT, foot, drivers, exit_)[TRUE]
            + payoff.lump(layout, params, "exit", side, foot, side, exit_)[TRUE]
            for drivers in (dear, cheap)
        )
        room = most - least
        share = np.where(room > 0.0, np.clip((best - least) / np.where(room > 0.0, room, 1.0), 0.0, 1.0), 0.0)
        met = met.copy()
        met[variable] = now[variable] + share * (met[variable] - now[variable])
    return met
