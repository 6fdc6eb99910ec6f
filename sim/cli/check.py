"""`parley check`: every fault of a scenario at once, or what it holds and what a run would cost."""

from __future__ import annotations

import os
from math import prod
from typing import TYPE_CHECKING, Any

import click

from sim.cli.common import (
    Code,
    clean,
    console,
    examples,
    find_scenario,
    given,
    json_option,
    plural,
    put,
    put_json,
    seed_option,
    sets_option,
    settings,
    verbosity,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sim.scenario import Scenario
    from sim.scenario.fields import Range
    from sim.scenario.schema import Issue

_NAMED_AT_MOST = 8
_PLAYED_AT_LEAST, _PLAYED_AT_MOST = 6, 10**6


@click.command(
    "check",
    epilog=examples(
        "parley check scenarios/NAME.yaml",
        "parley check NAME --set time.window=36 --json",
        "parley check NAME --gate -n 4000",
    ),
)
@click.argument("scenario")
@sets_option
@click.option(
    "-n", "--draws", type=click.IntRange(1, 10**9), default=20_000, show_default=True, help="Draws to cost, or to play."
)
@click.option(
    "--gate",
    is_flag=True,
    help="Play the scenario and say whether its outcome is open: the draws of -n in pairs that share parameters, and "
    "up to 4,000 of them again without each mechanism. Takes minutes where `check` takes a second.",
)
@click.option("--strict", is_flag=True, help="With --gate: exit with 3 unless every line is passed.")
@seed_option
@click.option("--workers", type=click.IntRange(1, 1024), default=None, help="With --gate: processes.  [default: cores]")
@json_option
@verbosity
@click.pass_context
def command(
    ctx: click.Context,
    scenario: str,
    sets: tuple[str, ...],
    draws: int,
    seed: int,
    workers: int | None,
    *,
    gate: bool,
    strict: bool,
    as_json: bool,
) -> int:
    """Say every fault of SCENARIO at once, or what it holds and what a run would cost.

    SCENARIO is a path, or the bare name of a file in `scenarios/`. Faults read `file:line:column: sentence`, then the
    line and a caret; the exit code is 2.

    With `--gate` a scenario without faults is played, and a table says what is asked of an open bargain, what was found
    and whether it is enough: five outcome classes above 3 %, none above 70 %; five numbers that each move a class by 5
    points; chance that decides the class in 15 % of draws of the parameters; no mechanism without effect. A scenario
    that fails is no worse a file: the exit code is 0 unless `--strict`. `--json` has it under `gate`.
    """
    for name in ("strict", "seed", "workers") if not gate else ():
        if given(ctx, name):
            raise click.BadParameter(f"--{name} belongs to --gate; add it", param_hint=f"--{name}")
    if gate and not _PLAYED_AT_LEAST <= draws <= _PLAYED_AT_MOST:
        limits = f"{_PLAYED_AT_LEAST} to {_PLAYED_AT_MOST:,}"
        raise click.BadParameter(f"the gate plays {limits} draws; {draws:,} are none of these", param_hint="--draws")
    from sim.cli.cost import estimate
    from sim.scenario import ScenarioError, load

    path = find_scenario(scenario)
    try:
        loaded = load(path, sets)
    except ScenarioError as error:
        if not as_json:
            raise
        put_json({"faults": [fault._asdict() for fault in error.faults]})
        return Code.BAD_INPUT
    facts = contents(loaded, path)
    cost = estimate(loaded, draws, os.cpu_count() or 1)
    found = _gate(loaded, draws, seed, workers or os.cpu_count() or 1) if gate else None
    if as_json:
        put_json({**facts, "cost": vars(cost), "faults": []} | ({"gate": found} if found else {}))
    else:
        _print(facts, str(cost), path)
        if found:
            _print_gate(found)
    return Code.FAILED if strict and found and not found["passed"] else Code.OK


def _gate(scenario: Scenario, draws: int, seed: int, workers: int) -> dict[str, Any]:
    """Play the scenario and judge it, with time left on stderr."""
    from sim.cli.cost import estimate
    from sim.cli.progress import Meter
    from sim.gate import draws_of, gate

    total, _ = draws_of(scenario, draws)
    expected = estimate(scenario, draws, workers, total - draws).seconds
    with Meter(total, expected, quiet=settings().quiet) as meter:
        return gate(scenario, draws, seed, workers, meter, meter.grow)


def _print_gate(found: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    passed = sum(line["passed"] for line in found["lines"])
    title = f"Gate: {passed} of {len(found['lines'])} passed ({plural(found['draws'], 'draw')}, seed {found['seed']})"
    table = Table(title=Text(title), box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    for name in ("asked", "found", ""):
        table.add_column(name, justify="left")
    for line in found["lines"]:
        table.add_row(
            Text(line["asked"]), Text(clean(line["found"])), Text("passed" if line["passed"] else "not passed")
        )
    console().print(table)


def contents(scenario: Scenario, path: Path) -> dict[str, Any]:
    """Return what the scenario holds, counted: the keys of `check --json` but `cost` and `faults`."""
    from sim.scenario.private import types_of_parties
    from sim.scenario.schema import unsourced
    from sim.scenario.walk import walk

    every = list(walk(scenario, written=True))
    allowed, excluded = deals(scenario)
    return {
        "scenario": scenario.id,
        "path": str(path),
        "title": scenario.title,
        "parties": [party.id for party in scenario.parties],
        "issues": {issue.id: positions(issue) for issue in scenario.issues},
        "deals": allowed,
        "excluded": excluded,
        "steps": scenario.time.window,
        "outcomes": len(scenario.outcomes),
        "questions": len(scenario.questions),
        "numbers": len(every),
        "uncertain": sum(leaf.kind != "value" for _, leaf in every),
        "private": sum(leaf.private is not None for _, leaf in every),
        "types": {party: list(names) for party, names in types_of_parties(scenario).items()},
        "correlations": len(scenario.correlations),
        "sweeps": [sweep.id for sweep in scenario.sweeps],
        "unexplained": unsourced(scenario),
    }


def positions(issue: Issue) -> int | None:
    """How many levels of an issue can be offered; None for a continuous one."""
    return None if issue.continuous else len(_offers(issue))


def deals(scenario: Scenario) -> tuple[int | None, int | None]:
    """How many deals can be offered and how many more the constraints exclude; None for what cannot be counted."""
    from sim.scenario.deals import count

    if any(issue.continuous for issue in scenario.issues):
        return None, None
    offers = [_offers(issue) for issue in scenario.issues]
    places = {issue.id: k for k, issue in enumerate(scenario.issues)}
    boxes = [
        {places[name]: _places(offers[places[name]], wanted) for name, wanted in rule.exclude.items()}
        for rule in scenario.constraints
    ]
    allowed = count([len(levels) for levels in offers], boxes)
    return allowed, None if allowed is None else prod(len(levels) for levels in offers) - allowed


def _offers(issue: Issue) -> list[str | float]:
    from sim.scenario.terms import grid

    if issue.levels is not None:
        return [level.id for level in issue.levels if level.negotiable]
    return [*grid(issue)]


def _places(levels: list[str | float], wanted: tuple[str, ...] | Range) -> frozenset[int]:
    return frozenset(place for place, level in enumerate(levels) if _holds(level, wanted))


def _holds(level: str | float, wanted: tuple[str, ...] | Range) -> bool:
    if isinstance(wanted, tuple):
        return level in wanted
    least, most = wanted.at_least, wanted.at_most
    return isinstance(level, float) and (least is None or level >= least) and (most is None or level <= most)


def _print(facts: dict[str, Any], cost: str, path: Path) -> None:
    issues = ", ".join(f"{name} ({count or 'continuous'})" for name, count in facts["issues"].items())
    excluded = f", {facts['excluded']:,} more excluded" if facts["excluded"] else ""
    rows = [
        ("title", facts["title"]),
        ("parties", ", ".join(facts["parties"])),
        ("issues", issues),
        ("deals", "a continuum" if facts["deals"] is None else f"{facts['deals']:,}{excluded}"),
        ("steps", f"{facts['steps']:,}"),
        ("read as", f"{plural(facts['outcomes'], 'outcome')}, {plural(facts['questions'], 'question')}"),
        ("numbers", _numbers(facts)),
        *([("sweeps", ", ".join(facts["sweeps"]))] if facts["sweeps"] else []),
        ("unexplained", _unexplained(facts["unexplained"])),
        ("cost", cost),
    ]
    put(f"{path}: good")
    for name, text in rows:
        put(f"  {name:<12} {clean(text)}")


def _numbers(facts: dict[str, Any]) -> str:
    tied = f"; {plural(facts['correlations'], 'pair')} correlated" if facts["correlations"] else ""
    types = [f"{party} {count}" for party, names in facts["types"].items() if (count := len(names)) > 1]
    told = f" (types: {', '.join(types)})" if types else ""
    return (
        f"{facts['numbers']:,}, of which {facts['uncertain']:,} uncertain and {facts['private']:,} private{told}{tied}"
    )


def _unexplained(paths: list[str]) -> str:
    if not paths:
        return "none: every number has a source or a judgement"
    shown = paths if settings().verbose else paths[:_NAMED_AT_MOST]
    more = f" and {len(paths) - len(shown):,} more (--verbose names them)" if len(paths) > len(shown) else ""
    return f"{plural(len(paths), 'number')} without source or judgement: {', '.join(shown)}{more}"
