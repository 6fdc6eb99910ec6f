"""Tables of the sides and their world: what each has, offers, believes, and what the scenario assumes."""

from collections.abc import Callable, Sequence

from sim.charts import alternatives as chart_of_alternatives
from sim.charts.cells import Cell, Link, Pair, Table, Value, amount, share, shares
from sim.charts.effects import points, strength
from sim.charts.text import DASH, MINUS, clean, day, number, spoken, web_address
from sim.charts.theme import Spec, Summary

LONGEST = 73
FAN = ("p05", "p25", "p50", "p75", "p95")
FAN_HEAD = ("5 %", "25 %", "median", "75 %", "95 %")


def plane(summary: Summary) -> list[Table]:
    """The points of the plane of the draw shown."""
    found = summary.get("plane")
    if not found:
        return []
    names = {party["id"]: clean(party["label"]) for party in summary["parties"]}
    head = tuple(f"worth to {names[party]}" for party in found["parties"])
    named = [("least each can be held to", found["reservation"]), ("status quo", found["status_quo"])]
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
    return [Table("Offers in their order", ("", "date", "from", *worths, "answer", "terms"), offers(summary, names))]


def offers(summary: Summary, names: dict[str, str]) -> list[list[Cell]]:
    """One row for each offer of the draw shown."""
    issues = {issue["id"]: clean(issue["label"]) for issue in summary["issues"]}
    levels = {(i["id"], level["id"]): clean(level["label"]) for i in summary["issues"] for level in i["levels"]}
    return [
        [
            str(place),
            day(offer["date"]),
            names.get(offer["by"], clean(offer["by"])),
            *(amount(worth) for worth in offer["worth"]),
            clean(offer["answer"]),
            "; ".join(
                f"{issues.get(issue, clean(issue))}: {levels.get((issue, level), clean(level))}"
                for issue, level in offer["terms"].items()
            ),
        ]
        for place, offer in enumerate(summary["plane"]["offers"], start=1)
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


def beliefs(summary: Summary) -> list[Table]:
    """What each side thinks of the other's type."""
    names = {party["id"]: clean(party["label"]) for party in summary["parties"]}
    found = []
    for row in summary.get("beliefs") or []:
        hidden = spoken(row["type"]) if row.get("type") else "type"
        title = f"What {names[row['viewer']]} thinks of {names[row['about']]}'s {hidden}"
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
        exact = f", to within {number(row['within'])}" if row.get("within") else ""
        found.append(by_date(summary, clean(row["label"]) + unit + exact, ("date", *FAN_HEAD), series, amount))
    return found


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
            ranged(row),
            *(amount(row[point]) for point in ("p05", "p50", "p95")),
            words.get(row["confidence"], DASH),
            reason(row),
        ]
        for row in summary["assumptions"]
    ]
    head = ("assumption", "range", "5 %", "50 %", "95 %", "confidence", "why this range, and source")
    return [Table(f"All {len(rows)} assumptions", head, rows)]


def ranged(row: Spec) -> Cell:
    """A number or its distribution with the unit; beneath it the private spread, where it has one."""
    words = " ".join(filter(None, (clean(row["text"]), clean(row["unit"] or ""))))
    return Pair(words, f"private: {clean(row['private'])}") if row["private"] else words


def reason(row: Spec) -> Cell:
    """Why a number is what it is; beneath it the source, where both are given."""
    said, found = clean(row["judgement"] or ""), source(row)
    return Pair(said, found) if said and found != DASH else said or found


def source(row: Spec) -> str | Link:
    """A source, as a link only where it is a web address."""
    words, address = row.get("source"), web_address(row.get("url")) or web_address(row.get("source"))
    if address:
        return Link(clean(words or address), address)
    return clean(words) if words else DASH
