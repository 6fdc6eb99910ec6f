"""The rounds to come as one side sees them in one step: what talks, exits and a collapse are worth in each of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from math import prod
from typing import TypeVar

import numpy as np

from sim.rules import beliefs, deals, payoff, ratification
from sim.rules.layout import Layout
from sim.rules.outlook import Outlook, Prospect
from sim.rules.pricing import middle, slopes, tilt
from sim.rules.settling import EVERYBODY, Book, Pair, Settlement, Values, of_types
from sim.rules.trees import thinned
from sim.rules.types import TALKS, TRUE, B, F, Params, Plan, State

T = TypeVar("T")


W = TypeVar("W", Values, Pair)


class Rounds:
    """What one side looks at in one step; a workplace, thrown away when the view is made."""

    def __init__(
        self,
        t: int,
        layout: Layout,
        params: Params,
        plan: Plan,
        state: State,
        side: int,
        ahead: Outlook,
        *,
        thin: bool = False,
    ) -> None:
        self.t, self.layout, self.params, self.plan = t, layout, params, plan
        self.side, self.ahead = side, ahead
        self.few = thinned(plan.deals[side], layout.foresight(side))
        offers = self.mine(0) is not False and bool((state.status == TALKS).any())
        self.weighs = not thin and (offers or layout.strategies[side].weighs)
        self.list = plan.deals[side] if self.weighs else self.few  # who only answers, or waits, needs no full list
        self.belief = state.belief[side]
        self.private = bool(layout.types[1 - side])  # the other knows more of itself than this side does
        self.types = beliefs.coordinates(beliefs.points(layout.axes(1 - side)), layout.coordinates(1 - side))
        self.points = self.types if self.private else self.types[:, :1]  # without private types all points are one
        self.tilt = tilt(layout, params, side)
        self.turn = params.recognition if side == 0 else 1.0 - params.recognition  # chance that it proposes

    @cached_property
    def mass(self) -> F:
        """The believed chance of each cell of the other's types (J, n)."""
        return np.exp(self.belief)

    @cached_property
    def z(self) -> F:
        """The coordinates (D, n) that are expected of the other."""
        return beliefs.expected(self.mass, self.points)

    @cached_property
    def reliance(self) -> tuple[F, F]:
        """What it costs this side, and the other, to lean on one patron under each candidate (K, n)."""
        mine, theirs = (
            deals.herfindahl(self.layout, self.params, side, self.list.part, self.ahead.mean[side])
            for side in (self.side, 1 - self.side)
        )
        return mine, theirs

    @cached_property
    def few_reliance(self) -> tuple[F, F]:
        """The same of the few candidates looked at in rounds to come."""
        mine, theirs = self.reliance
        return mine[self._kept], theirs[self._kept]

    @cached_property
    def ratify(self) -> F:
        """The chance that each candidate is ratified (K, n)."""
        chances = [
            ratification.chance(
                self.layout, self.params, side, self.list.support[side], self.list.clause, self.ahead.now
            )
            for side in (0, 1)
            if self.layout.audiences[side]
        ]
        return prod(chances[1:], start=chances[0]) if chances else np.broadcast_to(1.0, self.list.own.shape)

    @cached_property
    def few_ratify(self) -> F:
        """The same of the few candidates looked at in rounds to come."""
        return self.ratify[self._kept]

    @property
    def _kept(self) -> slice:
        return self.layout.foresight(self.side) if self.weighs else slice(None)

    @cached_property
    def costs(self) -> tuple[F, F]:
        """What a failed ratification costs this side, and the other (casts, n)."""
        before = self.plan.fixed[self.layout.status_quo]
        mine, theirs = (
            payoff.lump(self.layout, self.params, "failed_ratification", side, before)
            for side in (self.side, 1 - self.side)
        )
        return mine, theirs

    @cached_property
    def _discount(self) -> Values:
        tastes = self.params.tastes
        return self.flavours(tastes.discount[self.side], tastes.discount[1 - self.side])

    @cached_property
    def later(self) -> Values:
        """The weight of the next round, ``d (1-h)``."""
        return Values(self._discount.rows * (1.0 - self.ahead.risk))

    @cached_property
    def ruined(self) -> Values:
        """The weight of a collapse, ``d h``."""
        return Values(self._discount.rows * self.ahead.risk)

    @cached_property
    def today(self) -> Values:
        """The weight of today's flow, ``1-d``."""
        return Values(1.0 - self._discount.rows)

    @cached_property
    def tail(self) -> Values:
        """What talks without end are worth from the last step looked at on."""
        return self.flavours(self.ahead.tail[self.side], self.ahead.tail[1 - self.side])

    @cached_property
    def talk(self) -> list[Values]:
        """The flow of the talks at every step looked at."""
        return self._along("talk")

    @cached_property
    def collapse(self) -> list[Values]:
        """What a collapse leaves at every step looked at."""
        return self._along("collapse")

    @cached_property
    def leave(self) -> list[Values]:
        """What its own best exit is worth to each at every step looked at."""
        return self._along("leave")

    @cached_property
    def left(self) -> list[Values]:
        """What the other's best exit is worth to each at every step looked at."""
        return self._along("left")

    def signed(self, kept: F, ruin: F, otherwise: F, cost: F, ratify: F) -> F:
        """Return the value of putting candidates to signature, ``rho K + (1-rho)(going on, or collapse, - cost)``."""
        failed = (ruin if any(self.layout.failure_ends) else otherwise) + cost
        value = kept - failed
        value *= ratify
        value += failed
        return value

    def prospects(self, node: int) -> tuple[Prospect, Prospect]:
        """Return the prospects of (this side, the other) at a node."""
        pair = self.ahead.path[node]
        return pair[self.side], pair[1 - self.side]

    def flavours(self, mine: F, theirs: F) -> Values:
        """Return rows of casts as values by whom."""
        centre, prior = middle(theirs), middle(mine)
        if self.tilt is not None:
            prior = beliefs.linear(prior, slopes(self.layout, self.side, mine), self.tilt)
        if not self.private:
            return Values.of(mine[TRUE], prior, centre, centre[None])
        lean = slopes(self.layout, 1 - self.side, theirs)
        at_z, at_points = (beliefs.linear(centre, lean, at) for at in (self.z, self.points))
        return Values.of(mine[TRUE], prior, at_z, at_points)

    def _along(self, name: str) -> list[Values]:
        """Return one of the prospects' rows at every step looked at, by whom."""
        known = [
            self.flavours(getattr(mine, name), getattr(theirs, name)).rows
            for mine, theirs in map(self.prospects, range(len(self.ahead.path)))
        ]
        return [Values(rows) for rows in at_every_step(self.ahead.nodes, known)]

    def mine(self, step: int) -> B | bool | None:
        """Tell whether this side proposes ``step`` steps ahead; None where chance will say so."""
        layout = self.layout
        if layout.by_chance:
            return None
        if layout.protocol == "one_sided":
            return layout.first == self.side
        if layout.first >= 0:
            return (layout.first + self.t + step) % 2 == self.side
        return (self.plan.first + self.t + step) % 2 == self.side

    @cached_property
    def _before(self) -> list[Values]:
        """What is had at every step looked at before the round after it, ``(1-d) q + d h B``."""
        rows = zip(self.talk, [*self.collapse[1:], self.collapse[-1]], strict=True)
        return [Values(self.today.rows * talk.rows + self.ruined.rows * ruin.rows) for talk, ruin in rows]

    def onward(self, step: int, then: W, whose: slice = EVERYBODY) -> W:
        """Return ``(1-d) q + d (h B + (1-h) W)`` in ``step``, W being ``then``, by each whose value that holds."""
        return type(then)(self._before[step].rows[whose] + self.later.rows[whose] * then.rows)

    def by_proposer(self, step: int, ours: Callable[[], W], theirs: Callable[[], W]) -> W:
        """Return what a round is worth ``step`` steps ahead, from what it is worth by who proposes in it."""
        mine = self.mine(step)
        if isinstance(mine, bool):
            return ours() if mine else theirs()
        one, two = ours(), theirs()
        if mine is None:
            return self.by_turns(one, two)
        return type(one)(np.where(mine, one.rows, two.rows))

    def at_the_deadline(self, last: int) -> Values:
        """Return what a missed deadline leaves, at the environment of the step ``last``."""
        return self.collapse[last] if self.layout.deadline_collapses else self.tail

    def by_turns(self, ours: W, theirs: W) -> W:
        """Return what a round is worth in which chance says who proposes."""
        return type(ours)(self.turn * ours.rows + (1.0 - self.turn) * theirs.rows)

    def if_they_meet(self, met: W, apart: W) -> W:
        """Return what a round is worth in which chance says whether the sides meet."""
        a = self.params.meeting
        return type(met)(a * met.rows + (1.0 - a) * apart.rows)

    def recurring(self, step: int) -> Values:
        """Return c of ``G = c + d (1-h) W`` in a stationary environment: flow of talks and chance of collapse."""
        return Values(self.today.rows * self.tail.rows + self.ruined.rows * self.collapse[step].rows)

    def of_types(self, deal: Settlement, made: Book) -> F:
        """Return what a settlement is worth (A, n) to each type of the other."""
        return of_types(deal, made, self.z, self.points, private=self.private)


def on_the_line(nodes: tuple[int, ...], known: Sequence[T], step: int, between: Callable[[T, T, float], T]) -> T:
    """Return what is known at nodes, at one step from the first node to the last."""
    after = bisect_left(nodes, step)
    if nodes[after] == step:
        return known[after]
    low, high = nodes[after - 1], nodes[after]
    return between(known[after - 1], known[after], (step - low) / (high - low))


def blend(low: F, high: F, share: float | F) -> F:
    """Return what lies a ``share`` of the way from ``low`` to ``high``."""
    value = (1.0 - share) * low
    value += share * high
    return value


def at_every_step(nodes: tuple[int, ...], known: Sequence[F]) -> list[F]:
    """Return at every step what is known at nodes (..., n), all steps between two of them at once."""
    found = [known[0]]
    for (low, high), (before, after) in zip(pairwise(nodes), pairwise(known), strict=True):
        share = np.arange(1, high - low) / (high - low)
        found.extend(blend(before, after, share.reshape(-1, *[1] * before.ndim)))
        found.append(after)
    return found
