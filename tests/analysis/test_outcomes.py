"""The summary is a plain, honest function of the columns and tallies."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.outcomes import CAUSES, ended_without, plain, summarise, wilson

N, STEPS, BINS = 12, 3, 64
STATUSES = ("talks", "agreement", "exit", "breakdown", "deadline")


def meta() -> dict[str, Any]:
    """A host and a guest who bargain over water and rent."""
    return {
        "scenario": "host-guest",
        "title": "A host and a guest",
        "summary": "Water for rent.",
        "notes": None,
        "information_cutoff": None,
        "draws": N,
        "seed": 0,
        "paths": 1,
        "model_hash": "0" * 64,
        "text_hash": "1" * 64,
        "version": "0.1.0",
        "parties": [{"id": "guest", "label": "Guest"}, {"id": "host", "label": "Host"}],
        "issues": [
            {"id": "water", "label": "Water", "unit": None, "levels": [{"id": "low", "label": "Low"}, {"id": "high"}]},
            {
                "id": "rent",
                "label": "Rent",
                "unit": "m",
                "range": [0, 110],
                "levels": [{"id": f"bin_{place}", "label": str(place)} for place in range(11)],
            },
        ],
        "time": {"start": None, "step": "round", "window": STEPS, "deadline": None, "dates": ["0", "1", "2", "3"]},
        "statuses": list(STATUSES),
        "outcomes": {"deal": {"label": "A deal"}, "none": {"label": "No deal"}},
        "questions": {"q": {"text": "A deal?", "date": "3", "observed": None, "source": None}},
        "variables": {
            "wind": {"label": "Wind", "unit": "m/s", "kind": "variable", "bounds": [0, 64]},
            "calm": {"label": "Calm", "unit": None, "kind": "community", "bounds": [0, 1]},
        },
        "assumptions": [],
        "observed": None,
    }


def columns() -> dict[str, np.ndarray[Any, Any]]:
    """Twelve draws: the first eight agree, in steps 0, 0, 0, 0, 1, 2, 2, 2."""
    agreed = np.array([0, 0, 0, 0, 1, 2, 2, 2, -1, -1, -1, -1], dtype=np.int16)
    reached = agreed >= 0
    return {
        "outcome": np.where(reached, 0, 1).astype(np.int8),
        "agreed_step": agreed,
        "agreed.water": np.where(reached, [0, 1] * 6, -1).astype(np.int16),
        "agreed.rent": np.where(reached, [0, 9, 10, 55, 109, 110, 110, 20, 0, 0, 0, 0], np.nan),
        "payoff.guest": np.linspace(0, 1.1, N),
        "payoff.host": np.full(N, np.nan),
        "conceded.guest": np.where(reached, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, np.nan] + [0.0] * 4, np.nan),
        "conceded.host": np.where(reached, [0.2, 0.2, 0.2, 0.2, 0.9, 0.2, 0.2, 0.2] + [0.0] * 4, np.nan),
        "cause": np.array([-1] * 8 + [0, 0, 3, 7], dtype=np.int8),
        "question.q": reached,
    }


def tallies() -> dict[str, np.ndarray[Any, Any]]:
    """Counts at each step; wind stands in bin 10 in every draw, calm is spread evenly."""
    variables = np.zeros((STEPS + 1, 2, BINS), dtype=np.int64)
    variables[:, 1, 10] = N
    variables[:, 0, :] = 3
    status = np.zeros((STEPS + 1, 5), dtype=np.int64)
    status[:, 0] = [12, 8, 7, 4]
    status[:, 1] = [0, 4, 5, 8]
    return {"outcomes": status[:, [1, 0]], "status": status, "variables": variables}


def found() -> dict[str, Any]:
    """The summary of these draws."""
    return summarise(meta(), columns(), tallies())


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"), [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)]
)
def test_wilson_matches_newcombe(hits: int, n: int, low: float, high: float) -> None:
    """The interval is the one that Newcombe (1998, table I) prints."""
    assert wilson(hits, n) == pytest.approx((low, high), abs=6e-5)


@given(st.integers(0, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share(pair: tuple[int, int]) -> None:
    """The interval lies in [0, 1], contains the observed share, and mirrors when yes and no change places."""
    hits, n = pair
    low, high = wilson(hits, n)
    assert 0 <= low <= high <= 1
    assert n == 0 or low <= hits / n <= high
    assert wilson(n - hits, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@pytest.mark.parametrize("pair", [(-1, 5), (6, 5)])
def test_wilson_refuses_impossible_counts(pair: tuple[int, int]) -> None:
    """More successes than trials, or fewer than none, are refused."""
    with pytest.raises(ValueError, match="successes out of"):
        wilson(*pair)


def test_shares_and_errors() -> None:
    """Each class carries its share of the draws, its standard error and its Wilson interval."""
    deal = found()["outcomes"]["deal"]
    assert deal["label"] == "A deal"
    assert deal["probability"] == 8 / 12
    assert deal["se"] == pytest.approx(math.sqrt(8 / 12 * 4 / 12 / 12))
    assert (deal["low"], deal["high"]) == wilson(8, 12)


def test_shares_sum_to_one_at_every_step() -> None:
    """The classes' and the statuses' shares sum to 1 at each date."""
    summary = found()
    for series in (summary["over_time"]["share"], summary["status_over_time"]):
        assert [sum(step) for step in zip(*series.values(), strict=True)] == pytest.approx([1.0] * (STEPS + 1))
    assert tuple(summary["status_over_time"]) == STATUSES


def test_agreement_falls_with_the_steps() -> None:
    """Survival starts at 1 and counts the draws without an agreement so far; the median is the lower one."""
    agreement = found()["agreement"]
    assert agreement["probability"] == 8 / 12
    assert agreement["median_step"] == 0
    assert [row["probability"] for row in agreement["survival"]] == found()["status_over_time"]["talks"]
    assert [row["probability"] for row in agreement["survival"]] == [1.0, 8 / 12, 7 / 12, 4 / 12]


def test_nobody_agrees() -> None:
    """Without an agreement there is no median step, and no terms are claimed."""
    given_columns = columns() | {"agreed_step": np.full(N, -1, dtype=np.int16)}
    summary = summarise(meta(), given_columns, tallies())
    assert summary["agreement"]["median_step"] is None
    assert summary["terms"] == {"count": 0, "issues": {}}


def test_who_gives_way_is_counted_where_both_had_room() -> None:
    """Of seven deals that left both with a gain the guest gave up more in four and the host in two; one was even."""
    concessions = found()["concessions"]
    assert concessions["count"] == 7
    guest, host = concessions["parties"]["guest"], concessions["parties"]["host"]
    assert (guest["p50"], host["p50"]) == pytest.approx((0.4, 0.2))
    assert [round(row["more"]["probability"] * 7) for row in (guest, host)] == [4, 2]
    assert guest["more"]["low"] < 4 / 7 < guest["more"]["high"]


def test_terms_count_first_agreements_only() -> None:
    """Terms are shares of the draws that agree; a continuous issue falls into equal parts of its range."""
    terms = found()["terms"]
    assert terms["count"] == 8
    assert terms["issues"]["water"]["low"]["probability"] == 0.5
    rent = {key: round(row["probability"] * 8) for key, row in terms["issues"]["rent"].items()}
    assert {key: count for key, count in rent.items() if count} == {
        "bin_0": 2,
        "bin_1": 1,
        "bin_2": 1,
        "bin_5": 1,
        "bin_10": 3,
    }


def test_causes_share_out_the_draws_without_a_deal() -> None:
    """The causes sum to 1 over the draws without a deal, in their declared order."""
    summary = found()
    assert summary["without_deal"] == 4
    assert summary["causes"] == {"no_zone": 0.5, "time": 0.25, "exit": 0.25}
    assert set(summary["causes"]) <= set(CAUSES)


def test_variables_are_read_in_the_order_of_their_ids() -> None:
    """A histogram belongs to the variable at its place among the sorted ids; its points lie within one bin."""
    variables = found()["variables"]
    assert list(variables) == ["wind", "calm"]
    for point in ("p05", "p25", "p50", "p75", "p95"):
        assert variables["wind"][point] == pytest.approx([10.5] * (STEPS + 1), abs=0.5)
    assert variables["calm"]["p50"] == pytest.approx([0.5] * (STEPS + 1))
    assert variables["calm"]["p95"] == pytest.approx([0.95] * (STEPS + 1))


def test_nothing_that_is_not_a_number_comes_out() -> None:
    """A column without a finite value gives null, and the summary is strict JSON."""
    summary = found()
    assert summary["payoffs"]["host"] == dict.fromkeys(("mean", "p05", "p50", "p95", "se"))
    json.dumps(summary, allow_nan=False)
    assert plain(np.float64("nan")) is None


def test_same_input_same_bytes() -> None:
    """Two summaries of the same draws are the same bytes."""
    assert json.dumps(found()) == json.dumps(found())


def test_lists_serve_as_well_as_mappings() -> None:
    """Outcomes and questions may come as lists of rows with an id."""
    listed = meta()
    listed["outcomes"] = [{"id": key} | row for key, row in listed["outcomes"].items()]
    listed["questions"] = [{"id": key} | row for key, row in listed["questions"].items()]
    assert summarise(listed, columns(), tallies()) == found()


def test_how_draws_without_a_deal_ended_is_counted_by_cause() -> None:
    """Each draw with a cause is counted once, in the status that it came to; draws with a deal are not."""
    columns = {"cause": np.array([0, 7, 7, -1, 7]), "status": np.array([0, 2, 3, 1, 2])}
    ended = ended_without(columns, ["talks", "agreement", "exit", "breakdown"])
    assert ended == {"no_zone": {"talks": 1}, "exit": {"exit": 2, "breakdown": 1}}
    assert ended_without({"cause": columns["cause"]}, []) == {}
