"""The world around the table: state variables, communities, and moves of third parties and principals.

A variable reverts to its mean by the exact step of an Ornstein-Uhlenbeck process,

    x' = m + (x - m) exp(-k dt) + s sqrt((1 - exp(-2 k dt)) / (2 k)) z,

clipped to its bounds, where the mean m moves with terms in force, with moves that have happened and with other
variables.  A community is a variable whose mean is drawn towards the others' opinions (Friedkin & Johnsen 1990).
"""

from __future__ import annotations

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
        if layout.moves[move].ends:
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
