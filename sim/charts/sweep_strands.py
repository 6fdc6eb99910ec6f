"""Every point of a sweep as a line through what was set and what came out."""

from __future__ import annotations

from typing import Any

from sim.charts.sweep_axes import (
    BASE,
    base_note,
    base_row,
    based,
    drawn_classes,
    left_out,
    most_moved,
    next_tenth,
    path_of,
    paths_of,
    played,
    value_of,
    values_of,
    words_of,
)
from sim.charts.text import interval, label, number, percent, quoted
from sim.charts.theme import INK, SOFT, Chart, Spec, Summary, axis, hidden_axis, layout, note, quiet

ROW, ROW_NARROW = 50, 62
SHADES = ("#c9d6ea", "#9db5d9", "#6f93c5", "#2f5d9b", "#14325e")
CLASSES = 6  # outcome shares that have a rail
LABELS = 0.3  # of the width, where it is not narrow
LEVELS_NAMED = 4
MANY = 500  # points, above which lines are thin
VEIL = "rgba(255,255,255,0.8)"  # behind words that lines cross


def strands(summary: Summary, narrow: bool) -> Chart:
    """Every point as a line down through its settings and shares, darker where the class that varies most is likelier.

    Each axis is a rail across, from its lowest value on the left to its highest on the right, so that names stand
    beside it however many there are.
    """
    rows, key = played(summary), most_moved(summary)
    rails = _settings(summary, rows) + _shares(summary, rows)
    tall = ROW_NARROW if narrow else ROW
    total = tall * len(rails)
    shape = layout(total, below=52, right=24, left=12, annotations=[], shapes=[], showlegend=True)
    shape["xaxis"] = axis(domain=[0 if narrow else LABELS, 1], range=[-0.02, 1.02], showgrid=False, visible=False)
    shape["yaxis"] = hidden_axis(total, visible=False)
    shape["legend"] = {"orientation": "h", "x": 0, "y": -12 / total, "yanchor": "top", "font": quiet(12, INK)}
    heights = [tall * (at + 0.5) for at in range(len(rails))]
    for rail, down in zip(rails, heights, strict=True):
        shape["shapes"].append(_rail(down))
        shape["annotations"] += _named(rail, down, narrow)
    shares = [row[f"outcome.{key}"] for row in rows]
    low, wide = min(shares), (max(shares) - min(shares)) or 1.0
    fifths = [min(int(len(SHADES) * (share - low) / wide), len(SHADES) - 1) for share in shares]
    ends = [low + wide * at / len(SHADES) for at in range(len(SHADES) + 1)]
    data = [_strand(rails, heights, fifths, place, interval(*ends[place : place + 2])) for place in range(len(SHADES))]
    title = f"Every point as a line, darker where {quoted(summary['outcomes'][key])} is likelier"
    base = _base(rails, heights)
    rules = "settings from their lowest value on the left to their highest, shares from 0 to the largest of any class"
    more = (rules, base_note("orange", bool(base), summary["axes"]), *left_out(summary))
    return Chart(title, based(summary, *more), data + base, shape)


def _rail(down: float) -> Spec:
    return {"type": "line", "x0": 0, "x1": 1, "y0": down, "y1": down, "line": {"color": SOFT, "width": 1}}


def _named(rail: Spec, down: float, narrow: bool) -> list[Spec]:
    """A rail's name on its left, or above it, and what its ends and levels mean below it."""
    if narrow:
        name = note(label(rail["title"], 46, 1), 0, down - 20, font=quiet(12, INK), yanchor="middle", bgcolor=VEIL)
    else:
        name = note(label(rail["title"], 38, 2), 0, down, xref="paper", font=quiet(12, INK), yanchor="middle")
    ends = [
        note(words, at, down + 13, yanchor="middle", font=quiet(11), xanchor=_side(at), bgcolor=VEIL)
        for at, words in rail["ends"]
    ]
    return [name | {"hovertext": rail["hover"]}, *ends]


def _side(at: float) -> str:
    return "left" if at == 0 else "right" if at == 1 else "center"


def _strand(rails: list[Spec], heights: list[float], fifths: list[int], place: int, name: str) -> Spec:
    """The lines of all points whose share of an outcome lies in one fifth of what there is, with gaps between them."""
    across: list[float | None] = []
    down: list[float | None] = []
    for at, fifth in enumerate(fifths):
        if fifth == place:
            across += [*(rail["places"][at] for rail in rails), None]
            down += [*heights, None]
    line = {"color": SHADES[place], "width": 1.2 if len(fifths) <= MANY else 0.5}
    common: Spec = {"type": "scatter", "mode": "lines", "x": across, "y": down, "hoverinfo": "skip"}
    return common | {"line": line, "name": name, "showlegend": bool(across)}


def _base(rails: list[Spec], heights: list[float]) -> list[Spec]:
    """The base case through the rails that have a place for it."""
    if all(rail["base"] is None for rail in rails):
        return []
    line = {"type": "scatter", "mode": "lines+markers", "line": {"color": BASE, "width": 3}, "marker": {"size": 7}}
    return [line | {"x": [rail["base"] for rail in rails], "y": heights, "name": "base case", "hoverinfo": "skip"}]


def _settings(summary: Summary, rows: list[Spec]) -> list[Spec]:
    """Each axis from its lowest to its highest value, or with its levels evenly spaced."""
    rails = []
    for place in summary["axes"]:
        values: list[Any] = [row[path_of(place)] for row in rows]
        levels, base = values_of(summary, place), place["base"]
        named = {"title": words_of(place), "hover": paths_of(place)}
        if isinstance(levels[0], str):
            most = max(1, len(levels) - 1)
            shown = levels if len(levels) <= LEVELS_NAMED else [levels[0], levels[-1]]
            ends = [(levels.index(level) / most, value_of(level)) for level in shown]
            places = [levels.index(value) / most for value in values]
            rails.append(named | {"places": places, "ends": ends}
                         | {"base": levels.index(base) / most if base in levels else None})  # fmt: skip
            continue
        low, high = (end([*levels, base] if base is not None else levels) for end in (min, max))
        wide = (high - low) or 1.0
        ends = [(0.0, number(low)), (1.0, number(high))]
        rails.append(named | {"places": [(value - low) / wide for value in values], "ends": ends}
                     | {"base": None if base is None else (base - low) / wide})  # fmt: skip
    return rails


def _shares(summary: Summary, rows: list[Spec]) -> list[Spec]:
    """The share of each of the likeliest classes, from nought to the next tenth above all."""
    base, classes = base_row(summary), drawn_classes(summary)
    most = {key: max(row[f"outcome.{key}"] for row in (*rows, base or rows[0])) for key in classes}
    kept = sorted(classes, key=lambda key: -most[key])[:CLASSES]
    top = next_tenth(most.values())
    ends = [(0.0, percent(0.0)), (1.0, percent(top))]
    rails = []
    for key in (key for key in classes if key in kept):
        name = f"outcome.{key}"
        found = {"places": [row[name] / top for row in rows], "base": base[name] / top if base else None, "ends": ends}
        rails.append({"title": f"Outcome: {classes[key]}", "hover": label(key)} | found)
    return rails
