"""The Monte Carlo driver against the Mesa driver: the same scenario, the same rules, the same draws.

A ratio is taken within one repeat, with the two drivers timed one after the other, so that whatever else the machine
does weighs on both.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.figures import Effort, Spread, table
from benchmarks.paths import FLAGSHIP
from sim import montecarlo, randomness
from sim.scenario import load
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.faults import ScenarioError

# What turns a scenario into one whose sides go by the clock; PARTY stands for each of them.
BY_THE_CLOCK = (
    "parties.PARTY.offers={strategy: time_dependent, exponent: 1}",
    "parties.PARTY.accepts=aspiration",
)

SHOWN = ("monte_carlo_per_s", "mesa_per_s", "mesa_with_set_up_per_s", "ratio", "ratio_with_set_up")


class Speeds(NamedTuple):
    """One repeat of both drivers, in draws per second, draws played to their ends."""

    monte_carlo: float
    mesa: float  # play alone
    mesa_whole: float  # with what it takes to make one draw's numbers


def variants(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the overrides of each way in which the scenario is played: as it is, and by the clock."""
    names = [party.id for party in load(path).parties]
    clock = tuple(text.replace("PARTY", name) for name in names for text in BY_THE_CLOCK)
    return {"as it is": (), "time_dependent": clock}


def measure(effort: Effort, scenario: Path = FLAGSHIP) -> dict[str, Any]:
    """Return both drivers' speeds and their ratio, for each way in which the scenario is played."""
    few = effort.of(2, 16, 32)
    repeats = effort.of(2, 5, 3)
    found = []
    many = effort.of(2048, 8 * randomness.BLOCK, 100_000)
    for name, sets in variants(scenario).items():
        try:
            compiled = compile_scenario(load(scenario, sets))
        except ScenarioError as error:  # another protocol may need other strategies
            print(f"left out: {name}: {error.faults[0].sentence}", file=sys.stderr)
            continue
        strategies = {side.offers for side in compiled.layout.strategies}
        found.append({"name": name, "strategies": sorted(strategies), **compare(compiled, repeats, many, few)})
    return {"scenario": scenario.stem, "variants": found}


def speeds(compiled: Compiled, many: int, few: int, first: int) -> Speeds:
    """Time ``many`` draws in the Monte Carlo driver and ``few`` in the Mesa driver, these from number ``first`` on."""
    from sim.agents import Bargain

    started = perf_counter()
    montecarlo.simulate(compiled, many)
    fast = many / (perf_counter() - started)
    making = playing = 0.0
    for draw in range(first, first + few):
        started = perf_counter()
        bargain = Bargain(compiled, 0, draw)
        made = perf_counter()
        bargain.play()
        making += made - started
        playing += perf_counter() - made
    return Speeds(fast, few / playing, few / (making + playing))


def compare(compiled: Compiled, repeats: int, many: int, few: int) -> dict[str, Any]:
    """Return both drivers' speeds and their ratio over ``repeats``, after one that is not counted."""
    speeds(compiled, randomness.BLOCK, 1, 0)
    found = [speeds(compiled, many, few, repeat * few) for repeat in range(repeats)]
    return {
        "repeats": repeats,
        "monte_carlo_draws": many,
        "mesa_draws": few,
        "monte_carlo_per_s": Spread.of([one.monte_carlo for one in found])._asdict(),
        "mesa_per_s": Spread.of([one.mesa for one in found])._asdict(),
        "mesa_with_set_up_per_s": Spread.of([one.mesa_whole for one in found])._asdict(),
        "ratio": Spread.of([one.monte_carlo / one.mesa for one in found])._asdict(),
        "ratio_with_set_up": Spread.of([one.monte_carlo / one.mesa_whole for one in found])._asdict(),
    }


def ratios(found: dict[str, Any]) -> dict[str, tuple[dict[str, float], bool]]:
    """Return what a later run is held against: Monte Carlo over Mesa; more is better."""
    return {f"drivers {one['name']}": (one["ratio"], True) for one in found["variants"]}


def told(found: dict[str, Any]) -> str:
    """Return the part as a table for people."""
    rows = [
        (
            f"{found['scenario']}, {one['name']} ({', '.join(one['strategies'])})",
            *(str(Spread(**one[key])) for key in SHOWN),
        )
        for one in found["variants"]
    ]
    head = ("draws/s, one process", "Monte Carlo", "Mesa, play", "Mesa, set-up and play", "ratio to play", "to both")
    return table(head, rows)
