"""Binding causes put to the test: the same draw without that one friction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.agents import Bargain
from sim.causes import cause, counterfactuals, put_to_the_test, replay
from sim.mechanisms import without_audience, without_misperception, without_private_types
from sim.montecarlo import simulate
from sim.replays import Replays
from sim.rules.types import CAUSES
from sim.scenario.compile import compile_scenario
from tests.strategies import Tree, compiled, pie, ultimatum
from tests.test_montecarlo import eventful


def found(tree: Tree, draw: int = 0, seed: int = 0) -> dict[str, Any] | None:
    """Why a draw has no deal."""
    game = compiled(tree)
    model = Bargain(game, seed, draw)
    model.play()
    return cause(game, model.state, seed, draw)


def slow(**more: Any) -> Tree:
    """A pie of which both ask for everything, until a becomes reasonable in its fourth offer."""
    greedy = [{"pie": 1}] * 6
    offers = {"strategy": "fixed", "script": [*greedy, {"pie": 0.3}]}, {"strategy": "fixed", "script": [{"pie": 0}]}
    return pie((0.9, 0.9), offers=offers, points=11, window=8, **more)


def test_a_deal_has_no_cause() -> None:
    """Where a deal is signed there is nothing to explain."""
    assert found(pie(points=11)) is None


def test_no_zone_cannot_be_removed() -> None:
    """Where nothing suits both, no friction is removed, and it says so."""
    way_out = {"id": "quit", "label": "Quit", "by": "b", "terms": {}, "flows": {"a": 0.4, "b": 0.8}, "absolute": True}
    tree = pie((0.9, 0.9), exits=[way_out])
    tree["status_quo"]["flows"]["a"] = 0.5
    assert found(tree) == {"name": "no_zone", "confirmed": False, "removed": None, "without": None}


def test_time_is_confirmed_by_more_meetings() -> None:
    """Two who never meet have no more to say in twice as many steps; in every step they would agree at once."""
    tree = pie((0.9, 0.9), points=11, window=4)
    tree["protocol"]["meetings"] = 0
    assert found(tree) == {
        "name": "time",
        "confirmed": True,
        "removed": "with a meeting in every step",
        "without": {"outcome": "agreement", "agreed": True, "step": 0},
    }


def test_time_is_confirmed_by_more_steps() -> None:
    """Talks that are still on when the window ends are settled in a later step where there are twice as many."""
    tree = slow()
    tree["time"]["window"] = 4
    assert simulate(compiled(slow()), 1).columns["agreed_step"][0] == 6
    assert found(tree) == {
        "name": "time",
        "confirmed": True,
        "removed": "with 8 steps instead of 4",
        "without": {"outcome": "agreement", "agreed": True, "step": 6},
    }


def test_time_that_nothing_mends_is_not_confirmed() -> None:
    """Where both ask for everything for ever, neither more steps nor patience help: the first attempt is told."""
    tree = slow()
    tree["parties"][0]["offers"]["script"] = [{"pie": 1}]
    for party in tree["parties"]:  # or the impatient one would take nothing from one that is not
        party["accepts"] = {"strategy": "constant", "least": 0.2}
    why = found(tree)
    assert why is not None
    assert (why["name"], why["confirmed"], why["removed"]) == ("time", False, "with 16 steps instead of 8")
    assert why["without"] == {"outcome": "none", "agreed": False, "step": None}


def test_failed_ratification_is_confirmed_without_audiences() -> None:
    """A public that carries nothing keeps two sides apart that would sign at once."""
    tree = pie((0.9, 0.9), points=11)
    tree["parties"][0]["audience"] = {"link": "cdf", "threshold": 0.99, "spread": 0.9, "on_failure": "end"}
    columns = simulate(compiled(tree), 200).columns
    failed = np.flatnonzero(columns["cause"] == 4)
    assert len(failed)
    why = found(tree, int(failed[0]))
    assert why is not None
    assert (why["name"], why["confirmed"]) == ("failed_ratification", True)
    assert why["removed"] == "without ratification at home"
    assert why["without"]["step"] == 0


def first(tree: Tree, name: str) -> dict[str, Any]:
    """What is found for the first of 60 draws whose cause has a name."""
    draws = np.flatnonzero(simulate(compiled(tree), 60).columns["cause"] == CAUSES.index(name))
    assert len(draws), name
    why = found(tree, int(draws[0]))
    assert why is not None
    return why


def test_a_shock_is_confirmed_without_collapses() -> None:
    """Talks that collapse after a rejection lead to a deal where nothing collapses."""
    tree = slow()
    tree["breakdown"] = {"chance": 0.3, "terms": {}, "flows": {"b": -1}}
    why = first(tree, "shock")
    assert (why["confirmed"], why["removed"]) == (True, "without collapses")
    assert why["without"]["step"] == 6


def test_a_move_that_ends_talks_is_a_shock_too() -> None:
    """A move that ends the talks is kept, and its blow taken out."""
    tree = slow(third_parties=[{"id": "war", "label": "War"}])
    tree["moves"] = [{"id": "strike", "label": "A strike", "by": "war", "rate": 0.3, "collapse": 0.5}]
    tree["breakdown"] = {"terms": {}, "flows": {"b": -1}}
    assert first(tree, "shock")["confirmed"]


def test_an_exit_is_confirmed_without_that_exit() -> None:
    """A side that leaves when its exit opens would have signed later; the other exit stays open."""
    tree = slow()
    ways = [("quit", "b", 0.6, 1), ("other", "a", -0.5, 0)]
    tree["exits"] = [
        {"id": name, "label": name, "by": by, "from": start, "terms": {}, "absolute": True, "flows": {by: worth}}
        for name, by, worth, start in ways
    ]
    why = found(tree)
    assert why is not None
    assert (why["name"], why["confirmed"], why["removed"]) == ("exit", True, "without the exit “quit”")


def test_mistrust_is_confirmed_without_distrust() -> None:
    """A deal that nobody believes will be kept is signed where promises are believed."""
    tree = pie((0.9, 0.9), points=11, offers=("bayesian", "bayesian"))
    tree["status_quo"]["flows"] = {"a": 0.3, "b": -0.7}
    for party in tree["parties"]:
        party["trust"] = {"breach_rate": 1}
        party["breach"] = {"precision": 5, "gain": 0, "terms": {"pie": 1 if party["id"] == "a" else 0}}
    tree["status_quo"]["terms"] = {"pie": 0}
    why = found(tree)
    assert why is not None
    assert (why["name"], why["confirmed"], why["removed"]) == ("mistrust", True, "without distrust of promises")


def test_a_rival_bid_is_confirmed_without_it() -> None:
    """A bid that makes talks worth more than any deal is the cause; without it there is a deal."""
    tree = slow(third_parties=[{"id": "rival", "label": "A rival"}])
    tree["status_quo"]["flows"]["a"] = 0.1
    tree["moves"] = [{"id": "bid", "label": "A bid", "by": "rival", "rate": 0.05, "rival_bid": True}]
    tree["effects"] = [{"id": "lure", "on": "flow", "party": "b", "move": "bid", "coefficient": 1.5, "status": "talks"}]
    why = first(tree, "rival_bid")
    assert (why["confirmed"], why["removed"]) == (True, "without rival bids")


def test_misperception_is_put_to_the_test() -> None:
    """Where an offer thought good was refused, the draw is replayed with all known; some have a deal then."""
    tree = eventful()
    off = without_private_types(without_misperception(compiled(tree).scenario))
    columns = simulate(compile_scenario(off), 100).columns
    refused = np.flatnonzero(simulate(compiled(tree), 100).columns["cause"] == 1)
    confirmed = 0
    for draw in refused[:6]:
        why = found(tree, int(draw))
        assert why is not None
        assert why["name"] == "misperception"
        assert why["confirmed"] == (columns["agreed_step"][draw] >= 0)
        confirmed += why["confirmed"]
    assert confirmed > 0


def test_a_war_over_a_divisible_good_is_no_empty_zone() -> None:
    """Fearon's war comes of a secret: any share between 0.4 and 0.6 or so would have served both, and it has a deal."""
    tree = ultimatum(0.0, 0.4)
    columns = simulate(compiled(tree), 400).columns
    lost = columns["agreed_step"] < 0
    assert 0.3 < lost.mean() < 0.45
    assert {CAUSES[code] for code in columns["cause"][lost]} == {"misperception"}
    told = found(tree, draw=int(np.flatnonzero(lost)[0]))
    assert told is not None
    assert told["name"] == "misperception"
    assert told["confirmed"]


@pytest.mark.parametrize("paths", [1, 3])
def test_a_replay_is_that_draw_of_the_other_game(paths: int) -> None:
    """A replayed draw ends as the same draw of a run without the friction, with several paths too."""
    tree = eventful()
    off = without_audience(compiled(tree).scenario)
    columns = simulate(compile_scenario(off), 20, 5, paths=paths).columns
    for draw in range(20):
        again = replay(off, 5, draw, paths)
        assert again["agreed"] == (columns["agreed_step"][draw] >= 0)
        assert again["outcome"] == off.outcomes[columns["outcome"][draw]].id


def test_many_draws_are_put_to_the_test_as_one_is() -> None:
    """How many draws of each cause are confirmed, and by what, is what the agents say of them one by one."""
    game, draws = compiled(eventful()), 60
    columns = simulate(game, draws + 20).columns
    told: list[int] = []
    replays = Replays(draws, 0, progress=told.append)
    whole = put_to_the_test(game, columns, replays)
    alone = [why for draw in range(draws) if (why := found(eventful(), draw)) is not None]
    assert [row["draws"] for row in whole["rows"]] == sorted((row["draws"] for row in whole["rows"]), reverse=True)
    assert sum(row["draws"] for row in whole["rows"]) == len(alone) > 0
    for row in whole["rows"]:
        each = [why for why in alone if why["name"] == row["cause"]]
        assert row["draws"] == len(each), row["cause"]
        assert (row["confirmed"] is None) is (row["cause"] == "no_zone")
        if row["confirmed"] is not None:
            hits = sum(why["confirmed"] for why in each)
            assert row["confirmed"]["probability"] == pytest.approx(hits / len(each))
            assert row["confirmed"]["low"] <= hits / len(each) <= row["confirmed"]["high"]
        for way in row["ways"]:
            assert way["confirmed"] == sum(why["confirmed"] and why["removed"] == way["removed"] for why in each)
    assert told[-1] <= draws * len(counterfactuals(game))


def test_every_exit_is_taken_away_from_the_draws_that_took_it() -> None:
    """Where two exits end talks, each is removed in its own draws alone, and the two make up the cause."""
    tree = slow()
    tree["exits"] = [
        {"id": name, "label": name, "by": by, "from": 1, "terms": {}, "absolute": True, "flows": {by: worth}}
        for name, by, worth in (("other", "a", {"uniform": [0.0, 2.0]}), ("quit", "b", {"uniform": [0.0, 2.0]}))
    ]
    game = compiled(tree)
    columns = simulate(game, 100).columns
    (row,) = (row for row in put_to_the_test(game, columns, Replays(100, 0))["rows"] if row["cause"] == "exit")
    taken = columns["exit"][columns["cause"] == CAUSES.index("exit")]
    assert [way["draws"] for way in row["ways"]] == [int((taken == place).sum()) for place in (0, 1)]
    assert min(way["draws"] for way in row["ways"]) > 0
    assert [way["removed"] for way in row["ways"]] == ["without the exit “other”", "without the exit “quit”"]


def test_a_game_is_played_once() -> None:
    """What was played for one question is not played again for another, nor are two games that mean the same."""
    scenario = compiled(slow()).scenario
    told: list[int] = []
    replays = Replays(20, 0, progress=told.append)
    one, two = replays.of([scenario, scenario.model_copy(update={"title": "Another title"})])
    assert one is two
    assert replays.of([scenario])[0] is one
    assert told[-1] == 20
