"""The terms of the deals reached: one panel for each issue."""

import re
from itertools import accumulate

from sim.charts.shares import WHISKERS, Row, bar_trace, figure_trace
from sim.charts.text import MINUS, clean, label, lines_in, percent, quoted
from sim.charts.theme import (
    INK,
    SOFT,
    Chart,
    Panel,
    Spec,
    Summary,
    axis_key,
    based_on,
    grid,
    hidden_axis,
    layout,
    note,
    quiet,
    share_axis,
)

SHORT, LONG, LONG_NARROW = 9, 62, 46
MOST_LEVELS = 15
BARE = re.compile(rf"[-{MINUS}\d.,e ]+(to [-{MINUS}\d.,e ]+)?")  # a number, or from one to another


def terms(summary: Summary, narrow: bool) -> Chart | None:
    """What the deals say: for each issue the levels agreed, among the draws that reach an agreement."""
    count = summary["terms"]["count"]
    issues = [likeliest(summary, issue) for issue in summary["issues"] if issue["id"] in summary["terms"]["issues"]]
    if not count or not issues:
        return None
    longest = LONG_NARROW if narrow else LONG
    heights = [sum(row_heights(issue, longest)) + 4 for issue in issues]
    columns = 1 if narrow else min(2, len(issues))
    headings = [lines_in(heading(issue)) * 17 + 8 for issue in issues]
    panels, total = grid(heights, columns, headings, 44, 0.07)
    data: list[Spec] = []
    shape = layout(total, below=28, left=14, annotations=[])
    for issue, panel, height in zip(issues, panels, heights, strict=True):
        traces, axes, words = terms_panel(summary, issue, panel, height, longest)
        data += traces
        shape |= axes
        shape["annotations"] += words
    every = [issue for issue in summary["issues"] if issue["id"] in summary["terms"]["issues"]]
    firm = max((chosen(summary, issue) for issue in every), key=lambda found: found[2])
    said = f"{percent(firm[2])} have {quoted(firm[1])}"
    if BARE.fullmatch(firm[1]):  # says nothing without its issue
        said = f"{quoted(firm[0])} is {firm[1]} in {percent(firm[2])}"
    title = f"What the deals say: {said}"
    subtitle = based_on(summary, f"{count:,} of them reach an agreement and are counted here", WHISKERS)
    return Chart(title, subtitle, data, shape)


def likeliest(summary: Summary, issue: Spec) -> Spec:
    """The issue with those of its levels that occur, the likeliest, where it has very many; they keep their order."""
    if len(issue["levels"]) <= MOST_LEVELS:
        return issue
    found = summary["terms"]["issues"][issue["id"]]
    ranked = sorted(issue["levels"], key=lambda level: -found[level["id"]]["probability"])
    occurring = [level["id"] for level in ranked if found[level["id"]]["probability"] > 0]
    kept = occurring[:MOST_LEVELS]
    which = f"the {MOST_LEVELS} likeliest of" if len(kept) < len(occurring) else "what occurs of"
    words = f"{clean(issue['label'])}: {which} {len(issue['levels'])} levels"
    return issue | {"label": words, "levels": [level for level in issue["levels"] if level["id"] in kept]}


def chosen(summary: Summary, issue: Spec) -> tuple[str, str, float]:
    """An issue's commonest level: issue label, level label, share."""
    found = summary["terms"]["issues"][issue["id"]]
    level = max(issue["levels"], key=lambda row: found[row["id"]]["probability"])
    return clean(issue["label"]), clean(level["label"]), found[level["id"]]["probability"]


def short(issue: Spec) -> bool:
    """Whether the levels' labels are short enough to stand left of their bars."""
    return all(len(clean(level["label"])) <= SHORT for level in issue["levels"])


def row_heights(issue: Spec, longest: int) -> list[int]:
    """The pixels each level takes: labels that stand above their bars need more, the more lines the more."""
    if short(issue):
        return [22] * len(issue["levels"])
    return [23 + 15 * lines_in(label(level["label"], longest, 2)) for level in issue["levels"]]


def heading(issue: Spec) -> str:
    """An issue's name and unit above its panel."""
    unit = f" ({clean(issue['unit'])})" if issue["unit"] else ""
    return f"<b>{label(clean(issue['label']) + unit, 40)}</b>"


def terms_panel(
    summary: Summary, issue: Spec, panel: Panel, height: int, longest: int
) -> tuple[list[Spec], Spec, list[Spec]]:
    """One issue's bars: traces, axes and words."""
    found = summary["terms"]["issues"][issue["id"]]
    rows = []
    for level in issue["levels"]:
        share = found[level["id"]]
        rows.append(Row(level["label"], share["probability"], share["low"], share["high"], "#7f9fce"))
    beside = short(issue)
    middles = [end - 10 for end in accumulate(row_heights(issue, longest))]
    on = {"xaxis": panel.x, "yaxis": panel.y}
    traces = [
        bar_trace(rows, middles, 11, **on),
        figure_trace(rows, middles, [percent(row.share) for row in rows], **on),
    ]
    ticks = {"tickvals": [0, 0.25, 0.5, 0.75, 1], "side": "bottom", "tickfont": quiet(11)}
    indent = max((len(clean(row.text)) for row in rows), default=0) * 0.016 if beside else 0.0
    across = [panel.across[0] + indent * (panel.across[1] - panel.across[0]), panel.across[1]]
    axes = {
        axis_key(panel.x): share_axis(1.25, domain=across, anchor=panel.y, **ticks),
        axis_key(panel.y): hidden_axis(height, domain=panel.down, anchor=panel.x, automargin=False),
    }
    at = {"xref": "paper", "yref": f"{panel.y} domain", "yanchor": "bottom", "borderpad": 0}
    words = [note(heading(issue), panel.across[0], 1, yshift=4, font=quiet(13, INK), **at)]
    for row, middle in zip(rows, middles, strict=True):
        text = label(row.text, longest, 1 if beside else 2)
        place = {"xref": f"{panel.x} domain", "yref": panel.y, "font": quiet(12, SOFT), "borderpad": 0}
        if beside:
            words.append(note(text, 0, middle, **place | {"xanchor": "right", "xshift": -6, "yanchor": "middle"}))
        else:
            words.append(note(text, 0, middle - 7, **place | {"yanchor": "bottom"}))
    return traces, axes, words
