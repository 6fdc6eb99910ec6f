"""The world around the table: state variables, communities, and moves of third parties and principals.

A variable reverts to its mean by the exact step of an Ornstein-Uhlenbeck process,

    x' = m + (x - m) exp(-k dt) + s sqrt((1 - exp(-2 k dt)) / (2 k)) z,

clipped to its bounds, where the mean m moves with terms in force, with moves that have happened and with other
variables.  A community is a variable whose mean is drawn towards the others' opinions (Friedkin & Johnsen 1990).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from sim.rules.layout import Layout, Move
from sim.rules.types import AGREEMENT, TALKS, B, F, I, Params, Shocks, State


def drivers(x: F, fired: F) -> F:
    """Return what effects may hang on: the variables, then 1 for each move that has happened; (X + V, n)."""
    return np.concatenate([x, np.minimum(fired, 1.0)])


class Drivers:
    """The drivers of a state, row by row, for rules that read few of them."""

    def __init__(self, state: State) -> None:
        self.x, self.fired = state.x, state.fired

    def __getitem__(self, row: int) -> F:
        """Return one row (n,) of ``drivers``."""
        count = len(self.x)
        return self.x[row] if row < count else np.minimum(self.fired[row - count], 1.0)


def mean(layout: Layout, params: Params, variable: int, now: F | Drivers, clause: F | None) -> F:
    """Return the mean (n,) that ``variable`` reverts to, given drivers (D, n) and the clauses of the terms (C, n).

    Without ``clause`` the shifts that hang on terms are left out.
    """
    level = params.variable[variable, 1]
    for row, shift in enumerate(layout.shifts):
        if shift.variable != variable or (clause is None and shift.clause >= 0):
            continue
        by = params.shift[row]
        if shift.driver >= 0:
            by = by * now[shift.driver]
        if shift.clause >= 0 and clause is not None:
            by = by * clause[shift.clause]
        level = level + by
    return level


def move_variable(variable: int, layout: Layout, params: Params, state: State, shock: Shocks) -> F:
    """Return the next value (n,) of one variable or community, from the step's snapshot."""
    low, high = layout.bounds[variable]
    target = mean(layout, params, variable, Drivers(state), state.footing.clause)
    decay, noise = params.variable[variable, 2], params.variable[variable, 3]
    moved = target + (state.x[variable] - target) * decay + noise * shock.variable[variable]
    return np.clip(moved, low, high)


def chance_of_move(move: int, t: int, layout: Layout, params: Params, state: State) -> F:
    """Return the chance (n,) that ``move`` happens in step t: ``1 - exp(-rate exp(effects) dt)``, or on its date.

    Zero while one of its conditions (status, dates, terms, what else happened) does not hold.
    """
    able = can_happen(move, t, layout, state)
    return np.where(able, raw_chance(move, layout, params, Drivers(state)), 0.0)


def can_happen(move: int, t: int, layout: Layout, state: State) -> B:
    """Tell where (n,) the conditions of a move hold in step t."""
    rule = layout.moves[move]
    if not dated(rule, t):
        return np.zeros(state.status.shape, dtype=np.bool_)
    talks, agreement = rule.phases
    able: B = ((state.status == TALKS) & talks) | ((state.status == AGREEMENT) & agreement)
    for earlier in rule.after:
        able = able & (state.fired[earlier] > 0)
    for earlier in rule.unless:
        able = able & (state.fired[earlier] == 0)
    if not rule.repeats:
        able = able & (state.fired[move] == 0)
    if rule.clause >= 0:
        able = able & (state.footing.clause[rule.clause] > 0)
    return able


def dated(rule: Move, t: int) -> bool:
    """Tell whether step t lies within the dates of a move."""
    if rule.on_step >= 0:
        return t == rule.on_step
    return rule.from_step <= t < rule.until_step


def raw_chance(move: int, layout: Layout, params: Params, now: F | Drivers) -> F:
    """Return the chance (n,) of a move per step where its conditions hold, given drivers (D, n)."""
    rate = params.move[move, 0]
    if layout.moves[move].on_step >= 0:
        return rate
    if layout.moves[move].chosen:
        return np.zeros_like(rate)  # nobody reckons with what another may choose to do
    log_factor = np.zeros(rate.shape)
    for row in layout.rate_effects[move]:
        driver = layout.effects[row].driver
        term = params.tastes.effect[row, 0]
        log_factor = log_factor + (term * now[driver] if driver >= 0 else term)
    return -np.expm1(-rate * np.exp(np.clip(log_factor, -50.0, 50.0)) * layout.step_years)


def hazard(layout: Layout, params: Params, now: F) -> F:
    """Return the chance (n,) that talks collapse after a rejection, given drivers (D, n)."""
    if layout.hazard_per_rejection:
        return params.hazard
    log_factor = np.zeros(params.hazard.shape)
    for row, effect in enumerate(layout.effects):
        if effect.on == "breakdown":
            term = params.tastes.effect[row, 0]
            log_factor = log_factor + (term * now[effect.driver] if effect.driver >= 0 else term)
    return -np.expm1(-params.hazard * np.exp(np.clip(log_factor, -50.0, 50.0)) * layout.step_years)


def risk(layout: Layout, params: Params, now: F, chance: list[F]) -> F:
    """Return the chance (n,) that a round without a deal is the last: talks collapse, or a move ends them.

    ``1 - (1 - h) prod_m (1 - p_m c_m)`` for moves that happen with chance p and end talks with chance c.
    """
    safe = 1.0 - hazard(layout, params, now)
    for move, p in enumerate(chance):
        safe = safe * (1.0 - p * params.move[move, 1])
    return 1.0 - safe


def apply_moves(happened: list[B], layout: Layout, params: Params, state: State) -> State:
    """Return the state after moves happened in the draws ``happened`` (n,) each: jumps, lumps, doubts, in order."""
    x, payoff, distrust, fired = (array.copy() for array in (state.x, state.payoff, state.distrust, state.fired))
    for move, (came, rule) in enumerate(zip(happened, layout.moves, strict=True)):
        for variable, row in rule.jumps:
            low, high = layout.bounds[variable]
            moved = np.minimum(np.maximum(x[variable] + params.jump[row], low), high)
            x[variable] = np.where(came, moved, x[variable])
        for side, row in rule.lumps:
            amount = params.move_lump[row] * (1.0 - params.tastes.discount[side, 0]) / layout.step_years
            payoff[side] += np.where(came, state.weight[side] * amount, 0.0)
        for side, row in rule.doubts:
            distrust[side] = np.where(came, distrust[side] * params.doubt[row], distrust[side])
        fired[move] += came
    office = state.office
    if any(layout.heirs):
        office = np.stack([in_office(side, happened, layout, state) for side in (0, 1)])
    return state._replace(x=x, payoff=payoff, distrust=distrust, fired=fired, office=office)


def in_office(side: int, happened: list[B], layout: Layout, state: State) -> I:
    """Return who holds the office of ``side`` (n,): 0 the party itself, k its k-th successor; the last move counts."""
    holder = state.office[side]
    for place, move in enumerate(layout.heirs[side]):
        holder = np.where(happened[move] & (holder != place + 1), place + 1, holder)
    return holder


class Branch(NamedTuple):
    """One way in which what is pivotal may go: which moves happen, and which end of their range variables go to."""

    happens: tuple[tuple[int, bool], ...]  # (move, it happens)
    drifts: tuple[tuple[int, float], ...]  # (variable, -1 or 1 standard deviation)


def branches(layout: Layout) -> list[Branch]:
    """Return every combination of ways in which the pivotal moves and variables may go."""
    moves = [m for m, rule in enumerate(layout.moves) if rule.pivotal]
    return [
        Branch(tuple(zip(moves, ways, strict=True)), tuple(zip(layout.pivots, ends, strict=True)))
        for ways in product((False, True), repeat=len(moves))
        for ends in product((-1.0, 1.0), repeat=len(layout.pivots))
    ]


def chance_of_branch(branch: Branch, steps: int, t: int, layout: Layout, state: State, chance: list[F]) -> F:
    """Return the chance (n,) of a branch: of each move to happen, or not, within ``steps``; one half for each end."""
    likely = np.full(state.status.shape, 0.5 ** len(branch.drifts))
    for move, happens in branch.happens:
        within = expected_within(move, steps, t, layout, state, chance)
        likely = likely * (within if happens else 1.0 - within)
    return likely


def expected_within(move: int, steps: int, t: int, layout: Layout, state: State, chance: list[F]) -> F:
    """Return the chance (n,) that a move happens within ``steps``, ``1 - (1-p)^k``; 0 once it has happened."""
    fired = np.minimum(state.fired[move], 1.0)
    for ahead in range(t + 1, t + steps + 1):
        if dated(layout.moves[move], ahead):
            fired = fired + chance[move] * (1.0 - fired)
    return fired - np.minimum(state.fired[move], 1.0)


def forecast(
    steps: int,
    t: int,
    layout: Layout,
    params: Params,
    state: State,
    chance: list[F],
    clause: F | None,
    ways: tuple[Branch, ...] = (),
) -> list[F]:
    """Return the expected drivers (D, n) of steps t, t+1, ..., t+steps while talks go on.

    Only variables that payoffs hang on are moved on; the others stay as they are now.
    ``chance``: of each move per step (n,), held at what it is now; dates are respected.  With B branches ``ways`` the
    columns are B copies of the draws, one copy along each branch: the path is the one expected if a pivotal move
    happens within these steps, or if it does not; a pivotal variable lies a standard deviation from its path, so that
    the mean over branches is the path without them, bounds aside.
    """
    count = len(layout.variables)
    now = drivers(state.x, state.fired)
    rows = list(layout.foreseen)
    low, high = _foreseen_bounds(layout)
    decay = params.variable[rows, 2]
    rest, moving = _means(layout, params, clause)
    able = np.stack(chance) if chance else np.zeros((0, now.shape[1]))
    jumps = [(m, rows.index(v), row) for m, r in enumerate(layout.moves) for v, row in r.jumps if v in layout.foreseen]
    path = [now]
    x, fired = now[rows], now[count:]
    given = _given(ways, steps, t, layout, state, chance)
    aside = {rows.index(v): (end, np.zeros(now.shape[1])) for v, end in _ends(ways, now.shape[1]) if v in rows}
    seen = fired
    for ahead in range(t + 1, t + steps + 1):
        target = rest.copy()
        for place, driver, by in moving:
            target[place] += by * now[driver]
        in_time = np.array([dated(rule, ahead) for rule in layout.moves], dtype=np.float64).reshape(-1, 1)
        came = able * (in_time - fired * in_time)
        fired = fired + came
        if given is not None:
            came = came * given
        x = target + (x - target) * decay
        for m, place, row in jumps:
            x[place] += came[m] * params.jump[row]
        for place, (end, spread) in aside.items():
            wider = np.sqrt(
                (decay[place] * spread) ** np.full_like(spread, 2.0)
                + params.variable[rows[place], 3] ** np.full_like(spread, 2.0)
            )
            x[place] += end * (wider - decay[place] * spread)
            aside[place] = end, wider
        x = np.clip(x, low, high)
        seen = seen + came
        now = now.copy()
        now[rows], now[count:] = x, seen
        path.append(now)
    return path


def _given(ways: tuple[Branch, ...], steps: int, t: int, layout: Layout, state: State, chance: list[F]) -> F | None:
    """Return the factor (V, n) on each move's chance to come in a step, given what its copy's branch says of it."""
    if not ways:
        return None
    factor = np.ones((len(layout.moves), state.status.shape[0]))
    for move in dict(ways[0].happens):
        within = expected_within(move, steps, t, layout, state, chance)
        sure = np.where(within > 0.0, 1.0 / np.where(within > 0.0, within, 1.0), 0.0)
        happens = [dict(branch.happens)[move] for branch in ways]
        factor[move] = np.where(_by_copy(happens, sure.shape[0]), sure, 0.0)
    return factor


def _ends(ways: tuple[Branch, ...], draws: int) -> list[tuple[int, F]]:
    """Return each pivotal variable with the end (n,) it goes to in every copy."""
    variables = dict(ways[0].drifts) if ways else {}
    return [(v, _by_copy([dict(branch.drifts)[v] for branch in ways], draws)) for v in variables]


def _by_copy(values: Sequence[float], draws: int) -> F:
    """Return one value for each of ``draws`` columns that are copies of fewer, copy after copy."""
    return np.repeat(np.asarray(values), draws // len(values))


def _foreseen_bounds(layout: Layout) -> tuple[F, F]:
    """Return the bounds of the foreseen variables, (R, 1) each."""
    low, high = np.array([layout.bounds[v] for v in layout.foreseen]).reshape(-1, 2).T[:, :, None]
    return low, high


def _means(layout: Layout, params: Params, clause: F | None) -> tuple[F, list[tuple[int, int, F]]]:
    """Return what of the foreseen means (R, n) stands still, and what moves: (place, driver, coefficient (n,))."""
    rest = params.variable[list(layout.foreseen), 1]
    moving = []
    for row, shift in enumerate(layout.shifts):
        if shift.variable not in layout.foreseen or (clause is None and shift.clause >= 0):
            continue
        place = layout.foreseen.index(shift.variable)
        by = params.shift[row]
        if shift.clause >= 0 and clause is not None:
            by = by * clause[shift.clause]
        if shift.driver < 0:
            rest[place] += by
        else:
            moving.append((place, shift.driver, by))
    return rest, moving


def expected_chances(layout: Layout, params: Params, state: State) -> tuple[list[F], list[F]]:
    """Return the chance per step (n,) of each move while talks go on, and under a deal whose terms allow it."""
    now = drivers(state.x, state.fired)
    talks, agreement = [], []
    for m, rule in enumerate(layout.moves):
        able = np.ones(now.shape[-1:], dtype=np.bool_)
        for earlier in rule.after:
            able = able & (state.fired[earlier] > 0)
        for earlier in rule.unless:
            able = able & (state.fired[earlier] == 0)
        chance = np.where(able, raw_chance(m, layout, params, now), 0.0)
        here = chance if rule.clause < 0 else chance * (state.footing.clause[rule.clause] > 0)
        none = np.zeros_like(chance)
        talks.append(here if rule.phases[0] else none)
        agreement.append(chance if rule.phases[1] else none)
    return talks, agreement


def coming(side: int, layout: Layout, params: Params, chance: list[F] | None, now: F) -> F:
    """Return what moves may still add to their drivers (V, n), in discounted mean; none without chances."""
    count = len(layout.variables)
    patience = params.tastes.discount[side, 0]
    later = np.zeros((len(layout.moves), now.shape[-1]))
    for m, rule in enumerate(layout.moves):
        if rule.on_step < 0 and chance is not None and m in layout.awaited:
            p = chance[m]
            later[m] = (1.0 - now[count + m]) * patience * p / np.maximum(1.0 - patience * (1.0 - p), 1e-12)
    return later


def settled(
    side: int, layout: Layout, params: Params, chance: list[F] | None, now: F, clause: F | None = None
) -> tuple[F, F]:
    """Return the discounted mean of the drivers from ``now`` (D, n) on, and of what moves would add under a deal.

    For a variable the mean over time of ``m + (x - m) k^s`` with weights ``(1-d) d^s`` is
    ``m + (x - m)(1-d)/(1-d k)``; for a move of chance p it is ``f + (1-f) d p / (1 - d (1-p))``.  The second array
    (V, n) holds the second part alone, which counts only for deals whose terms let the move happen.  Without chances
    no move is expected any more.
    """
    count = len(layout.variables)
    patience = params.tastes.discount[side, 0]
    later = coming(side, layout, params, chance, now)
    ahead = now.copy()
    for m, rule in enumerate(layout.moves):
        if rule.clause < 0 and chance is not None:
            ahead[count + m] = now[count + m] + later[m]
    rows = list(layout.foreseen)
    if not rows:
        return ahead, later
    target, moving = _means(layout, params, clause)
    for place, driver, by in moving:
        target[place] += by * ahead[driver]
    decay = params.variable[rows, 2]
    share = (1.0 - patience) / np.maximum(1.0 - patience * decay, 1e-12)
    share = np.where(patience >= 1.0, np.where(decay >= 1.0, 1.0, 0.0), share)
    low, high = _foreseen_bounds(layout)
    ahead[rows] = np.clip(target + (now[rows] - target) * share, low, high)
    return ahead, later


def kept_up(
    side: int,
    layout: Layout,
    params: Params,
    chance: list[F],
    talks: list[F],
    deal: list[F],
    nodes: tuple[int, ...],
) -> list[F]:
    """Return the discounted mean of the drivers (D, n) under a deal signed at each node of the path ``talks``.

    Along ``deal`` the mean obeys ``M_t = (1-d) D_t + d M_{t+1}``; where talks have led elsewhere by then, what differs
    decays, at a weight of ``(1-d)/(1-d k)``.  Only drivers that payoffs hang on are worked out.
    """
    count = len(layout.variables)
    patience = params.tastes.discount[side, 0]
    rows = layout.watched
    means = {nodes[-1]: settled(side, layout, params, chance, deal[-1])[0][rows]}
    now = means[nodes[-1]]
    for step in range(nodes[-1] - 1, -1, -1):
        now = (1.0 - patience) * deal[step][rows] + patience * now
        if step in nodes:
            means[step] = now
    decay = np.ones((len(rows), patience.shape[0]))
    for place, row in enumerate(rows):
        decay[place] = params.variable[row, 2] if row < count else _lasting(layout, chance, row - count)
    share = np.where(patience * decay < 1.0, (1.0 - patience) / np.maximum(1.0 - patience * decay, 1e-12), 1.0)
    found = []
    for node in nodes:
        mean_ = talks[node].copy()
        mean_[rows] = means[node] + (talks[node][rows] - deal[node][rows]) * share
        found.append(mean_)
    return found


def _lasting(layout: Layout, chance: list[F], move: int) -> F:
    """Return how much of a difference in what a move has done is left after a step (n,)."""
    return np.ones_like(chance[move]) if layout.moves[move].on_step >= 0 else 1.0 - chance[move]
