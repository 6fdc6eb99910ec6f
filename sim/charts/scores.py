"""How good the forecasts were: each question's score beside those of forecasts that know less."""

from collections.abc import Sequence
from typing import Any

from sim.charts.shares import LINE, below_legend, question_words
from sim.charts.text import label, lines_in
from sim.charts.theme import ACCENT, INK, SOFT, Chart, Spec, based_on, hidden_axis, layout, note, segment
from sim.charts.theme import axis as plain_axis

WORST = 2.0
REFERENCES = (("uniform", "uniform: one half each", "line-ns", SOFT), ("base_rate", "base rate", "diamond", "#D55E00"))


def scored(found: dict[str, Any], narrow: bool = False) -> Chart:
    """The Brier score of each question, with its 95 % interval, beside the uniform forecast and the base rate.

    `found` is what `sim.analysis.scores.score` gives, with one question at least.
    """
    rows = list(found["questions"].values())
    labels = [f"{question_words(row, 24 if narrow else 84)} · seen: {answer(row)}" for row in rows]
    middles, notes, top = [], [], 20
    for text in labels:
        above = top + lines_in(text) * LINE
        notes.append(note(text, 0, above, xref="paper", yanchor="bottom", bgcolor="#ffffff", borderpad=1))
        middles.append(above + 16)
        top = above + 44
    ruled = [segment([0, WORST], [y, y], "#dfe3ea", line={"width": 4}, layer="below") for y in middles]
    data = [*(reference(rows, middles, *each) for each in REFERENCES), own(rows, middles)]
    shape = layout(
        top,
        below=150 if narrow else 96,
        left=8,
        right=24,
        xaxis=plain_axis("Brier score: 0 is perfect, 2 is certain and wrong", showgrid=False, range=[-0.02, 2.02]),
        yaxis=hidden_axis(top),
        annotations=notes,
        shapes=ruled,
        showlegend=True,
        legend=below_legend(top, 56, narrow),
    )
    mean = found["mean"]["brier"]
    line = f"mean {mean['mean']:.3f}"
    if mean["low"] is not None:
        line += f", 95 % interval over questions {mean['low']:.3f} to {mean['high']:.3f}"
    more = "base rate: the share of yes among the other questions", "whiskers: Monte Carlo 95 % interval"
    return Chart(scores_title(found), based_on(found, line, *more), data, shape)


def scores_title(found: dict[str, Any]) -> str:
    """Whether the mean score can be told from that of one half throughout; questions of one history hang together."""
    count, gain = found["mean"]["questions"], found["mean"]["uniform"]["brier_gain"]
    if gain["low"] is None:
        many = f"{count} questions of one history are" if count > 1 else "one question is"
        return f"Forecasts scored: {many} too few to judge a forecaster by"
    told = "cannot be told from" if gain["low"] <= 0 <= gain["high"] else "beats" if gain["low"] > 0 else "loses to"
    over = f"over {count} question{'s' * (count > 1)} of one history"
    return f"Forecasts scored: {over}, the run {told} one half throughout"


def answer(row: Spec) -> str:
    """What was observed, in a word."""
    return "yes" if row["observed"] else "no"


def own(rows: Sequence[Spec], at: Sequence[float]) -> Spec:
    """The run's scores as dots with whiskers."""
    values = [row["brier"] for row in rows]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "this run",
        "x": values,
        "y": list(at),
        "marker": {"size": 12, "color": ACCENT, "line": {"color": "#ffffff", "width": 1}},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [max(0.0, row["brier_interval"][1] - row["brier"]) for row in rows],
            "arrayminus": [max(0.0, row["brier"] - row["brier_interval"][0]) for row in rows],
            "color": INK,
            "thickness": 1.4,
            "width": 5,
        },
        "customdata": [[label(row["text"], 60), row["probability"], answer(row), row["log"]] for row in rows],
        "hovertemplate": "%{customdata[0]}<br>forecast of yes %{customdata[1]:.1%}, seen: %{customdata[2]}<br>"
        "Brier %{x:.3f}, log score %{customdata[3]:.3f}<extra></extra>",
        "cliponaxis": False,
    }


def reference(rows: Sequence[Spec], at: Sequence[float], key: str, name: str, symbol: str, colour: str) -> Spec:
    """The scores of a forecast that knows less."""
    pairs = [(row[key]["brier"], y) for row, y in zip(rows, at, strict=True) if row[key] is not None]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [x for x, _ in pairs],
        "y": [y for _, y in pairs],
        "marker": {"size": 12, "symbol": symbol, "color": colour, "line": {"color": colour, "width": 2}},
        "hovertemplate": f"{name}: Brier %{{x:.3f}}<extra></extra>",
        "cliponaxis": False,
    }
