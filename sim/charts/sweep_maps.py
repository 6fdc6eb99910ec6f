"""Over two axes of a sweep: each class's share, the likeliest class and how surely, and the same for a third axis."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sim.charts.fans import see_through
from sim.charts.sweep_axes import (
    base_mark,
    base_note,
    based,
    drawn_classes,
    has_base,
    headed,
    left_out,
    mean,
    most_moved,
    next_tenth,
    pair_note,
    pair_of,
    panels_of,
    path_of,
    paths_of,
    plane_axes,
    played,
    strongest,
    title_of,
    value_of,
    values_of,
    words_of,
)
from sim.charts.text import label, percent, quoted
from sim.charts.theme import INK, Chart, Panel, Spec, Summary, colours, layout, quiet

HEIGHT = 280
MULTIPLES = 6  # panels of a third axis
SCALE = "Cividis"  # even in lightness, and told apart with every common kind of colour blindness
FAINT = 0.25
Pair = tuple[Spec, Spec]
Cells = dict[tuple[Any, Any], list[Spec]]


def maps(summary: Summary, narrow: bool) -> Chart:
    """Each outcome's share over the two strongest axes."""
    pair, classes, most = pair_of(summary), drawn_classes(summary), most_moved(summary)
    placed, total = panels_of(len(classes), HEIGHT, narrow)
    shape = layout(total, below=150 if narrow else 70, right=20, annotations=[])
    cells = cells_of(played(summary), pair)
    top = next_tenth([mean(rows, key) for key in classes for rows in cells.values()])
    data: list[Spec] = []
    for panel, (key, words) in zip(placed, classes.items(), strict=True):
        shape["annotations"].append(headed(panel, label(words, 34 if narrow else 44, 2)))
        plane_axes(summary, pair, shape, panel, 40)
        data += [_map(summary, pair, cells, key, panel, top, total * narrow), *base_mark(summary, pair, panel)]
    title = f"Over two axes: {quoted(summary['outcomes'][most])} changes most"
    if len({mean(rows, most) for rows in cells.values()}) == 1:
        title = "Over two axes: no outcome changes"
    base = base_note("cross", has_base(summary, *pair), pair)
    more = [*pair_note(summary), _cell_note(summary), base, *left_out(summary)]
    return Chart(title, based(summary, *more), data, shape)


def multiples(summary: Summary, narrow: bool) -> Chart | None:
    """The share of the class that changes most over the two strongest axes, a panel for each value of the third."""
    if len(summary["axes"]) < 3 or summary["design"] != "grid":
        return None
    pair, key = pair_of(summary), most_moved(summary)
    third = next(place for place in strongest(summary) if place not in pair)
    values = values_of(summary, third)
    last = max(1, min(MULTIPLES, len(values)) - 1)
    values = [values[round(at * (len(values) - 1) / last)] for at in range(min(MULTIPLES, len(values)))]
    rows = played(summary)
    top = next_tenth([row[f"outcome.{key}"] for row in rows])
    placed, total = panels_of(len(values), HEIGHT, narrow)
    shape = layout(total, below=150 if narrow else 70, right=20, annotations=[])
    data: list[Spec] = []
    for panel, value in zip(placed, values, strict=True):
        heading = f"{label(words_of(third, unit=False), 34, 1)}: {value_of(value)}"
        shape["annotations"].append(headed(panel, heading, paths_of(third)))
        plane_axes(summary, pair, shape, panel, 40)
        cells = cells_of([row for row in rows if row[path_of(third)] == value], pair)
        data.append(_map(summary, pair, cells, key, panel, top, total * narrow))
        if value == third["base"]:
            data += base_mark(summary, pair, panel)
    title = f"{quoted(summary['outcomes'][key])} for {len(values)} values of {quoted(title_of(third))}"
    there = has_base(summary, *pair, third)
    here = base_note("cross", there, (*pair, third)) + (", where a panel has its value" if there else "")
    more = (here, _cell_note(summary, besides=3))
    return Chart(title, based(summary, *more), data, shape)


def _cell_note(summary: Summary, besides: int = 2) -> str:
    if summary["design"] != "grid":
        return "a dot is one point"
    return "a cell is the mean over the other axes" if len(summary["axes"]) > besides else "a cell is one point"


def cells_of(rows: list[Spec], pair: Pair) -> Cells:
    """The rows at each pair of values."""
    cells: defaultdict[tuple[Any, Any], list[Spec]] = defaultdict(list)
    for row in rows:
        cells[row[path_of(pair[0])], row[path_of(pair[1])]].append(row)
    return dict(cells)


def _map(summary: Summary, pair: Pair, cells: Cells, key: str, panel: Panel, top: float, above: int) -> Spec:
    """One class over two axes: cells of a grid, dots of any other design.

    The scale stands beside the panels, or, where ``above`` says how many pixels they take, below them.
    """
    bar = {"title": {"text": "share of draws", "side": "top", "font": quiet(11)}, "tickformat": ".0%", "thickness": 12}
    bar |= {"outlinewidth": 0, "lenmode": "pixels", "len": 220, "yanchor": "top"}
    bar |= {"orientation": "h", "x": 0, "xanchor": "left", "y": -76 / above} if above else {"y": 1, "x": 1.02}
    shown = {"colorscale": SCALE, "showscale": panel.x == "x", "colorbar": bar}
    common: Spec = {"xaxis": panel.x, "yaxis": panel.y, "showlegend": False}
    words = f"{paths_of(pair[0])}=%{{x}}<br>{paths_of(pair[1])}=%{{y}}<br>"
    if summary["design"] == "grid":
        across, up = (values_of(summary, place) for place in pair)
        z = [[mean(cells[x, y], key) if (x, y) in cells else None for x in across] for y in up]
        hover = {"hovertemplate": f"{words}%{{z:.1%}}<extra></extra>", "xgap": 1, "ygap": 1, "hoverongaps": False}
        return {"type": "heatmap", "x": across, "y": up, "z": z, "zmin": 0, "zmax": top} | shown | hover | common
    marker = {"size": 10, "cmin": 0, "cmax": top, "color": [mean(rows, key) for rows in cells.values()]}
    dots = {"type": "scatter", "mode": "markers", "x": [x for x, _ in cells], "y": [y for _, y in cells]}
    text = {"text": [percent(mean(rows, key)) for rows in cells.values()]}
    return dots | text | {"marker": marker | shown, "hovertemplate": f"{words}%{{text}}<extra></extra>"} | common


def likeliest(summary: Summary, narrow: bool) -> Chart:
    """The likeliest class over the two strongest axes, and how surely: pale where it barely leads."""
    pair, keys = pair_of(summary), list(summary["outcomes"])
    cells = cells_of(played(summary), pair)
    leads = {spot: _lead(rows, keys) for spot, rows in cells.items()}
    winners = [key for key in keys if any(winner == key for winner, _ in leads.values())]
    ((panel, *_), total) = panels_of(1, 300 if narrow else 380, narrow)
    shape = layout(total, below=96 + (36 if narrow else 22) * len(winners), right=20, showlegend=True)
    shape["legend"] = {"orientation": "v", "x": 0, "y": -80 / total, "yanchor": "top", "font": quiet(12, INK)}
    plane_axes(summary, pair, shape, panel, 60)
    data: list[Spec] = []
    for key in winners:
        data += _won(summary, pair, leads, key, narrow=narrow)
    data += base_mark(summary, pair, panel)
    title = "The same class is likeliest everywhere"
    if len(winners) > 1:
        title = f"{len(winners)} classes are likeliest somewhere"
    marks = "pale: hardly ahead of the next class", base_note("cross", has_base(summary, *pair), pair)
    more = (*marks, *pair_note(summary), _cell_note(summary))
    return Chart(title, based(summary, *more), data, shape)


def _won(
    summary: Summary, pair: Pair, leads: dict[tuple[Any, Any], tuple[str, float]], key: str, *, narrow: bool
) -> list[Spec]:
    """Where a class is likeliest, and its entry in the legend."""
    colour, name = colours(summary)[key], label(summary["outcomes"][key], 36 if narrow else 60, 2)
    words = f"{paths_of(pair[0])}=%{{x}}<br>{paths_of(pair[1])}=%{{y}}<br>ahead by "
    won = {spot: lead for spot, (winner, lead) in leads.items() if winner == key}
    if summary["design"] != "grid":
        shades = [see_through(colour, FAINT + (1 - FAINT) * lead) for lead in won.values()]
        marker = {"size": 12, "color": shades, "line": {"width": 1, "color": colour}}
        dots = {"type": "scatter", "mode": "markers", "x": [x for x, _ in won], "y": [y for _, y in won], "name": name}
        text = {"text": [percent(lead) for lead in won.values()], "hovertemplate": f"{words}%{{text}}"}
        return [dots | {"marker": marker} | text]
    across, up = (values_of(summary, place) for place in pair)
    z = [[won.get((x, y)) for x in across] for y in up]
    scale = [[0, see_through(colour, FAINT)], [1, colour]]
    shown = {"zmin": 0, "zmax": 1, "colorscale": scale, "showscale": False, "xgap": 1, "ygap": 1, "hoverongaps": False}
    hover = {"name": name, "hovertemplate": f"{words}%{{z:.1%}}"}
    entry = {"type": "scatter", "mode": "markers", "x": [None], "y": [None], "name": name}
    mark = {"marker": {"symbol": "square", "size": 12, "color": colour}}
    return [{"type": "heatmap", "x": across, "y": up, "z": z} | shown | hover, entry | mark]


def _lead(rows: list[Spec], keys: list[str]) -> tuple[str, float]:
    """The likeliest class in a cell, and how far its share is ahead of the next."""
    shares = sorted(((mean(rows, key), key) for key in keys), reverse=True)
    return shares[0][1], shares[0][0] - (shares[1][0] if len(shares) > 1 else 0.0)
