"""`parley run`: Monte Carlo over one scenario, a folder of results, a report."""

from __future__ import annotations

import os
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal

import click

from sim.cli.common import (
    clean,
    console,
    detail,
    examples,
    find_scenario,
    json_option,
    out_option,
    plural,
    put,
    put_json,
    say,
    seed_option,
    sets_option,
    settings,
    verbosity,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sim.experiment import Run

_SHARES = ("probability", "se", "low", "high")
_PLAYED_AGAIN = ("causes_tested", "mechanisms")  # parts of a summary, with `--mechanisms`
_VARIANCE = ("total", "parameters", "path", "se")


@click.command(
    "run",
    epilog=examples(
        "parley run scenarios/NAME.yaml",
        "parley run NAME -n 100000 --seed 7 --set time.window=36",
        "parley run NAME --paths 4 --mechanisms 2000",
        "parley run NAME -n 10000000 --keep outcomes",
    ),
)
@click.argument("scenario")
@click.option(
    "-n", "--draws", type=click.IntRange(1, 10**9), default=20_000, show_default=True, help="Number of draws."
)
@seed_option
@click.option(
    "--paths",
    type=click.IntRange(1, 10**6),
    default=1,
    show_default=True,
    help="Paths of chance for each draw of the parameters, among the draws of -n; from 2 on their variances are split.",
)
@click.option(
    "--mechanisms",
    type=click.IntRange(0, 10**9),
    default=0,
    show_default=True,
    metavar="DRAWS",
    help="Play so many draws again without each mechanism in turn (exits, audiences, distrust, ...) and report what "
    "each does. Costs DRAWS more draws per mechanism, 10 to 40 of them in a large scenario; 2000 is a good number.",
)
@click.option(
    "--keep",
    type=click.Choice(["all", "outcomes"]),
    default="all",
    show_default=True,
    help="What draws.parquet holds: all columns, or outcome classes, steps, causes, terms, payoffs and questions, "
    "for runs of millions of draws. What is left out can be had again from seed and draw number; the report does "
    "without who conceded, leaving at once, and what moved before deals died.",
)
@click.option("--workers", type=click.IntRange(1, 1024), default=None, help="Processes.  [default: one per core]")
@out_option
@sets_option
@click.option("--no-report", is_flag=True, help="Do not write report.html.")
@click.option("--yes", is_flag=True, help="Go on with a very large run.")
@json_option
@verbosity
def command(
    scenario: str,
    draws: int,
    seed: int,
    paths: int,
    mechanisms: int,
    keep: Literal["all", "outcomes"],
    workers: int | None,
    out: Path,
    sets: tuple[str, ...],
    *,
    no_report: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Simulate SCENARIO, keep the results and write a report.

    Results lie in `OUT/<scenario>/run-<10 hex digits>/`; the same inputs give the same bytes, and a complete folder is
    checked and reused. The last line on stdout is the path of the report.

    With `--paths 2` or more, `--json` adds `variance` (of each outcome: `total`, `parameters`, `path`, and `se` of the
    parameters' part) and `divided` (how often two paths of the same parameters end differently); with `--mechanisms`,
    `mechanisms` (`draws`, and `rows` with `id`, `label`, `changed`, `shares`, `payoffs` and what moves `most`) and
    `causes_tested` (`draws`, and `rows` with `cause`, `draws`, `confirmed` and the `ways` that were tried).
    """
    from sim import load
    from sim.analysis.variance import FEWEST_GROUPS as FEWEST
    from sim.cli.cost import ask, estimate
    from sim.cli.progress import Meter
    from sim.experiment import replayed, run_loaded

    if paths > 1 and draws < FEWEST * paths:
        raise click.BadParameter(
            f"{paths} paths leave fewer than {FEWEST} draws of the parameters; ask for -n {FEWEST * paths} or more",
            param_hint="--paths",
        )
    if 0 < mechanisms <= paths:
        sentence = "one draw of the parameters does not tell what a mechanism does"
        raise click.BadParameter(f"{sentence}; ask for {paths + 1} or more", param_hint="--mechanisms")
    loaded = load(find_scenario(scenario), sets)
    workers = workers or os.cpu_count() or 1
    games = replayed(loaded, draws, mechanisms)
    total = draws + games * mechanisms
    cost = estimate(loaded, draws, workers, games * mechanisms, whole=keep == "all")
    ask(cost, yes=yes, again=games * mechanisms)
    detail(f"{cost}; {plural(workers, 'worker')}")
    started = perf_counter()
    with Meter(total, cost.seconds, quiet=settings().quiet) as meter:
        done = run_loaded(
            loaded,
            draws,
            seed,
            sets,
            workers,
            out,
            meter,
            report=not no_report,
            paths=paths,
            mechanisms=mechanisms,
            keep=keep,
        )
        meter(total)  # some games need not be played: a cause that does not occur has nothing to test
    elapsed = perf_counter() - started
    _tell(done, elapsed, as_json=as_json, page=not no_report)


def _tell(done: Run, elapsed: float, *, as_json: bool, page: bool) -> None:
    from sim.batch.manifest import REPORT

    say(
        "already there, no draw is played again"
        if done.reused
        else f"{plural(done.summary['draws'], 'draw')} in {elapsed:.1f} s"
    )
    folder = done.folder
    if as_json:
        put_json(outline(done.summary, str(folder), elapsed))
        return
    if not settings().quiet:
        _table(done.summary)
        _played_again(done.summary)
    put(str(folder / REPORT if page and folder else folder))


def outline(summary: dict[str, Any], folder: str, elapsed: float) -> dict[str, Any]:
    """Return what `run --json` prints: the summary's findings without its descriptions."""
    shares = {name: {key: row[key] for key in _SHARES} for name, row in summary["outcomes"].items()}
    asked = ("text", "date", *_SHARES)
    return {
        "scenario": summary["scenario"],
        "run": folder,
        "draws": summary["draws"],
        "seed": summary["seed"],
        "outcomes": shares,
        "questions": {name: {key: row[key] for key in asked} for name, row in summary["questions"].items()},
        "agreement": {
            "probability": summary["agreement"]["probability"],
            "median_step": summary["agreement"]["median_step"],
            "survival": summary["agreement"]["survival"],
        },
        "causes": summary["causes"],
        "payoffs": summary["payoffs"],
        "concessions": summary["concessions"],
        **_more(summary),
        "elapsed_s": round(elapsed, 3),
    }


def _more(summary: dict[str, Any]) -> dict[str, Any]:
    """Return what is there with two paths or more, and with `--mechanisms`."""
    found: dict[str, Any] = {}
    if "variance" in summary:
        rows = summary["variance"].items()
        found["variance"] = {name: {key: row[key] for key in _VARIANCE} for name, row in rows}
        found["divided"] = summary["divided"]
    return found | {name: summary[name] for name in _PLAYED_AGAIN if name in summary}


def _table(summary: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(clean(summary["title"])), box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    for name in ("outcome", "probability", "95 % interval", "error"):
        table.add_column(name, justify="left" if name == "outcome" else "right")
    for row in summary["outcomes"].values():
        share, error, low, high = (100 * row[key] for key in _SHARES)
        table.add_row(
            Text(clean(row["label"])), f"{_short(share)} %", f"{_short(low)} to {_short(high)}", f"{error:.2f}"
        )
    console().print(table)


def _played_again(summary: dict[str, Any]) -> None:
    """Print the tables of what was played again without a part, if anything was."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from sim.charts.tables import TABLES

    for name in _PLAYED_AGAIN:
        for found in TABLES[name](summary) if name in summary else ():
            table = Table(title=Text(clean(found.caption)), box=SIMPLE_HEAD, title_justify="left", title_style="bold")
            for place, head in enumerate(found.head):
                table.add_column(head, justify="left" if place < 2 else "right")
            for row in found.rows:
                table.add_row(*(Text(clean(getattr(cell, "text", cell))) for cell in row))
            console().print(table)


def _short(percent: float) -> str:
    """Per cent with one decimal, with two where one would round a small number to nothing."""
    return f"{percent:.1f}" if percent >= 1 or percent == 0 else f"{percent:.2f}"
