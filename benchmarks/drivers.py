"""The Monte Carlo driver against the Mesa driver, and the Monte Carlo driver against its own size.

Both play the same scenario with the same rules.  A ratio is taken within one repeat, with the two drivers timed one
after the other, so that whatever else the machine does weighs on both.  Every size runs in a process of its own, so
that its peak of memory is its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks import machine
from sim import __version__, montecarlo, randomness
from sim.scenario import load
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.schema import model_hash

ROOT = Path(__file__).resolve().parent.parent
FLAGSHIP = ROOT / "scenarios" / "khmeimim-tartus-2024.yaml"
LATEST = ROOT / "benchmarks" / "results" / "latest.json"
SIZES, FULL_SIZES = (1_000, 10_000), (1_000, 10_000, 100_000)
WORKERS = (1, 2)
BATCH = montecarlo.TOGETHER * randomness.BLOCK  # draws the Monte Carlo driver plays at once


class Spread(NamedTuple):
    """A figure over repeats."""

    least: float
    median: float
    most: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        """Return least, median and most of ``figures``."""
        return cls(min(figures), median(figures), max(figures))


class Speeds(NamedTuple):
    """One repeat of both drivers, in draws per second, draws played to their ends."""

    monte_carlo: float
    mesa: float  # play alone
    mesa_whole: float  # with what it takes to make one draw's numbers


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


def compare(compiled: Compiled, repeats: int, few: int) -> dict[str, Any]:
    """Return both drivers' speeds and their ratio over ``repeats``, after one that is not counted."""
    speeds(compiled, randomness.BLOCK, 1, 0)
    found = [speeds(compiled, BATCH, few, repeat * few) for repeat in range(repeats)]
    return {
        "repeats": repeats,
        "monte_carlo_draws": BATCH,
        "mesa_draws": few,
        "monte_carlo_per_s": Spread.of([one.monte_carlo for one in found])._asdict(),
        "mesa_per_s": Spread.of([one.mesa for one in found])._asdict(),
        "mesa_with_set_up_per_s": Spread.of([one.mesa_whole for one in found])._asdict(),
        "ratio": Spread.of([one.monte_carlo / one.mesa for one in found])._asdict(),
        "ratio_with_set_up": Spread.of([one.monte_carlo / one.mesa_whole for one in found])._asdict(),
    }


def measure(scenario: Path, draws: int, workers: int) -> dict[str, Any]:
    """Run one size in this process, and return its time and its peaks of memory."""
    compiled = compile_scenario(load(scenario))
    before = machine.peak()
    started = perf_counter()
    montecarlo.simulate(compiled, draws, workers=workers)
    seconds = perf_counter() - started
    return {
        "draws": draws,
        "workers": workers,
        "processes": min(workers, -(-draws // randomness.BLOCK)) if draws > montecarlo.ALONE else 1,
        "seconds": seconds,
        "draws_per_s": draws / seconds,
        "before_mib": before,
        "peak_mib": machine.peak(),
        "worker_peak_mib": machine.peak_of_workers() if workers > 1 else 0.0,
    }


def measured_apart(scenario: Path, draws: int, workers: int) -> dict[str, Any]:
    """Run one size in a process of its own."""
    command = [sys.executable, "-m", "benchmarks", "--scenario", str(scenario), "--one", str(draws), str(workers)]
    done = subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def told(report: dict[str, Any]) -> str:
    """Return the report as a table for people."""
    drivers = report["drivers"]
    lines = [
        "  ".join(f"{key}: {value}" for key, value in report["machine"].items()),
        f"{report['scenario']}, {drivers['repeats']} repeats: median (least to most)",
        "",
        f"  Monte Carlo, one process    {_spread(drivers['monte_carlo_per_s'])} draws/s",
        f"  Mesa, play alone            {_spread(drivers['mesa_per_s'])} draws/s",
        f"  Mesa, set-up and play       {_spread(drivers['mesa_with_set_up_per_s'])} draws/s",
        f"  ratio to play alone         {_spread(drivers['ratio'])}",
        f"  ratio to set-up and play    {_spread(drivers['ratio_with_set_up'])}",
        "",
        "     draws  workers  processes   seconds   draws/s  peak MiB  worker MiB",
    ]
    for one in report["sizes"]:
        asked = f"  {one['draws']:>8,} {one['workers']:>8} {one['processes']:>10}"
        speed = f"{one['seconds']:>9.1f} {one['draws_per_s']:>9,.0f}"
        lines.append(f"{asked} {speed} {one['peak_mib']:>9,.0f} {one['worker_peak_mib']:>11,.0f}")
    return "\n".join(lines)


def _spread(figure: dict[str, float]) -> str:
    return f"{figure['median']:>8,.1f} ({figure['least']:,.1f} to {figure['most']:,.1f})"


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scenario", type=Path, default=FLAGSHIP, help="scenario to play (default: the flagship)")
    parser.add_argument("--repeats", type=int, default=5, help="repeats of the drivers' comparison (default 5)")
    parser.add_argument("--mesa-draws", type=int, default=16, help="Mesa draws in a repeat (default 16)")
    parser.add_argument("--full", action="store_true", help="measure 100,000 draws as well")
    parser.add_argument("--out", type=Path, default=LATEST, help="where the figures go (default benchmarks/results)")
    parser.add_argument("--one", type=int, nargs=2, metavar=("DRAWS", "WORKERS"), help="one size, in this process")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    asked = arguments(given)
    if asked.one:
        print(json.dumps(measure(asked.scenario, *asked.one)))
        return 0
    scenario = load(asked.scenario)
    report = {
        "scenario": scenario.id,
        "model": model_hash(scenario),
        "version": __version__,
        "machine": machine.facts(),
        "drivers": compare(compile_scenario(scenario), asked.repeats, asked.mesa_draws),
        "sizes": [
            measured_apart(asked.scenario.resolve(), draws, workers)
            for draws in (FULL_SIZES if asked.full else SIZES)
            for workers in WORKERS
        ],
    }
    print(told(report))
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0
