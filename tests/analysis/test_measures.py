"""The further measures are what a reader would count by hand."""

import json
from typing import Any

import numpy as np
import pytest

from sim.analysis.deals import FEW, broken, histogram_moments
from sim.analysis.measures import beliefs, measures, root_mean_square
from sim.analysis.outcomes import wilson

STEPS, BINS = 4, 10
HALF = 30


def meta() -> dict[str, Any]:
    """Two parties over four steps, with one variable."""
    return {
        "parties": [{"id": "guest", "label": "Guest", "types": []}, {"id": "host", "label": "Host", "types": []}],
        "outcomes": {"deal": {"label": "A deal"}, "none": {"label": "No deal"}},
        "statuses": ["talks", "agreement", "exit"],
        "time": {"dates": [str(step) for step in range(STEPS + 1)]},
        "variables": {"wind": {"label": "Wind", "unit": None, "kind": "variable", "bounds": [0, 10]}},
    }


def columns() -> dict[str, Any]:
    """Ninety draws: thirty broken by the host in step 2, thirty kept, thirty never signed."""
    third = np.repeat([0, 1, 2], HALF)
    return {
        "outcome": np.where(third == 2, 1, 0),
        "agreed_step": np.where(third == 2, -1, 0),
        "ended_step": np.where(third == 0, 2, -1),
        "ended_how": np.where(third == 0, 0, -1),
        "ended_by": np.where(third == 0, 1, -1),
        "moved.wind": np.where(third == 0, np.tile([2.0, 4.0], 45), np.nan),
        "payoff.guest": np.array([0.2, 0.5, 0.305])[third],
        "payoff.host": np.full(3 * HALF, 0.4),
        **{
            f"start.{name}.{party}": np.full(3 * HALF, 0.3) for name in ("breakdown", "status_quo") for party in PARTIES
        },
        "start.exit.guest": np.full(3 * HALF, 0.3),
        "start.exit.host": np.full(3 * HALF, np.nan),
    }


PARTIES = "guest", "host"


def tallies() -> dict[str, Any]:
    """The wind blows at 1.5 after the first step and, half and half, at 2.5 and 6.5 after the third."""
    wind = np.zeros((STEPS + 1, 1, BINS), dtype=np.int64)
    wind[:3, 0, 1] = 3 * HALF
    wind[3:, 0, [2, 6]] = 3 * HALF // 2
    flow = np.zeros((STEPS + 1, 3, 3), dtype=np.int64)
    flow[2, 0] = [30, 60, 0]
    flow[4, 0] = [20, 0, 10]
    flow[4, 1] = [30, 30, 0]
    empty = {f"belief_{name}": np.zeros((2, 1, STEPS + 1, 5)) for name in ("mean", "deviation", "error")}
    return {"variables": wind, "flow": flow, "belief_truth": np.zeros((2, 1, 5))} | empty


def found() -> dict[str, Any]:
    """The measures of these draws."""
    return measures(meta(), columns(), tallies())


def test_deals_that_died_are_counted_by_kind_and_by_whom() -> None:
    """Half of the sixty deals are broken by the host after two steps; nobody else ends any."""
    anatomy = found()["broken"]
    assert (anatomy["signed"], anatomy["ended"]) == (60, 30)
    (row,) = anatomy["kinds"]
    assert (row["kind"], row["by"], row["count"], row["probability"]) == ("breach", "host", 30, 0.5)
    assert (row["low"], row["high"]) == wilson(30, 60)
    assert row["age"] == {"p05": 2.0, "p50": 2.0, "p95": 2.0}


def test_what_moved_is_counted_beyond_the_common_drift() -> None:
    """The wind rose by 2 or 4, by 3 in all draws, whose standard deviation is 2 at the end: by nought on average."""
    moved = found()["broken"]["kinds"][0]["moved"]["wind"]
    assert moved["mean"] == pytest.approx(0.0)
    assert moved["high"] == pytest.approx(1.96 * 0.5 * np.sqrt(30 / 29) / np.sqrt(30))


def test_few_deaths_say_nothing_of_what_moved() -> None:
    """With fewer deaths of a kind than `FEW` the kind is counted and its variables are not."""
    few = columns()
    few["ended_step"] = np.where(np.arange(3 * HALF) < FEW - 1, 2, -1)
    few["ended_how"] = np.where(few["ended_step"] >= 0, 0, -1)
    (row,) = broken(meta(), few, tallies()["variables"])["kinds"]
    assert (row["count"], row["moved"]) == (FEW - 1, {})


def test_moments_of_a_histogram() -> None:
    """Mean and deviation are those of the bins' middles, and never less than a bin."""
    mean, deviation = histogram_moments(tallies()["variables"][:, 0], 0.0, 10.0)
    assert mean.tolist() == [1.5, 1.5, 1.5, 4.5, 4.5]
    assert deviation.tolist() == [1.0, 1.0, 1.0, 2.0, 2.0]


def test_the_life_of_deals() -> None:
    """Thirty of sixty end after two steps and the rest are watched for three."""
    life = found()["deal_life"]
    assert [row["probability"] for row in life["curve"]] == [1, 1, 0.5, 0.5]
    assert (life["count"], life["ended"], life["median_steps"]) == (60, 30, 2)


def test_payoffs_are_compared_with_what_there_was() -> None:
    """A third does better, a third worse, a third about the same; an exit that nobody had is left out."""
    compared = found()["alternatives"]
    exit_ = compared["guest"]["against"]["exit"]
    assert [exit_[key]["probability"] for key in ("better", "same", "worse")] == pytest.approx([1 / 3] * 3)
    assert list(compared["host"]["against"]) == ["breakdown", "status_quo"]
    assert compared["host"]["against"]["breakdown"]["better"]["probability"] == 1
    deal = compared["guest"]["classes"]["deal"]
    assert (deal["count"], sum(deal["counts"]), deal["p50"]) == (60, 60, pytest.approx(0.35))


def test_payoffs_that_differ_in_the_last_digit_have_one_hill() -> None:
    """Payoffs alike but for rounding are counted over a range as wide as a flow, all in one part."""
    alike = columns() | {"payoff.host": np.where(np.arange(3 * HALF) % 2, 0.4, np.nextafter(0.4, 1))}
    host = measures(meta(), alike, tallies())["alternatives"]["host"]
    assert host["range"] == pytest.approx([-0.1, 0.9])
    assert max(host["classes"]["deal"]["counts"]) == 2 * HALF


def test_flows_stand_at_the_stages_that_were_read() -> None:
    """Stages are the steps with counts, the start before them, and every stage counts all draws."""
    flow = found()["flow"]
    assert flow["steps"] == [0, 2, 4]
    assert [sum(map(sum, table)) for table in flow["counts"]] == [90, 90]
    assert flow["counts"][1][1] == [30, 30, 0]


def test_beliefs_are_given_where_there_is_something_to_guess() -> None:
    """A row for each type names viewer, owner and type; its points, deviation and error are those of the histograms."""
    known, counts = meta(), {key: np.repeat(table, 2, axis=1) for key, table in tallies().items() if "belief" in key}
    known["parties"][0]["types"] = ["", "resolve"]
    counts["belief_truth"][1] = [20, 20, 20, 20, 20]
    for kind, bins in (("mean", (2, 3)), ("deviation", (2, 1)), ("error", (1, 0))):
        for type_, at in enumerate(bins):
            counts[f"belief_{kind}"][1, type_, :, at] = 100
    one, two = beliefs(known, counts)
    assert [(row["viewer"], row["about"], row["type"]) for row in (one, two)] == [
        ("host", "guest", None),
        ("host", "guest", "resolve"),
    ]
    assert one["truth"]["p05"] == two["truth"]["p05"] == pytest.approx(-0.9)
    for row, mean, deviation, error in ((one, 0.0, 0.5, 0.6), (two, 0.4, 0.3, 0.2)):
        assert row["mean"]["p50"] == pytest.approx([mean] * (STEPS + 1))
        assert row["deviation"]["value"] == pytest.approx([deviation] * (STEPS + 1))
        assert row["error"]["value"] == pytest.approx([error] * (STEPS + 1))
    assert found()["beliefs"] == []


def test_the_error_of_a_root_mean_square() -> None:
    """The interval is the delta method's: for 0.25 and 0.75 in equal numbers, sd(x^2) = 0.25 around 0.3125."""
    points = root_mean_square([[50, 50]], 1.0)
    value = np.sqrt(0.3125)
    assert points["value"] == pytest.approx([value])
    assert points["high"] == pytest.approx([value + 1.96 * 0.25 / (2 * value * 10)])


def test_measures_are_strict_json() -> None:
    """No NaN and no number of numpy's comes out."""
    json.dumps(found(), allow_nan=False)
