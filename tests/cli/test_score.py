"""`parley score` says how good the dated questions were as forecasts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sim.cli import main
from tests.scenario import examples

KEYS = [
    *("run", "scenario", "draws", "seed", "model_hash", "text_hash", "questions", "mean", "outcome", "skipped"),
    *("clipped_to", "chart"),
]
PAIR = ["brier", "log"]
QUESTION = [
    *("text", "date", "observed", "probability", "low", "high", "brier", "log", "brier_interval", "log_interval"),
    *("uniform", "base_rate"),
]
MEAN = ["questions", "brier", "uniform", "base_rate", "log"]
OUTCOME = ["observed", "date", "classes", "probability", "brier", "log", "uniform"]
ASKED = """
questions:
  - {id: early, text: Is there a deal after half a year?, by: 2030-07-01, when: {ever: [signed]}, observed: true}
  - {id: late, text: Is there a deal after a year?, by: 2031-01-01, when: {ever: [signed]}, observed: false}
  - {id: open, text: Is there a deal at the end?, by: 2032-01-01, when: {ever: [signed]}}
observed:
  until: 2032-01-01
  outcomes: [{from: 2030-03-01, outcome: signed}]
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario with questions of which two are answered, and a class seen to the end."""
    home = tmp_path_factory.mktemp("asked")
    text = examples.SMALL.replace("time: {", "time: {start: 2030-01-01, ") + ASKED.lstrip("\n")
    return examples.written(home, text)


def score(asked: Path, *more: str) -> int:
    """Score the scenario with few draws."""
    out = str(asked.parent / "results")
    return main(["score", str(asked), "-n", "60", "--workers", "1", "--out", out, *more])


def test_scores_are_told(asked: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of scores, the means with their intervals, and what they rest on."""
    monkeypatch.setenv("COLUMNS", "160")
    assert score(asked) == 0
    out, err = capsys.readouterr()
    for words in ("early", "late", "class on 2032-01-01, of 2", "Mean Brier score", "Gain on the base rate", "model "):
        assert words in out
    assert "clipped to [0.00833, 0.991667]" in err
    assert "share of yes among the others" in err
    assert "Fewer than 6 questions give no interval" in err
    assert "Not scored: open" in err


def test_json_has_its_keys(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`score --json` prints exactly its documented keys, and nothing else on stdout."""
    assert score(asked, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == KEYS
    assert all(list(row) == QUESTION for row in found["questions"].values())
    row = found["questions"]["early"]
    assert list(row["uniform"]) == PAIR
    assert list(row["base_rate"]) == ["probability", *PAIR]
    assert list(found["mean"]) == MEAN
    assert list(found["mean"]["brier"]) == ["mean", "low", "high"]
    assert list(found["mean"]["uniform"]) == ["brier", "brier_gain", "log", "log_gain"]
    assert list(found["outcome"]) == OUTCOME
    assert found["outcome"]["uniform"]["brier"] == pytest.approx(0.5)
    assert found["chart"] is None


def test_the_run_on_disk_is_used(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A complete run of the same inputs is found and not made again; given itself, it has the same scores."""
    assert score(asked, "--json") == 0
    first = capsys.readouterr().out
    folder = Path(json.loads(first)["run"])
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert score(asked, "--json") == 0
    assert capsys.readouterr().out == first
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert main(["score", str(folder), "--json"]) == 0
    assert capsys.readouterr().out == first


def test_the_chart_lies_in_the_run(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--chart` writes one page into the run's charts and prints its path last; it says draws, seed and intervals."""
    assert score(asked, "--chart") == 0
    path = Path(capsys.readouterr().out.splitlines()[-1])
    assert (path.name, path.parent.name) == ("scores.html", "charts")
    text = path.read_text(encoding="utf-8")
    for words in ("60 draws", "seed 0", "whiskers: Monte Carlo", "Brier score: 0 is perfect", "seen: no"):
        assert words in text
    assert score(asked, "--chart", "--json") == 0
    assert json.loads(capsys.readouterr().out)["chart"] == str(path)


def test_a_damaged_run_is_refused(asked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A changed file of a run is exit code 7, never a score."""
    assert score(asked, "--json") == 0
    folder = Path(json.loads(capsys.readouterr().out)["run"])
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    (copy / "summary.json").write_bytes((copy / "summary.json").read_bytes().replace(b'"draws": 60', b'"draws": 61'))
    assert main(["score", str(copy)]) == 7
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("option", [["-n", "5"], ["--seed", "1"], ["--set", "time.window=3"], ["--workers", "2"]])
def test_a_run_takes_no_options_of_a_scenario(
    asked: Path, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What would change a run is refused beside one."""
    assert score(asked, "--json") == 0
    folder = json.loads(capsys.readouterr().out)["run"]
    assert main(["score", folder, *option]) == 2
    assert "belongs to a SCENARIO" in capsys.readouterr().err


def test_one_question_has_no_interval(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The mean over a single question is told without an interval over questions."""
    text = asked.read_text(encoding="utf-8").replace(", observed: false", "")
    alone = asked.parent / "one" / asked.name
    alone.parent.mkdir()
    alone.write_text(text, encoding="utf-8")
    assert score(alone) == 0
    out, err = capsys.readouterr()
    assert "of one question, which gives no interval" in out
    assert "interval over questions" not in out + err


def test_nothing_to_score_is_said_before_anything_runs(
    example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without an observed answer there is one sentence, exit code 2, and no run."""
    assert main(["score", str(example), "--out", str(tmp_path / "results")]) == 2
    assert "nothing to score in harbour" in capsys.readouterr().err
    assert not (tmp_path / "results").exists()
