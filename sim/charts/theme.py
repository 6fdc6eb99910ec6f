"""One look for every chart: colours, type, axes, and a grid of panels measured in pixels."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sim.charts.text import clean, glued, label

Spec = dict[str, Any]
Summary = Mapping[str, Any]

# Ten colours told apart with every common kind of colour blindness: the muted scheme of Tol (2021), ordered so that
# neighbours in a stack also differ in lightness.
CLASS_COLOURS = (
    "#332288", "#88CCEE", "#117733", "#DDCC77", "#882255", "#CC6677", "#44AA99", "#AA4499", "#999933", "#AAAAAA",
)  # fmt: skip
PARTY_COLOURS = ("#0072B2", "#D55E00")
PARTY_SYMBOLS = ("circle", "square")
INK, SOFT, RULE, FILL, ACCENT = "#1f2430", "#5b6472", "#e3e6eb", "#c9d6ea", "#2f5d9b"
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
FEW_DRAWS = 1000


class Chart(NamedTuple):
    """One chart before it is drawn: words in plain text, traces and layout as Plotly reads them."""

    title: str
    subtitle: str
    data: list[Spec]
    layout: Spec


class Panel(NamedTuple):
    """One cell of a grid: the names of its axes and the part of the plot it covers, as fractions."""

    x: str
    y: str
    across: list[float]
    down: list[float]


def colours(summary: Summary) -> dict[str, str]:
    """Each outcome class's one colour, the same in every chart."""
    return {key: CLASS_COLOURS[place % len(CLASS_COLOURS)] for place, key in enumerate(summary["outcomes"])}


def based_on(summary: Summary, *notes: str) -> str:
    """The subtitle: how many draws, which seed, what the marks mean; few draws are said to be few."""
    draws = summary["draws"]
    few = " (few: read the bars, not the digits)" if draws < FEW_DRAWS else ""
    return glued("; ".join((f"{draws:,} draws{few}", f"seed {summary['seed']}", *notes)))


def layout(plot_height: int, below: int = 44, right: int = 16, left: int = 16, **more: Any) -> Spec:
    """A layout with a plot of so many pixels in height and so many pixels below it."""
    return {
        "template": {"layout": {"autotypenumbers": "strict"}},
        "height": plot_height + below + 12,
        "margin": {"l": left, "r": right, "t": 12, "b": below, "pad": 0},
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "hovermode": "closest",
        "hoverlabel": {"align": "left", "bgcolor": "#ffffff", "font": {"family": FONT, "color": INK, "size": 13}},
        "showlegend": False,
        "bargap": 0,
        "dragmode": False,
        "modebar": {"bgcolor": "rgba(255,255,255,0)", "color": "#c3cad6", "activecolor": SOFT},
    } | more


def axis(title: str = "", **more: Any) -> Spec:
    """An axis with thin rules, quiet ticks and its unit in the title."""
    return {
        "title": {"text": title, "font": {"size": 12, "color": SOFT}, "standoff": 10},
        "gridcolor": RULE,
        "linecolor": RULE,
        "zeroline": False,
        "tickfont": {"size": 12, "color": SOFT},
        "fixedrange": True,
        "automargin": True,
    } | more


def share_axis(top: float, **more: Any) -> Spec:
    """An axis of percentages from nought to `top`."""
    return axis(more.pop("title", ""), range=[0, top], tickformat=".0%", nticks=6, **more)


def hidden_axis(pixels: float, **more: Any) -> Spec:
    """A vertical axis whose unit is the pixel, counted from the top: rows stand where they are put."""
    return axis(range=[pixels, 0], showgrid=False, showticklabels=False, **more)


def dated(summary: Summary) -> bool:
    """Whether the steps have dates: a window of bare rounds has none, even with a start."""
    return "-" in str(summary["time"]["dates"][0])


def length_of_step(summary: Summary) -> str:
    """How long a step is, in words: `one month`, `0.25 years`."""
    step = label(summary["time"]["step"])
    return step if step[:1].isdigit() else f"one {step}"


def time_axis(summary: Summary, **more: Any) -> Spec:
    """The axis of the window: dates where the scenario has them, else steps."""
    dates = summary["time"]["dates"]
    if not dated(summary):
        last = max(len(dates) - 1, 1)
        ticks = whole(last, more.pop("nticks", 12))
        return axis(f"step ({length_of_step(summary)} each)", range=[0, last], **ticks | more)
    return axis(type="date", range=[dates[0], dates[-1]], **more)


def whole(last: int, most: int = 12) -> Spec:
    """Ticks at whole numbers from nought to `last`, not many more than `most`."""
    return {"tick0": 0, "dtick": max(1, -(-last // most))}


def moments(summary: Summary) -> list[Any]:
    """Where the steps stand on the time axis: ISO dates, or step numbers."""
    dates = summary["time"]["dates"]
    return [clean(value) for value in dates] if dated(summary) else list(range(len(dates)))


def note(text: str, x: Any, y: Any, **more: Any) -> Spec:
    """Words at a place in a chart; `text` is already escaped."""
    return {"text": text, "x": x, "y": y, "showarrow": False, "align": "left", "xanchor": "left"} | more


def quiet(size: int = 12, colour: str = SOFT) -> Spec:
    """A small, quiet type."""
    return {"size": size, "color": colour}


def segment(x: Sequence[Any], y: Sequence[Any], colour: str, **more: Any) -> Spec:
    """A straight line in the plot."""
    line = {"color": colour, "width": 1} | more.pop("line", {})
    return {"type": "line", "x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1], "line": line} | more


def grid(
    heights: Sequence[int], columns: int, heading: int | Sequence[int], below: int, aside: float
) -> tuple[list[Panel], int]:
    """Panels in order, each put into the shortest column so far (the leftmost of equals).

    `heights`, `heading` (above a panel) and `below` (under it, for ticks) are pixels, `aside` a fraction of the width.
    Returns the panels and the height of all in pixels.
    """
    headings = [heading] * len(heights) if isinstance(heading, int) else heading
    ends = [0] * columns
    placed: list[tuple[int, int, int]] = []
    for height, above in zip(heights, headings, strict=True):
        column = ends.index(min(ends))
        top = ends[column] + above
        placed.append((column, top, top + height))
        ends[column] = top + height + below
    total = max(ends) - below
    wide = (1 - aside * (columns - 1)) / columns
    panels = []
    for place, (column, top, bottom) in enumerate(placed, start=1):
        mark = "" if place == 1 else str(place)
        left = column * (wide + aside)
        down = [max(0.0, 1 - bottom / total), 1 - top / total]
        panels.append(Panel(f"x{mark}", f"y{mark}", [left, min(1.0, left + wide)], down))
    return panels, total


def axis_key(name: str) -> str:
    """The layout's key of an axis: `x2` stands under `xaxis2`."""
    return f"{name[0]}axis{name[1:]}"
