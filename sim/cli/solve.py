"""`parley solve`: what theory says of a scenario before anybody plays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.common import (
    Code,
    Number,
    RefusalError,
    clean,
    console,
    detail,
    ending_in,
    examples,
    find_scenario,
    json_option,
    plural,
    put_json,
    say,
    seed_option,
    sets_option,
    settings,
    verbosity,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.scenario import Scenario

POINTS = {
    "nash": "Nash",
    "kalai_smorodinsky": "Kalai-Smorodinsky",
    "egalitarian": "Egalitarian",
    "utilitarian": "Utilitarian",
}
_SOURCES = {
    "talks": "talks without end",
    "breakdown": "what a breakdown leaves",
    "stated": "as stated",
}
_SHOWN = 12
Finding = dict[str, Any]


def _disagreement(
    _ctx: click.Context, _option: click.Parameter, text: str | None
) -> tuple[str | None, tuple[float, float] | None]:
    """Read `talks`, `breakdown`, or two numbers."""
    if text is None or text in ("talks", "breakdown"):
        return text, None
    parts = text.split(",")
    try:
        one, two = (float(part) for part in parts)
    except ValueError:
        one = two = float("nan")
    if not (abs(one) < 1e9 and abs(two) < 1e9):
        raise click.BadParameter(f"{text[:80]!r} is neither talks, breakdown, nor two numbers such as 0.2,0.1")
    return None, (one, two)


@click.command(
    "solve",
    epilog=examples(
        "parley solve scenarios/NAME.yaml",
        "parley solve NAME --json",
        "parley solve NAME --power 0.6 --chart bargain.html",
        "parley solve NAME --disagreement 0.2,0.1",
    ),
)
@click.argument("scenario")
@click.option(
    "--power",
    type=Number(0, 1),
    metavar="P",
    help="Bargaining power of the first party in the asymmetric Nash point; the other has 1 - P. Default: what the "
    "parties' patience gives when rounds are short.",
)
@click.option(
    "--disagreement",
    callback=_disagreement,
    metavar="WHAT",
    help="What gains are counted from: talks (for ever, a collapse reckoned in), breakdown (what it leaves), or two "
    "numbers A,B in the parties' order, which are then also the least that each takes. Default: breakdown where a "
    "deadline ends in one, else talks.",
)
@click.option(
    "-n",
    "--draws",
    type=click.IntRange(1, 1_000_000),
    default=500,
    show_default=True,
    help="Draws of what is uncertain.",
)
@click.option(
    "--chart",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=ending_in(".html"),
    metavar="FILE.html",
    help="Draw all deals, the efficient ones and the points into a page that opens offline.",
)
@seed_option
@sets_option
@json_option
@verbosity
def command(
    scenario: str,
    power: float | None,
    disagreement: tuple[str | None, tuple[float, float] | None],
    draws: int,
    chart: Path | None,
    seed: int,
    sets: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Say what theory says of SCENARIO: efficient deals, zone of agreement, Nash and other points, the protocol's end.

    Everything is taken at the start, uncertain numbers at their medians. What gains are counted from is what the
    parties have without a deal and without exits; exits only raise the least that a party takes. Votes at home are left
    out. Points are found among deals that give both at least that. Ties go to the deal that stands first: issues in the
    order of their ids, levels in that of the file. Where numbers are uncertain, the same is done for every draw, and
    quantiles are told.
    """
    from sim import load
    from sim.cli.cost import estimate
    from sim.cli.progress import Meter
    from sim.rules.space import count
    from sim.scenario.compile import compile_scenario
    from sim.solution.bargain import TooManyError, Wish
    from sim.solution.spread import affordable
    from sim.solution.summary import cloud, solve

    loaded = load(find_scenario(scenario), sets)
    compiled = compile_scenario(loaded)
    wish = Wish(*disagreement, power)
    detail(f"comparing {plural(count(compiled.layout), 'deal')}, and over up to {plural(draws, 'draw')}")
    try:
        both = draws + affordable(compiled, draws)  # played once, and weighed once
        with Meter(both, 2 * estimate(loaded, draws, 1).seconds, quiet=settings().quiet) as meter:
            found = solve(compiled, wish, draws, seed, meter)
    except TooManyError as error:
        raise RefusalError(str(error), Code.BAD_INPUT) from error
    if chart is not None:
        _draw(found, cloud(compiled, wish), loaded, chart)
    if as_json:
        put_json(found)
    else:
        _print(found, loaded)


def _draw(found: Finding, deals: Any, scenario: Scenario, file: Path) -> None:
    from sim.charts.bargain import html

    labels = [party.label for party in scenario.parties]
    file.write_text(html(found, deals, scenario.title, labels, Words(scenario).deal), encoding="utf-8")
    say(f"chart: {file}")


def _print(found: Finding, scenario: Scenario) -> None:
    from rich.text import Text

    page, book = console(), Words(scenario)
    for text, indent, style in [
        *_head(found, book),
        *_points(found, book),
        *_played(found, book),
        *_spread(found, book),
        *_efficient(found, book),
    ]:
        for line in Text(clean(text)).wrap(page, max(page.width - indent, 20)):
            line.rstrip()
            page.print(Text(" " * indent) + Text(line.plain, style=style))


Line = tuple[str, int, str]


class Words:
    """Labels of a scenario, for terms and worths."""

    def __init__(self, scenario: Scenario) -> None:
        self.title = scenario.title
        self.parties = [party.label for party in scenario.parties]
        self.issues = {issue.id: issue.label for issue in scenario.issues}
        self.units = {issue.id: f" {issue.unit}" if issue.unit else "" for issue in scenario.issues}
        self.levels = {(issue.id, level.id): level.label for issue in scenario.issues for level in issue.levels or ()}
        self.outcomes = {outcome.id: outcome.label for outcome in scenario.outcomes}

    def worth(self, pair: Sequence[float]) -> str:
        """Return what something is worth to both."""
        return ", ".join(f"{value:.3f} to {name}" for value, name in zip(pair, self.parties, strict=True))

    def deal(self, terms: Mapping[str, Any]) -> str:
        """Return terms on one line, in the file's order."""
        return "; ".join(f"{label}: {self.term(name, terms[name])}" for name, label in self.issues.items())

    def term(self, issue: str, value: Any) -> str:
        """Return one term."""
        if isinstance(value, float):
            return f"{value:.4g}{self.units[issue]}"
        return self.levels.get((issue, value), str(value))


def _head(found: Finding, book: Words) -> list[Line]:
    count = "a continuum of deals" if found["deals"] is None else plural(found["deals"], "deal")
    corners = "corners of the contract curve" if found["deals"] is None else "efficient"
    source = _SOURCES[found["disagreement_from"]]
    lines = [
        (book.title, 0, "bold"),
        (f"{count}; {len(found['pareto'])} {corners}", 0, ""),
        (f"Without a deal ({source}): {book.worth(found['disagreement'])}", 0, ""),
    ]
    if found["reservation"] != found["disagreement"]:
        lines.append((f"The least that each takes: {book.worth(found['reservation'])}", 0, ""))
    if not found["zone_of_agreement"]:
        return [*lines, ("No zone of agreement: no deal gives both at least that.", 0, "bold")]
    size = "" if found["deals_in_zone"] is None else f": {plural(found['deals_in_zone'], 'deal')}"
    return [*lines, (f"There is a zone of agreement{size}.", 0, "bold")]


def _points(found: Finding, book: Words) -> list[Line]:
    lines: list[Line] = []
    for name, label in POINTS.items():
        if found[name] is not None:
            lines += [(f"{label}: {book.worth(found[name])}", 0, "cyan"), (book.deal(found["deals_at"][name]), 4, "")]
    unequal = found["asymmetric_nash"]
    if unequal is not None and unequal["worth"] is not None and unequal["powers"][0] != unequal["powers"][1]:
        powers = " and ".join(f"{power:.3f}" for power in unequal["powers"])
        lines.append(
            (f"Nash with powers {powers} ({unequal['powers_from']}): {book.worth(unequal['worth'])}", 0, "cyan")
        )
        lines.append((book.deal(unequal["deal"]), 4, ""))
    return lines


def _played(found: Finding, book: Words) -> list[Line]:
    played = found["protocol"]
    kind = played["kind"].replace("_", "-")
    if played["worth"] is None:
        return [(f"Played by its own protocol ({kind}): no deal in {plural(played['draws'], 'draw')}.", 0, "")]
    worth = book.worth([party["mean"] for party in played["worth"]])
    when = f"{played['median_step'] + 1}"  # counted from 1 for people, from 0 in JSON
    if played["deal"] is not None:
        deal = (book.deal(played["deal"]), 4, "")
        return [(f"Played by its own protocol ({kind}): a deal in step {when}, worth {worth}", 0, ""), deal]
    share = f"a deal in {100 * played['agreement']:.1f} % of {plural(played['draws'], 'draw')}"
    return [(f"Played by its own protocol ({kind}): {share}, half of them by step {when}; on average {worth}", 0, "")]


def _spread(found: Finding, book: Words) -> list[Line]:
    over = found["uncertain"]
    if over is None:
        return []
    zone = over["zone_of_agreement"]
    share = f"{100 * zone['probability']:.1f} % (95 % interval {100 * zone['low']:.1f} to {100 * zone['high']:.1f})"
    lines = [
        (f"Over {plural(over['draws'], 'draw')} of what is uncertain, {share} have a zone of agreement.", 0, "bold")
    ]
    rows = {**POINTS, "reservation": "Least each takes"}
    for name, label in rows.items():
        if over[name] is not None:
            words = (
                f"{row['p50']:.3f} ({row['p05']:.3f} to {row['p95']:.3f}) to {party}"
                for row, party in zip(over[name], book.parties, strict=True)
            )
            lines.append((f"{label}, median and 90 % of draws: {', '.join(words)}", 2, ""))
    return lines


def _efficient(found: Finding, book: Words) -> list[Line]:
    rows = found["pareto"]
    step = max(1, -(-len(rows) // _SHOWN))
    shown = rows[::step] if (len(rows) - 1) % step == 0 else [*rows[::step], rows[-1]]
    part = "" if len(shown) == len(rows) else f", {len(shown)} of {len(rows)} (all with --json)"
    lines: list[Line] = [(f"Efficient deals{part}:", 0, "bold")]
    for row in shown:
        lines += [(book.worth(row["worth"]), 2, "cyan"), (book.deal(row["deal"]), 6, "dim")]
    return lines
