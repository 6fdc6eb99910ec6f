"""Charts of shares: outcomes, causes and questions."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from sim.analysis.outcomes import wilson
from sim.charts.text import GLUE, clean, day, escape, interval, label, lines_in, percent, quoted
from sim.charts.theme import (
    ACCENT,
    INK,
    SOFT,
    Chart,
    Spec,
    Summary,
    based_on,
    colours,
    hidden_axis,
    layout,
    note,
    quiet,
    segment,
    share_axis,
)

CAUSE_WORDS = {
    "no_zone": "No deal was better for both than going without",
    "misperception": "They misread what the other needed",
    "mistrust": "A deal was not believed to be kept",
    "time": "Time ran out, or waiting cost too little",
    "failed_ratification": "A deal failed at home",
    "shock": "A shock ended the talks",
    "rival_bid": "A rival's bid was better",
    "exit": "One side preferred to walk away",
}
STATUS_WORDS = {
    "agreement": "agreement in force",
    "interim": "interim deal, talks go on",
    "talks": "talks",
    "deadline": "deadline missed",
    "exit": "one side has left",
    "breakdown": "breakdown",
}
WHISKERS = "whiskers: 95 % Wilson interval"
LINE = 16


class Row(NamedTuple):
    """One bar: its label in plain text, share, interval and colour."""

    text: str
    share: float
    low: float
    high: float
    colour: str


def cause_words(name: str) -> str:
    """A cause in a person's words."""
    return CAUSE_WORDS.get(name, name.replace("_", " "))


def status_words(name: str) -> str:
    """A status in a person's words."""
    return STATUS_WORDS.get(name, name.replace("_", " "))


def cause_rows(summary: Summary) -> list[tuple[str, float, float, float]]:
    """The causes from the most to the least frequent: name, share, Wilson interval among draws without a deal."""
    n, effect = summary["without_deal"], summary.get("causes_effect", 1)
    ordered = sorted(summary["causes"].items(), key=lambda item: -item[1])
    return [(name, share, *wilson(min(n, round(share * n)) / effect, n / effect)) for name, share in ordered]


def outcomes(summary: Summary, narrow: bool) -> Chart | None:
    """How the bargain ends: one bar for each outcome class, in the scenario's order."""
    if not summary["outcomes"]:
        return None
    colour = colours(summary)
    rows = [
        Row(found["label"], found["probability"], found["low"], found["high"], colour[key])
        for key, found in summary["outcomes"].items()
    ]
    data, shape = bars(rows, narrow, "share of draws")
    return Chart(outcome_title(summary), based_on(summary, WHISKERS), data, shape)


def outcome_title(summary: Summary) -> str:
    """The likeliest class in words, or the two that the draws cannot tell apart."""
    ranked = sorted(summary["outcomes"].values(), key=lambda found: -found["probability"])
    first = ranked[0]
    if len(ranked) > 1 and ranked[1]["high"] >= first["low"]:
        both = f"{quoted(first['label'])} or {quoted(ranked[1]['label'])}"
        return f"How it ends: most often {both}; so many draws cannot tell which"
    return f"How it ends: {quoted(first['label'])} is the likeliest, at {percent(first['probability'])}"


def causes(summary: Summary, narrow: bool) -> Chart | None:
    """Why there is no deal, among the draws that end without one."""
    found = cause_rows(summary)
    if not found:
        return None
    rows = [Row(cause_words(name), share, low, high, ACCENT) for name, share, low, high in found]
    data, shape = bars(rows, narrow, "share of draws without a deal")
    title = f"Why there is no deal: most often, {decapitalised(rows[0].text)} ({percent(rows[0].share)})"
    notes = f"{summary['without_deal']:,} of them without a deal", *ended_words(summary), WHISKERS
    return Chart(title, based_on(summary, *notes), data, shape)


def causes_tested(summary: Summary, narrow: bool) -> Chart | None:
    """Whether a deal comes once what stood in its way is taken out, among the draws that each cause kept from one."""
    found = [row for row in (summary.get("causes_tested") or {"rows": []})["rows"] if row["confirmed"]]
    if not found:
        return None
    rows = []
    for row in found:
        share, low, high = (row["confirmed"][key] for key in ("probability", "low", "high"))
        rows.append(Row(f"{cause_words(row['cause'])} ({row['draws']:,})", share, low, high, ACCENT))
    data, shape = bars(rows, narrow, "share of these draws that have a deal without it")
    held = f"of the draws in which {decapitalised(cause_words(found[0]['cause']))}"
    title = f"Put to the test: {percent(rows[0].share)} {held} have a deal without that"
    again = f"{summary['causes_tested']['draws']:,} of them played again without what kept them from a deal"
    return Chart(title, based_on(summary, again, "in brackets: how many it kept from one", WHISKERS), data, shape)


def ended_words(summary: Summary) -> tuple[str, ...]:
    """How the draws without a deal ended, whatever kept them from one; the commonest ending first."""
    total: dict[str, int] = {}
    for row in (summary.get("ended_without") or {}).values():
        for status, count in row.items():
            total[status] = total.get(status, 0) + count
    ranked = sorted(total.items(), key=lambda item: -item[1])
    words = (f"{status_words(status)} {percent(count / summary['without_deal'])}" for status, count in ranked)
    return (f"as they ended: {', '.join(words)}",) if ranked else ()


def decapitalised(text: str) -> str:
    """The sentence as it reads inside another."""
    return text[:1].lower() + text[1:]


def bars(rows: Sequence[Row], narrow: bool, title: str) -> tuple[list[Spec], Spec]:
    """Horizontal bars with whiskers and figures; labels stand left of them, on a narrow page above them."""
    labels = [label(row.text, 44 if narrow else 38) for row in rows]
    middles, labels_at, top = [], [], 0
    for text in labels:
        above = lines_in(text) * LINE if narrow else 0
        height = above + 34 if narrow else max(36, lines_in(text) * LINE + 12)
        labels_at.append(top + above + 2)
        middles.append(top + above + (height - above) / 2 - (4 if narrow else 0))
        top += height
    figures = [percent(row.share) if narrow else figure_words(row) for row in rows]
    reach = max(row.high for row in rows) * (1.28 if narrow else 1.3) or 1.0
    data = [bar_trace(rows, middles, 18), figure_trace(rows, middles, figures)]
    vertical = hidden_axis(top)
    if narrow:
        words = [note(text, 0, y, xref="paper", yanchor="bottom") for text, y in zip(labels, labels_at, strict=True)]
    else:
        words = []
        ticks = {"tickvals": middles, "ticktext": labels, "tickfont": quiet(13, INK), "ticklabelstandoff": 8}
        vertical |= ticks | {"showticklabels": True}
    left = 4 if narrow else 16
    across = share_axis(min(reach, 1.3), title=title)
    shape = layout(top, left=left, xaxis=across, yaxis=vertical, annotations=words)
    return data, shape


def figure_words(row: Row) -> str:
    """A share and, more quietly, its interval."""
    return f'{percent(row.share)}  <span style="color:{SOFT};font-size:12px">{interval(row.low, row.high)}</span>'


def bar_trace(rows: Sequence[Row], at: Sequence[float], width: int, **more: Any) -> Spec:
    """The bars, each with its interval as a whisker and in the hover text."""
    return {
        "type": "bar",
        "orientation": "h",
        "x": [row.share for row in rows],
        "y": list(at),
        "width": width,
        "marker": {"color": [row.colour for row in rows]},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [row.high - row.share for row in rows],
            "arrayminus": [row.share - row.low for row in rows],
            "color": INK,
            "thickness": 1.4,
            "width": 4,
        },
        "customdata": [[label(row.text, 50), row.low, row.high] for row in rows],
        "hovertemplate": "%{customdata[0]}<br>%{x:.1%}, 95 % interval %{customdata[1]:.1%} to %{customdata[2]:.1%}"
        "<extra></extra>",
    } | more


def figure_trace(rows: Sequence[Row], at: Sequence[float], figures: Sequence[str], **more: Any) -> Spec:
    """The figures at the whiskers' ends."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": [row.high for row in rows],
        "y": list(at),
        "text": [f" {figure}" for figure in figures],
        "textposition": "middle right",
        "textfont": quiet(13, INK),
        "cliponaxis": False,
        "hoverinfo": "skip",
    } | more


def questions(summary: Summary, narrow: bool) -> Chart | None:
    """Each dated question as a forecast, beside one half and beside what was observed."""
    found = list(summary["questions"].values())
    if not found:
        return None
    labels = [question_words(row, 36 if narrow else 100) for row in found]
    middles, labels_at, top = [], [], 20
    for text in labels:
        labels_at.append(top + lines_in(text) * LINE)
        middles.append(labels_at[-1] + 16)
        top += lines_in(text) * LINE + 44
    words = [
        note(text, 0, y, xref="paper", yanchor="bottom", bgcolor="#ffffff", borderpad=1)
        for text, y in zip(labels, labels_at, strict=True)
    ]
    words.append(note("no idea: 50 %", 0.5, 0, xanchor="center", yanchor="top", font=quiet(11)))
    data = [*observed_traces(found, middles), forecast_trace(found, middles)]  # a forecast hides behind no mark
    ruled = [segment([0, 1], [y, y], "#dfe3ea", line={"width": 4}, layer="below") for y in middles]
    half = segment([0.5, 0.5], [16, top], SOFT, line={"dash": "dot"}, layer="below")
    shape = layout(
        top,
        below=112 if narrow else 84,
        left=8,
        right=24,
        xaxis=share_axis(1, title="probability of yes", showgrid=False),
        yaxis=hidden_axis(top),
        annotations=words,
        shapes=[*ruled, half],
        showlegend=True,
        legend=below_legend(top, 52, narrow),
    )
    shape["xaxis"]["range"] = [-0.01, 1.01]
    return Chart(
        questions_title(found), based_on(summary, WHISKERS, "dotted: a forecast that knows nothing"), data, shape
    )


def questions_title(found: Sequence[Spec]) -> str:
    """Of how many questions either answer is the likelier, and of how many the draws leave that open."""
    yes, no = sum(row["low"] > 0.5 for row in found), sum(row["high"] < 0.5 for row in found)
    even = len(found) - yes - no
    open_ = f", {even} too even to tell" if even else ""
    return f"Questions as forecasts: of {len(found)}, yes is likelier in {yes}, no in {no}{open_}"


def question_words(row: Spec, width: int) -> str:
    """A question with its date and its probability, wrapped."""
    text = label(row["text"], width)
    last = text.rsplit("<br>", 1)[-1]
    when, share = f"by{GLUE}{day(row['date'])}", percent(row["probability"])
    known = "" if says_date(row) else f"{when} · "
    joint = " · " if len(last) + len(known) + len(share) + 3 <= width + 5 else "<br>"
    return f"{text}{joint}{escape(known)}<b>{escape(share)}</b>"


def says_date(row: Spec) -> bool:
    """Whether a question already names its date, so that it need not stand there twice."""
    parts = day(row["date"]).split(GLUE)
    return len(parts) == 3 and bool(re.search(rf"\b{parts[0]} {parts[1]}[a-z]* {parts[2]}\b", clean(row["text"])))


def below_legend(plot_height: float, pixels: int, narrow: bool = False) -> Spec:
    """A legend so many pixels under a plot."""
    flow = "v" if narrow else "h"
    return {
        "orientation": flow, "x": 0, "xanchor": "left", "y": -pixels / plot_height, "yanchor": "top",
        "font": quiet(12, INK), "itemclick": False, "itemdoubleclick": False, "tracegroupgap": 0,
    }  # fmt: skip


def forecast_trace(found: Sequence[Spec], at: Sequence[float]) -> Spec:
    """The forecasts as dots with whiskers."""
    share = [row["probability"] for row in found]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "forecast with 95 % interval",
        "legendrank": 1,
        "x": share,
        "y": list(at),
        "marker": {"size": 12, "color": ACCENT, "line": {"color": "#ffffff", "width": 1}},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [row["high"] - row["probability"] for row in found],
            "arrayminus": [row["probability"] - row["low"] for row in found],
            "color": INK,
            "thickness": 1.4,
            "width": 5,
        },
        "customdata": [[label(row["text"], 60), row["low"], row["high"]] for row in found],
        "hovertemplate": "%{customdata[0]}<br>%{x:.1%}, 95 % interval %{customdata[1]:.1%} to %{customdata[2]:.1%}"
        "<extra></extra>",
        "cliponaxis": False,
    }


def observed_traces(found: Sequence[Spec], at: Sequence[float]) -> list[Spec]:
    """What was observed: a diamond at 100 % where it happened, a cross at 0 % where it did not."""
    traces = []
    for answer, name, symbol in ((True, "observed: yes", "diamond"), (False, "observed: no", "x")):
        places = [y for row, y in zip(found, at, strict=True) if row["observed"] is answer]
        if places:
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": name,
                    "x": [float(answer)] * len(places),
                    "y": places,
                    "marker": {"size": 13, "symbol": symbol, "color": "#D55E00", "line": {"color": "#fff", "width": 1}},
                    "hovertemplate": f"{name}<extra></extra>",
                    "cliponaxis": False,
                }
            )
    return traces
