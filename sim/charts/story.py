"""A traced draw as a picture: every offer in both parties' measure, what each would have taken, other events."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from sim.charts.figures import titled
from sim.charts.overtime import LEVELS, apart, ordinal
from sim.charts.page import SCRIPT
from sim.charts.report import PROMISE, head, inert, spec
from sim.charts.shares import below_legend
from sim.charts.text import clean, day, label, lines_in, page, quoted
from sim.charts.theme import (
    INK,
    PARTY_COLOURS,
    PARTY_SYMBOLS,
    SOFT,
    Chart,
    Panel,
    Spec,
    axis,
    axis_key,
    grid,
    layout,
    note,
    quiet,
    segment,
)

DEAL = "#117733"
PLOT = 240
WIDE, NARROW, LETTER, NUMBER = 900, 310, 7, 12  # pixels: a panel's width, that of a letter, a number's height
WORDS = {
    "breach": "{} breaks the deal",
    "reopening": "{} reopens the talks",
    "exit": "{} leaves",
    "accepted": "{} accepts the offer that stands",
    "ratified": "the deal is ratified and in force",
    "failed_ratification": "the deal fails at home",
    "expiry": "the deal has run out",
    "collapse": "the talks collapse",
    "deadline": "the deadline passes",
    "revoked": "{} falls back from the interim deal",
    "unforeseen": "{} did not think that possible",
}
AT_THE_TABLE = ("offer", "no_offer", "no_meeting", "end")
ENDS = ("breach", "reopening", "expiry", "collapse")

Story = Mapping[str, Any]
Names = Mapping[str, str]


def figure(story: Story, names: Names | None = None) -> go.Figure:
    """The figure of a draw's story, as `sim.agents.trace` gives it: a panel for each party, over time.

    `names` holds labels of parties, third parties and outcomes by id; an id without one stands for itself.
    """
    drawn = chart(story, names or {})
    words, height = listed(story, names or {})
    below = drawn.layout["margin"]["b"]
    drawn.layout["annotations"] += [entry | {"yshift": entry["yshift"] - below + 8} for entry in words]
    drawn.layout["margin"]["b"] += height
    drawn.layout["height"] += height
    return go.Figure(titled(drawn, 96))


def chart(story: Story, names: Names, *, narrow: bool = False) -> Chart:
    """Offers as marks at what they were worth, what each would have taken as lines, other events as numbered lines."""
    parties = list(story["reservations"][0]["least"])
    panels, total = grid([PLOT] * 2, 1, 62 if narrow else 30, 62, 0.0)
    shape = layout(
        total,
        below=150 if narrow else 84,
        left=44,
        right=20,
        annotations=[],
        shapes=[],
        showlegend=True,
        legend=below_legend(total, 42, narrow),
    )
    data: list[Spec] = []
    for side, (panel, party) in enumerate(zip(panels, parties, strict=True)):
        data += [reservation(story, party, panel, first=side == 0), *offers(story, parties, party, panel, names)]
        shape |= axes(story, party, panel)
        at = {"xref": f"{panel.x} domain", "yref": f"{panel.y} domain", "yanchor": "bottom", "yshift": 14}
        unit = f"{'<br>' if narrow else ' '}(1 = its best-minus-worst flow)"
        text = f"<b>{label(f'worth to {named(party, names)}', 34 if narrow else 90, 2)}</b>{unit}"
        shape["annotations"].append(note(text, 0, 1, font=quiet(13, INK), borderpad=0, **at))
        lines, numbers = marks(others(story), panel, moments(story), NARROW if narrow else WIDE)
        shape["shapes"] += [*in_force(story, panel), *lines]
        shape["annotations"] += numbers
    subtitle = f"draw {story['draw']}, seed {story['seed']}: one history, which has no interval; shaded: a deal holds"
    return Chart(title(story, names), f"{subtitle}; dotted: what else happened", data, shape)


def others(story: Story) -> list[Mapping[str, Any]]:
    """What happened beside offers."""
    return [event for event in story["events"] if event["kind"] not in AT_THE_TABLE]


def in_force(story: Story, panel: Panel) -> list[Spec]:
    """The times at which a deal holds, shaded."""
    spans: list[list[Any]] = []
    for event in story["events"]:
        if event["kind"] == "ratified":
            spans.append([moment(event), moments(story)[1]])
        elif event["kind"] in ENDS and spans:
            spans[-1][1] = min(spans[-1][1], moment(event))
    shade = {"type": "rect", "xref": panel.x, "yref": f"{panel.y} domain", "y0": 0, "y1": 1, "layer": "below"}
    return [shade | {"x0": a, "x1": b, "fillcolor": "rgba(17,119,51,0.09)", "line": {"width": 0}} for a, b in spans]


def named(key: str | None, names: Names) -> str:
    """What a party, third party or outcome is called."""
    return clean(names.get(key or "", key or "nobody"))


def title(story: Story, names: Names) -> str:
    """How many offers, how many of them accepted, and how the draw ends."""
    made = [event for event in story["events"] if event["kind"] == "offer"]
    taken = sum(event["answer"] == "accept" for event in made)
    count = f"{len(made)} offer{'' if len(made) == 1 else 's'}, {taken} accepted"
    return f"One draw told: {count}; ends as {quoted(named(story['outcome'], names), 60)}"


def moment(entry: Mapping[str, Any]) -> Any:
    """Where an entry stands on the time axis: its date, or a number where there is no calendar."""
    text = clean(entry["date"])
    return text if "-" in text else int(text)


def moments(story: Story) -> list[Any]:
    """The first and the last moment of the story; the first is never the last."""
    found = [moment(event) for event in (*story["reservations"], *story["events"])]
    return [min(found), max(found)]


def reservation(story: Story, party: str, panel: Panel, *, first: bool) -> Spec:
    """The least that one party would take in each step of talks; the line breaks where nobody talks."""
    x: list[Any] = []
    y: list[float | None] = []
    before = None
    for row in story["reservations"]:
        if before is not None and row["step"] > before + 1:
            x, y = [*x, x[-1]], [*y, None]
        x, y, before = [*x, moment(row)], [*y, row["least"][party]], row["step"]
    return {
        "type": "scatter", "mode": "lines+markers", "name": "least it would take", "showlegend": first,
        "x": x, "y": y, "xaxis": panel.x, "yaxis": panel.y, "line": {"color": DEAL, "dash": "dash", "width": 1.6},
        "marker": {"size": 3, "color": DEAL}, "hovertemplate": "%{x}: would take %{y:.3f}<extra></extra>",
    }  # fmt: skip


def offers(story: Story, parties: Sequence[str], to: str, panel: Panel, names: Names) -> list[Spec]:
    """The offers of each party at their worth to the party `to`, and a ring around each that was accepted."""
    made = [event for event in story["events"] if event["kind"] == "offer"]
    first = to == parties[0]
    on = {"type": "scatter", "mode": "markers", "xaxis": panel.x, "yaxis": panel.y, "cliponaxis": False}
    traces: list[Spec] = []
    for place, party in enumerate(parties):
        own = [event for event in made if event["actor"] == party]
        traces.append(
            on
            | {
                "name": f"offer by {label(named(party, names), 50)}",
                "showlegend": first,
                "x": [moment(event) for event in own],
                "y": [event["worth"][to] for event in own],
                "marker": {"symbol": PARTY_SYMBOLS[place], "size": 9, "color": PARTY_COLOURS[place]},
                "customdata": [[clean(event["answer"]), terms(event["offer"])] for event in own],
                "hovertemplate": "%{x}: worth %{y:.3f}, answer: %{customdata[0]}<br>%{customdata[1]}<extra></extra>",
            }
        )
    taken = [event for event in made if event["answer"] == "accept"]
    ring = {"symbol": "circle-open", "size": 18, "color": DEAL, "line": {"color": DEAL, "width": 2}}
    points = {"x": [moment(event) for event in taken], "y": [event["worth"][to] for event in taken]}
    rings = on | points | {"name": "accepted", "showlegend": first, "marker": ring, "hoverinfo": "skip"}
    return [*traces, rings] if taken else traces


def terms(offer: Mapping[str, Any]) -> str:
    """An offer's terms, for a hover text."""
    values = {key: f"{value:.4g}" if isinstance(value, float) else clean(value) for key, value in offer.items()}
    return label("; ".join(f"{clean(key)}: {value}" for key, value in values.items()), 80)


def axes(story: Story, party: str, panel: Panel) -> Spec:
    """One panel's axes: the story's span, and all worths with the reservation among them."""
    low, high = moments(story)
    across = axis(type="date") if isinstance(low, str) else axis("step", dtick=1 if high - low < 12 else None)
    across |= {"domain": panel.across, "anchor": panel.y, "showgrid": False}
    made = [event["worth"][party] for event in story["events"] if event["kind"] == "offer"]
    values = [*made, *(row["least"][party] for row in story["reservations"])]
    margin = max(0.1 * (max(values) - min(values)), 0.03)
    up = axis(domain=panel.down, anchor=panel.x, nticks=6, range=[min(values) - margin, max(values) + margin])
    return {axis_key(panel.x): across, axis_key(panel.y): up}


def told(event: Mapping[str, Any], names: Names) -> str:
    """One event in words."""
    if event["kind"] == "move":
        actor, what = named(event["actor"], names), clean(event["reason"])
        return what if actor in what else f"{actor}: {what}"
    if event["kind"] == "succession":
        return clean(event["reason"])
    if event["kind"] == "interim":
        came = "and it is agreed" if event["answer"] == "accept" else "in vain"
        return f"{named(event['actor'], names)} proposes an interim deal, {came}"
    words: str = WORDS.get(event["kind"], event["kind"].replace("_", " "))
    return words.format(named(event["actor"], names))


def listed(story: Story, names: Names) -> tuple[list[Spec], int]:
    """The numbered events in words, to stand under a plot, and the pixels they take."""
    words: list[Spec] = []
    down = 0
    for place, event in enumerate(others(story), start=1):
        text = label(f"{day(event['date'])}: {told(event, names)}", 110)
        at = {"xref": "paper", "yref": "paper", "yanchor": "top", "yshift": -down, "borderpad": 0}
        words.append(note(f"<b>{place}</b>", 0, 0, font=quiet(12, INK), **at))
        words.append(note(text, 0, 0, font=quiet(12), xshift=24, **at))
        down += lines_in(text) * 16 + 2
    return words, down + 12 if words else 0


def marks(
    events: Sequence[Mapping[str, Any]], panel: Panel, span: Sequence[Any], wide: int
) -> tuple[list[Spec], list[Spec]]:
    """The events' lines in one panel so many pixels ``wide``, with the numbers of those of one moment above it.

    A number that would run into another stands lower, inside the panel.
    """
    together: dict[Any, list[str]] = {}
    for place, event in enumerate(events, start=1):
        together.setdefault(moment(event), []).append(str(place))
    words = [",".join(each) if len(each) < LEVELS else f"{each[0]}-{each[-1]}" for each in together.values()]
    first, last = map(ordinal, span)
    spans = []
    for at, text in zip(together, words, strict=True):
        half = LETTER * (len(text) + 1) / 2
        middle = wide * (ordinal(at) - first) / max(last - first, 1) - (half if at == span[1] else 0)
        spans.append((middle - half, middle + half))
    lines, numbers = [], []
    for at, text, level in zip(together, words, apart(spans), strict=True):
        on = {"xref": panel.x, "yref": f"{panel.y} domain"}
        lines.append(segment([at, at], [0, 1], SOFT, line={"dash": "dot"}, layer="below", **on))
        anchor = "right" if at == span[1] else "center"
        number = note(text, at, 1, xanchor=anchor, yanchor="bottom", borderpad=0, **on)
        numbers.append(number | {"yshift": 1 - NUMBER * level, "font": quiet(10, INK)})
    return lines, numbers


def html(story: Story, names: Names, scenario: str, why: str = "") -> str:
    """The chart and the numbered events as one page: it asks nothing of the network and fits a telephone too.

    ``scenario`` is its title, ``why`` says of a draw without a deal why there is none.
    """
    drawn = {shape: chart(story, names, narrow=shape == "narrow") for shape in ("wide", "narrow")}
    wide = drawn["wide"]
    library = get_plotlyjs()
    items = "".join(f"<li>{page(day(event['date']))}: {page(told(event, names))}</li>\n" for event in others(story))
    specs = {"story": {key: spec(row) for key, row in drawn.items()}}
    return "".join(
        (
            head({"title": f"{wide.title}: {scenario}"}, (library, SCRIPT)),
            f'<body>\n<header>\n<p class="kind">One draw of a scenario</p>\n<h1>{page(scenario)}</h1>\n',
            f'<p class="caveat">{PROMISE}</p>\n</header>\n',
            f'<main>\n<section id="story">\n<h2>{page(wide.title)}</h2>\n',
            f'<p class="based">{page(wide.subtitle)}</p>\n',
            f'<div class="chart" id="chart-story" role="img" aria-label="{page(wide.title)}" ',
            f'style="height:{wide.layout["height"]}px"></div>\n',
            f'<p class="read">{page(why)}</p>\n' if why else "",
            f'<h3>What else happened</h3>\n<ol class="read">{items}</ol>\n</section>\n</main>\n',
            f'<script type="application/json" id="charts">{inert(specs)}</script>\n',
            f"<script>{library}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        )
    )
