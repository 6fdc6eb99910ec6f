"""The charts of the measures show their own numbers, and stay legible."""

import re
from typing import Any

import pytest

from sim.analysis.outcomes import wilson
from sim.charts import flow as flows
from sim.charts.alternatives import FEW, ROW
from sim.charts.fans import see_through
from sim.charts.figures import charts
from sim.charts.lasting import SHOWN
from sim.charts.text import percent
from tests.charts.samples import DRAWS, sample

BOTH = pytest.mark.parametrize("narrow", [False, True])


@BOTH
def test_columns_of_the_flow_hold_all_draws(narrow: bool) -> None:
    """At every stage the parts of a column sum to one, stand on one another, and carry their Wilson intervals."""
    summary = sample()
    chart = charts(summary, narrow)["flow"]
    bars = [trace for trace in chart.data if trace["type"] == "bar"]
    for stage in range(5):
        parts = sorted((bar["base"][stage], bar["y"][stage]) for bar in bars)
        assert sum(height for _, height in parts) == pytest.approx(1)
        tops = [base + height for base, height in parts]
        assert [base for base, _ in parts] == pytest.approx([0, *tops[:-1]])
    talks = next(bar for bar in bars if bar["name"] == "talks")
    assert talks["customdata"][1][1:] == [*wilson(round(talks["y"][1] * DRAWS), DRAWS)]
    assert chart.layout["barmode"] == "overlay"


def test_ribbons_are_as_wide_as_their_draws() -> None:
    """Every passage is one ribbon, as high at both ends as its share of the draws."""
    found = sample()["flow"]
    ribbons = [trace for trace in charts(sample())["flow"].data if trace.get("meta") == "ribbon"]
    passages = [count for table in found["counts"] for row in table for count in row if count]
    assert len(ribbons) == len(passages)
    half = flows.CURVE + 1
    ends = sorted((trace["y"][-1] - trace["y"][0], trace["y"][half] - trace["y"][half - 1]) for trace in ribbons)
    for (left, right), count in zip(ends, sorted(passages), strict=True):
        assert (left, right) == pytest.approx((count / DRAWS, count / DRAWS), abs=3e-5)


def test_a_status_that_nobody_knows_is_drawn_all_the_same() -> None:
    """A longer list of statuses needs no other code: an unknown one stands on top, under its own name."""
    summary = sample()
    summary["flow"]["statuses"][5] = "truce_line"
    names = [trace["name"] for trace in charts(summary)["flow"].data if trace["type"] == "bar"]
    assert names[0] == "truce line"


@BOTH
def test_deaths_are_the_summarys_numbers(narrow: bool) -> None:
    """The first panel shows each kind's share; each other the variables that moved most, the most first."""
    found = sample()["broken"]
    bars = [trace for trace in charts(sample(), narrow)["broken"].data if trace["type"] == "bar"]
    assert bars[0]["x"] == [row["probability"] for row in found["kinds"]]
    told = [row for row in found["kinds"] if row["moved"]]
    assert len(bars) == 1 + len(told)
    for bar, row in zip(bars[1:], told, strict=True):
        means = sorted((change["mean"] for change in row["moved"].values()), key=abs, reverse=True)
        assert bar["x"] == means[:SHOWN]
        assert bar["error_x"]["array"] == pytest.approx([0.09] * len(bar["x"]))


def test_the_title_names_the_commonest_death() -> None:
    """The title says who ended most deals, how many, and how soon."""
    title = charts(sample())["broken"].title
    assert title.startswith("Why deals do not last: most often reopened by The guest")
    assert percent(2_100 / 9_838) in title
    assert "half of these within 4 months" in title


@BOTH
def test_hills_stand_in_their_rows(narrow: bool) -> None:
    """No hill is higher than its row, small classes are dots, and every alternative has its bar and its shares."""
    summary = sample()
    chart = charts(summary, narrow)["alternatives"]
    hills = [trace for trace in chart.data if trace.get("fill") == "toself"]
    assert len(hills) == 2 * 8
    assert all(max(hill["y"]) - min(hill["y"]) <= ROW for hill in hills)
    dots = [trace for trace in chart.data if trace["mode"] == "markers" and trace["marker"].get("size") == 6]
    assert [len(trace["x"]) < FEW for trace in dots] == [True, True]
    words = " ".join(row["text"] for row in chart.layout["annotations"])
    for party in summary["alternatives"].values():
        for row in party["against"].values():
            assert f"better in {percent(row['better']['probability'])}" in words
    assert "better than leaving at once: The guest" in chart.title.replace("Better", "better")


def test_without_an_exit_a_party_is_compared_with_a_breakdown() -> None:
    """A party that never had an exit is measured against a breakdown, and the title says so."""
    summary = sample()
    assert "better than a breakdown at once: The host" in charts(summary)["alternatives"].title
    del summary["alternatives"]["host"]["against"]["breakdown"]
    assert "better than talks without end: The host" in charts(summary)["alternatives"].title


@BOTH
def test_beliefs_stand_beside_the_truth(narrow: bool) -> None:
    """The fan of the posterior mean, the true types' points as lines, and doubt and error with their bands."""
    row = sample()["beliefs"][0]
    chart = charts(sample(), narrow)["beliefs"]
    assert [trace["y"] for trace in chart.data[:5]] == [row["mean"][key] for key in ("p05", "p95", "p25", "p75", "p50")]
    assert [shape["y0"] for shape in chart.layout["shapes"]] == [
        row["truth"][key] for key in ("p05", "p25", "p75", "p95")
    ]
    lines = [trace["y"] for trace in chart.data[5:] if trace["line"]["width"] > 0]
    assert lines == [row["deviation"]["value"], row["error"]["value"]]


def test_headings_of_beliefs_fit_a_telephone() -> None:
    """On a telephone no line over a panel is longer than the panel is wide."""
    summary = sample()
    summary["parties"][1]["label"] = "The host's new and not yet recognised government"
    words = [row["text"] for row in charts(summary, narrow=True)["beliefs"].layout["annotations"]]
    bold = [part for text in words if "<b>" in text for part in re.findall(r"<b>(.*?)</b>", text)[0].split("<br>")]
    small = [part for text in words if "<span" in text for part in re.findall(r">([^>]*?)<(?:br|/span)", text)]
    assert len(bold) >= 4
    assert max(map(len, bold)) <= 36
    assert max(map(len, small)) <= 46


@BOTH
def test_fans_reach_from_bound_to_bound_and_mark_what_was_observed(narrow: bool) -> None:
    """Every panel's axis holds the bounds, and every observed event is a line in every panel."""
    summary = sample()
    for name, kind in (("variables", "variable"), ("communities", "community")):
        chart = charts(summary, narrow)[name]
        rows = [row for row in summary["variables"].values() if row["kind"] == kind]
        for place, row in enumerate(rows):
            low, high = chart.layout[f"yaxis{place + 1 if place else ''}"]["range"]
            assert low <= row["bounds"][0] < row["bounds"][1] <= high
        assert len(chart.layout["shapes"]) == len(rows) * len(summary["observed"]["events"])
    words = " ".join(row["text"] for row in charts(summary, narrow)["communities"].layout["annotations"])
    assert "40.0\N{NO-BREAK SPACE}% of the" in words


def test_what_can_be_seen_through() -> None:
    """Each colour keeps its hue."""
    assert see_through("#ff0080", 0.5) == "rgba(255,0,128,0.5)"


def test_a_window_without_deals_has_no_life_to_show() -> None:
    """Where nothing was signed, or nothing could end, there is no chart of it and no table."""
    summary: dict[str, Any] = sample()
    summary["deal_life"] = {"count": 3, "ended": 0, "median_steps": None, "curve": summary["deal_life"]["curve"][:1]}
    summary["broken"] = {"signed": 3, "ended": 0, "kinds": []}
    assert not {"lasting", "broken"} & set(charts(summary))


def test_only_what_was_observed_is_announced() -> None:
    """Variables are said to have numbered lines where there are observed events, and nowhere else."""
    words = "numbered lines"
    assert words in charts(sample())["variables"].subtitle
    bare = sample() | {"observed": None}
    assert words not in charts(bare)["variables"].subtitle
