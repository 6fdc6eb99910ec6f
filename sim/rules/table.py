"""One round at the table: who proposes, what is offered, what it is worth to both, and what the other answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.rules import answered, deals, payoff, pricing
from sim.rules.layout import Layout
from sim.rules.outlook import Outlook
from sim.rules.strategies import ACCEPTS, OFFERS, PLANNING
from sim.rules.strategies.aim import Aim, Heard
from sim.rules.types import (
    ACCEPT,
    LEAVE,
    NO_OFFER,
    REJECT,
    STANDS,
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
    Said,
    Shocks,
    State,
    View,
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
        offer_of(layout, side, views[side], aims[side]) if layout.both_offer or (proposer == side).any() else None
        for side in (0, 1)
    ]

    def answers(speaker: I, worth: F, made: B) -> list[I | None]:
        return [
            answer_of(layout, side, views[side], aims[side], worth[side], made) if (speaker != side).any() else None
            for side in (0, 1)
        ]

    def votes(foot: Footing) -> list[B]:
        return [answered.vote(layout, params, shock, side, foot, ahead) for side in (0, 1)]

    def lessons(state: State, speaker: I, offered: Offer, answer: I, foot: Footing) -> list[tuple[F, B]]:
        return [
            answered.learn(t, layout, params, plan, state, side, speaker, offered, answer, foot, views[side])
            for side in (0, 1)
        ]

    table = Table(t, layout, params, plan, ahead, views, meets(layout, params, shock), answers, votes, lessons)
    return round_of_offers(table, state, proposer, offers, talking)


class Table(NamedTuple):
    """A round at the table: the step's snapshot, and how the two sides answer, vote and learn."""

    t: int
    layout: Layout
    params: Params
    plan: Plan
    ahead: Outlook
    views: tuple[View, View]
    meets: B  # (n,) the sides meet; without that nobody offers, and who would answer may leave
    answers: Callable[[I, F, B], list[I | None]]  # to a speaker's offer's worth (S, n), by those who answer
    votes: Callable[[Footing], list[B]]
    lessons: Callable[[State, I, Offer, I, Footing], list[tuple[F, B]]]


def round_of_offers(
    table: Table, state: State, proposer: I, offers: list[Offer | None], talking: B
) -> tuple[State, Record]:
    """Put the proposer's offer to the other side, and then, where both propose, the other's to the proposer."""
    layout = table.layout
    if layout.stacked:
        return stacked_round(table, state, proposer, offers, talking)
    offered = join_offers(proposer, offers, talking & table.meets)
    state, said, ratified = exchange(table, state, proposer, offered, talking)
    second = unsaid(layout, 1 - proposer)
    if layout.protocol == "simultaneous":
        still = talking & (state.status == TALKS) & (said.answer != ACCEPT)
        other = join_offers(1 - proposer, offers, still & table.meets)
        state, second, late = exchange(table, state, 1 - proposer, other, still)
        ratified = np.where(still, late, ratified)
    return state, at_the_table(layout, said, second, ratified)


def stacked_round(
    table: Table, state: State, proposer: I, offers: list[Offer | None], talking: B
) -> tuple[State, Record]:
    """Play one round of stacked alternating offers: each side in turn answers the standing offer, then counters.

    The first mover answers what the other said in the step before, and offers; the other answers that and makes the
    offer that stands until the next step.  References: Aydogan, Festen, Hindriks & Jonker (2017).
    """
    layout, second_mover = table.layout, 1 - proposer
    waiting, so_far = standing(layout, state, talking), state.offers
    state, stood, ratified = exchange(table, state, second_mover, waiting, waiting.made)
    state = state._replace(offers=so_far)  # it was counted when it was made
    still = talking & (state.status == TALKS) & (stood.answer != ACCEPT)
    state, said, late = exchange(table, state, proposer, join_offers(proposer, offers, still), still)
    ratified = np.where(still, late, ratified)
    still = still & (state.status == TALKS) & (said.answer != ACCEPT)
    state, second = put_down(table, state, second_mover, join_offers(second_mover, offers, still))
    return state, at_the_table(layout, said, second, ratified)._replace(stood=stood)


def standing(layout: Layout, state: State, talking: B) -> Offer:
    """Return the offer that waits for its answer."""
    segment, fraction = state.standing
    at = np.maximum(segment, 0.0).astype(np.int64)
    return Offer(at, fraction if layout.continuous else None, talking & (segment >= 0.0))


def put_down(table: Table, state: State, speaker: I, offered: Offer) -> tuple[State, Said]:
    """Leave an offer on the table that is answered in the next step."""
    layout, params, plan = table.layout, table.params, table.plan
    foot = offered_terms(layout, params, plan, speaker, offered)
    worth = appraise(layout, params, plan, foot, table.ahead, table.views)
    made = offered.made
    fraction = np.zeros(made.shape) if offered.fraction is None else offered.fraction
    waits = np.stack([np.where(made, offered.segment, -1.0), np.where(made, fraction, 0.0)])
    answer = np.where(made, STANDS, NO_OFFER)
    worth, level = np.where(made, worth, np.nan), np.where(made, foot.level, np.nan)
    said = Said(speaker, made, answer, worth, level, np.zeros(made.shape, dtype=np.bool_))
    return state._replace(standing=waits, offers=state.offers + made), said


def exchange(table: Table, state: State, proposer: I, offered: Offer, talking: B) -> tuple[State, Said, I]:
    """Put one offer to the other side; returns the state, what was said, and whether it was ratified (-1: no vote)."""
    t, layout, params, plan, ahead, views = table[:6]
    foot = offered_terms(layout, params, plan, proposer, offered)
    worth = appraise(layout, params, plan, foot, ahead, views)
    answer = join_answers(proposer, table.answers(proposer, worth, offered.made), talking)
    state = answered.note_offers(layout, params, state, proposer, offered, answer, foot, ahead, views, talking)
    state = state._replace(memory=answered.remember(layout, state, proposer, offered, worth))
    state, ratified = answered.ratify(t, layout, params, plan, state, answer, foot, ahead, table.votes)
    state, unforeseen = answered.teach(state, table.lessons(state, proposer, offered, answer, foot))
    state = answered.leave(layout, params, plan, state, proposer, answer, ahead, views)
    made = offered.made
    said = Said(proposer, made, answer, np.where(made, worth, np.nan), np.where(made, foot.level, np.nan), unforeseen)
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
        unforeseen=np.zeros(shape, dtype=np.bool_),
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
        stood=unsaid(layout, 1 - proposer),
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


def aim_of(
    t: int, layout: Layout, params: Params, plan: Plan, state: State, shock: Shocks, side: int, ahead: Outlook
) -> Aim:
    """Return a side's clock, strategy numbers and memory; what it would offer now is left for ``answer_of``."""
    strategy = layout.strategies[side]
    exponent, opening, reciprocity, tolerance = params.strategy[side]
    factor, margin, least, after = params.accept[side]
    first = plan.deals[side].own.shape[0] - strategy.lines
    asked, heard, best = state.memory
    last, before = heard[side]
    rounds = max(strategy.until - 1 - t, 0)
    return Aim(
        t=t,
        until=strategy.until,
        shape=strategy.shape,
        clock=strategy.clock,
        exponent=exponent,
        opening=opening,
        reciprocity=reciprocity,
        factor=factor,
        margin=margin,
        least=least,
        after=after,
        script=np.arange(first, first + strategy.lines),
        span=plan.span[side],
        tolerance=tolerance,
        memory=Heard(asked[side], last, before, best[side], heard[1 - side, 0], asked[1 - side]),
        planned=last,
        chance=shock.offer[side],
        left=rounds // 2 if layout.protocol in ("alternating", "random") else rounds,
        meeting=params.meeting,
        risk=ahead.risk,
        discount=params.tastes.discount[side, TRUE],
        others_discount=params.tastes.discount[1 - side, TRUE],
    )


def meets(layout: Layout, params: Params, shock: Shocks) -> B:
    """Tell in which draws (n,) the sides meet in this step: with chance ``1 - exp(-rate dt)``, or always."""
    return shock.meet < params.meeting if layout.meetings else np.ones(params.meeting.shape, dtype=np.bool_)


def proposer_of(t: int, layout: Layout, params: Params, plan: Plan, shock: Shocks) -> I:
    """Return the side (n,) that offers in step t; where both do, the one whose offer is answered first."""
    if layout.protocol == "one_sided":
        return np.full(plan.first.shape, layout.first, dtype=np.int64)
    if layout.stacked:
        return plan.first
    if layout.protocol == "random":
        return (shock.propose >= params.recognition).astype(np.int64)
    return (plan.first + t) % 2


def offer_of(layout: Layout, side: int, view: View, aim: Aim) -> Offer:
    """Return the offer ``side`` would make in this step."""
    return OFFERS[layout.strategies[side].offers](view, aim)


def join_offers(proposer: I, offers: list[Offer | None], talking: B) -> Offer:
    """Return the offer of whoever proposes in each draw."""
    given = [offer for offer in offers if offer is not None]
    chosen = given[0]
    if len(given) > 1:
        first, second = given
        fraction = None
        if first.fraction is not None and second.fraction is not None:
            fraction = np.where(proposer == 0, first.fraction, second.fraction)
        chosen = Offer(
            np.where(proposer == 0, first.segment, second.segment),
            fraction,
            np.where(proposer == 0, first.made, second.made),
        )
    return chosen._replace(made=chosen.made & talking)


def offered_terms(layout: Layout, params: Params, plan: Plan, proposer: I, offered: Offer) -> Footing:
    """Return the terms on the table as a footing."""
    speaking = [side for side in (0, 1) if (proposer == side).any()]
    rows = [deals.levels_at(plan.deals[side], offered.segment, offered.fraction) for side in speaking]
    return deals.footing(layout, params, rows[0] if len(rows) == 1 else np.where(proposer == 0, *rows))


def appraise(layout: Layout, params: Params, plan: Plan, foot: Footing, ahead: Outlook, views: tuple[View, View]) -> F:
    """Return what signing ``foot`` is worth to both (S, n): ``rho K + (1-rho)(G - cost)``."""
    kept = np.stack([pricing.worth_of(layout, params, side, foot, ahead) for side in (0, 1)])
    if not any(layout.audiences):
        return kept
    one, two = answered.audience_chances(layout, params, foot, ahead)
    rho = one * two
    failed = []
    for side in (0, 1):
        cost = payoff.lump(layout, params, "failed_ratification", side, plan.fixed[layout.status_quo])[TRUE]
        otherwise = ahead.path[0][side].collapse[TRUE] if any(layout.failure_ends) else views[side].going_on
        failed.append(otherwise + cost)
    return rho * kept + (1.0 - rho) * np.stack(failed)


def join_answers(proposer: I, answers: list[I | None], talking: B) -> I:
    """Return the answer (n,) of whoever does not propose, where talks go on."""
    given = [answer for answer in answers if answer is not None]
    return np.where(talking, given[0] if len(given) == 1 else np.where(proposer == 1, *given), NO_OFFER)


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
