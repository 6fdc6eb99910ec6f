"""What going on is worth.

    G_i(t) = (1-d) q_i(t) + d { h B_i + (1-h) W_i(t+1) }

is the value of going on after a rejection: the flow of the talks, then a collapse with chance h, or the next round.  In
the next round the proposer makes the best offer that gives the other what it demands, max(G, exit), and the other
accepts, leaves or goes on; W is what that gives.  Without a deadline the round after the last one looked at is the
stationary solution at the environment expected there, so that no window's end is ever an ultimatum.

Beliefs are held at today's posterior, and the whole is solved again each step: anticipated utility (Kreps 1998), a
stated bounded rationality and not perfect Bayesian equilibrium.  In rounds to come the other is taken at its expected
type when offers are chosen, and a failed ratification is worth what going on alone would be.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from sim.rules import beliefs, deals, impasse
from sim.rules.deals import sees_through
from sim.rules.layout import Layout
from sim.rules.outlook import Outlook
from sim.rules.pricing import at_coordinates, middle, priced_deal, true_price
from sim.rules.rounds import Rounds, blend, on_the_line
from sim.rules.settling import BOTH, Book, Pair, Values, book, lasting, settle
from sim.rules.stationary import Standstill
from sim.rules.trees import Draws, each, selected, spread
from sim.rules.types import TOLERANCE, TRUE, B, Params, Plan, State, View


class Worths(NamedTuple):
    """What going on is worth to a side, by whom."""

    going_on: Values
    alone: Values  # if no agreement ever comes
    secure: Pair  # the same, and nobody leaves to the other's good


def view(
    t: int,
    layout: Layout,
    params: Params,
    plan: Plan,
    state: State,
    side: int,
    ahead: Outlook,
    worth: Worths,
) -> View:
    """Return what ``side`` sees in step t: its going on, its exits, its candidates and the other's demands.

    ``worth``: the ``values`` of going on.
    """
    game = Rounds(t, layout, params, plan, state, side, ahead)
    going_on, alone, secure = worth
    mine, theirs = game.prospects(0)
    now = book(layout, side, game.list, game.reliance, (mine, theirs), game.z, game.tilt)
    here = game.list
    other = 1 - side
    truth = now.seen
    if not sees_through(layout, params, side):
        lasts = lasting(layout, here, other)
        truth = priced_deal(layout, other, here.truth, here.clause, game.reliance[1], true_price(theirs), lasts)
    own, seen = now.own, beliefs.linear(now.seen, now.lean, -game.z)
    if any(layout.audiences):
        ruin = game.collapse[0]
        own = game.signed(own, ruin.own, going_on.own, game.costs[0][TRUE], game.ratify)
        seen = game.signed(seen, ruin.other, going_on.other, middle(game.costs[1]), game.ratify)
    demand = np.maximum(going_on.points, game.leave[0].points)
    return View(
        going_on=going_on.own,
        refused=np.where(game.leave[0].other > going_on.other, game.left[0].own, going_on.own),
        alone=alone.own,
        reserve=np.minimum(impasse.pressed(game, 0, secure).own, np.maximum(going_on.own, mine.leave[TRUE])),
        exit=mine.leave[TRUE],
        way_out=mine.way_out,
        own=own,
        kept=now.own,
        demand=np.broadcast_to(demand, (game.types.shape[1], *demand.shape[1:])),
        seen=np.concatenate([seen[None], now.lean * game.ratify]) if game.private else seen[None],
        truth=truth,
        points=game.types,
        mass=game.mass,
        joined=here.joined,
        conflict=np.maximum(alone.other, game.leave[0].other),
    )


def values(
    t: int,
    layout: Layout,
    params: Params,
    plan: Plan,
    state: State,
    side: int,
    ahead: Outlook,
    where: B | None = None,
) -> Worths:
    """Return the values of going on, averaged over the ways in which what is pivotal may go.

    ``G = sum_b P_b G_b``, each G_b with exits and deals chosen knowing the branch: this gives waiting its value.
    They are worked out in the draws ``where`` (n,) alone, if given, and are nan in all others.
    """
    here = np.ones(state.status.shape, dtype=np.bool_) if where is None else where
    at = columns = Draws.of(here)
    branches = ahead.branches
    if branches is None:
        ahead = selected(ahead, at)
    else:
        columns, branches = branches.columns(here), branches.among(here)
        ahead = branches.ahead
    some = selected(params, columns), selected(plan, columns), selected(state, columns)
    found = solve(Rounds(t, layout, *some, side, ahead, thin=True))
    if branches is not None:
        found = each(found, branches.mean)
    return found if here.all() else spread(found, at, len(here))


def solve(game: Rounds) -> Worths:
    """Return what going on now is worth."""
    if game.layout.stacked:  # rules of thumb alone are played there, and what no agreement leaves is their floor
        ruin = game.collapse[0]
        return Worths(ruin, ruin, Pair(ruin.rows[BOTH]))
    last = game.ahead.nodes[-1]
    alone = impasse.without_agreement(game, last)
    nodes = game.ahead.nodes
    known = [look_at(game, node, alone[step]) for node, step in enumerate(nodes)]
    deadline = game.layout.deadline >= 0
    value = alone[last] if deadline else stationary(game, last, known[-1], alone[last])
    for step in range(last, 0, -1):
        made = on_the_line(nodes, known, step, partial(_between_books, game))
        value = game.onward(step - 1, play(game, step, made, value))
    return Worths(value, alone[0], impasse.secured(game, last))


def _between_books(game: Rounds, low: Book, high: Book, share: float) -> Book:
    own = blend(low.own, high.own, share)
    prior = blend(low.prior, high.prior, share) if game.layout.private_deals[game.side] else own
    lean = low.lean if low.lean is high.lean else blend(low.lean, high.lean, share)
    return Book(own, prior, blend(low.seen, high.seen, share), lean)


def look_at(game: Rounds, node: int, alone: Values) -> Book:
    """Return the values of the few candidates looked at in rounds to come, at a node, ratification priced in."""
    mine, theirs = game.prospects(node)
    made = book(game.layout, game.side, game.few, game.few_reliance, (mine, theirs), game.z, game.tilt)
    if not any(game.layout.audiences):
        return made
    ruin = game.collapse[game.ahead.nodes[node]]
    here, there = game.costs
    own = game.signed(made.own, ruin.own, alone.own, here[TRUE], game.few_ratify)
    prior = own
    if game.layout.private_deals[game.side]:
        cost = middle(here) if game.tilt is None else at_coordinates(game.layout, game.side, here, game.tilt)
        prior = game.signed(made.prior, ruin.prior, alone.prior, cost, game.few_ratify)
    seen = game.signed(made.seen, ruin.other, alone.other, middle(there), game.few_ratify)
    return Book(own, prior, seen, game.few_ratify * made.lean)


def play(game: Rounds, step: int, made: Book, value: Values) -> Values:
    """Return what the round of ``step`` is worth to each, given the values of going on after it."""
    met = at_the_table(game, step, made, value)
    return game.if_they_meet(met, impasse.idle(game, step, value)) if game.layout.meetings else met


def at_the_table(game: Rounds, step: int, made: Book, value: Values) -> Values:
    """Return what a round is worth in which the sides meet."""
    return game.by_proposer(
        step, partial(offering, game, step, made, value), partial(receiving, game, step, made, value)
    )


def offering(game: Rounds, step: int, made: Book, value: Values) -> Values:
    """Return what a round is worth in which this side makes the offer."""
    leave, left = game.leave[step], game.left[step]
    demand = np.maximum(value.other, leave.other)
    deal = settle(made.prior, made.seen, demand, game.few.joined)
    best = deal
    if game.layout.private_deals[game.side]:
        best = settle(made.own, made.seen, demand, game.few.joined)
    gone = leave.other > value.other
    idle, prior_idle = np.where(gone, left.own, value.own), np.where(gone, left.prior, value.prior)
    go = deal.made & (deal.first >= prior_idle - TOLERANCE)
    own_go = best.made & (best.first >= idle - TOLERANCE)
    types = game.of_types(deal, made)
    chance = beliefs.chance(game.of_types(best, made) - np.maximum(value.points, leave.points), game.mass)
    return Values.of(
        own=np.where(own_go, chance * best.first + (1.0 - chance) * idle, idle),
        prior=np.where(go, deal.first, prior_idle),
        other=np.where(go, deal.second, demand),
        points=np.maximum(np.where(go, types, -np.inf), np.maximum(value.points, leave.points)),
    )


def receiving(game: Rounds, step: int, made: Book, value: Values) -> Values:
    """Return what a round is worth in which the other makes the offer."""
    leave = game.leave[step]
    demand = np.maximum(value.prior, leave.prior)
    deal = settle(made.seen, made.prior, demand, game.few.joined)
    gone = leave.prior > value.prior
    left = game.left[step]
    idle = np.where(gone, left.other, value.other)
    go = deal.made & (deal.first >= idle - TOLERANCE)
    offered = deal.second
    if game.layout.private_deals[game.side]:
        offered = deals.between(made.own, deal.segment, deal.fraction)
    refuse = np.maximum(value.own, leave.own)
    still = np.where(gone, left.points, value.points)
    return Values.of(
        own=np.where(go, np.maximum(offered, refuse), refuse),
        prior=np.where(go, deal.second, demand),
        other=np.where(go, deal.first, idle),
        points=np.where(go, np.maximum(game.of_types(deal, made), still), still),
    )


def stationary(game: Rounds, step: int, made: Book, alone: Values) -> Values:
    """Return the values of going on in ``step`` if its environment lasted for ever."""
    return Standstill(
        layout=game.layout,
        side=game.side,
        next_mine=game.mine(step + 1),
        turn=game.turn,
        meeting=game.params.meeting,
        mass=game.mass,
        z=game.z,
        private=game.private,
        points=game.points,
        joined=game.few.joined,
        made=made,
        base=game.recurring(step),
        factor=game.later,
        leave=game.leave[step],
        alone=alone,
    ).solve()
