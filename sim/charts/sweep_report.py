"""One offline page for a sweep: its charts, a table of its points, what failed, and what it rests on."""

from __future__ import annotations

from typing import Any

from plotly.offline import get_plotlyjs

from sim.charts import sweep_axes, sweeps
from sim.charts.page import SCRIPT
from sim.charts.report import PROMISE, footer, head, inert, section, spec
from sim.charts.text import number, page, percent
from sim.charts.theme import Spec, Summary

READING = {
    "multiples": "The same map once for each value of a third axis: what changes between panels hangs on it.",
    "lines": "Each panel is one thing that was varied. A line is the share of draws that end in a class; the wider its "
    "band, the more it hangs on something else.",
    "line": "A line is the share of draws that end in a class. The band is what the number of draws leaves open.",
    "maps": "Each panel is one class: bright where it is common, dark where it is rare.",
    "likeliest": "Each square is coloured by the class that is likeliest there. Pale squares are close calls.",
    "parallel": "Follow a line down: what was set, and which shares came out. Where lines of one shade bundle on a "
    "rail, the outcome hangs on it; where all shades cross everywhere, it does not.",
}
MOST_ROWS = 500


def render(summary: Summary) -> str:
    """The whole page: the same, byte for byte, for the same summary."""
    library = get_plotlyjs()
    wide, narrow = sweeps.charts(summary), sweeps.charts(summary, narrow=True)
    specs = {name: {"wide": spec(wide[name]), "narrow": spec(narrow[name])} for name in wide}
    sections = "".join(section(name, chart, [], _reading(name, summary)) for name, chart in wide.items())
    return "".join(
        (
            head(summary, (library, SCRIPT)),
            f"<body>\n{_opening(summary)}<main>\n{sections}{_failures(summary)}{_table(summary)}</main>\n",
            footer({**summary, "paths": 1}),
            f'<script type="application/json" id="charts">{inert(specs)}</script>\n',
            f"<script>{library}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        )
    )


def _reading(name: str, summary: Summary) -> str:
    """How to read a chart; over one axis a band of lines is error alone."""
    return READING["line" if name == "lines" and len(summary["axes"]) == 1 else name]


def _opening(summary: Summary) -> str:
    axes = "".join(
        f"<li>{page(sweep_axes.words_of(place))} <code>{page(' + '.join(place['paths']))}</code></li>"
        for place in summary["axes"]
    )
    return (
        f'<header>\n<p class="kind">Sweep · {page(summary["scenario"])}</p>\n<h1>{page(summary["title"])}</h1>\n'
        f'<p class="about">{page(sweep_axes.based(summary))}. Varied:</p>\n<ul>{axes}</ul>\n'
        f'<p class="caveat">{PROMISE}</p>\n'
        "<noscript><p>The charts need JavaScript; every number in them also stands in the table.</p></noscript>\n"
        "</header>\n"
    )


def _failures(summary: Summary) -> str:
    items = [f"<li>{_point(row)}: {page(row['reason'])}</li>" for row in summary["failures"]]
    more = summary["points"] - summary["done"] - sum(row["point"] >= 0 for row in summary["failures"])
    if more:
        items.append(f"<li>{more:,} points more; points.csv has every reason.</li>")
    for same in summary["alike"]:
        names = ", ".join(map(str, same))
        items.append(f"<li>Points {names} are the same game: what was varied did not reach the model.</li>")
    if not items:
        return ""
    return f"<section>\n<h2>What did not come out</h2>\n<ul>{''.join(items)}</ul>\n</section>\n"


def _point(row: Spec) -> str:
    return "The base case" if row["point"] < 0 else f"Point {row['point']}"


def _table(summary: Summary) -> str:
    paths = [path for place in summary["axes"] for path in place["paths"]]
    labels = [words for place in summary["axes"] for words in place["labels"]]
    heads = [f'<th title="{page(path)}">{page(words)}</th>' for path, words in zip(paths, labels, strict=True)]
    heads += [f"<th>{page(words)}</th>" for words in summary["outcomes"].values()]
    top = "".join(("<th>Point</th>", *heads))
    rows = []
    for row in summary["rows"][:MOST_ROWS]:
        name = "base case" if row["point"] < 0 else str(row["point"])
        cells = [name, *(_setting(row[path]) for path in paths)]
        cells += [percent(row[f"outcome.{key}"]) for key in summary["outcomes"]]
        rows.append("<tr>" + "".join(f"<td>{page(cell)}</td>" for cell in cells) + "</tr>")
    more = summary["points"] + 1 - MOST_ROWS
    rest = f"<p>{more:,} more rows stand in points.csv.</p>" if more > 0 else ""
    return (
        "<section>\n<h2>The points</h2>\n<details><summary>The numbers</summary>"
        f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
        f"{rest}</details>\n</section>\n"
    )


def _setting(value: Any) -> str:
    return "" if value is None else number(value) if isinstance(value, float) else str(value)
