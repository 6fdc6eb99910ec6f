"""Charts of first deals: how long they last, and how those that died came to their end."""

from itertools import accumulate

from sim.charts.fans import see_through
from sim.charts.shares import WHISKERS, Row, bar_trace, figure_trace
from sim.charts.text import clean, label, lines_in, number, percent, quoted
from sim.charts.theme import (
    ACCENT,
    INK,
    SOFT,
    Chart,
    Panel,
    Spec,
    Summary,
    axis,
    axis_key,
    based_on,
    grid,
    hidden_axis,
    layout,
    length_of_step,
    note,
    quiet,
    segment,
    share_axis,
    whole,
)

CALENDAR = ("day", "week", "month", "quarter", "year")
WORDS = {
    "breach": "broken by {}",
    "reopened": "reopened by {}",
    "expired": "ran out",
    "collapse": "ended by an event from outside",
}
FEWEST_AT_RISK = 10
SHOWN, KINDS = 6, 5
NARROW = 46


def lasting(summary: Summary, narrow: bool) -> Chart | None:
    """How long deals last: the share of first deals still in force so long after their signing."""
    found = summary.get("deal_life")
    if not found or len(found["curve"]) < 2:
        return None
    curve = [row for row in found["curve"] if row["at_risk"] >= FEWEST_AT_RISK] or found["curve"]
    line = {"shape": "hv", "width": 0, "color": ACCENT}
    common = {"type": "scatter", "mode": "lines", "x": [row["step"] for row in curve], "hoverinfo": "skip"}
    data = [
        common | {"y": [row["low"] for row in curve], "line": line},
        common
        | {"y": [row["high"] for row in curve], "line": line, "fill": "tonexty"}
        | {"fillcolor": see_through(ACCENT, 0.18)},
        common
        | {
            "y": [row["probability"] for row in curve],
            "line": line | {"width": 2.5},
            "hoverinfo": "all",
            "customdata": [[row["low"], row["high"], row["at_risk"], row["ended"]] for row in curve],
            "hovertemplate": "%{x} after signing: %{y:.1%} in force, 95 % band %{customdata[0]:.1%} to "
            "%{customdata[1]:.1%}<br>%{customdata[3]:,} of %{customdata[2]:,} end then<extra></extra>",
        },
    ]
    shape = layout(
        260 if narrow else 320,
        right=20,
        below=54,
        xaxis=axis(since_signing(summary), range=[0, curve[-1]["step"]], showgrid=False, **whole(curve[-1]["step"])),
        yaxis=share_axis(1, title="share of first deals in force", ticksuffix=" "),
        annotations=[],
        shapes=[],
    )
    shape["yaxis"]["range"] = [0, 1.02]
    median = found["median_steps"]
    if median is not None and median <= curve[-1]["step"]:
        shape["shapes"] = [segment([median, median], [0, 1], SOFT, yref="paper", line={"dash": "dot"})]
        words = note("half last no longer", median, 0.97, yref="paper", yanchor="top", font=quiet(12))
        shape["annotations"] = [words | {"xshift": 5}]
    notes = (
        f"{found['count']:,} first deals, {found['ended']:,} of them end inside the window",
        "Kaplan-Meier; band: 95 %, Greenwood on the log-log scale",
    )
    return Chart(lasting_title(summary), based_on(summary, *notes), data, shape)


def lasting_title(summary: Summary) -> str:
    """How long half of the deals last, where enough were watched so long, or how many still hold at the end."""
    found = summary["deal_life"]
    half = found["median_steps"]
    if half is not None and found["curve"][half]["at_risk"] >= FEWEST_AT_RISK:
        return f"How long deals last: an estimated half of them no longer than {age(summary, half)}"
    if not found["ended"]:
        return f"How long deals last: none of {found['count']:,} ends inside the window"
    held = percent(1 - found["ended"] / found["count"])
    return f"How long deals last: {held} still held when the window closed"


def unit_of(summary: Summary) -> str:
    """What a step is called: a calendar's unit, or a step."""
    step = clean(summary["time"]["step"])
    return step if step in CALENDAR else "step"


def since_signing(summary: Summary) -> str:
    """The axis of a deal's age."""
    step = clean(summary["time"]["step"])
    unit = unit_of(summary)
    return f"{unit}s since signing" + (f" ({length_of_step(summary)} each)" if unit != step else "")


def age(summary: Summary, steps: float) -> str:
    """So many steps in words."""
    return f"{number(steps)} {unit_of(summary)}{'' if steps == 1 else 's'}"


def death(summary: Summary, row: Spec) -> str:
    """A kind of death in words."""
    names = {party["id"]: clean(party["label"]) for party in summary["parties"]}
    return WORDS[row["kind"]].format(names.get(row["by"], ""))


def broken(summary: Summary, narrow: bool) -> Chart | None:
    """The anatomy of broken deals: how they died, and which variable had moved most since the signing."""
    found = summary.get("broken")
    if not found or not found["kinds"]:
        return None
    told = [row for row in found["kinds"] if row["moved"]][:KINDS]
    wide = NARROW if narrow else 58
    rows = [
        Row(f"{death(summary, row)}", row["probability"], row["low"], row["high"], ACCENT) for row in found["kinds"]
    ]
    most = [moved_most(row) for row in told]
    heights = [38 * len(rows), *(30 * len(chosen) + 6 for chosen in most)]
    headings = [f"<b>how they died</b> (share of {found['signed']:,} first deals)"]
    headings += [f"<b>{label(death(summary, row), wide)}</b><br>what had moved (n = {row['count']:,})" for row in told]
    panels, total = grid(heights, 1 if narrow else 2, [lines_in(words) * 17 + 12 for words in headings], 54, 0.09)
    shape = layout(total, below=40, left=14, right=24, annotations=[], shapes=[])
    data: list[Spec] = []
    for place, (panel, height, words) in enumerate(zip(panels, heights, headings, strict=True)):
        if place == 0:
            traces, axes, notes = how_they_died(summary, rows, panel, height, wide)
        else:
            traces, axes, notes = what_moved(summary, most[place - 1], panel, height, wide)
            middle = {"xref": panel.x, "yref": f"{panel.y} domain", "line": {"dash": "dot"}, "layer": "below"}
            shape["shapes"].append(segment([0, 0], [0, 1], SOFT, **middle))
        data += traces
        shape |= axes
        at = {"xref": "paper", "yref": f"{panel.y} domain", "yanchor": "bottom", "yshift": 6, "borderpad": 0}
        shape["annotations"] += [note(words, panel.across[0], 1, font=quiet(13, INK), **at), *notes]
    told_of = f"{found['ended']:,} of {found['signed']:,} first deals end inside the window"
    moved = "moved: the mean change beyond the drift of all draws, with its 95 % interval"
    return Chart(broken_title(summary), based_on(summary, told_of, WHISKERS, moved), data, shape)


def broken_title(summary: Summary) -> str:
    """The commonest death, and its age."""
    first = summary["broken"]["kinds"][0]
    words = death(summary, first)
    text = (
        f"Why deals do not last: most often {quoted(words, 60)[1:-1]} ({percent(first['probability'])} of first deals"
    )
    return f"{text}, half of these within {age(summary, first['age']['p50'])})"


def moved_most(row: Spec) -> list[tuple[str, Spec]]:
    """The variables that had moved most before one kind of death, the most first."""
    return sorted(row["moved"].items(), key=lambda item: -abs(item[1]["mean"]))[:SHOWN]


def how_they_died(
    summary: Summary, rows: list[Row], panel: Panel, height: int, wide: int
) -> tuple[list[Spec], Spec, list[Spec]]:
    """The bars of each kind of death, with its age: traces, axes and words."""
    middles = [end - 12 for end in accumulate([38] * len(rows))]
    ages = [age(summary, row["age"]["p50"]) for row in summary["broken"]["kinds"]]
    figures = [percent(row.share) for row in rows]
    on = {"xaxis": panel.x, "yaxis": panel.y}
    traces = [bar_trace(rows, middles, 13, **on), figure_trace(rows, middles, figures, **on)]
    ticks = {"tickfont": quiet(11), "domain": panel.across, "anchor": panel.y}
    top = min(1.3, max(row.high for row in rows) * 1.25)
    axes = {
        axis_key(panel.x): share_axis(top, **ticks),
        axis_key(panel.y): hidden_axis(height, domain=panel.down, anchor=panel.x, automargin=False),
    }
    words = []
    for row, middle, half in zip(rows, middles, ages, strict=True):
        text = label(row.text, wide, 1) + (f"; half within {half}" if wide > NARROW else "")
        place = {"xref": f"{panel.x} domain", "yref": panel.y, "yanchor": "bottom", "borderpad": 0}
        words.append(note(text, 0, middle - 8, font=quiet(12), **place))
    return traces, axes, words


def what_moved(
    summary: Summary, chosen: list[tuple[str, Spec]], panel: Panel, height: int, wide: int
) -> tuple[list[Spec], Spec, list[Spec]]:
    """The variables' mean changes with their intervals: traces, axes and words."""
    middles = [end - 8 for end in accumulate([30] * len(chosen))]
    labels = [clean(summary["variables"][key]["label"]) for key, _ in chosen]
    reach = 1.1 * max(max(abs(found["low"]), abs(found["high"])) for _, found in chosen)
    traces: list[Spec] = [
        {
            "type": "bar", "orientation": "h", "xaxis": panel.x, "yaxis": panel.y, "width": 9,
            "x": [found["mean"] for _, found in chosen], "y": middles,
            "marker": {"color": ["#7f9fce" if found["mean"] > 0 else "#cc9a66" for _, found in chosen]},
            "error_x": {
                "type": "data", "symmetric": False, "color": INK, "thickness": 1.4, "width": 4,
                "array": [found["high"] - found["mean"] for _, found in chosen],
                "arrayminus": [found["mean"] - found["low"] for _, found in chosen],
            },
            "customdata": [
                [label(words, 50), found["low"], found["high"]]
                for words, (_, found) in zip(labels, chosen, strict=True)
            ],
            "hovertemplate": "%{customdata[0]}<br>%{x:.2f} sd, 95 % interval %{customdata[1]:.2f} to "
            "%{customdata[2]:.2f}<extra></extra>",
        }
    ]  # fmt: skip
    across = axis("standard deviations beyond the common drift", range=[-reach, reach], nticks=7)
    across |= {"domain": panel.across, "anchor": panel.y, "tickfont": quiet(11)}
    across["title"]["standoff"] = 4
    axes = {
        axis_key(panel.x): across,
        axis_key(panel.y): hidden_axis(height, domain=panel.down, anchor=panel.x, automargin=False),
    }
    place = {"xref": f"{panel.x} domain", "yref": panel.y, "yanchor": "bottom", "borderpad": 0, "font": quiet(11)}
    words = [note(label(text, wide, 1), 0, middle - 5, **place) for text, middle in zip(labels, middles, strict=True)]
    return traces, axes, words
