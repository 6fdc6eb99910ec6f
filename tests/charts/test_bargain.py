"""The picture of a solved bargain: every point where it was found, words that fit, nothing from the network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.charts.bargain import CELLS, Picture, chart, dots, html, marks, reach
from sim.charts.text import MINUS
from sim.scenario import load
from sim.scenario.compile import compile_scenario
from sim.solution.bargain import Wish
from sim.solution.summary import cloud, solve
from tests.strategies import compiled, pie


def told(deal: Any) -> str:
    """A deal's terms."""
    return "; ".join(f"{issue}: {level}" for issue, level in deal.items())


@pytest.fixture
def uncertain(example: Path) -> Picture:
    """The picture of a scenario with uncertain numbers."""
    game = compile_scenario(load(example))
    return Picture(solve(game, draws=20), cloud(game, Wish()), "A harbour", ["Host", "Guest"], told)


def traces(picture: Picture, *, narrow: bool = False) -> dict[str, Any]:
    """The traces of the chart by name, those without one left out."""
    return {trace["name"]: trace for trace in chart(picture, narrow=narrow).data}


def test_each_point_stands_where_it_was_found(uncertain: Picture) -> None:
    """The marks of the points and the efficient deals carry the numbers of the findings, digit for digit."""
    found, drawn = uncertain.found, traces(uncertain)
    for key, name in (("nash", "Nash solution"), ("kalai_smorodinsky", "Kalai-Smorodinsky solution")):
        assert [drawn[name]["x"][0], drawn[name]["y"][0]] == found[key]
    efficient = drawn[f"efficient deals ({len(found['pareto'])})"]
    assert list(zip(efficient["x"], efficient["y"], strict=True)) == [tuple(row["worth"]) for row in found["pareto"]]


def test_every_deal_is_drawn_once_and_on_its_side(uncertain: Picture) -> None:
    """The dots are all deals, and the light ones exactly those that give both at least what they would take."""
    drawn = dots(uncertain)
    assert sum(len(trace["x"]) for trace in drawn) == len(np.unique(uncertain.deals.round(5), axis=0))
    assert len(drawn[0]["x"]) == uncertain.found["deals_in_zone"]


def test_very_many_deals_make_no_very_large_page() -> None:
    """Of fifty thousand deals what falls on one place is drawn once: at most 401 by 401 places, in fact far fewer."""
    found = solve(compiled(pie(points=3)))
    deals = np.random.default_rng(0).normal(size=(50_000, 2)) * 1e-3
    drawn = dots(Picture(found, deals, "Many", ["a", "b"], told))
    assert sum(len(trace["x"]) for trace in drawn) < 50_000 * 0.9 < CELLS * CELLS


def test_everything_that_is_drawn_lies_on_the_chart(uncertain: Picture) -> None:
    """All deals, what each would take and the bars over draws lie within both axes."""
    over = uncertain.found["uncertain"]["nash"]
    for side in (0, 1):
        low, high = reach(uncertain, side)
        inside = [*uncertain.deals[:, side], uncertain.found["reservation"][side], over[side]["p05"], over[side]["p95"]]
        assert all(low < value < high for value in inside)


def test_a_disagreement_point_far_away_is_pinned_to_the_edge() -> None:
    """It is drawn hollow inside the chart, with its true numbers in words."""
    found = solve(compiled(pie(points=11)), Wish(point=(-9.0, -8.0)))
    drawn = traces(
        Picture(found | {"reservation": [0.0, 0.0]}, np.array([[0.0, 1.0], [1.0, 0.0]]), "T", ["a", "b"], told)
    )
    name = next(name for name in drawn if "off the chart" in name.replace("<br>", " "))
    assert f"{MINUS}9.00, {MINUS}8.00" in name.replace("<br>", " ")
    assert drawn[name]["x"][0] > -1


def test_a_curve_is_joined_and_its_zone_shaded() -> None:
    """With a continuous issue the efficient set is a line, the zone an area, and the play of the rules a ring."""
    drawn = traces(Picture(solve(compiled(pie())), np.zeros((0, 2)), "T", ["a", "b"], told), narrow=True)
    assert drawn["contract curve"]["mode"] == "lines+markers"
    assert "zone of agreement" in drawn
    assert drawn["played: alternating"]["x"][0] == pytest.approx(0.714286, abs=5e-7)


def test_the_page_asks_nothing_of_the_network_and_says_what_it_is(uncertain: Picture) -> None:
    """Title, number of deals and draws stand on the page; the policy forbids every request."""
    page = html(*uncertain)
    head = page.split("<script>")[0]
    assert "A zone of agreement" in head or "No zone of agreement" in head
    assert "20 draws, seed 0" in head
    assert "default-src &#x27;none&#x27;" in head or "default-src 'none'" in head


def test_the_list_tells_the_deal_of_every_mark() -> None:
    """Each point that is one deal is told below the chart, the one with unequal powers and the one played too."""
    game = compiled(pie((0.9, 0.8), points=11))
    picture = Picture(solve(game, Wish(power=0.7), draws=1), cloud(game, Wish()), "A pie", ["A", "B"], told)
    names = re.findall("<li><b>(.*?)</b>", html(*picture))
    assert names == [mark.name for mark in marks(picture.found) if mark.deal]
    assert {"Nash solution", "Nash, powers 0.70, 0.30", "played: alternating"} <= {*names}
