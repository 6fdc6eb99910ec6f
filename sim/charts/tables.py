"""The tables beside the charts: the same numbers, for those who would rather read or who have no script."""

from collections.abc import Callable
from itertools import pairwise

from sim.analysis.outcomes import estimate
from sim.charts import lasting as chart_of_lasting
from sim.charts.cells import PROBABILITY_HEAD, Cell, Table, amount, share, shares
from sim.charts.overtime import observed_events, signed_by
from sim.charts.shares import cause_rows, cause_words, status_words
from sim.charts.tables_of_sides import (
    alternatives,
    assumptions,
    beliefs,
    by_date,
    communities,
    concessions,
    dance,
    mechanisms,
    payoffs,
    plane,
    source,
    variables,
    variance,
)
from sim.charts.text import DASH, clean, day
from sim.charts.theme import Summary


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
    classes: list[list[Cell]] = [
        [day(row["from"]), clean(row.get("label") or row["outcome"]), source(row)]
        for row in observed.get("outcomes") or []
    ]
    events: list[list[Cell]] = [
        [str(inside.index(row) + 1) if row in inside else DASH, day(row["date"]), clean(row["label"]), source(row)]
        for row in sorted(observed.get("events") or [], key=lambda row: clean(row["date"]))
    ]
    until = f" until {day(observed['until'])}" if observed else ""
    return [
        dated,
        Table(f"State observed{until}", ("from", "state", "source"), classes),
        Table(f"Events observed{until}", ("", "date", "event", "source"), events),
    ]


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
    ended = summary.get("ended_without") or {}
    statuses = list(dict.fromkeys(status for row in ended.values() for status in row))
    rows: list[list[Cell]] = [
        [cause_words(name), share(found), share(low), share(high)]
        + [f"{ended.get(name, {}).get(status, 0):,}" for status in statuses]
        for name, found, low, high in cause_rows(summary)
    ]
    caption = f"Binding cause in the {summary['without_deal']:,} draws without a deal, and how many ended how"
    names = (status_words(status) for status in statuses)
    return [Table(caption, ("cause", "share of these draws", "95 % low", "95 % high", *names), rows)]


def causes_tested(summary: Summary) -> list[Table]:
    """What became of the draws without a deal once what kept them from it was taken out."""
    found = summary.get("causes_tested") or {"draws": 0, "rows": []}
    rows: list[list[Cell]] = []
    for row in found["rows"]:
        named = cause_words(row["cause"])
        ways = [[clean(way["removed"]), f"{way['draws']:,}", f"{way['confirmed']:,}"] for way in row["ways"]]
        total = [DASH] * 3 if row["confirmed"] is None else shares(row["confirmed"])
        if len(ways) != 1:
            kept = f"{sum(way['confirmed'] for way in row['ways']):,}" if ways else DASH
            ways.append(["all of these in turn" if ways else "nothing to take out", f"{row['draws']:,}", kept])
        rows.extend([named, *way, *([DASH] * 3)] for way in ways[:-1])
        rows.append([named, *ways[-1], *total])
    caption = f"Causes put to the test, {found['draws']:,} draws with the same chance"
    head = ("cause", "what is taken out", "draws", "a deal then", "share of the cause's draws", "95 % low", "95 % high")
    return [Table(caption, head, rows)]


def questions(summary: Summary) -> list[Table]:
    """The forecasts and their answers."""
    answers = {True: "yes", False: "no", None: "open"}
    rows: list[list[Cell]] = [
        [clean(row["text"]), day(row["date"]), *shares(row), answers[row["observed"]], source(row)]
        for row in summary["questions"].values()
    ]
    head = ("question", "by", "probability of yes", "95 % low", "95 % high", "observed", "source")
    return [Table("Questions and forecasts", head, rows)]


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


def flow(summary: Summary) -> list[Table]:
    """The passages between statuses."""
    found = summary.get("flow") or {"counts": []}
    if not found["counts"]:
        return []
    names, dates, total = found["statuses"], summary["time"]["dates"], sum(map(sum, found["counts"][0]))
    paths = summary.get("paths", 1)  # counts do not tell which draws share their parameters: intervals at their widest
    spans = [(day(dates[a]), day(dates[b])) for a, b in pairwise(found["steps"])]
    rows: list[list[Cell]] = [
        [
            *span,
            status_words(here),
            status_words(there),
            f"{count:,}",
            *shares(estimate(count, total, paths)),
        ]
        for span, table in zip(spans, found["counts"], strict=True)
        for here, row in zip(names, table, strict=True)
        for there, count in zip(names, row, strict=True)
        if count
    ]
    head = ("from", "to", "status then", "status after", "draws", "share of all", "95 % low", "95 % high")
    return [Table("Passages between statuses", head, rows)]


TABLES: dict[str, Callable[[Summary], list[Table]]] = {
    "outcomes": outcomes,
    "over_time": over_time,
    "terms": terms,
    "concessions": concessions,
    "causes": causes,
    "causes_tested": causes_tested,
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
