"""What may be expected of the steps to come, and what a deal is worth if promises may be broken.

    K_i(d) = [(1-d) u_i(d) + d h_j Z_i] / [1 - d (1-h_j)]

is the value of a deal that the other is believed to break at rate h_j, Z_i the value after a breach.  Flows hang on the
environment; a deal is valued at the discounted mean of the environment that is expected under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.rules import bids, environment, expectation, payoff
from sim.rules.expectation import Means, Ways
from sim.rules.layout import Layout
from sim.rules.trees import Draws, selected
from sim.rules.types import AGREEMENT, BREAKDOWN, EXIT, TALKS, TRUE, B, F, Footing, I, Params, Plan, State


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
    lump: F  # (lumps of signing, casts, n)
    after: F  # (n,) the part of that which a breach leaves
    expiry: F  # value once a deal has run out: its declared terms, talks going on under them


class Steady(NamedTuple):
    """What of one side's prospects is the same in every step to come; every array (casts, n) unless said otherwise."""

    kept: F  # weight of a promise in its value
    signing: F  # (lumps of signing, casts, n)
    ruin: F  # lump of a collapse
    leaving: tuple[F, ...]  # lump of each exit


class Outlook(NamedTuple):
    """The public forecast of a step: what both sides may reckon with."""

    nodes: tuple[int, ...]  # steps ahead, 0 the first; what lies between two nodes is on a straight line
    path: tuple[tuple[Prospect, Prospect], ...]  # the sides' prospects at each node
    hazard: F  # (n,) chance that talks collapse after a rejection
    risk: F  # (n,) the same, with that of moves that end them
    now: F  # (D, n) drivers
    mean: tuple[F, F]  # (D, n) drivers each side discounts, under a deal
    tail: tuple[F, F]  # (casts, n) flow of talks from the last of these steps on, if they went on for ever
    branches: Branches | None  # ways in which what is pivotal may go

    def of_now(self) -> Outlook:
        """Return what it says of the first step alone."""
        return self._replace(nodes=self.nodes[:1], path=self.path[:1], branches=None)


class Branches(NamedTuple):
    """The ways in which what is pivotal may go; behind one another, for each branch, the draws in which it may come."""

    chance: F  # (B, n) of each
    ahead: Outlook  # of all columns

    def columns(self, where: B) -> Draws:
        """Return the draw of each column, of the draws ``where`` (n,) alone."""
        return Draws.of_each((self.chance > 0.0) & where)

    def among(self, where: B) -> Branches:
        """Return the branches of the draws ``where`` (n,) alone."""
        kept, start = Draws(), 0
        for chance in self.chance:
            inside = where[chance > 0.0]
            kept += Draws.of(inside).shifted(start)
            start += len(inside)
        return Branches(Draws.of(where).columns(self.chance), selected(self.ahead, kept))

    def mean(self, values: Any) -> Any:
        """Return the mean (..., n) over branches of what is known of every column."""
        total, start = np.zeros((*values.shape[:-1], self.chance.shape[-1])), 0
        for chance in self.chance:
            draws = Draws.of(chance > 0.0)
            draws.add(total, draws.columns(chance) * values[..., start : start + len(draws)])
            start += len(draws)
        return total


def outlook(t: int, layout: Layout, params: Params, plan: Plan, state: State, *, branched: bool = True) -> Outlook:
    """Return the public forecast from step t on, with its branches where something is pivotal (and ``branched``)."""
    chances = expectation.expected_chances(layout, params, state)
    last = rounds_ahead(t, layout)
    likely = [
        (expectation.chance_of_branch(branch, last, t, layout, state, chances[0]), branch)
        for branch in (expectation.branches(layout) if branched and layout.branches else ())
    ]
    open_ = [(p, branch) for p, branch in likely if p.any()]
    whole = _outlook(t, layout, params, plan, state, chances, now_alone=len(open_) > 1)
    if len(open_) <= 1:
        return whole
    chance = np.stack([p for p, _ in open_])
    columns = Draws.of_each(chance > 0.0)
    some = selected(params, columns), selected(plan, columns), selected(state, columns)
    talks, agreement = ([columns.columns(p) for p in phase] for phase in chances)
    ways = tuple((branch, int((p > 0.0).sum())) for p, branch in open_)
    return whole._replace(branches=Branches(chance, _outlook(t, layout, *some, (talks, agreement), ways)))


def of_today(t: int, layout: Layout, params: Params, plan: Plan, state: State) -> Outlook:
    """Return the public forecast of today alone: what a deal, or a collapse, is worth now."""
    return _outlook(t, layout, params, plan, state, expectation.expected_chances(layout, params, state), now_alone=True)


def _outlook(
    t: int,
    layout: Layout,
    params: Params,
    plan: Plan,
    state: State,
    chances: tuple[list[F], list[F]],
    ways: Ways = (),
    *,
    now_alone: bool = False,
) -> Outlook:
    """Return the forecast along one path for each copy; ``now_alone`` leaves out what the steps to come look like."""
    talks, agreement = chances
    last = rounds_ahead(t, layout)
    nodes = (0,) if now_alone else layout.nodes(t, last)
    talking, signed = (expectation.means(layout, params, clause) for clause in (state.footing.clause, None))
    course = expectation.forecast(nodes[-1], t, layout, params, state, talks, talking, ways)
    free = [p if rule.clause < 0 else np.zeros_like(p) for p, rule in zip(agreement, layout.moves, strict=True)]
    deal = expectation.forecast(last, t, layout, params, state, free, signed, ways)
    kept = [expectation.kept_up(side, layout, params, free, course, deal, signed, nodes) for side in (0, 1)]
    constant = [steady(layout, params, plan, state, side) for side in (0, 1)]
    known = []
    means: list[tuple[F, F]] = []
    for node, ahead in enumerate(nodes):
        now = course[ahead]
        settled = [(kept[side][node], expectation.coming(side, layout, params, agreement, now)) for side in (0, 1)]
        means.append((settled[0][0], settled[1][0]))
        leave = tuple(exits(t + ahead, layout, params, plan, side, now, settled, constant) for side in (0, 1))
        one, two = (
            prospect(layout, params, plan, state, side, now, settled[side], leave, constant[side]) for side in (0, 1)
        )
        known.append((one, two))
    return Outlook(
        nodes=nodes,
        path=tuple(known),
        hazard=environment.hazard(layout, params, course.now),
        risk=environment.risk(layout, params, course.now, talks),
        now=course.now,
        mean=means[0],
        tail=endless(layout, params, state, talks, course[nodes[-1]], talking),
        branches=None,
    )


def endless(layout: Layout, params: Params, state: State, chance: list[F], now: F, reverts: Means) -> tuple[F, F]:
    """Return each side's discounted flow of talks (casts, n) if they went on for ever from drivers ``now`` (D, n)."""
    settled = [expectation.settled(side, layout, params, chance, now, reverts)[0] for side in (0, 1)]
    one, two = (payoff.flow(layout, params, side, TALKS, state.footing, settled[side]) for side in (0, 1))
    return one, two


def rounds_ahead(t: int, layout: Layout) -> int:
    """Return how many rounds after this one a side looks at: up to the deadline, or the declared look-ahead."""
    if layout.stacked:
        return 0  # nobody plans ahead in it
    return max(layout.deadline - 1 - t, 0) if layout.deadline >= 0 else layout.look_ahead


def steady(layout: Layout, params: Params, plan: Plan, state: State, side: int) -> Steady:
    """Return what of a side's prospects no step to come changes."""
    scale = (1.0 - params.tastes.discount[side]) / layout.step_years
    rows = [row for row, rule in enumerate(layout.lumps) if rule.on == "signing" and rule.bearer == side]
    signing = [params.tastes.lump[row] * scale for row in rows]
    return Steady(
        kept=payoff.kept(params.tastes.discount[side], -np.expm1(-state.distrust[side] * layout.step_years)),
        signing=np.stack(signing) if signing else np.zeros((0, *scale.shape)),
        ruin=lump_of_collapse(layout, params, plan.fixed, side),
        leaving=tuple(lump_of_exit(layout, params, plan, row, side) for row in range(len(layout.exits))),
    )


def exits(
    step: int,
    layout: Layout,
    params: Params,
    plan: Plan,
    side: int,
    now: F,
    settled: list[tuple[F, F]],
    constant: Sequence[Steady],
) -> tuple[F, F, I]:
    """Return a side's best exit in ``step``: its value to the side and to the other (casts, n), and which (n,)."""
    shape = params.tastes.status_quo[side].shape
    best, other = np.full(shape, -np.inf), np.zeros(shape)
    which = np.full(shape[-1], -1, dtype=np.int64)
    for row, option in enumerate(layout.exits):
        if option.side != side or not option.from_step <= step < option.until_step:
            continue
        met = [at_the_limit(layout, params, row, now, settled[s][0]) for s in (0, 1)]
        worth = [flow_of_exit(layout, params, plan, row, s, met[s]) + constant[s].leaving[row] for s in (0, 1)]
        better = worth[side] > best
        which = np.where(better[TRUE], row, which)
        other = np.where(better, worth[1 - side], other)
        best = np.maximum(best, worth[side])
    return best, other, which


def at_the_limit(layout: Layout, params: Params, row: int, now: F, mean: F) -> F:
    """Return the drivers (D, n) at which an exit is worth most: every bid that answers at its limit.

    They are those of its date, or, where it floats, the discounted ``mean`` of the environment to come.
    """
    option = layout.exits[row]
    return bids.at_the_limit(layout, params, mean if option.floating else now, option.side)


def exit_worth(layout: Layout, params: Params, plan: Plan, row: int, side: int, met: F) -> F:
    """Return what an exit is worth (casts, n) at drivers ``met`` (D, n)."""
    return flow_of_exit(layout, params, plan, row, side, met) + lump_of_exit(layout, params, plan, row, side)


def flow_of_exit(layout: Layout, params: Params, plan: Plan, row: int, side: int, met: F) -> F:
    """Return the flow (casts, n) after an exit at drivers ``met`` (D, n)."""
    terms = layout.exits[row].terms
    return payoff.flow(layout, params, side, EXIT, plan.fixed[terms], met, row, terms=terms)


def lump_of_exit(layout: Layout, params: Params, plan: Plan, row: int, side: int) -> F:
    """Return the lump of an exit to a side (casts, n), as a normalised payoff."""
    option = layout.exits[row]
    return payoff.lump(layout, params, "exit", side, plan.fixed[option.terms], option.side, row)


def collapse_value(layout: Layout, params: Params, plan: Plan, side: int, mean: F) -> F:
    """Return what a collapse leaves (casts, n), B_i."""
    return value_of_collapse(layout, params, plan.fixed, side, mean)


def value_of_collapse(layout: Layout, params: Params, fixed: tuple[Footing, ...], side: int, mean: F) -> F:
    """Return what a collapse leaves (casts, n), given the declared terms."""
    return flow_of_collapse(layout, params, fixed, side, mean) + lump_of_collapse(layout, params, fixed, side)


def flow_of_collapse(layout: Layout, params: Params, fixed: tuple[Footing, ...], side: int, mean: F) -> F:
    """Return the flow (casts, n) after a collapse."""
    terms = layout.collapse
    return payoff.flow(layout, params, side, BREAKDOWN, fixed[terms], mean, terms=terms)


def lump_of_collapse(layout: Layout, params: Params, fixed: tuple[Footing, ...], side: int) -> F:
    """Return the lump of a collapse to a side (casts, n), as a normalised payoff."""
    return payoff.lump(layout, params, "collapse", side, fixed[layout.collapse])


def ruin_at(layout: Layout, params: Params, plan: Plan, state: State) -> F:
    """Return what a collapse is worth to both (S, n) where the step's outlook is not made yet."""
    now = environment.drivers(state.x, state.fired)
    reverts = expectation.means(layout, params, None)
    means = [expectation.settled(side, layout, params, None, now, reverts)[0] for side in (0, 1)]
    return np.stack([collapse_value(layout, params, plan, side, means[side])[TRUE] for side in (0, 1)])


def prospect(
    layout: Layout,
    params: Params,
    plan: Plan,
    state: State,
    side: int,
    now: F,
    settled: tuple[F, F],
    leave: tuple[tuple[F, F, I], ...],
    constant: Steady,
) -> Prospect:
    """Return what ``side`` expects of a step with drivers ``now`` (D, n)."""
    mean, later = settled
    gain, always = price_of_clauses(layout, params, side, mean, later)
    kept, broken = constant.kept, layout.after_breach[1 - side]
    back = {
        terms: payoff.flow(layout, params, side, TALKS, plan.fixed[terms], mean, terms=terms)
        for terms in {broken, layout.after_expiry}
    }
    after = (1.0 - kept) * back[broken]
    priced = layout.priced(side)
    return Prospect(
        talk=payoff.flow(layout, params, side, TALKS, state.footing, now),
        collapse=flow_of_collapse(layout, params, plan.fixed, side, mean) + constant.ruin,
        leave=leave[side][0],
        way_out=leave[side][2],
        left=leave[1 - side][1],
        kept=kept,
        gain=np.stack([kept * gain[c] for c in priced]) if priced else np.zeros((0, *kept.shape)),
        always=kept * always + after,
        lump=constant.signing,
        after=after[TRUE],
        expiry=back[layout.after_expiry],
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
