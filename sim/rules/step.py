"""The whole game on one page: what happens in a step, in order.

Everyone decides from the step's snapshot; then what was decided applies in declared order.

1. The environment moves, and moves of third parties and principals happen.
2. A deal may lapse, be broken or be reopened.
3. One side offers, the other answers: it accepts, leaves or rejects.
4. An accepted deal goes to both audiences.
5. Both learn from the answer.
6. After a rejection talks may collapse; at the deadline they end.
"""

from __future__ import annotations

import numpy as np

from sim.rules import environment, initiative, keeping, look_ahead, outlook, regime, table
from sim.rules.layout import Layout
from sim.rules.outlook import Outlook
from sim.rules.regime import SUCCEEDED
from sim.rules.types import DEADLINE, TALKS, TRUE, B, F, Params, Plan, Record, Shocks, State, put, take


def step(t: int, layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks) -> tuple[State, Record]:
    """Return the state after step t and what happened in it, for every draw at once."""
    state = miss_deadline(t, layout, params, plan, state)
    drift = [environment.move_variable(v, layout, params, state, shock) for v in range(len(layout.variables))]
    state = settle_environment(state, drift)
    happened = [decide_move(m, t, layout, params, plan, state, shock) for m in range(len(layout.moves))]
    state, struck = carry_out(layout, params, plan, state, shock, happened)

    talking = state.status == TALKS
    breaks = [keeping.decide_breach(t, layout, params, plan, state, shock, side) for side in (0, 1)]
    pleas = [keeping.decide_reopening(t, layout, params, plan, state, shock, side) for side in (0, 1)]
    state, expired, breached, reopened = keeping.comply(t, layout, params, plan, state, shock, breaks, pleas)
    state = receive(layout, params, state, ~talking)

    record = table.silence(layout, table.proposer_of(t, layout, params, plan, shock), talking)
    at = np.flatnonzero(talking)
    if len(at) == len(talking):
        state, record = talk(t, layout, params, plan, state, shock)
    elif len(at):
        some = params._replace(heirs=((), ())), plan, state, shock
        state_, record_ = talk(t, layout, *take(some, at))
        state, record = put(state, at, state_), put(record, at, record_)
    return state, record._replace(
        moved=np.stack(happened) if happened else np.zeros((0, *talking.shape), dtype=np.bool_),
        breached=breached,
        reopened=reopened,
        collapsed=record.collapsed | struck,
        expired=expired,
    )


def talk(t: int, layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks) -> tuple[State, Record]:
    """Return the state after a step of talks and what happened in it, for draws that all talk."""
    ahead = outlook.outlook(t, layout, params, plan, state)
    one, two = (look_ahead.view(t, layout, params, plan, state, side, ahead) for side in (0, 1))
    views = one, two
    talking = np.ones(state.status.shape, dtype=np.bool_)
    retreats = [keeping.decide_retreat(layout, params, plan, state, side, ahead) for side in (0, 1)]
    state, revoked = keeping.fall_back(layout, params, plan, state, talking, retreats)
    proposer = table.proposer_of(t, layout, params, plan, shock)
    state, record = table.bargain(t, layout, params, plan, state, shock, proposer, ahead, views, talking)
    still = (state.status == TALKS) & (record.ratified < 0) & (revoked < 0)
    steps = [
        keeping.propose_interim(layout, params, state, side, ahead, views[side], still & (proposer == side))
        for side in (0, 1)
    ]
    replies = [keeping.answer_interim(layout, params, state, side, steps[1 - side], ahead) for side in (0, 1)]
    state, record = keeping.meet_halfway(layout, params, state, record, proposer, still, steps, replies)
    state, collapsed = endure(layout, params, plan, state, shock, ahead)
    threshold = np.stack([np.maximum(view.going_on, view.exit) for view in views])
    return state, record._replace(threshold=threshold, collapsed=collapsed, revoked=revoked)


def settle_environment(state: State, rows: list[F]) -> State:
    """Write the moved variables (X rows of (n,)) where the draw still goes on."""
    if not rows:
        return state
    going = regime.running(state)
    return state._replace(x=np.where(going, np.stack(rows), state.x))


def decide_move(move: int, t: int, layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks) -> B:
    """Tell in which draws (n,) ``move`` happens in step t."""
    if layout.moves[move].chosen:
        return initiative.chooses(move, t, layout, params, plan, state, shock.move[move])
    return shock.move[move] < environment.chance_of_move(move, t, layout, params, state)


def carry_out(
    layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks, happened: list[B]
) -> tuple[State, B]:
    """Apply the moves that happened, in declared order, and the collapses they bring; returns where."""
    struck = np.zeros(state.status.shape, dtype=np.bool_)
    if not happened:
        return state, struck
    before = state.office
    state = environment.apply_moves(happened, layout, params, state)
    state = state._replace(history=regime.count(state.history, SUCCEEDED, (state.office != before).any(axis=0)))
    for m, came in enumerate(happened):
        struck |= came & (shock.incident[m] < params.move[m, 1])
    struck = struck & regime.running(state)
    if not struck.any():
        return state, struck
    return regime.collapse(layout, plan, state, struck, outlook.ruin_at(layout, params, plan, state)), struck


def endure(layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks, ahead: Outlook) -> tuple[State, B]:
    """After a round without a deal talks may collapse; before that every draw receives this step's flow."""
    fallen = (state.status == TALKS) & (shock.collapse < ahead.hazard)
    state = receive(layout, params, state, np.ones_like(fallen))
    return (regime.collapse(layout, plan, state, fallen, regime.ruin_of(ahead)) if fallen.any() else state), fallen


def receive(layout: Layout, params: Params, state: State, where: B) -> State:
    """Give the draws ``where`` that go on the flow of this step."""
    going = regime.running(state) & where
    if not going.any():
        return state
    flow = np.stack([regime.flow_in_force(layout, params, state, side) for side in (0, 1)])
    discount = params.tastes.discount[:, TRUE]
    return state._replace(
        payoff=np.where(going, state.payoff + state.weight * (1.0 - discount) * flow, state.payoff),
        weight=np.where(going, state.weight * discount, state.weight),
    )


def miss_deadline(t: int, layout: Layout, params: Params, plan: Plan, state: State) -> State:
    """End the draws that still talk when the deadline has come."""
    if layout.deadline < 0 or t < layout.deadline:
        return state
    late = state.status == TALKS
    if not late.any():
        return state
    if not layout.deadline_collapses:
        now = environment.drivers(state.x, state.fired)
        talks, _ = environment.expected_chances(layout, params, state)
        value = np.stack([outlook.endless(layout, params, state, side, talks, now)[TRUE] for side in (0, 1)])
        return regime.finish(state, late, DEADLINE, value, state.footing)
    return regime.finish(
        state, late, DEADLINE, outlook.ruin_at(layout, params, plan, state), plan.fixed[layout.collapse]
    )


def close(t: int, layout: Layout, params: Params, plan: Plan, state: State) -> State:
    """End the window before step t: the last regime goes on for ever, and a deadline that has come is missed."""
    state = miss_deadline(t, layout, params, plan, state)
    flow = np.stack([regime.flow_in_force(layout, params, state, side) for side in (0, 1)])
    return state._replace(payoff=np.where(regime.running(state), state.payoff + state.weight * flow, state.payoff))
