"""The flow between statuses: who signs, who goes back to the table, who leaves, by stages of the window."""

from collections.abc import Sequence
from typing import Any

from sim.analysis.outcomes import wilson
from sim.charts.fans import see_through
from sim.charts.shares import below_legend, status_words
from sim.charts.text import day, percent
from sim.charts.theme import Chart, Spec, Summary, axis, based_on, dated, layout, note, quiet

# from below: deals, talks, ends; a status that is not named here stands above them
STACK = ("agreement", "interim", "talks", "deadline", "exit", "breakdown")
# Paul Tol's light scheme: none of these is the colour of an outcome class or of a party
COLOURS = {"agreement": "#77AADD", "interim": "#BBCC33", "talks": "#DDDDDD", "deadline": "#FFAABB", "exit": "#EE8866",
           "breakdown": "#5b6472"}  # fmt: skip
BAR, BAR_NARROW = 0.1, 0.16
LEAST_LABELLED = 0.035
CURVE = 12


def flow(summary: Summary, narrow: bool) -> Chart | None:
    """How draws pass from talks to agreement and back, and to their ends: bars at each stage, ribbons between."""
    found = summary.get("flow")
    if not found or not found["counts"]:
        return None
    total = sum(map(sum, found["counts"][0]))
    order = stacked(found)
    standing = standings(found)
    half = BAR_NARROW if narrow else max(BAR, 0.025 * len(standing))  # wide enough for a label, however many there are
    data = ribbons(found, order, total, half)
    for name in reversed(order):
        data.append(bars(summary, name, [row[name] for row in standing], order, standing, total, half))
    dates = summary["time"]["dates"]
    stages = [day(dates[step]) if dated(summary) else str(step) for step in found["steps"]]
    ticks = ["<br>".join(stage.rsplit("\N{NO-BREAK SPACE}", 1)) if narrow else stage for stage in stages]
    plot = 320 if narrow else 420
    across = axis(range=[-0.2, len(stages) - 0.8], tickvals=list(range(len(stages))), ticktext=ticks, showgrid=False)
    across |= {"ticklabeloverflow": "allow", "tickangle": 0}
    if narrow:
        across["tickfont"] = quiet(min(12, 58 // len(stages)))
    if not dated(summary):
        across["title"]["text"] = "after so many steps"
    words = [
        note(percent(row[name] / total), place, level, xanchor="center", yanchor="middle", font=quiet(11, ink_on(name)))
        for place, row in enumerate(standing)
        for name, level in middles(row, order, total)
    ]
    shape = layout(
        plot,
        below=70 + 20 * len(order) if narrow else 92,
        left=14,
        right=14,
        xaxis=across,
        yaxis=axis(range=[0, 1], visible=False),
        annotations=words if not narrow else [],
        barmode="overlay",
        showlegend=True,
        legend=below_legend(plot, 56 if narrow else 44, narrow) | {"traceorder": "reversed"},
    )
    notes = ("bars: where draws stand", "ribbons: where they go", "95 % Wilson intervals in the table")
    return Chart(flow_title(found, total), based_on(summary, *notes), data, shape)


def stacked(found: Spec) -> list[str]:
    """The statuses that occur, in the order in which they are stacked from below."""
    occurring = {name for row in standings(found) for name, count in row.items() if count}
    unknown = [name for name in found["statuses"] if name not in STACK]
    return [name for name in (*STACK, *unknown) if name in occurring]


def standings(found: Spec) -> list[dict[str, int]]:
    """How many draws are in which status at each stage."""
    names, counts = found["statuses"], found["counts"]
    first = dict(zip(names, map(sum, counts[0]), strict=True))
    return [first, *(dict(zip(names, map(sum, zip(*table, strict=True)), strict=True)) for table in counts)]


def flow_title(found: Spec, total: int) -> str:
    """How many are in agreement at the end, and how many of those that ever stood in one at a stage fell out of it."""
    names = found["statuses"]
    end = standings(found)[-1]
    place = names.index("agreement")
    left = sum(sum(table[place]) - table[place][place] for table in found["counts"][1:])
    held = sum(sum(table[place]) for table in found["counts"][1:])
    tail = f"; from stage to stage {percent(left / held)} of deals give way" if left else ""
    return f"Who goes where: {percent(end['agreement'] / total)} stand in an agreement at the end{tail}"


def colour_of(status: str) -> str:
    """A status's colour, the same in bars and ribbons."""
    return COLOURS.get(status, "#AAAAAA")


def ink_on(status: str) -> str:
    """A colour that can be read on a status's own."""
    return "#ffffff" if status == "breakdown" else "#1f2430"


def middles(row: dict[str, int], order: Sequence[str], total: int) -> list[tuple[str, float]]:
    """The middle of each part of one bar that is tall enough for a label."""
    found, below = [], 0.0
    for name in order:
        share = row[name] / total
        if share >= LEAST_LABELLED:
            found.append((name, below + share / 2))
        below += share
    return found


def bars(
    summary: Summary,
    name: str,
    counts: Sequence[int],
    order: Sequence[str],
    standing: Sequence[dict[str, int]],
    total: int,
    half: float,
) -> Spec:
    """One status's part of the bar at every stage."""
    under = order[: order.index(name)]
    dates = summary["time"]["dates"]
    steps = summary["flow"]["steps"]
    return {
        "type": "bar", "name": status_words(name), "width": 2 * half, "marker": {"color": colour_of(name)},
        "x": list(range(len(counts))), "y": [count / total for count in counts],
        "base": [sum(row[other] for other in under) / total for row in standing],
        "customdata": [
            [day(dates[step]), *wilson(count, total)] for step, count in zip(steps, counts, strict=True)
        ],
        "hovertemplate": f"%{{customdata[0]}}: {status_words(name)}<br>%{{y:.1%}} of draws, 95 % interval "
        "%{customdata[1]:.1%} to %{customdata[2]:.1%}<extra></extra>",
    }  # fmt: skip


def ribbons(found: Spec, order: Sequence[str], total: int, half: float) -> list[Spec]:
    """A ribbon for each passage from a status at one stage to one at the next, as wide as it has draws."""
    places = [found["statuses"].index(name) for name in order]
    traces = []
    for stage, table in enumerate(found["counts"]):
        leaving = starts([sum(table[here]) for here in places])
        coming = starts([sum(row[there] for row in table) for there in places])
        for a, here in enumerate(places):
            for b, there in enumerate(places):
                count = table[here][there]
                if count:
                    ends = [edge / total for edge in (leaving[a], leaving[a] + count, coming[b], coming[b] + count)]
                    passage = f"{status_words(order[a])} to {status_words(order[b])}"
                    words = f"{passage}: {count:,} draws ({percent(count / total)})"
                    traces.append(ribbon(stage + half, stage + 1 - half, ends, colour_of(order[b]), words))
                leaving[a] += count
                coming[b] += count
    return traces


def starts(sizes: Sequence[int]) -> list[int]:
    """Where each of several stacked parts begins."""
    return [sum(sizes[:place]) for place in range(len(sizes))]


def ribbon(left: float, right: float, ends: Sequence[float], colour: str, words: str) -> Spec:
    """A band that bends smoothly from one height to another."""
    low_a, high_a, low_b, high_b = ends
    x: list[Any] = []
    lower, upper = [], []
    for place in range(CURVE + 1):
        share = place / CURVE
        bend = share * share * (3 - 2 * share)
        x.append(round(left + (right - left) * share, 4))
        lower.append(round(low_a + (low_b - low_a) * bend, 5))
        upper.append(round(high_a + (high_b - high_a) * bend, 5))
    return {
        "type": "scatter", "mode": "lines", "x": [*x, *x[::-1]], "y": [*lower, *upper[::-1]], "fill": "toself",
        "fillcolor": see_through(colour, 0.36), "line": {"width": 0}, "hoveron": "fills", "text": words,
        "hoverinfo": "text", "showlegend": False, "meta": "ribbon",
    }  # fmt: skip
