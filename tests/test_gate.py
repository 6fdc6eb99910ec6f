"""The gate: what is played, how often, and what is told of it."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim
from sim import gate
from sim.analysis.gate import ERRORS
from sim.mechanisms import measure, mechanisms
from sim.montecarlo import simulate
from sim.scenario import Scenario
from sim.scenario.compile import compile_scenario
from tests.scenario import examples

DRAWS, FEW = 240, 60


def harbour(folder: Path) -> Scenario:
    """A scenario with every mechanism of the format."""
    return sim.load(examples.written(folder, examples.FULL, "harbour-full"))


def test_what_moves_nothing_at_first_is_played_again_with_all_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mechanisms that tell with few draws keep them; the others have the figures of all draws, and progress adds up."""
    monkeypatch.setattr(gate, "AGAIN", FEW)
    scenario = harbour(tmp_path)
    told: list[int] = []
    grown: list[int] = []
    found = gate.gate(scenario, DRAWS, 0, progress=told.append, longer=grown.append)
    rows = {row["id"]: row for row in found["lines"][-1]["details"]}
    assert rows.keys() == {each.id for each in mechanisms(scenario)}
    assert {row["draws"] for row in rows.values()} == {FEW, DRAWS}
    columns = simulate(compile_scenario(scenario), DRAWS, 0, paths=gate.PATHS).columns
    first = {row["id"]: row for row in measure(scenario, FEW, 0, on=columns, paths=gate.PATHS)["rows"]}
    again = {row["id"]: row for row in measure(scenario, DRAWS, 0, on=columns, paths=gate.PATHS)["rows"]}
    for name, row in rows.items():
        assert (row["draws"] == DRAWS) is (abs(first[name]["most"]["z"]) <= ERRORS), name
        assert row["z"] == (again if row["draws"] == DRAWS else first)[name]["most"]["z"], name
    faint = sum(row["draws"] == DRAWS for row in rows.values())
    assert f"{faint} of them played again with {DRAWS}" in found["lines"][-1]["found"]
    assert grown == [faint * DRAWS]
    assert told == sorted(told)
    assert told[-1] == gate.draws_of(scenario, DRAWS)[0] + sum(grown)


def test_few_draws_are_played_once(tmp_path: Path) -> None:
    """Where no more draws are asked for than are played without each mechanism, nothing is played again."""
    grown: list[int] = []
    found = gate.gate(harbour(tmp_path), FEW, 0, longer=grown.append)
    assert grown == []
    assert {row["draws"] for row in found["lines"][-1]["details"]} == {FEW}
    assert "again" not in found["lines"][-1]["found"]
