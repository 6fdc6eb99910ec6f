"""Governments fall: a party is replaced by a successor with numbers of its own.

The move that brings a successor happens in one step; from the next step on the successor sits at the table.  It has its
own tastes, discounting, strategy numbers and private types; trust starts anew on both sides, what was learnt about the
predecessor is void, and both look for the contract curve again, in the world as it is then.  Terms in force stay, and
bind the successor as far as it wants to be bound.
"""

from __future__ import annotations

import numpy as np

from sim.rules import deals
from sim.rules import start as starting
from sim.rules.layout import Layout
from sim.rules.types import AGREEMENT, TALKS, B, F, Memory, Params, Plan, State, Tastes, put, take

OF_A_SIDE = (
    *("type", "accuracy", "noise", "bias", "trust", "reputation", "after_breach", "learning", "reading", "breach"),
    *("reopening", "audience", "audience_weight", "audience_pull", "strategy", "accept"),
)


def take_office(layout: Layout, params: Params, plan: Plan, state: State) -> tuple[Params, Plan, State]:
    """Return numbers, plan and state with every successor in office whose move has happened since the plan was made."""
    if not any(layout.heirs):
        return params, plan, state
    going = (state.status == TALKS) | (state.status == AGREEMENT)
    changed = going & (state.office != plan.office).any(axis=0)
    if not changed.any():
        return params, plan, state
    at = np.flatnonzero(changed)
    some_params, some_plan, some_state = take((params, plan, state), at)
    numbers = some_params
    for side in (0, 1):
        for place, heir in enumerate(some_params.heirs[side]):
            new = (some_state.office[side] == place + 1) & (some_plan.office[side] != place + 1)
            numbers = succeeded(layout, numbers, heir, side, new)
    fresh = some_state.office != some_plan.office
    begun = begin_anew(layout, numbers, some_state, fresh)
    remade = starting.plan_of(layout, numbers, begun, some_plan.first)
    return (
        put(params, at, numbers, some_params),
        put(plan, at, remade, some_plan),
        put(state, at, begun, some_state),
    )


def begin_anew(layout: Layout, params: Params, state: State, fresh: B) -> State:
    """Return the state with trust, beliefs and memory as at a first meeting where a side is new (S, n)."""
    either = fresh[0] | fresh[1]
    blank = starting.nothing_said(either.shape[0])
    one, two = (
        np.where(either, new, old)
        for new, old in zip(starting.first_beliefs(layout, params), state.belief, strict=True)
    )
    return state._replace(
        belief=(one, two),
        distrust=np.where(either, starting.first_trust(params), state.distrust),
        memory=Memory(*(np.where(either, new, old) for new, old in zip(blank, state.memory, strict=True))),
        standing=np.where(either, starting.nothing_stands(either.shape[0]), state.standing),
        footing=deals.footing(layout, params, state.footing.level),
    )


def succeeded(layout: Layout, params: Params, heir: Params, side: int, where: B) -> Params:
    """Return the numbers with those of ``side`` taken from its heir in the draws ``where``."""

    def of_side(old: F, new: F) -> F:
        changed = old.copy()
        changed[side] = np.where(where, new[side], old[side])
        return changed

    def of_rows(old: F, new: F, rows: list[int]) -> F:
        changed = old.copy()
        for row in rows:
            changed[row] = np.where(where, new[row], old[row])
        return changed

    tastes, theirs = params.tastes, heir.tastes
    effects = [row for row, effect in enumerate(layout.effects) if effect.side == side]
    lumps = [row for row, lump in enumerate(layout.lumps) if lump.bearer == side]
    exits = tastes.exit.copy()
    exits[:, side] = np.where(where, theirs.exit[:, side], tastes.exit[:, side])
    return params._replace(
        tastes=Tastes(
            discount=of_side(tastes.discount, theirs.discount),
            weight=of_side(tastes.weight, theirs.weight),
            value=tuple(of_side(old, new) for old, new in zip(tastes.value, theirs.value, strict=True)),
            effect=of_rows(tastes.effect, theirs.effect, effects),
            status_quo=of_side(tastes.status_quo, theirs.status_quo),
            exit=exits,
            breakdown=of_side(tastes.breakdown, theirs.breakdown),
            threshold=of_side(tastes.threshold, theirs.threshold),
            lump=of_rows(tastes.lump, theirs.lump, lumps),
        ),
        reliance=of_rows(params.reliance, heir.reliance, [r for r, e in enumerate(layout.reliances) if e.side == side]),
        audience_value=tuple(
            of_side(old, new) for old, new in zip(params.audience_value, heir.audience_value, strict=True)
        ),
    )._replace(**{name: of_side(getattr(params, name), getattr(heir, name)) for name in OF_A_SIDE})  # type: ignore[arg-type]
