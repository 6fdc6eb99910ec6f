"""Mechanisms: each switch leaves a game that plays with the same chance, and does what it says and no more."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from sim import mechanisms
from sim.ledger import Result
from sim.mechanisms import measure
from sim.mechanisms import mechanisms as those_of
from sim.montecarlo import simulate
from sim.replays import Replays
from sim.scenario import Scenario, load
from sim.scenario.compile import compile_scenario
from sim.scenario.schema import model_hash
from tests.scenario import examples
from tests.strategies import Tree, compiled, pie, played, rates, with_exits
from tests.test_montecarlo import eventful, unlike

DRAWS = 300


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """The scenario with every key of the format."""
    return load(examples.written(tmp_path_factory.mktemp("full"), examples.FULL, "harbour-full"))


@pytest.fixture(scope="module")
def coarse(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """The same with few candidates, little foresight and little time, so that it plays fast."""
    text = examples.FULL.replace("curve_points: 64", "curve_points: 12")
    text = text.replace("look_ahead_points: 32", "look_ahead_points: 6").replace("deadline: 2031-12-31", "deadline: 6")
    text = text.replace("window: 36", "window: 12").replace("by: 36", "by: 12")
    return load(examples.written(tmp_path_factory.mktemp("coarse"), text, "harbour-full"))


def without(tree: Tree, name: str) -> Result:
    """What is found with one mechanism of a scenario switched off."""
    scenario = compiled(tree).scenario
    (found,) = (each for each in those_of(scenario) if each.id == name)
    return simulate(compile_scenario(found.off(scenario)), DRAWS)


def test_every_mechanism_of_the_format_is_found(full: Scenario) -> None:
    """The scenario with every key has every mechanism that the format knows, each once, and each has a label."""
    found = [each.id for each in those_of(full)]
    assert found == [
        *("exit.evict", "audience.host", "audience.guest", "distrust", "breach", "reopening", "reliance", "private"),
        *("misperception", "collapse", "moves.league", "moves.host", "moves.guest", "rival_bids", "community.coast"),
        *("community.inland", "communities", "noise", "lumps", "constraints", "correlations"),
        *("interim", "successors", "chosen", "respond", "pivotal", "meetings"),
    ]
    assert all(each.label for each in those_of(full))


def test_every_switch_leaves_a_game_that_plays(coarse: Scenario) -> None:
    """Each mechanism off compiles and plays, and is then gone from the list; switched off twice it is off once."""
    for each in those_of(coarse):
        off = each.off(coarse)
        assert each.id not in [other.id for other in those_of(off)]
        assert model_hash(each.off(off)) == model_hash(off)
        columns = simulate(compile_scenario(off), 20).columns
        assert np.isfinite(columns["payoff.host"]).all()


def test_a_bare_scenario_has_none() -> None:
    """A pie between two who see each other exactly has nothing to switch off."""
    assert those_of(compiled(pie(points=11)).scenario) == ()


def noisy(**more: Any) -> Tree:
    """A pie in which much happens."""
    tree = eventful()
    tree["breakdown"] = {"rate": 0.2, "terms": {}, "flows": {"a": -0.5, "b": -0.5}}
    tree["parties"][0] |= {"trust": {"breach_rate": 0.2}, "accuracy": 0.6}
    tree["parties"][1]["breach"] = {"precision": 5, "gain": 0.3}
    return tree | more


def changed(tree: Tree, change: Any) -> Tree:
    """A copy of the scenario with something changed."""
    tree = copy.deepcopy(tree)
    change(tree)
    return tree


PLAIN: dict[str, Any] = {
    "audience.a": lambda tree: tree["parties"][0].pop("audience"),
    "distrust": lambda tree: tree["parties"][0].pop("trust"),
    "breach": lambda tree: tree["parties"][1].pop("breach"),
    "misperception": lambda tree: tree["parties"][0].pop("accuracy"),
    "private": lambda tree: tree["status_quo"]["flows"].update(b=-0.8),
    "collapse": lambda tree: tree["breakdown"].update(rate=0),
    "noise": lambda tree: tree["variables"][0].update(volatility=0),
    "moves.league": lambda tree: tree.update(moves=[]),
}


@pytest.mark.parametrize("name", PLAIN)
def test_off_is_what_a_file_without_it_gives(name: str) -> None:
    """Switching a mechanism off gives, bit for bit, what the file gives that never had it."""
    tree = noisy()
    assert unlike(without(tree, name), played(changed(tree, PLAIN[name]), DRAWS), DRAWS) == []


def test_an_exit_that_never_opens_is_no_exit() -> None:
    """An exit switched off stays in the file and is never taken; payoffs are those without it."""
    tree = with_exits(noisy(), 1)
    name = f"exit.{tree['exits'][0]['id']}"
    off = without(tree, name).columns
    bare = played(changed(tree, lambda t: t.update(exits=t["exits"][1:])), DRAWS).columns
    assert off["payoff.a"].tobytes() == bare["payoff.a"].tobytes()
    assert (off["outcome"] == bare["outcome"]).all()


def public(*pulls: dict[str, float]) -> Tree:
    """A pie whose audience listens to two communities that pull on one another."""
    tree = noisy()
    tree["communities"] = [
        {"id": name, "label": name, "share": share, "bounds": [0, 1], "start": 0.5, "anchor": anchor}
        | {"openness": 0.5, "reversion": 2, "volatility": 0.2}
        for name, share, anchor in (("east", 1, 0.2), ("west", 2, 0.9), ("south", 1, 0.4))
    ]
    for community, weights in zip(tree["communities"], pulls, strict=False):
        community["pulls"] = weights
    tree["parties"][0]["audience"]["communities"] = {"east": 0.3, "west": 0.3}
    tree["effects"].append({"id": "cheer", "on": "flow", "party": "a", "variable": "west", "coefficient": 0.2})
    return tree


@pytest.mark.parametrize("pulls", [(), ({"west": 1}, {"east": 1}, {"west": 2, "east": 1})])
def test_a_community_without_influence_cannot_be_felt(pulls: tuple[dict[str, float], ...]) -> None:
    """With its opinion switched off, a community's own numbers change nothing for anybody else, however far they go."""
    tree = public(*pulls)
    moved = changed(tree, lambda t: t["communities"][1].update(anchor=0.05, start=0.01))
    off, other = without(tree, "community.west").columns, without(moved, "community.west").columns
    assert unlike(played(tree, DRAWS), played(moved, DRAWS), DRAWS) != []
    for name in ("outcome", "payoff.a", "payoff.b", "agreed.pie"):
        assert off[name].tobytes() == other[name].tobytes()


def test_what_touches_nothing_moves_nothing() -> None:
    """A mechanism without any effect differs in no draw: the same chance is met, not a like one."""
    tree = noisy()
    tree["third_parties"].append({"id": "aside", "label": "Somebody else"})
    tree["moves"].append({"id": "idle", "label": "Idle", "by": "aside", "rate": 2})
    found = measure(compiled(tree).scenario, Replays(DRAWS, 0))
    row = next(row for row in found["rows"] if row["id"] == "moves.aside")
    assert row["changed"] == 0
    assert row["most"]["z"] == 0
    assert all(part["difference"] == 0 for part in (*row["shares"].values(), *row["payoffs"].values()))
    assert found["rows"][-1] == row


def test_the_differences_are_those_of_the_columns() -> None:
    """What is measured is the mean of the draws' own differences, whether the whole game is given or played again."""
    tree = noisy()
    scenario = compiled(tree).scenario
    told: list[int] = []
    found = measure(scenario, Replays(DRAWS, 0, progress=told.append))
    given = measure(scenario, Replays(DRAWS, 0), on=played(tree, DRAWS + 50).columns)
    assert given == found
    assert told[-1] == DRAWS * (1 + len(found["rows"]))
    row = next(row for row in found["rows"] if row["id"] == "audience.a")
    on, off = played(tree, DRAWS).columns, without(tree, "audience.a").columns
    difference = off["payoff.a"] - on["payoff.a"]
    assert row["payoffs"]["a"]["difference"] == pytest.approx(difference.mean())
    assert row["payoffs"]["a"]["se"] == pytest.approx(difference.std(ddof=1) / np.sqrt(DRAWS))
    assert row["shares"]["agreement"]["difference"] == pytest.approx(
        (off["outcome"] == 0).mean() - (on["outcome"] == 0).mean()
    )


def test_workers_change_no_figure_of_a_mechanism() -> None:
    """Whole games are shared out among processes; figures and the draws told at the end are the same as with one."""
    scenario = compiled(noisy()).scenario
    alone, shared = ([], [])  # type: tuple[list[int], list[int]]
    found = measure(scenario, Replays(40, 3, workers=1, progress=alone.append))
    assert measure(scenario, Replays(40, 3, workers=2, progress=shared.append)) == found
    assert shared == sorted(shared)
    assert shared[-1] == alone[-1]


def test_patience_and_more_steps() -> None:
    """A patient party loses nothing by waiting, counted by years or by steps; a deadline moves with the end."""
    tree = pie((0.9, 0.8), deadline=4, points=11)
    scenario = compiled(tree).scenario
    assert mechanisms.patient(scenario, "a").parties[0].discount_factor.args == (1.0,)  # type: ignore[union-attr]
    yearly = compiled(rates(copy.deepcopy(tree), 0.1, 0.2, 1.0)).scenario
    assert mechanisms.patient(yearly, "b").parties[1].discount_rate.args == (0.0,)  # type: ignore[union-attr]
    longer = mechanisms.longer(scenario)
    assert (longer.time.window, longer.time.deadline) == (8, 8)


def test_more_steps_change_nothing_before_them() -> None:
    """Without a deadline the longer game is the same up to the old end, also for a party that concedes by the clock."""
    offers = {"strategy": "time_dependent", "exponent": 0.5}
    tree = pie((0.9, 0.8), offers=(offers, offers), points=11, window=6)
    tree["parties"][1]["accepts"] = {"strategy": "constant", "least": 0.3}
    scenario = compiled(tree).scenario
    long = simulate(compile_scenario(mechanisms.longer(scenario)), 1).columns
    short = played(tree).columns
    assert 0 < short["agreed_step"][0] == long["agreed_step"][0]


def test_names_survive(full: Scenario) -> None:
    """No switch drops what conditions of outcomes refer to: exits, moves, variables and issues keep their ids."""
    for each in those_of(full):
        off = each.off(full)
        for part in ("exits", "moves", "variables", "communities", "issues", "parties", "third_parties"):
            assert [item.id for item in getattr(off, part)] == [item.id for item in getattr(full, part)]
