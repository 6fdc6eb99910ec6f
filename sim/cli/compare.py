"""`parley compare`: the same draws under several scenarios, or under variants of one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from sim.cli.common import (
    Code,
    RefusalError,
    clean,
    console,
    examples,
    find_scenario,
    json_option,
    plural,
    put_json,
    say,
    seed_option,
    sets_option,
    verbosity,
)

if TYPE_CHECKING:
    from sim.scenario import Scenario


@click.command(
    "compare",
    epilog=examples(
        "parley compare NAME --set parties.host.discount_rate=0.3 --set time.window=30 -n 1000",
        "parley compare NAME OTHER -n 1000",
    ),
)
@click.argument("scenarios", nargs=-1, required=True)
@click.option("-n", "--draws", type=click.IntRange(2, 10**7), default=5000, show_default=True, help="Number of draws.")
@seed_option
@click.option("--workers", type=click.IntRange(1, 1024), default=None, help="Processes.  [default: one per core]")
@sets_option
@click.option(
    "--chart", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Draw the flow of draws: FILE.html."
)
@json_option
@verbosity
def command(
    scenarios: tuple[str, ...],
    draws: int,
    seed: int,
    workers: int | None,
    sets: tuple[str, ...],
    chart: Path | None,
    *,
    as_json: bool,
) -> None:
    """Compare SCENARIOS with the first of them, or one with each `--set` as a variant of its own, draw by draw.

    All are played with the same random numbers, so that differences are those of the scenarios and not of luck. Each
    difference comes with its 95 % interval.
    """
    from sim.compare import compare

    games = _games(scenarios, sets)
    try:
        found = compare(games, draws, seed, workers or os.cpu_count() or 1)
    except ValueError as error:
        raise RefusalError(str(error), Code.BAD_INPUT) from error
    if chart is not None:
        _draw(found, chart)
    if as_json:
        put_json(found)
    else:
        _tables(found)


def _games(scenarios: tuple[str, ...], sets: tuple[str, ...]) -> list[tuple[str, Scenario]]:
    from sim import load

    if len(scenarios) + len(sets) < 2 or (len(scenarios) > 1 and sets):
        raise click.UsageError("compare two scenarios or more, or one scenario with one --set or more")
    games = [(name, load(find_scenario(name))) for name in scenarios]
    return games + [(text, load(find_scenario(scenarios[0]), (text,))) for text in sets]


def _tables(found: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    for row in found["rows"]:
        title = f"{row['name']} against {found['of']}: {100 * row['changed']:.1f} % of the draws end differently"
        table = Table(title=Text(clean(title)), box=SIMPLE_HEAD, title_justify="left", title_style="bold")
        for head in ("what", "difference", "95 % interval"):
            table.add_column(head, justify="left" if head == "what" else "right")
        for key, share in row["shares"].items():
            change, low, high = (100 * share[name] for name in ("difference", "low", "high"))
            table.add_row(Text(clean(found["outcomes"][key])), f"{change:+.1f} points", f"{low:+.1f} to {high:+.1f}")
        for key, payoff in row["payoffs"].items():
            change, low, high = (payoff[name] for name in ("difference", "low", "high"))
            table.add_row(Text(clean(f"payoff of {key}")), f"{change:+.4g}", f"{low:+.4g} to {high:+.4g}")
        for flow in row["flows"]:
            if flow["start"] != flow["end"]:
                start, end = (found["outcomes"][flow[side]] for side in ("start", "end"))
                words = Text(clean(f"from {start} to {end}"))
                table.add_row(words, plural(flow["draws"], "draw"), "")
        console().print(table)


def _draw(found: dict[str, Any], file: Path) -> None:
    from sim.charts.changes import changes
    from sim.charts.export import to_page

    row = found["rows"][0]
    if file.suffix != ".html":
        raise click.BadParameter(f"{file} must end with .html", param_hint="--chart")
    file.write_text(to_page("changes", changes(found, row), changes(found, row, narrow=True), found["of"]), "utf-8")
    say(f"chart: {file}" + (" (of the first variant)" if len(found["rows"]) > 1 else ""))
