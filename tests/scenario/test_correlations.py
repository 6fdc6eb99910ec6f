"""Correlated numbers have the rank correlation that is written, the ranges they had, and leave all others alone."""

import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from sim.describe import describe
from sim.scenario import Scenario, ScenarioError, load
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.schema import model_hash, text_hash, unsourced
from tests.scenario.examples import SMALL, written

BLOCKS = 20
RATE, WORTH, WEIGHT, CARE = (
    "parties.guest.discount_rate",
    "issues.berth.values.host.some",
    "issues.rent.weights.host",
    "issues.rent.weights.guest",
)
WIDE = SMALL.replace("weights: {host: 1, guest: 1}", "weights: {host: {uniform: [1, 2]}, guest: {lognormal: [1, 0.5]}}")
DISCRETE = WIDE.replace("host: {uniform: [1, 2]}", "host: {discrete: [[1, 0.3], [2, 0.7]]}")


def tied(folder: Path, *rules: str, text: str = WIDE, sets: tuple[str, ...] = ()) -> Scenario:
    """Load the small scenario with some correlations."""
    more = "correlations:\n" + "".join(f"  - {rule}\n" for rule in rules) if rules else ""
    return load(written(folder, text + more), sets)


def pair(one: str, two: str, rank: float) -> str:
    """One correlation as it is written."""
    return f"{{between: [{one}, {two}], rank: {rank}}}"


def drawn(game: Compiled, path: str) -> np.ndarray:
    """A leaf's values in twenty blocks."""
    return np.concatenate([game.numbers(0, block).public[path] for block in range(BLOCKS)])


def rank_correlation(one: np.ndarray, two: np.ndarray) -> float:
    """Spearman's, of values without ties."""
    return float(np.corrcoef(one.argsort().argsort(), two.argsort().argsort())[0, 1])


@pytest.mark.parametrize("rank", [-0.9, -0.3, 0.2, 0.7, 0.99])
def test_the_rank_correlation_is_the_one_written(tmp_path: Path, rank: float) -> None:
    """Over 20,480 draws Spearman's correlation lies within four standard errors of what is asked; ranges stay."""
    free = compile_scenario(tied(tmp_path))
    (tmp_path / "tied").mkdir()
    game = compile_scenario(tied(tmp_path / "tied", pair(RATE, WORTH, rank)))
    one, two = drawn(game, RATE), drawn(game, WORTH)
    error = 1.1 / math.sqrt(len(one))
    assert rank_correlation(one, two) == pytest.approx(rank, abs=4 * error)
    for path, values in ((RATE, one), (WORTH, two)):
        before = np.sort(drawn(free, path))
        assert np.abs(np.sort(values) - before).max() < 0.03 * (before[-1] - before[0])


def test_numbers_without_correlations_keep_their_bytes(tmp_path: Path) -> None:
    """A correlation changes its own two numbers alone, and these stay independent of the rest."""
    free = compile_scenario(tied(tmp_path))
    (tmp_path / "tied").mkdir()
    game = compile_scenario(tied(tmp_path / "tied", pair(RATE, WORTH, 0.8)))
    for path in (WEIGHT, CARE):
        assert drawn(free, path).tobytes() == drawn(game, path).tobytes()
        for other in (RATE, WORTH):
            assert abs(rank_correlation(drawn(game, path), drawn(game, other))) < 4 / math.sqrt(BLOCKS * 1024)


def test_chains_of_correlations_hold_at_once(tmp_path: Path) -> None:
    """Three numbers with three correlations have all three; the pair that is not written is uncorrelated."""
    rules = pair(RATE, WORTH, 0.6), pair(WORTH, WEIGHT, -0.5), pair(CARE, WEIGHT, 0.3)
    game = compile_scenario(tied(tmp_path, *rules))
    values = {path: drawn(game, path) for path in (RATE, WORTH, WEIGHT, CARE)}
    expected = {(RATE, WORTH): 0.6, (WORTH, WEIGHT): -0.5, (CARE, WEIGHT): 0.3, (RATE, WEIGHT): 0, (RATE, CARE): 0}
    for (one, two), rank in expected.items():
        assert rank_correlation(values[one], values[two]) == pytest.approx(rank, abs=4 / math.sqrt(BLOCKS * 1024))


def mean_rank_below(chance: float, rank: float) -> float:
    """E[Phi(z2) | z1 in its lowest share], integrated: Phi(r z / sqrt(2 - r^2)) is the mean of Phi(z2) at z1 = z."""
    normal, r = NormalDist(), 2 * math.sin(math.pi * rank / 6)
    z = np.linspace(-8, normal.inv_cdf(chance), 20_001)
    of = [normal.pdf(at) * normal.cdf(r * at / math.sqrt(2 - r * r)) for at in z]
    return float(np.trapezoid(of, z)) / chance


def test_numbers_of_a_few_values_go_together_too(tmp_path: Path) -> None:
    """A discrete number keeps its chances, and what goes with it has the mean that the copula gives it."""
    game = compile_scenario(tied(tmp_path, pair(WEIGHT, RATE, 0.8), text=DISCRETE))
    low, other = drawn(game, WEIGHT) == 1, drawn(game, RATE)
    assert low.mean() == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / len(low)))
    below = mean_rank_below(0.3, 0.8)
    assert (other[low].mean() - 0.1) / 0.1 == pytest.approx(below, abs=0.01)
    assert (other[~low].mean() - 0.1) / 0.1 == pytest.approx((0.5 - 0.3 * below) / 0.7, abs=0.01)


def test_order_means_nothing_and_rank_does(tmp_path: Path) -> None:
    """Neither the order of correlations nor of their ends changes the hash or a number; the rank changes both."""
    one, two = pair(RATE, WORTH, 0.5), pair(WEIGHT, CARE, 0.2)
    variants = ((one, two), (two, pair(WORTH, RATE, 0.5)), (one, pair(WEIGHT, CARE, 0.3)), (one,))
    loaded = []
    for place, rules in enumerate(variants):
        (tmp_path / str(place)).mkdir()
        loaded.append(tied(tmp_path / str(place), *rules))
    assert len({model_hash(scenario) for scenario in loaded}) == 3
    first, second = (compile_scenario(scenario).numbers(0, 0).public for scenario in loaded[:2])
    assert all(first[path].tobytes() == second[path].tobytes() for path in first)


def faults(folder: Path, *rules: str) -> list[str]:
    """What is wrong with some correlations."""
    with pytest.raises(ScenarioError) as caught:
        tied(folder, *rules)
    return [fault.sentence for fault in caught.value.faults]


def test_what_cannot_be_correlated_is_said(tmp_path: Path) -> None:
    """Unknown and fixed numbers, one number twice and a pair written twice are named, each with a way out."""
    found = faults(
        tmp_path,
        pair("parties.guest.discont_rate", WORTH, 0.5),
        pair("parties.host.discount_rate", WORTH, 0.5),
        pair(RATE, RATE, 0.5),
        pair(RATE, WORTH, 0.5),
        pair(WORTH, RATE, 0.1),
    )
    assert len(found) == 4
    assert "did you mean `parties.guest.discount_rate`?" in found[0]
    assert "`parties.host.discount_rate` is a fixed number" in found[1]
    assert "stands twice" in found[2]
    assert "written in item 4 already" in found[3]


@pytest.mark.parametrize("rank", ["1", "-1", "1.2", ".nan", "high"])
def test_a_rank_lies_between_minus_one_and_one(tmp_path: Path, rank: str) -> None:
    """Perfect and impossible correlations are refused."""
    assert any("rank" in each for each in faults(tmp_path, f"{{between: [{RATE}, {WORTH}], rank: {rank}}}"))


def test_contradictions_are_named_with_a_way_out(tmp_path: Path) -> None:
    """Correlations that cannot hold together name the numbers, the eigenvalue, and a factor at which they can."""
    rules = [(RATE, WORTH, 0.9), (WORTH, WEIGHT, 0.9), (RATE, WEIGHT, -0.9)]
    (sentence,) = faults(tmp_path, *(pair(*rule) for rule in rules))
    assert all(path in sentence for path in (RATE, WORTH, WEIGHT))
    assert "smallest eigenvalue -0.81" in sentence
    factor = float(sentence.split("multiply their ranks by ")[1].split(" ")[0])
    assert 0.5 < factor < 0.6
    (tmp_path / "scaled").mkdir()
    tied(tmp_path / "scaled", *(pair(one, two, rank * factor) for one, two, rank in rules))
    (sentence,) = faults(tmp_path, pair(RATE, WORTH, 0.9), pair(WORTH, WEIGHT, 0.9))
    assert f"or state `{WEIGHT}` with `{RATE}`, which counts as 0" in sentence


def test_an_override_frees_a_number(tmp_path: Path) -> None:
    """A number fixed by `--set` goes with nothing any more; what it went with has its own range as before."""
    scenario = tied(tmp_path, pair(RATE, WORTH, 0.8), sets=(f"{RATE}=0.15",))
    free = tied(tmp_path, sets=(f"{RATE}=0.15",))
    assert drawn(compile_scenario(scenario), WORTH).tobytes() == drawn(compile_scenario(free), WORTH).tobytes()


def test_reports_know_correlations(tmp_path: Path) -> None:
    """The table of assumptions has a row for a correlation, in words; one without a reason is counted as such."""
    rule = f"{{between: [{RATE}, {WORTH}], rank: 0.5, judgement: both are patient, confidence: L}}"
    scenario = tied(tmp_path, rule, pair(WEIGHT, CARE, 0.1))
    rows = [row for row in describe(scenario, None, 1, 0)["assumptions"] if row["kind"] == "correlation"]
    assert [row["text"] for row in rows] == ["rank correlation 0.5", "rank correlation 0.1"]
    assert "The guest" in rows[0]["label"]
    assert rows[0]["judgement"] == "both are patient"
    assert "correlations.1" in unsourced(scenario)
    assert "correlations.0" not in unsourced(scenario)
    (tmp_path / "other").mkdir()
    other = tied(tmp_path / "other", rule.replace("both are patient", "as surveys say"), pair(WEIGHT, CARE, 0.1))
    assert model_hash(other) == model_hash(scenario)
    assert text_hash(other) != text_hash(scenario)
