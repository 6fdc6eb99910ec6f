"""Outcome classes and dated questions as functions of a state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.rules.types import EXIT, HISTORY, STATUSES, B, I, State, status_of
from sim.scenario.fields import Range
from sim.scenario.levels import allowed, points_of

if TYPE_CHECKING:
    from sim.scenario.compile import Compiled

Reading = Callable[[State], B]


def reading(game: Compiled, when: Any) -> Reading:
    """Return the function that tells in which draws (n,) a predicate holds; every given key must hold."""
    tests = [*_of_status(game, when), *_of_terms(game, when), *_of_world(game, when), *_of_parts(game, when)]

    def holds(state: State) -> B:
        met = np.ones(state.status.shape, dtype=np.bool_)
        for test in tests:
            met = met & test(state)
        return met

    return holds


def _of_status(game: Compiled, when: Any) -> list[Reading]:
    tests: list[Reading] = []
    if when.status:
        codes = [STATUSES.index(name) for name in when.status]
        tests.append(_among_codes(status_of, codes, len(STATUSES)))
    if when.exit:
        rows = [row for row, option in enumerate(game.exits) if option.id in when.exit]
        taken = _among_codes(lambda state: state.exit, rows, len(game.exits) + 1)  # -1, no exit, reads the last
        tests.append(lambda state: (state.status == EXIT) & taken(state))
    tests.extend(_counted(HISTORY.index(name), some=True) for name in when.ever)
    tests.extend(_counted(HISTORY.index(name), some=False) for name in when.never)
    return tests


def _among_codes(code: Callable[[State], I], wanted: list[int], size: int) -> Reading:
    """Return the test whether a code below ``size`` is one of those wanted, read from a table."""
    table = np.zeros(size, dtype=np.bool_)
    table[wanted] = True
    return lambda state: table[code(state)]


def _counted(row: int, *, some: bool) -> Reading:
    return lambda state: (state.history[row] > 0) == some


def _of_terms(game: Compiled, when: Any) -> list[Reading]:
    tests: list[Reading] = []
    rows = {issue.id: row for row, issue in enumerate(game.issues)}
    for name, wanted in (when.terms or {}).items():
        row, issue = rows[name], game.issues[rows[name]]
        if isinstance(wanted, Range) and issue.continuous:
            low, high = issue.range or (0.0, 1.0)
            scale = (points_of(issue) - 1) / (high - low)
            least = -np.inf if wanted.at_least is None else (wanted.at_least - low) * scale - 1e-9
            most = np.inf if wanted.at_most is None else (wanted.at_most - low) * scale + 1e-9
            tests.append(_between(row, least, most))
        else:
            tests.append(_among(row, np.array(allowed(issue, wanted))))
    start = game.layout.fixed[game.layout.status_quo]
    for name, directions in when.relative.items():
        tests.append(_against(rows[name], start[rows[name]], directions))
    return tests


def _among(row: int, named: Any) -> Reading:
    return lambda state: named[np.rint(state.footing.level[row]).astype(np.int64)] > 0


def _between(row: int, least: float, most: float) -> Reading:
    return lambda state: (state.footing.level[row] >= least) & (state.footing.level[row] <= most)


def _against(row: int, start: float, directions: tuple[str, ...]) -> Reading:
    signs = [("reduced", "same", "expanded").index(name) for name in directions]

    def sign(state: State) -> I:
        found: I = np.sign(state.footing.level[row] - start).astype(np.int64) + 1
        return found

    return _among_codes(sign, signs, 3)


def _of_world(game: Compiled, when: Any) -> list[Reading]:
    tests: list[Reading] = []
    names = {item.id: row for row, item in enumerate(game.moving)}
    for name, wanted in when.variables.items():
        tests.append(_valued(names[name], wanted))
    for name in when.moved:
        row = next(i for i, move in enumerate(game.moves) if move.id == name)
        tests.append(_moved(row))
    return tests


def _valued(row: int, wanted: Range) -> Reading:
    low = -np.inf if wanted.at_least is None else wanted.at_least
    high = np.inf if wanted.at_most is None else wanted.at_most
    return lambda state: (state.x[row] >= low) & (state.x[row] <= high)


def _moved(row: int) -> Reading:
    return lambda state: state.fired[row] > 0


def _of_parts(game: Compiled, when: Any) -> list[Reading]:
    tests: list[Reading] = []
    if when.any:
        some = [reading(game, part) for part in when.any]
        tests.append(lambda state: np.logical_or.reduce([test(state) for test in some]))
    if when.all:
        tests.extend(reading(game, part) for part in when.all)
    if when.not_ is not None:
        inner = reading(game, when.not_)
        tests.append(lambda state: ~inner(state))
    return tests
