"""What decides an outcome: the parameters, or chance along the path."""

from typing import Any

from sim.charts.shares import Row, bars, below_legend, figure_trace
from sim.charts.text import GLUE, percent
from sim.charts.theme import ACCENT, FILL, Chart, Spec, Summary, based_on


def variance(summary: Summary, narrow: bool) -> Chart | None:
    """Parameters against path chance: how much of each outcome's variance either decides."""
    found = varying(summary)
    if not found:
        return None
    rows = [row_of(summary["outcomes"][key]["label"], row) for key, row in found]
    data, shape = bars(rows, narrow, "share of the outcome's variance")
    middles = data[0]["y"]
    figures = [figure(row) for _, row in found]
    named = data[0] | {"name": "the parameters", "showlegend": True}
    ends = figure_trace([row._replace(high=1.0) for row in rows], middles, figures, showlegend=False)
    shape["xaxis"] |= {"range": [0, 1.42 if narrow else 1.25], "tickvals": [0, 0.25, 0.5, 0.75, 1]}
    below = 64 if narrow else 44
    shape |= {"barmode": "overlay", "showlegend": True, "height": shape["height"] + below}
    shape["margin"] = shape["margin"] | {"b": shape["margin"]["b"] + below}
    shape["legend"] = below_legend(shape["height"] - shape["margin"]["t"] - shape["margin"]["b"], 52, narrow) | {
        "traceorder": "reversed"
    }
    return Chart(title(summary), subtitle(summary), [behind(len(rows), middles), named, ends], shape)


def varying(summary: Summary) -> list[tuple[str, Spec]]:
    """The outcome classes that vary at all, in the scenario's order."""
    return [(key, row) for key, row in (summary.get("variance") or {}).items() if row["total"] > 0]


def row_of(label: str, row: Spec) -> Row:
    """The parameters' share as a bar; an estimate below 0 is drawn as 0."""
    low, high = (min(1.0, max(0.0, row["share"] + sign * 1.96 * row["share_se"])) for sign in (-1, 1))
    share = min(1.0, max(0.0, row["share"]))
    return Row(label, share, min(low, share), max(high, share), ACCENT)


def figure(row: Spec) -> str:
    """The parameters' share with its error."""
    return f"{percent(max(0.0, row['share']))} ± {196 * row['share_se']:.1f}"


def behind(count: int, at: list[float]) -> Spec:
    """The whole variance, of which the front bar takes the parameters' part."""
    return {
        "type": "bar",
        "orientation": "h",
        "name": "chance along the path",
        "x": [1.0] * count,
        "y": at,
        "width": 18,
        "marker": {"color": [FILL] * count},
        "hoverinfo": "skip",
    }


def of_all(summary: Summary) -> float:
    """Chance's share of the variance of all classes together."""
    rows = [row for _, row in varying(summary)]
    return float(sum(row["path"] for row in rows) / sum(row["total"] for row in rows))


def title(summary: Summary) -> str:
    """The share of both, in words; the parameters' where it is more than its error, at its largest, lets pass for 0."""
    share, rows = of_all(summary), [row for _, row in varying(summary)]
    if 1 - share <= 1.96 * sum(row["se"] for row in rows) / sum(row["total"] for row in rows):
        return "What decides the outcome: chance along the path; the parameters' part cannot be told from none"
    return f"What decides the outcome: chance along the path {percent(share)}, the parameters {percent(1 - share)}"


def subtitle(summary: Summary) -> str:
    """What the groups are, and how often they end differently."""
    groups, paths = summary["draws"] // summary["paths"], summary["paths"]
    apart: Any = summary["divided"]
    often = f"{percent(apart['probability'])}{GLUE}±{GLUE}{196 * apart['se']:.1f}"
    return based_on(
        summary,
        f"{groups:,} draws of the parameters with {paths} paths each",
        f"two paths of the same parameters end differently in {often}",
        "whiskers: 95 % by the jackknife",
    )
