"""`parley trace` tells one draw as a dated story."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli import main

EVENT = {"step", "date", "kind", "actor", "offer", "worth", "answer", "reason", "change"}


def test_json_has_its_keys(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`trace --json` prints exactly the documented keys."""
    assert main(["trace", str(example), "--draw", "2", "--seed", "3", "--json"]) == 0
    story = json.loads(capsys.readouterr().out)
    assert set(story) == {"draw", "seed", "outcome", "events"}
    assert (story["draw"], story["seed"]) == (2, 3)
    assert story["events"]
    assert all(set(event) == EVENT for event in story["events"])


def test_the_story_ends_with_the_outcome(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The story names draw and seed first and the outcome's label last, and shows no bare data structure."""
    import sim

    assert main(["trace", str(example)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("draw 0, seed 0")
    labels = [outcome.label for outcome in sim.load(example).outcomes]
    assert lines[-1] in [f"Outcome: {label}" for label in labels]
    assert not any(mark in line for line in lines for mark in "{}")


def test_the_traced_draw_is_the_stored_draw(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Draw k told by agents ends as draw k in the table, for the first twenty."""
    import sim

    outcomes = [outcome.id for outcome in sim.load(example).outcomes]
    column = sim.run(example, draws=20, seed=4, workers=1).draws["outcome"].to_pylist()
    told = []
    for draw in range(20):
        assert main(["trace", str(example), "--seed", "4", "--draw", str(draw), "--json"]) == 0
        told.append(json.loads(capsys.readouterr().out)["outcome"])
    assert told == [outcomes[place] for place in column]
