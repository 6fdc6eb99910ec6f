"""What the charts of a sweep share: rows, names of axes, values along them, and marks of the base case."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from sim.charts.text import clean, glued, label, number
from sim.charts.theme import INK, Panel, Spec, Summary, axis, axis_key, grid, note, quiet

BINNED_FROM, BINS, FEWEST_BINS, IN_A_BIN = 24, 10, 3, 8
UNIT_LIMIT = 28
RARE = 0.005  # a class whose share is nowhere above this is not drawn
BASE = "#D55E00"


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


def path_of(place: Spec) -> str:
    """The path whose values stand for an axis."""
    return str(place["paths"][0])


def words_of(place: Spec, unit: bool = True) -> str:
    """An axis in a person's words: what varies, and its unit where that is short; plain text."""
    found = []
    for words, measure in zip(place["labels"], place["units"], strict=True):
        named = words[:1].upper() + words[1:]
        short = unit and measure and len(measure) <= UNIT_LIMIT
        found.append(f"{named} ({measure})" if short else named)
    return " + ".join(dict.fromkeys(found))


def units_of(place: Spec) -> str:
    """The units of an axis, each once; plain text, empty where none is known."""
    return ", ".join(dict.fromkeys(unit for unit in place["units"] if unit))


def paths_of(place: Spec) -> str:
    """The paths of an axis, as a command writes them; ready for a chart."""
    return label(" + ".join(place["paths"]))


def value_of(value: Any, width: int = 18) -> str:
    """A setting in a person's words, ready for a chart."""
    return number(value) if isinstance(value, float) else label(str(value).replace("_", " "), width, 1)


def drawn_classes(summary: Summary) -> dict[str, str]:
    """The classes that are somewhere more than rare, with their labels; the likeliest where all are rare."""
    rows = played(summary)
    labels: dict[str, str] = summary["outcomes"]
    most = {key: max(row[f"outcome.{key}"] for row in rows) for key in labels}
    return {key: words for key, words in labels.items() if most[key] >= min(RARE, max(most.values()))}


def left_out(summary: Summary) -> tuple[str, ...]:
    """A note on classes that are not drawn."""
    count = len(summary["outcomes"]) - len(drawn_classes(summary))
    classes = f"{count} class{'es' * (count > 1)} nowhere above {100 * RARE:g} %"
    return (f"{classes} {'are' if count > 1 else 'is'} left out",) if count else ()


def most_moved(summary: Summary) -> str:
    """The class whose share differs most between points."""
    rows, labels = played(summary), list(summary["outcomes"])
    return str(max(labels, key=lambda name: float(np.ptp([row[f"outcome.{name}"] for row in rows]))))


def is_text(summary: Summary, place: Spec) -> bool:
    """Whether an axis has values that are no numbers."""
    return any(isinstance(row[path_of(place)], str) for row in played(summary))


def kind_of(summary: Summary, place: Spec) -> Spec:
    """What Plotly must know of an axis beside its place."""
    if not is_text(summary, place):
        return {}
    values = values_of(summary, place)
    named = {"tickvals": values, "ticktext": [value_of(value) for value in values]}
    return named | {"type": "category", "range": [-0.5, len(values) - 0.5]}


def values_of(summary: Summary, place: Spec) -> list[Any]:
    """The values of an axis: numbers by size, texts in the order in which they were given."""
    values = dict.fromkeys(row[path_of(place)] for row in played(summary))
    if set(values) <= {"on", "off"}:
        return [value for value in ("on", "off") if value in values]
    return list(values) if any(isinstance(value, str) for value in values) else sorted(values)


def groups(summary: Summary, place: Spec) -> dict[Any, list[Spec]]:
    """The rows at each value of an axis, or in each of a few bins where nearly every point has its own."""
    path, rows, values = path_of(place), played(summary), values_of(summary, place)
    found: defaultdict[Any, list[Spec]] = defaultdict(list)
    if not is_binned(summary, place):
        for row in rows:
            found[row[path]].append(row)
        return {value: found[value] for value in values}
    edges = np.linspace(values[0], values[-1], max(FEWEST_BINS, min(BINS, len(rows) // IN_A_BIN)) + 1)
    for row in rows:
        bin_ = min(int(np.searchsorted(edges, row[path], side="right")) - 1, len(edges) - 2)
        found[float((edges[bin_] + edges[bin_ + 1]) / 2)].append(row)
    return dict(sorted(found.items()))


def is_binned(summary: Summary, place: Spec) -> bool:
    """Whether an axis has so many values that neighbours are taken together."""
    values = values_of(summary, place)
    return len(values) > BINNED_FROM and not isinstance(values[0], str)


def mean(rows: list[Spec], key: str) -> float:
    """The mean share of a class over points."""
    return float(np.mean([row[f"outcome.{key}"] for row in rows]))


def next_tenth(shares: Iterable[float]) -> float:
    """The tenth at or above the largest of some shares: where their scale ends."""
    return max(0.1, math.ceil(10 * max(shares) - 1e-9) / 10)


def swing(summary: Summary, place: Spec, key: str) -> float:
    """How far the mean share of a class moves along an axis."""
    means = [mean(rows, key) for rows in groups(summary, place).values()]
    return max(means) - min(means)


def strongest(summary: Summary) -> list[Spec]:
    """The axes, first those along which some class moves most; of equals the first."""
    keys = summary["outcomes"]
    return sorted(summary["axes"], key=lambda place: -max(swing(summary, place, key) for key in keys))


def pair_of(summary: Summary) -> tuple[Spec, Spec]:
    """The two strongest axes, in the order in which they were given."""
    two = strongest(summary)[:2]
    first, second = (place for place in summary["axes"] if place in two)
    return first, second


def pair_note(summary: Summary) -> tuple[str, ...]:
    """A note on why these two axes, where there are more."""
    return ("over the two axes that move outcomes most",) if len(summary["axes"]) > 2 else ()


def panels_of(count: int, height: int, narrow: bool, below: int = 76) -> tuple[list[Panel], int]:
    """A grid of panels of one height, two in a row where there is room."""
    return grid([height] * count, 1 if narrow or count == 1 else 2, 34, below, 0.18)


def headed(panel: Panel, text: str, hover: str = "") -> Spec:
    """Words over a panel; `text` is already escaped."""
    placed = {"xref": "paper", "yref": "paper", "yanchor": "bottom", "yshift": 4}
    more = {"hovertext": hover} if hover else {}
    return note(f"<b>{text}</b>", panel.across[0], panel.down[1], font=quiet(13, INK), **placed, **more)


def plane_axes(summary: Summary, pair: tuple[Spec, Spec], shape: Spec, panel: Panel, width: int) -> None:
    """Two axes of a panel, named with their units."""
    for place, key, across, other in zip(pair, panel[:2], (panel.across, panel.down), reversed(panel[:2]), strict=True):
        shape[axis_key(key)] = axis(
            label(words_of(place), width, 2), domain=across, anchor=other, showgrid=False
        ) | kind_of(summary, place)


def has_base(summary: Summary, *places: Spec) -> bool:
    """Whether each of some axes has a place for the base case."""
    bases = [(place, place["base"]) for place in places]
    return all(
        base is not None and (not isinstance(base, str) or base in values_of(summary, place)) for place, base in bases
    )


def base_note(mark: str, there: bool, places: Iterable[Spec]) -> str:
    """What marks the base case along some axes, or that it has no value there to be marked at."""
    if not there:
        return "the base case has no value here"
    return f"{mark}: base case" + " (what is uncertain there at its median)" * any(each["uncertain"] for each in places)


def base_mark(summary: Summary, pair: tuple[Spec, Spec], panel: Panel) -> list[Spec]:
    """A cross where the base case stands, if both axes have a place for it."""
    if not has_base(summary, *pair):
        return []
    spot = [place["base"] for place in pair]
    mark = {"symbol": "x", "size": 12, "color": BASE, "line": {"color": "#ffffff", "width": 1.5}}
    return [
        {"type": "scatter", "mode": "markers", "x": spot[:1], "y": spot[1:], "marker": mark, "showlegend": False}
        | {"xaxis": panel.x, "yaxis": panel.y, "hovertemplate": "base case<extra></extra>"}
    ]


def title_of(place: Spec) -> str:
    """An axis' name for a title: plain, and short."""
    return clean(words_of(place, unit=False))
