"""One page for a report: its charts, its tables, the machine; it asks nothing of the network."""

from __future__ import annotations

from html import escape
from importlib import import_module
from typing import Any

from plotly.offline import get_plotlyjs

from benchmarks import charts
from benchmarks.limit import LEFT_OUT
from sim.charts.page import SCRIPT
from sim.charts.report import head, inert, section, spec
from sim.charts.text import page

READING = {
    "ahead": "Each ratio is taken within one repeat, one program right after the other, so that other work on the "
    "machine weighs on both. Where a bar is long, the machine was busy. Both play the same games to the same ends.",
    "limit": "How long the array rules take where a loop written by hand for one kind of game, and compiled, takes 1. "
    "Both start from the same numbers and the same chance and come to the same results. " + LEFT_OUT,
    "speed": "Small runs pay for starting; then the line is flat. 'play' is the driver alone, 'run' everything that "
    "parley run does, its report and its files included.",
    "memory": "What grows with draws is the memory of the columns that are kept; what a batch needs while it is "
    "played does not.",
    "cost": "Everything but the named thing is as in the base case. Steps are those of the window, played or not: a "
    "draw that has ended costs nothing more.",
    "cold": "The first command after a pause also pays for reading files from the disk; that one is not counted.",
}


def render(report: dict[str, Any]) -> str:
    """Return the whole page."""
    library = get_plotlyjs()
    wide, narrow = charts.charts(report["parts"]), charts.charts(report["parts"], narrow=True)
    specs = {name: {"wide": spec(wide[name]), "narrow": spec(narrow[name])} for name in wide}
    sections = "".join(section(name, chart, [], READING[name]) for name, chart in wide.items())
    return "".join(
        (
            head({"title": "How fast, and how far from the limit"}, (library, SCRIPT)),
            f"<body>\n{_opening(report)}<main>\n{sections}{_tables(report)}</main>\n",
            f'<script type="application/json" id="charts">{inert(specs)}</script>\n',
            f"<script>{library}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        )
    )


def _opening(report: dict[str, Any]) -> str:
    facts = "; ".join(f"{key} {value}" for key, value in report["machine"].items())
    return (
        '<header>\n<p class="kind">Benchmarks</p>\n<h1>How fast, and how far from the limit</h1>\n'
        f'<p class="about">Parley {page(report["version"])}, effort {page(report["effort"])}. A figure belongs to the '
        f'machine and the load it was taken under.</p>\n<p class="caveat">{page(facts)}</p>\n'
        "<noscript><p>The charts need JavaScript; every number in them also stands in the tables.</p></noscript>\n"
        "</header>\n"
    )


def _tables(report: dict[str, Any]) -> str:
    """Return what the terminal showed, part by part."""
    parts = "".join(
        f'<div class="scroll"><pre>{escape(import_module(f"benchmarks.{name}").told(found))}</pre></div>'
        for name, found in report["parts"].items()
    )
    opened = f"<details open><summary>Tables</summary>{parts}</details>"
    return f"<section>\n<h2>The numbers</h2>\n{opened}\n</section>\n"
