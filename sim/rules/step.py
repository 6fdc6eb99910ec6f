"""The whole game on one page: what happens in a step, in order.

Everyone decides from the step's snapshot; then what was decided applies in declared order.

1. The environment moves, and moves of third parties and principals happen.
2. A deal may lapse, be broken or be reopened.
3. One side offers, the other answers: it accepts, leaves or rejects.
4. An accepted deal goes to both audiences.
5. Both learn from the answer, and from the offer.
6. After a rejection talks may collapse; at the deadline they end.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sim.rules import environment, expectation, initiative, keeping, look_ahead, outlook, regime, table
from sim.rules.layout import Layout
from sim.rules.look_ahead import Worths
from sim.rules.outlook import Outlook
from sim.rules.regime import SUCCEEDED
from sim.rules.trees import Draws, join, leading, put, selected, take
from sim.rules.types import AGREEMENT, DEADLINE, TALKS, TRUE, B, F, Params, Plan, Record, Shocks, State

AT_ONCE = 4096  # draws that look at rounds to come together: at first more would do so than are worth their memory


def step(t: int, layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks) -> tuple[State, Record]:
    """Return the state after step t and what happened in it, for every draw at once."""
    state = miss_deadline(t, layout, params, plan, state)
    drift = [environment.move_variable(v, layout, params, state, shock) for v in range(len(layout.variables))]
    state = settle_environment(state, drift)
    happened = [decide_move(m, t, layout, params, plan, state, shock) for m in range(len(layout.moves))]
    state, struck = carry_out(layout, params, plan, state, shock, happened)

    talking = state.status == TALKS
    breaks = break_promises(t, layout, params, plan, state, shock)
    foresight = look(t, layout, params, plan, state, shock)
    pleas = plead(t, layout, shock, foresight)
    state, expired, breached, reopened = keeping.comply(t, layout, params, plan, state, shock, breaks, pleas)
    state = receive(layout, params, state, ~talking)

    record = table.silence(layout, table.proposer_of(t, layout, params, plan, shock), talking)
    if foresight is not None and talking.all():
        state, record = talk(t, layout, params, plan, state, shock, foresight)
    elif foresight is not None and talking.any():
        seen = foresight.of_the_first(int(talking.sum()))  # of these nothing has changed since
        after, said = talk(t, layout, seen.params, seen.plan, seen.state, selected(shock, seen.draws), seen)
        state, record = put(state, seen.draws, after, seen.state), put(record, seen.draws, said)
    return state, record._replace(
        moved=np.stack(happened) if happened else np.zeros((0, *talking.shape), dtype=np.bool_),
        breached=breached,
        reopened=reopened,
        collapsed=record.collapsed | struck,
        expired=expired,
    )


class Foresight(NamedTuple):
    """What both sides expect, in the draws in which one of them must look ahead: first those in which they talk."""

    draws: Draws  # which
    params: Params  # of these draws, as all that follows
    plan: Plan
    state: State
    ahead: Outlook  # of now alone
    worths: tuple[Worths, Worths]  # what going on is worth, by side; nan where a side has nothing to decide

    def of_the_first(self, count: int) -> Foresight:
        """Return what is expected in the first ``count`` of these draws."""
        return leading(self, count)


def break_promises(t: int, layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks) -> list[B]:
    """Tell in which draws (n,) each side breaks its promise; only where its lot leaves that open is it worked out."""
    open_ = [keeping.tempted(layout, state, shock, side) for side in (0, 1)]
    at = np.flatnonzero(open_[0] | open_[1])
    if not len(at):
        return open_
    some = selected(params, at), selected(plan, at), selected(state, at), selected(shock, at)
    ahead = outlook.of_today(t, layout, *some[:3])
    found = [keeping.decide_breach(t, layout, *some, side, ahead) for side in (0, 1)]
    return [put(none, at, breaks) for none, breaks in zip(np.zeros_like(open_), found, strict=True)]


def look(t: int, layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks) -> Foresight | None:
    """Let the sides look ahead: both where they talk, each where its lot leaves open whether it asks for new talks."""
    talking = state.status == TALKS
    restless = [keeping.restless(layout, state, shock, side) for side in (0, 1)]
    draws = _lined_up(talking, restless[0] | restless[1], expectation.undecided(layout, state))
    if not len(draws):
        return None
    some = selected(params, draws), selected(plan, draws), take(state, draws)
    decides = draws.columns(talking | restless[0]), draws.columns(talking | restless[1])
    if len(draws) <= AT_ONCE or not outlook.rounds_ahead(t, layout):
        return Foresight(draws, *some, *foresee(t, layout, *some, decides))
    count = -(-len(draws) // AT_ONCE)
    ends = [len(draws) * part // count for part in range(count + 1)]
    views = [selected((*some, decides), Draws(slice(*part))) for part in pairwise(ends)]
    ahead, worths = join([foresee(t, layout, *view) for view in views])
    return Foresight(draws, *some, ahead, worths)


def _lined_up(talking: B, restless: B, undecided: B) -> Draws:
    """Return the draws that look ahead, those that talk first; those that take every branch stand at both ends."""
    if talking.all():
        return Draws.of(talking)
    return Draws.of_each((talking & undecided, talking & ~undecided, restless & ~undecided, restless & undecided))


def foresee(
    t: int, layout: Layout, params: Params, plan: Plan, state: State, decides: tuple[B, B]
) -> tuple[Outlook, tuple[Worths, Worths]]:
    """Return the public forecast of now, and what going on is worth to each side where it ``decides`` (n,)."""
    ahead = outlook.outlook(t, layout, params, plan, state)
    one, two = (look_ahead.values(t, layout, params, plan, state, side, ahead, decides[side]) for side in (0, 1))
    return ahead.of_now(), (one, two)


def plead(t: int, layout: Layout, shock: Shocks, foresight: Foresight | None) -> list[B]:
    """Tell in which draws (n,) each side asks for new talks."""
    nobody = [np.zeros(shock.collapse.shape, dtype=np.bool_) for _ in (0, 1)]
    if foresight is None or not (foresight.state.status == AGREEMENT).any():
        return nobody
    draws, params, _, state, ahead, worths = foresight
    some = params, state, selected(shock, draws)
    asks = [keeping.decide_reopening(t, layout, *some, side, ahead, worths[side].going_on.own) for side in (0, 1)]
    return [put(none, draws, asked) for none, asked in zip(nobody, asks, strict=True)]


def talk(
    t: int,
    layout: Layout,
    params: Params,
    plan: Plan,
    state: State,
    shock: Shocks,
    foresight: Foresight,
) -> tuple[State, Record]:
    """Return the state after a step of talks and what happened in it, for draws that all talk, and so look ahead."""
    ahead, worths = foresight.ahead, foresight.worths
    one, two = (look_ahead.view(t, layout, params, plan, state, side, ahead, worths[side]) for side in (0, 1))
    views = one, two
    talking = np.ones(state.status.shape, dtype=np.bool_)
    retreats = [keeping.decide_retreat(layout, params, plan, state, side, ahead) for side in (0, 1)]
    state, revoked = keeping.fall_back(layout, params, plan, state, talking, retreats)
    proposer = table.proposer_of(t, layout, params, plan, shock)
    state, record = table.bargain(t, layout, params, plan, state, shock, proposer, ahead, views, talking)
    still = (state.status == TALKS) & (record.ratified < 0) & (revoked < 0) & table.meets(layout, params, shock)
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
        if layout.moves[m].ends:
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
    return accrue(params, state, regime.flows_in_force(layout, params, state), going)


def accrue(params: Params, state: State, flow: F, going: B) -> State:
    """Give the draws ``going`` one step's flow (S, n)."""
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
        talks, _ = expectation.expected_chances(layout, params, state)
        reverts = expectation.means(layout, params, state.footing.clause)
        value = np.stack([rows[TRUE] for rows in outlook.endless(layout, params, state, talks, now, reverts)])
        return regime.finish(state, late, DEADLINE, value, state.footing)
    return regime.finish(
        state, late, DEADLINE, outlook.ruin_at(layout, params, plan, state), plan.fixed[layout.collapse]
    )


def run_on(t: int, layout: Layout, params: Params, plan: Plan, state: State) -> State:
    """Return the end of draws that are over, or at rest from step t on: for these all that is left is their flow."""
    resting = regime.at_rest(layout, state)
    if not resting.any():
        return state
    flow = regime.flows_in_force(layout, params, state)
    for _ in range(t, layout.steps):
        state = accrue(params, state, flow, resting)
    return close(layout.steps, layout, params, plan, state)


def close(t: int, layout: Layout, params: Params, plan: Plan, state: State) -> State:
    """End the window before step t: the last regime goes on for ever, and a deadline that has come is missed."""
    state = miss_deadline(t, layout, params, plan, state)
    flow = regime.flows_in_force(layout, params, state)
    return state._replace(payoff=np.where(regime.running(state), state.payoff + state.weight * flow, state.payoff))
