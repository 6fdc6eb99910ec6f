"""The plane of utilities: one draw, what is possible in it, and the dance of offers."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from sim.charts.shares import below_legend
from sim.charts.text import DASH, GLUE, MINUS, clean, day, label, lines_in, quoted
from sim.charts.theme import (
    INK,
    PARTY_COLOURS,
    PARTY_SYMBOLS,
    RULE,
    Chart,
    Spec,
    Summary,
    axis,
    layout,
    quiet,
)

REFERENCES = (
    ("nash", "Nash solution", "star"),
    ("kalai_smorodinsky", "Kalai-Smorodinsky solution", "diamond"),
    ("egalitarian", "egalitarian solution", "triangle-up"),
    ("utilitarian", "utilitarian solution", "triangle-down"),
)
EXIT_SYMBOLS = ("triangle-left", "triangle-right", "hourglass", "bowtie", "pentagon", "hexagon")
# Of each axis the core takes at least this share: what would shrink it further is pinned to the edge.
CORE_SHARE = 1 / 3
HALO = "0 0 2px #fff, 0 0 3px #fff, 0 0 4px #fff"


class View(NamedTuple):
    """The part of the plane that is drawn: the range of each axis."""

    across: list[float]
    up: list[float]

    def holds(self, worth: Sequence[float]) -> bool:
        """Whether a point lies inside."""
        return all(edge[0] <= value <= edge[1] for edge, value in zip(self, worth, strict=True))

    def pinned(self, worth: Sequence[float], before: int) -> list[float]:
        """The nearest place just inside the edge, moved along by the number of marks pinned before."""
        place = []
        for edge, value in zip(self, worth, strict=True):
            inset = 0.015 * (edge[1] - edge[0])
            place.append(min(max(value, edge[0] + inset), edge[1] - inset))
        place[0] += 0.04 * before * (self.across[1] - self.across[0])
        return [min(place[0], self.across[1]), place[1]]


def party_labels(summary: Summary) -> dict[str, str]:
    """Each party's label, cleaned."""
    return {party["id"]: clean(party["label"]) for party in summary["parties"]}


def plane(summary: Summary, narrow: bool) -> Chart | None:
    """One draw's bargain: what is possible, what each would do without a deal, and the dance of offers."""
    found = summary.get("plane")
    if not found or not found["curve"]:
        return None
    names = party_labels(summary)
    zone = zone_of_agreement(found["curve"], found["reservation"])
    view = View(reach(found, zone, 0), reach(found, zone, 1))
    data = [
        *zone_trace(zone),
        *reservation_traces(found, view),
        curve_trace(found["curve"]),
        *reference_traces(found),
        *fallback_traces(found, view),
        *dance_traces(found, names, view, narrow),
    ]
    height = 300 if narrow else 520
    entries = [lines_in(trace["name"]) for trace in data if trace.get("showlegend", True)]
    widths = (40, 46) if narrow else (80, 70)
    titles = [axis_title(names[party], width) for party, width in zip(found["parties"], widths, strict=True)]
    legend = below_legend(height, 84, narrow) | {"x": -0.18} if narrow else {"x": 1.02, "y": 1, "font": quiet(12, INK)}
    shape = layout(
        height,
        below=96 + sum(5 + 16 * lines for lines in entries) if narrow else 72,
        xaxis=axis(titles[0], zeroline=True, zerolinecolor=RULE, range=view.across),
        yaxis=axis(titles[1], zeroline=True, zerolinecolor=RULE, range=view.up),
        showlegend=True,
        legend=legend | {"itemclick": False, "itemdoubleclick": False},
    )
    return Chart(plane_title(summary, zone), plane_subtitle(summary), data, shape)


def axis_title(name: str, width: int) -> str:
    """Whose worth an axis shows and in what unit."""
    unit = "(1 = its best-minus-worst flow)"
    return f"{label(f'worth to {name}', width)}<br>{label(unit, width)}"


def plane_title(summary: Summary, zone: Sequence[Sequence[float]]) -> str:
    """Whether this draw has room for a deal at first, and how it ends."""
    found = summary["plane"]
    room = "room for a deal" if zone else "no room for a deal at the start"
    ending = summary["outcomes"].get(found["outcome"], {}).get("label", found["outcome"])
    return f"One draw: {room}; ends as {quoted(ending)}"


def drawn_from(summary: Summary) -> str:
    """Which draw it is."""
    return f"draw {summary['plane']['draw']} of {summary['draws']:,}, seed {summary['seed']}"


def plane_subtitle(summary: Summary) -> str:
    """Which draw it is, of when, and what the numbers in the marks mean."""
    return f"{drawn_from(summary)}; as things stand at the start; numbers: the order of the offers"


def zone_of_agreement(curve: Sequence[Sequence[float]], reservation: Sequence[float]) -> list[tuple[float, float]]:
    """The corner points of what lies at or above both reservations and under the curve; empty without such a part.

    The curve is taken as straight between its points, whatever their order.
    """
    low_a, low_b = reservation
    points = sorted((float(a), float(b)) for a, b in curve)
    inside: list[tuple[float, float]] = [point for point in points if point[0] >= low_a and point[1] >= low_b]
    for (a0, b0), (a1, b1) in pairwise(points):
        for share in crossings(a0, a1, low_a), crossings(b0, b1, low_b):
            if share is not None:
                a, b = a0 + share * (a1 - a0), b0 + share * (b1 - b0)
                if a >= low_a - 1e-12 and b >= low_b - 1e-12:
                    inside.append((max(a, low_a), max(b, low_b)))
    if not inside:
        return []
    inside = sorted(set(inside), key=lambda point: (point[0], -point[1]))
    top = max(point[1] for point in inside)
    right = max(point[0] for point in inside)
    return [(low_a, low_b), (low_a, top), *inside, (right, low_b)]


def crossings(start: float, end: float, level: float) -> float | None:
    """Where between start (0) and end (1) a straight line meets the level, or None."""
    if (start - level) * (end - level) >= 0:
        return None
    return (level - start) / (end - start)


def zone_trace(zone: Sequence[Sequence[float]]) -> list[Spec]:
    """The zone of agreement, shaded."""
    if not zone:
        return []
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "zone of agreement",
            "x": [point[0] for point in zone],
            "y": [point[1] for point in zone],
            "fill": "toself",
            "fillcolor": "rgba(17,119,51,0.13)",
            "line": {"width": 0, "color": "rgba(17,119,51,0.35)"},
            "hoverinfo": "skip",
        }
    ]


def reservation_traces(found: Spec, view: View) -> list[Spec]:
    """The lines under which each party would rather have no deal."""
    low_a, low_b = found["reservation"]
    common = {
        "type": "scatter", "mode": "lines", "line": {"color": "#117733", "dash": "dash", "width": 1},
        "hoverinfo": "skip", "name": "least each can be held to",
    }  # fmt: skip
    return [
        common | {"x": [low_a, low_a], "y": view.up},
        common | {"x": view.across, "y": [low_b, low_b], "showlegend": False},
    ]


def curve_trace(curve: Sequence[Sequence[float]]) -> Spec:
    """The contract curve."""
    points = sorted((float(a), float(b)) for a, b in curve)
    return {
        "type": "scatter", "mode": "lines+markers", "name": "contract curve",
        "x": [point[0] for point in points], "y": [point[1] for point in points],
        "line": {"color": INK, "width": 2}, "marker": {"size": 4, "color": INK},
        "hovertemplate": "efficient deal: %{x:.3f}, %{y:.3f}<extra></extra>",
    }  # fmt: skip


def reference_traces(found: Spec) -> list[Spec]:
    """The theories' points on the curve."""
    traces = []
    for key, name, symbol in REFERENCES:
        if found.get(key):
            traces.append(spot(name, found[key], symbol, "#CC79A7", 13))
    return traces


def fallbacks(found: Spec) -> list[tuple[str, Sequence[float], str, str]]:
    """What the parties have without a deal: name, worth, symbol, colour of the status quo, the exits, the breakdown."""
    rows = [("status quo", found["status_quo"], "cross", "#000000")]
    for place, row in enumerate(found["exits"]):
        symbol = EXIT_SYMBOLS[place % len(EXIT_SYMBOLS)]
        rows.append((f"exit: {clean(row['label'])}", row["worth"], symbol, "#E69F00"))
    if found.get("breakdown"):
        rows.append(("breakdown", found["breakdown"], "x", "#000000"))
    return rows


def fallback_traces(found: Spec, view: View) -> list[Spec]:
    """Where the parties stand without a deal; what is off the chart stands hollow at its edge, a little apart."""
    traces, pinned = [], 0
    for name, worth, symbol, colour in fallbacks(found):
        if view.holds(worth):
            traces.append(spot(label(name, 30), worth, symbol, colour, 12))
            continue
        place = view.pinned(worth, pinned)
        pinned += 1
        words = label(f"{name} (off the chart: {worth[0]:.2f}, {worth[1]:.2f})".replace("-", MINUS), 30)
        mark = spot(words, place, f"{symbol}-open", colour, 12)
        mark["marker"]["line"] = {"color": colour, "width": 1.5}
        traces.append(mark | {"meta": "pinned", "hovertemplate": f"{words}<extra></extra>"})
    return traces


def spot(name: str, worth: Sequence[float], symbol: str, colour: str, size: int) -> Spec:
    """One named point of the plane."""
    return {
        "type": "scatter", "mode": "markers", "name": name, "x": [worth[0]], "y": [worth[1]], "cliponaxis": False,
        "marker": {"symbol": symbol, "size": size, "color": colour, "line": {"color": "#ffffff", "width": 1}},
        "hovertemplate": f"{name}: %{{x:.3f}}, %{{y:.3f}}<extra></extra>",
    }  # fmt: skip


def dance_traces(found: Spec, names: dict[str, str], view: View, narrow: bool) -> list[Spec]:
    """The offers joined in their order, those of each party in its colour; equal offers share one mark."""
    offers = found["offers"]
    if not offers:
        return []
    path = {
        "type": "scatter", "mode": "lines", "showlegend": False, "hoverinfo": "skip",
        "x": [offer["worth"][0] for offer in offers], "y": [offer["worth"][1] for offer in offers],
        "line": {"color": "#9aa3b2", "width": 1, "dash": "dot"},
    }  # fmt: skip
    traces = [path]
    for place, party in enumerate(found["parties"]):
        marks = merged([(count, offer) for count, offer in enumerate(offers, start=1) if offer["by"] == party])
        if marks:
            traces.append(offer_trace(names[party], marks, place))
    taken = [offer for offer in offers if offer["answer"] == "accept"]
    if taken:
        ring = spot("accepted", taken[-1]["worth"], "circle-open", "#117733", 22)
        ring["x"], ring["y"] = ([offer["worth"][side] for offer in taken] for side in (0, 1))
        ring["marker"]["line"] = {"color": "#117733", "width": 2}
        traces.append(ring)
    return [*traces, number_trace(found, view, narrow)]


def merged(offers: Sequence[tuple[int, Spec]]) -> list[tuple[list[int], Spec]]:
    """Offers that look the same on the plane together, with the numbers of each, in order of the first."""
    marks: dict[tuple[float, float], tuple[list[int], Spec]] = {}
    for count, offer in offers:
        key = (round(offer["worth"][0], 2), round(offer["worth"][1], 2))
        marks.setdefault(key, ([], offer))[0].append(count)
    return list(marks.values())


def clusters(found: Spec, view: View, apart: tuple[float, float]) -> list[tuple[list[int], Spec]]:
    """The offers in groups too close for a label each, `apart` in shares of the axes; each with its first offer."""
    width, height = (edge[1] - edge[0] for edge in view)
    groups: list[tuple[list[int], Spec]] = []
    for count, offer in enumerate(found["offers"], start=1):
        for numbers, first in groups:
            aside, above = (abs(offer["worth"][side] - first["worth"][side]) for side in (0, 1))
            if aside < apart[0] * width and above < apart[1] * height:
                numbers.append(count)
                break
        else:
            groups.append(([count], offer))
    return groups


def number_trace(found: Spec, view: View, narrow: bool) -> Spec:
    """The offers' numbers, one label for each group of offers that lie close together."""
    groups = clusters(found, view, (0.2, 0.038) if narrow else (0.1, 0.028))
    rightmost = [max(found["offers"][count - 1]["worth"] for count in numbers) for numbers, _ in groups]
    one_sided = [len({found["offers"][count - 1]["by"] for count in numbers}) == 1 for numbers, _ in groups]
    colour = [
        PARTY_COLOURS[found["parties"].index(first["by"])] if alone else INK
        for (_, first), alone in zip(groups, one_sided, strict=True)
    ]
    return {
        "type": "scatter", "mode": "text", "showlegend": False, "hoverinfo": "skip", "cliponaxis": False,
        "x": [worth[0] for worth in rightmost], "y": [worth[1] for worth in rightmost],
        "text": [GLUE * 6 + short_ranges(numbers) for numbers, _ in groups],
        "textposition": "middle right", "textfont": {"size": 11, "color": colour, "shadow": HALO},
    }  # fmt: skip


def short_ranges(numbers: Sequence[int]) -> str:
    r"""The numbers in short, or, where even that is long, first and last and how many.

    >>> short_ranges([1, 3, 5, 7]).replace(DASH, "..."), short_ranges([1, 4, 6, 11, 13, 20])
    ('1...7 odd', '1 to 20 (\xd76)')
    """
    text = ranges(numbers)
    return text if len(text) <= 12 else f"{numbers[0]} to {numbers[-1]} (\N{MULTIPLICATION SIGN}{len(numbers)})"


def ranges(numbers: Sequence[int]) -> str:
    r"""Numbers in short: three in a row, or four odd or even ones in a row, are joined by a dash.

    >>> ranges([1, 3, 5, 7, 12]).replace(DASH, "..."), ranges([4]), ranges([1, 2])
    ('1...7 odd, 12', '4', '1, 2')
    """
    pieces: list[str] = []
    rest = list(numbers)
    while rest:
        stride = rest[1] - rest[0] if len(rest) > 1 else 1
        run = 1
        while run < len(rest) and rest[run] - rest[run - 1] == stride and stride <= 2:
            run += 1
        taken, rest = (rest[:run], rest[run:]) if run >= 2 + stride else (rest[:1], rest[1:])
        kind = "" if stride == 1 else f" {'odd' if taken[0] % 2 else 'even'}"
        pieces.append(f"{taken[0]}{DASH}{taken[-1]}{kind}" if len(taken) > 1 else str(taken[0]))
    return ", ".join(pieces)


def offer_trace(name: str, marks: Sequence[tuple[list[int], Spec]], place: int) -> Spec:
    """One party's offers as marks."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"offers: {label(name, 26)}",
        "x": [offer["worth"][0] for _, offer in marks],
        "y": [offer["worth"][1] for _, offer in marks],
        "marker": {"symbol": PARTY_SYMBOLS[place], "size": 9, "color": PARTY_COLOURS[place]},
        "customdata": [[ranges(numbers), day(offer["date"]), offer_words(offer)] for numbers, offer in marks],
        "hovertemplate": "offer %{customdata[0]}, first on %{customdata[1]}<br>%{customdata[2]}"
        "<br>worth %{x:.3f}, %{y:.3f}<extra></extra>",
        "cliponaxis": False,
    }


def offer_words(offer: Spec) -> str:
    """An offer's terms, for a hover text."""
    return label("; ".join(f"{clean(issue)}: {clean(level)}" for issue, level in offer["terms"].items()), 60)


def reach(found: Spec, zone: Sequence[Sequence[float]], side: int) -> list[float]:
    """The range of one axis: offers, solutions and zone, and of the rest what leaves these a third of the axis.

    Without a zone of agreement the whole curve is part of the core.
    """
    core = [*(zone or found["curve"]), found["reservation"], *(row["worth"] for row in found["offers"])]
    core += [found[key] for key, _, _ in REFERENCES if found.get(key)]
    values = [point[side] for point in core]
    low, high = min(values), max(values)
    room = max(high - low, 1e-6) / CORE_SHARE
    rest = [worth[side] for _, worth, _, _ in fallbacks(found)] + [point[side] for point in found["curve"]]
    for value in sorted(rest, key=lambda value: max(low - value, value - high)):
        if max(high, value) - min(low, value) <= room:
            low, high = min(low, value), max(high, value)
    margin = (high - low) * 0.07 or 0.1
    return [low - margin, high + margin]
