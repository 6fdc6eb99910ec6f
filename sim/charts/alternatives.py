"""What each party comes away with, class by class, beside what it would have had without a deal."""

from collections.abc import Sequence

from sim.charts.fans import see_through
from sim.charts.spreads import plain
from sim.charts.text import clean, interval, label, lines_in, percent
from sim.charts.theme import (
    INK,
    Chart,
    Panel,
    Spec,
    Summary,
    axis,
    axis_key,
    based_on,
    colours,
    grid,
    hidden_axis,
    layout,
    note,
    quiet,
    segment,
)

WORDS = {
    "exit": "best exit, at once",
    "breakdown": "breakdown, at once",
    "status_quo": "status quo, for ever",
}
VERBS = {"exit": "leaving at once", "breakdown": "a breakdown at once", "status_quo": "talks without end"}
SHADES = {"exit": "#E69F00", "breakdown": "#000000", "status_quo": "#56B4E9"}
ROW, RIDGE = 52, 32
NARROW = 44
FEW = 20  # fewer payoffs than this make no hill and are shown one by one


def alternatives(summary: Summary, narrow: bool) -> Chart | None:
    """For each party the payoffs in every outcome class, and the worth at the start of going without a deal."""
    found = summary.get("alternatives") or {}
    rows_of = {party["id"]: found.get(party["id"]) or {} for party in summary["parties"]}
    shown = [party for party in summary["parties"] if all(map(rows_of[party["id"]].get, ("range", "against")))]
    if not shown:
        return None
    wide = NARROW if narrow else 60
    rows = [len(found[p["id"]]["against"]) + len(classes(found[p["id"]])) for p in shown]
    headings = [lines_in(label(clean(p["label"]), wide)) * 17 + 8 for p in shown]
    panels, total = grid([ROW * count for count in rows], 1 if narrow else len(shown), headings, 56, 0.07)
    shape = layout(total, below=48, left=14, right=20, annotations=[], shapes=[])
    data: list[Spec] = []
    for party, panel, count in zip(shown, panels, rows, strict=True):
        row = found[party["id"]]
        traces, words, lines = ridges(summary, row, panel, wide)
        data += traces
        span = reach(row)
        across = axis("payoff (1 = best-minus-worst flow)", domain=panel.across, anchor=panel.y, nticks=6, range=span)
        shape |= {
            axis_key(panel.x): across,
            axis_key(panel.y): hidden_axis(ROW * count, domain=panel.down, anchor=panel.x, automargin=False),
        }
        at = {"xref": "paper", "yref": f"{panel.y} domain", "yanchor": "bottom", "yshift": 6, "borderpad": 0}
        title = f"<b>{label(clean(party['label']), wide)}</b>"
        shape["annotations"] += [note(title, panel.across[0], 1, font=quiet(13, INK), **at), *words]
        shape["shapes"] += lines
    notes = (
        "bars: 5 to 95 % of what each alternative was worth at the start, mark: median",
        "hills: payoffs in each class, each to its own height, mark: median",
        "better and worse: by more than 0.01, with 95 % Wilson intervals",
    )
    return Chart(alternatives_title(summary, shown), based_on(summary, *notes), data, shape)


def alternatives_title(summary: Summary, shown: Sequence[Spec]) -> str:
    """How often each did better, and worse, than by leaving, or than by the next alternative where it had no exit."""
    parts = []
    for party in shown:
        against = summary["alternatives"][party["id"]]["against"]
        name = next(name for name in VERBS if name in against)
        better, worse = (percent(against[name][key]["probability"]) for key in ("better", "worse"))
        parts.append((VERBS[name], f"{clean(party['label'])} in {better} (worse in {worse})"))
    verbs = {verb for verb, _ in parts}
    if len(verbs) == 1:
        return f"Better than {verbs.pop()}: " + ", ".join(words for _, words in parts)
    return "; ".join(
        f"{'better' if place else 'Better'} than {verb}: {words}" for place, (verb, words) in enumerate(parts)
    )


def classes(row: Spec) -> list[str]:
    """The outcome classes that occur."""
    return [key for key, found in row["classes"].items() if found["count"]]


def reach(row: Spec) -> list[float]:
    """The range of one party's axis: the middle 90 % of everything shown, and a margin."""
    spans = [*row["against"].values(), *(row["classes"][key] for key in classes(row))]
    low, high = min(span["p05"] for span in spans), max(span["p95"] for span in spans)
    bins = max((len(row["classes"][key]["counts"]) for key in classes(row)), default=1)
    wide = (row["range"][1] - row["range"][0]) / bins
    margin = max(0.07 * (high - low) or 0.1, 1.5 * wide)  # a hill of one bin is seen whole
    return [low - margin, high + margin]


def ridges(summary: Summary, row: Spec, panel: Panel, wide: int) -> tuple[list[Spec], list[Spec], list[Spec]]:
    """One party's alternatives as bars and its classes as hills: traces, words and lines."""
    traces: list[Spec] = []
    words: list[Spec] = []
    lines: list[Spec] = []
    colour = colours(summary)
    rows = len(row["against"]) + len(classes(row))
    place = {"xref": f"{panel.x} domain", "yref": panel.y, "yanchor": "bottom", "borderpad": 0}
    place["bgcolor"] = "rgba(255,255,255,0.8)"  # the medians' lines pass behind the words
    for number, (name, found) in enumerate(row["against"].items()):
        base = ROW * (number + 1) - 10
        better, worse = found["better"], found["worse"]
        sure = f" ({interval(better['low'], better['high'])})" if wide > NARROW else ""
        text = f"<b>{WORDS[name]}</b>: better in {percent(better['probability'])}{sure}, worse in "
        text += f"{percent(worse['probability'])}"
        words.append(note(text, 0, base - 9, font=quiet(11, INK), **place))
        traces += alternative(found, base, panel, SHADES[name], text)
        line = {"xref": panel.x, "yref": panel.y, "line": {"dash": "dot", "width": 1.2}, "layer": "below"}
        lines.append(segment([found["p50"]] * 2, [base, ROW * rows], SHADES[name], **line))
    for number, key in enumerate(classes(row), start=len(row["against"])):
        base = ROW * (number + 1) - 4
        found = row["classes"][key]
        room = wide - (10 if wide == NARROW else 4)
        text = f"{label(summary['outcomes'][key]['label'], room, 1)} (n = {found['count']:,})"
        words.append(note(text, 0, base - RIDGE, font=quiet(11), **place))
        traces += hill(row["range"], found, base, panel, colour[key], text)
    return traces, words, lines


def alternative(found: Spec, base: float, panel: Panel, colour: str, text: str) -> list[Spec]:
    """The bar and the median of one alternative's worth."""
    on = {"type": "scatter", "xaxis": panel.x, "yaxis": panel.y, "showlegend": False}
    better = found["better"]
    hover = f"{text}<br>worth %{{x:.3f}}; better in {interval(better['low'], better['high'])} (n = {found['count']:,})"
    return [
        on
        | {"mode": "lines", "x": [found["p05"], found["p95"]], "y": [base, base], "hoverinfo": "skip"}
        | {"line": {"width": 7, "color": see_through(colour, 0.45)}},
        on
        | {"mode": "markers", "x": [found["p50"]], "y": [base], "hovertemplate": f"{hover}<extra></extra>"}
        | {"marker": {"symbol": "line-ns-open", "size": 13, "color": colour, "line": {"width": 3}}},
    ]


def hill(span: Sequence[float], found: Spec, base: float, panel: Panel, colour: str, text: str) -> list[Spec]:
    """One class's payoffs: a hill over its own line, and its median."""
    counts = found["counts"]
    step = (span[1] - span[0]) / len(counts)
    middles = [span[0] + step * (place + 0.5) for place in range(len(counts))]
    on = {"type": "scatter", "xaxis": panel.x, "yaxis": panel.y, "showlegend": False}
    if found["count"] < FEW:
        dots = {"mode": "markers", "marker": {"size": 6, "color": see_through(colour, 0.6)}, "hoverinfo": "skip"}
        x = [middle for middle, count in zip(middles, counts, strict=True) for _ in range(count)]
        shape = dots | {"x": x, "y": [base - 5] * len(x)}
    else:
        first = next(place for place, count in enumerate(counts) if count)
        last = len(counts) - next(place for place, count in enumerate(reversed(counts)) if count)
        tops = [base - RIDGE * count / max(counts) for count in counts[first:last]]
        x = [middles[first] - step, *middles[first:last], middles[last - 1] + step]
        shape = {"mode": "lines", "line": {"width": 1.2, "color": colour}, "fill": "toself", "hoverinfo": "skip"}
        shape |= {"x": x, "y": [base, *tops, base], "fillcolor": see_through(colour, 0.4)}
    values = ", ".join(f"{words} {plain(found[key])}" for key, words in (("p05", "5 %"), ("p95", "95 %")))
    median = {
        "mode": "markers", "x": [found["p50"]], "y": [base - 3],
        "marker": {"symbol": "line-ns-open", "size": 9, "color": INK, "line": {"width": 2}},
        "hovertemplate": f"{text}<br>median %{{x:.3f}}; {values}<extra></extra>",
    }  # fmt: skip
    return [on | shape, on | median]
