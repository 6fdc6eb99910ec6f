"""What stands beside a run's findings: dates, labels, assumptions with their sources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.describe import describe
from sim.scenario.schema import leaves
from tests.scenario import examples


def described(folder: Path, text: str = examples.FULL, name: str = "harbour-full", *sets: str) -> dict[str, Any]:
    """The description of an example, with overrides."""
    return describe(sim.load(examples.written(folder, text, name), sets), None, 100, 7)


def rows(folder: Path) -> dict[str, dict[str, Any]]:
    """The assumptions of the full example by path."""
    return {row["path"]: row for row in described(folder)["assumptions"]}


def test_a_description_is_plain_data(tmp_path: Path) -> None:
    """The description is JSON without NaN, and names scenario, draws, seed and both hashes."""
    meta = described(tmp_path)
    assert json.loads(json.dumps(meta, allow_nan=False)) == meta
    assert (meta["scenario"], meta["draws"], meta["seed"], meta["paths"]) == ("harbour-full", 100, 7, 1)
    assert len(meta["model_hash"]) == len(meta["text_hash"]) == 64


def test_months_end_on_their_last_day(tmp_path: Path) -> None:
    """A start on the 31st ends short months on their last day, and there is one date more than steps."""
    time = described(tmp_path)["time"]
    assert time["dates"][:4] == ["2030-01-31", "2030-02-28", "2030-03-31", "2030-04-30"]
    assert len(time["dates"]) == time["window"] + 1
    assert time["dates"][time["deadline"]] == "2031-12-31"


@pytest.mark.parametrize(
    ("step", "second"),
    [
        ("day", "2030-02-01"),
        ("week", "2030-02-07"),
        ("quarter", "2030-04-30"),
        ("year", "2031-01-31"),
        ("{years: 0.5}", "2030-08-02"),
    ],
)
def test_every_length_of_step_has_dates(tmp_path: Path, step: str, second: str) -> None:
    """Days, weeks, quarters, years and stated lengths each give one date more than steps."""
    small = examples.SMALL.replace("step: month, window: 24", f"start: 2030-01-31, step: {step}, window: 100")
    dates = described(tmp_path, small, "harbour")["time"]["dates"]
    assert len(dates) == 101
    assert dates[1] == second


def test_without_a_start_steps_are_numbers(tmp_path: Path) -> None:
    """A scenario without a calendar is labelled by step."""
    time = described(tmp_path, examples.SMALL, "harbour")["time"]
    assert time["start"] is None
    assert time["dates"][:3] == ["0", "1", "2"]


def test_every_number_in_the_file_is_an_assumption(tmp_path: Path) -> None:
    """Each uncertain number has a row, under the path by which an override names it."""
    scenario = sim.load(examples.written(tmp_path, examples.FULL, "harbour-full"))
    uncertain = {path for path, leaf in leaves(scenario) if leaf.kind != "value"}
    assert uncertain <= set(rows(tmp_path))


def test_an_assumption_says_where_it_comes_from(tmp_path: Path) -> None:
    """A row carries range, unit, source with address, judgement, confidence and private spread."""
    rate = rows(tmp_path)["parties.host.discount_rate"]
    assert rate["text"] == "PERT 0.05, 0.1, 0.3"
    assert rate["unit"] == "per year"
    assert rate["p05"] < rate["p50"] < rate["p95"]
    assert (rate["source"], rate["url"]) == ("A survey (2029-12-01)", "https://example.org/survey")
    assert (rate["judgement"], rate["confidence"]) == ("the usual range", "M")
    assert rows(tmp_path)["parties.host.audience.threshold"]["private"] == "± 0.05"


@pytest.mark.parametrize(
    ("path", "label", "unit"),
    [
        ("issues.berth.values.host.none", "Berths · values · The host · No berth", None),
        ("communities.coast.share", "The coast · share", None),
        ("status_quo.flows.host", "status quo · flows · The host", "best-minus-worst flow"),
        ("variables.relief.start", "Relief · start", "share"),
        ("variables.relief.shifts.1.by", "Relief · shifts · The league gives a grant · by", "share"),
        ("moves.grant.jumps.relief", "The league gives a grant · jumps · Relief", "share"),
        ("reliance.0.patrons.old.base", "reliance · The host · patrons · The old patron · base", None),
        ("reliance.0.patrons.old.slope", "reliance · The host · patrons · The old patron · slope", None),
        ("lumps.0.amount", "lumps · signing (The host) · amount", "years of best-minus-worst flow"),
    ],
)
def test_paths_are_put_into_words(tmp_path: Path, path: str, label: str, unit: str | None) -> None:
    """A row's label uses the names people gave, never one thing's name for another, and its unit is the field's."""
    row = rows(tmp_path)[path]
    assert (row["label"], row["unit"]) == (label, unit)


def test_issues_have_the_levels_that_columns_count(tmp_path: Path) -> None:
    """Levels in file order, grid points in order, and eleven bins with the range for a continuous issue."""
    issues = {row["id"]: row for row in described(tmp_path)["issues"]}
    assert [level["id"] for level in issues["berth"]["levels"]] == ["none", "some", "all", "throttled"]
    assert [level["label"] for level in issues["rent"]["levels"]] == ["0", "25", "50", "75", "100"]
    assert len(issues["share"]["levels"]) == 21
    text = examples.SMALL.replace("points: 5", "continuous: true")
    rent = described(tmp_path, text, "harbour")["issues"][1]
    assert rent["range"] == [0, 100]
    assert len(rent["levels"]) == 11
