"""`parley check`: every fault of a scenario at once, or what it holds and what a run would cost."""

from __future__ import annotations

import os
from math import prod
from typing import TYPE_CHECKING, Any

import rich_click as click

from sim.cli.common import (
    Code,
    clean,
    examples,
    find_scenario,
    json_option,
    plural,
    put,
    put_json,
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


@click.command(
    "check", epilog=examples("parley check scenarios/NAME.yaml", "parley check NAME --set time.window=36 --json")
)
@click.argument("scenario")
@sets_option
@click.option("-n", "--draws", type=click.IntRange(1, 10**9), default=20_000, show_default=True, help="Draws to cost.")
@json_option
@verbosity
def command(scenario: str, sets: tuple[str, ...], draws: int, *, as_json: bool) -> int:
    """Say every fault of SCENARIO at once, or what it holds and what a run would cost.

    SCENARIO is a path, or the bare name of a file in `scenarios/`. Faults read `file:line:column: sentence`, then the
    line and a caret; the exit code is 2.
    """
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
    if as_json:
        put_json({**facts, "cost": vars(cost), "faults": []})
    else:
        _print(facts, str(cost), path)
    return Code.OK


def contents(scenario: Scenario, path: Path) -> dict[str, Any]:
    """Return what the scenario holds, counted: the keys of `check --json` but `cost` and `faults`."""
    from sim.scenario.schema import leaves, unsourced

    every = list(leaves(scenario))
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
        "correlations": len(scenario.correlations),
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
        ("unexplained", _unexplained(facts["unexplained"])),
        ("cost", cost),
    ]
    put(f"{path}: good")
    for name, text in rows:
        put(f"  {name:<12} {clean(text)}")


def _numbers(facts: dict[str, Any]) -> str:
    tied = f"; {plural(facts['correlations'], 'pair')} correlated" if facts["correlations"] else ""
    return f"{facts['numbers']:,}, of which {facts['uncertain']:,} uncertain and {facts['private']:,} private{tied}"


def _unexplained(paths: list[str]) -> str:
    if not paths:
        return "none: every number has a source or a judgement"
    shown = paths if settings().verbose else paths[:_NAMED_AT_MOST]
    more = f" and {len(paths) - len(shown):,} more (--verbose names them)" if len(paths) > len(shown) else ""
    return f"{plural(len(paths), 'number')} without source or judgement: {', '.join(shown)}{more}"
