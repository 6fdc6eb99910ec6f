"""What a run costs is said before it is paid, and not far from what it takes."""

from __future__ import annotations

import tracemalloc
from copy import copy
from dataclasses import replace
from pathlib import Path

import pytest

import sim
from sim import montecarlo
from sim.cli import cost
from sim.cli.common import RefusalError
from sim.rules import beliefs
from sim.scenario.compile import compile_scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def test_cost_grows_with_draws(example: Path) -> None:
    """More draws cost more time, memory and disk; more workers cost less time."""
    scenario = sim.load(example)
    small, large = (cost.estimate(scenario, draws, 1) for draws in (1_000, 1_000_000))
    assert large.seconds > small.seconds
    assert large.memory_bytes > small.memory_bytes
    assert large.disk_bytes > small.disk_bytes
    assert cost.estimate(scenario, 1_000_000, 8).seconds < large.seconds


def test_cost_follows_how_draws_are_shared(example: Path) -> None:
    """Few draws are played by one process whatever was asked for; more workers at once need more memory."""
    scenario = sim.load(example)
    assert cost.estimate(scenario, 4_096, 1) == cost.estimate(scenario, 4_096, 64)
    one, many = (cost.estimate(scenario, 200_000, workers) for workers in (1, 16))
    assert many.memory_bytes > one.memory_bytes
    assert many.seconds < one.seconds


def test_disk_is_not_underestimated(example: Path, tmp_path: Path) -> None:
    """The draws of a run take no more of the disk than was said."""
    run = sim.run(example, draws=20_000, sets=["time.window=2"], workers=1, out=tmp_path, report=False)
    assert run.folder is not None
    taken = sum(path.stat().st_size for path in run.folder.iterdir())
    assert taken <= cost.estimate(sim.load(example), 20_000, 1).disk_bytes


def test_outcomes_alone_cost_less(example: Path, tmp_path: Path) -> None:
    """A run that keeps outcomes alone is said to need less memory and disk, and no less than it takes."""
    whole, lean = (cost.estimate(sim.load(example), 1_000_000, 1, whole=whole) for whole in (True, False))
    assert lean.memory_bytes < 0.6 * whole.memory_bytes
    assert lean.seconds == whole.seconds
    run = sim.run(example, draws=20_000, sets=["time.window=2"], workers=1, out=tmp_path, report=False, keep="outcomes")
    assert run.folder is not None
    taken = sum(path.stat().st_size for path in run.folder.iterdir())
    assert taken <= cost.estimate(sim.load(example), 20_000, 1, whole=False).disk_bytes < lean.disk_bytes
    assert sum(column.nbytes for column in run.draws.columns) / 20_000 <= 36 + 16 * len(sim.load(example).issues)


FIRST = 4  # steps in which all draws talk: later ones, with fewer draws at the table, add 2 % to what these take
SECOND_TYPE = "exits.withdraw.flows.russia={uniform: [0, 0.1], private: {spread: 0.1, type: resolve}}"


def test_a_belief_about_more_types_costs_more() -> None:
    """What is counted is at how many points a belief is held: 7, 42, 252."""
    assert tuple(beliefs.points(types).shape[1] for types in (1, 2, 3)) == cost.POINTS
    path = SCENARIOS / "khmeimim-tartus-2024.yaml"
    one, two = (cost.estimate(sim.load(path, sets), 20_000, 1) for sets in ((), (SECOND_TYPE,)))
    assert two.seconds > 1.2 * one.seconds
    assert two.memory_bytes > one.memory_bytes


@pytest.mark.parametrize(
    ("name", "sets", "steps"),
    [
        ("khmeimim-tartus-2024", (), None),
        ("khmeimim-tartus-2024", (SECOND_TYPE,), FIRST),
        ("manas-2009", (), FIRST),
        ("textbook/zeuthen", (), None),
    ],
)
def test_memory_while_playing_is_about_what_was_said(name: str, sets: tuple[str, ...], steps: int | None) -> None:
    """A block in play takes no more than was said, and no less than a third of it; most of it in its first steps."""
    scenario = sim.load(SCENARIOS / f"{name}.yaml", sets)
    game = copy(compile_scenario(scenario))
    game.layout = replace(game.layout, steps=steps or game.layout.steps)
    montecarlo.play(game, 0, montecarlo.Batch(0, 16))
    tracemalloc.start()
    montecarlo.play(game, 0, montecarlo.Batch(0, 1024))
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    more, less = (cost.estimate(scenario, draws, 1, whole=False).memory_bytes for draws in (2048, 1024))
    assert (more - less) / 4 < taken < 1.2 * (more - less)


def test_most_of_the_memory_needs_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that needs more than four fifths of the memory is refused without --yes, with both figures."""
    monkeypatch.setattr(cost, "memory", lambda: 10**9)
    need = cost.Cost(draws=100, seconds=1.0, memory_bytes=900_000_000, disk_bytes=1)
    with pytest.raises(RefusalError, match=r"900 MB of memory.*1\.0 GB of memory") as refused:
        cost.ask(need, yes=False)
    assert refused.value.code == 8
    cost.ask(need, yes=True)
    cost.ask(cost.Cost(draws=100, seconds=1.0, memory_bytes=700_000_000, disk_bytes=1), yes=False)


def test_memory_is_a_plausible_number() -> None:
    """The memory of this machine is between 64 MB and 64 TB."""
    assert 64 * 10**6 < cost.memory() < 64 * 10**12
