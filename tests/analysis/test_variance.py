"""Two variances told apart: published numbers, closed forms, and errors that are what they say."""

import math

import numpy as np
import pytest

from sim.analysis.clusters import design_effect, error_of_mean
from sim.analysis.outcomes import estimated
from sim.analysis.variance import decompose, divided, summarised, variances

# Davies (1947), table 6.1; Box & Tiao (1973), table 5.1.2: yields of dyestuff, five samples of each of six batches
DYESTUFF = (
    (1545, 1440, 1440, 1520, 1580),
    (1540, 1555, 1490, 1560, 1495),
    (1595, 1550, 1605, 1510, 1560),
    (1445, 1440, 1595, 1465, 1545),
    (1595, 1630, 1515, 1635, 1625),
    (1520, 1455, 1450, 1480, 1445),
)


def coins(rng: np.random.Generator, groups: int, paths: int) -> np.ndarray:
    """Coins whose chance of heads is drawn evenly from [0, 1], once for each group."""
    return (rng.random((groups, paths)) < rng.random((groups, 1))).astype(np.int8).ravel()


def test_dyestuff() -> None:
    """The components of Box & Tiao's dyestuff example: 2451.25 within batches, 1764.05 between them."""
    found = decompose(np.ravel(DYESTUFF), 5)
    assert found["path"] == pytest.approx(2451.25)
    assert found["parameters"] == pytest.approx(1764.05)
    assert found["total"] == pytest.approx(2451.25 + 1764.05)
    assert found["share"] == pytest.approx(1764.05 / 4215.3)


def test_worked_by_hand() -> None:
    """Groups (0, 0), (1, 1), (1, 1): all between; (0, 1), (1, 0), (0, 1): all within, less than nothing between."""
    between, within = decompose([0, 0, 1, 1, 1, 1], 2), decompose([0, 1, 1, 0, 0, 1], 2)
    assert between["parameters"] == pytest.approx(1 / 3)
    assert between["path"] == 0.0
    assert (within["parameters"], within["path"]) == (-0.25, 0.5)
    assert decompose([1, 1, 1, 1, 1, 1, 0], 2)["total"] == 0
    three = decompose([0, 0, 1, 1, 0, 1], 2)
    assert three["parameters"] == pytest.approx(1 / 6)
    assert three["se"] == pytest.approx(1 / 3)  # left out in turn: 0, 0, 1/2


@pytest.mark.parametrize("paths", [2, 3, 10])
def test_coins_of_unknown_bias(paths: int) -> None:
    """A coin of even bias has variance 1/4: 1/12 is the bias, 1/6 the toss; each estimate lies within four errors."""
    found = decompose(coins(np.random.default_rng(paths), 20_000, paths), paths)
    assert found["parameters"] == pytest.approx(1 / 12, abs=4 * found["se"])
    assert found["total"] == pytest.approx(1 / 4, abs=0.01)
    assert found["share"] == pytest.approx(1 / 3, abs=4 * found["share_se"])


def test_the_estimate_has_no_bias_and_an_honest_error() -> None:
    """Over 2,000 repeats with 40 groups the mean is 1/12 and the jackknife's error is the spread, within a tenth."""
    rng = np.random.default_rng(1)
    found = [decompose(coins(rng, 40, 2), 2) for _ in range(2_000)]
    parts = np.array([row["parameters"] for row in found])
    assert parts.mean() == pytest.approx(1 / 12, abs=4 * parts.std() / math.sqrt(len(parts)))
    assert np.mean([row["se"] for row in found]) == pytest.approx(parts.std(), rel=0.1)


@pytest.mark.parametrize("paths", [2, 3, 5])
def test_paths_that_end_differently(paths: int) -> None:
    """Whatever the number of paths, two tosses of a coin of even bias differ with chance E[2 p (1 - p)] = 1/3."""
    found = divided(coins(np.random.default_rng(7), 20_000, paths), paths)
    assert found["probability"] == pytest.approx(1 / 3, abs=4 * found["se"])
    assert found["low"] < found["probability"] < found["high"]
    assert divided([0, 0, 1, 1], 2) == {"probability": 0.0, "se": 0.0, "low": 0.0, "high": pytest.approx(0.6576, 1e-3)}


def test_too_little_is_refused_and_one_path_says_nothing() -> None:
    """One path, or one whole group, has no variance to split; a run with one path adds nothing to its summary."""
    for column, paths in (([0, 1, 0], 1), ([0, 1, 1], 2)):
        with pytest.raises(ValueError, match="at least three of two"):
            decompose(column, paths)
    meta = {"outcomes": {"a": {}, "b": {}}, "paths": 1}
    assert summarised(meta, np.array([0, 1, 0, 1, 0, 1])) == {}
    assert summarised(meta | {"paths": 2}, np.array([0, 1, 0, 1])) == {}
    assert set(summarised(meta | {"paths": 2}, np.array([0, 1, 0, 1, 0, 1]))) == {"variance", "divided"}


def test_parts_add_up_over_two_classes() -> None:
    """Of two classes both have the same variance, part by part."""
    found = variances(("heads", "tails"), coins(np.random.default_rng(3), 500, 4), 4)
    assert found["heads"] == pytest.approx(found["tails"])


def test_where_all_are_alike_each_group_counts_as_one_draw() -> None:
    """None or all of the draws, or draws of one group alone, do not tell how alike draws of a group are."""
    assert design_effect(np.zeros(50), 5) == design_effect(np.ones(50), 5) == 5
    assert design_effect([0, 1, 1, 0, 0, 0], 3, [1, 1, 1, 0, 0, 0]) == 3
    assert design_effect([1, 1, 0, 0, 0, 0], 3, [1, 1, 0, 0, 1, 0]) == pytest.approx(2 / 1 * 8 / 9 / (6 / 9))
    assert design_effect(np.zeros(50), 5, np.zeros(50)) == 1


def test_intervals_of_shares_that_hang_on_the_parameters_hold() -> None:
    """A class that parameters alone decide, with chance 0.005 in 200 groups of 10: nine intervals in ten hold it."""
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        found = estimated(np.repeat(rng.random(200) < 0.005, 10), 10)
        held += found["low"] <= 0.005 <= found["high"]
    assert held / 400 > 0.9


def test_the_error_of_a_mean() -> None:
    """With one path sd / sqrt(n); of whole groups that of their means; a part of a group counts as what it has."""
    values = np.random.default_rng(4).normal(size=60)
    assert error_of_mean(values) == pytest.approx(values.std(ddof=1) / math.sqrt(60))
    means = values.reshape(12, 5).mean(axis=1)
    assert error_of_mean(values, 5) == pytest.approx(means.std(ddof=1) / math.sqrt(12))
    assert error_of_mean(np.append(values, 9.0), 5, np.append(np.ones(60), 0)) == pytest.approx(
        error_of_mean(values, 5)
    )
    assert error_of_mean([1.0, 2.0], 2) is error_of_mean([1.0]) is None


def test_the_design_effect() -> None:
    """Groups that agree count once (effect P), independent draws count in full (about 1), and it is never below 1."""
    rng = np.random.default_rng(2)
    assert design_effect(np.repeat(rng.random(1_000) < 0.3, 4), 4) == pytest.approx(4, rel=0.01)
    assert design_effect(rng.random(20_000) < 0.3, 4) == pytest.approx(1, abs=0.05)
    assert design_effect([0, 1, 1, 0], 2) == 1


def test_intervals_of_shares_cover_when_paths_share_parameters() -> None:
    """In 1,000 repeats of 200 groups of five the 95 % interval of a share covers the truth 93 to 97 times in 100."""
    rng, hits = np.random.default_rng(5), 0
    for _ in range(1_000):
        found = estimated(coins(rng, 200, 5) == 1, 5)
        hits += found["low"] <= 0.5 <= found["high"]
    assert 0.93 <= hits / 1_000 <= 0.97
