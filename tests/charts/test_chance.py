"""The charts of chance and of mechanisms show the summary's own numbers, and say what they rest on."""

import json

import pytest

from sim.charts.cells import Value
from sim.charts.chance import of_all
from sim.charts.effects import class_moved, moving
from sim.charts.figures import charts
from sim.charts.tables import tables
from tests.charts.samples import sample

BOTH = pytest.mark.parametrize("narrow", [False, True])


@BOTH
def test_bars_are_the_parameters_shares(narrow: bool) -> None:
    """Each front bar is the parameters' share with its 95 % interval, cut at 0 and 1; the back bar is the whole."""
    summary = sample()
    back, front, figures = charts(summary, narrow)["variance"].data
    rows = list(summary["variance"].values())
    assert back["x"] == [1.0] * len(rows)
    assert front["x"] == [max(0.0, row["share"]) for row in rows]
    assert front["x"][3] == 0
    for row, above, below in zip(rows, front["error_x"]["array"], front["error_x"]["arrayminus"], strict=True):
        if 0.1 < row["share"] < 0.9:
            assert above == pytest.approx(1.96 * row["share_se"])
            assert below == pytest.approx(1.96 * row["share_se"])
    assert figures["text"][0] == " 62.0\N{NO-BREAK SPACE}% ± 5.9"


def test_the_title_weighs_all_classes() -> None:
    """The title's share is the path's part of the variance of all classes together; classes that never vary are out."""
    summary = sample()
    rows = summary["variance"].values()
    expected = sum(row["path"] for row in rows) / sum(row["total"] for row in rows)
    assert of_all(summary) == pytest.approx(expected)
    chart = charts(summary)["variance"]
    assert f"{100 * expected:.1f}" in chart.title
    assert "10,000 draws of the parameters with 2 paths each" in chart.subtitle
    still = {"total": 0.0, "parameters": 0.0, "path": 0.0, "se": 0.0, "share": 0.0, "share_se": 0.0}
    summary["variance"] = dict.fromkeys(summary["variance"], still)
    assert "variance" not in charts(summary)


@BOTH
def test_dots_are_the_classes_that_move_most(narrow: bool) -> None:
    """Each dot is the change of the class that moves by most standard errors, in points, largest change first."""
    summary = sample()
    (dots,) = charts(summary, narrow)["mechanisms"].data
    expected = sorted((moved for _, _, moved in moving(summary)), key=lambda moved: -abs(moved["difference"]))
    assert all(class_moved(row) == (key, moved) for row, key, moved in moving(summary))
    assert dots["x"] == pytest.approx([100 * row["difference"] for row in expected])
    assert dots["error_x"]["array"] == pytest.approx([196 * row["se"] for row in expected])
    assert len(dots["x"]) == 11, "the mechanism that moves nothing is left to the table"


def test_the_table_names_what_moves_most() -> None:
    """A payoff that moves more than any share is named; nothing, and every draw alike, are said in words."""
    (table,) = tables(sample())["mechanisms"]
    rows = {str(row[0]): row for row in table.rows}
    payoff = rows["Ratification: mechanism number 6"]
    assert payoff[1] == "mean payoff: The guest"
    assert payoff[3] == Value("+15.5", 15.5)
    assert rows["Opinion: mechanism number 4"][3] == "every draw alike"
    assert rows["Opinion: mechanism number 12"][1] == "nothing"


def test_runs_without_them_leave_the_charts_out() -> None:
    """A summary of one path without mechanisms has neither chart and no table of them, and still renders."""
    summary = sample()
    for key in ("variance", "divided", "mechanisms", "causes_tested"):
        del summary[key]
    summary["paths"] = 1
    assert not {"variance", "mechanisms", "causes_tested"} & set(charts(summary))
    assert all(tables(summary)[name] == [] for name in ("variance", "mechanisms", "causes_tested"))


@BOTH
def test_bars_are_the_shares_that_have_a_deal_without_their_cause(narrow: bool) -> None:
    """One bar for each cause that can be taken out, with its interval; the table has every way, in turn."""
    summary = sample()
    chart = charts(summary, narrow)["causes_tested"]
    time, _, mistrust = summary["causes_tested"]["rows"]
    assert chart.data[0]["x"] == [time["confirmed"]["probability"], 1.0]
    assert chart.data[0]["error_x"]["arrayminus"][1] == pytest.approx(1 - mistrust["confirmed"]["low"])
    assert "65.1 % of the draws in which time ran out" in chart.title.replace("\xa0", " ")
    (table,) = tables(summary)["causes_tested"]
    said = [[str(getattr(cell, "text", cell)) for cell in row] for row in table.rows]
    assert [row[2:4] for row in said[:3]] == [["312", "150"], ["162", "53"], ["312", "203"]]
    assert [row[2:4] for row in said[3:]] == [["280", "\u2013"], ["41", "41"]]
    assert [row[1] for row in said][2:4] == ["all of these in turn", "nothing to take out"]


def test_labels_in_them_are_text() -> None:
    """A hostile label of a mechanism or class is escaped in both charts."""
    summary = json.loads(json.dumps(sample()).replace("mechanism number", "<script>alert(1)</script>"))
    chart = charts(summary)["mechanisms"]
    assert "<script" not in json.dumps([chart.data, chart.layout])
