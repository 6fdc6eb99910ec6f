"""Fans over the window in small multiples: what the environment does, and what the communities think."""

from collections.abc import Sequence
from typing import Any

from sim.charts.overtime import event_list, observed_events, staggered
from sim.charts.text import GLUE, MINUS, clean, label, lines_in, percent, quoted, spoken
from sim.charts.theme import (
    ACCENT,
    INK,
    PARTY_COLOURS,
    SOFT,
    Chart,
    Panel,
    Spec,
    Summary,
    axis,
    axis_key,
    based_on,
    grid,
    layout,
    moments,
    note,
    quiet,
    segment,
    time_axis,
)

COMMUNITY = "#00695c"
BANDS = "line: median", "bands: middle 50 and 90 % of draws", "axis: the bounds"
EVENT = "rgba(31,36,48,0.38)"


def variables(summary: Summary, narrow: bool) -> Chart | None:
    """What the environment does: each variable's median and its bands, over its bounds."""
    found = [row for row in summary["variables"].values() if row["kind"] != "community"]
    title = f"What moves around the table: {len(found)} {'quantity' if len(found) == 1 else 'quantities'} over time"
    return fans(summary, found, title, ACCENT, narrow)


def communities(summary: Summary, narrow: bool) -> Chart | None:
    """What each named community thinks over time, with its share of the public."""
    found = [row for row in summary["variables"].values() if row["kind"] == "community"]
    if not found:
        return None
    turns = [row["p50"][-1] - row["p50"][0] for row in found]
    moved = max(range(len(found)), key=lambda place: abs(turns[place]))
    turn = f"{turns[moved]:+.2f}".replace("-", MINUS)
    title = f"What the public thinks: {quoted(found[moved]['label'])} moves most, {turn} in the median"
    return fans(summary, found, title, COMMUNITY, narrow)


def fans(summary: Summary, found: Sequence[Spec], title: str, colour: str, narrow: bool) -> Chart | None:
    """Small multiples of fans, with the dates of what was observed as thin lines."""
    if not found or len(moments(summary)) < 2:
        return None
    columns = 1 if narrow else min(3 if len(found) > 4 else 2, len(found))
    headings = [lines_in(heading(row, columns)) * 16 + 10 for row in found]
    # Panels of a row keep one top, so that their time axes line up.
    headings = [
        max(headings[place // columns * columns : (place // columns + 1) * columns]) for place in range(len(found))
    ]
    panels, total = grid([150 if narrow else 160] * len(found), columns, headings, 44, 0.06)
    words, list_height = event_list(summary, narrow, 44)
    left = 36 if narrow else 40  # room for four signs
    shape = layout(total, below=40 + list_height, right=20, left=left, annotations=[*words], shapes=[])
    data: list[Spec] = []
    for row, panel in zip(found, panels, strict=True):
        data += bands(moments(summary), row, panel, colour)
        shape |= axes(summary, row["bounds"], panel)
        at = {"xref": f"{panel.x} domain", "yref": f"{panel.y} domain", "yanchor": "bottom", "yshift": 5}
        shape["annotations"].append(note(heading(row, columns), 0, 1, font=quiet(13, INK), borderpad=0, **at))
        lines, numbers = event_marks(summary, panel)
        shape["shapes"] += lines
        shape["annotations"] += numbers
    notes = (*BANDS, "numbered lines: what was observed") if words else BANDS
    return Chart(title, based_on(summary, *notes), data, shape)


def bands(x: Sequence[Any], row: Spec, panel: Panel, colour: str, digits: str = ".4~g") -> list[Spec]:
    """A fan: the bands of 5 to 95 and 25 to 75 %, and the median with all five points in its hover text."""
    on: Spec = {
        "type": "scatter",
        "mode": "lines",
        "x": list(x),
        "xaxis": panel.x,
        "yaxis": panel.y,
        "hoverinfo": "skip",
    }
    on |= {"showlegend": False}
    line = {"width": 0, "color": colour}
    traces: list[Spec] = []
    for low, high, shade in (("p05", "p95", 0.17), ("p25", "p75", 0.3)):
        traces += [
            on | {"y": row[low], "line": line},
            on | {"y": row[high], "line": line, "fill": "tonexty", "fillcolor": see_through(colour, shade)},
        ]
    middle = {
        "y": row["p50"],
        "line": {"width": 2.2, "color": colour},
        "hoverinfo": "all",
        "customdata": [list(four) for four in zip(row["p05"], row["p25"], row["p75"], row["p95"], strict=True)],
        "hovertemplate": f"%{{x}}: median %{{y:{digits}}}<br>middle 50 %: %{{customdata[1]:{digits}}} to "
        f"%{{customdata[2]:{digits}}}<br>middle 90 %: %{{customdata[0]:{digits}}} to %{{customdata[3]:{digits}}}"
        "<extra></extra>",
    }
    return [*traces, on | middle]


def see_through(colour: str, opacity: float) -> str:
    """A colour such as `#2f5d9b` that lets so much less through.

    >>> see_through("#2f5d9b", 0.17)
    'rgba(47,93,155,0.17)'
    """
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def axes(summary: Summary, bounds: Sequence[float], panel: Panel) -> Spec:
    """One panel's axes: the window, and the bounds from end to end."""
    across = time_axis(summary, domain=panel.across, anchor=panel.y, nticks=4, showgrid=False)
    across["title"] = {"text": ""}
    across["tickfont"] = quiet(11)
    margin = (bounds[1] - bounds[0]) * 0.015
    up = axis(domain=panel.down, anchor=panel.x, nticks=5, tickfont=quiet(11), automargin=False)
    up["range"] = [bounds[0] - margin, bounds[1] + margin]
    return {axis_key(panel.x): across, axis_key(panel.y): up}


def heading(row: Spec, columns: int) -> str:
    """A variable's name and, quieter, its unit and a community's share, as wide as one of so many columns."""
    width = 29 if columns > 2 else 40
    share = row.get("share")
    public = f"{percent(share)} of the public" if share is not None else ""
    unit = "; ".join(filter(None, (public, clean(row["unit"] or "")))).replace(" = ", f"{GLUE}={GLUE}")
    small = f'<br><span style="color:{SOFT};font-size:11px">{label(unit, width + 8)}</span>' if unit else ""
    return f"<b>{label(row['label'], width)}</b>{small}"


def event_marks(summary: Summary, panel: Panel) -> tuple[list[Spec], list[Spec]]:
    """The dates of what was observed in one panel: thin lines, and their numbers at the top."""
    lines, numbers = [], []
    on = {"yref": f"{panel.y} domain"}
    for place, (event, level) in enumerate(
        zip(observed_events(summary), staggered(summary, narrow=True), strict=True), start=1
    ):
        at = clean(event["date"])
        lines.append(segment([at, at], [0, 1], EVENT, xref=panel.x, line={"dash": "dot"}, layer="below", **on))
        mark = note(str(place), at, 1, xref=panel.x, xanchor="center", yanchor="top", borderpad=0, **on)
        numbers.append(mark | {"yshift": -11 * level, "font": quiet(9), "bgcolor": "rgba(255,255,255,0.6)"})
    return lines, numbers


def beliefs(summary: Summary, narrow: bool) -> Chart | None:
    """What each side thinks of the other's private types, and whether it is as sure as it may be."""
    found = summary.get("beliefs")
    if not found or len(moments(summary)) < 2:
        return None
    names = {party["id"]: (clean(party["label"]), place) for place, party in enumerate(summary["parties"])}
    panels, total = grid([190] * (2 * len(found)), 1 if narrow else 2, 64, 48, 0.09)
    shape = layout(total, below=40, left=44, right=20, annotations=[], shapes=[])
    data: list[Spec] = []
    for row, (one, two) in zip(found, zip(panels[::2], panels[1::2], strict=True), strict=True):
        viewer, place = names[row["viewer"]]
        about = type_of(row, names[row["about"]][0])
        data += bands(moments(summary), row["mean"], one, PARTY_COLOURS[place], ".3~f")
        shape |= axes(summary, (-1.0, 1.0), one)
        shape["shapes"] += truth_lines(row["truth"], one)
        shape["annotations"].append(truth_words(row["truth"], one))
        data += surety(summary, row, two, PARTY_COLOURS[place])
        top = 1.08 * max(*row["deviation"]["high"], *row["error"]["high"])
        shape |= axes(summary, (0.0, top), two)
        for panel, words in ((one, f"{viewer} on {about}: expected type"), (two, f"{viewer}: doubt, and mistake made")):
            at = {"xref": f"{panel.x} domain", "yref": f"{panel.y} domain", "yanchor": "bottom", "yshift": 5}
            unit = UNITS[panel is two]
            head, small = (label(words, 36), label(unit, 46)) if narrow else (label(words, 46), label(unit, 62))
            text = f'<b>{head}</b><br><span style="color:{SOFT};font-size:11px">{small}</span>'
            shape["annotations"].append(note(text, 0, 1, font=quiet(13, INK), borderpad=0, **at))
    notes = ("line and bands: the posterior's mean over draws, median, middle 50 and 90 %",)
    return Chart(beliefs_title(found, names), based_on(summary, *notes), data, shape)


UNITS = (
    f"{MINUS}1 lowest, 1 highest type possible; dashed: where 50 and 90 % of true types lie",
    "half-widths of the possible range; solid: sd believed; dotted: error, with 95 % band",
)


def beliefs_title(found: Sequence[Spec], names: dict[str, tuple[str, int]]) -> str:
    """Who loses most of its doubt by the end, and whether it is surer then than it is right to be."""
    gone = [1 - row["deviation"]["value"][-1] / row["deviation"]["value"][0] for row in found]
    most = max(range(len(found)), key=lambda place: gone[place])
    who, whom = names[found[most]["viewer"]][0], type_of(found[most], names[found[most]["about"]][0])
    if gone[most] < 0.005:
        return f"What each thinks of the other: {who} learns next to nothing of {whom}"
    wrong = found[most]["error"]["low"][-1] > found[most]["deviation"]["high"][-1]
    more = ", more than it learns" if wrong else ""
    return f"What each thinks of the other: {who} loses {percent(gone[most])} of its doubt about {whom}{more}"


def type_of(row: Spec, party: str) -> str:
    """Say of whom, or of which of a party's types, a row of beliefs speaks."""
    return f"{party}'s {spoken(row['type'])}" if row.get("type") else party


def truth_lines(truth: Spec, panel: Panel) -> list[Spec]:
    """Where the middle 50 and 90 % of the types lie."""
    on = {"xref": f"{panel.x} domain", "yref": panel.y, "layer": "below"}
    return [
        segment([0, 1], [truth[key]] * 2, SOFT, line={"dash": "dash"}, **on) for key in ("p05", "p25", "p75", "p95")
    ]


def truth_words(truth: Spec, panel: Panel) -> Spec:
    """What the dashed lines are."""
    at = {"xref": f"{panel.x} domain", "yref": panel.y, "xanchor": "right", "yanchor": "top", "borderpad": 0}
    return note("95 % of true types lie below", 1, truth["p95"], font=quiet(10), **at)


def surety(summary: Summary, row: Spec, panel: Panel, colour: str) -> list[Spec]:
    """How unsure one side is, and how far off, after each step; of both the root mean square with its interval."""
    on: Spec = {"type": "scatter", "mode": "lines", "x": moments(summary), "xaxis": panel.x, "yaxis": panel.y}
    on |= {"showlegend": False}
    traces: list[Spec] = []
    for key, words, dash in (("deviation", "standard deviation believed", "solid"), ("error", "error made", "dot")):
        points = row[key]
        edge = on | {"hoverinfo": "skip", "line": {"width": 0, "color": colour}}
        traces += [
            edge | {"y": points["low"]},
            edge | {"y": points["high"], "fill": "tonexty", "fillcolor": see_through(colour, 0.16)},
            on
            | {
                "y": points["value"],
                "line": {"width": 2.2, "color": colour, "dash": dash},
                "customdata": [list(pair) for pair in zip(points["low"], points["high"], strict=True)],
                "hovertemplate": f"%{{x}}: {words} %{{y:.3f}}<br>95 % interval %{{customdata[0]:.3f}} to "
                "%{customdata[1]:.3f}<extra></extra>",
            },
        ]
    return traces
