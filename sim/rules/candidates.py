"""The deals that each side keeps in mind: its picture of the contract curve, and what is cheap to carry at home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.rules import deals, environment, expectation, outlook, payoff, pricing
from sim.rules.layout import Group, Layout
from sim.rules.trees import join, leading
from sim.rules.types import TRUE, Deals, F, Levels, Params, State

Picture = tuple[tuple[F, ...], tuple[F, ...]]  # of each group's combinations: worth to the leader, to the other


class Values(NamedTuple):
    """What the combinations of each group of issues are worth (combinations, n), as one side sees it."""

    own: tuple[F, ...]  # to itself
    other: tuple[F, ...]  # to the other


def values(layout: Layout, params: Params, state: State) -> tuple[Values, Values]:
    """Return what each group's combinations are worth, as both sides see it in the world as it is in ``state``.

    Each group is valued with the other issues left out: their clauses and patrons belong to other groups.
    """
    now = environment.drivers(state.x, state.fired)
    reverts = expectation.means(layout, params, None)
    settled = [expectation.settled(side, layout, params, None, now, reverts) for side in (0, 1)]
    gains = [outlook.price_of_clauses(layout, params, side, *settled[side])[0] for side in (0, 1)]
    sights = [[_sight(layout, params, viewer, side) for side in (0, 1)] for viewer in (0, 1)]
    found: dict[tuple[int, int], list[F]] = {(viewer, side): [] for viewer in (0, 1) for side in (0, 1)}
    for group in layout.groups:
        at = _combinations(layout, group)
        clause = _clauses_inside(layout, params, at, group, now.shape[-1])
        for side in (0, 1):
            answered = outlook.answered(layout, params, side, clause)
            leaning = None
            if _leans_on(layout, side, group.issues):
                leaning = deals.herfindahl(layout, params, side, deals.parts(layout, params, at.level), now)
            for viewer in (0, 1):
                cast = _true if viewer == side else pricing.middle
                value = _issues_value(group, at, *sights[viewer][side])
                for c in layout.priced(side):
                    value = value + clause[c] * cast(gains[side][c])
                value = value + cast(answered)
                found[viewer, side].append(value if leaning is None else value - leaning)
    one, two = (Values(tuple(found[viewer, viewer]), tuple(found[viewer, 1 - viewer])) for viewer in (0, 1))
    return one, two


def kept(layout: Layout, params: Params, seen: tuple[Values, Values]) -> list[tuple[Levels, F | None]]:
    """Return the deals each side keeps in mind: levels (M, K, n), worst for it first, and the joints (K, n) of each.

    Whoever looks, the deals kept of many are those seen from the leader's end: sides that see all there is keep the
    same deals, from opposite ends.
    """
    if layout.hull:
        return [deals.chain(*side) for side in seen]
    lead, follow = layout.leader, 1 - layout.leader
    pictures = [(seen[lead].own, seen[lead].other)]  # worth to the leader, and to the other
    if not all(deals.sees_through(layout, params, viewer) for viewer in (0, 1)):
        pictures.append((seen[follow].other, seen[follow].own))
    level = _curves(layout, pictures, layout.curve)
    if any(layout.audiences):
        backing = [_backing(layout, params, side) for side in (lead, follow)]
        backed = [(_sums(one, backing[0]), _sums(two, backing[1])) for one, two in pictures]
        carried = _curves(layout, backed, layout.audience_points)
        level = [np.concatenate(rows, axis=1) for rows in zip(level, carried, strict=True)]
    found = level[0], np.ascontiguousarray(level[-1][:, ::-1])
    return [(rows, deals.joints(layout, rows)) for rows in (found if lead == 0 else found[::-1])]


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
    prior = own[TRUE][:0].copy()
    if layout.private_deals[viewer]:
        tilt = pricing.tilt(layout, params, viewer)
        prior = pricing.middle(own) if tilt is None else pricing.at_coordinates(layout, viewer, own, tilt)
    return Deals(
        level=level if layout.continuous else level.astype(np.int16),
        own=own[TRUE].copy(),
        prior=prior,
        seen=np.stack([pricing.middle(seen), *pricing.slopes(layout, other, seen)]),
        truth=truth,
        clause=tuple(_marked(layout, c, rows if c in layout.weighed else rows[:0]) for c, rows in enumerate(clause)),
        part=deals.parts(layout, params, level),
        support=deals.support(layout, params, at) if any(layout.audiences) else np.zeros((0, *level.shape[1:])),
        lasting=lasting(layout, params, level),
        joined=joined,
    )


def _marked(layout: Layout, clause: int, rows: F) -> NDArray[Any]:
    """Return how far a clause holds (K, n), in as few bytes as say so."""
    return rows.astype(np.int8 if layout.clauses[clause].taste is None else np.float64)


def lasting(layout: Layout, params: Params, level: Levels) -> F:
    """Return the share of their value (S, K, n) that deals have while they last; no rows where they last for ever."""
    if layout.duration < 0:
        return np.zeros((0, *level.shape[1:]))
    steps = payoff.steps_of(layout, level)
    return np.stack([payoff.lasting(params, side, steps) for side in (0, 1)])


def with_lines(layout: Layout, viewer: int, level: Levels, joined: F | None, found: Levels) -> tuple[Levels, F | None]:
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


def _curves(layout: Layout, pictures: Sequence[Picture], keep: int) -> list[Levels]:
    """Return levels (M, keep, n) of the efficient deals of each picture, worst for the leader first.

    Pictures of few draws are merged together, which saves calls; those of many one by one, which saves memory.
    """
    draws = pictures[0][0][0].shape[-1]
    if draws >= deals.AT_ONCE and len(pictures) > 1:
        return [level for picture in pictures for level in _curves(layout, [picture], keep)]
    narrow = [leading(picture, 1) if deals.alike([*picture[0], *picture[1]]) else picture for picture in pictures]
    own, other = join(narrow)  # where all draws share a picture there is one curve for all of them
    curve = deals.merge(own, other, keep)
    level = np.empty((len(layout.issues), *curve.shape[1:]), dtype=deals.counted_in(layout))
    for g, group in enumerate(layout.groups):
        table = np.array(group.combinations, dtype=deals.counted_in(layout))
        for place, issue in enumerate(group.issues):
            level[issue] = table[:, place][curve[g]]
    ends = np.cumsum([picture[0][0].shape[-1] for picture in narrow])[:-1]
    parts = np.split(_padded(level, keep), ends, axis=-1)
    return [part if part.shape[-1] == draws else np.repeat(part, draws, axis=-1) for part in parts]


def _padded(level: Levels, keep: int) -> Levels:
    if level.shape[1] >= keep:
        return level
    extra = np.repeat(level[:, -1:], keep - level.shape[1], axis=1)
    return np.concatenate([level, extra], axis=1)


def _sight(layout: Layout, params: Params, viewer: int, side: int) -> tuple[F, list[F]]:
    """Return the weights (M, n) and tables of values (L, n) of ``side`` as ``viewer`` sees them: its own are true."""
    tastes = params.tastes
    if viewer == side:
        return tastes.weight[side, :, TRUE], [table[side][:, TRUE] for table in tastes.value]
    weight = pricing.middle_of_casts(layout.casts, lambda cast: deals.perceived_weight(params, cast, viewer))
    return weight, [pricing.middle_of(table[side]) for table in tastes.value]


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


def _backing(layout: Layout, params: Params, side: int) -> tuple[F, ...] | None:
    """Return the support of each group's combinations (combinations, n) at home; None without an audience."""
    if not layout.audiences[side]:
        return None
    table = deals.side_values(params.audience_value, side)
    weight = params.audience_weight[side]
    return tuple(_issues_value(group, _combinations(layout, group), weight, table) for group in layout.groups)


def _sums(worth: tuple[F, ...], more: tuple[F, ...] | None) -> tuple[F, ...]:
    return worth if more is None else tuple(value + added for value, added in zip(worth, more, strict=True))


def _combinations(layout: Layout, group: Group) -> deals.Places:
    """Return where the combinations of a group stand in tables of values, all other issues at their first level."""
    level = np.zeros((len(layout.issues), len(group.combinations), 1))
    level[list(group.issues), :, 0] = np.array(group.combinations, dtype=np.float64).T
    return deals.places(layout, level)


def _leans_on(layout: Layout, side: int, issues: tuple[int, ...]) -> bool:
    return any(
        issue in issues for reliance in layout.reliances if reliance.side == side for _, issue, _, _ in reliance.terms
    )
