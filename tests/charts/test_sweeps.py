"""Charts of a sweep: names that people know, the base case in each, numbers that are those of the rows."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from sim.batch.designs import design
from sim.charts.sweep_axes import BASE
from sim.charts.sweep_report import render
from sim.charts.sweeps import charts
from sim.charts.theme import Chart, Summary
from sim.scenario.axes import Axis, Range
from sim.tabulate import shown_of

LABELS = {"deal": "A deal is signed", "none": "Nobody signs"}


def place(
    path: str, words: str, base: float | str | None, count: int | None, unit: str | None = None
) -> dict[str, Any]:
    """One axis of a summary."""
    return {"paths": [path], "labels": [words], "units": [unit], "base": base, "uncertain": False, "count": count}


def row(number: int, settings: dict[str, Any], share: float) -> dict[str, Any]:
    """One row of a summary, whose share of deals is given."""
    found = {"outcome.deal": share, "outcome.none": 1 - share}
    spread = {f"{name}{end}": value for name, value in found.items() for end in (".low", ".high")}
    return {"point": number, "state": "done", "reason": None, "draws": 50, **settings, **found, **spread}


def summary(axes: list[dict[str, Any]], levels: list[list[Any]], kind: str = "grid") -> Summary:
    """A sweep over all combinations of levels, with a share that falls along the first axis, rises along the last."""
    paths = [each["paths"][0] for each in axes]
    rows = [row(-1, dict.fromkeys(paths), 0.5)]
    for number, values in enumerate(product(*levels)):
        at = [level.index(value) for level, value in zip(levels, values, strict=True)]
        rows.append(row(number, dict(zip(paths, values, strict=True)), (2 + at[-1] - at[0]) / 8))
    count = len(rows) - 1
    head = {"scenario": "rent", "title": "Rent", "design": kind, "points": count, "done": count, "shown": count}
    more = {"draws": 50, "seed": 0, "independent": False, "axes": axes, "outcomes": LABELS, "alike": [], "failures": []}
    hashes = {"model_hash": "a" * 64, "text_hash": "b" * 64, "version": "0.1.0"}
    return {**head, **more, **hashes, "parties": {}, "rows": rows}


THREE = summary(
    [
        place("parties.host.discount_rate", "Host · discount rate", 0.2, 3, "per year"),
        place("parties.guest.accepts", "Guest · accepts", "going_on", 2),
        place("moves.storm", "A storm comes", "on", 2),
    ],
    [[0.1, 0.2, 0.3], ["going_on", "next"], ["on", "off"]],
)
EIGHT = summary(
    [place(f"variables.v{k}.start", f"Variable number {k} of a long name · start", 0.3, None) for k in range(8)],
    [[0.25, 0.75]] * 8,
    "list",
)


def words(chart: Chart) -> str:
    """Everything that a chart says or draws, as text."""
    return json.dumps([chart.title, chart.subtitle, chart.data, chart.layout], ensure_ascii=False)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("found", [THREE, EIGHT], ids=["three axes", "eight axes"])
def test_every_chart_has_names_sample_and_base_case(found: Summary, narrow: bool) -> None:
    """Axes are called what people call them, with the path for who points at it; each chart says how many draws."""
    drawn = charts(found, narrow)
    assert len(drawn) >= 4
    for name, chart in drawn.items():
        said = words(chart)
        assert BASE in said, name
        assert "50 draws each" in chart.subtitle
        seen = [each for each in found["axes"] if each["labels"][0].split(" · ")[0] in said]
        assert len(seen) >= 2, name
        assert found["axes"][0]["paths"][0] not in chart.title
    every = words(drawn["lines"]) + words(drawn["parallel"])
    for each in found["axes"]:
        assert each["paths"][0] in every
        assert each["labels"][0][:20] in words(drawn["parallel"])


def test_a_base_case_without_a_place_on_an_axis_is_not_said_to_be_marked() -> None:
    """Where the file leaves a key out that a sweep sets, no chart over that axis names a mark that is not there."""
    gone = {**THREE, "axes": [{**each, "base": None} for each in THREE["axes"]]}
    for name, chart in charts(gone).items():
        marked = name == "parallel"  # whose rails of shares have a place for it
        assert ("the base case has no value here" in chart.subtitle) is not marked, name
        assert (BASE in words(chart)) is marked, name
    unsure = charts({**THREE, "axes": [{**each, "uncertain": True} for each in THREE["axes"]]})
    assert "cross: base case (what is uncertain there at its median)" in unsure["maps"].subtitle
    one = {**THREE, "axes": [{**THREE["axes"][0], "base": None}, *THREE["axes"][1:]]}
    assert "dotted: base case" in charts(one)["lines"].subtitle


def test_maps_show_the_shares_of_the_rows() -> None:
    """Promise 22: every cell of a map is the mean share of the rows at its two values, over the strongest two axes."""
    found = charts(THREE)["maps"]
    heat = found.data[0]
    assert heat["type"] == "heatmap"
    first, second = "parties.host.discount_rate", "moves.storm"
    for across, x in enumerate(heat["x"]):
        for up, y in enumerate(heat["y"]):
            rows = [each for each in THREE["rows"] if each[first] == x and each[second] == y]
            assert heat["z"][up][across] == pytest.approx(sum(each["outcome.deal"] for each in rows) / len(rows))
    panels = charts(THREE)["multiples"]
    assert sum(trace["type"] == "heatmap" for trace in panels.data) == 2


def test_lines_are_means_with_their_extremes() -> None:
    """A line along an axis is the mean over the other axes; its band reaches from the lowest to the highest point."""
    trace = next(each for each in charts(THREE)["lines"].data if each.get("name") == LABELS["deal"])
    for x, y, (low, high, _) in zip(trace["x"], trace["y"], trace["customdata"], strict=True):
        shares = [each["outcome.deal"] for each in THREE["rows"] if each["parties.host.discount_rate"] == x]
        assert (y, low, high) == (pytest.approx(sum(shares) / len(shares)), min(shares), max(shares))


def test_every_point_has_a_strand() -> None:
    """Each point's line passes each rail once: eight settings and the outcome's shares."""
    drawn = charts(EIGHT)["parallel"].data
    strands = [each for each in drawn if each["name"] != "base case"]
    rails = 8 + len(LABELS)
    assert sum(len(each["x"]) for each in strands) == 2**8 * (rails + 1)
    base = next(each for each in drawn if each["name"] == "base case")
    assert [0 <= at <= 1 for at in base["x"]] == [True] * rails


def test_labels_of_axes_cannot_execute() -> None:
    """Promise 21: a name that holds markup is text in every chart and in the table."""
    evil = "</script><script>alert(1)</script>%{x} $x$"
    found = summary([place("a", evil, 0.1, 2, evil), place("b", evil, "x", 2)], [[0.1, 0.2], ["<b>", "x"]])
    page = render(found)
    assert "<script>alert" not in page
    for name, chart in charts(found).items():
        drawn = json.dumps([chart.data, chart.layout])
        assert "$x$" not in drawn, name
        assert "%{x} $" not in drawn, name


@pytest.mark.parametrize(("counts", "most"), [((100, 100), 2500), ((7, 450, 3), 500), ((4000,), 50), ((2,) * 13, 100)])
def test_of_a_large_grid_a_smaller_grid_is_shown(counts: tuple[int, ...], most: int) -> None:
    """What is shown of a grid is a grid: the ends of each axis are in it, and it has at most so many points."""
    axes = [Axis((f"p{at}",), (Range("span", low=0, high=1, count=n),), "") for at, n in enumerate(counts)]
    laid = design("grid", axes, None, 0, None)
    chosen = shown_of(laid, most)
    kept = [dict(point.settings) for number, point in enumerate(laid) if chosen(number)]
    sides = [{each[f"p{at}"] for each in kept} for at in range(len(counts))]
    size = 1
    for side in sides:
        size *= len(side)
    assert len(kept) == size <= most
    assert size > most / 4
    for side, n in zip(sides, counts, strict=True):
        assert {"0", "1"} <= side or len(side) == 1 < n


def test_of_other_large_designs_a_part_is_shown() -> None:
    """Of a sequence the first points, of a Latin hypercube every so manieth; of a small design all."""
    axes = [Axis(("p",), (Range("span", low=0, high=1),), "")]
    sobol, hypercube = (shown_of(design(kind, axes, 10_000, 0, None), 100) for kind in ("sobol", "lhs"))
    assert [number for number in range(10_000) if sobol(number)] == list(range(100))
    assert [number for number in range(10_000) if hypercube(number)] == list(range(0, 10_000, 100))
    assert all(map(shown_of(design("sobol", axes, 64, 0, None), 64), range(64)))
