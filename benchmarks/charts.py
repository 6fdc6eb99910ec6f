"""The figures as charts: rows of a median with its spread, and curves against the number of draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log10
from typing import Any, NamedTuple

from benchmarks.figures import short
from sim.charts.text import label, lines_in
from sim.charts.theme import ACCENT, CLASS_COLOURS, INK, SOFT, Chart, Spec, axis, layout, note, quiet, segment

ROW, LINE, GAP = 30, 17, 12
TARGET = "#D55E00"
LIMIT_MIB = 1536.0
Found = dict[str, Any]


class Row(NamedTuple):
    """A median with its spread, in words; ``target``: what was asked, if anything."""

    words: str
    spread: dict[str, float]
    target: float | None = None
    marked: bool = False  # the base case


def rows_of(
    rows: Sequence[Row], title: str, *, log: bool, narrow: bool, lines: Sequence[float] = ()
) -> tuple[list[Spec], Spec]:
    """Return rows as dots with bars from least to most, words above each; ``lines`` are drawn from top to bottom."""
    wide = 44 if narrow else 100
    words: list[Spec] = []
    places: list[float] = []
    top = 0.0
    for row in rows:
        text = label(row.words, wide)
        top += lines_in(text) * LINE + GAP
        words.append(note(text, 0, top - 2, xref="paper", yanchor="bottom", font=quiet(13, INK)))
        places.append(top + 10)
        top += ROW - 8
    medians = [row.spread["median"] for row in rows]
    data: list[Spec] = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": medians,
            "y": places,
            "cliponaxis": False,
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": [row.spread["most"] - row.spread["median"] for row in rows],
                "arrayminus": [row.spread["median"] - row.spread["least"] for row in rows],
                "color": ACCENT,
                "thickness": 2,
                "width": 5,
            },
            "marker": {"size": 11, "color": [INK if row.marked else ACCENT for row in rows]},
            "hovertext": [
                f"{label(row.words, 60)}<br>median {short(row.spread['median'])}, "
                f"{short(row.spread['least'])} to {short(row.spread['most'])}"
                for row in rows
            ],
            "hoverinfo": "text",
        },
        {
            "type": "scatter",
            "mode": "text",
            "x": [row.spread["most"] for row in rows],
            "y": places,
            "text": [f"   {short(value)}" for value in medians],
            "textposition": "middle right",
            "textfont": quiet(12, SOFT),
            "cliponaxis": False,
            "hoverinfo": "skip",
        },
    ]
    asked = [(row.target, place) for row, place in zip(rows, places, strict=True) if row.target is not None]
    if asked:
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [target for target, _ in asked],
                "y": [place for _, place in asked],
                "marker": {
                    "symbol": "line-ns-open",
                    "size": 22,
                    "color": TARGET,
                    "line": {"width": 3, "color": TARGET},
                },
                "hovertext": [f"asked: {target:g}" for target, _ in asked],
                "hoverinfo": "text",
            }
        )
    figures = [v for row in rows for v in (*row.spread.values(), row.target) if v is not None] + list(lines)
    span = _span(min(figures), max(figures), log=log)
    height = int(top + 10)
    shape = layout(height, below=52, left=20, right=40, annotations=words)
    shape["xaxis"] = axis(title, range=span, **({"type": "log", "dtick": 1} if log else {}))
    shape["yaxis"] = axis(range=[height, 0], showgrid=False, showticklabels=False, automargin=False)
    shape["shapes"] = [segment((x, x), (0, height), TARGET, line={"dash": "dot", "width": 2}) for x in lines]
    return data, shape


def _span(low: float, high: float, *, log: bool) -> list[float]:
    if log:
        return [log10(low) - 0.15, log10(high) + 0.45]
    return [0.0, high * 1.18]


def ahead(found: Found, narrow: bool) -> Chart:
    """How many times faster than each peer."""
    rows = [
        Row(f"over Mesa: {one['name']} ({', '.join(one['strategies'])})", one["ratio"], _asked_of_mesa(one))
        for one in found.get("drivers", {}).get("variants", ())
    ]
    rows += [
        Row(f"over NegMAS: {one['deals']:,} deals", one["ratio"], 300.0 if one["deals"] == 3125 else None)
        for one in found.get("rival", {}).get("domains", ())
    ]
    data, shape = rows_of(rows, "times faster, logarithmic", log=True, narrow=narrow)
    best = max(rows, key=lambda row: row.spread["median"])
    title = f"Up to {short(best.spread['median'])} times faster than a peer that plays the same"
    return Chart(title, "median of repeats, bar from least to most; orange mark: what was asked", data, shape)


def _asked_of_mesa(one: Found) -> float | None:
    return 1000.0 if one["strategies"] == ["time_dependent"] else None


def limit(found: Found, narrow: bool) -> Chart:
    """How far from what the machine allows."""
    units = found["limit"]["units"]
    rows = [Row(unit["title"], unit["ratio"], 1.5) for unit in units]
    data, shape = rows_of(rows, "time over the fused compiled loop, logarithmic", log=True, narrow=narrow, lines=(1.0,))
    worst = max(unit["ratio"]["median"] for unit in units)
    title = f"At most {short(worst)} times the time of a compiled loop"
    apart = max(unit["difference"] for unit in units)
    equal = f"results differ by {apart:.0e} at most" if apart else "results equal to the last bit"
    note_ = f"{equal}; orange mark: asked (1.5); dotted: the loop"
    return Chart(title, note_, data, shape)


def speed(found: Found, narrow: bool) -> Chart:
    """Draws a second against the number of draws."""
    traces = _series(found, "draws_per_s")
    best: dict[str, float] = {}
    for row in found["scaling"]["sizes"]:
        best[row["game"]] = max(best.get(row["game"], 0.0), row["draws_per_s"])
    shape = _curves_shape("draws a second", narrow)
    title = "Draws a second: " + ", ".join(f"{game} up to {short(rate)}" for game, rate in best.items())
    return Chart(
        title, "one process for each size; both axes logarithmic; full line: one worker, broken: two", traces, shape
    )


def memory(found: Found, narrow: bool) -> Chart:
    """Memory against the number of draws."""
    sizes = [{**row, "peak_mib": row["peak_bytes"] / 2**20} for row in found["scaling"]["sizes"]]
    peak = _series({"scaling": {"sizes": sizes}}, "peak_mib")
    shape = _curves_shape("peak memory, MiB", narrow)
    most = max(row["draws"] for row in sizes)
    shape["shapes"] = [segment((900, most * 1.1), (LIMIT_MIB, LIMIT_MIB), TARGET, line={"dash": "dot", "width": 2})]
    top = max(sizes, key=lambda row: (row["draws"], row["peak_mib"]))
    title = f"{short(top['peak_mib'])} MiB at {top['draws']:,} draws"
    text = "process and workers together, shared pages counted once; dotted: 1.5 GiB, asked of ten million draws"
    return Chart(title, text, peak, shape)


def _series(found: Found, what: str) -> list[Spec]:
    groups: dict[tuple[str, str, str, int], list[Found]] = {}
    for row in found["scaling"]["sizes"]:
        groups.setdefault((row["game"], row["do"], row["keep"], row["workers"]), []).append(row)
    kinds = list(dict.fromkeys(key[:3] for key in groups))
    traces = []
    for (game, do, keep, workers), rows in groups.items():
        colour = CLASS_COLOURS[(0, 2, 5, 6)[kinds.index((game, do, keep)) % 4]]
        name = f"{game}, {do}, keep {keep}, {workers} worker{'s' * (workers > 1)}"
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": label(name),
                "x": [row["draws"] for row in rows],
                "y": [row[what] for row in rows],
                "line": {"color": colour, "width": 2, "dash": "solid" if workers == 1 else "dot"},
                "marker": {"size": 8, "color": colour, "symbol": "circle" if workers == 1 else "square"},
                "hovertext": [f"{label(name)}<br>{row['draws']:,} draws: {short(row[what])}" for row in rows],
                "hoverinfo": "text",
            }
        )
    return traces


def _curves_shape(title: str, narrow: bool) -> Spec:
    shape = layout(340, below=150 if narrow else 130, left=60, right=24, showlegend=True)
    shape["xaxis"] = axis("draws", type="log", dtick=1)
    shape["yaxis"] = axis(title, type="log", dtick=1)
    shape["legend"] = {"orientation": "h", "y": -0.25, "x": 0, "font": quiet(12, INK)}
    return shape


def cost(found: Found, narrow: bool) -> Chart:
    """What each axis costs."""
    part = found["cost"]
    rows = [
        Row(f"{row['axis']}: {str(row['value']).lower()}", row["us"], None, row["value"] == part["base"][row["axis"]])
        for row in part["rows"]
    ]
    data, shape = rows_of(rows, "microseconds a draw and step", log=False, narrow=narrow)
    low, high = (end(row.spread["median"] for row in rows) for end in (min, max))
    title = f"A draw and step costs {short(low)} to {short(high)} microseconds"
    text = f"{part['draws']:,} draws, one process; one axis at a time; dark: the base case; bar from least to most"
    return Chart(title, text, data, shape)


def cold(found: Found, narrow: bool) -> Chart:
    """How long commands take from nothing."""
    rows = [Row(f"parley {row['command']}", row["seconds"], row["target"]) for row in found["cold"]["rows"]]
    data, shape = rows_of(rows, "seconds", log=False, narrow=narrow)
    first = found["cold"]["rows"][0]
    title = f"parley {first['command']} answers in {short(first['seconds']['median'])} s"
    return Chart(title, "fresh processes, median; bar from least to most; orange mark: what was asked", data, shape)


CHARTS: dict[str, tuple[tuple[str, ...], Callable[[Found, bool], Chart]]] = {
    "ahead": (("drivers", "rival"), ahead),
    "limit": (("limit",), limit),
    "speed": (("scaling",), speed),
    "memory": (("scaling",), memory),
    "cost": (("cost",), cost),
    "cold": (("cold",), cold),
}


def charts(found: Found, *, narrow: bool = False) -> dict[str, Chart]:
    """Return the charts of the parts that were measured."""
    return {name: draw(found, narrow) for name, (needs, draw) in CHARTS.items() if any(part in found for part in needs)}
