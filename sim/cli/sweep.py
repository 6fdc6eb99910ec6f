"""`parley sweep`: many points of a scenario, each played with the same chance; killed, continued, extended at will."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.common import (
    Code,
    Number,
    RefusalError,
    as_typed,
    clean,
    console,
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
    from sim.cli.cost import Cost
    from sim.sweep import Plan, Sweep

_GO_ON = "every finished point is kept; to go on: "
_SHOWN = 12
_SMALL_POINTS = 10**5
_PROBES = 12  # tried by --dry-run


@click.command(
    "sweep",
    epilog=examples(
        "parley sweep NAME --vary parties.host.discount_rate=0.05:0.3:3 --vary time.window=24,36 -n 1000",
        "parley sweep fearon-ultimatum --name costs-of-war",
        "parley sweep NAME --vary parties.guest.discount_rate --design sobol --points 8 -n 500",
        "parley sweep NAME --vary parties.host.discount_rate=0:1:1000000000 --dry-run",
    ),
)
@click.argument("scenario")
@click.option(
    "--vary",
    multiple=True,
    metavar="PATH=RANGE",
    help="What varies: PATH=LO:HI:N, PATH=A,B,C, PATH (its own distribution) or PATH=own:N; A+B=LO:HI:N/LO:HI:N moves "
    "paths together; moves.ID=on,off and exits.ID=on,off switch. May be repeated.",
)
@click.option(
    "--design",
    type=click.Choice(("grid", "lhs", "sobol", "halton", "list")),
    default=None,
    help="How points are laid out; sobol, halton, grid and list can be extended; a Latin hypercube (lhs) has a fixed "
    "size.  [default: grid]",
)
@click.option(
    "--list",
    "listed",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    metavar="FILE",
    help="With --design list: a CSV file; its head names the paths, each line is a point.",
)
@click.option("--points", type=click.IntRange(1, 10**9), default=None, help="Points of lhs, sobol or halton; 64.")
@click.option(
    "-n", "--draws", type=click.IntRange(1, 10**9), default=None, help="Draws for each point.  [default: 2000]"
)
@seed_option
@click.option("--independent", is_flag=True, help="Give each point chance of its own; else all share the same.")
@click.option(
    "--name",
    default=None,
    metavar="NAME",
    help="A sweep that the scenario holds under this name; with --vary, a name for the folder, sweep-NAME.  [default: "
    "ten hex digits]",
)
@click.option("--workers", type=click.IntRange(1, 1024), default=None, help="Processes.  [default: one per core]")
@click.option(
    "--scheduler", default=None, metavar="ADDRESS", help="Play on a Dask cluster instead, e.g. tcp://127.0.0.1:8786."
)
@click.option(
    "--task-limit",
    type=Number(0.1, 10**7),
    default=None,
    metavar="SECONDS",
    help="Give a point up if some of its draws, up to 8,192, take longer.  [default: 50 times as long as the slowest "
    "so far, a minute at least; an hour for the first]",
)
@out_option
@sets_option
@click.option(
    "--dry-run",
    is_flag=True,
    help="Say what it would cost and which of the values written would fail, and play nothing.",
)
@click.option("--yes", is_flag=True, help="Go on with a very large sweep.")
@json_option
@verbosity
def command(
    scenario: str,
    vary: tuple[str, ...],
    design: str | None,
    listed: Path | None,
    points: int | None,
    draws: int | None,
    seed: int,
    name: str | None,
    workers: int | None,
    scheduler: str | None,
    task_limit: float | None,
    out: Path,
    sets: tuple[str, ...],
    *,
    independent: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Play SCENARIO at many points, keep a table for each, and write a report.

    The same command again goes on where it stopped; more points or draws extend, and leave what is there as it is. A
    changed model is refused (exit code 6). A point that fails is a row with its reason; the others go on (exit code 3).
    The last line on stdout is the path of the report.
    """
    from sim.batch.folders import refuse_held
    from sim.cli.cost import ask
    from sim.sweep import plan

    planned = plan(
        find_scenario(scenario),
        vary,
        design=design,
        points=points,
        listed=listed,
        draws=draws,
        seed=seed,
        sets=sets,
        independent=independent,
        name=name,
    )
    workers = workers or os.cpu_count() or 1
    if not dry_run:
        refuse_held(planned.identity.folder(out))  # at once, before anything slow is loaded
    cost = cost_of(planned, workers)
    if dry_run:
        return _tell_cost(planned, cost, as_json=as_json)
    ask(cost, yes=yes)
    if planned.design.size > _SMALL_POINTS and not yes:
        raise RefusalError(f"{plural(planned.design.size, 'point')}: add --yes if that is meant", Code.NEEDS_YES)
    how = {"workers": workers, "scheduler": scheduler, "task_limit": task_limit}
    return _swept(planned, out, how, cost, as_json=as_json)


def cost_of(planned: Plan, workers: int) -> Cost:
    """Return what a sweep is expected to take, the base case counted; nothing is laid out."""
    from sim.cli.cost import Cost, estimate
    from sim.sweep import MOST

    points = planned.design.size + 1
    one, none = (estimate(planned.scenario, n, 1) for n in (planned.draws, 1))
    task = estimate(planned.scenario, min(planned.draws, MOST) * workers, workers)
    return Cost(
        draws=points * planned.draws,
        seconds=none.seconds + points * (one.seconds - none.seconds) / workers,
        memory_bytes=task.memory_bytes,
        disk_bytes=points * max(one.disk_bytes - none.disk_bytes, 8192),
    )


def _tell_cost(planned: Plan, cost: Cost, *, as_json: bool) -> int:
    from sim.cli.cost import duration, size

    points = planned.design.size
    doubtful = list(planned.doubtful(_PROBES))
    code = Code.FAILED if doubtful else Code.OK
    for point, why in doubtful:
        click.echo(clean(f"{point.words} would fail: {why}"), err=True)
    if as_json:
        figures = {"seconds": cost.seconds, "memory_bytes": cost.memory_bytes, "disk_bytes": cost.disk_bytes}
        value = planned.design.value
        faults = [
            {"values": {path: value(path, text) for path, text in point.settings}, "reason": why}
            for point, why in doubtful
        ]
        head = {"scenario": planned.scenario.id, "points": points, "draws": cost.draws}
        put_json({**head, "cost": figures, "faults": faults})
        return code
    put(f"{plural(points, 'point')} and the base case, {plural(planned.draws, 'draw')} each: {cost.draws:,} draws")
    put(f"about {duration(cost.seconds)}, {size(cost.memory_bytes)} of memory, {size(cost.disk_bytes)} on disk")
    return code


def _swept(planned: Plan, out: Path, how: dict[str, Any], cost: Cost, *, as_json: bool) -> int:
    from sim.batch.runner import SchedulerLostError
    from sim.batch.sweeps import REPORT
    from sim.cli.progress import Meter
    from sim.sweep import sweep

    try:
        with Meter(cost.draws, cost.seconds, quiet=settings().quiet) as meter:
            done = sweep(planned, out, progress=meter, **how)
    except (KeyboardInterrupt, click.Abort):
        raise RefusalError(f"interrupted; {_GO_ON}{as_typed()}", Code.INTERRUPTED) from None
    except SchedulerLostError as error:
        raise RefusalError(f"{error}; {_GO_ON}{as_typed()}", Code.FAILED) from None
    for sentence in _remarks(done):
        click.echo(clean(sentence), err=True)
    if as_json:
        put_json(outline(done))
    else:
        say(f"{plural(done.played, 'draw')} played; points {'have chance of their own' * planned.independent}"
            f"{'share their random numbers' * (not planned.independent)}")  # fmt: skip
        if not settings().quiet:
            _table(done.summary)
        put(str(done.folder / REPORT))
    return Code.FAILED if done.failed else Code.OK


def _remarks(done: Sweep) -> list[str]:
    """Return what must be said of points that failed, and of points that were the same game."""
    failed = done.summary["failures"][:_SHOWN]
    said = [f"point {row['point']} ({_where(done, row)}) failed: {row['reason']}" for row in failed]
    if len(done.failed) > _SHOWN:
        said.append(f"and {len(done.failed) - _SHOWN:,} more; points.csv has every reason")
    why = "what was varied between them did not reach the model"
    if done.aside:
        said.append(
            f"{plural(done.aside, 'draw')} of other points, or beyond those asked for, lie in the folder: "
            "they are kept, and tables and report leave them out"
        )
    alike = done.summary["alike"][:_SHOWN]
    return [*said, *(f"points {', '.join(map(str, same[:_SHOWN]))} are the same game: {why}" for same in alike)]


def _where(done: Sweep, row: dict[str, Any]) -> str:
    paths = [path for axis in done.summary["axes"] for path in axis["paths"]]
    return ", ".join(f"{path}={_setting(row[path])}" for path in paths if row[path] is not None) or "the base case"


def outline(done: Sweep) -> dict[str, Any]:
    """Return what `sweep --json` prints: the summary, with the folder and how much was played now."""
    told = ("scenario", "design", "points", "shown", "draws", "seed", "independent", "axes", "alike")
    rows = []
    for row in done.summary["rows"]:
        paths = [path for axis in done.summary["axes"] for path in axis["paths"]]
        head = {key: row[key] for key in ("point", "id", "state", "reason", "draws", "fingerprint")}
        found = {
            key: value for key, value in row.items() if key.startswith(("outcome.", "agree", "payoff.")) and key != "id"
        }
        rows.append(head | {"values": {path: row[path] for path in paths}, "found": found})
    return {
        "sweep": str(done.folder),
        **{key: done.summary[key] for key in told},
        "played": done.played,
        "failed": len(done.failed),
        "rows": rows,
    }


def _setting(value: float | str) -> str:
    return f"{value:g}" if isinstance(value, float) else value


def _table(summary: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    paths = [path for axis in summary["axes"] for path in axis["paths"]]
    table = Table(title=Text(clean(summary["title"])), box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    for head in ("point", *paths, *summary["outcomes"].values()):
        table.add_column(Text(clean(head)), justify="right", overflow="fold")
    for row in summary["rows"][: _SHOWN + 1]:
        name = "base" if row["point"] < 0 else str(row["point"])
        values = ["" if row[path] is None else _setting(row[path]) for path in paths]
        shares = [row[f"outcome.{key}"] for key in summary["outcomes"]]
        table.add_row(name, *map(clean, values), *("failed" if s is None else f"{100 * s:.1f} %" for s in shares))
    console().print(table)
    if summary["points"] > _SHOWN:
        say(f"{summary['points'] - _SHOWN:,} more rows in points.csv")
