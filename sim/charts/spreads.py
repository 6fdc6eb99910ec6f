"""Charts of spreads: what each party comes away with, and how little is known of each assumption."""

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from sim.charts.shares import below_legend
from sim.charts.text import MINUS, clean, label, lines_in, number, percent, quoted
from sim.charts.theme import (
    ACCENT,
    PARTY_COLOURS,
    SOFT,
    Chart,
    Spec,
    Summary,
    axis,
    based_on,
    hidden_axis,
    layout,
    note,
    quiet,
    segment,
)

WIDEST = 20
CONFIDENCE = {"H": ("high confidence", "circle", "#117733"), "M": ("medium confidence", "square", ACCENT),
              "L": ("low confidence", "diamond", "#882255"), None: ("not stated", "circle-open", SOFT)}  # fmt: skip


def payoffs(summary: Summary, narrow: bool) -> Chart | None:
    """What each party comes away with: 5, 50 and 95 % points and the mean."""
    found = spans(summary, summary["payoffs"], "payoff (1 = the best-minus-worst flow)", narrow)
    if found is None:
        return None
    return Chart(f"Median payoffs: {found.medians}", based_on(summary, "bar: 5 to 95 %"), found.data, found.shape)


def concessions(summary: Summary, narrow: bool) -> Chart | None:
    """Who gave way in the first agreement: how much of its room each side gave up, and who gave up more."""
    rows = summary.get("concessions")
    if not rows or not rows["count"]:
        return None
    found = spans(summary, rows["parties"], "room given up (0 none, 1 all)", narrow, ends=(0.0, 1.0))
    if found is None:
        return None
    more = max(summary["parties"], key=lambda party: rows["parties"][party["id"]]["more"]["probability"])
    share = rows["parties"][more["id"]]["more"]
    title = f"Who gives way: {clean(more['label'])} gives up more in {percent(share['probability'])}"
    base = f"{rows['count']:,} first deals that left both with a gain; bar: 5 to 95 % of them"
    return Chart(title, based_on(summary, base), found.data, found.shape)


class Spans(NamedTuple):
    """A bar from 5 to 95 % for each party, and the medians in words."""

    data: list[Spec]
    shape: Spec
    medians: str


def spans(
    summary: Summary, points: Mapping[str, Any], unit: str, narrow: bool, ends: Sequence[float] = ()
) -> Spans | None:
    """For each party the 5, 50 and 95 % points and the mean of a quantity; None where there is nothing to show.

    `ends` are what the axis shows whatever is found.
    """
    rows = [(place, party, points.get(party["id"])) for place, party in enumerate(summary["parties"])]
    shown = [(place, party, row) for place, party, row in rows if row and row["p50"] is not None]
    if not shown:
        return None
    labels = [label(party["label"], 44) for _, party, _ in shown]
    middles: list[float] = []
    words: list[Spec] = []
    top = 0
    for text in labels:
        top += lines_in(text) * 16 + 8
        words.append(note(f"<b>{text}</b>", 0, top - 2, xref="paper", yanchor="bottom"))
        middles.append(top + 18)
        top += 46
    common = {"type": "scatter", "mode": "markers", "y": middles, "cliponaxis": False}
    colour = [PARTY_COLOURS[place] for place, _, _ in shown]
    found = [row for _, _, row in shown]
    data: list[Spec] = []
    for (place, _, row), middle in zip(shown, middles, strict=True):
        line = {"width": 9, "color": PARTY_COLOURS[place]}
        band = {"mode": "lines", "x": [row["p05"], row["p95"]], "y": [middle] * 2, "line": line, "opacity": 0.35}
        data.append(common | band | {"showlegend": False, "hoverinfo": "skip"})
    for key, name, symbol in (("p50", "median", "line-ns-open"), ("mean", "mean", "diamond")):
        marker: Spec = {"symbol": symbol, "size": 18 if key == "p50" else 10, "color": colour, "line": {"width": 3}}
        if key == "mean":
            marker["line"] = {"width": 1, "color": "#ffffff"}
        hover = f"{name} %{{x:.4~g}}<extra></extra>"
        data.append(common | {"name": name, "x": [row[key] for row in found], "marker": marker, "hovertemplate": hover})
    for row, middle in zip(found, middles, strict=True):
        for key, anchor in (("p05", "right"), ("p95", "left")):
            shift = -7 if key == "p05" else 7
            at = {"xanchor": anchor, "xshift": shift, "yanchor": "middle", "font": quiet(12)}
            words.append(note(plain(row[key]), row[key], middle, **at))
    low, high = min(*ends, *(row["p05"] for row in found)), max(*ends, *(row["p95"] for row in found))
    margin = (high - low) * (0.22 if narrow else 0.1) or 0.1
    shape = layout(
        top,
        below=92,
        left=8,
        xaxis=axis(unit, range=[low - margin, high + margin]),
        yaxis=hidden_axis(top),
        annotations=words,
        showlegend=True,
        legend=below_legend(top, 62),
    )
    medians = ", ".join(f"{clean(party['label'])} {plain(row['p50'])}" for _, party, row in shown)
    return Spans(data, shape, medians)


def plain(value: float) -> str:
    """A payoff with two decimals, or a large one as any other number."""
    return f"{value:.2f}".replace("-", MINUS) if abs(value) < 100 else number(value)


def assumptions(summary: Summary, narrow: bool) -> Chart | None:
    """Where least is known: the widest assumptions, as multiples of each one's median."""
    rows = widest(summary)
    if not rows:
        return None
    labels = [label(row["label"], 48 if narrow else 40) for row in rows]
    middles: list[float] = []
    words: list[Spec] = []
    top = 0
    for text in labels:
        height = lines_in(text) * 16
        if narrow:
            words.append(note(text, 0, top + height, xref="paper", yanchor="bottom", font=quiet(12)))
            middles.append(top + height + 10)
            top += height + 24
        else:
            middles.append(top + (height + 12) / 2)
            top += height + 12
    data = [span_trace(rows, middles), *confidence_traces(rows, middles)]
    vertical = hidden_axis(top)
    if not narrow:
        vertical |= {"tickvals": middles, "ticktext": labels, "showticklabels": True, "ticklabelstandoff": 8}
    ends = [row["p05"] / row["p50"] for row in rows] + [row["p95"] / row["p50"] for row in rows]
    marks = [mark for mark in MULTIPLES if min(ends) * 0.7 <= mark <= max(ends) * 1.4]
    across = axis(
        "times its own median (logarithmic)",
        type="log",
        range=[math.log10(min(ends)) - 0.03, math.log10(max(ends)) + 0.03],
        tickvals=marks,
        ticktext=[f"\N{MULTIPLICATION SIGN} {number(mark)}" for mark in marks],
    )
    shape = layout(
        top,
        below=136 if narrow else 84,
        left=8,
        right=24,
        xaxis=across,
        yaxis=vertical,
        annotations=words,
        shapes=[segment([1, 1], [0, 1], SOFT, yref="paper", line={"dash": "dot"}, layer="below")],
        showlegend=True,
        legend=below_legend(top, 56, narrow),
    )
    title = f"The widest ranges: {quoted(rows[0]['label'])} above all"
    rest = sum(1 for row in summary["assumptions"] if row["kind"] not in ("fixed", "correlation")) - len(rows)
    notes = (
        f"the {len(rows)} widest assumptions",
        "bar: 5 to 95 % of each, mark: median",
        f"{rest} more that vary stand in the table",
    )
    return Chart(title, based_on(summary, *notes), data, shape)


MULTIPLES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def widest(summary: Summary) -> list[Spec]:
    """The uncertain, wholly positive assumptions with the largest ratio of their 95 to their 5 % point."""
    rows = [row for row in summary["assumptions"] if row["p05"] is not None and 0 < row["p05"] < row["p95"]]
    return sorted(rows, key=lambda row: (-row["p95"] / row["p05"], row["path"]))[:WIDEST]


def span_trace(rows: Sequence[Spec], at: Sequence[float]) -> Spec:
    """The bars from the 5 to the 95 % point."""
    x: list[Any] = []
    y: list[Any] = []
    for row, middle in zip(rows, at, strict=True):
        x += [row["p05"] / row["p50"], row["p95"] / row["p50"], None]
        y += [middle, middle, None]
    line = {"width": 5, "color": "#c3cddd"}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "showlegend": False, "hoverinfo": "skip"}


def confidence_traces(rows: Sequence[Spec], at: Sequence[float]) -> list[Spec]:
    """The medians, marked by how confident the author of each is."""
    placed = sorted(zip(rows, at, strict=True), key=lambda pair: "HML".find(pair[0]["confidence"] or "-") % 4)
    traces = []
    for level, group in groupby(placed, key=lambda pair: pair[0]["confidence"]):
        name, symbol, colour = CONFIDENCE.get(level, CONFIDENCE[None])
        members = list(group)
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": name,
                "x": [1.0] * len(members),
                "y": [middle for _, middle in members],
                "marker": {"symbol": symbol, "size": 10, "color": colour},
                "customdata": [[label(row["label"], 50), *(number(row[key]) for key in POINTS)] for row, _ in members],
                "hovertemplate": "%{customdata[0]}<br>5 %: %{customdata[1]}, median: %{customdata[2]}, "
                "95 %: %{customdata[3]}<extra></extra>",
            }
        )
    return traces


POINTS = ("p05", "p50", "p95")
