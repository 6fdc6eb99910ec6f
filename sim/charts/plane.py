"""The plane of utilities: one draw, what is possible in it, and the dance of offers."""

from collections.abc import Sequence
from itertools import pairwise

from sim.charts.shares import below_legend
from sim.charts.text import DASH, clean, day, label
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
UNIT = "years-free: 1 = best-minus-worst flow"


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
    data = [
        *zone_trace(zone),
        *reservation_traces(found),
        curve_trace(found["curve"]),
        *reference_traces(found),
        *fallback_traces(found),
        *dance_traces(found, names, narrow),
    ]
    height = 300 if narrow else 520
    entries = sum(1 for trace in data if trace.get("showlegend", True))
    titles = [f"worth to {label(names[party], 30)}" for party in found["parties"]]
    gap = "<br>" if narrow else " "
    titles = [f"{title}{gap}({UNIT})" for title in titles]
    legend = below_legend(height, 72, narrow) | {"x": -0.18} if narrow else {"x": 1.02, "y": 1, "font": quiet(12, INK)}
    shape = layout(
        height,
        below=84 + entries * 21 if narrow else 60,
        xaxis=axis(titles[0], zeroline=True, zerolinecolor=RULE, range=reach(found, 0)),
        yaxis=axis(titles[1], zeroline=True, zerolinecolor=RULE, range=reach(found, 1)),
        showlegend=True,
        legend=legend | {"itemclick": False, "itemdoubleclick": False},
    )
    return Chart(plane_title(summary, zone), plane_subtitle(summary), data, shape)


def plane_title(summary: Summary, zone: Sequence[Sequence[float]]) -> str:
    """Whether this draw has room for a deal, and how it ends."""
    found = summary["plane"]
    room = "there is room for a deal" if zone else "no deal is better for both than their fallback"
    ending = summary["outcomes"].get(found["outcome"], {}).get("label", found["outcome"])
    return f"One draw played out: {room}; it ends as “{clean(ending)}”"


def plane_subtitle(summary: Summary) -> str:
    """Which draw it is and what the numbers in the marks mean."""
    found = summary["plane"]
    return f"draw {found['draw']} of {summary['draws']:,}, seed {summary['seed']}; numbers: the order of the offers"


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


def reservation_traces(found: Spec) -> list[Spec]:
    """The lines under which each party would rather have no deal."""
    across, up = reach(found, 0), reach(found, 1)
    low_a, low_b = found["reservation"]
    common = {
        "type": "scatter", "mode": "lines", "line": {"color": "#117733", "dash": "dash", "width": 1},
        "hoverinfo": "skip", "name": "least each would take",
    }  # fmt: skip
    return [
        common | {"x": [low_a, low_a], "y": up},
        common | {"x": across, "y": [low_b, low_b], "showlegend": False},
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


def fallback_traces(found: Spec) -> list[Spec]:
    """Where the parties stand without a deal: the status quo, each exit, the breakdown."""
    traces = [spot("status quo", found["status_quo"], "cross", "#000000", 12)]
    traces += [
        spot(f"exit: {label(row['label'], 26)}", row["worth"], "triangle-left", "#E69F00", 12) for row in found["exits"]
    ]
    if found.get("breakdown"):
        traces.append(spot("breakdown", found["breakdown"], "x", "#000000", 11))
    return traces


def spot(name: str, worth: Sequence[float], symbol: str, colour: str, size: int) -> Spec:
    """One named point of the plane."""
    return {
        "type": "scatter", "mode": "markers", "name": name, "x": [worth[0]], "y": [worth[1]], "cliponaxis": False,
        "marker": {"symbol": symbol, "size": size, "color": colour, "line": {"color": "#ffffff", "width": 1}},
        "hovertemplate": f"{name}: %{{x:.3f}}, %{{y:.3f}}<extra></extra>",
    }  # fmt: skip


def dance_traces(found: Spec, names: dict[str, str], narrow: bool) -> list[Spec]:
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
            traces.append(offer_trace(names[party], marks, place, narrow))
    taken = [offer for offer in offers if offer["answer"] == "accept"]
    if taken:
        ring = spot("accepted", taken[-1]["worth"], "circle-open", "#117733", 24)
        ring["marker"]["line"] = {"color": "#117733", "width": 2.5}
        traces.append(ring)
    return traces


def merged(offers: Sequence[tuple[int, Spec]]) -> list[tuple[list[int], Spec]]:
    """Offers that look the same on the plane together, with the numbers of each, in order of the first."""
    marks: dict[tuple[float, float], tuple[list[int], Spec]] = {}
    for count, offer in offers:
        key = (round(offer["worth"][0], 2), round(offer["worth"][1], 2))
        marks.setdefault(key, ([], offer))[0].append(count)
    return list(marks.values())


def ranges(numbers: Sequence[int]) -> str:
    r"""Numbers in short: from three on, runs of stride one or two are joined by a dash.

    >>> ranges([1, 3, 5, 7, 12]).replace(DASH, "..."), ranges([4]), ranges([1, 2])
    ('1...7, 12', '4', '1, 2')
    """
    pieces: list[str] = []
    rest = list(numbers)
    while rest:
        stride = rest[1] - rest[0] if len(rest) > 1 else 1
        run = 1
        while run < len(rest) and rest[run] - rest[run - 1] == stride and stride <= 2:
            run += 1
        taken, rest = (rest[:run], rest[run:]) if run >= 3 else (rest[:1], rest[1:])
        pieces.append(f"{taken[0]}{DASH}{taken[-1]}" if len(taken) > 1 else str(taken[0]))
    return ", ".join(pieces)


def offer_trace(name: str, marks: Sequence[tuple[list[int], Spec]], place: int, narrow: bool) -> Spec:
    """One party's offers as numbered marks; where there is little room, a plus stands for the later numbers."""
    firsts = [f"{numbers[0]}{'+' if len(numbers) > 1 else ''}" for numbers, _ in marks]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": f"offers: {label(name, 26)}",
        "x": [offer["worth"][0] for _, offer in marks],
        "y": [offer["worth"][1] for _, offer in marks],
        "text": firsts if narrow else [ranges(numbers) for numbers, _ in marks],
        "textposition": "top right",
        "textfont": quiet(11, PARTY_COLOURS[place]),
        "marker": {"symbol": PARTY_SYMBOLS[place], "size": 9, "color": PARTY_COLOURS[place]},
        "customdata": [[ranges(numbers), day(offer["date"]), offer_words(offer)] for numbers, offer in marks],
        "hovertemplate": "offer %{customdata[0]}, first on %{customdata[1]}<br>%{customdata[2]}"
        "<br>worth %{x:.3f}, %{y:.3f}<extra></extra>",
        "cliponaxis": False,
    }


def offer_words(offer: Spec) -> str:
    """An offer's terms, for a hover text."""
    return label("; ".join(f"{clean(issue)}: {clean(level)}" for issue, level in offer["terms"].items()), 60)


def reach(found: Spec, side: int) -> list[float]:
    """The range of one axis of the plane: every point shown, and a margin."""
    points = [*found["curve"], found["status_quo"], found["reservation"]]
    points += [found[key] for key, _, _ in REFERENCES if found.get(key)]
    points += [row["worth"] for row in (*found["exits"], *found["offers"])]
    points += [found["breakdown"]] if found.get("breakdown") else []
    values = [point[side] for point in points]
    low, high = min(values), max(values)
    margin = (high - low) * 0.07 or 0.1
    return [low - margin, high + margin]
