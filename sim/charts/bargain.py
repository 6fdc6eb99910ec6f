"""What theory says of a bargain, in the plane of utilities: all deals, the efficient ones, fallbacks and points."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from plotly.offline import get_plotlyjs

from sim.charts.page import SCRIPT
from sim.charts.plane import REFERENCES, View, axis_title, spot, zone_of_agreement, zone_trace
from sim.charts.report import head, inert, spec
from sim.charts.shares import below_legend
from sim.charts.text import GLUE, MINUS, clean, label, lines_in, page, percent, quoted
from sim.charts.theme import INK, RULE, Chart, Spec, axis, layout, quiet

POINT_COLOUR, LEAST = "#CC79A7", "#117733"
CELLS = 400  # deals that fall on one of so many places of an axis are drawn once
SOURCES = {"talks": "talks without end", "breakdown": "breakdown", "stated": "as stated"}
Solved = Mapping[str, Any]


class Picture(NamedTuple):
    """What is drawn: the findings, all deals (K, 2), and words for them."""

    found: Solved
    deals: Any
    title: str
    parties: Sequence[str]
    words: Callable[[Mapping[str, Any]], str]


def html(
    found: Solved, deals: Any, title: str, parties: Sequence[str], words: Callable[[Mapping[str, Any]], str]
) -> str:
    """The chart as one page, with the deals of the points below it; it asks nothing of the network.

    `found` is what `sim.solution` finds, `deals` the worths (K, 2) of all deals, `words` tells a deal's terms.
    """
    picture = Picture(found, np.asarray(deals), title, parties, words)
    drawn = {shape: chart(picture, narrow=shape == "narrow") for shape in ("wide", "narrow")}
    wide, library = drawn["wide"], get_plotlyjs()
    rows = [(mark.name, mark.deal) for mark in marks(found) if mark.deal]
    items = "".join(f"<li><b>{page(name)}</b>: {page(words(deal))}</li>\n" for name, deal in rows)
    told = f'<h3>The deals of the points</h3>\n<ul class="read">{items}</ul>\n' if rows else ""
    specs = {"bargain": {key: spec(row) for key, row in drawn.items()}}
    return "".join(
        (
            head({"title": wide.title}, (library, SCRIPT)),
            f'<body>\n<main>\n<section id="bargain">\n<h2>{page(wide.title)}</h2>\n',
            f'<p class="based">{page(wide.subtitle)}</p>\n',
            f'<div class="chart" id="chart-bargain" role="img" aria-label="{page(wide.title)}" ',
            f'style="height:{wide.layout["height"]}px"></div>\n{told}</section>\n</main>\n',
            f'<script type="application/json" id="charts">{inert(specs)}</script>\n',
            f"<script>{library}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        )
    )


def chart(picture: Picture, *, narrow: bool = False) -> Chart:
    """All deals as dots, efficient ones and the theories' points as marks, what each can be held to as dashed lines."""
    found = picture.found
    view = View(reach(picture, 0), reach(picture, 1))
    data = [
        *area(found),
        *dots(picture),
        curve(picture),
        *least(found, view),
        *spread(found),
        *points(found),
        *without(found, view),
    ]
    height = 300 if narrow else 520
    entries = [lines_in(trace["name"]) for trace in data if trace.get("showlegend", True)]
    widths = (40, 46) if narrow else (80, 70)
    titles = [axis_title(clean(name), width) for name, width in zip(picture.parties, widths, strict=True)]
    legend = below_legend(height, 84, narrow) | {"x": -0.18} if narrow else {"x": 1.02, "y": 1, "font": quiet(12, INK)}
    shape = layout(
        height,
        below=96 + sum(5 + 16 * lines for lines in entries) if narrow else 72,
        xaxis=axis(titles[0], zeroline=True, zerolinecolor=RULE, range=view.across),
        yaxis=axis(titles[1], zeroline=True, zerolinecolor=RULE, range=view.up),
        showlegend=True,
        legend=legend | {"itemclick": False, "itemdoubleclick": False},
    )
    return Chart(title(picture), subtitle(found), data, shape)


def title(picture: Picture) -> str:
    """Whether there is room for a deal."""
    zone = "A zone of agreement" if picture.found["zone_of_agreement"] else "No zone of agreement"
    return f"{zone}: {quoted(picture.title, 70)}"


def subtitle(found: Solved) -> str:
    """What is counted, in which case, and in how many draws there is a zone."""
    count = "a continuum of deals" if found["deals"] is None else f"{found['deals']:,} deals"
    over = found["uncertain"]
    if over is None:
        return f"{count}; as things stand at the start"
    zone = over["zone_of_agreement"]["probability"]
    drawn = f"{over['draws']:,} draws, seed {over['seed']}"
    return (
        f"{count}; as things stand at the start, uncertain numbers at their medians; {drawn}: a zone in {percent(zone)}"
    )


def area(found: Solved) -> list[Spec]:
    """The zone of agreement, where every point below the curve can be reached."""
    if found["deals"] is not None:
        return []
    return zone_trace(zone_of_agreement([row["worth"] for row in found["pareto"]], found["reservation"]))


def dots(picture: Picture) -> list[Spec]:
    """All deals, those in the zone of agreement in another colour; what coincides once."""
    deals = picture.deals
    if not len(deals):
        return []
    low, high = deals.min(axis=0), deals.max(axis=0)
    cells = np.round((deals - low) / np.maximum(high - low, 1e-12) * CELLS)
    deals = deals[np.sort(np.unique(cells, axis=0, return_index=True)[1])]
    inside = (deals >= np.array(picture.found["reservation"]) - 1e-12).all(axis=1)
    rows = [("deals in the zone of agreement", inside, "#88CCEE"), ("other deals", ~inside, "#c3cad6")]
    return [
        {
            "type": "scatter", "mode": "markers", "name": name, "hoverinfo": "skip",
            "x": [round(float(x), 5) for x in deals[some, 0]], "y": [round(float(y), 5) for y in deals[some, 1]],
            "marker": {"size": 4, "color": colour},
        }
        for name, some, colour in rows if some.any()
    ]  # fmt: skip


def curve(picture: Picture) -> Spec:
    """The efficient deals; joined where what lies between two of them can be agreed too."""
    x: list[float | None] = []
    y: list[float | None] = []
    text: list[str] = []
    rows = picture.found["pareto"]
    joined = any(row.get("joined") for row in rows)
    for row in rows:
        x, y = [*x, row["worth"][0]], [*y, row["worth"][1]]
        text.append(label(picture.words(row["deal"]), 60))
        if joined and not row.get("joined"):
            x, y, text = [*x, None], [*y, None], [*text, ""]
    return {
        "type": "scatter", "mode": "lines+markers" if joined else "markers",
        "name": "contract curve" if joined else f"efficient deals ({len(rows)})",
        "x": x, "y": y, "text": text, "line": {"color": INK, "width": 2}, "marker": {"size": 5, "color": INK},
        "hovertemplate": "efficient deal: %{x:.3f}, %{y:.3f}<br>%{text}<extra></extra>",
    }  # fmt: skip


def least(found: Solved, view: View) -> list[Spec]:
    """The lines under which each party would rather have no deal."""
    low_a, low_b = found["reservation"]
    common = {
        "type": "scatter", "mode": "lines", "line": {"color": LEAST, "dash": "dash", "width": 1.5},
        "hoverinfo": "skip", "name": "least each can be held to",
    }  # fmt: skip
    return [
        common | {"x": [low_a, low_a], "y": view.up},
        common | {"x": view.across, "y": [low_b, low_b], "showlegend": False},
    ]


class Mark(NamedTuple):
    """A point of the chart that is one deal."""

    name: str
    worth: Sequence[float]
    deal: Mapping[str, Any] | None
    symbol: str
    colour: str = POINT_COLOUR
    size: int = 13


def marks(found: Solved) -> Iterator[Mark]:
    """The theories' points, and how the scenario's own protocol ends where that is one deal."""
    for key, name, symbol in REFERENCES:
        if found[key]:
            yield Mark(name, found[key], found["deals_at"].get(key), symbol)
    unequal = found["asymmetric_nash"]
    if unequal and unequal["worth"] and unequal["powers"][0] != unequal["powers"][1]:
        powers = ", ".join(f"{power:.2f}" for power in unequal["powers"])
        yield Mark(f"Nash, powers {powers}", unequal["worth"], unequal["deal"], "star-open", "#882255")
    played = found["protocol"]
    if played["deal"]:
        worth = [party["mean"] for party in played["worth"]]
        yield Mark(f"played: {played['kind'].replace('_', ' ')}", worth, played["deal"], "circle-open", INK, 17)


def points(found: Solved) -> list[Spec]:
    """The marks as traces."""
    traces = [spot(mark.name, mark.worth, mark.symbol, mark.colour, mark.size) for mark in marks(found)]
    for trace in traces:
        if trace["marker"]["symbol"].endswith("-open"):
            trace["marker"]["line"] = {"color": trace["marker"]["color"], "width": 2}
    return traces


def spread(found: Solved) -> list[Spec]:
    """How far the Nash point moves with what is uncertain."""
    over = found["uncertain"]
    if not over or not over["nash"]:
        return []
    first, second = over["nash"]
    bars = [
        {
            "type": "data", "symmetric": False, "thickness": 1.2, "width": 5, "color": POINT_COLOUR,
            "array": [row["p95"] - row["p50"]], "arrayminus": [row["p50"] - row["p05"]],
        }
        for row in (first, second)
    ]  # fmt: skip
    trace = spot(
        "Nash over draws with a zone:<br>median, 90 % of them", [first["p50"], second["p50"]], "circle", POINT_COLOUR, 6
    )
    return [trace | {"error_x": bars[0], "error_y": bars[1]}]


def without(found: Solved, view: View) -> list[Spec]:
    """What the parties have without a deal; hollow at the edge where it lies off the chart."""
    name, worth = f"without a deal: {SOURCES[found['disagreement_from']]}", found["disagreement"]
    if view.holds(worth):
        return [spot(label(name, 40), worth, "x", "#000000", 11)]
    words = label(f"{name} (off the chart: {worth[0]:.2f}, {worth[1]:.2f})".replace("-", MINUS), 34)
    mark = spot(words, view.pinned(worth, 0), "x-open", "#000000", 11)
    mark["marker"]["line"] = {"color": "#000000", "width": 1.5}
    return [mark | {"hovertemplate": f"{words}{GLUE}<extra></extra>"}]


def reach(picture: Picture, side: int) -> list[float]:
    """The range of one axis: deals, what each would take, and what they have without one unless that is far away."""
    found = picture.found
    values = [row["worth"][side] for row in found["pareto"]]
    values += [float(found["reservation"][side]), *(float(value) for value in picture.deals[:, side])]
    over = found["uncertain"]
    if over and over["nash"]:
        values += [over["nash"][side]["p05"], over["nash"][side]["p95"]]
    low, high = min(values), max(values)
    far = found["disagreement"][side]
    if max(high, far) - min(low, far) <= 2 * (high - low):
        low, high = min(low, far), max(high, far)
    margin = (high - low) * 0.06 or 0.1
    return [low - margin, high + margin]
