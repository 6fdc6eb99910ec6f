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

from sim.rules import (
    beliefs,
    compliance,
    deals,
    environment,
    look_ahead,
    outlook,
    payoff,
    ratification,
)
from sim.rules.layout import Layout
from sim.rules.outlook import Outlook
from sim.rules.strategies import ACCEPTS, OFFERS
from sim.rules.strategies.aim import Aim
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
    Offer,
    Params,
    Plan,
    Record,
    Shocks,
    State,
    View,
)

SIGNED, BREACHED, FAILED, REOPENED, EXPIRED, COLLAPSED = range(len(HISTORY))
NEVER = np.iinfo(np.int64).max


def step(t: int, layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks) -> tuple[State, Record]:
    """Return the state after step t and what happened in it, for every draw at once."""
    state = miss_deadline(t, layout, params, plan, state)
    drift = [environment.move_variable(v, layout, params, state, shock) for v in range(len(layout.variables))]
    state = settle_environment(state, drift)
    happened = [decide_move(m, t, layout, params, state, shock) for m in range(len(layout.moves))]
    state, struck = carry_out(layout, params, plan, state, shock, happened)

    ahead = outlook.outlook(t, layout, params, plan, state)
    one, two = (look_ahead.view(t, layout, params, plan, state, side, ahead) for side in (0, 1))
    views = one, two
    talking = state.status == TALKS
    breaks = [decide_breach(t, layout, params, plan, state, shock, side, ahead) for side in (0, 1)]
    pleas = [decide_reopening(t, layout, params, state, shock, side, ahead, views[side]) for side in (0, 1)]
    state, expired, breached, reopened = comply(t, layout, params, plan, state, shock, ahead, breaks, pleas)

    proposer = proposer_of(t, layout, plan)
    round_ = silence(layout, proposer, talking)
    if talking.any():
        state, round_ = bargain(t, layout, params, plan, state, shock, proposer, ahead, views, talking)
    state, collapsed = endure(layout, params, plan, state, shock, ahead, talking & (state.status == TALKS))
    return state, round_._replace(
        threshold=np.stack([np.maximum(v.going_on, v.exit) for v in views]),
        moved=np.stack(happened) if happened else np.zeros((0, *talking.shape), dtype=np.bool_),
        breached=breached,
        reopened=reopened,
        collapsed=collapsed | struck,
        expired=expired,
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
    """Play one round at the table: offer, answer, votes at home, lessons, exits."""
    offers = [
        offer_of(t, layout, params, plan, side, views[side]) if (proposer == side).any() else None for side in (0, 1)
    ]
    offered = join_offers(proposer, offers, talking)
    foot = offered_terms(layout, params, plan, proposer, offered)
    worth = appraise(layout, params, plan, foot, ahead, views)
    answers = [answer_of(t, layout, params, plan, side, views[side], worth[side], offered.made) for side in (0, 1)]
    answer = join_answers(proposer, answers, talking)
    state = note_offers(layout, params, state, proposer, offered, answer, foot, ahead, views, talking)
    votes = [vote(layout, params, shock, side, foot, ahead) for side in (0, 1)]
    state, ratified = ratify(t, layout, params, plan, state, answer, foot, ahead, votes)
    lessons = [learn(layout, params, state, side, proposer, offered, answer, views[side]) for side in (0, 1)]
    state = leave(layout, plan, state._replace(belief=np.stack(lessons)), proposer, answer, ahead, views)
    return state, at_the_table(layout, proposer, offered, answer, worth, foot, ratified)


def at_the_table(
    layout: Layout, proposer: I, offered: Offer, answer: I, worth: F, foot: Footing, ratified: I
) -> Record:
    """Return the record of a round; what is not of the table is left empty."""
    return silence(layout, proposer, offered.made)._replace(
        made=offered.made,
        answer=answer,
        worth=np.where(offered.made, worth, np.nan),
        level=np.where(offered.made, foot.level, np.nan),
        ratified=ratified,
    )


def silence(layout: Layout, proposer: I, like: B) -> Record:
    """Return the record of a step in which nothing happens."""
    none, nobody = np.zeros(like.shape, dtype=np.bool_), np.full(like.shape, -1, dtype=np.int64)
    return Record(
        proposer=proposer,
        made=none,
        answer=np.full(like.shape, NO_OFFER, dtype=np.int64),
        worth=np.full((2, *like.shape), np.nan),
        level=np.full((len(layout.issues), *like.shape), np.nan),
        threshold=np.full((2, *like.shape), np.nan),
        moved=np.zeros((len(layout.moves), *like.shape), dtype=np.bool_),
        ratified=nobody,
        breached=nobody,
        reopened=nobody,
        collapsed=none,
        expired=none,
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


def decide_move(move: int, t: int, layout: Layout, params: Params, state: State, shock: Shocks) -> B:
    """Tell in which draws (n,) ``move`` happens in step t."""
    return shock.move[move] < environment.chance_of_move(move, t, layout, params, state)


def carry_out(
    layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks, happened: list[B]
) -> tuple[State, B]:
    """Apply the moves that happened, in declared order, and the collapses they bring; returns where."""
    struck = np.zeros(state.status.shape, dtype=np.bool_)
    if not happened:
        return state, struck
    state = environment.apply_moves(happened, layout, params, state)
    for m, came in enumerate(happened):
        struck |= came & (shock.incident[m] < params.move[m, 1])
    struck = struck & running(state)
    if not struck.any():
        return state, struck
    return collapse(layout, plan, state, struck, ruin_at(layout, params, plan, state)), struck


def collapse(layout: Layout, plan: Plan, state: State, where: B, ruin: F) -> State:
    """End the draws ``where`` in breakdown, worth ``ruin`` (S, n) from this step on."""
    ended = finish(state, where, BREAKDOWN, ruin, plan.fixed[layout.collapse])
    return ended._replace(history=count(ended.history, COLLAPSED, where))


def ruin_at(layout: Layout, params: Params, plan: Plan, state: State) -> F:
    """Return what a collapse is worth to both (S, n) where the step's outlook is not made yet."""
    now = environment.drivers(state.x, state.fired)
    means = [environment.settled(side, layout, params, None, now)[0] for side in (0, 1)]
    return np.stack([outlook.collapse_value(layout, params, plan, side, means[side])[TRUE] for side in (0, 1)])


def ruin_of(ahead: Outlook) -> F:
    """Return what a collapse is worth to both (S, n) in this step."""
    return np.stack([prospect.collapse[TRUE] for prospect in ahead.path[0]])


def finish(state: State, where: B, status: int, value: F, foot: Footing) -> State:
    """End the draws ``where`` with a value (S, n) that holds for ever from this step on."""
    return state._replace(
        payoff=np.where(where, state.payoff + state.weight * value, state.payoff),
        weight=np.where(where, 0.0, state.weight),
        status=np.where(where, status, state.status),
        footing=stand_on(where, foot, state.footing),
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


def aim_of(t: int, layout: Layout, params: Params, plan: Plan, side: int) -> Aim:
    """Return a side's clock and strategy numbers."""
    strategy = layout.strategies[side]
    exponent, opening = params.strategy[side]
    factor, margin, least = params.accept[side]
    first = plan.deals[side].own.shape[0] - len(strategy.script)
    return Aim(
        t=t,
        until=strategy.until,
        clock=strategy.clock,
        exponent=exponent,
        opening=opening,
        factor=factor,
        margin=margin,
        least=least,
        script=np.arange(first, first + len(strategy.script)),
        continuous=layout.continuous,
    )


def proposer_of(t: int, layout: Layout, plan: Plan) -> I:
    """Return the side (n,) that offers in step t."""
    if layout.protocol == "one_sided":
        return np.full(plan.first.shape, layout.first, dtype=np.int64)
    return (plan.first + t) % 2


def offer_of(t: int, layout: Layout, params: Params, plan: Plan, side: int, view: View) -> Offer:
    """Return the offer ``side`` would make in step t."""
    return OFFERS[layout.strategies[side].offers](view, aim_of(t, layout, params, plan, side))


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


def answer_of(t: int, layout: Layout, params: Params, plan: Plan, side: int, view: View, worth: F, made: B) -> I:
    """Return the answer (n,) of ``side`` to an offer worth ``worth`` (n,) to it."""
    strategy = ACCEPTS[layout.strategies[side].accepts]
    aim = aim_of(t, layout, params, plan, side)
    yes = made & strategy(view, aim, worth) & (worth >= view.exit - TOLERANCE)
    walks = view.exit > view.going_on + TOLERANCE
    return np.where(yes, ACCEPT, np.where(walks, LEAVE, np.where(made, REJECT, NO_OFFER)))


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
    layout: Layout, plan: Plan, state: State, proposer: I, answer: I, ahead: Outlook, views: tuple[View, View]
) -> State:
    """End the draws in which the answering side takes its best exit, worth to both what the outlook says."""
    gone = answer == LEAVE
    if not gone.any():
        return state
    owner = 1 - proposer
    which = np.where(owner == 0, views[0].way_out, views[1].way_out)
    here = ahead.path[0]
    value = np.stack([np.where(owner == s, here[s].leave[TRUE], here[s].left[TRUE]) for s in (0, 1)])
    for row, option in enumerate(layout.exits):
        state = finish(state, gone & (which == row), EXIT, value, plan.fixed[option.terms])
    return state._replace(exit=np.where(gone, which, state.exit))


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
    return finish(state, late, DEADLINE, ruin_at(layout, params, plan, state), plan.fixed[layout.collapse])


def close(t: int, layout: Layout, params: Params, plan: Plan, state: State) -> State:
    """End the window before step t: the last regime goes on for ever, and a deadline that has come is missed."""
    state = miss_deadline(t, layout, params, plan, state)
    flow = np.stack([flow_in_force(layout, params, state, side) for side in (0, 1)])
    return state._replace(payoff=np.where(running(state), state.payoff + state.weight * flow, state.payoff))
