"""Governments fall: a party is replaced by a successor with numbers of its own.

The move that brings a successor happens in one step; from the next step on the successor sits at the table.  It has its
own tastes, discounting, strategy numbers and private types; trust starts anew on both sides, what was learnt about the
predecessor is void, and both look for the contract curve again, in the world as it is then.  Terms in force stay, and
bind the successor as far as it wants to be bound.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.rules import deals
from sim.rules import start as starting
from sim.rules.heirs import succeeded
from sim.rules.layout import Layout
from sim.rules.trees import selected, take
from sim.rules.types import AGREEMENT, TALKS, B, I, Memory, Params, Plan, State


class Change(NamedTuple):
    """The draws in which a successor comes in, and what holds in them from now on."""

    draws: I  # (n',) which
    params: Params
    plan: Plan
    state: State


def take_office(layout: Layout, params: Params, plan: Plan, state: State) -> Change | None:
    """Return what becomes of the draws in which a successor's move has happened since the plan was made, if any."""
    if not any(layout.heirs):
        return None
    going = (state.status == TALKS) | (state.status == AGREEMENT)
    at = np.flatnonzero(going & (state.office != plan.office).any(axis=0))
    if not len(at):
        return None
    numbers, world = take((params, state), at)
    before = selected(plan, at)
    for side in (0, 1):
        for place, heir in enumerate(numbers.heirs[side]):
            new = (world.office[side] == place + 1) & (before.office[side] != place + 1)
            numbers = succeeded(layout, numbers, heir, side, new)
    begun = begin_anew(layout, numbers, world, world.office != before.office)
    return Change(at, numbers, starting.plan_of(layout, numbers, begun, before.first), begun)


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
