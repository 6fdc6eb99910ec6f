"""What may be expected: what is the same whatever happens decides nothing, and no name does."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from sim.agents import Bargain
from sim.rules import beliefs, pricing
from tests.strategies import Tree, compiled, pie, rates, ultimatum

TIDE = {"id": "tide", "label": "Tide", "bounds": [-2, 2], "start": 0, "mean": 0, "reversion": 0.5}
STORM = {"id": "storm", "label": "A storm", "by": "sky"}
BY_TIDE, BY_STORM = {"variable": "tide"}, {"move": "storm"}
WORLDS: dict[str, tuple[list[Tree], list[Tree], Tree]] = {
    "drift": ([{**TIDE, "mean": 1}], [], BY_TIDE),
    "rate": ([], [{**STORM, "rate": 1}], BY_STORM),
    "date": ([], [{**STORM, "on": 5}], BY_STORM),
    "maybe": ([], [{**STORM, "on": 5, "chance": 0.5}], BY_STORM),
    "jump": ([TIDE], [{**STORM, "rate": 1, "jumps": {"tide": 1}}], BY_TIDE),
    "jumps": ([TIDE], [{**STORM, "rate": 1, "repeats": True, "jumps": {"tide": 0.5}}], BY_TIDE),
    "dated_jump": ([TIDE], [{**STORM, "on": 5, "jumps": {"tide": 1}}], BY_TIDE),
    "shift": ([{**TIDE, "shifts": [{"move": "storm", "by": 0.5}]}], [{**STORM, "rate": 1}], BY_TIDE),
}


def base(first: str = "a", look_ahead: int = 12, floor: str = "none") -> Tree:
    """Return a pie over which two sides talk month by month at some cost; ``floor`` says what else b has."""
    tree = rates(pie(first=first), 0.1, 0.2, 1 / 12)
    tree["time"] = {"step": "month", "window": 1, "look_ahead": look_ahead}
    tree["third_parties"] = [{"id": "sky", "label": "The sky"}]
    tree["status_quo"] = {"terms": {"pie": 0}, "flows": {"a": 0.1, "b": -0.9}}
    tree["breakdown"] = {"rate": 0.5 if floor == "hazard" else 0, "terms": {}, "flows": {"a": 0, "b": -1}}
    way_out = {"id": "quit", "label": "Quit", "by": "b", "terms": {}, "flows": {"a": 0, "b": -0.6}}
    tree["exits"] = [{**way_out, "settles": "floating"}] if floor == "exit" else []
    return tree


def with_world(tree: Tree, world: str, side: str, coefficient: float = 0.1) -> Tree:
    """Return the scenario with something that happens to ``side`` whether there is a deal, talks, an exit or none."""
    variables, moves, driver = WORLDS[world]
    effect: dict[str, Any] = {"id": "weather", "on": "flow", "party": side, "coefficient": coefficient, **driver}
    return {**tree, "variables": variables, "moves": moves, "effects": [effect]}


def agreed(tree: Tree) -> float:
    """Return a's share in the deal that is signed in the first step."""
    model = Bargain(compiled(tree), 0, 0)
    model.step()
    assert model.state.agreed_step[0] == 0
    return float(model.state.agreed[0, 0])


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("floor", ["none", "exit", "hazard"])
@pytest.mark.parametrize(("first", "side"), [("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")])
def test_what_holds_in_every_regime_decides_nothing(world: str, floor: str, first: str, side: str) -> None:
    """A gain that comes whether or not there is a deal moves no share, and delays no signature."""
    tree = base(first, floor=floor)
    assert agreed(with_world(tree, world, side)) == pytest.approx(agreed(tree), abs=1e-3)


@pytest.mark.parametrize("world", WORLDS)
def test_where_every_step_is_worked_out_it_decides_nothing_to_the_last_digit(world: str) -> None:
    """What is left of such a gain comes from straight lines between the steps worked out, and goes with them."""
    tree = base(look_ahead=1)
    assert agreed(with_world(tree, world, "b", 0.3)) == pytest.approx(agreed(tree), abs=1e-9)


def test_what_holds_in_talks_alone_does_decide() -> None:
    """The same gain, if a deal would end it, makes waiting better for its owner."""
    for side, sign in (("a", 1), ("b", -1)):
        tree = with_world(base(), "drift", side)
        tree["effects"][0]["status"] = "talks"
        assert sign * (agreed(tree) - agreed(base())) > 1e-2


def test_names_of_variables_decide_nothing() -> None:
    """Variables that move each other's means give the same deal whatever they are called, so in any order of ids."""
    found = []
    for names in (("dawn", "tide", "wind"), ("tide", "wind", "dawn"), ("wind", "dawn", "tide")):
        tree = base()
        tree["variables"] = [
            {**TIDE, "id": "dawn", "mean": 1, "shifts": [{"variable": "wind", "by": 0.2}]},
            {**TIDE, "id": "tide", "start": 0.5, "shifts": [{"variable": "dawn", "by": 0.5}]},
            {**TIDE, "id": "wind", "start": -0.5, "shifts": [{"variable": "tide", "by": 0.5}]},
        ]
        gain = {"on": "flow", "party": "b", "coefficient": 0.3, "status": "talks"}
        tree["effects"] = [{"id": "weather", **gain, "variable": "wind"}, {"id": "light", **gain, "variable": "dawn"}]
        text = json.dumps(tree)
        for old, new in zip(("dawn", "tide", "wind"), names, strict=True):
            text = text.replace(f'"{old}"', f'"{new}_"')
        found.append(agreed(json.loads(text)))
    assert found[1:] == pytest.approx([found[0]] * 2, abs=1e-12)


def test_what_the_other_expects_at_first_is_the_mean_of_its_prior() -> None:
    """A side with a biased private number knows what the other believes: its prior's mean, intervals and all."""
    tree = ultimatum(0.2, 0.6)
    tree["breakdown"]["flows"]["b"]["private"]["bias"] = 0.9
    model = Bargain(compiled(tree), 0, 0)
    tilt = pricing.tilt(model.layout, model.params, 1)
    assert tilt is not None
    assert tilt[0] == beliefs.mean_type(np.exp(model.state.belief[0]))[0]
    assert tilt[0] == pytest.approx(0.3 * (1 - 1 / 36))
