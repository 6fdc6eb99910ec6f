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

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.rules import (
    beliefs,
    bids,
    compliance,
    deals,
    environment,
    initiative,
    interim,
    look_ahead,
    outlook,
    payoff,
    ratification,
)
from sim.rules.interim import Proposal
from sim.rules.layout import Layout
from sim.rules.outlook import Outlook
from sim.rules.strategies import ACCEPTS, OFFERS, PLANNING
from sim.rules.strategies.aim import Aim, Heard
from sim.rules.strategies.bayesian import believed_chance, margins
from sim.rules.types import (
    ACCEPT,
    AGREEMENT,
    BREAKDOWN,
    DEADLINE,
    EXIT,
    HISTORY,
    LEAVE,
    NO_OFFER,
    REJECT,
    TALKS,
    TOLERANCE,
    TRUE,
    B,
    F,
    Footing,
    I,
    Memory,
    Offer,
    Params,
    Plan,
    Record,
    Said,
    Shocks,
    State,
    View,
)

SIGNED, BREACHED, FAILED, REOPENED, EXPIRED, COLLAPSED, HALFWAY, REVOKED, SUCCEEDED = range(len(HISTORY))
NEVER = np.iinfo(np.int64).max


def step(t: int, layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks) -> tuple[State, Record]:
    """Return the state after step t and what happened in it, for every draw at once."""
    state = miss_deadline(t, layout, params, plan, state)
    drift = [environment.move_variable(v, layout, params, state, shock) for v in range(len(layout.variables))]
    state = settle_environment(state, drift)
    happened = [decide_move(m, t, layout, params, plan, state, shock) for m in range(len(layout.moves))]
    state, struck = carry_out(layout, params, plan, state, shock, happened)

    ahead = outlook.outlook(t, layout, params, plan, state)
    one, two = (look_ahead.view(t, layout, params, plan, state, side, ahead) for side in (0, 1))
    views = one, two
    talking = state.status == TALKS
    breaks = [decide_breach(t, layout, params, plan, state, shock, side, ahead) for side in (0, 1)]
    pleas = [decide_reopening(t, layout, params, state, shock, side, ahead, views[side]) for side in (0, 1)]
    state, expired, breached, reopened = comply(t, layout, params, plan, state, shock, ahead, breaks, pleas)
    retreats = [decide_retreat(layout, params, plan, state, side, ahead) for side in (0, 1)]
    state, revoked = fall_back(layout, params, plan, state, talking, retreats)

    proposer = proposer_of(t, layout, params, plan, shock)
    round_ = silence(layout, proposer, talking)
    if talking.any():
        state, round_ = bargain(t, layout, params, plan, state, shock, proposer, ahead, views, talking)
        still = talking & (state.status == TALKS) & (round_.ratified < 0) & (revoked < 0)
        steps = [propose_interim(layout, params, state, side, ahead, views[side]) for side in (0, 1)]
        replies = [answer_interim(layout, params, state, side, steps[1 - side], ahead) for side in (0, 1)]
        state, round_ = meet_halfway(layout, params, state, round_, proposer, still, steps, replies)
    state, collapsed = endure(layout, params, plan, state, shock, ahead, talking & (state.status == TALKS))
    return state, round_._replace(
        threshold=np.stack([np.maximum(v.going_on, v.exit) for v in views]),
        moved=np.stack(happened) if happened else np.zeros((0, *talking.shape), dtype=np.bool_),
        breached=breached,
        reopened=reopened,
        collapsed=collapsed | struck,
        expired=expired,
        revoked=revoked,
    )


def decide_retreat(layout: Layout, params: Params, plan: Plan, state: State, side: int, ahead: Outlook) -> B:
    """Tell in which draws (n,) ``side`` falls back from an interim deal."""
    if layout.interim is None:
        return np.zeros(state.status.shape, dtype=np.bool_)
    return interim.falls_back(layout, params, plan, state, side, ahead)


def fall_back(
    layout: Layout, params: Params, plan: Plan, state: State, talking: B, retreats: list[B]
) -> tuple[State, I]:
    """Put the interim issues back to the status quo where a side falls back; returns who did, the first side first."""
    nobody = np.full(talking.shape, -1, dtype=np.int64)
    gone = talking & (state.status == TALKS) & (retreats[0] | retreats[1])
    if not gone.any():
        return state, nobody
    state = state._replace(
        footing=stand_on(gone, interim.without(layout, params, plan, state), state.footing),
        interim=state.interim & ~gone,
        history=count(state.history, REVOKED, gone),
    )
    return state, np.where(gone, np.where(retreats[0], 0, 1), nobody)


def propose_interim(
    layout: Layout, params: Params, state: State, side: int, ahead: Outlook, view: View
) -> Proposal | None:
    """Return the interim deal that ``side`` would propose; nothing where the scenario knows none."""
    if layout.interim is None:
        return None
    return interim.proposal(layout, params, state, side, ahead, beliefs.mean_type(view.mass))


def answer_interim(
    layout: Layout, params: Params, state: State, side: int, proposed: Proposal | None, ahead: Outlook
) -> B:
    """Tell in which draws (n,) ``side`` takes the interim deal that the other would propose."""
    if proposed is None:
        return np.zeros(state.status.shape, dtype=np.bool_)
    return interim.accepts(layout, params, state, side, proposed.foot, ahead)


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
    foot = stand_on(proposer == 0, one.foot, two.foot)
    gain = np.stack([payoff.lump(layout, params, "interim", side, foot)[TRUE] for side in (0, 1)])
    state = state._replace(
        footing=stand_on(agreed, foot, state.footing),
        interim=state.interim | agreed,
        payoff=np.where(agreed, state.payoff + state.weight * gain, state.payoff),
        history=count(state.history, HALFWAY, agreed),
    )
    return state, record._replace(
        interim=np.where(made, agreed.astype(np.int64), -1), interim_level=np.where(made, foot.level, np.nan)
    )


def bargain(
    t: int,
    layout: Layout,
    params: Params,
    plan: Plan,
    state: State,
    shock: Shocks,
    proposer: I,
    ahead: Outlook,
    views: tuple[View, View],
    talking: B,
) -> tuple[State, Record]:
    """Play one round at the table: offers, answers, votes at home, lessons, exits."""
    aims = [aim_of(t, layout, params, plan, state, shock, side, ahead) for side in (0, 1)]
    offers = [
        offer_of(layout, side, views[side], aims[side])
        if layout.protocol == "simultaneous" or (proposer == side).any()
        else None
        for side in (0, 1)
    ]

    def answers(worth: F, made: B) -> list[I]:
        return [answer_of(layout, side, views[side], aims[side], worth[side], made) for side in (0, 1)]

    def votes(foot: Footing) -> list[B]:
        return [vote(layout, params, shock, side, foot, ahead) for side in (0, 1)]

    def lessons(state: State, speaker: I, offered: Offer, answer: I) -> list[F]:
        return [learn(layout, params, state, side, speaker, offered, answer, views[side]) for side in (0, 1)]

    table = Table(t, layout, params, plan, ahead, views, answers, votes, lessons)
    return round_of_offers(table, state, proposer, offers, talking)


def round_of_offers(
    table: Table, state: State, proposer: I, offers: list[Offer | None], talking: B
) -> tuple[State, Record]:
    """Put the proposer's offer to the other side, and then, where both propose, the other's to the proposer."""
    layout = table.layout
    state, said, ratified = exchange(table, state, proposer, join_offers(proposer, offers, talking), talking)
    second = unsaid(layout, 1 - proposer)
    if layout.protocol == "simultaneous":
        still = talking & (state.status == TALKS) & (said.answer != ACCEPT)
        other = join_offers(1 - proposer, offers, still)
        state, second, late = exchange(table, state, 1 - proposer, other, still)
        ratified = np.where(still, late, ratified)
    return state, at_the_table(layout, said, second, ratified)


class Table(NamedTuple):
    """A round at the table: the step's snapshot, and how the two sides answer, vote and learn."""

    t: int
    layout: Layout
    params: Params
    plan: Plan
    ahead: Outlook
    views: tuple[View, View]
    answers: Callable[[F, B], list[I]]  # to an offer's worth (S, n)
    votes: Callable[[Footing], list[B]]
    lessons: Callable[[State, I, Offer, I], list[F]]


def exchange(table: Table, state: State, proposer: I, offered: Offer, talking: B) -> tuple[State, Said, I]:
    """Put one offer to the other side; returns the state, what was said, and whether it was ratified (-1: no vote)."""
    t, layout, params, plan, ahead, views = table[:6]
    foot = offered_terms(layout, params, plan, proposer, offered)
    worth = appraise(layout, params, plan, foot, ahead, views)
    answer = join_answers(proposer, table.answers(worth, offered.made), talking)
    state = note_offers(layout, params, state, proposer, offered, answer, foot, ahead, views, talking)
    state = state._replace(memory=remember(layout, state, proposer, offered, worth))
    state, ratified = ratify(t, layout, params, plan, state, answer, foot, ahead, table.votes(foot))
    state = state._replace(belief=np.stack(table.lessons(state, proposer, offered, answer)))
    state = leave(layout, params, plan, state, proposer, answer, ahead, views)
    made = offered.made
    said = Said(proposer, made, answer, np.where(made, worth, np.nan), np.where(made, foot.level, np.nan))
    return state, said, ratified


def unsaid(layout: Layout, proposer: I) -> Said:
    """Return an offer that was never made."""
    shape = proposer.shape
    return Said(
        proposer=proposer,
        made=np.zeros(shape, dtype=np.bool_),
        answer=np.full(shape, NO_OFFER, dtype=np.int64),
        worth=np.full((2, *shape), np.nan),
        level=np.full((len(layout.issues), *shape), np.nan),
    )


def at_the_table(layout: Layout, said: Said, second: Said, ratified: I) -> Record:
    """Return the record of a round; what is not of the table is left empty."""
    return silence(layout, said.proposer, said.made)._replace(**said._asdict(), second=second, ratified=ratified)


def silence(layout: Layout, proposer: I, like: B) -> Record:
    """Return the record of a step in which nothing happens."""
    none, nobody = np.zeros(like.shape, dtype=np.bool_), np.full(like.shape, -1, dtype=np.int64)
    return Record(
        *unsaid(layout, proposer),
        second=unsaid(layout, 1 - proposer),
        threshold=np.full((2, *like.shape), np.nan),
        moved=np.zeros((len(layout.moves), *like.shape), dtype=np.bool_),
        ratified=nobody,
        breached=nobody,
        reopened=nobody,
        collapsed=none,
        expired=none,
        interim=nobody,
        interim_level=np.full((len(layout.issues), *like.shape), np.nan),
        revoked=nobody,
    )


def settle_environment(state: State, rows: list[F]) -> State:
    """Write the moved variables (X rows of (n,)) where the draw still goes on."""
    if not rows:
        return state
    going = running(state)
    return state._replace(x=np.where(going, np.stack(rows), state.x))


def running(state: State) -> B:
    """Tell which draws still go on (n,)."""
    return (state.status == TALKS) | (state.status == AGREEMENT)


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
    state = state._replace(history=count(state.history, SUCCEEDED, (state.office != before).any(axis=0)))
    for m, came in enumerate(happened):
        struck |= came & (shock.incident[m] < params.move[m, 1])
    struck = struck & running(state)
    if not struck.any():
        return state, struck
    return collapse(layout, plan, state, struck, outlook.ruin_at(layout, params, plan, state)), struck


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


def flow_in_force(layout: Layout, params: Params, state: State, side: int) -> F:
    """Return one side's flow (n,) in this step, by the status of each draw that goes on."""
    now = environment.drivers(state.x, state.fired)
    held = state.status == AGREEMENT
    talk = payoff.flow(layout, params, side, TALKS, state.footing, now)[TRUE]
    if not held.any():
        return talk
    return np.where(held, payoff.flow(layout, params, side, AGREEMENT, state.footing, now)[TRUE], talk)


def stand_on(where: B, new: Footing, old: Footing) -> Footing:
    """Return the footing ``new`` where the condition holds, else ``old``."""
    return Footing(*(np.where(where, a, b) for a, b in zip(new, old, strict=True)))


def count(history: I, event: int, where: B) -> I:
    """Count an event where it happened."""
    history = history.copy()
    history[event] = history[event] + where
    return history


def comply(
    t: int,
    layout: Layout,
    params: Params,
    plan: Plan,
    state: State,
    shock: Shocks,
    ahead: Outlook,
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
    if not held.any():
        return state, expired, breached, reopened
    state = end_deal(layout, params, state, expired, plan.fixed[layout.after_expiry], "expiry", -1)
    state = state._replace(history=count(state.history, EXPIRED, expired))
    for side in (0, 1):
        broken = breaks[side] & (state.status == AGREEMENT)
        breached = np.where(broken, side, breached)
        state = break_deal(layout, params, plan, state, shock, broken, side, ahead)
    for side in (0, 1):
        asked = pleas[side] & (state.status == AGREEMENT)
        reopened = np.where(asked, side, reopened)
        paid = np.where(asked, state.weight[side] * compliance.cost_of_reopening(layout, params, side), 0.0)
        state = end_deal(layout, params, state, asked, state.footing, "reopening", side)
        state = state._replace(payoff=state.payoff - paid * (np.arange(2)[:, None] == side))
        state = state._replace(history=count(state.history, REOPENED, asked))
    return state, expired, breached, reopened


def decide_breach(
    t: int, layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks, side: int, ahead: Outlook
) -> B:
    """Tell in which draws (n,) ``side`` breaks its promise."""
    if not layout.can_breach[side] or not (state.status == AGREEMENT).any():
        return np.zeros(state.status.shape, dtype=np.bool_)
    return shock.comply[side] < compliance.chance_of_breach(t, layout, params, plan, state, side, ahead)


def decide_reopening(
    t: int, layout: Layout, params: Params, state: State, shock: Shocks, side: int, ahead: Outlook, view: View
) -> B:
    """Tell in which draws (n,) ``side`` asks for new talks."""
    if not layout.can_reopen[side] or not (state.status == AGREEMENT).any():
        return np.zeros(state.status.shape, dtype=np.bool_)
    return shock.reopen[side] < compliance.chance_of_reopening(t, layout, params, state, side, ahead, view.going_on)


def end_deal(layout: Layout, params: Params, state: State, where: B, foot: Footing, event: str, by: int) -> State:
    """Send the draws ``where`` back to talks under terms ``foot``, with the lumps of the event."""
    gain = np.stack([payoff.lump(layout, params, event, side, state.footing, by)[TRUE] for side in (0, 1)])
    return state._replace(
        payoff=np.where(where, state.payoff + state.weight * gain, state.payoff),
        status=np.where(where, TALKS, state.status),
        footing=stand_on(where, foot, state.footing),
        expires=np.where(where, NEVER, state.expires),
    )


def break_deal(
    layout: Layout,
    params: Params,
    plan: Plan,
    state: State,
    shock: Shocks,
    where: B,
    side: int,
    ahead: Outlook,
) -> State:
    """Let ``side`` break the deal in the draws ``where``: one step's gain, lumps, lost trust, talks or collapse."""
    _, gain, ruin = params.breach[side]
    scale = (1.0 - params.tastes.discount[side, TRUE]) / layout.step_years
    payoff_ = state.payoff.copy()
    payoff_[side] = payoff_[side] + np.where(where, state.weight[side] * gain * scale, 0.0)
    distrust = state.distrust.copy()
    hurt = 1 - side
    distrust[hurt] = np.where(where, distrust[hurt] * params.after_breach[hurt], distrust[hurt])
    state = state._replace(payoff=payoff_, distrust=distrust, history=count(state.history, BREACHED, where))
    state = end_deal(layout, params, state, where, plan.fixed[layout.after_breach[side]], "breach", side)
    fallen = where & (shock.fallout[side] < ruin)
    return collapse(layout, plan, state, fallen, ruin_of(ahead))


def aim_of(
    t: int, layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks, side: int, ahead: Outlook
) -> Aim:
    """Return a side's clock, strategy numbers and memory; what it would offer now is left for ``answer_of``."""
    strategy = layout.strategies[side]
    exponent, opening, reciprocity = params.strategy[side]
    factor, margin, least, after = params.accept[side]
    first = plan.deals[side].own.shape[0] - len(strategy.script)
    asked, heard, best = state.memory
    last, before = heard[side]
    rounds = max(strategy.until - 1 - t, 0)
    return Aim(
        t=t,
        until=strategy.until,
        clock=strategy.clock,
        exponent=exponent,
        opening=opening,
        reciprocity=reciprocity,
        factor=factor,
        margin=margin,
        least=least,
        after=after,
        script=np.arange(first, first + len(strategy.script)),
        continuous=layout.continuous,
        memory=Heard(asked[side], last, before, best[side], heard[1 - side, 0], asked[1 - side]),
        planned=last,
        chance=shock.offer[side],
        left=rounds // 2 if layout.protocol in ("alternating", "random") else rounds,
        risk=ahead.risk,
        discount=params.tastes.discount[side, TRUE],
    )


def proposer_of(t: int, layout: Layout, params: Params, plan: Plan, shock: Shocks) -> I:
    """Return the side (n,) that offers in step t; where both do, the one whose offer is answered first."""
    if layout.protocol == "one_sided":
        return np.full(plan.first.shape, layout.first, dtype=np.int64)
    if layout.protocol == "random":
        return (shock.propose >= params.recognition).astype(np.int64)
    return (plan.first + t) % 2


def offer_of(layout: Layout, side: int, view: View, aim: Aim) -> Offer:
    """Return the offer ``side`` would make in this step."""
    return OFFERS[layout.strategies[side].offers](view, aim)


def join_offers(proposer: I, offers: list[Offer | None], talking: B) -> Offer:
    """Return the offer of whoever proposes in each draw."""
    first, second = offers
    if first is None or second is None:
        chosen = first if first is not None else second
        assert chosen is not None
    else:
        fraction = None
        if first.fraction is not None and second.fraction is not None:
            fraction = np.where(proposer == 0, first.fraction, second.fraction)
        chosen = Offer(
            np.where(proposer == 0, first.segment, second.segment),
            fraction,
            np.where(proposer == 0, first.made, second.made),
        )
    return chosen._replace(made=chosen.made & talking)


def from_list(proposer: I, offered: Offer, lists: tuple[F, F]) -> F:
    """Return rows (..., n) of the proposer's candidates ``lists`` (..., K, n) at the point offered."""
    rows = []
    for list_ in lists:
        segment = np.minimum(offered.segment, list_.shape[-2] - 1)
        rows.append(deals.between(list_, segment, offered.fraction))
    return np.where(proposer == 0, rows[0], rows[1])


def offered_terms(layout: Layout, params: Params, plan: Plan, proposer: I, offered: Offer) -> Footing:
    """Return the terms on the table as a footing."""
    level = from_list(proposer, offered, (plan.deals[0].level, plan.deals[1].level))
    return deals.footing(layout, params, level)


def appraise(layout: Layout, params: Params, plan: Plan, foot: Footing, ahead: Outlook, views: tuple[View, View]) -> F:
    """Return what signing ``foot`` is worth to both (S, n): ``rho K + (1-rho)(G - cost)``."""
    kept = np.stack([outlook.worth_of(layout, params, side, foot, ahead) for side in (0, 1)])
    if not any(layout.audiences):
        return kept
    one, two = audience_chances(layout, params, foot, ahead)
    rho = one * two
    failed = []
    for side in (0, 1):
        cost = payoff.lump(layout, params, "failed_ratification", side, plan.fixed[layout.status_quo])[TRUE]
        otherwise = ahead.path[0][side].collapse[TRUE] if any(layout.failure_ends) else views[side].going_on
        failed.append(otherwise + cost)
    return rho * kept + (1.0 - rho) * np.stack(failed)


def audience_chances(layout: Layout, params: Params, foot: Footing, ahead: Outlook) -> tuple[F, F]:
    """Return each audience's chance (n,) of ratifying ``foot``."""
    one, two = (
        ratification.chance(layout, params, side, foot.support[side], foot.clause, ahead.now) for side in (0, 1)
    )
    return one, two


def join_answers(proposer: I, answers: list[I], talking: B) -> I:
    """Return the answer (n,) of whoever does not propose, where talks go on."""
    return np.where(talking, np.where(proposer == 0, answers[1], answers[0]), NO_OFFER)


def answer_of(layout: Layout, side: int, view: View, aim: Aim, worth: F, made: B) -> I:
    """Return the answer (n,) of ``side`` to an offer worth ``worth`` (n,) to it."""
    strategy = layout.strategies[side]
    if strategy.accepts in PLANNING:
        planned = offer_of(layout, side, view, aim)
        value = deals.between(view.own, planned.segment, planned.fraction)
        aim = aim._replace(planned=np.where(planned.made, value, view.refused))
    yes = made & ACCEPTS[strategy.accepts](view, aim, worth) & (worth >= view.exit - TOLERANCE)
    walks = view.exit > view.going_on + TOLERANCE
    return np.where(yes, ACCEPT, np.where(walks, LEAVE, np.where(made, REJECT, NO_OFFER)))


def remember(layout: Layout, state: State, proposer: I, offered: Offer, worth: F) -> Memory:
    """Return what both sides remember after an offer worth ``worth`` (S, n) to them."""
    asked, heard, best = state.memory
    if not layout.remembers:
        return state.memory
    speaks = np.stack([offered.made & (proposer == side) for side in (0, 1)])
    hears = np.stack([offered.made & (proposer != side) for side in (0, 1)])
    last, before = heard[:, 0], heard[:, 1]
    if layout.protocol != "simultaneous":
        before = np.where(speaks, last, before)  # what one has answered to is answered once
    return Memory(
        asked=np.where(speaks, worth, asked),
        heard=np.stack([np.where(hears, worth, last), np.where(hears, last, before)], axis=1),
        best=np.where(hears, np.maximum(best, worth), best),
    )


def note_offers(
    layout: Layout,
    params: Params,
    state: State,
    proposer: I,
    offered: Offer,
    answer: I,
    foot: Footing,
    ahead: Outlook,
    views: tuple[View, View],
    talking: B,
) -> State:
    """Keep what later says why there was a deal or none: zones seen, surprises, the place of the first agreement."""
    zone = state.zone.copy()
    share, distance = state.share, state.distance
    for side in (0, 1):
        here = talking & (proposer == side)
        if not here.any():
            continue
        mine, theirs = views[side], views[1 - side]
        floor = mine.reserve, theirs.reserve
        own, other = mine.kept, mine.truth
        if_kept = [
            (value - seen.after) / np.maximum(seen.kept[TRUE], 1e-300)
            for value, seen in ((own, ahead.path[0][side]), (other, ahead.path[0][1 - side]))
        ]
        trusted = deals.is_individually_rational((own, other), floor).any(axis=0)
        if_true = deals.is_individually_rational((if_kept[0], if_kept[1]), floor).any(axis=0) | trusted
        zone[0] = zone[0] | (here & if_true)
        zone[1] = zone[1] | (here & trusted)
        zone[2] = np.where(here, trusted, zone[2])
        accepted = here & (answer == ACCEPT) & (state.agreed_step < 0)
        if accepted.any():
            worths = [outlook.worth_of(layout, params, s, foot, ahead) for s in (side, 1 - side)]
            gap = np.minimum(own - worths[0], other - worths[1]).max(axis=0)
            surplus = [worths[0] - floor[0], worths[1] - floor[1]]
            both = surplus[0] + surplus[1]
            gains = (np.minimum(surplus[0], surplus[1]) >= 0.0) & (both > TOLERANCE)
            part = np.where(gains, surplus[0] / np.where(gains, both, 1.0), np.nan)
            share = np.where(accepted, part if side == 0 else 1.0 - part, share)
            distance = np.where(accepted, np.maximum(gap, 0.0), distance)
    expected = np.zeros(proposer.shape, dtype=np.bool_)
    for side in (0, 1):
        if (proposer == side).any():
            likely = believed_chance(views[side], within(views[side], offered)) >= 0.5
            expected = np.where(proposer == side, likely, expected)
    turned_down = offered.made & (answer == REJECT)
    return state._replace(
        zone=zone,
        share=share,
        distance=distance,
        offers=state.offers + offered.made,
        surprise=state.surprise + (turned_down & expected),
    )


def within(view: View, offered: Offer) -> Offer:
    """Return the offer with its segment inside the candidates of ``view``; other draws' offers are another list's."""
    return offered._replace(segment=np.minimum(offered.segment, view.own.shape[0] - 1))


def vote(layout: Layout, params: Params, shock: Shocks, side: int, foot: Footing, ahead: Outlook) -> B:
    """Tell in which draws (n,) the audience of ``side`` would ratify ``foot``."""
    return shock.ratify[side] < ratification.chance(layout, params, side, foot.support[side], foot.clause, ahead.now)


def ratify(
    t: int,
    layout: Layout,
    params: Params,
    plan: Plan,
    state: State,
    answer: I,
    foot: Footing,
    ahead: Outlook,
    votes: list[B],
) -> tuple[State, I]:
    """Put accepted deals to both audiences; returns the state and -1, 0 (failed) or 1 (ratified) (n,)."""
    put = answer == ACCEPT
    if not put.any():
        return state, np.full(put.shape, -1, dtype=np.int64)
    passed = put & votes[0] & votes[1]
    failed = put & ~passed
    state = sign(t, layout, params, state, passed, foot)
    cost = np.stack(
        [
            payoff.lump(layout, params, "failed_ratification", side, plan.fixed[layout.status_quo])[TRUE]
            for side in (0, 1)
        ]
    )
    state = state._replace(
        payoff=np.where(failed, state.payoff + state.weight * cost, state.payoff),
        history=count(state.history, FAILED, failed),
    )
    fatal = np.zeros(put.shape, dtype=np.bool_)
    for side in (0, 1):
        if layout.failure_ends[side]:
            fatal = fatal | (failed & ~votes[side])
    if fatal.any():
        state = collapse(layout, plan, state, fatal, ruin_of(ahead))
    return state, np.where(put, passed.astype(np.int64), -1)


def sign(t: int, layout: Layout, params: Params, state: State, passed: B, foot: Footing) -> State:
    """Bring deals into force: terms, lumps of signing, the step at which they lapse."""
    gain = np.stack([payoff.lump(layout, params, "signing", side, foot)[TRUE] for side in (0, 1)])
    expires = np.full(passed.shape, NEVER)
    if layout.duration >= 0:
        expires = t + payoff.steps_of(layout, foot.level).astype(np.int64)
    first = passed & (state.agreed_step < 0)
    return state._replace(
        status=np.where(passed, AGREEMENT, state.status),
        footing=stand_on(passed, foot, state.footing),
        interim=state.interim & ~passed,
        expires=np.where(passed, expires, state.expires),
        payoff=np.where(passed, state.payoff + state.weight * gain, state.payoff),
        agreed_step=np.where(first, t, state.agreed_step),
        agreed=np.where(first, foot.level, state.agreed),
        history=count(state.history, SIGNED, passed),
    )


def learn(
    layout: Layout, params: Params, state: State, side: int, proposer: I, offered: Offer, answer: I, view: View
) -> F:
    """Return the log masses (G - 1, n) of what ``side`` thinks of the other after its answer."""
    if not layout.private[1 - side]:
        return state.belief[side]
    seen = (proposer == side) & offered.made
    mine = within(view, offered)
    margin = margins(view, deals.between(view.seen, mine.segment, mine.fraction))
    yes = beliefs.accepted(margin, params.learning[side])
    return beliefs.update(state.belief[side], np.where(answer == ACCEPT, yes, 1.0 - yes), seen)


def leave(
    layout: Layout,
    params: Params,
    plan: Plan,
    state: State,
    proposer: I,
    answer: I,
    ahead: Outlook,
    views: tuple[View, View],
) -> State:
    """End the draws in which the answering side takes its best exit, worth to both what the outlook says.

    Where a rival's bid answers, the rival pays no more than what the other side would have gone up to.
    """
    gone = answer == LEAVE
    if not gone.any():
        return state
    owner = 1 - proposer
    which = np.where(owner == 0, views[0].way_out, views[1].way_out)
    here = ahead.path[0]
    value = np.stack([np.where(owner == s, here[s].leave[TRUE], here[s].left[TRUE]) for s in (0, 1)])
    for row, option in enumerate(layout.exits):
        taken = gone & (which == row)
        if layout.bids and taken.any():
            best = most_given(layout, views[1 - option.side])
            settles = ahead.mean if option.floating else (ahead.now, ahead.now)
            share = bids.share_paid(layout, params, plan, row, settles[option.side], best)
            met, *means = (bids.raised(layout, params, now, share) for now in (ahead.now, *ahead.mean))
            worth = [outlook.exit_worth(layout, params, plan, row, s, met, means[s])[TRUE] for s in (0, 1)]
            value = np.where(taken, np.stack(worth), value)
            state = state._replace(x=np.where(taken, met[: len(layout.variables)], state.x))
        state = finish(state, taken, EXIT, value, plan.fixed[option.terms])
    return state._replace(exit=np.where(gone, which, state.exit))


def most_given(layout: Layout, view: View) -> F:
    """Return the most (n,) that a side could have given the other and been no worse off than refused."""
    return look_ahead.frontier(view.truth, view.own, view.refused, view.joined, continuous=layout.continuous)


def endure(
    layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks, ahead: Outlook, failed: B
) -> tuple[State, B]:
    """After a round without a deal talks may collapse; every other draw receives this step's flow."""
    fallen = failed & (shock.collapse < ahead.hazard)
    going = running(state)
    flow = np.stack([flow_in_force(layout, params, state, side) for side in (0, 1)])
    discount = params.tastes.discount[:, TRUE]
    state = state._replace(
        payoff=np.where(going, state.payoff + state.weight * (1.0 - discount) * flow, state.payoff),
        weight=np.where(going, state.weight * discount, state.weight),
    )
    return (collapse(layout, plan, state, fallen, ruin_of(ahead)) if fallen.any() else state), fallen


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
        return finish(state, late, DEADLINE, value, state.footing)
    return finish(state, late, DEADLINE, outlook.ruin_at(layout, params, plan, state), plan.fixed[layout.collapse])


def close(t: int, layout: Layout, params: Params, plan: Plan, state: State) -> State:
    """End the window before step t: the last regime goes on for ever, and a deadline that has come is missed."""
    state = miss_deadline(t, layout, params, plan, state)
    flow = np.stack([flow_in_force(layout, params, state, side) for side in (0, 1)])
    return state._replace(payoff=np.where(running(state), state.payoff + state.weight * flow, state.payoff))
