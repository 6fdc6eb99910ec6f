"""The chart of scores: every question once, its uncertainty, its references, and nothing that can execute."""

from __future__ import annotations

import json
from typing import Any

import plotly.graph_objects as go
import pytest

from sim.analysis.outcomes import estimate
from sim.analysis.scores import score
from sim.charts.export import to_page
from sim.charts.scores import scored


def found(*texts: str) -> dict[str, Any]:
    """The scores of a few answered questions."""
    rows = {
        f"q{i}": {
            "text": text,
            "date": "2030-06-30",
            "observed": i % 2 == 0,
            "source": None,
            **estimate(40 + 60 * i, 400),
        }
        for i, text in enumerate(texts)
    }
    about = {"scenario": "harbour", "draws": 400, "seed": 3, "model_hash": "m", "text_hash": "t"}
    return score({**about, "time": {"dates": ["0", "9"]}, "questions": rows, "outcomes": {}, "observed": None})


@pytest.mark.parametrize("narrow", [False, True])
def test_every_question_is_shown_with_its_references(narrow: bool) -> None:
    """Each trace has one mark per question at the scores themselves; the subtitle says draws, seed and intervals."""
    scores = found(
        "Is it?", "Will it be, by the end of a long year and a half, or perhaps even later than that?", "Was it?"
    )
    chart = scored(scores, narrow)
    rows = list(scores["questions"].values())
    by_name = {trace["name"]: trace for trace in chart.data}
    assert by_name["this run"]["x"] == [row["brier"] for row in rows]
    assert by_name["uniform: one half each"]["x"] == [0.5] * 3
    assert by_name["base rate"]["x"] == [row["base_rate"]["brier"] for row in rows]
    ends = zip(by_name["this run"]["x"], by_name["this run"]["error_x"]["array"], strict=True)
    assert [x + up for x, up in ends] == pytest.approx([row["brier_interval"][1] for row in rows])
    assert len(chart.layout["annotations"]) == 3
    assert all("seen:" in each["text"] for each in chart.layout["annotations"])
    assert all(words in chart.subtitle for words in ("400 draws", "seed 3"))
    assert "interval over questions" not in chart.subtitle
    assert chart.title == "Forecasts scored: 3 questions of one history are too few to judge a forecaster by"
    assert "interval over questions" in scored(found(*map(str, range(6))), narrow).subtitle
    go.Figure({"data": chart.data, "layout": chart.layout})


@pytest.mark.parametrize(
    ("low", "high", "said"), [(-0.1, 0.2, "cannot be told from"), (0.1, 0.2, "beats"), (-0.2, -0.1, "loses to")]
)
def test_the_title_claims_no_more_than_the_gain_shows(low: float, high: float, said: str) -> None:
    """The run beats one half throughout, or loses to it, only where the interval of the mean gain says so."""
    scores = found("Is it?", "Was it?")
    scores["mean"]["uniform"]["brier_gain"] |= {"low": low, "high": high}
    assert (
        scored(scores).title == f"Forecasts scored: over 2 questions of one history, the run {said} one half throughout"
    )


def test_a_question_alone_has_no_base_rate() -> None:
    """Without other questions the base rate's trace is empty, and the chart stands."""
    chart = scored(found("Is it?"))
    assert next(trace for trace in chart.data if trace["name"] == "base rate")["x"] == []


def test_no_text_executes() -> None:
    """A hostile question stays text, in the page as in the chart."""
    evil = "<script>alert(1)</script></script><img src=x onerror=alert(1)>"
    scores = found(evil)
    page = to_page("scores", scored(scores), scored(scores, narrow=True), evil)
    assert "<img" not in page
    assert page.count("<script") == 3
    data = page.split('<script type="application/json" id="charts">')[1].split("</script>")[0]
    assert set(json.loads(data)) == {"scores"}
