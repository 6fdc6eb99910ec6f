"""Along each axis of a sweep: the share of every class, and how much it hangs on the other axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.charts.fans import see_through
from sim.charts.sweep_axes import (
    BASE,
    base_note,
    based,
    drawn_classes,
    groups,
    has_base,
    headed,
    is_binned,
    is_text,
    left_out,
    mean,
    panels_of,
    paths_of,
    strongest,
    swing,
    title_of,
    units_of,
    value_of,
    values_of,
    words_of,
)
from sim.charts.text import label, lines_in, quoted
from sim.charts.theme import INK, Chart, Panel, Spec, Summary, axis, axis_key, colours, layout, quiet, share_axis

HEIGHT = 220
BANDS = 3  # classes of a panel that have a band
LEGEND_LINE = 22
NAMED = 31  # signs of a line of the legend


def lines(summary: Summary, narrow: bool) -> Chart:
    """Every outcome's share along each axis: the mean over the other axes, with a band for those that move most."""
    classes = drawn_classes(summary)
    placed, total = panels_of(len(summary["axes"]), HEIGHT, narrow, 66)
    alone = len(summary["axes"]) == 1
    rows = -(-len(classes) // (1 if narrow else 3))
    tall = LEGEND_LINE + 14 * (max(lines_in(label(words, NAMED, 2)) for words in classes.values()) - 1)
    shape = layout(total, below=64 + tall * rows, right=20, annotations=[], shapes=[], showlegend=True)
    shape["legend"] = {"orientation": "h", "x": 0, "y": -48 / total, "yanchor": "top", "font": quiet(12, INK)}
    shape["legend"] |= {"entrywidthmode": "fraction", "entrywidth": 0.98 if narrow else 0.32}
    data: list[Spec] = []
    top = min(1.0, 1.1 * max(row[f"outcome.{key}.high"] for row in summary["rows"] if row["draws"] for key in classes))
    for panel, place in zip(placed, summary["axes"], strict=True):
        shape["annotations"].append(headed(panel, label(words_of(place, unit=False), 46, 1), paths_of(place)))
        across = axis(label(units_of(place), 48, 1), domain=panel.across, anchor=panel.y)
        shape[axis_key(panel.x)] = across | _levels(summary, place)
        shape[axis_key(panel.y)] = share_axis(top, domain=panel.down, anchor=panel.x)
        moving = sorted(classes, key=lambda key, place=place: -swing(summary, place, key))[:BANDS]  # type: ignore[misc]
        for key, words in classes.items():
            data += _line(summary, place, key, words, panel, alone=alone, band=key in moving)
        shape["shapes"] += _base_line(summary, place, panel)
    most = strongest(summary)[0]
    title = f"Along the axes: {quoted(title_of(most), 60)} moves outcomes most"
    if alone:
        title = f"What changes along {quoted(title_of(most), 60)}"
    if not any(swing(summary, most, key) for key in summary["outcomes"]):
        title = "Along the axes: no outcome moves"
    return Chart(title, based(summary, *_notes(summary, alone=alone)), data, shape)


def _notes(summary: Summary, *, alone: bool) -> Sequence[str]:
    some = " of the three classes that move most" if len(drawn_classes(summary)) > BANDS else ""
    if alone and is_binned(summary, summary["axes"][0]):
        said = [f"band: from the lowest to the highest end of the points' 95 % Wilson intervals{some}"]
    elif alone:
        said = [f"band: 95 % Wilson interval{some}"]
    else:
        said = [f"line: mean over the other axes, band: lowest and highest{some}"]
    if any(is_binned(summary, place) for place in summary["axes"]):
        said.append("neighbouring values are taken together")
    marked = any(has_base(summary, place) for place in summary["axes"])
    return [*said, base_note("dotted", marked, summary["axes"]), *left_out(summary)]


def _levels(summary: Summary, place: Spec) -> Spec:
    """Where the values of an axis stand that are no numbers: side by side, with room for the classes at each."""
    if not is_text(summary, place):
        return {}
    values = values_of(summary, place)
    named = {"tickvals": list(range(len(values))), "ticktext": [value_of(value) for value in values]}
    return named | {"range": [-0.5, len(values) - 0.5], "showgrid": False}


def _shift(summary: Summary, key: str) -> float:
    """How far a class stands from the middle of a value, so that bars do not cover one another."""
    keys = list(drawn_classes(summary))
    return 0.7 * ((keys.index(key) + 0.5) / len(keys) - 0.5)


def _base_line(summary: Summary, place: Spec, panel: Panel) -> list[Spec]:
    if not has_base(summary, place):
        return []
    value = values_of(summary, place).index(place["base"]) if is_text(summary, place) else place["base"]
    ends: Spec = {
        "type": "line",
        "xref": panel.x,
        "yref": f"{panel.y} domain",
        "x0": value,
        "x1": value,
        "y0": 0,
        "y1": 1,
    }
    return [ends | {"line": {"color": BASE, "width": 2, "dash": "dot"}}]


def _line(summary: Summary, place: Spec, key: str, words: str, panel: Panel, *, alone: bool, band: bool) -> list[Spec]:
    found = groups(summary, place)
    name, colour = f"outcome.{key}", colours(summary)[key]
    ends = (".low", ".high") if alone else ("", "")
    low = [min(row[name + ends[0]] for row in rows) for rows in found.values()]
    high = [max(row[name + ends[1]] for row in rows) for rows in found.values()]
    middle = [mean(rows, key) for rows in found.values()]
    across, shift = list(found), _shift(summary, key)
    if is_text(summary, place):
        across = [at + shift for at in range(len(found))]
    common: Spec = {"type": "scatter", "x": across, "xaxis": panel.x, "yaxis": panel.y, "legendgroup": key}
    shown = common | {"y": middle, "name": label(words, NAMED, 2), "showlegend": panel.x == "x"}
    said = f"{paths_of(place)}=%{{customdata[2]}}: %{{y:.1%}} (%{{customdata[0]:.1%}} to %{{customdata[1]:.1%}})"
    shown |= {"hovertemplate": said, "customdata": list(zip(low, high, map(value_of, found), strict=True))}
    if is_text(summary, place):
        return [
            shown
            | {"mode": "markers", "marker": {"size": 9, "color": colour}, "cliponaxis": False}
            | _bars(middle, low, high, band)
        ]
    traces: list[Spec] = []
    if band:
        hidden = {"mode": "lines", "line": {"width": 0, "color": colour}, "hoverinfo": "skip", "showlegend": False}
        traces = [
            common | hidden | {"y": low},
            common | hidden | {"y": high, "fill": "tonexty", "fillcolor": see_through(colour, 0.16)},
        ]
    return [*traces, shown | {"mode": "lines+markers", "line": {"color": colour, "width": 2}, "marker": {"size": 5}}]


def _bars(middle: list[float], low: list[float], high: list[float], band: bool) -> Spec:
    """A band at values that have no order: a bar at each."""
    if not band:
        return {}
    arms: dict[str, Any] = {"type": "data", "symmetric": False, "thickness": 1.5, "width": 4}
    arms["array"] = [top - at for top, at in zip(high, middle, strict=True)]
    arms["arrayminus"] = [at - bottom for at, bottom in zip(middle, low, strict=True)]
    return {"error_y": arms}
