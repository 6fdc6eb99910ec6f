"""Scores of forecasts: worked numbers, properness, intervals, and what a run's summary gives."""

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from sim.analysis.outcomes import estimate
from sim.analysis.scores import base_rate, brier, clipped, log_score, mean_interval, score

N = 1000


@pytest.mark.parametrize(
    ("forecast", "seen", "wanted_brier", "wanted_log"),
    [
        ([0.2] * 5, 0, 0.800000, 1.609438),
        ([0.25] * 4, 2, 0.750000, 1.386294),
        ([0.5, 0.5], 1, 0.500000, 0.693147),
        ([0.7, 0.3], 0, 0.180000, 0.356675),
        ([0.7, 0.3], 1, 0.980000, 1.203973),
        ([1.0, 0.0], 0, 0.000000, 0.000000),
        ([1.0, 0.0], 1, 2.000000, math.inf),
        ([0.6, 0.3, 0.1], 1, 0.860000, 1.203973),
    ],
)
def test_worked_numbers(forecast: list[float], seen: int, wanted_brier: float, wanted_log: float) -> None:
    """Uniform forecasts over five and four classes, and sums done by hand, come out to six digits."""
    assert brier(forecast, seen) == pytest.approx(wanted_brier, abs=5e-7)
    assert log_score(forecast, seen) == pytest.approx(wanted_log, abs=5e-7)


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_honesty_is_best(truth: float, said: float) -> None:
    """Both scores are proper: on average nothing beats saying what one believes."""
    for rule in (brier, log_score):
        mean = [truth * rule([p, 1 - p], 0) + (1 - truth) * rule([p, 1 - p], 1) for p in (truth, said)]
        assert mean[0] <= mean[1] + 1e-12


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8).filter(lambda row: sum(row) > 0), st.integers(1, 10**6))
def test_clipping_keeps_a_forecast(weights: list[float], n: int) -> None:
    """A clipped forecast still sums to 1, rules nothing out, and keeps the order of the classes."""
    forecast = [weight / sum(weights) for weight in weights]
    found = clipped(forecast, n)
    assert math.fsum(found) == pytest.approx(1)
    assert min(found) > 0
    pairs = sorted(zip(forecast, found, strict=True))
    assert all(a[1] <= b[1] + 1e-12 for a, b in pairwise(pairs))


def test_clipping_of_two_answers_is_exact() -> None:
    """Yes and no are clipped to [1/2n, 1 - 1/2n]; what lies inside is left alone."""
    assert clipped([0.0, 1.0], 20_000) == [2.5e-05, 0.999975]
    assert clipped([0.3, 0.7], 20_000) == [0.3, 0.7]


@pytest.mark.parametrize(("n", "ones"), [(2, 1), (5, 2), (9, 4), (9, 8), (30, 10)])
def test_the_bootstrap_of_zeros_and_ones_is_binomial(n: int, ones: int) -> None:
    """The mean of n values resampled from k ones and n - k zeros is a binomial over n."""
    low, high = mean_interval([1.0] * ones + [0.0] * (n - ones))
    assert low == pytest.approx(binom.ppf(0.025, n, ones / n) / n, abs=1e-3)
    assert high == pytest.approx(binom.ppf(0.975, n, ones / n) / n, abs=1e-3)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=20))
@settings(deadline=None)
def test_the_interval_lies_among_the_values(values: list[float]) -> None:
    """The interval of a mean lies between the least and the greatest value, and holds the mean of many equal ones."""
    low, high = mean_interval(values)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
    shifted = mean_interval([value + 1 for value in values])
    assert shifted == pytest.approx((low + 1, high + 1), abs=6 / 2**10)


def test_base_rates_leave_the_question_out() -> None:
    """The base rate is the share of yes among the others, clipped by how many these are."""
    assert base_rate([True, False, False, False]) == 0.25
    assert base_rate([False] * 4) == 1 / 8
    assert base_rate([True]) == 0.5
    assert base_rate([]) is None


def asked(yes: int, *, observed: bool | None) -> dict[str, Any]:
    """A question as a summary has it."""
    return {"text": "Is it?", "date": "2030-06-30", "observed": observed, "source": None, **estimate(yes, N)}


def summary(**more: Any) -> dict[str, Any]:
    """The parts of a run's summary that scores read."""
    found: dict[str, Any] = {
        "scenario": "harbour",
        "draws": N,
        "seed": 0,
        "model_hash": "m",
        "text_hash": "t",
        "time": {"dates": ["2030-01-01", "2030-07-01", "2031-01-01"]},
        "questions": {
            "a": asked(700, observed=True),
            "b": asked(100, observed=False),
            "c": asked(0, observed=True),
            "d": asked(500, observed=None),
        },
        "outcomes": {
            name: {"label": name, **estimate(count, N)} for name, count in (("x", 600), ("y", 300), ("z", 100))
        },
        "observed": {
            "until": "2031-01-01",
            "outcomes": [{"from": "2030-06-01", "outcome": "y"}, {"from": "2030-01-01", "outcome": "x"}],
        },
    }
    return found | more


def test_a_summary_is_scored() -> None:
    """Each answered question has its scores and references; a forecast of nought is clipped; the rest is named."""
    found = score(summary())
    rows = found["questions"]
    assert list(rows) == ["a", "b", "c"]
    assert rows["a"]["brier"] == pytest.approx(0.18)
    assert rows["a"]["log"] == pytest.approx(0.356675, abs=5e-7)
    assert rows["b"]["brier"] == pytest.approx(0.02)
    assert rows["c"]["log"] == pytest.approx(math.log(2 * N))
    assert rows["a"]["uniform"] == {"brier": 0.5, "log": pytest.approx(math.log(2))}
    assert rows["a"]["base_rate"]["probability"] == 0.5
    assert rows["b"]["base_rate"]["probability"] == 0.75  # two of two others, clipped
    low, high = rows["a"]["brier_interval"]
    assert low < rows["a"]["brier"] < high
    assert found["skipped"] == {"d": "its answer is not known"}
    assert found["clipped_to"] == [0.0005, 0.9995]
    assert found["mean"]["brier"]["mean"] == pytest.approx((0.18 + 0.02 + rows["c"]["brier"]) / 3)
    gain = found["mean"]["uniform"]["brier_gain"]
    assert gain["mean"] == pytest.approx(0.5 - found["mean"]["brier"]["mean"])


def test_the_class_seen_last_is_scored() -> None:
    """The class in force at the window's end is scored among all classes."""
    row = score(summary())["outcome"]
    assert (row["observed"], row["classes"], row["probability"]) == ("y", 3, 0.3)
    assert row["brier"] == pytest.approx(0.86)
    assert row["log"] == pytest.approx(1.203973, abs=5e-7)
    assert row["uniform"]["brier"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"observed": None}, "no outcome class was observed"),
        (
            {"observed": {"until": "2030-12-31", "outcomes": [{"from": "2030-01-01", "outcome": "x"}]}},
            "before the window's end",
        ),
        (
            {"observed": {"until": "2031-01-01", "outcomes": [{"from": "2031-01-02", "outcome": "x"}]}},
            "by the window's end",
        ),
        ({"time": {"dates": ["0", "1"]}}, "no calendar"),
    ],
)
def test_classes_are_skipped_with_a_reason(more: dict[str, Any], why: str) -> None:
    """A class that was not seen to the end is not scored, and the reason is given."""
    found = score(summary(**more))
    assert found["outcome"] is None
    assert why in found["skipped"]["outcome"]


def test_one_question_has_no_base_rate() -> None:
    """Alone, a question has no base rate, and the mean has none either."""
    found = score(summary(questions={"a": asked(700, observed=True)}))
    assert found["questions"]["a"]["base_rate"] is None
    assert found["mean"]["base_rate"] is None
    assert score(summary(questions={}))["mean"] is None
