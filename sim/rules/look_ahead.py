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

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np

from sim.rules import beliefs, deals, payoff, ratification
from sim.rules.layout import Layout
from sim.rules.outlook import (
    Outlook,
    Prospect,
    middle,
    priced_deal,
    slope,
    tilt,
    true_price,
)
from sim.rules.settling import Book, Settlement, Values, book, lasting, of_types, settle
from sim.rules.stationary import Standstill, going_alone
from sim.rules.types import (
    TALKS,
    TOLERANCE,
    TRUE,
    B,
    F,
    Params,
    Plan,
    State,
    View,
    selected,
)

T = TypeVar("T")


class Pair(NamedTuple):
    """One number of both sides, each (n,)."""

    own: F
    other: F


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
    game = _Rounds(t, layout, params, plan, state, side, ahead)
    going_on, alone, secure = worth
    mine, theirs = game.prospects(0)
    now = book(layout, side, game.list, game.reliance, (mine, theirs), game.z, game.tilt)
    here = game.list
    other = 1 - side
    lasts = lasting(layout, here, other)
    truth = priced_deal(layout, other, here.truth, here.clause, game.reliance[1], true_price(theirs), lasts)
    own, seen = now.own, now.seen - game.z * now.lean
    if any(layout.audiences):
        ruin = game.collapse[0]
        own = game.signed(own, ruin.own, going_on.own, game.costs[0][TRUE], game.ratify)
        seen = game.signed(seen, ruin.other, going_on.other, middle(game.costs[1]), game.ratify)
    return View(
        going_on=going_on.own,
        refused=np.where(game.leave[0].other > going_on.other, game.left[0].own, going_on.own),
        alone=alone.own,
        reserve=game.pressed(0, secure).own,
        exit=mine.leave[TRUE],
        way_out=mine.way_out,
        own=own,
        kept=now.own,
        demand=np.maximum(going_on.knots, game.leave[0].knots),
        seen=np.stack([seen, now.lean * game.ratify]),
        truth=truth,
        knots=game.types,
        mass=game.mass,
        joined=here.joined,
        conflict=np.maximum(alone.other, game.leave[0].other),
    )


def values(t: int, layout: Layout, params: Params, plan: Plan, state: State, side: int, ahead: Outlook) -> Worths:
    """Return the values of going on, averaged over the ways in which what is pivotal may go.

    ``G = sum_b P_b G_b``, each G_b with exits and deals chosen knowing the branch: this gives waiting its value.
    """
    if ahead.branches is None:
        return _Rounds(t, layout, params, plan, state, side, ahead, thin=True).solve()
    chance, copies, each_way = ahead.branches
    some = selected(params, copies), selected(plan, copies), selected(state, copies)
    found = _Rounds(t, layout, *some, side, each_way, thin=True).solve()
    return Worths(
        Values(*_means(chance, found.going_on)),
        Values(*_means(chance, found.alone)),
        Pair(*_means(chance, found.secure)),
    )


def _means(chance: F, of_copies: Values | Pair) -> list[F]:
    """Return the means of values over branches with the chances (B, n)."""
    rows = []
    for row in of_copies:
        parts = row.reshape(*row.shape[:-1], *chance.shape)
        total = chance[0] * parts[..., 0, :]
        for branch in range(1, len(chance)):
            total = total + chance[branch] * parts[..., branch, :]
        rows.append(total)
    return rows


class _Rounds:
    """The look-ahead of one side in one step; a workplace, thrown away when the view is made."""

    def __init__(
        self,
        t: int,
        layout: Layout,
        params: Params,
        plan: Plan,
        state: State,
        side: int,
        ahead: Outlook,
        *,
        thin: bool = False,
    ) -> None:
        self.t, self.layout, self.params, self.plan = t, layout, params, plan
        self.side, self.ahead = side, ahead
        self.few = plan.few[side]
        offers = self.mine(0) is not False and bool((state.status == TALKS).any())
        weighs = not thin and (offers or layout.strategies[side].weighs)
        self.list = plan.deals[side] if weighs else self.few  # who only answers, or waits, needs no full list
        self.mass = np.exp(state.belief[side])
        self.z = beliefs.mean_type(self.mass) if layout.private[1 - side] else np.zeros(state.status.shape)
        self.types = beliefs.knots()
        self.tilt = tilt(layout, params, side)
        self.continuous = layout.continuous
        self.reliance = (
            deals.herfindahl(layout, params, side, self.list.part, ahead.mean[side]),
            deals.herfindahl(layout, params, 1 - side, self.list.part, ahead.mean[1 - side]),
        )
        self.ratify = self._chance_of_ratification()
        kept = layout.foresight(side) if weighs else slice(None)
        self.few_reliance = self.reliance[0][kept], self.reliance[1][kept]
        self.few_ratify = self.ratify[kept]
        self.costs = tuple(
            payoff.lump(layout, params, "failed_ratification", s, plan.fixed[layout.status_quo])
            for s in (side, 1 - side)
        )
        self.turn = params.recognition if side == 0 else 1.0 - params.recognition  # chance that it proposes
        discount = self.flavours(params.tastes.discount[side], params.tastes.discount[1 - side])
        h = ahead.risk
        self.later = Values(*(d * (1.0 - h) for d in discount))
        self.ruined = Values(*(d * h for d in discount))
        self.today = Values(*(1.0 - d for d in discount))
        self.talk = self._along("talk")
        self.tail = self.flavours(ahead.tail[side], ahead.tail[1 - side])
        self.collapse = self._along("collapse")
        self.leave = self._along("leave")
        self.left = self._along("left")

    def _chance_of_ratification(self) -> F:
        both = np.ones_like(self.list.own)
        for side in (0, 1):
            if self.layout.audiences[side]:
                both = both * ratification.chance(
                    self.layout, self.params, side, self.list.support[side], self.list.clause, self.ahead.now
                )
        return both

    def signed(self, kept: F, ruin: F, otherwise: F, cost: F, ratify: F) -> F:
        """Return the value of putting candidates to signature, ``rho K + (1-rho)(going on, or collapse, - cost)``."""
        failed = (ruin if any(self.layout.failure_ends) else otherwise) + cost
        value = kept - failed
        value *= ratify
        value += failed
        return value

    def prospects(self, node: int) -> tuple[Prospect, Prospect]:
        """Return the prospects of (this side, the other) at a node."""
        pair = self.ahead.path[node]
        return pair[self.side], pair[1 - self.side]

    def flavours(self, mine: F, theirs: F) -> Values:
        """Return rows of casts as values by whom."""
        centre, prior = middle(theirs), middle(mine)
        if self.tilt is not None:
            prior = prior + self.tilt * slope(mine)
        if not self.layout.private[1 - self.side]:
            return Values(mine[TRUE], prior, centre, np.broadcast_to(centre, (len(self.types), len(centre))))
        bend = slope(theirs)
        return Values(mine[TRUE], prior, centre + self.z * bend, centre + self.types * bend)

    def _along(self, name: str) -> list[Values]:
        """Return one of the prospects' rows at every step looked at, by whom."""
        known = [
            self.flavours(getattr(mine, name), getattr(theirs, name))
            for mine, theirs in map(self.prospects, range(len(self.ahead.path)))
        ]
        return on_the_lines(self.ahead.nodes, known, _blend)

    def mine(self, step: int) -> B | bool | None:
        """Tell whether this side proposes ``step`` steps ahead; None where chance will say so."""
        layout = self.layout
        if layout.by_chance:
            return None
        if layout.protocol == "one_sided":
            return layout.first == self.side
        if layout.first >= 0:
            return (layout.first + self.t + step) % 2 == self.side
        return (self.plan.first + self.t + step) % 2 == self.side

    def onward(self, step: int, then: Values) -> Values:
        """Return ``(1-d) q + d (h B + (1-h) W)`` in ``step``, W being ``then``."""
        ruin = self.collapse[min(step + 1, len(self.collapse) - 1)]
        rows = zip(self.today, self.talk[step], self.ruined, ruin, self.later, then, strict=True)
        return Values(*(_sum_of_products(row) for row in rows))

    def solve(self) -> Worths:
        """Return what going on now is worth."""
        if self.layout.stacked:  # rules of thumb alone are played there, and what no agreement leaves is their floor
            ruin = self.collapse[0]
            return Worths(ruin, ruin, Pair(ruin.own, ruin.other))
        last = self.ahead.nodes[-1]
        alone = self.without_agreement(last)
        books = self.books(alone)
        deadline = self.layout.deadline >= 0
        value = alone[last] if deadline else self.stationary(last, books[last], alone[last])
        for step in range(last, 0, -1):
            value = self.onward(step - 1, self.play(step, books[step], value))
        return Worths(value, alone[0], self.secured(last))

    def without_agreement(self, last: int) -> list[Values]:
        """Return the values of going on without any agreement, at every step looked at; whoever answers may leave."""
        if self.layout.deadline >= 0:
            end = self.collapse[last] if self.layout.deadline_collapses else self.tail
            found = [self.onward(last, end)]
        else:
            found = [self.forever(last)]
        for step in range(last, 0, -1):
            found.append(self.onward(step - 1, self.idle(step, found[-1])))
        return found[::-1]

    def secured(self, last: int) -> Pair:
        """Return what both can bring about by themselves when no agreement ever comes: the minimax value of going on.

        Either leaves when it answers and gains by it, and stays where its leaving would serve the other better: nobody
        counts on being left.  Beyond the last step looked at, talks go on or end by the other's exit, whichever is
        worse.  So no deal that is agreed on is worth less to either than this.
        """
        if self.layout.deadline >= 0:
            end = self.collapse[last] if self.layout.deadline_collapses else self.tail
            value = self.onward_both(last, Pair(end.own, end.other))
        else:
            value = Pair(*(self.least_for_ever(last, mine=mine) for mine in (True, False)))
        for step in range(last, 0, -1):
            value = self.onward_both(step - 1, self.pressed(step, value))
        return value

    def onward_both(self, step: int, then: Pair) -> Pair:
        """Return the same as ``onward``, by both sides alone."""
        ruin = self.collapse[min(step + 1, len(self.collapse) - 1)]
        parts = self.today, self.talk[step], self.ruined, ruin, self.later
        own = _sum_of_products((*(part.own for part in parts), then.own))
        return Pair(own, _sum_of_products((*(part.other for part in parts), then.other)))

    def least_for_ever(self, step: int, *, mine: bool) -> F:
        """Return the least that talks without agreement leave one side: talks for ever, or until the other leaves."""
        flow, factor, still, left, leaves = (
            part.own if mine else part.other
            for part in (self.recurring(step), self.later, self.tail, self.left[step], _crossed(self.leave[step]))
        )
        stay = going_alone(flow, factor, still, np.full_like(flow, -np.inf))
        return np.where(np.isfinite(leaves), np.minimum(stay, flow + factor * left), stay)

    def pressed(self, step: int, value: Pair) -> Pair:
        """Return what a round without an offer is worth at least, given the least that going on is worth."""
        mine = self.mine(step)
        if mine is not None:
            return self.pressed_if(step, value, mine=mine)
        ours, theirs = self.pressed_if(step, value, mine=True), self.pressed_if(step, value, mine=False)
        return Pair(*(self.turn * a + (1.0 - self.turn) * b for a, b in zip(ours, theirs, strict=True)))

    def pressed_if(self, step: int, value: Pair, *, mine: B | bool) -> Pair:
        """Return the same where this side proposes, or (``mine`` false) the other: who answers may leave."""
        leave, left = self.leave[step], self.left[step]
        own = np.where(leave.other > value.other, np.minimum(left.own, value.own), value.own)
        other = np.where(leave.own > value.own, np.minimum(left.other, value.other), value.other)
        return Pair(
            np.where(mine, own, np.maximum(leave.own, value.own)),
            np.where(mine, np.maximum(leave.other, value.other), other),
        )

    def idle(self, step: int, value: Values) -> Values:
        """Return what a round without an offer is worth, given the values of going on: whoever answers may leave."""
        mine = self.mine(step)
        if mine is None:
            return self.by_turns(self.idle_if(step, value, mine=True), self.idle_if(step, value, mine=False))
        return self.idle_if(step, value, mine=mine)

    def by_turns(self, ours: Values, theirs: Values) -> Values:
        """Return what a round is worth in which chance says who proposes."""
        return Values(*(self.turn * a + (1.0 - self.turn) * b for a, b in zip(ours, theirs, strict=True)))

    def idle_if(self, step: int, value: Values, *, mine: B | bool) -> Values:
        """Return what a round without an offer is worth where this side proposes, or (``mine`` false) the other."""
        leave, left = self.leave[step], self.left[step]
        gone = np.where(mine, leave.other > value.other, leave.own > value.own)
        gone_prior = np.where(mine, leave.other > value.other, leave.prior > value.prior)
        return Values(
            np.where(gone, np.where(mine, left.own, leave.own), value.own),
            np.where(gone_prior, np.where(mine, left.prior, leave.prior), value.prior),
            np.where(gone_prior, np.where(mine, leave.other, left.other), value.other),
            np.where(mine, np.maximum(leave.knots, value.knots), np.where(gone_prior, left.knots, value.knots)),
        )

    def books(self, alone: list[Values]) -> list[Book]:
        """Return the candidates' values at every step looked at, ratification at home priced in."""
        known = [self.look_at(node, alone[step]) for node, step in enumerate(self.ahead.nodes)]
        return on_the_lines(self.ahead.nodes, known, self._between_books)

    def _between_books(self, low: Book, high: Book, share: float) -> Book:
        own = _line(low.own, high.own, share)
        prior = _line(low.prior, high.prior, share) if self.layout.private_deals[self.side] else own
        lean = low.lean if low.lean is high.lean else _line(low.lean, high.lean, share)
        return Book(own, prior, _line(low.seen, high.seen, share), lean)

    def look_at(self, node: int, alone: Values) -> Book:
        """Return the values of the few candidates looked at in rounds to come, at a node."""
        mine, theirs = self.prospects(node)
        made = book(self.layout, self.side, self.few, self.few_reliance, (mine, theirs), self.z, self.tilt)
        if not any(self.layout.audiences):
            return made
        ruin = self.collapse[self.ahead.nodes[node]]
        here, there = self.costs
        own = self.signed(made.own, ruin.own, alone.own, here[TRUE], self.few_ratify)
        prior = own
        if self.layout.private_deals[self.side]:
            cost = middle(here) if self.tilt is None else middle(here) + self.tilt * slope(here)
            prior = self.signed(made.prior, ruin.prior, alone.prior, cost, self.few_ratify)
        seen = self.signed(made.seen, ruin.other, alone.other, middle(there), self.few_ratify)
        return Book(own, prior, seen, self.few_ratify * made.lean)

    def play(self, step: int, made: Book, value: Values) -> Values:
        """Return what the round of ``step`` is worth to each, given the values of going on after it."""
        mine = self.mine(step)
        if isinstance(mine, bool):
            return (self.offering if mine else self.receiving)(step, made, value)
        ours, theirs = self.offering(step, made, value), self.receiving(step, made, value)
        if mine is None:
            return self.by_turns(ours, theirs)
        return Values(*(np.where(mine, a, b) for a, b in zip(ours, theirs, strict=True)))

    def offering(self, step: int, made: Book, value: Values) -> Values:
        """Return what a round is worth in which this side makes the offer."""
        joined, continuous = self.few.joined, self.continuous
        leave, left = self.leave[step], self.left[step]
        demand = np.maximum(value.other, leave.other)
        deal = settle(made.prior, made.seen, demand, joined, continuous=continuous)
        best = deal
        if self.layout.private_deals[self.side]:
            best = settle(made.own, made.seen, demand, joined, continuous=continuous)
        gone = leave.other > value.other
        idle, prior_idle = np.where(gone, left.own, value.own), np.where(gone, left.prior, value.prior)
        go = deal.made & (deal.first >= prior_idle - TOLERANCE)
        own_go = best.made & (best.first >= idle - TOLERANCE)
        types = self.of_types(deal, made)
        chance = beliefs.chance(self.of_types(best, made) - np.maximum(value.knots, leave.knots), self.mass)
        return Values(
            own=np.where(own_go, chance * best.first + (1.0 - chance) * idle, idle),
            prior=np.where(go, deal.first, prior_idle),
            other=np.where(go, deal.second, demand),
            knots=np.maximum(np.where(go, types, -np.inf), np.maximum(value.knots, leave.knots)),
        )

    def receiving(self, step: int, made: Book, value: Values) -> Values:
        """Return what a round is worth in which the other makes the offer."""
        leave = self.leave[step]
        demand = np.maximum(value.prior, leave.prior)
        deal = settle(made.seen, made.prior, demand, self.few.joined, continuous=self.continuous)
        gone = leave.prior > value.prior
        left = self.left[step]
        idle = np.where(gone, left.other, value.other)
        go = deal.made & (deal.first >= idle - TOLERANCE)
        offered = deal.second
        if self.layout.private_deals[self.side]:
            offered = deals.between(made.own, deal.segment, deal.fraction)
        refuse = np.maximum(value.own, leave.own)
        still = np.where(gone, left.knots, value.knots)
        return Values(
            own=np.where(go, np.maximum(offered, refuse), refuse),
            prior=np.where(go, deal.second, demand),
            other=np.where(go, deal.first, idle),
            knots=np.where(go, np.maximum(self.of_types(deal, made), still), still),
        )

    def of_types(self, deal: Settlement, made: Book) -> F:
        """Return what a settlement is worth (G, n) to each type of the other."""
        return of_types(deal, made, self.z, self.types, private=self.layout.private[1 - self.side])

    def forever(self, step: int) -> Values:
        """Return the value of talks without end and without agreement at the environment of ``step``, exits open."""
        rows = zip(self.recurring(step), self.later, self.tail, self.leave[step], strict=True)
        return Values(*(going_alone(c, f, q, x) for c, f, q, x in rows))

    def stationary(self, step: int, made: Book, alone: Values) -> Values:
        """Return the values of going on in ``step`` if its environment lasted for ever."""
        return Standstill(
            layout=self.layout,
            side=self.side,
            next_mine=self.mine(step + 1),
            turn=self.turn,
            mass=self.mass,
            z=self.z,
            types=self.types,
            joined=self.few.joined,
            made=made,
            base=self.recurring(step),
            factor=self.later,
            leave=self.leave[step],
            alone=alone,
        ).solve()

    def recurring(self, step: int) -> Values:
        """Return c of ``G = c + d (1-h) W`` in a stationary environment: flow of talks and chance of collapse."""
        rows = zip(self.today, self.tail, self.ruined, self.collapse[step], strict=True)
        return Values(*(now * q + r * b for now, q, r, b in rows))


def _crossed(value: Values) -> Pair:
    return Pair(value.other, value.own)


def on_the_lines(nodes: tuple[int, ...], known: list[T], between: Callable[[T, T, float], T]) -> list[T]:
    """Return what is known at nodes for every step from the first node to the last."""
    path = [known[0]]
    for (low, high), (a, b) in zip(pairwise(nodes), pairwise(known), strict=True):
        path.extend(between(a, b, (step - low) / (high - low)) for step in range(low + 1, high))
        path.append(b)
    return path


def _sum_of_products(row: tuple[F, ...]) -> F:
    total = row[0] * row[1]
    total += row[2] * row[3]
    total += row[4] * row[5]
    return total


def _line(low: F, high: F, share: float) -> F:
    value = (1.0 - share) * low
    value += share * high
    return value


def _blend(low: Values, high: Values, share: float) -> Values:
    return Values(*(_line(a, b, share) for a, b in zip(low, high, strict=True)))
