"""Which draws end differently in a variant: a flow from the classes of one game to those of the other."""

from __future__ import annotations

from sim.analysis.outcomes import wilson
from sim.charts.text import escape, glued, interval, label, percent, quoted
from sim.charts.theme import CLASS_COLOURS, FONT, INK, Chart, Spec, Summary, layout

ABOVE = 24  # pixels above the bars, for the buttons


def changes(found: Summary, row: Spec, narrow: bool = False) -> Chart:
    """The flow of draws between outcome classes, from the first game to a variant."""
    keys = list(found["outcomes"])
    size = len(keys)
    colours = [CLASS_COLOURS[place % len(CLASS_COLOURS)] for place in range(size)]
    flows, draws = row["flows"], row["draws"]
    nodes = {
        "label": [_node(found, key, end, flows, narrow=narrow) for end in ("start", "end") for key in keys],
        "color": colours * 2,
        "pad": 18,
        "thickness": 16,
        "line": {"width": 0},
    }
    links = {
        "source": [keys.index(each["start"]) for each in flows],
        "target": [size + keys.index(each["end"]) for each in flows],
        "value": [each["draws"] for each in flows],
        "color": [_pale(colours[keys.index(each["end"])]) for each in flows],
    }
    words = {"hoverinfo": "all", "textfont": {"size": 12, "color": INK, "family": FONT}}
    data = [{"type": "sankey", "arrangement": "fixed", "node": nodes, "link": links, **words}]
    title = f"{percent(row['changed'])} of the draws end differently with {quoted(row['name'], 60)}"
    apart = draws / found["paths"]  # flows do not tell which draws share their parameters: the interval at its widest
    span = interval(*wilson(row["changed"] * apart, apart))
    subtitle = f"{draws:,} draws; seed {found['seed']}; the same chance in both; 95 % Wilson interval of those that "
    subtitle += f"end differently {span}; left: {found['of']}"
    shape = layout((320 if narrow else 380) + ABOVE, below=30, left=20, right=20)
    shape["margin"]["t"] += ABOVE
    return Chart(title, glued(f"{subtitle}, right: the variant"), data, shape)


def _node(found: Summary, key: str, end: str, flows: list[Spec], *, narrow: bool) -> str:
    """A class, and the share of draws that start or end in it; on a narrow page the right has its colour for a name."""
    share = sum(each["draws"] for each in flows if each[end] == key) / sum(each["draws"] for each in flows)
    if narrow and end == "end":
        return escape(percent(share))
    return f"{label(found['outcomes'][key], 30 if narrow else 40, 2)} {escape(percent(share))}"


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.4)"
