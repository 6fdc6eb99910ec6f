"""The gate: what is played, how often, and what is told of it."""

from __future__ import annotations

import pytest

from sim import gate
from sim.analysis.gate import ERRORS
from sim.mechanisms import measure, mechanisms
from sim.montecarlo import simulate
from sim.replays import Replays
from sim.scenario import Scenario
from sim.scenario.compile import compile_scenario
from tests.strategies import compiled, pie

DRAWS, FEW = 400, 60


def bargain() -> Scenario:
    """A bargain with one mechanism that hardly ever does anything, and two that do much."""
    tree = pie(({"uniform": [0.5, 0.9]}, {"uniform": [0.5, 0.9]}), window=4, offers=("bayesian", "bayesian"))
    tree["breakdown"] = {"terms": {}, "flows": {"a": -0.5, "b": -0.5}, "chance": 1e-6}
    tree["exits"] = [{"id": "quit", "label": "Quit", "by": "b", "terms": {}, "flows": {"b": {"uniform": [0, 0.9]}}}]
    tree["status_quo"]["flows"] = {"a": -0.1, "b": {"value": -0.1, "private": {"spread": 0.5}}}
    tree["outcomes"] = [
        {"id": "deal", "label": "Deal", "when": {"status": "agreement"}},
        {"id": "none", "label": "None", "when": {}},
    ]
    return compiled(tree).scenario


def test_what_moves_nothing_at_first_is_played_again_with_all_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mechanisms that tell with few draws keep them; the others have the figures of all draws, and progress adds up."""
    monkeypatch.setattr(gate, "AGAIN", FEW)
    scenario = bargain()
    told: list[int] = []
    grown: list[int] = []
    found = gate.gate(scenario, DRAWS, 0, progress=told.append, longer=grown.append)
    rows = {row["id"]: row for row in found["lines"][-1]["details"]}
    assert rows.keys() == {each.id for each in mechanisms(scenario)}
    assert {row["draws"] for row in rows.values()} == {FEW, DRAWS}
    columns = simulate(compile_scenario(scenario), DRAWS, 0, paths=gate.PATHS).columns
    first = {row["id"]: row for row in measure(scenario, Replays(FEW, 0, paths=gate.PATHS), on=columns)["rows"]}
    again = {row["id"]: row for row in measure(scenario, Replays(DRAWS, 0, paths=gate.PATHS), on=columns)["rows"]}
    for name, row in rows.items():
        assert (row["draws"] == DRAWS) is (abs(first[name]["most"]["z"]) <= ERRORS), name
        assert row["z"] == (again if row["draws"] == DRAWS else first)[name]["most"]["z"], name
    faint = sum(row["draws"] == DRAWS for row in rows.values())
    assert f"{faint} of them played again with {DRAWS}" in found["lines"][-1]["found"]
    assert grown == [faint * DRAWS]
    assert told == sorted(told)
    assert told[-1] == gate.draws_of(scenario, DRAWS)[0] + sum(grown)


def test_few_draws_are_played_once() -> None:
    """Where no more draws are asked for than are played without each mechanism, nothing is played again."""
    grown: list[int] = []
    found = gate.gate(bargain(), FEW, 0, longer=grown.append)
    assert grown == []
    assert {row["draws"] for row in found["lines"][-1]["details"]} == {FEW}
    assert "again" not in found["lines"][-1]["found"]
