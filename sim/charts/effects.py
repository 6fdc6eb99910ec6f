"""What each mechanism does: the scenario without it, draw by draw with the same chance."""

from sim.analysis.gate import ERRORS
from sim.charts.text import GLUE, MINUS, clean, label, lines_in, quoted
from sim.charts.theme import (
    INK,
    SOFT,
    Chart,
    Spec,
    Summary,
    axis,
    based_on,
    colours,
    hidden_axis,
    layout,
    note,
    quiet,
    segment,
)

SHOWN = 20
LINE = 16
WORDS_AT = 0.64  # of the width: the words on the right begin here


def mechanisms(summary: Summary, narrow: bool) -> Chart | None:
    """The outcome class that moves most when a mechanism is switched off, and by how much."""
    surest = moving(summary)[:SHOWN]
    if not surest:
        return None
    rows = sorted(surest, key=lambda found: -abs(found[2]["difference"]))
    names = [label(row["label"], 42 if narrow else 40, 2) for row, _, _ in rows]
    said = [words(summary, key, moved, 48 if narrow else 36) for _, key, moved in rows]
    middles: list[float] = []
    notes: list[Spec] = []
    top = 4
    for name, text in zip(names, said, strict=True):
        if narrow:
            height = (lines_in(name) + lines_in(text)) * LINE
            both = f'<b>{name}</b><br><span style="color:{SOFT};font-size:12px">{text}</span>'
            notes.append(note(both, 0, top + height + 2, xref="paper", yanchor="bottom", font=quiet(12, INK)))
            middles.append(top + height + 12)
            top += height + 28
        else:
            height = max(lines_in(name), lines_in(text)) * LINE + 10
            middles.append(top + height / 2)
            notes.append(note(text, WORDS_AT, middles[-1], xref="paper", yanchor="middle", font=quiet(12)))
            top += height
    unit = "change without it, percentage points" if narrow else "change of the class without it, percentage points"
    across = axis(unit, domain=[0, 1 if narrow else 0.6])
    vertical = hidden_axis(top)
    if not narrow:
        ticks = {"tickvals": middles, "ticktext": names, "tickfont": quiet(13, INK), "ticklabelstandoff": 8}
        vertical |= ticks | {"showticklabels": True}
    zero = segment([0, 0], [0, top], SOFT, line={"dash": "dot", "width": 1.5}, layer="between")
    data = [dots(summary, rows, middles)]
    shape = layout(top, left=4 if narrow else 16, xaxis=across, yaxis=vertical, annotations=notes, shapes=[zero])
    first, _, _ = surest[0]
    title = f"What each mechanism does: endings depend most surely on {quoted(first['label'])}"
    if strength(surest[0][2]) <= ERRORS:
        title = "What each mechanism does: nothing that these draws can tell from chance"
    return Chart(title, based_on(summary, *notes_on(summary, len(rows))), data, shape)


def moving(summary: Summary) -> list[tuple[Spec, str, Spec]]:
    """The mechanisms that move a class, each with the class that it moves most surely, the surest first."""
    rows = (summary.get("mechanisms") or {"rows": []})["rows"]
    found = [(row, *class_moved(row)) for row in rows if row["changed"]]
    return sorted(found, key=lambda row: (-strength(row[2]), -abs(row[2]["difference"])))


def class_moved(row: Spec) -> tuple[str, Spec]:
    """The outcome class that moves by most standard errors, and its change; of equals the first."""
    shares: dict[str, Spec] = row["shares"]
    return max(shares.items(), key=lambda item: (strength(item[1]), abs(item[1]["difference"])))


def strength(found: Spec) -> float:
    """How many standard errors something moves; without end where every draw moves alike."""
    return float("inf") if found["z"] is None else abs(found["z"])


def words(summary: Summary, key: str, moved: Spec, width: int) -> str:
    """How far which class moves, with its error."""
    return label(f"{points(moved)}: {clean(summary['outcomes'][key]['label'])}", width, 2)


def points(moved: Spec) -> str:
    """A change of a share in percentage points, with 1.96 standard errors."""
    change = f"{100 * moved['difference']:+.1f}".replace("-", MINUS)
    return f"{change}{GLUE}±{GLUE}{196 * moved['se']:.1f}"


def dots(summary: Summary, rows: list[tuple[Spec, str, Spec]], at: list[float]) -> Spec:
    """The changes as dots in the class's colour, with whiskers."""
    colour = colours(summary)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [100 * moved["difference"] for _, _, moved in rows],
        "y": at,
        "marker": {"size": 11, "color": [colour[key] for _, key, _ in rows], "line": {"color": INK, "width": 0.5}},
        "error_x": {
            "type": "data",
            "array": [196 * moved["se"] for _, _, moved in rows],
            "color": INK,
            "thickness": 1.4,
            "width": 4,
        },
        "customdata": [
            [label(row["label"], 50), label(summary["outcomes"][key]["label"], 50), points(moved)]
            for row, key, moved in rows
        ],
        "hovertemplate": "without: %{customdata[0]}<br>%{customdata[1]}: %{customdata[2]} points<extra></extra>",
        "cliponaxis": False,
    }


def notes_on(summary: Summary, shown: int) -> tuple[str, ...]:
    """How many draws were compared, and how many mechanisms are shown."""
    found = summary["mechanisms"]
    return (
        f"{found['draws']:,} of them played again without each mechanism",
        f"the {shown} of {len(found['rows'])} that move a class most surely",
        "whiskers: 1.96 standard errors of the paired difference",
    )
