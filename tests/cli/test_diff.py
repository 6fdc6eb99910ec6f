"""`parley diff` says what differs in meaning between two scenarios."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli import main

KEYS = ["a", "b", "same", "differences", "texts"]
SIDE = ["scenario", "model_hash", "text_hash"]
ROW = ["path", "kind", "old", "new", "unit", "old_source", "new_source"]


@pytest.fixture
def other(example: Path) -> Path:
    """A variation of the example: another discount rate, one party's label, one level less worth."""
    path = example.with_name("other.yaml")
    path.write_text(
        "id: other\ntitle: Other\nsummary: S\nextends: harbour.yaml\n"
        "parties: [{id: host, label: Somebody, discount_rate: {uniform: [0.1, 0.3], judgement: a guess}}]\n",
        encoding="utf-8",
    )
    return path


def test_a_difference_is_told(example: Path, other: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The path, the unit, the old and the new value and where it comes from; exit code 0; no text unasked."""
    assert main(["diff", str(example), str(other)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines() == [
        "1 difference in meaning from harbour to other:",
        "~ parties.host.discount_rate  (per year)",
        "    was  0.1",
        "    is   uniform [0.1, 0.3]  [a guess]",
    ]


def test_texts_are_told_when_asked(example: Path, other: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--texts` adds titles and labels."""
    assert main(["diff", str(example), str(other), "--texts"]) == 0
    out = capsys.readouterr().out
    assert "~ parties.host.label\n    was  The host\n    is   Somebody" in out
    assert main(["diff", str(example), str(example), "--texts"]) == 0
    assert "No text differs." in capsys.readouterr().out


def test_the_same_is_said_plainly(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two equal scenarios: one sentence."""
    assert main(["diff", str(example), str(example)]) == 0
    assert capsys.readouterr().out == "harbour and harbour mean the same: every number and all structure are equal.\n"


def test_json_has_its_keys(example: Path, other: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`diff --json` prints exactly its documented keys; texts are null unless asked for."""
    assert main(["diff", str(example), str(other), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == KEYS
    assert list(found["a"]) == list(found["b"]) == SIDE
    assert [list(row) for row in found["differences"]] == [ROW]
    assert (found["same"], found["texts"]) == (False, None)
    assert found["differences"][0]["new_source"] == "a guess"
    assert main(["diff", str(example), str(example), "--json", "--texts"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["same"], found["differences"], found["texts"]) == (True, [], [])


def test_a_bad_scenario_is_refused(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario with faults, or none, is exit code 2."""
    bad = example.with_name("bad.yaml")
    bad.write_text("id: bad\n", encoding="utf-8")
    assert main(["diff", str(example), str(bad)]) == 2
    assert "bad.yaml:1:1" in capsys.readouterr().err
    assert main(["diff", str(example), "no-such"]) == 2
