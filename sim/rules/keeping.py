"""What becomes of what was agreed: deals lapse, are broken or reopened; interim deals are made and fallen back from."""

from __future__ import annotations

import numpy as np

from sim.rules import beliefs, compliance, interim, outlook, payoff, regime
from sim.rules.interim import Proposal
from sim.rules.layout import Layout
from sim.rules.outlook import Outlook
from sim.rules.regime import BREACHED, EXPIRED, HALFWAY, NEVER, REOPENED, REVOKED
from sim.rules.trees import put, selected, take
from sim.rules.types import AGREEMENT, TALKS, TRUE, B, F, Footing, I, Params, Plan, Record, Shocks, State, View


def comply(
    t: int,
    layout: Layout,
    params: Params,
    plan: Plan,
    state: State,
    shock: Shocks,
    breaks: list[B],
    pleas: list[B],
) -> tuple[State, B, I, I]:
    """Let deals in force lapse, be broken or be reopened; returns the state, and where and by whom.

    ``breaks`` and ``pleas`` (n,) by side: who would break the deal, and who asks for new talks.
    """
    none = np.full(state.status.shape, -1, dtype=np.int64)
    held = state.status == AGREEMENT
    expired = held & (state.expires <= t)
    breached, reopened = none, none
    if layout.binding or not held.any():
        return state, expired, breached, reopened
    state = end_deal(layout, params, state, expired, plan.fixed[layout.after_expiry], "expiry", -1)
    state = state._replace(history=regime.count(state.history, EXPIRED, expired))
    for side in (0, 1):
        broken = breaks[side] & (state.status == AGREEMENT)
        breached = np.where(broken, side, breached)
        state = break_deal(t, layout, params, plan, state, shock, broken, side)
    for side in (0, 1):
        asked = pleas[side] & (state.status == AGREEMENT)
        reopened = np.where(asked, side, reopened)
        paid = np.where(asked, state.weight[side] * compliance.cost_of_reopening(layout, params, side), 0.0)
        state = end_deal(layout, params, state, asked, state.footing, "reopening", side)
        state = state._replace(payoff=state.payoff - paid * (np.arange(2)[:, None] == side))
        state = state._replace(history=regime.count(state.history, REOPENED, asked))
    return state, expired, breached, reopened


def tempted(layout: Layout, state: State, shock: Shocks, side: int) -> B:
    """Tell in which draws (n,) the lot leaves open whether ``side`` breaks the deal in force."""
    return _undecided(layout, state, shock.comply[side], able=layout.can_breach[side])


def restless(layout: Layout, state: State, shock: Shocks, side: int) -> B:
    """Tell in which draws (n,) the lot leaves open whether ``side`` asks for new talks."""
    return _undecided(layout, state, shock.reopen[side], able=layout.can_reopen[side])


def _undecided(layout: Layout, state: State, lot: F, *, able: bool) -> B:
    """Tell in which draws (n,) a deal is in force that ``lot`` (n,) may end; in none where nobody is ``able`` to."""
    if not able:
        return np.zeros(lot.shape, dtype=np.bool_)
    return (state.status == AGREEMENT) & compliance.left_open(lot, layout.step_years)


def decide_breach(
    t: int, layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks, side: int, ahead: Outlook
) -> B:
    """Tell in which draws (n,), all under a deal, ``side`` breaks its promise."""
    if not layout.can_breach[side]:
        return np.zeros(state.status.shape, dtype=np.bool_)
    return shock.comply[side] < compliance.chance_of_breach(t, layout, params, plan, state, side, ahead)


def decide_reopening(
    t: int, layout: Layout, params: Params, state: State, shock: Shocks, side: int, ahead: Outlook, going_on: F
) -> B:
    """Tell in which draws (n,) ``side`` asks for new talks, to which going on under the terms in force is worth G."""
    if not layout.can_reopen[side]:
        return np.zeros(state.status.shape, dtype=np.bool_)
    chance = compliance.chance_of_reopening(t, layout, params, state, side, ahead, going_on)
    return (state.status == AGREEMENT) & (shock.reopen[side] < chance)


def end_deal(layout: Layout, params: Params, state: State, where: B, foot: Footing, event: str, by: int) -> State:
    """Send the draws ``where`` back to talks under terms ``foot``, with the lumps of the event."""
    gain = np.stack([payoff.lump(layout, params, event, side, state.footing, by)[TRUE] for side in (0, 1)])
    return state._replace(
        payoff=np.where(where, state.payoff + state.weight * gain, state.payoff),
        status=np.where(where, TALKS, state.status),
        footing=regime.stand_on(where, foot, state.footing),
        expires=np.where(where, NEVER, state.expires),
    )


def break_deal(
    t: int, layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks, where: B, side: int
) -> State:
    """Let ``side`` break the deal in the draws ``where``: one step's gain, lumps, lost trust, talks or collapse."""
    before = state
    _, gain, ruin = params.breach[side]
    scale = (1.0 - params.tastes.discount[side, TRUE]) / layout.step_years
    payoff_ = state.payoff.copy()
    payoff_[side] = payoff_[side] + np.where(where, state.weight[side] * gain * scale, 0.0)
    distrust = state.distrust.copy()
    hurt = 1 - side
    distrust[hurt] = np.where(where, distrust[hurt] * params.after_breach[hurt], distrust[hurt])
    state = state._replace(payoff=payoff_, distrust=distrust, history=regime.count(state.history, BREACHED, where))
    state = end_deal(layout, params, state, where, plan.fixed[layout.after_breach[side]], "breach", side)
    fallen = where & (shock.fallout[side] < ruin)
    at = np.flatnonzero(fallen)
    if not len(at):
        return state
    ahead = outlook.of_today(t, layout, selected(params, at), selected(plan, at), take(before, at))
    left = regime.ruin_of(ahead)
    return regime.collapse(layout, plan, state, fallen, put(np.zeros_like(state.payoff), at, left))


def decide_retreat(layout: Layout, params: Params, plan: Plan, state: State, side: int, ahead: Outlook) -> B:
    """Tell in which draws (n,) ``side`` falls back from an interim deal."""
    if layout.interim is None:
        return np.zeros(state.status.shape, dtype=np.bool_)
    return interim.falls_back(layout, params, plan, state, side, ahead.now)


def fall_back(
    layout: Layout, params: Params, plan: Plan, state: State, talking: B, retreats: list[B]
) -> tuple[State, I]:
    """Put the interim issues back to the status quo where a side falls back; returns who did, the first side first."""
    nobody = np.full(talking.shape, -1, dtype=np.int64)
    gone = talking & (state.status == TALKS) & (retreats[0] | retreats[1])
    if not gone.any():
        return state, nobody
    state = state._replace(
        footing=regime.stand_on(gone, interim.without(layout, params, plan, state), state.footing),
        interim=state.interim & ~gone,
        history=regime.count(state.history, REVOKED, gone),
    )
    return state, np.where(gone, np.where(retreats[0], 0, 1), nobody)


def propose_interim(
    layout: Layout, params: Params, state: State, side: int, ahead: Outlook, view: View, where: B
) -> Proposal | None:
    """Return the interim deal that ``side`` proposes in the draws ``where``; nothing where the scenario knows none."""
    if layout.interim is None:
        return None
    blank = Proposal(state.footing, np.zeros_like(where))
    at = np.flatnonzero(where)
    if not len(at):
        return blank
    some_state, now, mass = take((state, ahead.now, view.mass), at)
    found = interim.proposal(layout, selected(params, at), some_state, side, now, beliefs.expected(mass, view.points))
    return put(blank, at, found)


def answer_interim(
    layout: Layout, params: Params, state: State, side: int, proposed: Proposal | None, ahead: Outlook
) -> B:
    """Tell in which draws (n,) ``side`` takes the interim deal that the other would propose."""
    if proposed is None:
        return np.zeros(state.status.shape, dtype=np.bool_)
    return interim.accepts(layout, params, state, side, proposed.foot, ahead.now)


def meet_halfway(
    layout: Layout,
    params: Params,
    state: State,
    record: Record,
    proposer: I,
    still: B,
    proposals: list[Proposal | None],
    replies: list[B],
) -> tuple[State, Record]:
    """Let the proposer propose an interim deal after a round without one; agreed, its terms hold while talks go on."""
    one, two = proposals
    if one is None or two is None or not still.any():
        return state, record
    made = still & np.where(proposer == 0, one.made, two.made)
    agreed = made & np.where(proposer == 0, replies[1], replies[0])
    foot = regime.stand_on(proposer == 0, one.foot, two.foot)
    gain = np.stack([payoff.lump(layout, params, "interim", side, foot)[TRUE] for side in (0, 1)])
    state = state._replace(
        footing=regime.stand_on(agreed, foot, state.footing),
        interim=state.interim | agreed,
        payoff=np.where(agreed, state.payoff + state.weight * gain, state.payoff),
        history=regime.count(state.history, HALFWAY, agreed),
    )
    return state, record._replace(
        interim=np.where(made, agreed.astype(np.int64), -1), interim_level=np.where(made, foot.level, np.nan)
    )
