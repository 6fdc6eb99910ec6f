"""The dance of offers over time: what each offer was worth to each party when it was made."""

import math

from sim.charts.plane import drawn_from, offer_words, party_labels
from sim.charts.shares import below_legend
from sim.charts.text import clean, day, label
from sim.charts.theme import (
    INK,
    PARTY_COLOURS,
    PARTY_SYMBOLS,
    Chart,
    Panel,
    Spec,
    Summary,
    axis,
    axis_key,
    dated,
    grid,
    layout,
    note,
    quiet,
    segment,
    time_axis,
    whole,
)

DEAL = "#117733"
PLOT, PLOT_NARROW = 230, 170


def dance(summary: Summary, narrow: bool) -> Chart | None:
    """One draw's offers at their dates: a panel for what they are worth to each party."""
    found = summary.get("plane")
    if not found or not found["offers"]:
        return None
    names = party_labels(summary)
    columns = 1 if narrow else 2
    panels, total = grid([PLOT_NARROW if narrow else PLOT] * 2, columns, 30, 44, 0.09)
    data: list[Spec] = []
    shape = layout(
        total,
        below=136 if narrow else 88,
        left=44,
        right=20,
        annotations=[],
        shapes=[],
        showlegend=True,
        legend=below_legend(total, 48, narrow),
    )
    for side, panel in enumerate(panels):
        data += [offer_trace(summary, names, by, side, panel) for by in range(2)]
        data += ring_trace(summary, side, panel)
        shape |= axes(summary, side, panel)
        at = {"xref": f"{panel.x} domain", "yref": f"{panel.y} domain", "yanchor": "bottom", "yshift": 6}
        words = f"<b>worth to {label(names[found['parties'][side]], 40)}</b>"
        shape["annotations"].append(note(words, 0, 1, font=quiet(13, INK), borderpad=0, **at))
        least = found["reservation"][side]
        low = {"xref": f"{panel.x} domain", "yref": panel.y, "line": {"dash": "dash", "width": 1.5}}
        shape["shapes"].append(segment([0, 1], [least, least], DEAL, **low))
    units = "1 = a party's best-minus-worst flow; dashed: the least it can be held to at the start"
    return Chart(dance_title(summary), f"{drawn_from(summary)}; {units}", data, shape)


def dance_title(summary: Summary) -> str:
    """How many offers one draw sees, and when the first of them is accepted."""
    offers = summary["plane"]["offers"]
    count = f"{len(offers)} offer{'' if len(offers) == 1 else 's'}"
    taken = [offer for offer in offers if offer["answer"] == "accept"]
    if not taken:
        return f"The offers of that draw: {count}, none accepted"
    first = f"the first on {day(taken[0]['date'])}" if len(taken) > 1 else f"on {day(taken[0]['date'])}"
    return f"The offers of that draw: {count}, {len(taken)} accepted, {first}"


def moment(summary: Summary, offer: Spec) -> str | int:
    """Where an offer stands on the time axis: its date, or the end of its step."""
    return clean(offer["date"]) if dated(summary) else offer["step"] + 1


def offer_trace(summary: Summary, names: dict[str, str], by: int, side: int, panel: Panel) -> Spec:
    """The offers of one party, at their worth to the party `side`; a party without any keeps its legend entry."""
    found = summary["plane"]
    party = found["parties"][by]
    own = [offer for offer in found["offers"] if offer["by"] == party]
    return {
        "type": "scatter", "mode": "markers", "name": f"offer by {label(names[party], 34)}", "showlegend": side == 0,
        "x": [moment(summary, offer) for offer in own], "y": [offer["worth"][side] for offer in own],
        "xaxis": panel.x, "yaxis": panel.y, "cliponaxis": False,
        "marker": {"symbol": PARTY_SYMBOLS[by], "size": 9, "color": PARTY_COLOURS[by]},
        "customdata": [[day(offer["date"]), clean(offer["answer"]), offer_words(offer)] for offer in own],
        "hovertemplate": "%{customdata[0]}: worth %{y:.3f}, answer: %{customdata[1]}<br>%{customdata[2]}"
        "<extra></extra>",
    }  # fmt: skip


def ring_trace(summary: Summary, side: int, panel: Panel) -> list[Spec]:
    """A ring around each accepted offer."""
    taken = [offer for offer in summary["plane"]["offers"] if offer["answer"] == "accept"]
    if not taken:
        return []
    return [
        {
            "type": "scatter", "mode": "markers", "name": "accepted", "showlegend": side == 0, "hoverinfo": "skip",
            "x": [moment(summary, offer) for offer in taken], "y": [offer["worth"][side] for offer in taken],
            "xaxis": panel.x, "yaxis": panel.y, "cliponaxis": False,
            "marker": {"symbol": "circle-open", "size": 18, "color": DEAL, "line": {"color": DEAL, "width": 2}},
        }
    ]  # fmt: skip


def axes(summary: Summary, side: int, panel: Panel) -> Spec:
    """One panel's axes: the window as far as there are offers, and the worths with the reservation among them."""
    found, dates = summary["plane"], summary["time"]["dates"]
    last = found["offers"][-1]["step"]
    end = min(len(dates) - 1, max(3, math.ceil(1.1 * (last + 2))))
    span = [dates[0], dates[end]] if dated(summary) else [0, end]
    across = time_axis(summary, domain=panel.across, anchor=panel.y, nticks=5, showgrid=False) | {"range": span}
    if not dated(summary):
        across |= whole(end, 8)
    values = [offer["worth"][side] for offer in found["offers"]] + [found["reservation"][side]]
    low, high = min(values), max(values)
    margin = max(0.15 * (high - low), 0.03)
    up = axis(domain=panel.down, anchor=panel.x, nticks=6, range=[low - margin, high + margin], automargin=False)
    return {axis_key(panel.x): across, axis_key(panel.y): up}
