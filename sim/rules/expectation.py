"""What may be expected of the world around the table: chances of moves, and the variables along the steps to come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from sim.rules.environment import dated, drivers, raw_chance
from sim.rules.layout import Layout
from sim.rules.types import B, F, Params, State


class Branch(NamedTuple):
    """One way in which what is pivotal may go: which moves happen, and which end of their range variables go to."""

    happens: tuple[tuple[int, bool], ...]  # (move, it happens)
    drifts: tuple[tuple[int, float], ...]  # (variable, -1 or 1 standard deviation)


Ways = tuple[tuple[Branch, int], ...]  # branches behind one another: each with how many columns are its own


def branches(layout: Layout) -> list[Branch]:
    """Return every combination of ways in which the pivotal moves and variables may go."""
    moves = [m for m, rule in enumerate(layout.moves) if rule.pivotal]
    return [
        Branch(tuple(zip(moves, ways, strict=True)), tuple(zip(layout.pivots, ends, strict=True)))
        for ways in product((False, True), repeat=len(moves))
        for ends in product((-1.0, 1.0), repeat=len(layout.pivots))
    ]


def undecided(layout: Layout, state: State) -> B:
    """Tell in which draws (n,) something pivotal may still go one way or the other."""
    moves = [m for m, rule in enumerate(layout.moves) if rule.pivotal]
    return (state.fired[moves] == 0.0).any(axis=0) | bool(layout.pivots)


def chance_of_branch(branch: Branch, steps: int, t: int, layout: Layout, state: State, chance: list[F]) -> F:
    """Return the chance (n,) of a branch: of each move to happen, or not, within ``steps``; one half for each end."""
    likely = np.full(state.status.shape, 0.5 ** len(branch.drifts))
    for move, happens in branch.happens:
        within = expected_within(move, steps, t, layout, state, chance)
        likely = likely * (within if happens else 1.0 - within)
    return likely


def expected_within(move: int, steps: int, t: int, layout: Layout, state: State, chance: list[F]) -> F:
    """Return the chance (n,) that a move happens within ``steps``, ``1 - (1-p)^k``; 0 once it has happened."""
    fired = np.minimum(state.fired[move], 1.0)
    for ahead in range(t + 1, t + steps + 1):
        if dated(layout.moves[move], ahead):
            fired = fired + chance[move] * (1.0 - fired)
    return fired - np.minimum(state.fired[move], 1.0)


class Course:
    """The expected drivers of steps t, t+1, ...: what moves in each of them; the rest stays as it is in step t."""

    def __init__(self, layout: Layout, now: F) -> None:
        count = len(layout.variables)
        self.now, self.awaited = now, sorted({*layout.awaited, *layout.bids})
        self.rows = [*layout.foreseen, *(count + move for move in self.awaited)]
        self.places = {row: place for place, row in enumerate(self.rows)}
        self.known = [now[self.rows]]

    @property
    def last(self) -> int:
        """Return the number of the last step, the first being 0."""
        return len(self.known) - 1

    def go_on(self, x: F, came: F) -> None:
        """Add a step: its foreseen variables (R, n), and the chance that each move has come in it (V, n)."""
        if self.awaited:
            x = np.concatenate([x, self.known[-1][len(x) :] + came[self.awaited]])
        self.known.append(x)

    def driver(self, step: int, row: int) -> F:
        """Return one driver (n,) in a step."""
        return self.known[step][self.places[row]] if row in self.places else self.now[row]

    def drivers(self, step: int, rows: Sequence[int]) -> F:
        """Return some drivers (rows, n) in a step, to be read alone."""
        if rows == self.rows[: len(rows)]:
            return self.known[step][: len(rows)]
        return np.stack([self.driver(step, row) for row in rows]) if rows else self.now[:0]

    def __iter__(self) -> Iterator[F]:
        """Yield all drivers (D, n) of one step after the other."""
        return (self[step] for step in range(self.last + 1))

    def __getitem__(self, step: int) -> F:
        """Return all drivers (D, n) of a step."""
        every = self.now.copy()
        every[self.rows] = self.known[step]
        return every


class Means(NamedTuple):
    """What the foreseen variables revert to."""

    rest: F  # (R, n) what stands still
    moving: list[tuple[int, int, F]]  # what moves: (place of the variable, driver, coefficient (n,))


def means(layout: Layout, params: Params, clause: F | None) -> Means:
    """Return what the foreseen variables revert to under terms (C, n), or leaving out what hangs on terms."""
    rest = params.variable[list(layout.foreseen), 1]
    moving = []
    for row, shift in enumerate(layout.shifts):
        if shift.variable not in layout.foreseen or (clause is None and shift.clause >= 0):
            continue
        place = layout.foreseen.index(shift.variable)
        by = params.shift[row]
        if shift.clause >= 0 and clause is not None:
            by = by * clause[shift.clause]
        if shift.driver < 0:
            rest[place] += by
        else:
            moving.append((place, shift.driver, by))
    return Means(rest, moving)


def forecast(
    steps: int,
    t: int,
    layout: Layout,
    params: Params,
    state: State,
    chance: list[F],
    reverts: Means,
    ways: Ways = (),
) -> Course:
    """Return the expected drivers of steps t, t+1, ..., t+steps while talks go on.

    Only variables that payoffs hang on are moved on; the others stay as they are now.
    ``chance``: of each move per step (n,), held at what it is now; dates are respected.  ``reverts``: to what variables
    do.  With ``ways`` a draw has a column for each branch that it may take: the path is the one expected if a pivotal
    move happens within these steps, or if it does not; a pivotal variable lies a standard deviation from its path, so
    that the mean over branches is the path without them, bounds aside.
    """
    now = drivers(state.x, state.fired)
    course = Course(layout, now)
    rows = list(layout.foreseen)
    low, high = _foreseen_bounds(layout)
    decay = params.variable[rows, 2]
    able = np.stack(chance) if chance else np.zeros((0, now.shape[1]))
    jumps = [(m, rows.index(v), row) for m, r in enumerate(layout.moves) for v, row in r.jumps if v in layout.foreseen]
    x, fired = course.known[0][: len(rows)], now[len(layout.variables) :].copy()
    given = _given(ways, steps, t, layout, state, chance)
    aside = {rows.index(v): (end, np.zeros(now.shape[1])) for v, end in _ends(ways) if v in rows}
    for ahead in range(t + 1, t + steps + 1):
        target = reverts.rest.copy()
        for place, driver, by in reverts.moving:
            target[place] += by * course.driver(-1, driver)
        came = able * (1.0 - fired)
        for m, rule in enumerate(layout.moves):
            if not dated(rule, ahead):
                came[m] = 0.0
        fired += came
        if given is not None:
            came *= given
        x = x - target
        x *= decay
        x += target
        for m, place, row in jumps:
            x[place] += came[m] * params.jump[row]
        for place, (end, spread) in aside.items():
            wider = np.sqrt(
                (decay[place] * spread) ** np.full_like(spread, 2.0)
                + params.variable[rows[place], 3] ** np.full_like(spread, 2.0)
            )
            x[place] += end * (wider - decay[place] * spread)
            aside[place] = end, wider
        np.maximum(x, low, out=x)
        np.minimum(x, high, out=x)
        course.go_on(x, came)
    return course


def _given(ways: Ways, steps: int, t: int, layout: Layout, state: State, chance: list[F]) -> F | None:
    """Return the factor (V, n) on each move's chance to come in a step, given what its column's branch says of it."""
    if not ways:
        return None
    factor = np.ones((len(layout.moves), state.status.shape[0]))
    for move in dict(ways[0][0].happens):
        within = expected_within(move, steps, t, layout, state, chance)
        sure = np.where(within > 0.0, 1.0 / np.where(within > 0.0, within, 1.0), 0.0)
        factor[move] = np.where(_by_column(ways, [dict(branch.happens)[move] for branch, _ in ways]), sure, 0.0)
    return factor


def _ends(ways: Ways) -> list[tuple[int, F]]:
    """Return each pivotal variable with the end (n,) it goes to in every column."""
    variables = dict(ways[0][0].drifts) if ways else {}
    return [(v, _by_column(ways, [dict(branch.drifts)[v] for branch, _ in ways])) for v in variables]


def _by_column(ways: Ways, told: Sequence[float]) -> F:
    """Return for each column (n,) what its branch has told."""
    return np.repeat(np.asarray(told), [columns for _, columns in ways])


def _foreseen_bounds(layout: Layout) -> tuple[F, F]:
    """Return the bounds of the foreseen variables, (R, 1) each."""
    low, high = np.array([layout.bounds[v] for v in layout.foreseen]).reshape(-1, 2).T[:, :, None]
    return low, high


def expected_chances(layout: Layout, params: Params, state: State) -> tuple[list[F], list[F]]:
    """Return the chance per step (n,) of each move while talks go on, and under a deal whose terms allow it."""
    now = drivers(state.x, state.fired)
    talks, agreement = [], []
    for m, rule in enumerate(layout.moves):
        able = np.ones(now.shape[-1:], dtype=np.bool_)
        for earlier in rule.after:
            able = able & (state.fired[earlier] > 0)
        for earlier in rule.unless:
            able = able & (state.fired[earlier] == 0)
        chance = np.where(able, raw_chance(m, layout, params, now), 0.0)
        here = chance if rule.clause < 0 else chance * (state.footing.clause[rule.clause] > 0)
        none = np.zeros_like(chance)
        talks.append(here if rule.phases[0] else none)
        agreement.append(chance if rule.phases[1] else none)
    return talks, agreement


def coming(side: int, layout: Layout, params: Params, chance: list[F] | None, now: F) -> F:
    """Return what moves may still add to their drivers (V, n), in discounted mean; none without chances."""
    count = len(layout.variables)
    patience = params.tastes.discount[side, 0]
    if chance is None or not layout.awaited:
        return np.broadcast_to(0.0, (len(layout.moves), now.shape[-1]))
    later = np.zeros((len(layout.moves), now.shape[-1]))
    for m in layout.awaited:
        if layout.moves[m].on_step < 0:
            p = chance[m]
            later[m] = (1.0 - now[count + m]) * patience * p / np.maximum(1.0 - patience * (1.0 - p), 1e-12)
    return later


def settled(side: int, layout: Layout, params: Params, chance: list[F] | None, now: F, reverts: Means) -> tuple[F, F]:
    """Return the discounted mean of the drivers from ``now`` (D, n) on, and of what moves would add under a deal.

    For a variable the mean over time of ``m + (x - m) k^s`` with weights ``(1-d) d^s`` is
    ``m + (x - m)(1-d)/(1-d k)``; for a move of chance p it is ``f + (1-f) d p / (1 - d (1-p))``.  The second array
    (V, n) holds the second part alone, which counts only for deals whose terms let the move happen.  Without chances
    no move is expected any more.
    """
    count = len(layout.variables)
    patience = params.tastes.discount[side, 0]
    later = coming(side, layout, params, chance, now)
    ahead = now.copy()
    for m in layout.awaited:
        if layout.moves[m].clause < 0:
            ahead[count + m] += later[m]
    rows = list(layout.foreseen)
    if not rows:
        return ahead, later
    target = reverts.rest.copy()
    for place, driver, by in reverts.moving:
        target[place] += by * ahead[driver]
    decay = params.variable[rows, 2]
    share = (1.0 - patience) / np.maximum(1.0 - patience * decay, 1e-12)
    share = np.where(patience >= 1.0, np.where(decay >= 1.0, 1.0, 0.0), share)
    low, high = _foreseen_bounds(layout)
    ahead[rows] = np.clip(target + (now[rows] - target) * share, low, high)
    return ahead, later


def kept_up(
    side: int,
    layout: Layout,
    params: Params,
    chance: list[F],
    talks: Course,
    deal: Course,
    reverts: Means,
    nodes: tuple[int, ...],
) -> list[F]:
    """Return the discounted mean of the drivers (D, n) under a deal signed at each node of the path ``talks``.

    Along ``deal`` the mean obeys ``M_t = (1-d) D_t + d M_{t+1}``; where talks have led elsewhere by then, what differs
    decays, at a weight of ``(1-d)/(1-d k)``.  Only drivers that payoffs hang on are worked out.
    """
    count = len(layout.variables)
    patience = params.tastes.discount[side, 0]
    rows = layout.watched
    now = settled(side, layout, params, chance, deal[deal.last], reverts)[0][rows]
    means, today = {deal.last: now}, 1.0 - patience
    for step in range(deal.last - 1, -1, -1):
        now = today * deal.drivers(step, rows) + patience * now
        if step in nodes:
            means[step] = now
    decay = np.ones((len(rows), patience.shape[0]))
    for place, row in enumerate(rows):
        decay[place] = params.variable[row, 2] if row < count else _lasting(layout, chance, row - count)
    share = np.where(patience * decay < 1.0, (1.0 - patience) / np.maximum(1.0 - patience * decay, 1e-12), 1.0)
    found = []
    for node in nodes:
        mean_ = talks[node]
        mean_[rows] = means[node] + (mean_[rows] - deal.drivers(node, rows)) * share
        found.append(mean_)
    return found


def _lasting(layout: Layout, chance: list[F], move: int) -> F:
    """Return how much of a difference in what a move has done is left after a step (n,)."""
    return np.ones_like(chance[move]) if layout.moves[move].on_step >= 0 else 1.0 - chance[move]
