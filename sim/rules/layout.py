"""The form of a game: everything about it that is the same in every draw.

``Params`` holds numbers, ``Layout`` holds structure: which issues there are, which move touches which variable, which
condition stands behind which effect.  All lists are sorted by id, so that labels and file order never change a sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from sim.rules.types import ABOVE, AGREEMENT, BELOW, BREAKDOWN, EXIT, TALKS, WHOLE, Coordinate

REGIMES = (TALKS, AGREEMENT, EXIT, BREAKDOWN)
NOWHERE = -1
NEAR = 1e-9  # a level so near to a bound lies on it


@dataclass(frozen=True)
class Issue:
    """One thing bargained over; a continuous issue has values at ``levels`` evenly spaced points of its range."""

    id: str
    levels: int
    continuous: bool
    negotiable: tuple[bool, ...]
    years: tuple[float, ...] | None  # how long a deal at each level lasts (a duration issue)


@dataclass(frozen=True)
class Clause:
    """A condition on terms: the product of tests, or (``taste``) a side's value of one issue's level."""

    tests: tuple[tuple[int, tuple[float, ...]], ...]  # (issue, 1 or 0 per level)
    bounds: tuple[tuple[int, float, float], ...] = ()  # (continuous issue, least level, greatest level)
    taste: tuple[int, int] | None = None  # (side, issue)

    @property
    def issues(self) -> tuple[int, ...]:
        """Return the issues the condition reads."""
        read = {issue for issue, _ in self.tests} | {issue for issue, _, _ in self.bounds}
        return tuple(sorted(read | ({self.taste[1]} if self.taste else set())))

    def known(self, terms: Sequence[float]) -> float | None:
        """Tell whether terms meet the condition, 1 or 0; None where they alone do not say so."""
        if self.taste is not None or any(terms[issue] % 1.0 for issue, _ in self.tests):
            return None
        met = all(least - NEAR <= terms[issue] <= most + NEAR for issue, least, most in self.bounds)
        return prod((allowed[int(terms[issue])] for issue, allowed in self.tests), start=float(met))


@dataclass(frozen=True)
class Group:
    """Issues that must be enumerated jointly, with their allowed negotiable combinations."""

    issues: tuple[int, ...]
    combinations: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Effect:
    """One declared linear coefficient: ``coefficient * driver`` where its clause holds."""

    on: str  # flow | exit | support | rate | gain | breakdown
    side: int  # whose flow, exit value or audience (-1 where nobody's)
    target: int  # the exit or the move (-1 otherwise)
    driver: int  # row of (variables, moves), -1 for the constant 1
    clause: int  # -1 always
    regimes: tuple[bool, bool, bool, bool]  # talks, agreement, exit, breakdown


@dataclass(frozen=True)
class Shift:
    """The mean of ``variable`` moves by a coefficient times a driver or a clause."""

    variable: int
    driver: int  # row of (variables, moves), -1: the clause alone
    clause: int


@dataclass(frozen=True)
class Move:
    """Something a third party or a principal does."""

    id: str
    by: str
    on_step: int  # -1: by rate
    repeats: bool
    phases: tuple[bool, bool]  # talks, agreement
    from_step: int
    until_step: int
    clause: int
    after: tuple[int, ...]
    unless: tuple[int, ...]
    jumps: tuple[tuple[int, int], ...]  # (variable, row of Params.jump)
    lumps: tuple[tuple[int, int], ...]  # (side, row of Params.move_lump)
    doubts: tuple[tuple[int, int], ...]  # (side, row of Params.doubt)
    ends: bool  # it may end talks, or a deal, in breakdown
    rival_bid: bool
    chosen: bool  # taken when its mover expects to gain by it
    mover: int  # the side whose move it is, -1 a third party
    pivotal: bool
    answers: tuple[int, int] | None  # (side, variable): a bid that rises to match what that side is offered


@dataclass(frozen=True)
class ExitOption:
    """A way out that its owner may take when it answers an offer."""

    id: str
    side: int
    from_step: int
    until_step: int
    terms: int  # row of Plan.fixed
    absolute: bool
    floating: bool


@dataclass(frozen=True)
class Lump:
    """A one-off cost or gain on a transition."""

    on: str
    by: int  # side that did it, -1 any
    exit: int  # exit taken, -1 any
    bearer: int
    clause: int


@dataclass(frozen=True)
class Reliance:
    """``cost * Herfindahl`` of one side's patron shares."""

    side: int
    patrons: tuple[tuple[int, int], ...]  # (row of Params.patron, driver or -1)
    terms: tuple[tuple[int, int, int, int], ...]  # (patron, issue, level, row of Params.patron_term)


@dataclass(frozen=True)
class Strategy:
    """How a side offers and accepts."""

    offers: str
    accepts: str
    shape: str  # polynomial, exponential
    clock: str
    until: int  # the step at which concession is complete
    script: tuple[int, ...]  # rows of Plan.fixed

    @property
    def weighs(self) -> bool:
        """Tell whether an answer needs the side's full list of candidates."""
        return self.accepts in ("next", "aspiration", "combi", "optimal_stopping")

    @property
    def searches(self) -> bool:
        """Tell whether its offers are looked for in the whole deal space, one for each step."""
        return self.offers == "aspiration"

    @property
    def lines(self) -> int:
        """Return how many offers stand behind the curve in its list of candidates: a script's, or one for each step."""
        return self.until if self.searches else len(self.script)


@dataclass(frozen=True)
class Interim:
    """What may be agreed while talks go on."""

    issues: tuple[int, ...]
    combinations: tuple[tuple[int, ...], ...]  # levels of these issues, NOWHERE for one that stays as it is
    excluded: tuple[Clause, ...]  # conditions that terms in force may not meet


@dataclass(frozen=True)
class Layout:
    """The structure of a game; see the classes above."""

    sides: tuple[str, str]
    issues: tuple[Issue, ...]
    groups: tuple[Group, ...]
    clauses: tuple[Clause, ...]
    effects: tuple[Effect, ...]
    later: tuple[tuple[int, int, int], ...]  # (effect, move, clause): the move may still come, if the terms let it
    answers: tuple[tuple[int, int, int], ...]  # (effect, shift, clause): terms move a mean that the effect hangs on
    shifts: tuple[Shift, ...]
    variables: tuple[str, ...]
    communities: tuple[str, ...]
    bounds: tuple[tuple[float, float], ...]
    moves: tuple[Move, ...]
    exits: tuple[ExitOption, ...]
    lumps: tuple[Lump, ...]
    reliances: tuple[Reliance, ...]
    strategies: tuple[Strategy, Strategy]
    fixed: tuple[tuple[float, ...], ...]  # declared terms as levels
    status_quo: int
    collapse: int  # row of ``fixed`` a collapse leaves
    collapse_absolute: bool
    hazard_per_rejection: bool
    after_breach: tuple[int, int]
    after_expiry: int
    can_breach: tuple[bool, bool]
    can_reopen: tuple[bool, bool]
    audiences: tuple[str, str]  # "", step, logistic, cdf
    failure_ends: tuple[bool, bool]
    types: tuple[tuple[str, ...], tuple[str, ...]]  # names of each side's private types; "" is that without a name
    bent: tuple[tuple[bool, ...], tuple[bool, ...]]  # of each type: values are no straight line in it
    private_tastes: tuple[bool, bool]  # the private number is a weight or a value
    private_effects: frozenset[int]  # effects whose coefficient is private
    private_deals: tuple[bool, bool]  # it changes what a deal is worth to its owner
    listens: tuple[tuple[int, ...], tuple[int, ...]]  # variables that each audience's support hangs on
    biased: tuple[bool, bool]  # the other's prior of its type is tilted
    reads: tuple[bool, bool]  # it learns from what the other offers
    pivots: tuple[int, ...]  # variables declared pivotal
    interim: Interim | None
    heirs: tuple[tuple[int, ...], tuple[int, ...]]  # by side: the move that brings each successor
    steps: int
    step_years: float
    deadline: int  # -1: none
    deadline_collapses: bool
    look_ahead: int
    protocol: str  # alternating | one_sided | random | simultaneous | stacked_alternating
    first: int  # the side that proposes first, -1 random
    meetings: bool  # the sides meet now and then, at a rate; else in every step
    curve_points: int
    look_ahead_points: int

    @property
    def continuous(self) -> bool:
        """Tell whether offers may lie between two candidates."""
        return any(issue.continuous for issue in self.issues)

    @property
    def duration(self) -> int:
        """Return the issue that says how long a deal lasts, or -1."""
        return next((k for k, issue in enumerate(self.issues) if issue.years), NOWHERE)

    @cached_property
    def watched(self) -> list[int]:
        """Return the drivers that payoffs hang on: rows of variables and moves."""
        rows = {e.driver for e in self.effects if e.on in ("flow", "exit")}
        rows |= {driver for rule in self.reliances for _, driver in rule.patrons}
        return sorted(row for row in rows if row >= 0)

    @cached_property
    def rate_effects(self) -> tuple[tuple[int, ...], ...]:
        """Return the effects on the rate of each move."""
        return tuple(
            tuple(row for row, e in enumerate(self.effects) if e.on == "rate" and e.target == move)
            for move in range(len(self.moves))
        )

    @cached_property
    def flow_effects(self) -> dict[tuple[int, int, int], tuple[int, ...]]:
        """Return the effects on a side's flow, by (side, regime, exit taken or -1)."""
        found = {}
        for side in (0, 1):
            for regime in REGIMES:
                for target in range(-1, len(self.exits)):
                    found[side, regime, target] = tuple(
                        row
                        for row, e in enumerate(self.effects)
                        if e.side == side
                        and ((e.on == "flow" and e.regimes[regime]) or (e.on == "exit" and e.target == target >= 0))
                    )
        return found

    @cached_property
    def effects_under(self) -> dict[tuple[int, int, int, int], tuple[tuple[int, int], ...]]:
        """Return the same with the clause that each hangs on, by (side, regime, exit, declared terms in force or -1).

        Under declared terms, a row of ``fixed``, what cannot hold is left out and what must hold hangs on nothing, -1.
        """
        found = {}
        for where, rows in self.flow_effects.items():
            hangs = [(row, self.effects[row].clause) for row in rows]
            found[*where, NOWHERE] = tuple(hangs)
            for at, terms in enumerate(self.fixed):
                known = [self.clauses[clause].known(terms) if clause >= 0 else 1.0 for _, clause in hangs]
                found[*where, at] = tuple(
                    (row, clause if holds is None else NOWHERE)
                    for (row, clause), holds in zip(hangs, known, strict=True)
                    if holds != 0.0
                )
        return found

    @cached_property
    def awaited(self) -> frozenset[int]:
        """Return the moves that payoffs hang on, themselves or through a variable that they shift."""
        count = len(self.variables)
        rows = {*self.watched, *(s.driver for s in self.shifts if s.variable in self.foreseen)}
        return frozenset(row - count for row in rows if row >= count)

    @property
    def casts(self) -> int:
        """Return how many casts of the parties there are: their own, two ends of each type, and the middle of all.

        The middle is left out where nobody has more than one type and values are straight lines in it.
        """
        most = max(map(len, self.types))
        return 1 + 2 * most + (most > 1 or any(map(any, self.bent)))

    def axes(self, side: int) -> int:
        """Return over how many types the belief about a side is held; over one where it has none."""
        return max(1, len(self.types[side]))

    def coordinates(self, side: int) -> tuple[Coordinate, ...]:
        """Return what a side's values are linear in: each of its types, or its parts below and above the middle."""
        return self._coordinates[side]

    @cached_property
    def _coordinates(self) -> tuple[tuple[Coordinate, ...], ...]:
        def of(side: int) -> Iterator[Coordinate]:
            for type_, bent in enumerate(self.bent[side]):
                yield from (Coordinate(type_, BELOW), Coordinate(type_, ABOVE)) if bent else (Coordinate(type_, WHOLE),)

        return tuple(of(0)), tuple(of(1))

    def priced(self, side: int) -> tuple[int, ...]:
        """Return the clauses that change what a deal is worth to ``side`` beyond the value of its levels."""
        return self._priced[side]

    @cached_property
    def _priced(self) -> tuple[tuple[int, ...], ...]:
        def of(side: int) -> tuple[int, ...]:
            effects = [e.clause for e in self.effects if e.on == "flow" and e.side == side and e.regimes[AGREEMENT]]
            later = [c for e, _, c in self.later if self.effects[e].side == side]
            return tuple(sorted({c for c in (*effects, *later) if c >= 0}))

        return of(0), of(1)

    def leans(self, side: int) -> bool:
        """Tell whether ``side`` minds leaning on one patron."""
        return any(reliance.side == side for reliance in self.reliances)

    def signing(self, side: int) -> tuple[int, ...]:
        """Return the clause of each lump of signing that ``side`` bears, -1 for one of any deal."""
        return tuple(rule.clause for rule in self.lumps if rule.on == "signing" and rule.bearer == side)

    @cached_property
    def weighed(self) -> frozenset[int]:
        """Return the clauses that change what a deal is worth to a side, or how it is carried at home."""
        carried = {e.clause for e in self.effects if e.on == "support"}
        return frozenset(
            c for c in {*self.priced(0), *self.priced(1), *self.signing(0), *self.signing(1), *carried} if c >= 0
        )

    @cached_property
    def branches(self) -> int:
        """Return how many ways what is pivotal may go; 0 where nothing is."""
        count = len(self.pivots) + sum(move.pivotal for move in self.moves)
        return 2**count if count else 0

    @cached_property
    def bids(self) -> tuple[int, ...]:
        """Return the moves that are bids that answer."""
        return tuple(m for m, move in enumerate(self.moves) if move.answers is not None)

    @property
    def binding(self) -> bool:
        """Tell whether a deal stays for ever: it never lapses, and nobody can break or reopen it."""
        return self.duration < 0 and not any(self.can_breach) and not any(self.can_reopen)

    @property
    def still(self) -> bool:
        """Tell whether the world stands still: nothing moves by itself, and no third party or principal does."""
        return not self.variables and not self.moves

    @property
    def by_lot(self) -> bool:
        """Tell whether anybody offers or accepts by lot."""
        return any(s.offers == "random" or s.accepts == "attrition" for s in self.strategies)

    @cached_property
    def remembers(self) -> bool:
        """Tell whether anybody's strategy looks back at what was said."""
        looks_back = ("tit_for_tat", "zeuthen", "combi", "attrition")
        return any(s.offers in looks_back or s.accepts in looks_back for s in self.strategies)

    @property
    def by_chance(self) -> bool:
        """Tell whether either side may be the one whose offer counts in a round: chance says, or both propose."""
        return self.protocol == "random" or self.both_offer

    @property
    def both_offer(self) -> bool:
        """Tell whether both sides make an offer in each round."""
        return self.protocol in ("simultaneous", "stacked_alternating")

    @property
    def stacked(self) -> bool:
        """Tell whether each side answers the standing offer and then counters, in turn within a round."""
        return self.protocol == "stacked_alternating"

    @property
    def leader(self) -> int:
        """Return the side from whose end candidates are counted and demands are found, by both sides."""
        return max(self.first, 0)

    def foresight(self, side: int) -> slice:
        """Return which of a side's candidates are looked at in rounds to come: all, or evenly spaced ones.

        The two sides' lists run in opposite directions; counting both from the leader's end picks the same deals.
        """
        step = max(1, -(-self.candidates // self.look_ahead_points))
        return slice(0 if side == self.leader else (self.candidates - 1) % step, None, step)

    def nodes(self, t: int, last: int) -> tuple[int, ...]:
        """Return the steps ahead of t at which payoffs are worked out; those between lie on straight lines.

        Every step where there is a deadline.  Else now and last, and both sides of every date.
        """
        if self.deadline >= 0:
            return tuple(range(last + 1))
        dates = {d for m in self.moves for d in (m.on_step, m.on_step + 1, m.from_step, m.until_step) if d >= 0}
        dates |= {d for option in self.exits for d in (option.from_step, option.until_step)}
        near = {d - t for d in dates} | {d - t - 1 for d in dates}
        return tuple(sorted({0, last} | {d for d in near if 0 < d < last}))

    @cached_property
    def foreseen(self) -> tuple[int, ...]:
        """Return the variables that a forecast needs: those that payoffs hang on, and all that move these."""
        count = len(self.variables)
        wanted = {e.driver for e in self.effects if e.on in ("flow", "exit")}
        wanted |= {driver for rule in self.reliances for _, driver in rule.patrons}
        needed = {v for v in wanted if 0 <= v < count}
        while True:
            more = {s.driver for s in self.shifts if s.variable in needed and 0 <= s.driver < count}
            if more <= needed:
                return tuple(sorted(needed))
            needed |= more

    @property
    def hull(self) -> bool:
        """Tell whether every issue is continuous and stands alone: the curve is then a chain of segments."""
        return all(i.continuous for i in self.issues) and all(len(g.issues) == 1 for g in self.groups)

    @property
    def candidates(self) -> int:
        """Return K, the number of candidate deals a side keeps in mind."""
        if self.hull:
            return sum(issue.levels - 1 for issue in self.issues) + 1
        return self.curve + (self.audience_points if any(self.audiences) else 0)

    @property
    def curve(self) -> int:
        """Return how many deals of the contract curve are kept."""
        total = 1
        for group in self.groups:
            total = min(self.curve_points, total * len(group.combinations))
        return total

    @property
    def audience_points(self) -> int:
        """Return how many candidates are kept for the audiences' sake."""
        return max(2, self.curve // 2)


__all__ = [
    "NOWHERE",
    "REGIMES",
    "Clause",
    "Effect",
    "ExitOption",
    "Group",
    "Interim",
    "Issue",
    "Layout",
    "Lump",
    "Move",
    "Reliance",
    "Shift",
    "Strategy",
]
