"""The tables beside the charts: the same numbers, for those who would rather read or who have no script."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from sim.analysis.outcomes import estimate
from sim.charts import alternatives as chart_of_alternatives
from sim.charts import flow as chart_of_flow
from sim.charts import lasting as chart_of_lasting
from sim.charts.effects import points, strength
from sim.charts.overtime import observed_events, signed_by
from sim.charts.shares import cause_rows, cause_words
from sim.charts.text import DASH, MINUS, clean, day, number, page, percent, web_address
from sim.charts.theme import Spec, Summary

LONGEST, LONG_WORDS = 73, 60
PROBABILITY_HEAD = ("probability", "low", "high")


class Value(NamedTuple):
    """A number in a cell: how it reads and what it is."""

    text: str
    exact: float


class Link(NamedTuple):
    """Words that lead to an address already known to be a web address."""

    text: str
    address: str


class Pair(NamedTuple):
    """Words with quieter words beneath them."""

    text: str
    beneath: str


Cell = str | Value | Link | Pair


class Table(NamedTuple):
    """A caption, the head and the rows, all in plain text."""

    caption: str
    head: tuple[str, ...]
    rows: list[list[Cell]]


def share(value: float | None) -> Cell:
    """A cell for a share."""
    return DASH if value is None else Value(percent(value), value)


def amount(value: float | None) -> Cell:
    """A cell for any other number."""
    return DASH if value is None else Value(number(value), value)


def shares(found: Spec) -> list[Cell]:
    """Probability and interval."""
    return [share(found[key]) for key in PROBABILITY_HEAD]


def tables(summary: Summary) -> dict[str, list[Table]]:
    """The tables of each chart by the chart's name."""
    return {name: [table for table in build(summary) if table.rows] for name, build in TABLES.items()}


def outcomes(summary: Summary) -> list[Table]:
    """The outcome classes."""
    rows = [[clean(found["label"]), *shares(found), share(found["se"])] for found in summary["outcomes"].values()]
    head = ("How it ends", "share of draws", "95 % low", "95 % high", "standard error")
    return [Table(f"Outcome classes, {summary['draws']:,} draws", head, rows)]


def over_time(summary: Summary) -> list[Table]:
    """The classes' shares over the dates, and what was observed."""
    series = summary["over_time"]["share"]
    names = [clean(summary["outcomes"][key]["label"]) for key in series]
    caption = "Where the draws stand at each date"
    dated = by_date(summary, caption, ("date", *names), list(series.values()), share)
    observed, inside = summary["observed"] or {}, observed_events(summary)
    classes = [
        [day(row["from"]), clean(row.get("label") or row["outcome"]), source(row)]
        for row in observed.get("outcomes") or []
    ]
    events = [
        [str(inside.index(row) + 1) if row in inside else DASH, day(row["date"]), clean(row["label"]), source(row)]
        for row in sorted(observed.get("events") or [], key=lambda row: clean(row["date"]))
    ]
    until = f" until {day(observed['until'])}" if observed else ""
    return [
        dated,
        Table(f"State observed{until}", ("from", "state", "source"), classes),
        Table(f"Events observed{until}", ("", "date", "event", "source"), events),
    ]


def by_date(
    summary: Summary,
    caption: str,
    head: tuple[str, ...],
    series: Sequence[Sequence[float]],
    cell: Callable[[float], Cell],
) -> Table:
    """Series over the window, one row for each date, or for every k-th where there would be too many."""
    dates = summary["time"]["dates"]
    stride = -(-len(dates) // LONGEST)
    places = sorted({*range(0, len(dates), stride), len(dates) - 1})
    rows: list[list[Cell]] = [[day(dates[place]), *(cell(row[place]) for row in series)] for place in places]
    thinned = f" (one row for every {stride} steps)" if stride > 1 else ""
    return Table(caption + thinned, head, rows)


def source(row: Spec) -> Cell:
    """A source, as a link only where it is a web address."""
    words, address = row.get("source"), web_address(row.get("url")) or web_address(row.get("source"))
    if address:
        return Link(clean(words or address), address)
    return clean(words) if words else DASH


def terms(summary: Summary) -> list[Table]:
    """The levels agreed, issue by issue."""
    found = summary["terms"]["issues"]
    rows: list[list[Cell]] = []
    for issue in summary["issues"]:
        unit = f" ({clean(issue['unit'])})" if issue["unit"] else ""
        if issue["id"] in found:
            rows.extend(
                [clean(issue["label"]) + unit, clean(level["label"]), *shares(found[issue["id"]][level["id"]])]
                for level in issue["levels"]
            )
    caption = f"Terms of the {summary['terms']['count']:,} first agreements"
    return [Table(caption, ("issue", "level", "share of agreements", "95 % low", "95 % high"), rows)]


def causes(summary: Summary) -> list[Table]:
    """Why there is no deal."""
    rows: list[list[Cell]] = [
        [cause_words(name), share(found), share(low), share(high)] for name, found, low, high in cause_rows(summary)
    ]
    caption = f"Binding cause in the {summary['without_deal']:,} draws without a deal"
    return [Table(caption, ("cause", "share of these draws", "95 % low", "95 % high"), rows)]


def questions(summary: Summary) -> list[Table]:
    """The forecasts and their answers."""
    answers = {True: "yes", False: "no", None: "open"}
    rows: list[list[Cell]] = [
        [clean(row["text"]), day(row["date"]), *shares(row), answers[row["observed"]], source(row)]
        for row in summary["questions"].values()
    ]
    head = ("question", "by", "probability of yes", "95 % low", "95 % high", "observed", "source")
    return [Table("Questions and forecasts", head, rows)]


def plane(summary: Summary) -> list[Table]:
    """The points of the plane of the draw shown."""
    found = summary.get("plane")
    if not found:
        return []
    names = {party["id"]: clean(party["label"]) for party in summary["parties"]}
    head = tuple(f"worth to {names[party]}" for party in found["parties"])
    named = [("least each would take", found["reservation"]), ("status quo", found["status_quo"])]
    named += [(f"exit: {clean(row['label'])}", row["worth"]) for row in found["exits"]]
    named += [
        (words, found[key])
        for key, words in (
            ("breakdown", "breakdown"),
            ("nash", "Nash solution"),
            ("kalai_smorodinsky", "Kalai-Smorodinsky solution"),
            ("egalitarian", "egalitarian solution"),
            ("utilitarian", "utilitarian solution"),
        )
        if found.get(key)
    ]
    points: list[list[Cell]] = [[words, amount(worth[0]), amount(worth[1])] for words, worth in named]
    curve: list[list[Cell]] = [[amount(a), amount(b)] for a, b in found["curve"]]
    return [
        Table("Points of the plane", ("point", *head), points),
        Table("Contract curve", head, curve),
    ]


def dance(summary: Summary) -> list[Table]:
    """The offers of the draw shown."""
    found = summary.get("plane")
    if not found:
        return []
    names = {party["id"]: clean(party["label"]) for party in summary["parties"]}
    worths = (f"worth to {names[party]}" for party in found["parties"])
    return [Table("Offers in their order", ("", "date", "from", *worths, "answer", "terms"), offers(found, names))]


def offers(found: Spec, names: dict[str, str]) -> list[list[Cell]]:
    """One row for each offer of the draw shown."""
    return [
        [
            str(place),
            day(offer["date"]),
            names.get(offer["by"], clean(offer["by"])),
            *(amount(worth) for worth in offer["worth"]),
            clean(offer["answer"]),
            "; ".join(f"{clean(issue)}: {clean(level)}" for issue, level in offer["terms"].items()),
        ]
        for place, offer in enumerate(found["offers"], start=1)
    ]


def agreement(summary: Summary) -> list[Table]:
    """The share of draws that have signed a first deal."""
    curve = signed_by(summary)
    series = [[row[key] for row in curve] for key in PROBABILITY_HEAD]
    head = ("date", "first deal signed", "95 % low", "95 % high")
    return [by_date(summary, "Share of draws that have signed a first deal", head, series, share)]


def lasting(summary: Summary) -> list[Table]:
    """The survival of first deals."""
    found = summary.get("deal_life") or {"curve": []}
    if len(found["curve"]) < 2:  # a window of one step: nothing can end in it
        return []
    rows: list[list[Cell]] = [
        [str(row["step"]), f"{row['at_risk']:,}", f"{row['ended']:,}", *shares(row)] for row in found["curve"]
    ]
    head = (chart_of_lasting.since_signing(summary), "at risk", "end then", "still in force", "95 % low", "95 % high")
    return [Table("First deals still in force (Kaplan-Meier, Greenwood's band on the log-log scale)", head, rows)]


def broken(summary: Summary) -> list[Table]:
    """How first deals died, and what had moved before."""
    found = summary.get("broken") or {"kinds": [], "signed": 0}
    ways: list[list[Cell]] = []
    moved: list[list[Cell]] = []
    for row in found["kinds"]:
        words = chart_of_lasting.death(summary, row)
        ages = (amount(row["age"][key]) for key in ("p05", "p50", "p95"))
        ways.append([words, f"{row['count']:,}", *shares(row), *ages])
        for key, change in row["moved"].items():
            name = clean(summary["variables"][key]["label"])
            moved.append([words, name, *(amount(change[edge]) for edge in ("mean", "low", "high"))])
    unit = chart_of_lasting.unit_of(summary)
    head = ("how it died", "deals", "share", "95 % low", "95 % high", *(f"{unit}s, {q} %" for q in (5, 50, 95)))
    change = ("how it died", "variable", "moved (sd)", "95 % low", "95 % high")
    return [
        Table(f"How the {found['signed']:,} first deals died", head, ways),
        Table("Change since signing beyond the drift of all draws", change, moved),
    ]


def alternatives(summary: Summary) -> list[Table]:
    """Payoffs against what each party had without a deal, and class by class."""
    found = summary.get("alternatives") or {}
    names = {party["id"]: clean(party["label"]) for party in summary["parties"]}
    against: list[list[Cell]] = []
    classes: list[list[Cell]] = []
    for party, row in found.items():
        for name, worth in row["against"].items():
            points = [amount(worth[key]) for key in ("p05", "p50", "p95")]
            verdicts = [cell for key in ("better", "same", "worse") for cell in shares(worth[key])]
            words = chart_of_alternatives.WORDS[name]
            against.append([names[party], words, f"{worth['count']:,}", *points, *verdicts])
        for key, spread in row["classes"].items():
            label = clean(summary["outcomes"][key]["label"])
            points = [amount(spread[point]) for point in ("p05", "p50", "p95", "mean")]
            classes.append([names[party], label, f"{spread['count']:,}", *points])
    verdict = (head for key in ("better", "same", "worse") for head in (key, "95 % low", "95 % high"))
    head = ("party", "without a deal", "draws", "worth, 5 %", "50 %", "95 %", *verdict)
    return [
        Table("Payoffs against what there was without a deal (the same: within 0.01)", head, against),
        Table("Payoffs by outcome class", ("party", "class", "draws", "5 %", "50 %", "95 %", "mean"), classes),
    ]


def flow(summary: Summary) -> list[Table]:
    """The passages between statuses."""
    found = summary.get("flow") or {"counts": []}
    if not found["counts"]:
        return []
    names, dates, total = found["statuses"], summary["time"]["dates"], sum(map(sum, found["counts"][0]))
    spans = [(day(dates[a]), day(dates[b])) for a, b in pairwise(found["steps"])]
    rows: list[list[Cell]] = [
        [
            *span,
            chart_of_flow.name_of(here),
            chart_of_flow.name_of(there),
            f"{count:,}",
            *shares(estimate(count, total)),
        ]
        for span, table in zip(spans, found["counts"], strict=True)
        for here, row in zip(names, table, strict=True)
        for there, count in zip(names, row, strict=True)
        if count
    ]
    head = ("from", "to", "status then", "status after", "draws", "share of all", "95 % low", "95 % high")
    return [Table("Passages between statuses", head, rows)]


def beliefs(summary: Summary) -> list[Table]:
    """What each side thinks of the other's type."""
    names = {party["id"]: clean(party["label"]) for party in summary["parties"]}
    found = []
    for row in summary.get("beliefs") or []:
        title = f"What {names[row['viewer']]} thinks of {names[row['about']]}'s type"
        mean = [row["mean"][key] for key in FAN]
        found.append(by_date(summary, f"{title}: mean, over draws", ("date", *FAN_HEAD), mean, amount))
        sure = [row[key][edge] for key in ("deviation", "error") for edge in ("value", "low", "high")]
        head = ("date", "sd believed", "95 % low", "95 % high", "error made", "95 % low", "95 % high")
        found.append(by_date(summary, f"{title}: how sure, and how far off", head, sure, amount))
    return found


def payoffs(summary: Summary) -> list[Table]:
    """Each party's payoff."""
    names = {party["id"]: clean(party["label"]) for party in summary["parties"]}
    rows = [
        [names.get(key, key), *(amount(row[point]) for point in ("p05", "p50", "p95", "mean", "se"))]
        for key, row in summary["payoffs"].items()
    ]
    head = ("party", "5 %", "median", "95 %", "mean", "standard error of the mean")
    return [Table("Payoffs (1 = the party's best-minus-worst flow, for ever)", head, rows)]


def concessions(summary: Summary) -> list[Table]:
    """How much of its room each party gave up in the first agreement."""
    if summary["concessions"] is None:
        return []
    names = {party["id"]: clean(party["label"]) for party in summary["parties"]}
    found = summary["concessions"]
    rows = [
        [names.get(key, key), *(amount(row[point]) for point in ("p05", "p50", "p95", "mean")), *shares(row["more"])]
        for key, row in found["parties"].items()
    ]
    head = ("party", "5 %", "median", "95 %", "mean", "gives up more", "95 % low", "95 % high")
    return [Table(f"Room given up in {found['count']:,} first deals (0 none, 1 all)", head, rows)]


FAN = ("p05", "p25", "p50", "p75", "p95")
FAN_HEAD = ("5 %", "25 %", "median", "75 %", "95 %")


def variables(summary: Summary) -> list[Table]:
    """The fans of what is no community, one table for each."""
    return fans(summary, [row for row in summary["variables"].values() if row["kind"] != "community"])


def communities(summary: Summary) -> list[Table]:
    """The communities' opinions, one table for each, and their shares of the public."""
    rows = [row for row in summary["variables"].values() if row["kind"] == "community"]
    public: list[list[Cell]] = [[clean(row["label"]), share(row["share"])] for row in rows]
    return [Table("The communities", ("community", "share of the public"), public), *fans(summary, rows)]


def fans(summary: Summary, rows: Sequence[Spec]) -> list[Table]:
    """One table for each fan."""
    found = []
    for row in rows:
        unit = f" ({clean(row['unit'])})" if row["unit"] else ""
        series = [row[key] for key in FAN]
        found.append(by_date(summary, clean(row["label"]) + unit, ("date", *FAN_HEAD), series, amount))
    return found


def variance(summary: Summary) -> list[Table]:
    """The variance of each outcome class, split."""
    rows: list[list[Cell]] = [
        [
            clean(summary["outcomes"][key]["label"]),
            *(amount(row[part]) for part in ("total", "parameters", "path", "se")),
            share(row["share"]),
            share(row["share_se"]),
        ]
        for key, row in (summary.get("variance") or {}).items()
    ]
    head = ("class", "variance", "parameters", "path", "standard error", "parameters' share", "standard error")
    return [Table("Variance of each class: parameters against chance along the path", head, rows)]


def mechanisms(summary: Summary) -> list[Table]:
    """What moves most without each mechanism."""
    found = summary.get("mechanisms") or {"rows": [], "draws": 0}
    head = ("without", "moves most", "by ± 1.96 standard errors", "z", "ends otherwise")
    caption = f"Each mechanism switched off, {found['draws']:,} draws with the same chance"
    return [Table(caption, head, [mechanism(summary, row) for row in found["rows"]])]


def mechanism(summary: Summary, row: Spec) -> list[Cell]:
    """One mechanism: its name, what moves most, by how much, and the share of draws that end in another class."""
    moved, parties = row["most"], {party["id"]: party["label"] for party in summary["parties"]}
    if strength(moved) == 0:
        return [clean(row["label"]), "nothing", DASH, DASH, share(row["changed"])]
    if moved["kind"] == "share":
        what, by = clean(summary["outcomes"][moved["id"]]["label"]), f"{points(moved)} points"
    else:
        what, by = (
            f"mean payoff: {clean(parties[moved['id']])}",
            f"{signed(moved['difference'])} ± {1.96 * moved['se']:.4f}",
        )
    z = "every draw alike" if moved["z"] is None else Value(f"{moved['z']:+.1f}".replace("-", MINUS), moved["z"])
    return [clean(row["label"]), what, by, z, share(row["changed"])]


def signed(value: float) -> str:
    """A change with its sign."""
    return f"{value:+.4f}".replace("-", MINUS)


def assumptions(summary: Summary) -> list[Table]:
    """Every number the scenario assumes, with its range and its reason."""
    words = {"H": "high", "M": "medium", "L": "low"}
    rows: list[list[Cell]] = [
        [
            Pair(clean(row["label"]), clean(row["path"])),
            " ".join(filter(None, (clean(row["text"]), clean(row["unit"] or "")))),
            *(amount(row[point]) for point in ("p05", "p50", "p95")),
            words.get(row["confidence"], DASH),
            clean(row["judgement"] or DASH),
            source(row),
            clean(row["private"] or DASH),
        ]
        for row in summary["assumptions"]
    ]
    head = ("assumption", "range", "5 %", "50 %", "95 %", "confidence", "why this range", "source", "private")
    return [Table(f"All {len(rows)} assumptions", head, rows)]


TABLES: dict[str, Callable[[Summary], list[Table]]] = {
    "outcomes": outcomes,
    "over_time": over_time,
    "terms": terms,
    "concessions": concessions,
    "causes": causes,
    "questions": questions,
    "plane": plane,
    "dance": dance,
    "agreement": agreement,
    "flow": flow,
    "lasting": lasting,
    "broken": broken,
    "beliefs": beliefs,
    "payoffs": payoffs,
    "alternatives": alternatives,
    "variables": variables,
    "communities": communities,
    "variance": variance,
    "mechanisms": mechanisms,
    "assumptions": assumptions,
}


def to_html(table: Table) -> str:
    """The table as HTML, inside a box that scrolls by itself."""
    head = "".join(f'<th scope="col">{page(words)}</th>' for words in table.head)
    body = "".join(f"<tr>{cells_to_html(row)}</tr>" for row in table.rows)
    name = page(table.caption)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{name}"><table><caption>{name}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def cells_to_html(row: Iterable[Cell]) -> str:
    """The cells of one row; a number carries its exact value."""
    return "".join(f'<td class="{kind}">{inner}</td>' for kind, inner in map(cell_to_html, row))


def cell_to_html(cell: Any) -> tuple[str, str]:
    """The class and the content of one cell."""
    if isinstance(cell, Value):
        return "number", f'<data value="{cell.exact!r}">{page(cell.text)}</data>'
    if isinstance(cell, Link):
        return kind_of(cell.text), f'<a href="{page(cell.address)}" rel="noopener noreferrer">{page(cell.text)}</a>'
    if isinstance(cell, Pair):
        return "words", f"{page(cell.text)}<small>{page(cell.beneath)}</small>"
    return kind_of(cell), page(cell)


def kind_of(text: str) -> str:
    """The class of a cell of words: long ones get a wider column."""
    return "words long" if len(text) > LONG_WORDS else "words"
