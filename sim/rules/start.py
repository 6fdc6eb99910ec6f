"""Before the first step: candidates, declared terms, and the state of the world."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.rules import beliefs, candidates, deals, environment, expectation, outlook
from sim.rules.layout import Layout
from sim.rules.strategies import holding_out
from sim.rules.strategies.holding_out import Ladder
from sim.rules.types import (
    HISTORY,
    TALKS,
    TRUE,
    F,
    Footing,
    I,
    Memory,
    Params,
    Plan,
    State,
)


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
    values = candidates.values(layout, params, state)
    held = [held_out_for(layout, params, state, fixed, side, values[side].own) for side in (0, 1)]
    kept = candidates.kept(layout, params, values)
    lines = [candidates.with_lines(layout, side, *kept[side], held[side].offers) for side in (0, 1)]
    one, two = (candidates.described(layout, params, side, *lines[side]) for side in (0, 1))
    return Plan((one, two), fixed, proposer, state.office, np.stack([side.span for side in held]))


def held_out_for(
    layout: Layout, params: Params, state: State, fixed: tuple[Footing, ...], side: int, own: tuple[F, ...]
) -> Ladder:
    """Return the offers of every step that ``side`` finds in the whole deal space; none where it does not search.

    ``own``: what each group's combinations are worth to it, (combinations, n).
    """
    if not layout.strategies[side].searches:
        return Ladder(
            np.zeros((len(layout.issues), 0, params.type.shape[-1])), np.full((2, params.type.shape[-1]), np.nan)
        )
    now, reverts = environment.drivers(state.x, state.fired), expectation.means(layout, params, None)
    mean, _ = expectation.settled(side, layout, params, None, now, reverts)
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
