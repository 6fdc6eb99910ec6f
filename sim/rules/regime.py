"""What holds in a draw: the regime it is in, the flow it pays, the terms in force, and how it ends."""

from __future__ import annotations

import numpy as np

from sim.rules import environment, payoff
from sim.rules.layout import Layout
from sim.rules.outlook import Outlook
from sim.rules.types import AGREEMENT, BREAKDOWN, HISTORY, TALKS, TRUE, B, F, Footing, I, Params, Plan, State

SIGNED, BREACHED, FAILED, REOPENED, EXPIRED, COLLAPSED, HALFWAY, REVOKED, SUCCEEDED, UNFORESEEN = range(len(HISTORY))
NEVER = np.iinfo(np.int64).max


def running(state: State) -> B:
    """Tell which draws still go on (n,)."""
    return (state.status == TALKS) | (state.status == AGREEMENT)


def at_rest(layout: Layout, state: State) -> B:
    """Tell in which draws (n,) time alone goes on: under a deal that binds, in a world that stands still."""
    return (state.status == AGREEMENT) & (layout.binding and layout.still)


def collapse(layout: Layout, plan: Plan, state: State, where: B, ruin: F) -> State:
    """End the draws ``where`` in breakdown, worth ``ruin`` (S, n) from this step on."""
    ended = finish(state, where, BREAKDOWN, ruin, plan.fixed[layout.collapse])
    return ended._replace(history=count(ended.history, COLLAPSED, where))


def ruin_of(ahead: Outlook) -> F:
    """Return what a collapse is worth to both (S, n) in this step."""
    return np.stack([prospect.collapse[TRUE] for prospect in ahead.path[0]])


def finish(state: State, where: B, status: int, value: F, foot: Footing) -> State:
    """End the draws ``where`` with a value (S, n) that holds for ever from this step on."""
    return state._replace(
        payoff=np.where(where, state.payoff + state.weight * np.where(where, value, 0.0), state.payoff),
        weight=np.where(where, 0.0, state.weight),
        status=np.where(where, status, state.status),
        footing=stand_on(where, foot, state.footing),
        interim=state.interim & ~where,
    )


def flows_in_force(layout: Layout, params: Params, state: State) -> F:
    """Return both sides' flows (S, n) in this step, by the status of each draw that goes on."""
    held, now = state.status == AGREEMENT, environment.Drivers(state)
    return np.stack([payoff.flow_in_force(layout, params, side, held, state.footing, now) for side in (0, 1)])


def stand_on(where: B, new: Footing, old: Footing) -> Footing:
    """Return the footing ``new`` where the condition holds, else ``old``."""
    return Footing(*(np.where(where, a, b) for a, b in zip(new, old, strict=True)))


def count(history: I, event: int, where: B) -> I:
    """Count an event where it happened."""
    history = history.copy()
    history[event] = history[event] + where
    return history
