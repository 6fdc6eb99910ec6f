"""The teaching page: what its tables say of each shipped scenario is what the engine gives."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sim.agents import trace
from sim.montecarlo import simulate
from sim.scenario import load
from sim.scenario.compile import compile_scenario
from tests.textbook import SHELF

PAGE = (Path(__file__).parents[2] / "docs" / "textbook.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^## (\S+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (`--set .*?`|as shipped.*?) \| .* \| (.+?) \|$", re.MULTILINE)


class Line(NamedTuple):
    """One line of a table: a scenario, its overrides, and what the engine gives."""

    scenario: str
    sets: tuple[str, ...]
    given: str


def lines() -> list[Line]:
    """Return every line of every table of the page."""
    return [
        Line(name, tuple(word for word in shlex.split(change.strip("`")) if "=" in word), given)
        for name, text in SECTION.findall(PAGE)
        for change, given in ROW.findall(text)
    ]


def given(story: dict[str, Any], labels: dict[str, str]) -> str:
    """Return what a draw gives: the first issue of the first offer that was accepted, or the outcome's label."""
    for event in story["events"]:
        if event["kind"] == "offer" and event["answer"] == "accept" and story["outcome"] != "none":
            return f"{next(iter(event['offer'].values())):.6f}"
    return labels[story["outcome"]]


@pytest.mark.parametrize("line", lines(), ids=lambda line: " ".join([line.scenario, *line.sets]))
def test_the_page_says_what_the_engine_gives(line: Line) -> None:
    """Each number, to its six digits, and each outcome, by its label."""
    scenario = load(SHELF / f"{line.scenario}.yaml", line.sets)
    if line.scenario == "war-of-attrition":
        years = simulate(compile_scenario(scenario), 1000).columns["agreed_step"] / 4
        assert f"{years.mean():.2f} +- {years.std() / 1000**0.5:.2f}" == line.given
        return
    labels = {outcome.id: outcome.label for outcome in scenario.outcomes}
    draw = accepting(line) if line.scenario in ("fearon-ultimatum", "two-secrets") else 0
    assert given(trace(compile_scenario(scenario), 0, draw), labels) == line.given


def accepting(line: Line) -> int:
    """Return a draw in which the one demand is accepted: the cost of fighting is chance."""
    game = compile_scenario(load(SHELF / f"{line.scenario}.yaml", line.sets))
    return next(draw for draw in range(20) if trace(game, 0, draw)["outcome"] == "agreement")


def test_the_page_has_every_scenario() -> None:
    """Every shipped textbook scenario has its section, its line in the contents, and nothing else has one."""
    shipped = sorted(path.stem for path in SHELF.glob("*.yaml"))
    assert sorted(name for name, _ in SECTION.findall(PAGE)) == shipped
    assert sorted(re.findall(r"^\| \[(\S+)\]\(#\1\)", PAGE, re.MULTILINE)) == shipped
    assert len(lines()) >= 30
