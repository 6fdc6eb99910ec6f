"""What a run will cost, known before it is paid: time, memory, disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.common import Code, RefusalError, plural

if TYPE_CHECKING:
    from sim.scenario import Scenario

# Measured on one core of a current server; an estimate within a factor of three.
_SECONDS_PER_DRAW_STEP = 7.5e-6
_SECONDS_PER_THING = 2.5e-6  # that moves or happens: a variable, a community, a move
_SECONDS_AT_LEAST = 3.0
_BYTES_AT_LEAST = 180e6
_BYTES_PER_DRAW = 4_000  # while it is played: this,
_BYTES_PER_STEP_AHEAD = 500  # of each step looked ahead,
_BYTES_PER_DEAL = 110  # of each deal kept in mind, by each audience as much again,
_BYTES_PER_NUMBER = 70  # and of each number of the file
POINTS = (7, 42, 252)  # of a belief about one, two, three types
_BYTES_PER_POINT = 1_000  # of a belief beyond those about one type,
_SECONDS_PER_POINT = 0.02  # and what such a point adds to the time, as a share of it
_WORKING_COPIES = 4
_LEAN_COPIES = 2  # of outcomes alone: themselves, and what the summary sorts
_BYTES_OF_OUTCOMES = 36  # classes, steps, causes, two payoffs, the draw's number
_BYTES_OF_TERMS = 16  # of an issue at most, in the first deal and at the end
_DISK_SHARE = 0.8
_DISK_AT_LEAST = 7e6
_LARGE = 10**7
_MEMORY_SHARE = 0.8


@dataclass(frozen=True)
class Cost:
    """What `draws` draws are expected to take; the estimate errs on the high side."""

    draws: int
    seconds: float
    memory_bytes: int
    disk_bytes: int

    def __str__(self) -> str:
        return (
            f"{plural(self.draws, 'draw')}: about {duration(self.seconds)}, "
            f"{size(self.memory_bytes)} of memory, {size(self.disk_bytes)} on disk"
        )


def estimate(scenario: Scenario, draws: int, workers: int, again: int = 0, *, whole: bool = True) -> Cost:
    """Return the cost of a run, from the scenario's size alone; ``again`` draws are played and not kept.

    Without ``whole`` only outcomes are kept.
    """
    from sim.blocks import ALONE, BLOCK, shares
    from sim.scenario.schema import leaves

    numbers = list(leaves(scenario))
    uncertain = sum(leaf.kind != "value" for _, leaf in numbers)
    columns = 13 + 2 * len(scenario.issues) + len(scenario.questions)
    moving = len(scenario.variables) + len(scenario.communities)
    halves = uncertain + 6 + moving  # these are kept in half the digits
    lean = _BYTES_OF_OUTCOMES + _BYTES_OF_TERMS * len(scenario.issues) + len(scenario.questions)
    table = (8 * columns + 4 * halves if whole else lean) * draws
    things = moving + len(scenario.moves)
    points = points_beyond_one_type(scenario)
    time = scenario.time
    per_draw = time.window * (_SECONDS_PER_DRAW_STEP + _SECONDS_PER_THING * things)
    per_draw *= 1.0 + _SECONDS_PER_POINT * points
    busy = min(workers, -(-draws // BLOCK)) if draws > ALONE else 1
    at_once = busy * max(size for _, size in shares(draws, busy))
    audiences = sum(party.audience is not None for party in scenario.parties)
    in_play = (
        _BYTES_PER_DRAW
        + _BYTES_PER_STEP_AHEAD * (time.look_ahead if time.deadline is None else time.window)
        + _BYTES_PER_DEAL * scenario.curve_points * (1 + audiences)
        + _BYTES_PER_NUMBER * len(numbers)
        + _BYTES_PER_POINT * points
    )
    return Cost(
        draws=draws,
        seconds=_SECONDS_AT_LEAST + (draws + again) * per_draw / busy,
        memory_bytes=int(_BYTES_AT_LEAST + in_play * at_once + (_WORKING_COPIES if whole else _LEAN_COPIES) * table),
        disk_bytes=int(_DISK_SHARE * table + _DISK_AT_LEAST),
    )


def points_beyond_one_type(scenario: Scenario) -> float:
    """Return at how many points the two beliefs are held, on average, beyond those of a belief about one type."""
    from sim.scenario.private import types_of_parties

    found = [max(1, len(types)) for types in types_of_parties(scenario).values()]
    return sum(POINTS[types - 1] - POINTS[0] for types in found) / len(found)


def memory() -> int:
    """Return the bytes of memory this process may use: the machine's, or its control group's where that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total


def ask(cost: Cost, *, yes: bool, again: int = 0) -> None:
    """Refuse a run that needs an explicit yes: most of the memory, or more than ten million draws.

    ``again`` draws are played beside those that are kept.
    """
    if yes:
        return
    if cost.memory_bytes > _MEMORY_SHARE * memory():
        raise RefusalError(
            f"{cost}; this machine has {size(memory())} of memory: fewer draws, fewer --workers, or --yes",
            Code.NEEDS_YES,
        )
    if cost.draws + again > _LARGE:
        more = f", {plural(again, 'draw')} more without each mechanism" if again else ""
        raise RefusalError(f"{cost}{more}: add --yes if that is meant", Code.NEEDS_YES)


def size(count: float) -> str:
    """Bytes in words.

    >>> size(1_500_000), size(30)
    ('1.5 MB', '30 B')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if count >= 10 or unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"


def duration(seconds: float) -> str:
    """Seconds in words.

    >>> duration(3.4), duration(200), duration(90_000)
    ('3 s', '3 min', '25.0 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
