"""Charts of a sweep: where which outcome is common, along which axis it changes, and where the base case stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.charts.text import glued, label, number, percent, quoted
from sim.charts.theme import (
    CLASS_COLOURS,
    INK,
    SOFT,
    Chart,
    Panel,
    Spec,
    Summary,
    axis,
    axis_key,
    grid,
    layout,
    note,
    quiet,
    share_axis,
)

MAP, LINES = 300, 220
SCALE = "Cividis"  # even in lightness, and told apart with every common kind of colour blindness
BASE_MARK = {"symbol": "x", "size": 13, "color": "#ffffff", "line": {"color": INK, "width": 2}}
FAINT = 0.35


def charts(summary: Summary, narrow: bool = False) -> dict[str, Chart]:
    """The charts that a sweep has something to show in, by name."""
    if not any(row["point"] >= 0 and row["state"] == "done" for row in summary["rows"]):
        return {}
    drawn = {"lines": lines(summary, narrow)}
    if len(summary["axes"]) > 1:
        drawn |= {
            "maps": maps(summary, narrow),
            "likeliest": likeliest(summary, narrow),
            "parallel": parallel(summary, narrow),
        }
    return drawn


def based(summary: Summary, *notes: str) -> str:
    """The subtitle: points, draws for each, whether chance is shared, what the marks mean."""
    shared = "each point has chance of its own" if summary["independent"] else "all points share their random numbers"
    head = f"{summary['done']:,} of {summary['points']:,} points ({summary['design']}), {summary['draws']:,} draws each"
    left = () if summary["shown"] == summary["points"] else (f"{summary['shown']:,} of them, spread evenly, are drawn",)
    return glued("; ".join((head, *left, f"seed {summary['seed']}", shared, *notes)))


def played(summary: Summary) -> list[Spec]:
    """The rows of the points that were played, the base case left out."""
    return [row for row in summary["rows"] if row["state"] == "done" and row["point"] >= 0]


def base_row(summary: Summary) -> Spec | None:
    """The row of the base case."""
    return next((row for row in summary["rows"] if row["point"] < 0 and row["state"] == "done"), None)


def name_of(place: Spec) -> str:
    """An axis' paths, each on a line of its own."""
    return "<br>".join(label(path, 44) for path in place["paths"])


def panels_of(count: int, height: int, narrow: bool, heading: int = 34) -> tuple[list[Panel], int]:
    """A grid of panels of one height, two in a row where there is room."""
    return grid([height] * count, 1 if narrow or count == 1 else 2, heading, 76, 0.18)


def headed(panel: Panel, text: str) -> Spec:
    """Words over a panel."""
    placed = {"xref": "paper", "yref": "paper", "yanchor": "bottom", "yshift": 4}
    return note(f"<b>{text}</b>", panel.across[0], panel.down[1], font=quiet(13, INK), **placed)


def lines(summary: Summary, narrow: bool) -> Chart:
    """Every outcome's share along each axis: the mean over the other axes, with a band."""
    placed, total = panels_of(len(summary["axes"]), LINES, narrow)
    data: list[Spec] = []
    alone = len(summary["axes"]) == 1
    shape = layout(total, below=110, right=20, annotations=[], shapes=[], showlegend=True)
    shape["legend"] = {"orientation": "h", "x": 0, "y": -76 / total, "yanchor": "top", "font": quiet(12, INK)}
    for panel, place in zip(placed, summary["axes"], strict=True):
        shape["annotations"].append(headed(panel, name_of(place)))
        shape[axis_key(panel.x)] = axis(domain=panel.across, anchor=panel.y) | _typed(summary, place)
        shape[axis_key(panel.y)] = share_axis(1.02, domain=panel.down, anchor=panel.x)
        for at, (key, words) in enumerate(summary["outcomes"].items()):
            data += _line(summary, place, key, words, CLASS_COLOURS[at % len(CLASS_COLOURS)], panel, alone)
        if place["base"] is not None:
            line = {"color": INK, "width": 1.5, "dash": "dot"}
            shape["shapes"].append(
                {"type": "line", "xref": panel.x, "yref": f"{panel.y} domain", "x0": place["base"], "x1": place["base"]}
                | {"y0": 0, "y1": 1, "line": line}
            )
    most = max(summary["axes"], key=lambda place: _swing(summary, place))
    band = "band: 95 % Wilson interval" if alone else "line: mean over the other axes, band: its lowest and highest"
    title = f"Along the axes: {quoted(' + '.join(most['paths']))} moves the outcome most"
    return Chart(title, based(summary, band, "dotted: base case"), data, shape)


def _typed(summary: Summary, place: Spec) -> Spec:
    texts = any(isinstance(row[place["paths"][0]], str) for row in played(summary))
    return {"type": "category"} if texts else {}


def _groups(summary: Summary, place: Spec) -> dict[Any, list[Spec]]:
    """The rows at each value of an axis, or in each of ten bins where nearly every point has its own."""
    path = place["paths"][0]
    rows = played(summary)
    values = sorted({row[path] for row in rows}, key=lambda v: (isinstance(v, str), v))
    found: defaultdict[Any, list[Spec]] = defaultdict(list)
    if len(values) > 24 and not isinstance(values[0], str):
        edges = np.linspace(values[0], values[-1], 11)
        for row in rows:
            bin_ = min(int(np.searchsorted(edges, row[path], side="right")) - 1, 9)
            found[float((edges[bin_] + edges[bin_ + 1]) / 2)].append(row)
    else:
        for row in rows:
            found[row[path]].append(row)
    return dict(sorted(found.items(), key=lambda item: (isinstance(item[0], str), item[0])))


def _line(summary: Summary, place: Spec, key: str, words: str, colour: str, panel: Panel, alone: bool) -> list[Spec]:
    groups = _groups(summary, place)
    name = f"outcome.{key}"
    across = list(groups)
    middle = [float(np.mean([row[name] for row in rows])) for rows in groups.values()]
    ends = (".low", ".high") if alone else ("", "")
    low = [min(row[name + ends[0]] for row in rows) for rows in groups.values()]
    high = [max(row[name + ends[1]] for row in rows) for rows in groups.values()]
    common = {"type": "scatter", "x": across, "xaxis": panel.x, "yaxis": panel.y, "legendgroup": key}
    hidden = {"mode": "lines", "line": {"width": 0, "color": colour}, "hoverinfo": "skip", "showlegend": False}
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return [
        common | hidden | {"y": low},
        common | hidden | {"y": high, "fill": "tonexty", "fillcolor": f"rgba({red},{green},{blue},0.16)"},
        common
        | {"y": middle, "mode": "lines+markers", "line": {"color": colour, "width": 2}, "marker": {"size": 5}}
        | {"name": label(words, 40), "showlegend": panel.x == "x", "hovertemplate": "%{x}: %{y:.1%}"},
    ]


def _swing(summary: Summary, place: Spec) -> float:
    """How far the mean share of some outcome moves along an axis."""
    groups = _groups(summary, place).values()
    means = [[np.mean([row[f"outcome.{key}"] for row in rows]) for rows in groups] for key in summary["outcomes"]]
    return float(max(max(each) - min(each) for each in means))


def _cells(summary: Summary) -> tuple[list[Any], list[Any], dict[tuple[Any, Any], list[Spec]]]:
    """The values of the first two axes, and the rows in each cell."""
    first, second = (place["paths"][0] for place in summary["axes"][:2])
    cells: defaultdict[tuple[Any, Any], list[Spec]] = defaultdict(list)
    for row in played(summary):
        cells[row[first], row[second]].append(row)
    order = [sorted({key[at] for key in cells}, key=lambda v: (isinstance(v, str), v)) for at in (0, 1)]
    return order[0], order[1], cells


def _is_lattice(summary: Summary) -> bool:
    across, up, cells = _cells(summary)
    return len(across) * len(up) == len(cells)


def _mean(rows: Sequence[Spec], key: str) -> float:
    return float(np.mean([row[f"outcome.{key}"] for row in rows]))


def _base_mark(summary: Summary, panel: Panel) -> list[Spec]:
    first, second = summary["axes"][:2]
    if first["base"] is None or second["base"] is None:
        return []
    place = {"x": [first["base"]], "y": [second["base"]], "xaxis": panel.x, "yaxis": panel.y}
    words = {"hovertemplate": "base case<extra></extra>", "showlegend": False}
    return [{"type": "scatter", "mode": "markers", "marker": BASE_MARK} | place | words]


def _plane(summary: Summary, shape: Spec, panel: Panel) -> None:
    first, second = summary["axes"][:2]
    shape[axis_key(panel.x)] = axis(name_of(first), domain=panel.across, anchor=panel.y) | _typed(summary, first)
    shape[axis_key(panel.y)] = axis(name_of(second), domain=panel.down, anchor=panel.x) | _typed(summary, second)


def maps(summary: Summary, narrow: bool) -> Chart:
    """Each outcome's share over the first two axes."""
    placed, total = panels_of(len(summary["outcomes"]), MAP, narrow)
    across, up, cells = _cells(summary)
    shape = layout(total, below=70, right=80, annotations=[])
    data: list[Spec] = []
    for panel, (key, words) in zip(placed, summary["outcomes"].items(), strict=True):
        shape["annotations"].append(headed(panel, label(words, 44, 1)))
        _plane(summary, shape, panel)
        bar = {"title": "", "tickformat": ".0%", "thickness": 12, "outlinewidth": 0}
        common = {"xaxis": panel.x, "yaxis": panel.y, "showlegend": False}
        if _is_lattice(summary):
            z = [[_mean(cells[x, y], key) for x in across] for y in up]
            shown = {"zmin": 0, "zmax": 1, "colorscale": SCALE, "showscale": panel.x == "x", "colorbar": bar}
            hover = {"hovertemplate": "%{x}, %{y}: %{z:.1%}<extra></extra>", "xgap": 1, "ygap": 1}
            data.append({"type": "heatmap", "x": across, "y": up, "z": z} | shown | hover | common)
        else:
            marker = {"size": 9, "cmin": 0, "cmax": 1, "colorscale": SCALE, "showscale": panel.x == "x"}
            marker |= {"color": [_mean(rows, key) for rows in cells.values()], "colorbar": bar}
            data.append(
                {"type": "scatter", "mode": "markers", "x": [x for x, _ in cells], "y": [y for _, y in cells]}
                | {"marker": marker, "text": [percent(_mean(rows, key)) for rows in cells.values()]}
                | {"hovertemplate": "%{x}, %{y}: %{text}<extra></extra>"}
                | common
            )
        data += _base_mark(summary, panel)
    more = "mean over the other axes" if len(summary["axes"]) > 2 else "a cell is one point"
    key = max(summary["outcomes"], key=lambda name: np.ptp([row[f"outcome.{name}"] for row in played(summary)]))
    title = f"Over two axes: {quoted(summary['outcomes'][key])} changes most"
    return Chart(title, based(summary, more, "cross: base case"), data, shape)


def likeliest(summary: Summary, narrow: bool) -> Chart:
    """The likeliest class over the first two axes, and how surely: pale where it barely leads."""
    ((panel, *_), total) = panels_of(1, 300 if narrow else 360, narrow, heading=8)
    _, _, cells = _cells(summary)
    shape = layout(total, below=116, right=20, showlegend=True)
    shape["legend"] = {"orientation": "h", "x": 0, "y": -72 / total, "yanchor": "top", "font": quiet(12, INK)}
    _plane(summary, shape, panel)
    data: list[Spec] = []
    keys = list(summary["outcomes"])
    leads = {spot: _lead(rows, keys) for spot, rows in cells.items()}
    size = max(8, min(34, int(420 / max(1, len(cells)) ** 0.5)))
    for at, key in enumerate(keys):
        spots = [spot for spot, (winner, _) in leads.items() if winner == key]
        if not spots:
            continue
        sure = [FAINT + (1 - FAINT) * min(1.0, leads[spot][1]) for spot in spots]
        marker = {"symbol": "square", "size": size, "color": CLASS_COLOURS[at % 10], "opacity": sure}
        data.append(
            {"type": "scatter", "mode": "markers", "x": [x for x, _ in spots], "y": [y for _, y in spots]}
            | {"marker": marker | {"line": {"width": 0}}, "name": label(summary["outcomes"][key], 44)}
            | {"text": [percent(leads[spot][1]) for spot in spots]}
            | {"hovertemplate": "%{x}, %{y}: ahead by %{text}"}
        )
    data += _base_mark(summary, panel)
    count = len({winner for winner, _ in leads.values()})
    title = "The same class is likeliest everywhere" if count == 1 else f"{count} classes are likeliest somewhere"
    return Chart(title, based(summary, "pale: hardly ahead of the next class", "cross: base case"), data, shape)


def _lead(rows: Sequence[Spec], keys: Sequence[str]) -> tuple[str, float]:
    """The likeliest class in a cell, and how far its share is ahead of the next."""
    shares = sorted(((_mean(rows, key), key) for key in keys), reverse=True)
    return shares[0][1], shares[0][0] - (shares[1][0] if len(shares) > 1 else 0.0)


def parallel(summary: Summary, narrow: bool) -> Chart:
    """Every point as a line through its settings and outcome shares, coloured by the outcome that varies most."""
    base = base_row(summary)
    rows = played(summary)
    key = max(summary["outcomes"], key=lambda name: np.ptp([row[f"outcome.{name}"] for row in rows]))
    stands = _settings(summary, rows) + _shares(summary, rows)
    shape = layout(300, below=70, left=40, right=40, annotations=[], shapes=[], showlegend=True)
    shape["margin"]["t"] += 26
    shape["height"] += 26
    titles = [stand["title"] for stand in stands]
    ticks = {"tickvals": list(range(len(stands))), "ticktext": titles, "tickangle": -35 if narrow else 0}
    shape["xaxis"] = axis(range=[-0.15, len(stands) - 0.85], showgrid=False) | ticks
    shape["yaxis"] = axis(range=[-0.05, 1.05], showgrid=False, showticklabels=False)
    shape["legend"] = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": quiet(12, INK)}
    for at, stand in enumerate(stands):
        rule = {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "line": {"color": SOFT, "width": 1}}
        shape["shapes"].append(rule)
        for height, words in stand["ends"]:
            shape["annotations"].append(note(words, at, height, xshift=3, bgcolor="rgba(255,255,255,0.7)"))
    data = [_strand(stands, rows, key, place) for place in range(len(SHADES))]
    if base is not None and all(stand["base"] is not None for stand in stands):
        line = {"color": "#D55E00", "width": 3}
        across, up = list(range(len(stands))), [stand["base"] for stand in stands]
        data.append({"type": "scatter", "mode": "lines", "x": across, "y": up, "line": line, "name": "base case"})
    title = f"Every point as a line, darker where {quoted(summary['outcomes'][key])} is likelier"
    return Chart(title, based(summary, "orange: base case"), data, shape)


SHADES = ("#c9d6ea", "#9db5d9", "#6f93c5", "#2f5d9b", "#14325e")


def _strand(stands: list[Spec], rows: list[Spec], key: str, place: int) -> Spec:
    """The lines of all points whose share of an outcome lies in one fifth, with gaps between them."""
    across: list[float | None] = []
    up: list[float | None] = []
    for at, row in enumerate(rows):
        if min(int(row[f"outcome.{key}"] * len(SHADES)), len(SHADES) - 1) == place:
            across += [*range(len(stands)), None]
            up += [*(stand["heights"][at] for stand in stands), None]
    name = f"{20 * place}\N{EN DASH}{20 * place + 20}\N{NO-BREAK SPACE}%"
    line = {"color": SHADES[place], "width": 1.2}
    common = {"type": "scatter", "mode": "lines", "x": across, "y": up, "hoverinfo": "skip"}
    return common | {"line": line, "name": name, "showlegend": bool(across)}


def _settings(summary: Summary, rows: list[Spec]) -> list[Spec]:
    """Each axis as a stand from its lowest to its highest value, or with its levels evenly spaced."""
    stands = []
    for place in summary["axes"]:
        values = [row[place["paths"][0]] for row in rows]
        title = "<br>".join(label(path, 22) for path in place["paths"])
        if any(isinstance(value, str) for value in values):
            kinds = sorted({str(value) for value in values})
            most = max(1, len(kinds) - 1)
            ends = [(at / most, label(kind, 18, 1)) for at, kind in enumerate(kinds)]
            heights = [kinds.index(str(value)) / most for value in values]
            stands.append({"title": title, "heights": heights, "ends": ends, "base": None})
            continue
        known = [*values, place["base"]] if place["base"] is not None else values
        low, wide = min(known), (max(known) - min(known)) or 1.0
        base = None if place["base"] is None else (place["base"] - low) / wide
        ends = [(0.0, number(low)), (1.0, number(low + wide))]
        stands.append({"title": title, "heights": [(v - low) / wide for v in values], "ends": ends, "base": base})
    return stands


def _shares(summary: Summary, rows: list[Spec]) -> list[Spec]:
    """Each outcome's share as a stand from nought to one."""
    base = base_row(summary)
    ends = [(0.0, percent(0.0)), (1.0, percent(1.0))]
    return [
        {"title": label(words, 22, 2), "heights": [row[f"outcome.{key}"] for row in rows], "ends": ends}
        | {"base": base[f"outcome.{key}"] if base else None}
        for key, words in list(summary["outcomes"].items())[:6]
    ]
