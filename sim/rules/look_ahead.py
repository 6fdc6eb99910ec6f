"""What going on is worth, and what a deal is worth if promises may be broken.

    G_i(t) = (1-d) q_i(t) + d { h B_i + (1-h) W_i(t+1) }

is the value of going on after a rejection: the flow of the talks, then a collapse with chance h, or the next round.  In
the next round the proposer makes the best offer that gives the other what it demands, max(G, exit), and the other
accepts, leaves or goes on; W is what that gives.  Without a deadline the round after the last one looked at is the
stationary solution at the environment expected there, so that no window's end is ever an ultimatum.

    K_i(d) = [(1-d) u_i(d) + d h_j Z_i] / [1 - d (1-h_j)]

is the value of a deal that the other is believed to break at rate h_j, Z_i the value after a breach.

Beliefs are held at today's posterior, and the whole is solved again each step: anticipated utility (Kreps 1998), a
stated bounded rationality and not perfect Bayesian equilibrium.  In rounds to come the other is taken at its expected
type when offers are chosen, and a failed ratification is worth what going on alone would be.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sim.rules import beliefs, deals, environment, payoff, ratification
from sim.rules.layout import Layout
from sim.rules.types import (
    AGREEMENT,
    BREAKDOWN,
    EXIT,
    HIGH,
    LOW,
    TALKS,
    TOLERANCE,
    TRUE,
    B,
    Deals,
    F,
    Footing,
    I,
    Params,
    Plan,
    State,
    View,
)

HALVINGS, SECANTS = 8, 3  # fixed counts: every draw takes the same path through the solver


class Prospect(NamedTuple):
    """What one side expects of one step to come; every array (casts, n) unless said otherwise."""

    talk: F  # flow while talks go on
    collapse: F  # value once talks have collapsed
    leave: F  # value of its own best exit, -inf where none
    way_out: I  # (n,) which exit that is, -1 none
    left: F  # value if the other takes its best exit
    kept: F  # weight of a promise in its value
    gain: F  # (priced clauses, casts, n) what each clause adds to the value of a deal
    always: F  # what every deal adds
    after: F  # (n,) the part of that which a breach leaves


class Outlook(NamedTuple):
    """The public forecast of a step: what both sides may reckon with."""

    path: tuple[tuple[Prospect, Prospect], ...]  # now, then each step looked at
    hazard: F  # (n,) chance of collapse after a rejection
    now: F  # (D, n) drivers
    mean: tuple[F, F]  # (D, n) drivers each side discounts, under a deal


class Settlement(NamedTuple):
    """The best offer that gives the other what it demands."""

    segment: I  # (n,)
    fraction: F | None  # (n,); None where no offer lies between two candidates
    made: B  # (n,) there is one
    first: F  # (n,) worth to the one it is best for
    second: F  # (n,) worth to the other


def outlook(t: int, layout: Layout, params: Params, plan: Plan, state: State) -> Outlook:
    """Return the public forecast from step t on."""
    talks, agreement = environment.expected_chances(layout, params, state)
    last = rounds_ahead(t, layout)
    drivers = environment.forecast(last, t, layout, params, state, talks)
    nodes = layout.nodes(t, last)
    known: dict[int, tuple[Prospect, Prospect]] = {}
    means: dict[int, tuple[F, F]] = {}
    for ahead in nodes:
        now = drivers[ahead]
        settled = [environment.settled(side, layout, params, agreement, now) for side in (0, 1)]
        means[ahead] = settled[0][0], settled[1][0]
        leave = tuple(exits(t + ahead, layout, params, plan, side, now, settled) for side in (0, 1))
        one, two = (
            prospect(layout, params, plan, state, side, now, settled[side], leave) for side in (0, 1)
        )
        known[ahead] = one, two
    path = [known[0]]
    for low, high in pairwise(nodes):
        for ahead in range(low + 1, high):
            share = (ahead - low) / (high - low)
            talk = [payoff.flow(layout, params, side, TALKS, state.footing, drivers[ahead]) for side in (0, 1)]
            one, two = (on_the_line(known[low][s], known[high][s], share, talk[s]) for s in (0, 1))
            path.append((one, two))
        path.append(known[high])
    return Outlook(tuple(path), environment.hazard(layout, params, drivers[0]), drivers[0], means[0])


def on_the_line(low: Prospect, high: Prospect, share: float, talk: F) -> Prospect:
    """Return the prospect at a point between two nodes: its own flow of talks, all else on a straight line."""

    def between(a: F, b: F) -> F:
        return (1.0 - share) * a + share * b

    return Prospect(
        talk=talk,
        collapse=between(low.collapse, high.collapse),
        leave=between(low.leave, high.leave),
        way_out=low.way_out,
        left=between(low.left, high.left),
        kept=low.kept,
        gain=between(low.gain, high.gain),
        always=between(low.always, high.always),
        after=between(low.after, high.after),
    )


def rounds_ahead(t: int, layout: Layout) -> int:
    """Return how many rounds after this one a side looks at: up to the deadline, or the declared look-ahead."""
    return max(layout.deadline - 1 - t, 0) if layout.deadline >= 0 else layout.look_ahead


def exits(
    step: int, layout: Layout, params: Params, plan: Plan, side: int, now: F, settled: list[tuple[F, F]]
) -> tuple[F, F, I]:
    """Return a side's best exit in ``step``: its value to the side and to the other (casts, n), and which (n,)."""
    shape = params.tastes.status_quo[side].shape
    best, other = np.full(shape, -np.inf), np.zeros(shape)
    which = np.full(shape[-1], -1, dtype=np.int64)
    for row, option in enumerate(layout.exits):
        if option.side != side or not option.from_step <= step < option.until_step:
            continue
        worth = [exit_value(layout, params, plan, row, s, now, settled[s][0]) for s in (0, 1)]
        better = worth[side] > best
        which = np.where(better[TRUE], row, which)
        other = np.where(better, worth[1 - side], other)
        best = np.maximum(best, worth[side])
    return best, other, which


def exit_value(layout: Layout, params: Params, plan: Plan, row: int, side: int, now: F, mean: F) -> F:
    """Return what an exit is worth (casts, n): its flow at that date, or along the environment where it floats."""
    option = layout.exits[row]
    foot = plan.fixed[option.terms]
    flow = payoff.flow(layout, params, side, EXIT, foot, mean if option.floating else now, row)
    return flow + payoff.lump(layout, params, "exit", side, foot, option.side, row)


def collapse_value(layout: Layout, params: Params, plan: Plan, side: int, mean: F) -> F:
    """Return what a collapse leaves (casts, n), B_i."""
    foot = plan.fixed[layout.collapse]
    return payoff.flow(layout, params, side, BREAKDOWN, foot, mean) + payoff.lump(
        layout, params, "collapse", side, foot
    )


def prospect(
    layout: Layout,
    params: Params,
    plan: Plan,
    state: State,
    side: int,
    now: F,
    settled: tuple[F, F],
    leave: tuple[tuple[F, F, I], ...],
) -> Prospect:
    """Return what ``side`` expects of a step with drivers ``now`` (D, n)."""
    mean, later = settled
    gain, always = price_of_clauses(layout, params, side, mean, later)
    kept, after = promise(layout, params, plan, state, side, mean)
    signing = signing_lumps(layout, params, side)
    priced = layout.priced(side)
    return Prospect(
        talk=payoff.flow(layout, params, side, TALKS, state.footing, now),
        collapse=collapse_value(layout, params, plan, side, mean),
        leave=leave[side][0],
        way_out=leave[side][2],
        left=leave[1 - side][1],
        kept=kept,
        gain=np.stack([kept * gain[c] + signing[c] for c in priced]) if priced else np.zeros((0, *kept.shape)),
        always=kept * always + after + signing[-1],
        after=after[TRUE],
    )


def price_of_clauses(layout: Layout, params: Params, side: int, mean: F, later: F) -> tuple[dict[int, F], F]:
    """Return what each clause adds to the flow of a deal (casts, n), and what every deal adds, at drivers (D, n)."""
    tastes = params.tastes
    none = np.zeros_like(tastes.status_quo[side])
    gain = dict.fromkeys(layout.priced(side), none)
    always = none
    for row, effect in enumerate(layout.effects):
        if effect.on != "flow" or effect.side != side or not effect.regimes[AGREEMENT]:
            continue
        term = tastes.effect[row] * mean[effect.driver] if effect.driver >= 0 else tastes.effect[row]
        if effect.clause >= 0:
            gain[effect.clause] = gain[effect.clause] + term
        else:
            always = always + term
    for row, move, clause in layout.later:
        if layout.effects[row].side == side:
            gain[clause] = gain[clause] + tastes.effect[row] * later[move]
    return gain, always


def promise(layout: Layout, params: Params, plan: Plan, state: State, side: int, mean: F) -> tuple[F, F]:
    """Return the weight of a promise (casts, n) and what the chance of the other's breach adds, ``(1-kept) Z``."""
    chance = -np.expm1(-state.distrust[side] * layout.step_years)
    kept = payoff.kept(params.tastes.discount[side], chance)
    foot = plan.fixed[layout.after_breach[1 - side]]
    after = payoff.flow(layout, params, side, TALKS, foot, mean)
    return kept, (1.0 - kept) * after


def signing_lumps(layout: Layout, params: Params, side: int) -> dict[int, F]:
    """Return the lumps of signing (casts, n) by clause, -1 for those of any deal."""
    scale = (1.0 - params.tastes.discount[side]) / layout.step_years
    none = np.zeros_like(scale)
    found = {-1: none} | dict.fromkeys(layout.priced(side), none)
    for row, rule in enumerate(layout.lumps):
        if rule.on == "signing" and rule.bearer == side:
            found[rule.clause] = found[rule.clause] + params.tastes.lump[row] * scale
    return found


def answered(layout: Layout, params: Params, side: int, clause: F) -> F:
    """Return what a deal adds to its own value (casts, ..., n) by moving the means that effects hang on."""
    patience = params.tastes.discount[side, TRUE]
    total = np.zeros((layout.casts, *clause.shape[1:-1], patience.shape[0]))
    for row, shift, joint in layout.answers:
        if layout.effects[row].side != side:
            continue
        rule = layout.shifts[shift]
        decay = params.variable[rule.variable, 2]
        share = (1.0 - patience) / np.maximum(1.0 - patience * decay, 1e-12)
        for cast in range(layout.casts):
            by = params.tastes.effect[row, cast] * params.shift[shift] * (1.0 - np.where(decay < 1.0, share, 1.0))
            total[cast] = total[cast] + by * clause[joint]
    return total


def middle(rows: F) -> F:
    """Return the middle of the types the other thinks possible, from casts (casts, n)."""
    return rows[TRUE] if rows.shape[0] == 1 else 0.5 * (rows[LOW] + rows[HIGH])


def slope(rows: F) -> F:
    """Return the change per unit of type, from casts (casts, n); 0 where there is no exit to value (-inf)."""
    if rows.shape[0] == 1:
        return np.zeros_like(rows[TRUE])
    there = np.isfinite(rows[LOW]) & np.isfinite(rows[HIGH])
    return 0.5 * (np.where(there, rows[HIGH], 0.0) - np.where(there, rows[LOW], 0.0))


def priced_deal(terms: F, clause: F, reliance: F, clauses: tuple[int, ...], kept: F, gain: F, always: F) -> F:
    """Return K (..., n): ``kept * (value of the terms - reliance) + clauses + what every deal adds``."""
    value = kept * (terms - reliance) + always
    for row, c in enumerate(clauses):
        value = value + clause[c] * gain[row]
    return value


def thinned(list_: Deals, few: slice) -> Deals:
    """Return the candidates that are looked at in rounds to come."""
    if few.step in (None, 1):
        return list_
    return Deals(*(np.ascontiguousarray(array[..., few, :]) for array in list_))


class Book(NamedTuple):
    """One side's candidates, valued in one step: by itself, as the other thinks, and as it sees the other."""

    own: F  # (K, n)
    prior: F  # (K, n)
    seen: F  # (K, n) the other at its expected type
    lean: F  # (K, n) change of the other's value per unit of its type


def book(layout: Layout, side: int, list_: Deals, reliance: tuple[F, F], view: tuple[Prospect, Prospect], z: F) -> Book:
    """Return the values of the candidates of ``side`` in a step with prospects ``view`` of (side, other)."""
    mine, theirs = view
    here, there = layout.priced(side), layout.priced(1 - side)
    own = priced_deal(
        list_.own, list_.clause, reliance[0], here, mine.kept[TRUE], mine.gain[:, TRUE], mine.always[TRUE]
    )
    prior = own
    if layout.private[side]:
        gains = _middle_of(mine.gain)
        prior = priced_deal(
            list_.prior, list_.clause, reliance[0], here, middle(mine.kept), gains, middle(mine.always)
        )
    seen = priced_deal(
        list_.seen[0], list_.clause, reliance[1], there, middle(theirs.kept), _middle_of(theirs.gain), middle(theirs.always)
    )
    lean = np.zeros_like(seen)
    if layout.private[1 - side]:
        lean = middle(theirs.kept) * list_.seen[1] + slope(theirs.always)
        for row, c in enumerate(there):
            lean = lean + list_.clause[c] * 0.5 * (theirs.gain[row, HIGH] - theirs.gain[row, LOW])
        seen = seen + z * lean
    return Book(own, prior, seen, lean)


def _middle_of(gain: F) -> F:
    return gain[:, TRUE] if gain.shape[1] == 1 else 0.5 * (gain[:, LOW] + gain[:, HIGH])


def settle(first: F, second: F, demand: F, joined: F, *, continuous: bool) -> Settlement:
    """Return the candidate, or point between two, best for ``first`` (K, n) that gives ``second`` its demand (n,)."""
    enough = second >= demand - TOLERANCE
    score = np.where(enough, first, -np.inf)
    segment = np.argmax(score, axis=0)
    at = deals.at_row(score, segment)
    given = deals.at_row(second, segment)
    fraction = None
    if continuous:
        low, high = second[:-1], second[1:]
        crosses = (joined[:-1] > 0) & (enough[:-1] != enough[1:])
        part = np.clip((demand - low) / np.where(crosses, high - low, 1.0), 0.0, 1.0)
        reach = np.where(crosses, first[:-1] + part * (first[1:] - first[:-1]), -np.inf)
        between = np.argmax(reach, axis=0)
        there = deals.at_row(reach, between)
        better = there > at
        segment = np.where(better, between, segment)
        fraction = np.where(better, deals.at_row(part, between), 0.0)
        given = np.where(better, demand, given)
        at = np.maximum(at, there)
    made = np.isfinite(at)
    return Settlement(segment, fraction, made, np.where(made, at, 0.0), given)


class Values(NamedTuple):
    """Values of going on in one step, by whom: itself, itself as the other thinks, the other, and each of its types."""

    own: F  # (n,)
    prior: F  # (n,)
    other: F  # (n,)
    knots: F  # (G, n)


def view(t: int, layout: Layout, params: Params, plan: Plan, state: State, side: int, ahead: Outlook) -> View:
    """Return what ``side`` sees in step t: its going on, its exits, its candidates and the other's demands."""
    game = _Game(t, layout, params, plan, state, side, ahead)
    going_on, alone = game.solve()
    mine, theirs = game.prospects(0)
    now = game.books(0, alone)
    knots = beliefs.knots()
    leave = middle(theirs.leave) + knots * slope(theirs.leave)
    here = game.list
    truth = priced_deal(
        here.truth,
        here.clause,
        game.reliance[1],
        layout.priced(1 - side),
        theirs.kept[TRUE],
        theirs.gain[:, TRUE],
        theirs.always[TRUE],
    )
    own, seen = now.own, now.seen - game.z * now.lean
    if any(layout.audiences):
        own = game.signed(own, mine, going_on.own, side, TRUE, game.ratify)
        seen = game.signed(seen, theirs, going_on.other, 1 - side, None, game.ratify)
    return View(
        going_on=going_on.own,
        alone=alone.own,
        exit=mine.leave[TRUE],
        way_out=mine.way_out,
        own=own,
        kept=now.own,
        demand=np.maximum(going_on.knots, leave),
        seen=np.stack([seen, now.lean * game.ratify]),
        truth=truth,
        knots=knots,
        mass=game.mass,
        joined=here.joined,
    )


class _Game:
    """The look-ahead of one side in one step; a workplace, thrown away when the view is made."""

    def __init__(
        self, t: int, layout: Layout, params: Params, plan: Plan, state: State, side: int, ahead: Outlook
    ) -> None:
        self.t, self.layout, self.params, self.plan = t, layout, params, plan
        self.side, self.ahead = side, ahead
        self.list = plan.deals[side]
        self.few = thinned(self.list, layout.foresight)
        self.mass = np.exp(state.belief[side])
        self.z = beliefs.mean_type(self.mass) if layout.private[1 - side] else np.zeros(state.status.shape)
        self.types = beliefs.knots()
        self.reliance = (
            deals.herfindahl(layout, params, side, self.list.part, ahead.mean[side]),
            deals.herfindahl(layout, params, 1 - side, self.list.part, ahead.mean[1 - side]),
        )
        self.ratify = self._chance_of_ratification()
        thin = layout.foresight
        self.few_reliance = self.reliance[0][thin], self.reliance[1][thin]
        self.few_ratify = self.ratify[thin]
        self.continuous = layout.continuous

    def _chance_of_ratification(self) -> F:
        both = np.ones_like(self.list.own)
        for side in (0, 1):
            if self.layout.audiences[side]:
                both = both * ratification.chance(
                    self.layout, self.params, side, self.list.support[side], self.list.clause, self.ahead.now
                )
        return both

    def signed(self, kept: F, seen: Prospect, otherwise: F, side: int, cast: int | None, ratify: F) -> F:
        """Return the value of putting candidates to signature, ``rho K + (1-rho)(going on, or collapse, - cost)``."""
        foot = self.plan.fixed[self.layout.status_quo]
        cost = payoff.lump(self.layout, self.params, "failed_ratification", side, foot)
        if any(self.layout.failure_ends):
            otherwise = middle(seen.collapse) if cast is None else seen.collapse[cast]
        failed = otherwise + (middle(cost) if cast is None else cost[cast])
        return ratify * kept + (1.0 - ratify) * failed

    def prospects(self, step: int) -> tuple[Prospect, Prospect]:
        """Return the prospects of (this side, the other) ``step`` steps ahead."""
        pair = self.ahead.path[step]
        return pair[self.side], pair[1 - self.side]

    def books(self, step: int, alone: Values) -> Book:
        """Return the candidates' values ``step`` steps ahead; of rounds to come with ratification at home priced in."""
        mine, theirs = self.prospects(step)
        if step == 0:
            return book(self.layout, self.side, self.list, self.reliance, (mine, theirs), self.z)
        made = book(self.layout, self.side, self.few, self.few_reliance, (mine, theirs), self.z)
        if not any(self.layout.audiences):
            return made
        own = self.signed(made.own, mine, alone.own, self.side, TRUE, self.few_ratify)
        prior = own
        if self.layout.private[self.side]:
            prior = self.signed(made.prior, mine, alone.prior, self.side, None, self.few_ratify)
        return Book(
            own,
            prior,
            self.signed(made.seen, theirs, alone.other, 1 - self.side, None, self.few_ratify),
            self.few_ratify * made.lean,
        )

    def mine(self, step: int) -> B | bool:
        """Tell whether this side proposes ``step`` steps ahead."""
        layout = self.layout
        if layout.protocol == "one_sided":
            return layout.first == self.side
        if layout.first >= 0:
            return (layout.first + self.t + step) % 2 == self.side
        return (self.plan.first + self.t + step) % 2 == self.side

    def flavours(self, mine: F, theirs: F) -> Values:
        """Return rows of casts as values by whom."""
        centre = middle(theirs)
        bend = slope(theirs)
        return Values(mine[TRUE], middle(mine), centre + self.z * bend, centre + self.types * bend)

    def onward(self, step: int, then: Values) -> Values:
        """Return ``(1-d) q + d (h B + (1-h) W)`` in ``step``, W being ``then``."""
        mine, theirs = self.prospects(step)
        after = self.prospects(min(step + 1, len(self.ahead.path) - 1))
        discount = self.flavours(*(self.params.tastes.discount[s] for s in (self.side, 1 - self.side)))
        talk = self.flavours(mine.talk, theirs.talk)
        ruin = self.flavours(after[0].collapse, after[1].collapse)
        h = self.ahead.hazard
        return Values(
            *(
                (1.0 - d) * q + d * (h * b + (1.0 - h) * w)
                for d, q, b, w in zip(discount, talk, ruin, then, strict=True)
            )
        )

    def leaving(self, step: int) -> Values:
        """Return the value of each one's best exit in ``step``."""
        mine, theirs = self.prospects(step)
        return self.flavours(mine.leave, theirs.leave)

    def solve(self) -> tuple[Values, Values]:
        """Return the values of going on now, and those of going on when no agreement ever comes."""
        last = len(self.ahead.path) - 1
        if self.layout.deadline >= 0:
            mine, theirs = self.prospects(last)
            end = self.flavours(mine.collapse, theirs.collapse)
            if not self.layout.deadline_collapses:
                end = self.flavours(mine.talk, theirs.talk)
            alone = value = self.onward(last, end)
        else:
            alone = self.forever(last)
            value = self.stationary(last, alone)
        for step in range(last, 0, -1):
            leave = self.leaving(step)
            then = self.play(step, value, alone, leave)
            value = self.onward(step - 1, then)
            alone = self.onward(step - 1, Values(*(np.maximum(a, x) for a, x in zip(alone, leave, strict=True))))
        return value, alone

    def play(self, step: int, value: Values, alone: Values, leave: Values) -> Values:
        """Return what the round of ``step`` is worth to each, given the values of going on after it."""
        made = self.books(step, alone)
        mine = self.mine(step)
        if isinstance(mine, bool):
            return (self.offering if mine else self.receiving)(step, made, value, leave)
        ours, theirs = self.offering(step, made, value, leave), self.receiving(step, made, value, leave)
        return Values(*(np.where(mine, a, b) for a, b in zip(ours, theirs, strict=True)))

    def offering(self, step: int, made: Book, value: Values, leave: Values) -> Values:
        """Return what a round is worth in which this side makes the offer."""
        joined, continuous = self.few.joined, self.continuous
        demand = np.maximum(value.other, leave.other)
        deal = settle(made.prior, made.seen, demand, joined, continuous=continuous)
        best = deal
        if self.layout.private[self.side]:
            best = settle(made.own, made.seen, demand, joined, continuous=continuous)
        go = deal.made & (deal.first >= value.prior - TOLERANCE)
        own_go = best.made & (best.first >= value.own - TOLERANCE)
        left = self.left(step)
        gone = leave.other > value.other
        types = self.of_types(deal, made)
        chance = beliefs.chance(self.of_types(best, made) - np.maximum(value.knots, leave.knots), self.mass)
        idle = np.where(gone, left.own, value.own)
        return Values(
            own=np.where(own_go, chance * best.first + (1.0 - chance) * value.own, idle),
            prior=np.where(go, deal.first, np.where(gone, left.prior, value.prior)),
            other=np.where(go, deal.second, demand),
            knots=np.maximum(np.where(go, types, -np.inf), np.maximum(value.knots, leave.knots)),
        )

    def receiving(self, step: int, made: Book, value: Values, leave: Values) -> Values:
        """Return what a round is worth in which the other makes the offer."""
        demand = np.maximum(value.prior, leave.prior)
        deal = settle(made.seen, made.prior, demand, self.few.joined, continuous=self.continuous)
        go = deal.made & (deal.first >= value.other - TOLERANCE)
        gone = leave.prior > value.prior
        offered = deal.second
        if self.layout.private[self.side]:
            offered = deals.between(made.own, deal.segment, deal.fraction)
        refuse = np.maximum(value.own, leave.own)
        return Values(
            own=np.where(go, np.maximum(offered, refuse), refuse),
            prior=np.where(go, deal.second, demand),
            other=np.where(go, deal.first, np.where(gone, self.left(step).other, value.other)),
            knots=np.where(go, np.maximum(self.of_types(deal, made), value.knots), value.knots),
        )

    def left(self, step: int) -> Values:
        """Return what each has if the other one leaves in ``step``."""
        mine, theirs = self.prospects(step)
        return self.flavours(mine.left, theirs.left)

    def of_types(self, deal: Settlement, made: Book) -> F:
        """Return what a settlement is worth (G, n) to each type of the other."""
        worth = deals.between(made.seen, deal.segment, deal.fraction)
        if not self.layout.private[1 - self.side]:
            return np.broadcast_to(worth, (len(self.types), worth.shape[0]))
        return worth + (self.types - self.z) * deals.between(made.lean, deal.segment, deal.fraction)

    def forever(self, step: int) -> Values:
        """Return the value of talks without end and without agreement at the environment of ``step``, exits open."""
        mine, theirs = self.prospects(step)
        base, factor = self.recurring(step)
        still = self.flavours(mine.talk, theirs.talk)
        leave = self.leaving(step)
        return Values(*(_alone(c, f, q, x) for c, f, q, x in zip(base, factor, still, leave, strict=True)))

    def recurring(self, step: int) -> tuple[Values, Values]:
        """Return c and f of ``G = c + f W`` in a stationary environment."""
        mine, theirs = self.prospects(step)
        h = self.ahead.hazard
        discount = self.flavours(*(self.params.tastes.discount[s] for s in (self.side, 1 - self.side)))
        talk, ruin = self.flavours(mine.talk, theirs.talk), self.flavours(mine.collapse, theirs.collapse)
        base = Values(*((1.0 - d) * q + d * h * b for d, q, b in zip(discount, talk, ruin, strict=True)))
        return base, Values(*(d * (1.0 - h) for d in discount))

    def stationary(self, step: int, alone: Values) -> Values:
        """Return the values of going on in ``step`` if its environment lasted for ever.

        The two demands solve ``R_i = max(exit_i, c_i + f_i F_i(c_j + f_j F_j(R_i)))``, F the best a proposer can have
        that gives the other its demand: a contraction (Rubinstein 1982), solved by halving and then by secants, which
        are exact where the curve is a chain of segments.
        """
        made = self.books(step, alone)
        base, factor = self.recurring(step)
        leave = self.leaving(step)
        joined, continuous = self.few.joined, self.continuous
        if self.layout.protocol == "one_sided":
            return self._one_sided(made, base, factor, alone)

        def other_demand(demand: F) -> F:
            got = settle(made.seen, made.prior, demand, joined, continuous=continuous)
            won = np.where(got.made, np.maximum(got.first, alone.other), alone.other)
            return np.maximum(base.other + factor.other * won, leave.other)

        def again(demand: F) -> F:
            got = settle(made.prior, made.seen, other_demand(demand), joined, continuous=continuous)
            won = np.where(got.made, np.maximum(got.first, alone.prior), alone.prior)
            return np.maximum(base.prior + factor.prior * won, leave.prior)

        demand = _fixed_point(again, np.maximum(alone.prior, leave.prior), made.prior.max(axis=0))
        theirs = other_demand(demand)
        ask = settle(made.prior, made.seen, theirs, joined, continuous=continuous)
        bid = settle(made.seen, made.prior, demand, joined, continuous=continuous)
        return self._two_sided(made, ask, bid, base, factor, leave, alone, step)

    def _one_sided(self, made: Book, base: Values, factor: Values, alone: Values) -> Values:
        joined, continuous = self.few.joined, self.continuous
        if self.layout.first != self.side:
            deal = settle(made.seen, made.prior, alone.prior, joined, continuous=continuous)
            won = np.where(deal.made, np.maximum(deal.first, alone.other), alone.other)
            types = np.maximum(np.where(deal.made, self.of_types(deal, made), -np.inf), alone.knots)
            return Values(
                alone.own, alone.prior, base.other + factor.other * won, base.knots + factor.knots * types
            )
        deal = settle(made.prior, made.seen, alone.other, joined, continuous=continuous)
        won = np.where(deal.made, np.maximum(deal.first, alone.prior), alone.prior)
        prior = base.prior + factor.prior * won
        own = prior
        if self.layout.private[self.side]:
            mine = settle(made.own, made.seen, alone.other, joined, continuous=continuous)
            own = base.own + factor.own * np.where(mine.made, np.maximum(mine.first, alone.own), alone.own)
        return Values(own, prior, alone.other, alone.knots)

    def _two_sided(
        self,
        made: Book,
        ask: Settlement,
        bid: Settlement,
        base: Values,
        factor: Values,
        leave: Values,
        alone: Values,
        step: int,
    ) -> Values:
        best = ask
        if self.layout.private[self.side]:
            demand = np.where(ask.made, ask.second, np.inf)
            best = settle(made.own, made.seen, demand, self.few.joined, continuous=self.continuous)
        offered = deals.between(made.own, bid.segment, bid.fraction)
        asked, got = self.of_types(ask, made), self.of_types(bid, made)
        need = np.maximum(base.knots + factor.knots * np.where(bid.made, got, alone.knots), leave.knots)
        chance = np.where(best.made, beliefs.chance(self.of_types(best, made) - need, self.mass), 0.0)
        next_mine = self.mine(step + 1)
        own = _alternate(base.own, factor.own, chance, _or(best.made, best.first), _or(bid.made, offered), leave.own, alone.own)
        prior = _alternate(
            base.prior,
            factor.prior,
            ask.made.astype(np.float64),
            _or(ask.made, ask.first),
            _or(bid.made, bid.second),
            leave.prior,
            alone.prior,
        )
        other = _alternate(
            base.other,
            factor.other,
            bid.made.astype(np.float64),
            _or(bid.made, bid.first),
            _or(ask.made, ask.second),
            leave.other,
            alone.other,
        )
        knots = _alternate(
            base.knots,
            factor.knots,
            bid.made.astype(np.float64),
            _or(bid.made, got),
            _or(ask.made, asked),
            leave.knots,
            alone.knots,
        )
        return Values(
            _choose(next_mine, own[0], own[1]),
            _choose(next_mine, prior[0], prior[1]),
            _choose(next_mine, other[1], other[0]),
            _choose(next_mine, knots[1], knots[0]),
        )


def _or(made: B, worth: F) -> F:
    return np.where(made, worth, -np.inf)


def _choose(which: B | bool, yes: F, no: F) -> F:
    return np.where(which, yes, no)


def _alone(base: F, factor: F, still: F, leave: F) -> F:
    """Return G of ``G = c + f max(exit, G)``; with no discounting and no hazard, the flow of the talks."""
    stay = np.where(factor < 1.0, base / np.maximum(1.0 - factor, 1e-300), still)
    return np.where(leave > stay, base + factor * leave, stay)


def _alternate(base: F, factor: F, chance: F, asks: F, gets: F, leave: F, alone: F) -> tuple[F, F]:
    """Return G when it proposes next, and G when the other does, of the two stationary equations

    ``G1 = c + f (a A + (1-a) G2)`` and ``G2 = c + f max(gets, exit, G1)``, A what its own offer yields, accepted with
    chance a.
    """
    asks = np.where(np.isfinite(asks), asks, alone)
    take_it = np.maximum(gets, leave)
    taken = base + factor * np.where(np.isfinite(take_it), take_it, alone)
    first = base + factor * (chance * asks + (1.0 - chance) * taken)
    waits = ~(take_it >= first)
    room = 1.0 - factor * factor * (1.0 - chance)
    wait = np.where(
        room > TOLERANCE,
        (base + factor * (chance * asks + (1.0 - chance) * base)) / np.maximum(room, TOLERANCE),
        alone,
    )
    proposing = np.where(waits, wait, first)
    return proposing, np.where(waits, base + factor * wait, taken)


def _fixed_point(again, low: F, high: F) -> F:  # type: ignore[no-untyped-def]
    """Return R with ``again(R) = R`` for a contraction, by a fixed number of halvings and secants."""
    high = np.maximum(high, low)
    gap_low, gap_high = again(low) - low, again(high) - high
    for count in range(HALVINGS + SECANTS):
        slope_ = np.where(gap_low > gap_high, gap_low - gap_high, 1.0)
        cut = low + (high - low) * np.clip(gap_low / slope_, 0.0, 1.0)
        middle_ = 0.5 * (low + high) if count < HALVINGS else cut
        gap = again(middle_) - middle_
        up = gap > 0
        low, gap_low = np.where(up, middle_, low), np.where(up, gap, gap_low)
        high, gap_high = np.where(up, high, middle_), np.where(up, gap_high, gap)
    width = np.where(gap_low > gap_high, gap_low - gap_high, 1.0)
    return low + (high - low) * np.clip(gap_low / width, 0.0, 1.0)


def worth_of(layout: Layout, params: Params, side: int, foot: Footing, ahead: Outlook) -> F:
    """Return what one deal ``foot`` is worth to its own side in truth, K (n,), in this step."""
    seen = ahead.path[0][side]
    terms = foot.base[side, TRUE] + answered(layout, params, side, foot.clause)[TRUE]
    reliance = deals.herfindahl(layout, params, side, foot.part, ahead.mean[side])
    return priced_deal(
        terms, foot.clause, reliance, layout.priced(side), seen.kept[TRUE], seen.gain[:, TRUE], seen.always[TRUE]
    )
