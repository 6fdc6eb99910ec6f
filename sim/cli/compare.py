"""`parley compare`: scenarios, variants of one, and stored runs side by side."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.common import (
    Code,
    RefusalError,
    clean,
    console,
    ending_in,
    examples,
    find_scenario,
    json_option,
    plural,
    put_json,
    say,
    sets_option,
    settings,
    verbosity,
)
from sim.cli.found import run_folder, stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.cli.cost import Cost
    from sim.compare import Side
    from sim.scenario import Scenario


@click.command(
    "compare",
    epilog=examples(
        "parley compare NAME --set parties.host.discount_rate=0.3 --set time.window=30 -n 1000",
        "parley compare NAME OTHER -n 1000",
        "parley compare RUN OTHER",
    ),
)
@click.argument("games", nargs=-1, required=True, metavar="SCENARIO|RUN...")
@click.option(
    "-n",
    "--draws",
    type=click.IntRange(2, 10**7),
    default=None,
    help="Draws of each scenario.  [default: 5000, or as many as the first RUN has]",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=None,
    help="Seed of each scenario.  [default: 0, or that of the first RUN]",
)
@click.option("--workers", type=click.IntRange(1, 1024), default=None, help="Processes.  [default: one per core]")
@sets_option
@click.option(
    "--chart",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=ending_in(".html"),
    metavar="FILE.html",
    help="Draw the flow of draws into a page that opens offline.",
)
@click.option("--yes", is_flag=True, help="Go on with very many draws.")
@json_option
@verbosity
def command(
    games: tuple[str, ...],
    draws: int | None,
    seed: int | None,
    workers: int | None,
    sets: tuple[str, ...],
    chart: Path | None,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Compare scenarios and stored runs with the first of them, or one scenario with each `--set` as a variant.

    A RUN is the folder of a run, or a file in it such as the report; it is read and not played again. Scenarios are
    played with the same random numbers, those of the first RUN if there is one, so that differences are those of the
    scenarios and not of luck; what shares its seed and paths is compared draw by draw. Runs that do not are compared
    as independent, and that is said. Each difference comes with its 95 % interval.
    """
    from sim.cli.cost import ask
    from sim.cli.progress import Meter
    from sim.compare import compare, sides_of

    sides, workers = sides_of(_games(games, sets), draws, seed), workers or os.cpu_count() or 1
    cost = _cost(sides, workers)
    ask(cost, yes=yes)
    try:
        with Meter(cost.draws, cost.seconds, quiet=settings().quiet) as meter:
            found = compare(sides, workers, meter)
    except ValueError as error:
        raise RefusalError(str(error), Code.BAD_INPUT) from error
    if as_json:
        put_json(found)
    else:
        _tables(found)
    if chart is not None:
        _draw(found, chart)


def _cost(sides: Sequence[Side], workers: int) -> Cost:
    """Return what the scenarios among the sides take to play; stored runs take nothing."""
    from sim.cli.cost import Cost, estimate

    found = [estimate(side.scenario, side.draws, workers, whole=False) for side in sides if side.scenario is not None]
    return Cost(
        draws=sum(cost.draws for cost in found),
        seconds=sum(cost.seconds for cost in found),
        memory_bytes=max((cost.memory_bytes for cost in found), default=0),
        disk_bytes=0,
    )


def _games(names: tuple[str, ...], sets: tuple[str, ...]) -> list[tuple[str, Scenario | Path]]:
    from sim import load

    if len(names) + len(sets) < 2 or (len(names) > 1 and sets):
        raise click.UsageError("compare two scenarios or runs or more, or one scenario with one --set or more")
    games: list[tuple[str, Scenario | Path]] = []
    for name in names:
        folder = run_folder(name)
        if folder is None:
            games.append((name, load(find_scenario(name))))
        else:
            home = stored(folder).resolve()
            games.append((f"{home.parent.name}/{home.name}", folder))
    if sets and isinstance(games[0][1], Path):
        raise RefusalError(
            f"{names[0]} is a stored run, and --set makes variants of a scenario: compare it with a run of the variant",
            Code.BAD_INPUT,
        )
    return games + [(text, load(find_scenario(names[0]), (text,))) for text in sets]


def _tables(found: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    for row in found["rows"]:
        if row["paired"]:
            what = f"{100 * row['changed']:.1f} % of {plural(row['draws'], 'draw')} end differently"
        else:
            what = f"{plural(row['draws'], 'draw')} against {row['draws_of_first']:,}, not matched"
        title = f"{row['name']} against {found['of']}: {what}"
        table = Table(title=Text(clean(title)), box=SIMPLE_HEAD, title_justify="left", title_style="bold")
        for head in ("what", "difference", "95 % interval"):
            table.add_column(head, justify="left" if head == "what" else "right")
        for key, share in row["shares"].items():
            change, low, high = (100 * share[name] for name in ("difference", "low", "high"))
            table.add_row(Text(clean(found["outcomes"][key])), f"{change:+.1f} points", f"{low:+.1f} to {high:+.1f}")
        for key, payoff in row["payoffs"].items():
            change, low, high = (payoff[name] for name in ("difference", "low", "high"))
            words = Text(clean(f"payoff of {found['parties'][key]}"))
            table.add_row(words, f"{change:+.4f}", f"{low:+.4f} to {high:+.4f}")
        for flow in row["flows"]:
            if flow["start"] != flow["end"]:
                start, end = (found["outcomes"][flow[side]] for side in ("start", "end"))
                words = Text(clean(f"from {start} to {end}"))
                table.add_row(words, plural(flow["draws"], "draw"), "")
        console().print(table)
        for sentence in (row["why"], row["note"]):
            if sentence:
                say(f"{row['name']}: {sentence}")


def _draw(found: dict[str, Any], file: Path) -> None:
    from sim.charts.changes import changes
    from sim.charts.export import to_pages

    rows = {f"changes-{place}": row for place, row in enumerate(found["rows"], start=1) if row["paired"]}
    if not rows:
        sentence = "no flow can be drawn: none of these shares its draws with the first; play them with one seed"
        raise RefusalError(sentence, Code.BAD_INPUT)
    wide, narrow = ({name: changes(found, row, slim) for name, row in rows.items()} for slim in (False, True))
    file.write_text(to_pages(wide, narrow, found["of"]), "utf-8")
    left = len(found["rows"]) - len(rows)
    say(f"chart: {file}" + (f"; {left} left out, whose draws are not those of the first" if left else ""))
