"""Bargains from YAML: discrete beside continuous issues, many deals, uncertain numbers, exits of both sides."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pytest

from sim.rules.trees import take
from sim.rules.types import F
from sim.scenario import load
from sim.scenario.compile import compile_scenario
from sim.solution import sharpen
from sim.solution.bargain import Bargain, Wish, bargain
from sim.solution.profile import profile
from sim.solution.spread import spread
from sim.solution.summary import efficient, solve
from tests.strategies import Tree, compiled, party, pie, random_domain, share_of, with_exits

SHELF = Path(__file__).parents[2] / "scenarios"


def opened(tree: Tree) -> tuple[Any, Bargain]:
    """Return the game and its bargain at the medians."""
    game = compiled(tree)
    return game, bargain(game, game.middle_params(), Wish())


def mixed(seed: int) -> Tree:
    """Return two continuous issues beside two discrete ones, with a bonus for one pair of levels."""
    rng = np.random.default_rng(seed)
    tree = random_domain(seed)
    levels = ("x", "y", "z")
    tree["issues"] = [
        {
            "id": name,
            "label": "An issue",
            "levels": [{"id": level} for level in levels],
            "weights": {side: round(float(rng.uniform(0.2, 1)), 3) for side in "ab"},
            "values": {side: {level: round(float(rng.random()), 3) for level in levels} for side in "ab"},
        }
        for name in ("colour", "place")
    ]
    tree["issues"] += [share_of(name, tuple(rng.uniform(0.2, 1, 2).round(3).tolist())) for name in ("money", "time")]
    tree["status_quo"] = {
        "terms": {"colour": "x", "place": "x", "money": 0, "time": 1},
        "flows": {"a": -0.4, "b": -0.4},
    }
    tree["effects"] = [
        {
            "id": "bonus",
            "on": "flow",
            "party": "a",
            "coefficient": 0.2,
            "terms": {"colour": "y", "place": "z"},
            "status": "agreement",
        }
    ]
    del tree["breakdown"]
    return tree


def gridded(tree: Tree, points: int) -> F:
    """Return what deals on a fine grid of the continuous issues are worth (K, 2), from the YAML's own numbers."""
    shares = np.linspace(0, 1, points)
    money, time = (axis.ravel() for axis in np.meshgrid(shares, shares))
    total = {side: sum(issue["weights"][side] for issue in tree["issues"]) for side in "ab"}
    colour, place, pays, lasts = tree["issues"]
    found = []
    for c, p in product("xyz", "xyz"):
        worth = []
        for side in "ab":
            u = colour["weights"][side] * colour["values"][side][c] + place["weights"][side] * place["values"][side][p]
            high = (money, time) if side == "a" else (1 - money, 1 - time)
            u = u + pays["weights"][side] * high[0] + lasts["weights"][side] * high[1]
            worth.append(u / total[side] + (0.2 if side == "a" and (c, p) == ("y", "z") else 0.0))
        found.append(np.stack(worth, axis=1))
    return np.concatenate(found)


@pytest.mark.parametrize("seed", range(8))
def test_no_deal_of_a_fine_grid_beats_the_points_of_a_mixed_bargain(seed: int) -> None:
    """With discrete and continuous issues each point scores at least what the grid reaches, and hardly more."""
    tree = mixed(seed)
    game, one = opened(tree)
    rows = gridded(tree, 201)
    gain = rows[(rows >= one.reserve).all(axis=1)] - one.disagreement
    found = sharpen.points(game, game.middle(), one)
    best = gain.max(axis=0)
    scores: dict[str, Callable[[F], F]] = {
        "nash": lambda g: np.sqrt(g[..., 0] * g[..., 1]),
        "kalai_smorodinsky": lambda g: np.min(g / best, axis=-1),
        "egalitarian": lambda g: np.min(g, axis=-1),
        "utilitarian": lambda g: np.sum(g, axis=-1),
    }
    for name, score in scores.items():
        point = found[name]
        assert point is not None
        reached = float(score(point[0] - one.disagreement))
        assert float(score(gain).max()) - 5e-3 * (name == "kalai_smorodinsky") <= reached + 1e-9
        assert reached <= float(score(gain).max()) + 5e-3
        level = game.terms_of(point[1])
        assert one.game.worth(point[1][:, None, None])[0, :, 0] == pytest.approx(point[0], abs=1e-9), level


@pytest.mark.parametrize("seed", range(8))
def test_no_deal_of_a_fine_grid_beats_a_corner_of_the_curve(seed: int) -> None:
    """Every corner listed as efficient is undominated on the grid, and the lines between joined corners are too."""
    tree = mixed(seed)
    game, one = opened(tree)
    rows = gridded(tree, 101)
    listed = efficient(game, one)
    spots = [np.array(row["worth"]) for row in listed]
    for row, here, there in zip(listed, spots, spots[1:], strict=False):
        if row["joined"]:
            spots.append((here + there) / 2)
    for spot in spots[: len(listed)]:
        assert not (rows > spot + 1e-9).all(axis=1).any()
    assert {row["joined"] for row in listed} >= {True}


def test_fifty_thousand_deals_are_solved_in_a_second() -> None:
    """Four issues of ten levels and one of five: values, efficient set and points take under a second."""
    tree = random_domain(3)
    rng = np.random.default_rng(1)
    sizes = (10, 10, 10, 10, 5)
    tree["issues"] = [
        {
            "id": f"i{k}",
            "label": "An issue",
            "levels": [{"id": f"l{at}"} for at in range(size)],
            "weights": {side: float(rng.uniform(0.1, 1)) for side in "ab"},
            "values": {side: {f"l{at}": float(rng.random()) for at in range(size)} for side in "ab"},
        }
        for k, size in enumerate(sizes)
    ]
    tree["status_quo"]["terms"] = {f"i{k}": "l0" for k in range(len(sizes))}
    game = compiled(tree)
    before = process_time()
    one = bargain(game, game.middle_params(), Wish())
    found = sharpen.points(game, game.middle(), one)
    listed = efficient(game, one)
    assert process_time() - before < 1
    assert len(one.pieces.worth) == 50_000
    assert all(found.values())
    assert len(listed) > 5


def test_the_spread_is_that_of_single_bargains() -> None:
    """Each draw's points are those of a bargain with that draw's numbers alone."""
    tree = with_exits(random_domain(5, offers="bayesian"), 5)
    for issue in tree["issues"]:
        issue["weights"]["a"] = {"uniform": [0.1, 1]}
    tree["status_quo"]["flows"]["b"] = {"value": -0.3, "private": {"spread": 0.2}}
    game = compiled(tree)
    columns = spread(game, Wish(), 1030, 7)
    for draw in (0, 17, 1023, 1024, 1029):
        block, row = divmod(draw, 1024)
        one = bargain(game, take(game.params(7, block), np.array([row])), Wish())
        found = sharpen.points(game, game.middle(), one)
        assert columns["reservation"][draw] == pytest.approx(one.reserve, abs=1e-12)
        assert columns["zone"][draw] == (found["nash"] is not None)
        for name, point in found.items():
            if point is not None:
                assert columns[name][draw] == pytest.approx(point[0], abs=1e-12)
    assert len(np.unique(columns["nash"][:, 0])) > 3


def test_nobody_counts_on_being_left() -> None:
    """A side that the other's exit would serve has its own exit or the talks: to be left is not in its hands."""
    tree = pie((0.9, 0.9))
    tree["exits"] = [
        {"id": "one", "label": "Out", "by": "a", "absolute": True, "flows": {"a": 0.2, "b": 0.9}},
        {"id": "two", "label": "Out", "by": "b", "absolute": True, "flows": {"a": 0.9, "b": 0.3}},
    ]
    assert opened(tree)[1].reserve == pytest.approx([0.2, 0.3])
    tree["exits"] = tree["exits"][:1]
    assert opened(tree)[1].reserve == pytest.approx([0.2, 0.0])
    tree["exits"][0]["flows"] = {"a": -0.1, "b": 0.9}
    assert opened(tree)[1].reserve == pytest.approx([0.0, 0.0])


def test_a_threat_to_leave_pushes_the_reserve_below_the_talks() -> None:
    """A side better off talking, whom the other's exit would hurt, gains from what that exit would leave it."""
    tree = pie((0.9, 0.9))
    tree["status_quo"]["flows"] = {"a": 0.4, "b": -1}
    tree["exits"] = [{"id": "two", "label": "Out", "by": "b", "absolute": True, "flows": {"a": 0.1, "b": 0.3}}]
    one = opened(tree)[1]
    assert one.reserve == pytest.approx([0.1, 0.3])
    assert one.disagreement == pytest.approx([0.1, 0.0])


def test_an_exit_that_opens_later_is_not_counted() -> None:
    """What is not open in the first step raises nobody's reserve."""
    tree = pie((0.9, 0.9))
    tree["exits"] = [{"id": "x", "label": "Out", "by": "b", "absolute": True, "flows": {"a": 0, "b": 0.6}, "from": 2}]
    assert opened(tree)[1].reserve == pytest.approx([0.0, 0.0])


def test_one_sided_offers_give_no_powers() -> None:
    """Where one side makes every offer no limit of short rounds exists; stated powers do."""
    tree = pie((0.9, 0.8))
    tree["protocol"] = {"kind": "one_sided", "by": "a"}
    game = compiled(tree)
    assert solve(game, draws=1)["asymmetric_nash"] is None
    stated = solve(game, Wish(power=0.25), draws=1)["asymmetric_nash"]
    assert stated["worth"] == pytest.approx([0.25, 0.75])


def test_recognition_by_lot_weighs_in_the_powers() -> None:
    """With rates 0.1 and 0.2 and a proposing three times in four: 0.75 * 0.2 / (0.75 * 0.2 + 0.25 * 0.1) = 6/7."""
    tree = pie()
    tree["parties"] = [party("a", discount_rate=0.1), party("b", discount_rate=0.2)]
    tree["protocol"] = {"kind": "random", "recognition": {"a": 3, "b": 1}}
    assert solve(compiled(tree), draws=1)["asymmetric_nash"]["powers"] == pytest.approx([6 / 7, 1 / 7])


def test_the_deal_that_is_played_stands_beside_the_points() -> None:
    """Rubinstein's share of the pie, played by the rules and told in the measure of the points."""
    found = solve(compiled(pie((0.9, 0.8))))
    assert found["protocol"]["draws"] == 1
    assert found["protocol"]["deal"]["pie"] == pytest.approx(0.714286, abs=5e-7)
    assert [row["mean"] for row in found["protocol"]["worth"]] == pytest.approx([0.714286, 0.285714], abs=5e-7)


def test_rubinsteins_strategies_are_subgame_perfect() -> None:
    """What the rules play without a deadline, asked about a fine pie, passes the checker; another demand does not."""
    found = profile(compiled(pie((0.9, 0.8))), np.linspace(0, 1, 201)[None])
    assert (found.gains() < 1e-9).all()
    assert found.worths[found.offer[0], 0] == pytest.approx(0.714286, abs=5e-7)
    lower = int(np.flatnonzero(np.isclose(found.worths[:, 0], 0.7))[0])
    assert found._replace(offer=np.array([lower, found.offer[1]])).gains()[0, 0] == pytest.approx(0.014286, abs=1e-6)


def test_a_profile_of_a_moving_game_is_refused() -> None:
    """Exits, moving worlds and one-sided talks are no game of offers with constant payoffs, and are refused."""
    tree = with_exits(pie((0.9, 0.9)), 3)
    assert tree["exits"]
    with pytest.raises(ValueError, match="constant payoffs"):
        profile(compiled(tree))


@pytest.mark.parametrize("file", sorted(SHELF.rglob("*.yaml")), ids=lambda file: file.stem)
def test_every_shipped_scenario_is_solved(file: Path) -> None:
    """Each has deals, efficient ones among them, and points exactly where it has a zone, each worth its reserve."""
    found = solve(compile_scenario(load(file)), draws=2)
    assert found["pareto"]
    for name in ("nash", "kalai_smorodinsky", "egalitarian", "utilitarian"):
        assert (found[name] is not None) == (found["deals_at"][name] is not None) == found["zone_of_agreement"]
        if found[name]:
            assert (np.array(found[name]) >= np.array(found["reservation"]) - 1e-9).all()


def test_progress_counts_every_draw_played_and_weighed() -> None:
    """What is told of the progress never falls, and ends at all draws, once played and once weighed."""
    tree = pie((0.9, 0.9))
    tree["status_quo"]["flows"] = {"a": {"uniform": [0, 0.2]}, "b": 0}
    told: list[int] = []
    solve(compiled(tree), draws=30, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 60
