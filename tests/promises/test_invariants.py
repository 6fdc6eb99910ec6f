"""What holds in every bargain: reservations, mirrors, scales, empty zones, deadlines."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import pytest

from sim.rules.types import AGREEMENT, TALKS
from tests.strategies import Tree, compiled, random_domain, walked, with_exits
from tests.textbook import alike

RATIONAL = ("bayesian", "equilibrium")
OFFERS = (
    *RATIONAL,
    "random",
    {"strategy": "time_dependent", "exponent": 1},
    {"strategy": "tit_for_tat", "opening": 0.1},
)
ACCEPTS = ("going_on", "next", "optimal_stopping", {"strategy": "time", "after": 0.8})
NEAR = 1e-9


@pytest.fixture
def count(full: bool) -> int:
    """How many cases are played of each."""
    return 1000 if full else 15


def bargain(seed: int, *, deadline: int | str = "none") -> Tree:
    """Return a random bargain of two rational sides, in most cases with exits."""
    return with_exits(random_domain(seed, offers=RATIONAL[seed % 2], deadline=deadline), seed)


def mirrored(tree: Tree) -> Tree:
    """Return the bargain with a in the place of b, and b in that of a."""
    other = {"a": "b", "b": "a"}

    def turned(part: object) -> object:
        if isinstance(part, dict):
            return {other.get(str(key), key): turned(value) for key, value in part.items()}
        if isinstance(part, list):
            return [turned(each) for each in part]
        return other.get(part, part) if isinstance(part, str) else part

    found = turned({key: value for key, value in tree.items() if key != "issues"})
    assert isinstance(found, dict)
    issues = [
        {**issue, "weights": turned(issue["weights"]), "values": turned(issue["values"])} for issue in tree["issues"]
    ]
    return {**found, "issues": issues}


def rescaled(tree: Tree, side: str, scale: float, shift: float) -> Tree:
    """Return the bargain with all that happens to a side worth ``scale`` times as much, and ``shift`` more."""
    tree = copy.deepcopy(tree)
    for issue in tree["issues"]:
        issue["values"][side] = {level: worth * scale for level, worth in issue["values"][side].items()}
    for regime in (tree["status_quo"], tree["breakdown"], *tree.get("exits", ())):
        regime["flows"][side] *= scale
    tree["effects"] = [{"id": "shift", "on": "flow", "party": side, "coefficient": shift}]
    return tree


def test_no_deal_is_below_either_sides_reservation(count: int, reached: Callable[[int, str], None]) -> None:
    """What is signed is worth to who answers at least going on and its exit, to who offers at least a refusal."""
    deals = 0
    for seed in range(count):
        tree = bargain(seed)
        tree["time"]["window"] = 1
        model = walked(tree)
        if model.state.agreed_step[0] != 0:
            continue
        deals += 1
        record, other = model.records[0], 1 - int(model.records[0].proposer[0])
        assert record.worth[other, 0] >= record.threshold[other, 0] - NEAR, f"bargain {seed}"
        refused = model.principals[1 - other].view.refused
        assert record.worth[1 - other, 0] >= refused[0] - NEAR, f"bargain {seed}"
    assert deals > count / 4
    reached(6, f"reservations in {count} bargains, {deals} deals")


def test_an_empty_zone_is_never_a_deal(count: int, reached: Callable[[int, str], None]) -> None:
    """Where no deal gives both what they can have without one, none is signed, exits or not, however long they talk."""
    empty = 0
    for seed in range(count):
        tree = bargain(seed)
        for issue in tree["issues"]:  # half of what either could gain: fewer zones
            issue["values"]["b"] = {level: 0.5 * worth for level, worth in issue["values"]["b"].items()}
        state = walked(tree).state
        if not state.zone[0, 0]:
            empty += 1
            assert state.agreed_step[0] == -1, f"bargain {seed}"
    assert empty > count / 20
    reached(6, f"no deal in any of {empty} empty zones of {count} bargains")


def test_mirrored_sides_mirror_the_result(count: int, reached: Callable[[int, str], None]) -> None:
    """With the sides exchanged everything else is the same: how it ends, when, and what each has."""
    for seed in range(count):
        tree = bargain(seed, deadline=("none", 3)[seed % 3 == 0])
        one, two = alike(compiled(tree)), alike(compiled(mirrored(tree)))
        for column, reflection in (
            ("status", "status"),
            ("agreed_step", "agreed_step"),
            ("payoff.a", "payoff.b"),
            ("payoff.b", "payoff.a"),
        ):
            assert one[column][0] == pytest.approx(two[reflection][0], abs=NEAR), f"bargain {seed}: {column}"
    reached(6, f"mirrors in {count} bargains")


def test_affine_changes_of_utility_change_nothing(count: int, reached: Callable[[int, str], None]) -> None:
    """With all that happens to a side worth twice as much and one more, sides do the same; payoffs follow."""
    rng = np.random.default_rng(6)
    for seed in range(count):
        tree = bargain(seed, deadline=("none", 3)[seed % 3 == 0])
        side, scale, shift = "ab"[seed % 2], float(rng.uniform(0.2, 1)), float(rng.uniform(-1, 1))
        one, two = alike(compiled(tree)), alike(compiled(rescaled(tree, side, scale, shift)))
        same = [name for name in one if name in ("status", "agreed_step", "offers") or name.startswith("agreed.")]
        assert [one[name][0] for name in same] == [two[name][0] for name in same], f"bargain {seed}"
        assert two[f"payoff.{side}"][0] == pytest.approx(scale * one[f"payoff.{side}"][0] + shift, abs=NEAR)
    reached(6, f"affine changes in {count} bargains")


def test_a_deadline_is_kept(count: int, reached: Callable[[int, str], None]) -> None:
    """Nothing is signed at a deadline or after it, and nobody talks on, by whatever strategies they bargain."""
    rng = np.random.default_rng(7)
    late = 0
    for seed in range(count):
        deadline = int(rng.integers(1, 7))
        tree = with_exits(random_domain(seed, deadline=deadline), seed)
        tree["time"]["window"] = deadline + 2
        for party in tree["parties"]:
            party["offers"] = copy.deepcopy(OFFERS[rng.integers(len(OFFERS))])
            party["accepts"] = copy.deepcopy(ACCEPTS[rng.integers(len(ACCEPTS))])
        found = alike(compiled(tree), 2)
        assert (found["agreed_step"] < deadline).all(), f"bargain {seed}"
        assert (found["status"] != TALKS).all(), f"bargain {seed}"
        assert ((found["status"] == AGREEMENT) == (found["agreed_step"] >= 0)).all(), f"bargain {seed}"
        late += int((found["agreed_step"] < 0).any())
    assert late > 0
    reached(6, f"deadlines in {count} bargains, {late} of them missed")
