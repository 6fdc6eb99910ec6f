"""Charts of a sweep: where which outcome is common, along which axis it changes, and where the base case stands."""

from __future__ import annotations

from sim.charts.sweep_axes import played
from sim.charts.sweep_lines import lines
from sim.charts.sweep_maps import likeliest, maps, multiples
from sim.charts.sweep_strands import strands
from sim.charts.theme import Chart, Summary


def charts(summary: Summary, narrow: bool = False) -> dict[str, Chart]:
    """The charts that a sweep has something to show in, by name."""
    if not played(summary):
        return {}
    if len(summary["axes"]) == 1:
        return {"lines": lines(summary, narrow)}
    found = {
        "lines": lines(summary, narrow),
        "maps": maps(summary, narrow),
        "multiples": multiples(summary, narrow),
        "likeliest": likeliest(summary, narrow),
        "parallel": strands(summary, narrow),
    }
    return {name: chart for name, chart in found.items() if chart is not None}
