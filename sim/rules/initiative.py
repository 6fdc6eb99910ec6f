"""Moves that are chosen: taken when their mover expects to gain by them.

A third party's gain is declared: the sum of effects ``on: gain``.  A principal adds what the move does to the bargain,

    gain = V_i(move made) - V_i(not made) + its own lump + declared gains,

V_i the value of going on while the sides talk, and of the deal in force while one holds, each by the look-ahead of that
state of the world along its expected path; with the chance that the move ends everything, V_i(move made) is what a
breakdown leaves.  A move is made at once where the precision is infinite and the gain positive; else within a year
with chance ``logistic(precision * gain)``
(quantal response; McKelvey & Palfrey 1995), but never surer than 49 in 50:
offices hesitate.
"""

from __future__ import annotations

import numpy as np

from sim.rules import compliance, environment, look_ahead, outlook, pricing
from sim.rules.layout import Layout
from sim.rules.ratification import logistic
from sim.rules.trees import Draws, join, selected, take
from sim.rules.types import AGREEMENT, TALKS, TOLERANCE, TRUE, B, F, Params, Plan, State

COLLAPSE, PRECISION = 1, 2  # rows of Params.move


def chooses(move: int, t: int, layout: Layout, params: Params, plan: Plan, state: State, lot: F) -> B:
    """Tell in which draws (n,) ``move`` is made in step t, for uniforms ``lot`` (n,).

    What the mover must work out is worked out only where it has a choice that the lot leaves open.
    """
    precision = params.move[move, PRECISION]
    undecided = compliance.left_open(lot, layout.step_years) | ~np.isfinite(precision)
    at = np.flatnonzero(environment.can_happen(move, t, layout, state) & undecided)
    made = np.zeros(lot.shape, dtype=np.bool_)
    if len(at):
        worth = gain(move, t, layout, selected(params, at), selected(plan, at), take(state, at))
        made[at] = lot[at] < willingness(worth, precision[at], layout.step_years)
    return made


def willingness(gain_: F, precision: F, years: float) -> F:
    """Return the chance (n,) of a choice within a step of ``years``."""
    finite = np.isfinite(precision)
    yearly = logistic(np.where(finite, precision, 0.0) * gain_)
    return np.where(finite, compliance.hesitant(yearly, years), (gain_ > TOLERANCE).astype(np.float64))


def gain(move: int, t: int, layout: Layout, params: Params, plan: Plan, state: State) -> F:
    """Return what the mover expects to gain (n,) by making ``move`` now."""
    rule = layout.moves[move]
    total = declared(move, layout, params, state)
    if rule.mover < 0:
        return total
    side = rule.mover
    none: list[B] = [np.zeros(state.status.shape, dtype=np.bool_) for _ in layout.moves]
    none[move] = ~none[move]
    after = environment.apply_moves(none, layout, params, state)
    paid = np.where(state.weight[side] > 0.0, after.payoff[side] - state.payoff[side], 0.0)
    total = total + paid / np.maximum(state.weight[side], 1e-300)
    ways = Draws(slice(0, len(total))) * 2
    both = standing(t, layout, selected(params, ways), selected(plan, ways), join([after, state]), side)
    made, unmade = both[: len(total)], both[len(total) :]
    if rule.ends:
        ruin = outlook.ruin_at(layout, params, plan, after)[side]
        made = made + params.move[move, COLLAPSE] * (ruin - made)
    return total + made - unmade


def declared(move: int, layout: Layout, params: Params, state: State) -> F:
    """Return the sum of the effects on the gain of a move (n,): ``coefficient * driver * clause``."""
    now = environment.Drivers(state)
    total = np.zeros(state.status.shape)
    for row, effect in enumerate(layout.effects):
        if effect.on == "gain" and effect.target == move:
            term = params.tastes.effect[row, TRUE]
            if effect.driver >= 0:
                term = term * now[effect.driver]
            if effect.clause >= 0:
                term = term * state.footing.clause[effect.clause]
            total = total + term
    return total


def standing(t: int, layout: Layout, params: Params, plan: Plan, state: State, side: int) -> F:
    """Return what things as they stand are worth to ``side`` (n,): going on with the talks, or the deal in force."""
    value = np.zeros(state.status.shape)
    at = np.flatnonzero(state.status == TALKS)
    if len(at):
        some = selected(params, at), selected(plan, at), take(state, at)
        ahead = outlook.outlook(t, layout, *some, branched=False)
        value[at] = look_ahead.values(t, layout, *some, side, ahead).going_on.own
    at = np.flatnonzero(state.status == AGREEMENT)
    if len(at):
        some = selected(params, at), selected(plan, at), take(state, at)
        ahead = outlook.of_today(t, layout, *some)
        left = compliance.left_to_run(t, some[2])
        value[at] = pricing.worth_of(layout, some[0], side, some[2].footing, ahead, left)
    return value
