"""Every chart of a summary, in the report's order."""

from collections.abc import Callable, Mapping
from typing import Any

import plotly.graph_objects as go

from sim.charts import (
    alternatives,
    chance,
    dance,
    effects,
    fans,
    flow,
    lasting,
    overtime,
    plane,
    shares,
    spreads,
    terms,
)
from sim.charts.text import label, lines_in
from sim.charts.theme import INK, SOFT, Chart, Summary

# The order tells a story: what happens, when, on which terms, will it last, why not, who gains, the world, the numbers.
CHARTS: dict[str, Callable[[Summary, bool], Chart | None]] = {
    "outcomes": shares.outcomes,
    "questions": shares.questions,
    "over_time": overtime.over_time,
    "flow": flow.flow,
    "agreement": overtime.agreement,
    "terms": terms.terms,
    "concessions": spreads.concessions,
    "lasting": lasting.lasting,
    "broken": lasting.broken,
    "causes": shares.causes,
    "causes_tested": shares.causes_tested,
    "payoffs": spreads.payoffs,
    "alternatives": alternatives.alternatives,
    "plane": plane.plane,
    "dance": dance.dance,
    "beliefs": fans.beliefs,
    "variables": fans.variables,
    "communities": fans.communities,
    "variance": chance.variance,
    "mechanisms": effects.mechanisms,
    "assumptions": spreads.assumptions,
}


TOP, FOOT = 26, 14
WIDTH, LETTERS = 1000, 72  # of a picture in pixels, and of its title


def charts(summary: Summary, narrow: bool = False) -> dict[str, Chart]:
    """The charts that have something to show, by name; `narrow` lays them out for a telephone."""
    found = {name: draw(summary, narrow) for name, draw in CHARTS.items()}
    return {name: chart for name, chart in found.items() if chart is not None}


def figures(summary: Summary) -> dict[str, go.Figure]:
    """The charts as Plotly figures that stand alone, with title and subtitle in the picture."""
    return drawn(charts(summary))


def drawn(charts: Mapping[str, Chart], width: int = WIDTH) -> dict[str, go.Figure]:
    """Charts as Plotly figures that stand alone, with words that fit a picture of ``width`` pixels."""
    letters = LETTERS * min(width, WIDTH) // WIDTH
    return {name: go.Figure(titled(chart, letters)) for name, chart in charts.items()}


def titled(chart: Chart, letters: int = LETTERS) -> dict[str, Any]:
    """A chart's traces and layout with its words above the plot, so many letters of the title to a line."""
    title, subtitle = label(chart.title, letters), label(chart.subtitle, 3 * letters // 2)
    above = lines_in(title) * 24 + lines_in(subtitle) * 18 + 30
    shape = dict(chart.layout)
    shape["margin"] = shape["margin"] | {"t": shape["margin"]["t"] + above}
    shape["margin"]["b"] += FOOT
    shape["height"] = shape["height"] + above + FOOT
    shape["title"] = {
        "text": f'<b>{title}</b><br><span style="font-size:13px;color:{SOFT}">{subtitle}</span>',
        "x": 0,
        "xref": "container",
        "xanchor": "left",
        "y": 1 - TOP / shape["height"],
        "yref": "container",
        "yanchor": "top",
        "pad": {"l": 16},
        "font": {"size": 18, "color": INK},
    }
    return {"data": chart.data, "layout": shape}
