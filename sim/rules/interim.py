"""Interim deals: some issues are agreed while talks on the rest go on, and the status quo becomes those terms.

Aid may start and gates may open while bases, leases and men stay on the table.  An interim deal needs no vote and no
promise: it holds as long as both would rather talk under it than under the status quo.  Since either may fall back in
any step, what a side weighs is the flow of the talks as the world is now,

    gain_i(x) = q_i(x) - q_i(terms in force) + lumps of an interim deal,

and not what the step does to the deal that may follow: a stated bounded rationality.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.rules import deals, outlook, payoff
from sim.rules.layout import NOWHERE, Layout
from sim.rules.outlook import Outlook
from sim.rules.types import TALKS, TOLERANCE, TRUE, B, F, Footing, Params, Plan, State


class Proposal(NamedTuple):
    """An interim deal as one side proposes it."""

    foot: Footing  # terms that would be in force
    made: B  # (n,)


def proposal(layout: Layout, params: Params, state: State, side: int, ahead: Outlook, z: F) -> Proposal:
    """Return the interim terms best for ``side`` among those that it thinks the other would rather have than not.

    It knows its own gain, and sees the other's through its picture of the other's weights, at the type ``z`` (n,) that
    it expects.  Ties go to the first combination; made where its own gain is positive.
    """
    best = np.full(state.status.shape, TOLERANCE)
    chosen = state.footing
    for foot, allowed in combinations(layout, params, state):
        own = gain(layout, params, state, side, foot, ahead)[TRUE]
        theirs = gain(layout, params, state, 1 - side, foot, ahead, viewer=side)
        fair = outlook.middle(theirs) + z * outlook.slope(theirs) >= -TOLERANCE
        better = allowed & fair & (own > best)
        best = np.where(better, own, best)
        chosen = Footing(*(np.where(better, new, old) for new, old in zip(foot, chosen, strict=True)))
    return Proposal(chosen, best > TOLERANCE)


def combinations(layout: Layout, params: Params, state: State) -> Iterator[tuple[Footing, B]]:
    """Yield every combination of the interim issues with the terms in force, and where (n,) it may be agreed."""
    rule = layout.interim
    assert rule is not None
    for levels in rule.combinations:
        level = state.footing.level.copy()
        for issue, at in zip(rule.issues, levels, strict=True):
            if at != NOWHERE:
                level[issue] = at
        allowed = (level != state.footing.level).any(axis=0)
        place = deals.places(layout, level)
        for clause in rule.excluded:
            allowed = allowed & (deals.holds(clause, params, place) == 0.0)
        yield deals.footing(layout, params, level), allowed


def gain(
    layout: Layout, params: Params, state: State, side: int, foot: Footing, ahead: Outlook, viewer: int | None = None
) -> F:
    """Return what ``side`` gains (casts, n) while it talks under ``foot``, as ``viewer`` sees it where named."""
    then, now = foot, state.footing
    if viewer is not None:
        then, now = (seen(layout, params, terms, viewer) for terms in (foot, state.footing))
    flows = [payoff.flow(layout, params, side, TALKS, terms, ahead.now) for terms in (then, now)]
    return flows[0] - flows[1] + payoff.lump(layout, params, "interim", side, foot)


def seen(layout: Layout, params: Params, foot: Footing, viewer: int) -> Footing:
    """Return the footing with the other's value of its terms as ``viewer`` sees it."""
    theirs = deals.seen_worth(layout, params, viewer, deals.places(layout, foot.level))
    pair = (foot.base[viewer], theirs) if viewer == 0 else (theirs, foot.base[viewer])
    return foot._replace(base=np.stack(pair))


def accepts(layout: Layout, params: Params, state: State, side: int, foot: Footing, ahead: Outlook) -> B:
    """Tell in which draws (n,) ``side`` would rather talk under ``foot`` than under the terms in force."""
    return gain(layout, params, state, side, foot, ahead)[TRUE] >= -TOLERANCE


def falls_back(layout: Layout, params: Params, plan: Plan, state: State, side: int, ahead: Outlook) -> B:
    """Tell in which draws (n,) ``side`` would rather talk under the status quo than under the interim deal in force."""
    if not state.interim.any():
        return np.zeros_like(state.interim)
    before = without(layout, params, plan, state)
    held, back = (payoff.flow(layout, params, side, TALKS, terms, ahead.now)[TRUE] for terms in (state.footing, before))
    return state.interim & (back > held + TOLERANCE)


def without(layout: Layout, params: Params, plan: Plan, state: State) -> Footing:
    """Return the terms in force with the interim issues as in the status quo."""
    rule = layout.interim
    assert rule is not None
    level = state.footing.level.copy()
    for issue in rule.issues:
        level[issue] = plan.fixed[layout.status_quo].level[issue]
    return deals.footing(layout, params, level)
