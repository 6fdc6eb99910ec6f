"""Before the first step: candidates, declared terms, and the state of the world."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.rules import beliefs, deals, environment, expectation, outlook, payoff, pricing
from sim.rules.layout import Group, Layout
from sim.rules.strategies import holding_out
from sim.rules.strategies.holding_out import Ladder
from sim.rules.types import (
    HISTORY,
    TALKS,
    TRUE,
    Deals,
    F,
    Footing,
    I,
    Levels,
    Memory,
    Params,
    Plan,
    State,
)

GroupValues = tuple[list[F], list[F]]  # of each group's combinations (combinations, n): to the viewer, to the other


def start(layout: Layout, params: Params, first: F) -> tuple[Plan, State]:
    """Return the plan and the first state; ``first`` (n,) are uniforms for who proposes first where that is random."""
    state = first_state(layout, params)
    return plan_of(layout, params, state, first_mover(layout, first)), state


def first_state(layout: Layout, params: Params) -> State:
    """Return the state before the first step."""
    draws = params.type.shape[-1]
    x = np.ascontiguousarray(params.variable[:, 0])
    none = np.zeros(draws, dtype=np.int64)
    return State(
        x=x,
        fired=np.zeros((len(layout.moves), draws)),
        belief=first_beliefs(layout, params),
        distrust=first_trust(params),
        status=np.full(draws, TALKS, dtype=np.int64),
        footing=declared_terms(layout, params)[layout.status_quo],
        interim=np.zeros(draws, dtype=np.bool_),
        office=np.zeros((2, draws), dtype=np.int64),
        memory=nothing_said(draws),
        standing=nothing_stands(draws),
        expires=np.full(draws, np.iinfo(np.int64).max),
        exit=none - 1,
        weight=np.ones((2, draws)),
        payoff=np.zeros((2, draws)),
        agreed_step=none - 1,
        agreed=np.full((len(layout.issues), draws), -1.0),
        share=np.full(draws, np.nan),
        conceded=np.full((2, draws), np.nan),
        distance=np.full(draws, np.nan),
        history=np.zeros((len(HISTORY), draws), dtype=np.int64),
        offers=none,
        zone=np.zeros((3, draws), dtype=np.bool_),
        surprise=none,
    )


def first_beliefs(layout: Layout, params: Params) -> tuple[F, F]:
    """Return the log masses (J, n) of what each side thinks of the other's types before it has seen anything."""
    one, two = (beliefs.prior(params.bias[other, : layout.axes(other)]) for other in (1, 0))
    return one, two


def first_trust(params: Params) -> F:
    """Return the rate of the other's breach (S, n) that each side believes in before it has seen any."""
    believed = params.reputation[::-1]
    return np.where(np.isnan(believed), params.trust, believed)


def plan_of(layout: Layout, params: Params, state: State, proposer: I) -> Plan:
    """Return what the sides have in mind from the world as it is in ``state``: candidates and declared terms."""
    fixed = declared_terms(layout, params)
    held = [held_out_for(layout, params, state, fixed, side) for side in (0, 1)]
    kept = candidates(layout, params, state)
    one, two = (
        described(layout, params, side, *_with_lines(layout, side, *kept[side], held[side].offers)) for side in (0, 1)
    )
    return Plan((one, two), fixed, proposer, state.office, np.stack([side.span for side in held]))


def held_out_for(layout: Layout, params: Params, state: State, fixed: tuple[Footing, ...], side: int) -> Ladder:
    """Return the offers of every step that ``side`` finds in the whole deal space; none where it does not search."""
    if not layout.strategies[side].searches:
        return Ladder(
            np.zeros((len(layout.issues), 0, params.type.shape[-1])), np.full((2, params.type.shape[-1]), np.nan)
        )
    own, _ = _group_values(layout, params, state, side)
    mean, _ = expectation.settled(side, layout, params, None, environment.drivers(state.x, state.fired))
    reservation = outlook.value_of_collapse(layout, params, fixed, side, mean)[TRUE]
    return holding_out.ladder(layout, params, side, own, reservation)


def terms_alone(layout: Layout, params: Params, state: State) -> Plan:
    """Return a plan that holds the declared terms and nothing else: enough to value deals and exits, cheap to make."""
    nothing: Any = [()] * len(Plan._fields)
    return Plan(*nothing)._replace(fixed=declared_terms(layout, params), office=state.office)


def declared_terms(layout: Layout, params: Params) -> tuple[Footing, ...]:
    """Return the footing of all terms that the scenario declares."""
    draws = params.type.shape[-1]
    return tuple(
        deals.footing(layout, params, np.repeat(np.array(terms)[:, None], draws, axis=1)) for terms in layout.fixed
    )


def nothing_said(draws: int) -> Memory:
    """Return the memory of a table at which nothing was said."""
    return Memory(np.full((2, draws), np.nan), np.full((2, 2, draws), np.nan), np.full((2, draws), -np.inf))


def nothing_stands(draws: int) -> F:
    """Return the offer that waits for its answer where none does (2, n)."""
    return np.stack([np.full(draws, -1.0), np.zeros(draws)])


def first_mover(layout: Layout, first: F) -> I:
    """Return the side (n,) that proposes at step 0; ``first`` (n,) are uniforms for where that is random."""
    return np.full(first.shape, layout.first) if layout.first >= 0 else (first >= 0.5).astype(np.int64)


def candidates(layout: Layout, params: Params, state: State) -> list[tuple[Levels, F | None]]:
    """Return the deals each side keeps in mind, levels (M, K, n) and which are joined to the next (K, n).

    They are its picture of the contract curve, and what helps at home.  Sides that see all there is keep the same
    deals, from opposite ends.
    """
    if layout.hull:
        return [deals.chain(*_group_values(layout, params, state, viewer)) for viewer in (0, 1)]
    leader = layout.leader
    level = _seen_by(layout, params, state, leader)
    if all(deals.sees_through(layout, params, viewer) for viewer in (0, 1)):
        others = np.ascontiguousarray(level[:, ::-1])
    else:
        others = _seen_by(layout, params, state, 1 - leader)
    levels = (level, others) if leader == 0 else (others, level)
    return [(rows, deals.joints(layout, rows)) for rows in levels]


def _seen_by(layout: Layout, params: Params, state: State, viewer: int) -> Levels:
    """Return the levels (M, K, n) of ``viewer``'s picture of the contract curve, and of what helps at home."""
    values = _group_values(layout, params, state, viewer)
    level = _curve(layout, viewer, values, layout.curve)
    if not any(layout.audiences):
        return level
    carried = _curve(layout, viewer, _supported(layout, params, viewer, values), layout.audience_points)
    return np.concatenate((level, carried) if viewer == layout.leader else (carried, level), axis=1)


def described(layout: Layout, params: Params, viewer: int, level: Levels, joined: F | None) -> Deals:
    """Return everything about candidates ``level`` (M, K, n) that does not move with the environment."""
    other = 1 - viewer
    at = deals.places(layout, level)
    clause = deals.clauses(layout, params, at)
    own = deals.casts_worth(layout, params, viewer, at) + outlook.answered(layout, params, viewer, clause)
    theirs = outlook.answered(layout, params, other, clause)
    seen = deals.seen_worth(layout, params, viewer, at) + theirs
    through = deals.sees_through(layout, params, viewer)
    truth = seen[TRUE].copy() if through else deals.cast_worth(params, other, TRUE, at) + theirs[TRUE]
    tilt = pricing.tilt(layout, params, viewer)
    return Deals(
        level=level if layout.continuous else level.astype(np.int16),
        own=own[TRUE].copy(),
        prior=pricing.middle(own) if tilt is None else pricing.at_coordinates(layout, viewer, own, tilt),
        seen=np.stack([pricing.middle(seen), *pricing.slopes(layout, other, seen)]),
        truth=truth,
        clause=tuple(rows.copy() if c in layout.weighed else rows[:0].copy() for c, rows in enumerate(clause)),
        part=deals.parts(layout, params, level),
        support=deals.support(layout, params, at),
        lasting=lasting(layout, params, level),
        joined=joined,
    )


def lasting(layout: Layout, params: Params, level: Levels) -> F:
    """Return the share of their value (S, K, n) that deals have while they last; no rows where they last for ever."""
    if layout.duration < 0:
        return np.zeros((0, *level.shape[1:]))
    steps = payoff.steps_of(layout, level)
    return np.stack([payoff.lasting(params, side, steps) for side in (0, 1)])


def _with_lines(layout: Layout, viewer: int, level: Levels, joined: F | None, found: Levels) -> tuple[Levels, F | None]:
    """Return candidates with those behind them that a script names, or ``found`` (M, T, n) in the whole deal space."""
    script = layout.strategies[viewer].script
    draws = level.shape[-1]
    if script:
        lines = np.array([layout.fixed[row] for row in script]).T
        found = np.broadcast_to(lines[:, :, None], (*lines.shape, draws))
    if not found.shape[1]:
        return level, joined
    behind = None if joined is None else np.concatenate([joined, np.zeros(found.shape[1:])])
    return np.concatenate([level, found], axis=1), behind


def _curve(layout: Layout, viewer: int, values: GroupValues, keep: int) -> Levels:
    """Return levels (M, keep, n) of the efficient deals as ``viewer`` sees them, worst for it first.

    Whoever looks, the deals kept are those seen from the leader's end: sides that see the same keep the same.
    """
    own, other = values
    leads = viewer == layout.leader
    draws = own[0].shape[-1]
    if deals.alike([*own, *other]):  # one curve for all of them
        own, other = ([table[:, :1] for table in tables] for tables in (own, other))
    curve = deals.merge(own, other, keep) if leads else deals.merge(other, own, keep)
    level = np.empty((len(layout.issues), *curve.own.shape), dtype=deals.counted_in(layout))
    for g, group in enumerate(layout.groups):
        table = np.array(group.combinations, dtype=deals.counted_in(layout))
        for place, issue in enumerate(group.issues):
            level[issue] = table[:, place][curve.row[g]]
    level = np.repeat(_padded(level, keep), draws // level.shape[-1], axis=-1)
    return level if leads else np.ascontiguousarray(level[:, ::-1])


def _padded(level: Levels, keep: int) -> Levels:
    if level.shape[1] >= keep:
        return level
    extra = np.repeat(level[:, -1:], keep - level.shape[1], axis=1)
    return np.concatenate([level, extra], axis=1)


def _group_values(layout: Layout, params: Params, state: State, viewer: int) -> GroupValues:
    """Return what each group's combinations are worth to the viewer and, as it sees it, to the other.

    Each group is valued with the other issues left out: their clauses and patrons belong to other groups.
    """
    other = 1 - viewer
    now = environment.drivers(state.x, state.fired)
    gains = []
    for side in (viewer, other):
        mean, later = expectation.settled(side, layout, params, None, now)
        gains.append(outlook.price_of_clauses(layout, params, side, mean, later)[0])
    weights = params.tastes.weight[viewer, :, TRUE], _middle_weight(layout, params, viewer)
    tables = {
        side: [_own_or_middle(values[side], middle=side == other) for values in params.tastes.value] for side in (0, 1)
    }
    mine: list[F] = []
    theirs: list[F] = []
    for group in layout.groups:
        at = _combinations(layout, group)
        clause = _clauses_inside(layout, params, at, group, now.shape[-1])
        for found, side, weight, gain in ((mine, viewer, weights[0], gains[0]), (theirs, other, weights[1], gains[1])):
            cast = pricing.middle if side == other else _true
            value = _issues_value(group, at, weight, tables[side])
            for c in layout.priced(side):
                value = value + clause[c] * cast(gain[c])
            value = value + cast(outlook.answered(layout, params, side, clause))
            if _leans_on(layout, side, group.issues):
                part = deals.parts(layout, params, at.level)
                value = value - deals.herfindahl(layout, params, side, part, now)
            found.append(value)
    return mine, theirs


def _true(rows: F) -> F:
    return rows[TRUE]


def _clauses_inside(layout: Layout, params: Params, at: deals.Places, group: Group, draws: int) -> F:
    """Return the clauses (C, combinations, n) that read issues of one group alone, 0 for all others."""
    clause = np.zeros((len(layout.clauses), len(group.combinations), draws))
    for c, rule in enumerate(layout.clauses):
        if rule.taste is None and set(rule.issues) <= set(group.issues):
            clause[c] = deals.holds(rule, params, at)
    return clause


def _issues_value(group: Group, at: deals.Places, weight: F, table: Sequence[F]) -> F:
    """Return the values (combinations, n) of a group's issues, for weights (M, n) and a table (L, n) for each issue."""
    value = np.zeros((len(group.combinations), weight.shape[-1]))
    for issue in group.issues:
        value = value + (weight[issue] * table[issue])[at.whole[issue][:, 0]]
    return value


def _supported(layout: Layout, params: Params, viewer: int, values: GroupValues) -> GroupValues:
    """Return the same values with those of the audiences added, which finds deals that are cheap to carry at home."""
    places = [(group, _combinations(layout, group)) for group in layout.groups]

    def added(side: int, values: list[F]) -> list[F]:
        if not layout.audiences[side]:
            return values
        table = deals.side_values(params.audience_value, side)
        support = [_issues_value(group, at, params.audience_weight[side], table) for group, at in places]
        return [value + more for value, more in zip(values, support, strict=True)]

    own, other = values
    return added(viewer, own), added(1 - viewer, other)


def _combinations(layout: Layout, group: Group) -> deals.Places:
    """Return where the combinations of a group stand in tables of values, all other issues at their first level."""
    level = np.zeros((len(layout.issues), len(group.combinations), 1))
    level[list(group.issues), :, 0] = np.array(group.combinations, dtype=np.float64).T
    return deals.places(layout, level)


def _leans_on(layout: Layout, side: int, issues: tuple[int, ...]) -> bool:
    return any(
        issue in issues for reliance in layout.reliances if reliance.side == side for _, issue, _, _ in reliance.terms
    )


def _own_or_middle(table: F, *, middle: bool) -> F:
    """Return one cast of a value table (L, casts, n): the true one, or the middle of the types."""
    return pricing.middle_of(table) if middle else table[:, TRUE]


def _middle_weight(layout: Layout, params: Params, viewer: int) -> F:
    return pricing.middle_of_casts(layout.casts, lambda cast: deals.perceived_weight(params, cast, viewer))
