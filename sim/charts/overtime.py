"""Charts over the window: the classes' shares, and when deals come."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from sim.charts.text import clean, day, label, lines_in, percent, quoted
from sim.charts.theme import (
    ACCENT,
    INK,
    SOFT,
    Chart,
    Spec,
    Summary,
    based_on,
    colours,
    dated,
    layout,
    moments,
    note,
    quiet,
    segment,
    share_axis,
    time_axis,
)

LINE = 16
TICKS, STRIP = 44, 20
CUTOFF = "#b34a00"
CLOSE, CLOSE_NARROW = 0.025, 0.06
LEVELS = 3  # heights at which numbers may stand above one another
BAND = "rgba(47,93,155,0.18)"


def over_time(summary: Summary, narrow: bool) -> Chart | None:
    """Which class each draw would be in if read at that date, stacked; beneath it what was observed."""
    shares, dates = summary["over_time"]["share"], moments(summary)
    if not shares or len(dates) < 2:
        return None
    plot = 300 if narrow else 400
    observed = observed_strip(summary)
    strip = TICKS + STRIP if observed else 0
    words, shapes = marks(summary, narrow)
    listed, list_height = event_list(summary, narrow, 8 if observed else TICKS)
    labels = {key: label(summary["outcomes"][key]["label"], 36 if narrow else 28, 3) for key in shares}
    legend_height = sum(lines_in(text) * 16 + 4 for text in labels.values()) + 12
    total = strip + (plot if narrow else max(plot, legend_height))
    under = (8 if observed else TICKS) + list_height
    colour = colours(summary)
    data = [area(dates, shares[key], labels[key], colour[key], stepped=not dated(summary)) for key in shares] + observed
    if observed:
        heading = note("observed", 0, strip / total, xref="paper", yref="paper", yanchor="top", font=quiet(11))
        words.append(heading | {"yshift": -TICKS + 15, "borderpad": 0})
    legend = {"x": -0.14, "y": -under / total} if narrow else {"x": 1.02, "y": 1}
    shape = layout(
        total,
        below=under + (legend_height if narrow else 0) + 8,
        right=12 if narrow else 16,
        xaxis=time_axis(summary, ticks="outside", ticklen=4, tickcolor=SOFT, anchor="y", showgrid=False),
        yaxis=share_axis(1, title="share of draws", ticksuffix=" ", domain=[strip / total, 1]),
        annotations=words + listed,
        shapes=shapes,
        showlegend=True,
        legend=legend
        | {"xanchor": "left", "yanchor": "top", "traceorder": "reversed", "font": quiet(12, INK), "tracegroupgap": 0}
        | {"itemclick": False, "itemdoubleclick": False},
    )
    if observed:
        shape["yaxis2"] = {"domain": [0, STRIP / total], "range": [0, 1], "visible": False, "fixedrange": True}
    if words:
        shape["margin"]["t"] += 50
        shape["height"] += 50
    return Chart(over_time_title(summary), based_on(summary, "each date shows where the draws stand then"), data, shape)


def over_time_title(summary: Summary) -> str:
    """The commonest class at the end of the window, and whether it was so from the start."""
    shares = summary["over_time"]["share"]
    first, last = (max(shares, key=lambda key: shares[key][place]) for place in (0, -1))
    when = "from start to end" if first == last else "in the end"
    return f"Over time: {quoted(summary['outcomes'][last]['label'])} is commonest {when}"


def area(dates: Sequence[Any], share: Sequence[float], name: str, colour: str, *, stepped: bool) -> Spec:
    """One class's layer of the stack; where there are bare rounds, each is a strip of its own."""
    return {
        "type": "scatter",
        "mode": "lines",
        "stackgroup": "classes",
        "name": name,
        "x": list(dates),
        "y": list(share),
        "line": {"width": 0.8, "color": "#ffffff", "shape": "hvh" if stepped else "linear"},
        "fillcolor": colour,
        "hovertemplate": "%{x}: %{y:.1%}",
        "cliponaxis": True,
    }


def observed_strip(summary: Summary) -> list[Spec]:
    """The classes observed, each a coloured piece of a strip from its date to the next."""
    found = summary["observed"]
    if not found or not dated(summary) or not found.get("outcomes"):
        return []
    dates, colour = summary["time"]["dates"], colours(summary)
    rows = found["outcomes"]
    edges = [clipped(row["from"], dates) for row in rows] + [clipped(found["until"], dates)]
    strip = []
    for row, (begin, end) in zip(rows, pairwise(edges), strict=True):
        if begin < end:
            words = label(row.get("label") or row["outcome"], 50)
            strip.append(
                {
                    "type": "scatter", "mode": "lines", "meta": "observed", "yaxis": "y2", "showlegend": False,
                    "x": [begin, end, end, begin, begin], "y": [0, 0, 1, 1, 0], "fill": "toself",
                    "fillcolor": colour.get(row["outcome"], SOFT), "line": {"width": 1, "color": "#ffffff"},
                    "hoveron": "fills", "text": f"observed from {day(row['from'])}: {words}", "hoverinfo": "text",
                }
            )  # fmt: skip
    return strip


def clipped(moment: Any, dates: Sequence[str]) -> str:
    """The date, brought inside the window."""
    return min(max(clean(moment), clean(dates[0])), clean(dates[-1]))


def observed_events(summary: Summary) -> list[Spec]:
    """The dated events inside the window, in their order: each with date, label and source."""
    found, dates = summary["observed"], summary["time"]["dates"]
    if not found or not dated(summary):
        return []
    inside = [row for row in found.get("events") or [] if dates[0] <= clean(row["date"]) <= dates[-1]]
    return sorted(inside, key=lambda row: clean(row["date"]))


def marks(summary: Summary, narrow: bool) -> tuple[list[Spec], list[Spec]]:
    """Numbered lines for the events observed, and a dashed one for the information cutoff: words and lines."""
    words: list[Spec] = []
    shapes: list[Spec] = []
    levels = staggered(summary, narrow)
    for place, (event, level) in enumerate(zip(observed_events(summary), levels, strict=True), start=1):
        at = clean(event["date"])
        shapes += haloed(at, INK, "dot")
        mark = note(f"<b>{place}</b>", at, 1, yref="paper", yanchor="bottom", xanchor="center", borderpad=0)
        words.append(mark | {"yshift": 2 + 12 * level, "font": quiet(11, INK)})
    cutoff, dates = summary["information_cutoff"], summary["time"]["dates"]
    if cutoff and dated(summary):
        at = clipped(cutoff, dates)
        shapes += haloed(at, CUTOFF, "dash")
        late = ordinal(at) > (ordinal(dates[0]) + ordinal(dates[-1])) / 2
        text = f"no source after {day(cutoff)} was used"
        mark = note(
            text,
            at,
            1,
            yref="paper",
            yanchor="bottom",
            font=quiet(11, CUTOFF),
            yshift=5 + 12 * (max(levels, default=-1) + 1),
            borderpad=0,
        )
        words.append(mark | {"xanchor": "right" if late else "left"})
    return words, shapes


def haloed(at: str, colour: str, dash: str) -> list[Spec]:
    """A vertical line that stays visible on dark and on light areas."""
    common = {"yref": "y domain"}
    halo = segment([at, at], [0, 1], "rgba(255,255,255,0.65)", line={"width": 3}, **common)
    return [halo, segment([at, at], [0, 1], colour, line={"width": 1.5, "dash": dash}, **common)]


def event_list(summary: Summary, narrow: bool, gap: int) -> tuple[list[Spec], int]:
    """The numbered events, `gap` pixels under the plot, and the pixels they take."""
    words = []
    down = gap
    for place, event in enumerate(observed_events(summary), start=1):
        text = label(f"{day(event['date'])}: {clean(event['label'])}", 36 if narrow else 110)
        placed = {"xref": "paper", "yref": "paper", "yanchor": "top", "yshift": -down, "borderpad": 0}
        words.append(note(f"<b>{place}</b>", 0, 0, font=quiet(12, INK), **placed))
        words.append(note(text, 0, 0, font=quiet(12), xshift=22, **placed))
        down += lines_in(text) * LINE + 2
    return words, down - gap + 10 if words else 0


def staggered(summary: Summary, narrow: bool) -> list[int]:
    """The height, 0 to 2, of each event's number: the lowest at which no other stands too close to be read."""
    dates = summary["time"]["dates"]
    events = observed_events(summary)
    if not events:
        return []
    close = (ordinal(dates[-1]) - ordinal(dates[0])) * (CLOSE_NARROW if narrow else CLOSE)
    return apart((at, at + close) for at in (ordinal(event["date"]) for event in events))


def apart(spans: Iterable[tuple[float, float]]) -> list[int]:
    """The lowest of `LEVELS` heights at which each span, from left to right, runs into none before it.

    Where it would at every height, it stands where it does so least.

    >>> apart([(0, 3), (1, 4), (3, 6), (3, 5), (3.5, 5)])
    [0, 1, 0, 2, 1]
    """
    free = [-math.inf] * LEVELS
    found = []
    for start, end in spans:
        level = next((place for place, edge in enumerate(free) if start >= edge), free.index(min(free)))
        free[level] = end
        found.append(level)
    return found


def ordinal(moment: Any) -> int:
    """Days of an ISO date, good enough to tell what stands close on a chart; a bare step is its own number."""
    if isinstance(moment, int):
        return moment
    year, month, rest = clean(moment)[:10].split("-")
    return int(year) * 365 + int(month) * 30 + int(rest)


def agreement(summary: Summary, narrow: bool) -> Chart | None:
    """When deals come: the share of draws that have signed a first deal by each date, with its band."""
    curve = signed_by(summary)
    if len(curve) < 2:
        return None
    dates = moments(summary)[: len(curve)]
    line = {"shape": "hv", "width": 0, "color": ACCENT}
    common = {"type": "scatter", "mode": "lines", "x": dates, "hoverinfo": "skip"}
    data = [
        common | {"y": [row["low"] for row in curve], "line": line},
        common | {"y": [row["high"] for row in curve], "line": line, "fill": "tonexty", "fillcolor": BAND},
        common
        | {
            "y": [row["probability"] for row in curve],
            "line": line | {"width": 2.5},
            "hoverinfo": "all",
            "customdata": [[row["low"], row["high"]] for row in curve],
            "hovertemplate": "%{x}: %{y:.1%} have signed, 95 % interval %{customdata[0]:.1%} to %{customdata[1]:.1%}"
            "<extra></extra>",
        },
    ]
    shape = layout(
        260 if narrow else 320,
        right=20,
        below=48,
        xaxis=time_axis(summary, showgrid=False),
        yaxis=share_axis(1, title="share of draws with a first deal", ticksuffix=" "),
        annotations=[],
        shapes=[],
    )
    shape["yaxis"]["range"] = [0, 1.02]
    median = summary["agreement"]["median_step"]
    if median is not None and median + 1 < len(dates):
        at = dates[median + 1]
        shape["shapes"] = [segment([at, at], [0, 1], SOFT, yref="paper", line={"dash": "dot"})]
        late = median + 1 > (len(dates) - 1) / 2
        words = note("half of the first deals signed", at, 0.02, yref="paper", yanchor="bottom", font=quiet(12))
        shape["annotations"] = [words | {"xanchor": "right" if late else "left", "xshift": -5 if late else 5}]
    subtitle = based_on(summary, "line: share of draws that have signed a first deal", "band: 95 % Wilson interval")
    return Chart(agreement_title(summary), subtitle, data, shape)


def signed_by(summary: Summary) -> list[Spec]:
    """The share of draws with a first deal by each date, and its interval: what the survival of talks leaves."""
    return [
        row | {"probability": 1 - row["probability"], "low": 1 - row["high"], "high": 1 - row["low"]}
        for row in summary["agreement"]["survival"]
    ]


def median_date(summary: Summary) -> str:
    """The date by which half of the agreements are reached: the end of the median step."""
    dates: list[str] = summary["time"]["dates"]
    end: int = summary["agreement"]["median_step"] + 1
    return dates[min(end, len(dates) - 1)]


def agreement_title(summary: Summary) -> str:
    """How probable a deal is at all, and by when half of the deals are reached."""
    found = summary["agreement"]
    if found["median_step"] is None:
        return "When deals come: no draw reaches one"
    when = day(median_date(summary))
    return f"When deals come: {percent(found['probability'])} of draws reach one, half of these by {when}"
