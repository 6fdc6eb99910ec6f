"""One offline page from a summary: the answer in words, each chart with its table, and what it rests on."""

import base64
import hashlib
import json
import math
import re
from typing import Any

from plotly.offline import get_plotlyjs

from sim.charts import cells, tables
from sim.charts.figures import charts
from sim.charts.overtime import median_date
from sim.charts.page import SCRIPT, STYLE
from sim.charts.shares import CAUSE_WORDS, cause_rows, cause_words, decapitalised
from sim.charts.text import GLUE, clean, day, glued, interval, page, percent
from sim.charts.theme import Chart, Summary

HEADINGS = {
    "outcomes": "Outcomes",
    "questions": "Questions",
    "over_time": "Over time",
    "flow": "Who goes where",
    "agreement": "When deals come",
    "terms": "Terms",
    "concessions": "Who gives way",
    "lasting": "How long they last",
    "broken": "Why they end",
    "causes": "Why no deal",
    "causes_tested": "Without it?",
    "payoffs": "Payoffs",
    "alternatives": "Better than leaving?",
    "plane": "One draw",
    "dance": "Its offers",
    "beliefs": "Beliefs",
    "variables": "Environment",
    "communities": "Communities",
    "variance": "Chance",
    "mechanisms": "Mechanisms",
    "assumptions": "Assumptions",
}
READING = {
    "outcomes": "Each bar is the share of simulated histories that end in that class. The whisker is the uncertainty "
    "left by the number of draws alone; it says nothing about whether the assumptions are right.",
    "questions": "Each dot is the simulated probability that the answer is yes. A dot on the dotted line knows no more "
    "than a coin; an orange mark at 100 % or 0 % is what was observed. Read a share as: in so many of a hundred "
    "histories that follow from these assumptions. The interval is what the number of draws leaves open, no more. A "
    "date means the first step that ends on or after it.",
    "over_time": "At each date the bands split all draws by the class they would be in if read on that day. A band "
    "that grows is an ending that takes its time.",
    "flow": "Each column splits all draws by where they stand on that date. A ribbon leads from where draws stood to "
    "where they stand at the next date, in the colour of where they go, as wide as there are draws. What happens and "
    "is undone between two dates is not seen.",
    "agreement": "The line climbs as draws sign their first deal and never falls, though the deal may. Where it levels "
    "out, those that have not agreed by then rarely do.",
    "terms": "Among the draws that reach an agreement, each bar is the share whose first agreement sets the issue at "
    "that level; the bars of one issue sum to 100 %. Terms can still be broken or reopened later.",
    "concessions": "A party that has the best deal which the other would still sign gives up nothing; one that is left "
    "with no more than it would have without a deal gives up all its room. Both give up alike where the pressure is "
    "even, so that shares can be compared between the two. Deals that a party signed because it feared worse from the "
    "talks, and that leave it with less than no deal at all, do not count.",
    "lasting": "Of the first deals signed, the line is the share still in force so long after the signing. A deal that "
    "still holds when the window closes counts for as long as it was watched, and then drops out without having ended. "
    "The line stops where fewer than ten deals are left to watch.",
    "broken": "The first panel shows how first deals ended, as a share of all that were signed. The others ask, for "
    "each way of ending, what had changed since the signing: a bar to the right means that the quantity had risen by "
    "more than in all draws over the same months, counted in their standard deviations. A large bar goes before the "
    "end; it need not be its cause.",
    "causes": "Each draw without a deal is counted once, under the first of these that holds of it: "
    + "; ".join(f"({place}) {decapitalised(words)}" for place, words in enumerate(CAUSE_WORDS.values(), start=1))
    + ". Several may hold of one draw, and how often one is named hangs on this order; time also takes what no other "
    "holds of. Nothing here says that a deal would have come without the obstacle: parley trace plays a draw again "
    "without it, parley run --mechanisms many, and both say so.",
    "causes_tested": "Each draw without a deal was played again with the same numbers and the same luck, without what "
    "its cause names. Where the bar is long, that was all that stood between the sides; where it is short, it was the "
    "first obstacle and not the only one. The table says what was taken out; where there are several ways, each is "
    "tried in the draws that none before it has helped.",
    "payoffs": "The bar covers the middle 90 % of draws. Both parties are measured in their own units, so lengths can "
    "be compared within a party and not between the two.",
    "alternatives": "The top bars are what a party would have had, as things stood at the start, by leaving, by a "
    "breakdown, and by talks that never end; dotted lines lead their medians down. Each hill shows the payoffs in one "
    "class of endings: to the right of a dotted line the party did better by bargaining. An exit taken after a year of "
    "talks pays what the exit pays then, not what it would have paid at once.",
    "plane": "Right is better for one party, up is better for the other. The dark curve holds the deals that cannot be "
    "improved for both; only the shaded part leaves both more than the least that they can be held to while there is "
    "no deal. A party may well ask for more, as long as waiting or leaving promises it more: the shaded part can hold "
    "the status quo, or an exit. All this is as things stand at the start. Follow the numbers for the offers: each "
    "lies where it was worth when made, so a later one can lie beside the curve. A mark that lies off the chart is "
    "pinned to its edge, its true place in the legend.",
    "dance": "Each offer stands at its date, at what it was worth to each party when it was made; the mark says whose "
    "offer it was, and a ring that it was accepted. After a ring the talks go on only if the deal fails at home, is "
    "broken, reopened or runs out. The dashed line is the least that the party could be held to at the start while "
    "there is no deal; what it asks for in a step is seldom less and often more, and parley trace tells it.",
    "beliefs": "Left: what a party takes the other's hidden type to be, in the mean of what it believes. It starts in "
    "the middle in every draw; the more it learns, the more the fan opens towards the dashed lines, between which the "
    "types really lie. Right: how unsure it is (solid) and how far off it is (dotted). Where the two lines lie on one "
    "another it is as sure as it may be; a solid line below the dotted one is overconfidence.",
    "variables": "The line is the median draw, the dark band holds the middle half and the light one the middle 90 % "
    "at each date. Each panel reaches from bound to bound, as the scenario sets them.",
    "communities": "Each panel is one part of the public, under its name its share of the whole and what the scale "
    "means. The line is the median draw, the dark band the middle half, the light one the middle 90 %.",
    "variance": "Each draw of the assumed numbers was played several times with other luck. The dark part of a bar is "
    "what differs between draws of the numbers: better knowledge could remove it. The light part is what luck along "
    "the way decides, whatever is known at the start.",
    "mechanisms": "Each row is the scenario without one of its parts, played again with the same numbers and the same "
    "luck. The dot is the outcome class that this moves most surely, and by how much. A part whose whisker crosses the "
    "dotted line has no effect on that class that these draws can tell from chance; since each row shows its surest "
    "class, and many rows are looked at, one that barely clears the line is no finding either.",
    "assumptions": "The longer the bar, the less is known: \N{MULTIPLICATION SIGN} 2 means twice the median. Only "
    "positive quantities can be compared this way; the table has them all, with source, reason and confidence.",
}
UNDRAWN = {
    "concessions": "No first deal left both parties with room to give way in, so that nobody's concession can "
    "be measured.",
    "assumptions": "No number of this scenario is uncertain and positive: there are no ranges to compare.",
    "plane": "The first draw has no deals to show.",
    "lasting": "No draw signed a deal.",
    "terms": "No draw signed a deal.",
}
NOTHING = "There is nothing to draw here; the numbers say the rest."
OBSERVED = " Numbered lines and the strip below show what was observed; they did not enter the model."
EVENTS = (
    " The thin numbered lines are dates of what was observed, listed in the numbers of the chart over time; they did "
    "not enter the model."
)
PROMISE = (
    "This is a scenario: it shows what follows from the assumptions listed here, and how often. "
    "It is no prediction of fact and no advice."
)
LEFT_OUT = (
    "<p>This run kept outcomes alone: classes, steps, causes, terms, payoffs and questions. Who conceded, what leaving "
    "at once would have been worth and what moved before deals died are not here; a run that keeps all columns has "
    "them.</p>\n"
)


def render(summary: Summary) -> str:
    """The whole page: it asks nothing of the network and is the same, byte for byte, for the same summary."""
    library = get_plotlyjs()
    return "".join(
        (
            head(summary, (library, SCRIPT)),
            body(summary),
            f'<script type="application/json" id="charts">{chart_data(summary)}</script>\n',
            f"<script>{library}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        )
    )


def head(summary: Summary, scripts: tuple[str, ...]) -> str:
    """The head, whose policy lets exactly the page's own scripts run and nothing be fetched."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'" for code in scripts
    )
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{page(summary['title'])}</title>\n<style>{STYLE}</style>\n</head>\n"
    )


def body(summary: Summary) -> str:
    """All that can be read without a script."""
    drawn, beside = charts(summary), tables.tables(summary)
    shown = [name for name in HEADINGS if name in drawn or beside[name]]
    sections = "".join(section(name, drawn.get(name), beside[name], reading(name, summary)) for name in shown)
    return f"<body>\n{opening(summary, shown)}<main>\n{sections}</main>\n{footer(summary)}"


def opening(summary: Summary, shown: list[str]) -> str:
    """Title, what it is about, the answer in words and the way to each part."""
    links = "".join(f'<a href="#{name}">{HEADINGS[name]}</a>' for name in shown)
    cutoff = summary["information_cutoff"]
    known = f" No source from after {day(cutoff)} stands behind an assumption." if cutoff else ""
    about = paragraphs(summary["summary"], ' class="about"')
    folded = f"<details><summary>Notes on the scenario</summary>{paragraphs(summary['notes'])}</details>\n"
    folded = folded if summary["notes"] else ""
    answers = "".join(
        f'<div><h3>{page(name)}</h3><div class="big">{page(figure)}</div><p>{page(words)}</p></div>'
        for name, figure, words in headline(summary)
    )
    return (
        f'<header>\n<p class="kind">Bargaining scenario · {page(summary["scenario"])}</p>\n'
        f"<h1>{page(summary['title'])}</h1>\n{about}"
        f'<p class="caveat">{PROMISE}{page(known) and " " + page(known)}</p>\n'
        f'{folded}<div class="answers">{answers}</div>\n<nav aria-label="Parts of this page">{links}</nav>\n'
        "<noscript><p>The charts need JavaScript; every number in them also stands in the tables.</p></noscript>\n"
        "</header>\n"
    )


def paragraphs(text: str | None, attributes: str = "") -> str:
    """The text as paragraphs, which empty lines set apart; a folded text (`>`) keeps one line end of each gap."""
    given = text or ""
    apart = re.split(r"\n\s*\n" if re.search(r"\n\s*\n", given.strip()) else r"\n", given)
    return "".join(f"<p{attributes}>{page(part)}</p>\n" for part in apart if part.strip())


def headline(summary: Summary) -> list[tuple[str, str, str]]:
    """The answer: likeliest ending, agreement, chief cause; each a heading, a figure and a sentence."""
    found = max(summary["outcomes"].values(), key=lambda row: row["probability"])
    span = interval(found["low"], found["high"])
    answers = [
        ("Likeliest ending", percent(found["probability"]), f"{clean(found['label'])} (95{GLUE}% interval {span}).")
    ]
    deal = summary["agreement"]
    span = interval(deal["low"], deal["high"])
    words = f"reach an agreement (95{GLUE}% interval {span})"
    if deal["median_step"] is not None:
        words += f"; half of these by {day(median_date(summary))}"
    held = summary["status_over_time"].get("agreement")
    if held is not None and deal["probability"]:
        words += f". At the end of the window one is in force in {percent(held[-1])} of all draws"
    answers.append(("Agreement", percent(deal["probability"]), f"{words}."))
    causes = cause_rows(summary)
    if causes:
        name, share, low, high = causes[0]
        count = f"{summary['without_deal']:,} draws without a deal"
        words = f"of the {count}: {decapitalised(cause_words(name))} (95{GLUE}% interval {interval(low, high)})."
        answers.append(("Obstacle named most often", percent(share), words))
    return answers


def section(name: str, chart: Chart | None, beside: list[cells.Table], how: str) -> str:
    """One chart with its words and its tables."""
    parts = [f'<section id="{name}">\n']
    if chart is None:
        parts.append(f"<h2>{HEADINGS[name]}</h2>\n<p>{page(UNDRAWN.get(name, NOTHING))}</p>\n")
    else:
        height = chart.layout["height"]
        parts.append(
            f'<h2>{page(chart.title)}</h2>\n<p class="based">{page(chart.subtitle)}</p>\n'
            f'<div class="chart" id="chart-{name}" role="img" aria-label="{page(chart.title)}" '
            f'style="height:{height}px"></div>\n<p class="read"><b>How to read this.</b> {page(how)}</p>\n'
        )
    inner = "".join(cells.to_html(table) for table in beside)
    if inner:
        opened = " open" if name == "assumptions" else ""
        parts.append(f"<details{opened}><summary>The numbers</summary>{inner}</details>\n")
    return "".join(parts) + "</section>\n"


def reading(name: str, summary: Summary) -> str:
    """How to read a chart."""
    seen = summary["observed"]
    more = {"over_time": OBSERVED, "variables": EVENTS, "communities": EVENTS} if seen else {}
    return glued(READING[name] + more.get(name, ""))


def footer(summary: Summary) -> str:
    """What identifies the run, how exact its shares are, and what it is not."""
    draws = summary["draws"]
    facts = (
        ("Scenario", summary["scenario"]),
        (
            "Draws",
            f"{draws:,}" + (f", {summary['paths']} paths to one draw of the parameters" * (summary["paths"] > 1)),
        ),
        ("Seed", summary["seed"]),
        ("Model hash", summary["model_hash"]),
        ("Text hash", summary["text_hash"]),
        ("Version", summary["version"]),
    )
    rows = "".join(f"<dt>{name}</dt><dd>{page(value)}</dd>" for name, value in facts)
    error = 196 * math.sqrt(0.25 / max(draws // summary["paths"], 1))
    left_out = LEFT_OUT if summary.get("kept") == "outcomes" else ""
    shared = " or better, since paths share their parameters" if summary["paths"] > 1 else ""
    return (
        f"<footer>\n<h2>What this rests on</h2>\n<p>{PROMISE}</p>\n"
        f"<p>Monte Carlo error: with {draws:,} draws a share near one half is known to ± {error:.2g} percentage points "
        f"(95 %){shared}, a rare one more closely. Every interval of a share is a Wilson 95 % "
        f"interval for that error alone; it does not cover wrong assumptions or a wrong model.</p>\n{left_out}"
        f"<dl>{rows}</dl>\n</footer>\n"
    )


def chart_data(summary: Summary) -> str:
    """The charts in both layouts."""
    wide, narrow = charts(summary), charts(summary, narrow=True)
    specs = {name: {"wide": spec(wide[name]), "narrow": spec(narrow[name])} for name in wide}
    return inert(specs)


def inert(value: Any) -> str:
    """A value as JSON that cannot close its own element."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def spec(chart: Chart) -> dict[str, Any]:
    """A chart without its words, which the page sets itself."""
    return {"data": chart.data, "layout": chart.layout}
