"""Rival bids that answer: what an outsider pays if one side leaves rises with what that side is offered.

A bid pays through a state variable that the side's exits hang on.  Once it has been made, its maker matches what the
other side offers, up to a limit: both therefore reckon with an exit at the limit, and if the side leaves, the rival
pays no more than what the other side would have gone up to.  With one price and full information this is the truthful
equilibrium of a menu auction (Bernheim & Whinston 1986): the deal is kept where the other side can pay the rival's
limit and the cost of hosting, and costs it just that; else the rival pays what the other side would have paid.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.rules import payoff
from sim.rules.layout import Layout
from sim.rules.types import EXIT, TRUE, F, Params, Plan

LIMIT = 3  # row of Params.move


def at_the_limit(layout: Layout, params: Params, now: F, side: int) -> F:
    """Return drivers (D, n) with every bid that answers what ``side`` is offered, and has been made, at its limit."""
    return raised(layout, params, now, {move: np.ones(now.shape[1]) for move in bids_for(side, layout)})


def bids_for(side: int, layout: Layout) -> list[int]:
    """Return the moves that are bids which rise with what ``side`` is offered."""
    rules = [(move, layout.moves[move].answers) for move in layout.bids]
    return [move for move, answers in rules if answers is not None and answers[0] == side]


def raised(layout: Layout, params: Params, now: F, share: Mapping[int, F]) -> F:
    """Return drivers (D, n) with bids raised by a ``share`` (n,) of the way to their limits, where they were made."""
    if not share:
        return now
    met = now.copy()
    for move, part in share.items():
        answers = layout.moves[move].answers
        assert answers is not None
        variable = answers[1]
        made = np.minimum(now[len(layout.variables) + move], 1.0)
        met[variable] = met[variable] + part * (made * np.maximum(params.move[move, LIMIT] - met[variable], 0.0))
    return met


def share_paid(layout: Layout, params: Params, plan: Plan, exit_: int, now: F, best: F) -> dict[int, F]:
    """Return how far (n,) bids rise when a side leaves by ``exit_`` and the other could have given it ``best`` (n,).

    ``now`` (D, n) are the drivers at which the exit settles.  Each bid is lowered from its limit until the exit is
    worth what the other side would have gone up to, or until the bid is what it was.
    """
    option = layout.exits[exit_]
    side, foot = option.side, plan.fixed[option.terms]
    share = {move: np.ones(now.shape[1]) for move in bids_for(side, layout)}
    lump = payoff.lump(layout, params, "exit", side, foot, side, exit_)[TRUE]
    for move in list(share):
        met = (raised(layout, params, now, rise) for rise in (share, share | {move: np.zeros(now.shape[1])}))
        most, least = (
            payoff.flow(layout, params, side, EXIT, foot, rows, exit_, terms=option.terms, casts=1)[TRUE] + lump
            for rows in met
        )
        room = most - least
        part = np.clip((best - least) / np.where(room > 0.0, room, 1.0), 0.0, 1.0)
        share[move] = np.where(room > 0.0, part, 0.0)
    return share
