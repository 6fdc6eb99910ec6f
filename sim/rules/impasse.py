"""What the rounds to come are worth if no agreement ever comes: as both expect it, and what each can bring about."""

from __future__ import annotations

import numpy as np

from sim.rules.rounds import Rounds
from sim.rules.settling import BOTH, ITSELF, OTHER, Pair, Values
from sim.rules.stationary import going_alone
from sim.rules.types import F


def without_agreement(game: Rounds, last: int) -> list[Values]:
    """Return the values of going on without any agreement, at every step looked at; whoever answers may leave."""
    bound = game.layout.deadline >= 0
    found = [game.onward(last, game.at_the_deadline(last)) if bound else forever(game, last)]
    for step in range(last, 0, -1):
        found.append(game.onward(step - 1, idle(game, step, found[-1])))
    return found[::-1]


def forever(game: Rounds, step: int) -> Values:
    """Return the value of talks without end and without agreement at the environment of ``step``, exits open."""
    return Values(going_alone(game.recurring(step).rows, game.later.rows, game.tail.rows, game.leave[step].rows))


def idle(game: Rounds, step: int, value: Values) -> Values:
    """Return what a round without an offer is worth, given the values of going on: whoever answers may leave."""
    leave, left = game.leave[step], game.left[step]

    def ours() -> Values:
        gone = leave.other > value.other
        mine = np.where(gone, left.rows[ITSELF], value.rows[ITSELF])
        return Values(np.concatenate([mine, np.maximum(leave.rows[OTHER], value.rows[OTHER])]))

    def theirs() -> Values:
        gone = leave.prior > value.prior
        other = np.where(gone, left.rows[OTHER], value.rows[OTHER])
        return Values(np.concatenate([np.maximum(leave.rows[ITSELF], value.rows[ITSELF]), other]))

    return game.by_proposer(step, ours, theirs)


def secured(game: Rounds, last: int) -> Pair:
    """Return what both can bring about by themselves when no agreement ever comes: the minimax value of going on.

    Either leaves when it answers and gains by it, and stays where its leaving would serve the other better: nobody
    counts on being left.  Beyond the last step looked at, talks go on or end by the other's exit, whichever is
    worse.  So no deal that is agreed on is worth less to either than this.
    """
    if game.layout.deadline >= 0:
        end = game.at_the_deadline(last)
        value = game.onward(last, Pair(end.rows[BOTH]), BOTH)
    else:
        value = Pair.of(*(least_for_ever(game, last, mine=mine) for mine in (True, False)))
    for step in range(last, 0, -1):
        value = game.onward(step - 1, pressed(game, step, value), BOTH)
    return value


def least_for_ever(game: Rounds, step: int, *, mine: bool) -> F:
    """Return the least that talks without agreement leave one side: talks for ever, or until the other leaves."""
    flow, factor, still, left, leaves = (
        part.own if mine else part.other
        for part in (game.recurring(step), game.later, game.tail, game.left[step], _crossed(game.leave[step]))
    )
    stay = going_alone(flow, factor, still, np.full_like(flow, -np.inf))
    return np.where(np.isfinite(leaves), np.minimum(stay, flow + factor * left), stay)


def pressed(game: Rounds, step: int, value: Pair) -> Pair:
    """Return what a round without an offer is worth at least, given the least that going on is worth."""
    leave, left = game.leave[step], game.left[step]

    def ours() -> Pair:
        own = np.where(leave.other > value.other, np.minimum(left.own, value.own), value.own)
        return Pair.of(own, np.maximum(leave.other, value.other))

    def theirs() -> Pair:
        other = np.where(leave.own > value.own, np.minimum(left.other, value.other), value.other)
        return Pair.of(np.maximum(leave.own, value.own), other)

    return game.by_proposer(step, ours, theirs)


def _crossed(value: Values) -> Pair:
    return Pair(value.rows[BOTH][::-1])
