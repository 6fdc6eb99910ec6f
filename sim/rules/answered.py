"""What follows an answer: votes at home, a deal in force, lessons, memory, and exits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.rules import beliefs, bids, deals, outlook, payoff, pricing, ratification, regime, settling
from sim.rules.layout import Layout
from sim.rules.outlook import Outlook
from sim.rules.regime import FAILED, NEVER, SIGNED, UNFORESEEN
from sim.rules.strategies.bayesian import believed_chance, margins
from sim.rules.trees import put, selected, take
from sim.rules.types import (
    ACCEPT,
    AGREEMENT,
    EXIT,
    LEAVE,
    REJECT,
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
    Shocks,
    State,
    View,
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
    zone, first = state.zone, (state.share, state.distance, state.conceded)
    for side in (0, 1):
        here = talking & (proposer == side)
        if not here.any():
            continue
        values, joined = (views[side].kept, views[side].truth), views[side].joined
        floor = views[side].reserve, views[1 - side].reserve
        promises = [(ahead.path[0][s].kept[TRUE], ahead.path[0][s].after) for s in (side, 1 - side)]
        zone = zones_seen(here, values, promises, floor, joined, within(views[side], offered).segment, zone)
        at = np.flatnonzero(here & (answer == ACCEPT) & (state.agreed_step < 0))
        if len(at):
            some, terms, now = selected(params, at), selected(foot, at), selected(ahead, at)
            worths = tuple(pricing.worth_of(layout, some, s, terms, now) for s in (side, 1 - side))
            rows, least, line = take((values, floor, joined), at)
            first = put(first, at, place_of(side, rows, least, (worths[0], worths[1]), line))
    turned_down = offered.made & (answer == REJECT)
    return state._replace(
        zone=zone,
        share=first[0],
        distance=first[1],
        conceded=first[2],
        offers=state.offers + offered.made,
        surprise=state.surprise + (turned_down & thought_likely(proposer, offered, views)),
    )


def zones_seen(
    here: B,
    values: tuple[F, F],
    promises: list[tuple[F, F]],
    floor: tuple[F, F],
    joined: F | None,
    offered: I,
    before: B,
) -> B:
    """Return whether there was a zone of agreement (3, n): if promises are kept, as trusted, and now.

    ``values`` (K, n) are what candidates are worth to the proposer and to the other, ``promises`` the weight of a
    promise (n,) in each and what the chance of a breach adds, ``floor`` their reserves (n,), ``joined`` as in
    ``most_for``.  If the candidate ``offered`` (n,) serves both in all draws, no other is looked at.
    """
    trusted = here.copy()
    for worth, reserve in zip(values, floor, strict=True):
        trusted &= deals.at_row(worth, offered) >= reserve - TOLERANCE
    if (here & ~trusted).any():
        trusted = here & (most_for(0, values, floor, joined) >= floor[0] - TOLERANCE)
    if_kept = before[0] | trusted
    at = np.flatnonzero(here & ~if_kept)
    if len(at):
        rows, least, line = take((values, floor, joined), at)
        sure = [
            (row - after[at]) / np.maximum(kept[at], 1e-300) for row, (kept, after) in zip(rows, promises, strict=True)
        ]
        if_kept[at] = most_for(0, (sure[0], sure[1]), least, line) >= least[0] - TOLERANCE
    return np.stack([if_kept, before[1] | trusted, np.where(here, trusted, before[2])])


def most_for(side: int, values: tuple[F, F], floor: tuple[F, F], joined: F | None) -> F:
    """Return the most (n,) that a side may have in a deal that leaves the other its floor (n,); -inf where none does.

    ``values`` (K, n) are of the candidates; ``joined`` (K, n) tells which of them any deal up to the next one lies
    between, None where no issue is continuous.

    >>> import numpy as np
    >>> ends, floor = (np.array([[0.0], [1.0]]), np.array([[1.0], [0.0]])), (np.zeros(1), np.array([0.3]))
    >>> most_for(0, ends, floor, None).round(6), most_for(0, ends, floor, np.ones((2, 1))).round(6)
    (array([0.]), array([0.7]))
    """
    return settling.Frontier(values[side], values[1 - side], joined)(floor[1 - side])


def place_of(
    side: int, values: tuple[F, F], floor: tuple[F, F], worths: tuple[F, F], joined: F | None
) -> tuple[F, F, F]:
    """Return where a deal lies: the first side's share of the surplus, distance to the curve, what both gave up.

    The share is ``(u_a - r_a) / (u_a - r_a + u_b - r_b)``, the distance ``max_x min_i (u_i(x) - u_i)``; ``side``
    proposes, and comes first in ``values`` (K, n), ``floor`` and ``worths`` (n,).  Share and concessions (S, n) are nan
    where one of the two does not gain.
    """
    gap = np.minimum(values[0] - worths[0], values[1] - worths[1]).max(axis=0)
    surplus = [worths[0] - floor[0], worths[1] - floor[1]]
    both = surplus[0] + surplus[1]
    gains = (np.minimum(surplus[0], surplus[1]) >= 0.0) & (both > TOLERANCE)
    part = np.where(gains, surplus[0] / np.where(gains, both, 1.0), np.nan)
    given = concessions(values, floor, worths, joined)
    given = np.where(gains, given if side == 0 else np.stack([given[1], given[0]]), np.nan)
    return part if side == 0 else 1.0 - part, np.maximum(gap, 0.0), given


def thought_likely(proposer: I, offered: Offer, views: tuple[View, View]) -> B:
    """Tell in which draws (n,) the proposer thought its offer likelier than not to be accepted."""
    expected = np.zeros(proposer.shape, dtype=np.bool_)
    for side in (0, 1):
        if (proposer == side).any():
            likely = believed_chance(views[side], within(views[side], offered)) >= 0.5
            expected = np.where(proposer == side, likely, expected)
    return expected


def concessions(values: tuple[F, F], floor: tuple[F, F], worths: tuple[F, F], joined: F | None = None) -> F:
    """Return how much of its room each side gave up (S, n): nought at its best deal, one at its reserve.

    ``(b_i - u_i) / (b_i - r_i)``, b_i the best that a side can have from a deal that serves both, u_i what it has, r_i
    its reserve.  Both concede alike at the Kalai-Smorodinsky solution (Kalai & Smorodinsky 1975).  ``values`` (K, n)
    are of the candidates; nan where a side has no room.

    >>> import numpy as np
    >>> one = np.linspace(0.0, 1.0, 5)[:, None]
    >>> concessions((one, 1.0 - one), (np.array([0.2]), np.array([0.0])), (np.array([0.8]), np.array([0.2]))).ravel()
    array([0.25      , 0.73333333])
    """
    given = []
    for side, (least, worth) in enumerate(zip(floor, worths, strict=True)):
        room = most_for(side, values, floor, joined) - least
        wide = np.isfinite(room) & (room > TOLERANCE)
        left = np.where(wide, (worth - least) / np.where(wide, room, 1.0), np.nan)
        given.append(1.0 - np.minimum(left, 1.0))
    return np.stack(given)


def within(view: View, offered: Offer) -> Offer:
    """Return the offer with its segment inside the candidates of ``view``; other draws' offers are another list's."""
    return offered._replace(segment=np.minimum(offered.segment, view.own.shape[0] - 1))


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


def vote(layout: Layout, params: Params, shock: Shocks, side: int, foot: Footing, ahead: Outlook) -> B:
    """Tell in which draws (n,) the audience of ``side`` would ratify ``foot``."""
    return shock.ratify[side] < ratification.chance(layout, params, side, foot.support[side], foot.clause, ahead.now)


def audience_chances(layout: Layout, params: Params, foot: Footing, ahead: Outlook) -> tuple[F, F]:
    """Return each audience's chance (n,) of ratifying ``foot``."""
    one, two = (
        ratification.chance(layout, params, side, foot.support[side], foot.clause, ahead.now) for side in (0, 1)
    )
    return one, two


def ratify(
    t: int,
    layout: Layout,
    params: Params,
    plan: Plan,
    state: State,
    answer: I,
    foot: Footing,
    ahead: Outlook,
    votes: Callable[[Footing], list[B]],
) -> tuple[State, I]:
    """Put accepted deals to both audiences; returns the state and -1, 0 (failed) or 1 (ratified) (n,)."""
    agreed = answer == ACCEPT
    if not agreed.any():
        return state, np.full(agreed.shape, -1, dtype=np.int64)
    ayes = votes(foot)
    passed = agreed & ayes[0] & ayes[1]
    failed = agreed & ~passed
    state = sign(t, layout, params, state, passed, foot)
    cost = np.stack(
        [
            payoff.lump(layout, params, "failed_ratification", side, plan.fixed[layout.status_quo])[TRUE]
            for side in (0, 1)
        ]
    )
    state = state._replace(
        payoff=np.where(failed, state.payoff + state.weight * cost, state.payoff),
        history=regime.count(state.history, FAILED, failed),
    )
    fatal = np.zeros(agreed.shape, dtype=np.bool_)
    for side in (0, 1):
        if layout.failure_ends[side]:
            fatal = fatal | (failed & ~ayes[side])
    if fatal.any():
        state = regime.collapse(layout, plan, state, fatal, regime.ruin_of(ahead))
    return state, np.where(agreed, passed.astype(np.int64), -1)


def sign(t: int, layout: Layout, params: Params, state: State, passed: B, foot: Footing) -> State:
    """Bring deals into force: terms, lumps of signing, the step at which they lapse."""
    gain = np.stack([payoff.lump(layout, params, "signing", side, foot)[TRUE] for side in (0, 1)])
    expires = np.full(passed.shape, NEVER)
    if layout.duration >= 0:
        expires = t + payoff.steps_of(layout, foot.level).astype(np.int64)
    first = passed & (state.agreed_step < 0)
    return state._replace(
        status=np.where(passed, AGREEMENT, state.status),
        footing=regime.stand_on(passed, foot, state.footing),
        interim=state.interim & ~passed,
        expires=np.where(passed, expires, state.expires),
        payoff=np.where(passed, state.payoff + state.weight * gain, state.payoff),
        agreed_step=np.where(first, t, state.agreed_step),
        agreed=np.where(first, foot.level, state.agreed),
        history=regime.count(state.history, SIGNED, passed),
    )


def learn(
    t: int,
    layout: Layout,
    params: Params,
    plan: Plan,
    state: State,
    side: int,
    proposer: I,
    offered: Offer,
    answer: I,
    foot: Footing,
    view: View,
) -> tuple[F, B]:
    """Return the log masses (J, n) of what ``side`` thinks of the other after its answer, or its offer ``foot``.

    Beside it stands where (n,) it had thought that answer impossible.
    """
    if not layout.types[1 - side]:
        return state.belief[side], np.zeros(proposer.shape, dtype=np.bool_)
    seen = (proposer == side) & offered.made
    mine = within(view, offered)
    margin = margins(view, deals.between(view.seen, mine.segment, mine.fraction))
    yes = beliefs.accepted(margin, params.learning[side])
    likelihood = np.where(answer == ACCEPT, yes, 1.0 - yes)
    if layout.reads[side]:
        heard = (proposer != side) & offered.made
        likelihood = np.where(heard, likelihood_of_offer(t, layout, params, plan, side, foot), likelihood)
        seen = seen | heard
    return beliefs.update(state.belief[side], likelihood, seen)


def likelihood_of_offer(t: int, layout: Layout, params: Params, plan: Plan, side: int, foot: Footing) -> F:
    """Return how likely (J, n) each type of the other is to offer ``foot`` in step t, as ``side`` reads offers.

    ``u(b | z) = 1 - (best of the deals in mind - value of the terms)``, both by the weights that it sees and for type
    z; expected is ``u'(t) = 1 - c (t + 1)``.  Only terms are read: not what the world adds to a deal.
    """
    other = 1 - side
    at = deals.places(layout, foot.level)
    cells = beliefs.coordinates(beliefs.cells(layout.axes(other)), layout.coordinates(other))
    casts = deals.seen_worth(layout, params, side, at) + outlook.answered(layout, params, other, foot.clause)
    centre, *lean = plan.deals[side].seen
    best = np.stack([beliefs.linear(centre, lean, z).max(axis=0) for z in np.moveaxis(cells, 1, 0)])
    concession, spread = params.reading[side]
    worth = 1.0 - (best - pricing.at_coordinates(layout, other, casts, cells))
    return beliefs.asked(worth, 1.0 - concession * (t + 1), spread)


def teach(state: State, lessons: list[tuple[F, B]]) -> tuple[State, B]:
    """Enter what both sides have learnt; returns the state, and where (n,) one had thought impossible what it saw."""
    unforeseen = lessons[0][1] | lessons[1][1]
    state = state._replace(belief=(lessons[0][0], lessons[1][0]))
    if unforeseen.any():
        state = state._replace(history=regime.count(state.history, UNFORESEEN, unforeseen))
    return state, unforeseen


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
            best = most_given(views[1 - option.side])
            settles = ahead.mean if option.floating else (ahead.now, ahead.now)
            share = bids.share_paid(layout, params, plan, row, settles[option.side], best)
            raised = [bids.raised(layout, params, rows, share) for rows in settles]
            worth = [outlook.exit_worth(layout, params, plan, row, s, raised[s])[TRUE] for s in (0, 1)]
            value = np.where(taken, np.stack(worth), value)
            met = bids.raised(layout, params, ahead.now, share)
            state = state._replace(x=np.where(taken, met[: len(layout.variables)], state.x))
        state = regime.finish(state, taken, EXIT, value, plan.fixed[option.terms])
    return state._replace(exit=np.where(gone, which, state.exit))


def most_given(view: View) -> F:
    """Return the most (n,) that a side could have given the other and been no worse off than refused."""
    return settling.Frontier(view.truth, view.own, view.joined)(view.refused)
