"""The gate's lines: planted effects are found, noise is not, and thresholds are where they are said to be."""

from typing import Any

import numpy as np
import pytest

from sim.analysis.gate import all_move, chance_decides, guard, leaf_effects, many_classes, many_leaves, none_certain

NAMES = ("a", "b", "c", "d", "e", "f")


def spread(*shares: float) -> np.ndarray:
    """A column of 1,000 draws in pairs with these shares, in random order."""
    counts = [round(1_000 * share) for share in shares]
    return np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))


@pytest.mark.parametrize(("fifth", "passed"), [(0.04, True), (0.03, False)])
def test_five_classes_above_three_percent(fifth: float, passed: bool) -> None:
    """Four large classes and a fifth: above 3 % it counts, at 3 % it does not."""
    line = many_classes(NAMES, spread(0.3, 0.3, 0.2, 0.2 - fifth, fifth), 2)
    assert line.passed is passed
    assert line.found.startswith("5 of 6" if passed else "4 of 6")
    assert [row["outcome"] for row in line.details] == list(NAMES)


@pytest.mark.parametrize(("largest", "passed"), [(0.70, True), (0.71, False)])
def test_none_above_seventy_percent(largest: float, passed: bool) -> None:
    """The largest class is named with its share; 70 % passes and 71 % does not."""
    line = none_certain(NAMES, spread(1 - largest, largest), 2)
    assert line.passed is passed
    assert "the largest, b, has" in line.found


def planted(groups: int, effects: tuple[float, ...], idle: int, seed: int) -> dict[str, Any]:
    """Pairs of draws whose chance of class 1 rises along some leaves by so much over their range, not along others."""
    rng = np.random.default_rng(seed)
    leaves = rng.random((len(effects) + idle, groups))
    chance = np.full(groups, 0.5) + sum((leaf - 0.5) * size for leaf, size in zip(leaves, effects, strict=False))
    outcome = (rng.random((groups, 2)) < chance[:, None]).astype(np.int8).ravel()
    return {"outcome": outcome} | {f"leaf.l{place}": np.repeat(leaf, 2) for place, leaf in enumerate(leaves)}


def test_planted_effects_are_found_with_their_size() -> None:
    """Leaves that move a class by 40 and 25 points over their range show four fifths of that between the fifths."""
    effects = leaf_effects(NAMES[:2], planted(5_000, (0.4, -0.25), 10, 1), 2)
    assert [each.leaf for each in effects[:2]] == ["l0", "l1"]
    for each, size in zip(effects, (0.4, -0.25), strict=False):
        change = each.difference if each.outcome == "b" else -each.difference
        assert change == pytest.approx(0.8 * size, abs=4 * each.se)


def test_five_strong_leaves_pass_and_four_do_not() -> None:
    """Five leaves of 15 points are counted, all of them, and no idle one; four are too few."""
    five = many_leaves(NAMES[:2], planted(10_000, (0.15,) * 5, 20, 2), 2)
    assert five.passed
    assert sorted(row["leaf"] for row in five.details if row["counted"]) == ["l0", "l1", "l2", "l3", "l4"]
    assert not many_leaves(NAMES[:2], planted(10_000, (0.15,) * 4, 20, 2), 2).passed


def test_noise_is_not_counted() -> None:
    """Of 60 leaves without effect, at draws so few that 5 points are common, one is counted in at most 1 run in 20."""
    runs = [many_leaves(NAMES[:2], planted(400, (), 60, seed), 2).details for seed in range(40)]
    assert sum(abs(row["difference"]) >= 0.05 for rows in runs for row in rows) > 200
    assert sum(any(row["counted"] for row in rows) for rows in runs) <= 2
    assert guard(120) == pytest.approx(3.53, abs=0.01)


def test_leaves_of_few_values_are_compared_at_their_ends() -> None:
    """A leaf of two values is split by value, one that never varies is left out."""
    columns = planted(2_000, (0.5,), 1, 3)
    columns["leaf.l0"] = np.where(columns["leaf.l0"] < 0.9, 1.0, 2.0)
    columns["leaf.l1"] = np.ones(4_000)
    (effect,) = leaf_effects(NAMES[:2], columns, 2)
    assert effect.leaf == "l0"
    assert abs(effect.difference) == pytest.approx(0.25, abs=4 * effect.se)


def test_chance_decides_in_fifteen_percent() -> None:
    """Of 100 pairs 15 that differ are enough, 14 are not."""
    for differing, passed in ((15, True), (14, False)):
        column = np.zeros((100, 2), dtype=np.int8)
        column[:differing, 1] = 1
        assert chance_decides(column.ravel(), 2).passed is passed


def test_every_mechanism_must_move_something() -> None:
    """A mechanism at three standard errors fails the line and is named; above it passes."""

    def row(name: str, z: float) -> dict[str, Any]:
        most = {"kind": "share", "id": "a", "difference": 0.1, "se": 0.01, "z": z}
        return {"id": name, "label": name, "draws": 100, "most": most}

    assert all_move({"draws": 100, "rows": [row("one", 3.1), row("two", float("inf"))]}).passed
    line = all_move({"draws": 100, "rows": [row("one", 3.1), row("two", -3.0)]})
    assert not line.passed
    assert line.found.endswith("not: two")


def test_ends_of_few_draws_count_for_nothing() -> None:
    """With few draws of the parameters no leaf is counted, however far apart its ends lie; with many it is."""
    outcomes = ["a", "b"]
    for draws, counted in ((20, 0), (80, 0), (2_000, 1)):
        leaf = np.repeat(np.linspace(0, 1, draws // 2), 2)
        columns = {"outcome": (leaf > 0.5).astype(np.int64), "leaf.x": leaf}
        line = many_leaves(outcomes, columns, 2)
        assert sum(row["counted"] for row in line.details) == counted, draws
        assert all(row["se"] > 0 for row in line.details)
