"""Interim deals: some issues are agreed while talks on the rest go on, and the status quo becomes those terms.

Aid may start and gates may open while bases, leases and men stay on the table.  An interim deal needs no vote and no
promise: it holds as long as both would rather talk under it than under the status quo.  Since either may fall back in
any step, what a side weighs is the flow of the talks as the world is now,

    gain_i(x) = q_i(x) - q_i(terms in force) + lumps of an interim deal,

and not what the step does to the deal that may follow: a stated bounded rationality.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.rules import deals, payoff, pricing
from sim.rules.deals import Places
from sim.rules.layout import NOWHERE, Interim, Layout
from sim.rules.types import TALKS, TOLERANCE, TRUE, B, F, Footing, I, Params, Plan, State


class Proposal(NamedTuple):
    """An interim deal as one side proposes it."""

    foot: Footing  # terms that would be in force
    made: B  # (n,)


class Steps(NamedTuple):
    """Every combination of other levels of some issues, laid over the terms in force; K of them."""

    levels: tuple[tuple[int, ...], ...]  # K times those of the interim issues, NOWHERE for one that stays as it is
    at: Places  # (M, K, n)
    clause: dict[int, F]  # the conditions that read these issues, (K, n) each
    part: F  # (P, K, n) what the terms add to each patron
    allowed: B  # (K, n)


def proposal(layout: Layout, params: Params, state: State, side: int, now: F, z: F) -> Proposal:
    """Return the interim terms best for ``side`` among those that it thinks the other would rather have than not.

    It knows its own gain, and sees the other's through its picture of the other's weights, at the coordinates ``z``
    (D, n) of the types that it expects.  Ties go to the first combination; made where its own gain is positive.
    """
    open_ = steps(layout, params, state.footing)
    own = Gain(layout, params, state, side, now).of(open_)[TRUE]
    other = Gain(layout, params, state, 1 - side, now, viewer=side).of(open_)
    fair = pricing.at_coordinates(layout, 1 - side, other, z) >= -TOLERANCE
    won = np.where(open_.allowed & fair, own, -np.inf)
    best = np.argmax(won, axis=0)
    made = deals.at_row(won, best) > TOLERANCE
    level = np.where(made, deals.at_row(open_.at.level, best), state.footing.level)
    return Proposal(deals.footing(layout, params, level), made)


def accepts(layout: Layout, params: Params, state: State, side: int, foot: Footing, now: F) -> B:
    """Tell in which draws (n,) ``side`` would rather talk under ``foot`` than under the terms in force."""
    then, still = (
        payoff.flow(layout, params, side, TALKS, terms, now, casts=1)[TRUE] for terms in (foot, state.footing)
    )
    return then - still + payoff.lump(layout, params, "interim", side, foot)[TRUE] >= -TOLERANCE


def falls_back(layout: Layout, params: Params, plan: Plan, state: State, side: int, now: F) -> B:
    """Tell in which draws (n,) ``side`` would rather talk under the status quo than under the interim deal in force."""
    if not state.interim.any():
        return np.zeros_like(state.interim)
    before = without(layout, params, plan, state)
    held, back = (
        payoff.flow(layout, params, side, TALKS, terms, now, casts=1)[TRUE] for terms in (state.footing, before)
    )
    return state.interim & (back > held + TOLERANCE)


def without(layout: Layout, params: Params, plan: Plan, state: State) -> Footing:
    """Return the terms in force with the interim issues as in the status quo."""
    level = state.footing.level.copy()
    for issue in _rule(layout).issues:
        level[issue] = plan.fixed[layout.status_quo].level[issue]
    return deals.footing(layout, params, level)


def steps(layout: Layout, params: Params, foot: Footing) -> Steps:
    """Return every combination of levels that may be agreed ahead, laid over the terms in force."""
    rule = _rule(layout)
    count = len(rule.combinations)
    now = deals.places(layout, foot.level)
    level = np.repeat(foot.level[:, None], count, axis=1)
    for issue, levels in zip(rule.issues, zip(*rule.combinations, strict=True), strict=True):
        for row, at in enumerate(levels):
            if at != NOWHERE:
                level[issue, row] = at
    there = deals.places(layout, level)
    read = [c for c, clause in enumerate(layout.clauses) if set(clause.issues) & set(rule.issues)]
    return Steps(
        levels=rule.combinations,
        at=there,
        clause={c: deals.holds(layout.clauses[c], params, there) for c in read},
        part=deals.parts(layout, params, level),
        allowed=_allowed(rule, params, there, now.whole),
    )


def _allowed(rule: Interim, params: Params, there: Places, before: I) -> B:
    """Tell where (K, n) terms differ from those before and meet no excluded condition."""
    free = (there.whole != before[:, None]).any(axis=0)
    for clause in rule.excluded:
        free = free & (deals.holds(clause, params, there) == 0.0)
    return free


class Gain:
    """What one side gains by steps while it talks: only what they touch is worked out."""

    def __init__(
        self, layout: Layout, params: Params, state: State, side: int, now: F, viewer: int | None = None
    ) -> None:
        """Take the step's snapshot with drivers ``now`` (D, n); with ``viewer`` as that one sees the side's weights."""
        self.layout, self.params, self.side, self.drivers, self.now = layout, params, side, now, state.footing
        self.issues = _rule(layout).issues
        at = deals.places(layout, state.footing.level)
        seen = params.tastes.weight[side] if viewer is None else _seen_weight(layout, params, viewer)
        self.value = {k: _over(seen[k], params.tastes.value[k][side], at, k) for k in self.issues}
        self.terms = [
            (layout.effects[row].clause, _term(layout, params, row, now))
            for row in layout.flow_effects[side, TALKS, NOWHERE]
            if layout.effects[row].clause >= 0
            and set(layout.clauses[layout.effects[row].clause].issues) & set(self.issues)
        ]
        self.leans = layout.leans(side)
        self.leaning = self.reliance(state.footing.part)
        self.pays = any(rule.on == "interim" and rule.bearer == side for rule in layout.lumps)

    def of(self, steps: Steps) -> F:
        """Return ``q(x) - q(terms in force) + lumps`` (casts, K, n) of every step."""
        total = np.zeros((self.layout.casts, *steps.allowed.shape))
        for row, levels in enumerate(steps.levels):
            for issue, at in zip(self.issues, levels, strict=True):
                if at != NOWHERE:
                    total[:, row] += self.value[issue][at]
        for clause, term in self.terms:
            total += term[:, None] * (steps.clause[clause] - self.now.clause[clause])
        if self.leans:
            total -= self.reliance(steps.part) - self.leaning
        if self.pays:
            for row in range(len(steps.levels)):
                foot = deals.footing(self.layout, self.params, steps.at.level[:, row])
                total[:, row] += payoff.lump(self.layout, self.params, "interim", self.side, foot)
        return total

    def reliance(self, part: F) -> F:
        """Return the cost of leaning on one patron (..., n) with the terms' parts (P, ..., n)."""
        return deals.herfindahl(self.layout, self.params, self.side, part, self.drivers)


def _rule(layout: Layout) -> Interim:
    assert layout.interim is not None
    return layout.interim


def _over(weight: F, table: F, at: Places, issue: int) -> F:
    """Return what each level of an issue is worth over the one in force (L, casts, n)."""
    worth = weight * table
    now = np.stack([deals.value_at(worth[:, cast], at, issue) for cast in range(worth.shape[1])])
    return worth - now


def _seen_weight(layout: Layout, params: Params, viewer: int) -> F:
    """Return the other's weights (M, casts, n) as ``viewer`` sees them."""
    casts = range(layout.casts) if layout.private_tastes[1 - viewer] else (TRUE,)
    rows = [deals.perceived_weight(params, cast, viewer) for cast in casts]
    return np.stack(rows if len(rows) == layout.casts else rows * layout.casts, axis=1)


def _term(layout: Layout, params: Params, row: int, now: F) -> F:
    """Return ``coefficient * driver`` (casts, n) of an effect."""
    driver = layout.effects[row].driver
    term = params.tastes.effect[row]
    return term * now[driver] if driver >= 0 else term
