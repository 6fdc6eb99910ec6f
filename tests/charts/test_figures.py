"""Each chart says what it shows, shows the summary's own numbers, and stays legible."""

import json
from html import unescape
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.outcomes import estimate, wilson
from sim.charts.figures import CHARTS, charts, drawn, figures
from sim.charts.flow import COLOURS, STACK
from sim.charts.plane import View, clusters, fallbacks, ranges, reach, zone_of_agreement
from sim.charts.report import READING
from sim.charts.shares import CAUSE_WORDS, decapitalised
from sim.charts.tables import tables
from sim.charts.text import label, lines_in, page, percent, web_address
from sim.charts.theme import CLASS_COLOURS, PARTY_COLOURS, colours, grid
from sim.rules.types import CAUSES
from tests.charts.samples import sample

BOTH = pytest.mark.parametrize("narrow", [False, True])


def empty() -> dict[str, Any]:
    """A summary in which nothing happened and nothing was asked."""
    bare = sample()
    bare |= {"questions": {}, "variables": {}, "causes": {}, "without_deal": 0, "plane": None, "observed": None}
    bare |= {"variance": {}, "mechanisms": {"draws": 0, "rows": []}}
    bare |= {"causes_tested": {"draws": 0, "rows": []}}
    bare |= {"assumptions": [], "terms": {"count": 0, "issues": {}}, "information_cutoff": None}
    bare |= {"deal_life": {"count": 0, "ended": 0, "median_steps": None, "curve": []}, "beliefs": []}
    bare |= {"concessions": {"count": 0, "parties": {}}}
    bare |= {"broken": {"signed": 0, "ended": 0, "kinds": []}, "alternatives": {}, "flow": {"counts": []}}
    return bare


def test_all_charts_in_the_report_order() -> None:
    """A full summary gives every chart, as a Plotly figure, in the declared order."""
    found = figures(sample())
    assert list(found) == list(CHARTS)
    assert all(figure.layout.title.text.startswith("<b>") for figure in found.values())


@pytest.mark.parametrize("width", [320, 600, 1000])
def test_titles_fit_the_width_of_a_picture(width: int) -> None:
    """No line of a title or subtitle is longer than a picture is wide: 13 pixels to a letter, and 9."""
    for chart in drawn(charts(sample(), narrow=True), width).values():
        title, subtitle = chart.layout.title.text.split("<br><span")
        assert max(len(unescape(line)) for line in title.replace("<b>", "").split("<br>")) * 13 <= width + 40
        assert max(len(unescape(line)) for line in subtitle.partition(">")[2].split("<br>")) * 9 <= width + 60


def test_charts_without_data_are_left_out() -> None:
    """What has nothing to show is not drawn."""
    assert list(charts(empty())) == ["outcomes", "over_time", "agreement", "payoffs"]


def test_bare_steps_need_no_dates() -> None:
    """A scenario that counts rounds is drawn over step numbers, without marks of the calendar."""
    rounds = sample()
    rounds["time"]["dates"] = [str(step) for step in range(25)]
    chart = charts(rounds)["over_time"]
    assert chart.layout["xaxis"]["range"] == [0, 24]
    assert chart.layout["shapes"] == []
    assert chart.data[0]["x"] == list(range(25))


@BOTH
def test_every_subtitle_says_how_many_draws(narrow: bool) -> None:
    """Each chart names the number of draws and the seed."""
    for chart in charts(sample(), narrow).values():
        assert "20,000" in chart.subtitle
        assert "seed 0" in chart.subtitle


def test_few_draws_are_said_to_be_few() -> None:
    """With few draws the reader is warned."""
    assert "few" in charts(sample() | {"draws": 200})["outcomes"].subtitle


@BOTH
def test_outcomes_are_the_summarys_numbers(narrow: bool) -> None:
    """Bars and whiskers are exactly the classes' probabilities and intervals, in the scenario's order."""
    summary = sample()
    bars = charts(summary, narrow)["outcomes"].data[0]
    rows = list(summary["outcomes"].values())
    assert bars["x"] == [row["probability"] for row in rows]
    assert [custom[1:] for custom in bars["customdata"]] == [[row["low"], row["high"]] for row in rows]
    assert bars["error_x"]["array"] == [row["high"] - row["probability"] for row in rows]


@BOTH
def test_series_are_the_summarys_numbers(narrow: bool) -> None:
    """Areas, survival and fans are exactly the summary's series."""
    summary = sample()
    drawn = charts(summary, narrow)
    areas = [trace["y"] for trace in drawn["over_time"].data if trace.get("stackgroup")]
    assert areas == list(summary["over_time"]["share"].values())
    assert drawn["agreement"].data[2]["y"] == [1 - row["probability"] for row in summary["agreement"]["survival"]]
    assert drawn["lasting"].data[2]["y"] == [row["probability"] for row in summary["deal_life"]["curve"]]
    for name, kind in (("variables", "variable"), ("communities", "community")):
        rows = [row for row in summary["variables"].values() if row["kind"] == kind]
        for place, point in enumerate(("p05", "p95", "p25", "p75", "p50")):
            assert [trace["y"] for trace in drawn[name].data[place::5]] == [row[point] for row in rows]


def test_causes_carry_wilson_intervals_of_their_own_count() -> None:
    """The causes' whiskers are Wilson's for the draws without a deal, sorted from the commonest."""
    summary = sample()
    bars = charts(summary)["causes"].data[0]
    n = summary["without_deal"]
    assert bars["x"] == sorted(summary["causes"].values(), reverse=True)
    low, high = wilson(round(bars["x"][0] * n), n)
    assert bars["customdata"][0][1:] == [low, high]


def test_one_colour_for_each_class_everywhere() -> None:
    """Bars, areas and the observed strip give a class the same colour; ten classes have ten colours."""
    summary = sample()
    drawn = charts(summary)
    assert drawn["outcomes"].data[0]["marker"]["color"] == list(colours(summary).values())
    areas = [trace["fillcolor"] for trace in drawn["over_time"].data if trace.get("stackgroup")]
    assert areas == list(colours(summary).values())
    strip = [trace["fillcolor"] for trace in drawn["over_time"].data if trace.get("meta") == "observed"]
    assert strip == [colours(summary)["unsigned"], colours(summary)["interim"]]
    assert len(set(CLASS_COLOURS)) == 10


def test_observed_answers_are_marked_where_they_belong() -> None:
    """A question answered yes is marked at 100 %, one answered no at 0 %, an open one not at all."""
    traces = {trace["name"]: trace for trace in charts(sample())["questions"].data}
    assert traces["observed: yes"]["x"] == [1.0]
    assert traces["observed: no"]["x"] == [0.0, 0.0]


def test_likeliest_classes_that_cannot_be_told_apart_are_both_named() -> None:
    """The title names one class only where its interval stands clear of the next."""
    close = empty() | {
        "outcomes": {key: {"label": key} | estimate(hits, 100) for key, hits in (("war", 51), ("peace", 49))}
    }
    close |= {"over_time": {"share": {}}, "alternatives": {}}
    assert "cannot tell which" in charts(close)["outcomes"].title
    assert "is the likeliest" in charts(sample())["outcomes"].title


def test_an_issue_with_very_many_levels_shows_the_likeliest() -> None:
    """Fifty levels are cut to the likeliest fifteen, in their order, and the panel says so."""
    summary = sample()
    levels = [{"id": f"l{place}", "label": f"level number {place}"} for place in range(50)]
    summary["issues"] = [summary["issues"][0] | {"levels": levels}]
    summary["terms"]["issues"] = {"harbour": {f"l{place}": estimate(place, 1225) for place in range(50)}}
    chart = charts(summary)["terms"]
    assert chart.data[0]["x"] == [place / 1225 for place in range(35, 50)]
    assert "15 likeliest of 50" in chart.layout["annotations"][0]["text"].replace("<br>", " ")


@BOTH
def test_rows_never_overlap(narrow: bool) -> None:
    """Rows of bars with long labels stand at least as far apart as their own thickness and text need."""
    summary = sample()
    for row in summary["outcomes"].values():
        row["label"] = "a label that goes on for a very long time " * 3
    chart = charts(summary, narrow)["outcomes"]
    middles = chart.data[0]["y"]
    text = label(row["label"], 44 if narrow else 38)
    assert min(b - a for a, b in pairwise(middles)) >= lines_in(text) * 15 + (18 if narrow else 0)
    assert max(middles) < chart.layout["yaxis"]["range"][0]


@given(st.lists(st.integers(20, 400), min_size=1, max_size=14), st.integers(1, 3))
def test_panels_never_overlap(heights: list[int], columns: int) -> None:
    """Panels of any heights keep clear of one another, stay inside the plot and keep their heights in pixels."""
    panels, total = grid(heights, columns, 40, 44, 0.06)
    for panel, height in zip(panels, heights, strict=True):
        assert 0 <= panel.across[0] < panel.across[1] <= 1
        assert (panel.down[1] - panel.down[0]) * total == pytest.approx(height)
        assert panel.down[0] >= 0
    for one, other in combinations(panels, 2):
        apart = one.across[1] <= other.across[0] or other.across[1] <= one.across[0]
        assert apart or one.down[1] <= other.down[0] + 1e-9 or other.down[1] <= one.down[0] + 1e-9


def test_figures_are_the_same_every_time() -> None:
    """Two figures of one summary are the same JSON, and strict JSON at that."""
    first, second = ({name: figure.to_json() for name, figure in figures(sample()).items()} for _ in range(2))
    assert first == second
    json.dumps([chart.data for chart in charts(sample()).values()], allow_nan=False)


def test_zone_is_what_beats_both_reservations() -> None:
    """Under a straight curve the zone is the triangle above both reservations; out of reach there is none."""
    assert set(zone_of_agreement([[0, 1], [1, 0]], [0.25, 0.5])) == {(0.25, 0.5), (0.25, 0.75), (0.5, 0.5)}
    assert zone_of_agreement([[0, 1], [1, 0]], [0.6, 0.6]) == []


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=9, unique=True),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_zone_lies_above_both_reservations(places: list[float], low_a: float, low_b: float) -> None:
    """No corner of the zone falls under either reservation."""
    zone = zone_of_agreement([[place, (1 - place * place) ** 0.5] for place in places], [low_a, low_b])
    assert all(a >= low_a - 1e-9 and b >= low_b - 1e-9 for a, b in zone)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=20, unique=True).map(sorted))
def test_short_numbers_name_every_offer(numbers: list[int]) -> None:
    """The short form begins with the first offer, ends with the last, and is never longer than the list."""
    text = ranges(numbers)
    assert text.startswith(str(numbers[0]))
    assert text.removesuffix(" odd").removesuffix(" even").endswith(str(numbers[-1]))
    assert len(text) <= len(", ".join(map(str, numbers)))


@BOTH
def test_repeated_offers_are_labelled_once(narrow: bool) -> None:
    """Forty offers made at two places carry two labels, which together name every offer."""
    summary = sample()
    offer = summary["plane"]["offers"][0]
    worths = {"guest": [0.8, 0.35], "host": [0.4, 0.75]}
    summary["plane"]["offers"] = [offer | {"by": by, "worth": worths[by]} for by in ("guest", "host") * 20]
    shown = next(trace for trace in charts(summary, narrow)["plane"].data if trace["mode"] == "text")
    assert [text.strip() for text in shown["text"]] == ["1\N{EN DASH}39 odd", "2\N{EN DASH}40 even"]


POINT = st.lists(st.floats(-1, 1), min_size=2, max_size=2)


@given(st.lists(POINT, min_size=1, max_size=12), POINT, POINT, POINT)
def test_no_offer_and_no_fallback_leaves_the_plane(
    worths: list[list[float]], quo: list[float], broken: list[float], left: list[float]
) -> None:
    """Every offer lies inside the plane and in one group; every fallback is inside or pinned inside its edge."""
    found = sample()["plane"]
    found |= {"offers": [found["offers"][0] | {"worth": worth} for worth in worths]}
    found |= {"status_quo": quo, "breakdown": broken, "exits": [{"label": "leave", "worth": left}]}
    zone = zone_of_agreement(found["curve"], found["reservation"])
    view = View(reach(found, zone, 0), reach(found, zone, 1))
    assert all(view.holds(worth) for worth in worths)
    assert all(view.holds(view.pinned(worth, 2)) for _, worth, _, _ in fallbacks(found))
    grouped = [number for numbers, _ in clusters(found, view, (0.1, 0.03)) for number in numbers]
    assert sorted(grouped) == list(range(1, len(worths) + 1))


@BOTH
def test_the_dance_shows_every_offer_at_its_worth(narrow: bool) -> None:
    """Each panel holds every offer at its worth to one party, a ring for each accepted one, and the reservation."""
    summary = sample()
    found = summary["plane"]
    chart = charts(summary, narrow)["dance"]
    for side, axis in enumerate(("y", "y2")):
        traces = [trace for trace in chart.data if trace["yaxis"] == axis]
        offers = [worth for trace in traces if trace["name"] != "accepted" for worth in trace["y"]]
        assert sorted(offers) == sorted(offer["worth"][side] for offer in found["offers"])
        assert [trace["y"] for trace in traces if trace["name"] == "accepted"] == [[found["offers"][-1]["worth"][side]]]
        assert chart.layout["shapes"][side]["y0"] == found["reservation"][side]
    found["offers"] = []
    assert "dance" not in charts(summary, narrow)


def test_a_date_is_said_once() -> None:
    """A question that names its own date is not given it again; any other is."""
    summary = sample()
    row = summary["questions"]["stay"] | {"date": "2025-12-31"}
    for text, times in (("Still there on 31 December 2025?", 1), ("Still there?", 1), ("Still there in 2025?", 2)):
        summary["questions"] = {"stay": row | {"text": text}}
        shown = charts(summary)["questions"].layout["annotations"][0]["text"]
        assert shown.count("2025") == times


@given(st.floats(0, 1))
def test_percentages_never_pretend(share: float) -> None:
    """Only nought reads as 0 % and only certainty as 100 %."""
    text = percent(share)
    assert (text == "0\N{NO-BREAK SPACE}%") == (share == 0)
    assert (text == "100\N{NO-BREAK SPACE}%") == (share == 1)


@given(st.text(max_size=60))
def test_labels_hold_no_markup(text: str) -> None:
    """Whatever the text, a page's or a chart's label holds no tag, no field and no mathematics of its own."""
    assert "<" not in page(text)
    assert '"' not in page(text)
    shown = label(text, 20).replace("<br>", "")
    assert not {"<", ">", "$"} & set(shown)
    assert "%{" not in shown


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "http://",
        "https://a b",
        "ftp://example.org",
        "http://[",
        None,
        3,
    ],
)
def test_only_web_addresses_become_links(address: object) -> None:
    """Anything but a plain http or https address with a host stays text."""
    assert web_address(address) is None
    assert web_address("https://example.org/a?b=c") == "https://example.org/a?b=c"


def test_bare_rounds_are_whole_and_stand_apart() -> None:
    """Without dates an axis of steps has ticks at whole numbers, and nothing moves between two rounds."""
    bare = sample()
    bare["time"] |= {"start": None, "step": "round", "dates": [str(step) for step in range(len(bare["time"]["dates"]))]}
    charts_ = charts(bare)
    for name in ("over_time", "agreement"):
        across = charts_[name].layout["xaxis"]
        assert across["tick0"] == 0
        assert across["dtick"] == int(across["dtick"]) >= 1
    stack = [trace for trace in charts_["over_time"].data if trace.get("stackgroup")]
    assert {trace["line"]["shape"] for trace in stack} == {"hvh"}
    assert {trace["line"]["shape"] for trace in charts(sample())["over_time"].data if trace.get("stackgroup")} == {
        "linear"
    }


def test_a_bare_number_is_told_with_its_issue() -> None:
    """A title that names the commonest level names the issue too where the level is a number alone."""
    numbers = sample()
    issue = numbers["issues"][0]
    for place, level in enumerate(issue["levels"]):
        level["label"] = f"{place / 10} to {(place + 1) / 10}"
        found = numbers["terms"]["issues"][issue["id"]][level["id"]]
        found |= {"probability": float(place == 0), "low": 0.0, "high": 1.0}
    assert f"“{issue['label']}” is 0.0 to 0.1 in 100" in charts(numbers)["terms"].title


def test_every_exit_has_a_mark_of_its_own() -> None:
    """Two exits on the plane differ in their marks, and so in the legend."""
    found = sample()
    one = found["plane"]["exits"][0]
    found["plane"]["exits"] = [one, one | {"id": "other", "label": "Another way out"}]
    exits = [trace for trace in charts(found)["plane"].data if trace.get("name", "").startswith("exit: ")]
    assert len({trace["marker"]["symbol"].removesuffix("-open") for trace in exits}) == 2


def test_the_order_of_causes_told_is_the_rules() -> None:
    """The report lists the causes in the order in which the first that holds is taken."""
    assert tuple(CAUSE_WORDS) == CAUSES
    places = [READING["causes"].index(decapitalised(words)) for words in CAUSE_WORDS.values()]
    assert places == sorted(places)


def test_learning_that_misleads_is_said() -> None:
    """Where the error is above what is doubted at the end, the title of beliefs does not praise."""
    summary = sample()
    for row in summary["beliefs"]:
        row["error"]["low"][-1] = row["deviation"]["high"][-1] + 0.01
    assert charts(summary)["beliefs"].title.endswith("more than it learns")
    for row in summary["beliefs"]:
        row["error"]["low"][-1] = row["deviation"]["high"][-1] - 0.01
    assert "more than it learns" not in charts(summary)["beliefs"].title


def test_deals_that_all_hold_are_said_to_end_nowhere() -> None:
    """A survival of 100 % is no finding where no deal ended: the title says that none did."""
    summary = sample()
    summary["deal_life"] |= {"ended": 0, "median_steps": None}
    count = summary["deal_life"]["count"]
    assert charts(summary)["lasting"].title == f"How long deals last: none of {count:,} ends inside the window"


def test_offers_are_told_in_labels() -> None:
    """The table of offers has the labels of issues and levels, whatever stands under their ids."""
    summary = sample()
    issue = summary["issues"][0]
    summary["plane"]["offers"][0]["terms"] = {issue["id"]: issue["levels"][1]["id"], "unknown": 0.5}
    (table,) = tables(summary)["dance"]
    assert table.rows[0][-1] == f"{issue['label']}: {issue['levels'][1]['label']}; unknown: 0.5"


def test_statuses_have_colours_of_their_own() -> None:
    """No status looks like an outcome class or a party: a colour means one thing on a page."""
    assert not {*COLOURS.values()} & {*CLASS_COLOURS, *PARTY_COLOURS}
    assert len(set(COLOURS.values())) == len(COLOURS) == len(STACK)


def test_questions_that_are_even_are_said_to_be() -> None:
    """The title counts answers only where the interval lies on one side of one half."""
    summary = sample()
    first, *others = summary["questions"].values()
    first |= {"low": 0.45, "high": 0.55}
    for row in others:
        row |= {"low": 0.6, "high": 0.8}
    title = charts(summary)["questions"].title
    assert title.endswith(f"yes is likelier in {len(others)}, no in 0, 1 too even to tell")


def test_causes_say_how_the_draws_ended() -> None:
    """The subtitle gives the endings of all draws without a deal, the table those of each cause."""
    summary = sample()
    n = summary["without_deal"]
    summary["ended_without"] = {"no_zone": {"exit": n - 40}, "time": {"talks": 40}}
    assert f"as they ended: one side has left {percent((n - 40) / n)}" in charts(summary)["causes"].subtitle
    (table,) = tables(summary)["causes"]
    assert table.head[-2:] == ("one side has left", "talks")
    assert [row[-2:] for row in table.rows if row[0] == CAUSE_WORDS["time"]] == [["0", "40"]]
