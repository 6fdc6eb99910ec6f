"""A traced draw is drawn as it was told."""

import json
import re
from typing import Any

import pytest

from sim.charts.report import PROMISE
from sim.charts.story import chart, figure, html, moments, others, told
from tests.charts.samples import month


def event(step: int, kind: str, actor: str | None = None, **more: Any) -> dict[str, Any]:
    """One event as the trace gives it."""
    blank = {"offer": None, "worth": None, "answer": None, "reason": None, "change": None}
    return {"step": step, "date": month(step + 1), "kind": kind, "actor": actor, **blank, **more}


def offer(step: int, by: str, worth: tuple[float, float], answer: str) -> dict[str, Any]:
    """One offer, worth so much to guest and host."""
    value = dict(zip(("guest", "host"), worth, strict=True))
    return event(step, "offer", by, offer={"rent": 3.5, "berth": "all"}, worth=value, answer=answer)


def story() -> dict[str, Any]:
    """Two offers, a deal that is signed and broken, talks again, and an exit."""
    events = [
        offer(0, "guest", (0.7, 0.2), "reject"),
        event(1, "move", "league", reason="The league lends <money>"),
        offer(1, "host", (0.5, 0.4), "accept"),
        event(1, "ratified"),
        event(4, "breach", "host"),
        offer(5, "guest", (0.6, 0.3), "reject"),
        event(6, "exit", "guest"),
        event(7, "end"),
    ]
    talks = [{"step": step, "date": month(step + 1), "least": {"guest": 0.4, "host": 0.3}} for step in (0, 1, 5, 6)]
    return {"draw": 3, "seed": 9, "outcome": "left", "events": events, "reservations": talks}


NAMES = {"guest": "The guest", "left": "The guest has left", "host": "The host"}


@pytest.mark.parametrize("narrow", [False, True])
def test_every_offer_stands_in_both_panels(narrow: bool) -> None:
    """Each panel holds every offer at its worth to one party, a ring around each accepted one, and the reservations."""
    drawn = chart(story(), NAMES, narrow=narrow)
    for axis, party in (("y", "guest"), ("y2", "host")):
        traces = {trace["name"]: trace for trace in drawn.data if trace["yaxis"] == axis}
        worth = [row["worth"][party] for row in story()["events"] if row["kind"] == "offer"]
        shown = [*traces["offer by The guest"]["y"], *traces["offer by The host"]["y"]]
        assert sorted(shown) == sorted(worth)
        assert traces["accepted"]["y"] == [worth[1]]
        least = story()["reservations"][0]["least"][party]
        assert traces["least it would take"]["y"] == [least, least, None, least, least]


def test_a_deal_is_shaded_while_it_holds() -> None:
    """The shade reaches from the ratification to the breach."""
    shapes = chart(story(), NAMES).layout["shapes"]
    shades = [(shape["x0"], shape["x1"]) for shape in shapes if shape["type"] == "rect"]
    assert shades == [(month(2), month(5))] * 2


def test_no_event_is_told_by_its_bare_name() -> None:
    """Interim deals, successions and what was thought impossible are told in words, like everything else."""
    given = [
        event(2, "interim", "host", offer={"berth": "all"}, answer="accept", reason="both would"),
        event(2, "succession", "host", reason="The council takes the place of the host"),
        event(3, "revoked", "guest", reason="worth more"),
        event(4, "unforeseen", "guest", reason="thought impossible"),
    ]
    assert [told(row, NAMES) for row in given] == [
        "The host proposes an interim deal, and it is agreed",
        "The council takes the place of the host",
        "The guest falls back from the interim deal",
        "The guest did not think that possible",
    ]


def test_other_events_are_numbered_and_told() -> None:
    """Every other event is a line with its number and a line of words, in labels and without markup."""
    words = " ".join(row.text for row in figure(story(), NAMES).layout.annotations)
    assert [row["kind"] for row in others(story())] == ["move", "ratified", "breach", "exit"]
    assert "The host breaks the deal" in words
    assert "The guest leaves" in words
    assert "The league lends &lt;money&gt;" in words
    assert "1,2" in words


def test_the_title_counts_offers_and_names_the_end() -> None:
    """Draw and seed, offers made and accepted, and the outcome's label stand above the figure."""
    drawn = chart(story(), NAMES)
    assert "3 offers, 1 accepted" in drawn.title
    assert "The guest has left" in drawn.title
    assert "draw 3, seed 9" in drawn.subtitle


def test_bare_rounds_need_no_calendar() -> None:
    """A story that counts rounds is drawn over their numbers."""
    rounds = story()
    for row in (*rounds["events"], *rounds["reservations"]):
        row["date"] = str(row["step"] + 1)
    assert moments(rounds) == [1, 8]
    assert "type" not in chart(rounds, NAMES).layout["xaxis"]


def test_the_page_stands_alone_and_is_always_the_same() -> None:
    """The page holds both layouts as strict JSON, lists the events escaped, loads nothing, and does not change."""
    page = html(story(), NAMES, "A <quay>", "Why no deal: rain.")
    assert page == html(story(), NAMES, "A <quay>", "Why no deal: rain.")
    assert "<h1>A &lt;quay&gt;</h1>" in page
    assert "Why no deal: rain." in page
    assert PROMISE in page
    found = re.search(r'id="charts">(.*?)</script>', page)
    assert found
    assert set(json.loads(found[1])["story"]) == {"wide", "narrow"}
    assert "lends &lt;money&gt;</li>" in page
    assert "Content-Security-Policy" in page
    assert not re.search(r"<(script|link|img)[^>]* (src|href)=", page)
