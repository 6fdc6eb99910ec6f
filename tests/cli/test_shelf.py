"""`parley list` shows sweeps beside runs with their state, and `parley clean` removes them after asking."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.batch.folders import hold
from sim.cli import main

ROOT = Path(__file__).resolve().parent.parent.parent
FEARON = ROOT / "scenarios" / "textbook" / "fearon-ultimatum.yaml"


@pytest.fixture
def sweep(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A finished sweep of two points and the base case, 20 draws each."""
    varied = ["--vary", "breakdown.flows.a=0.2,0.3", "-n", "20", "--name", "few", "--seed", "4"]
    assert main(["sweep", "-q", str(FEARON), *varied, "--out", str(tmp_path)]) == 0
    capsys.readouterr()
    return tmp_path / "fearon-ultimatum" / "sweep-few"


def listed(out: Path, capsys: pytest.CaptureFixture[str], code: int = 0) -> dict[str, Any]:
    """The one result in a folder."""
    assert main(["list", "--json", "--out", str(out)]) == code
    (row,) = json.loads(capsys.readouterr().out)["results"]
    assert isinstance(row, dict)
    return row


def test_a_finished_sweep_is_listed(sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Folder, draws of all points, seed and size stand beside `complete`."""
    row = listed(tmp_path, capsys)
    assert (row["folder"], row["scenario"], row["draws"], row["seed"]) == (str(sweep), "fearon-ultimatum", 60, 4)
    assert (row["state"], row["fault"]) == ("complete", None)
    assert row["bytes"] == sum(path.stat().st_size for path in sweep.rglob("*") if path.is_file())


def test_a_sweep_that_runs_or_was_stopped(sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without its manifest a sweep is unfinished; while a process holds it, it is running; its seed is known."""
    (sweep / "manifest.json").unlink()
    row = listed(tmp_path, capsys)
    assert (row["state"], row["seed"]) == ("unfinished", 4)
    with hold(sweep):
        assert listed(tmp_path, capsys)["state"] == "running"


def test_a_damaged_sweep_is_told(sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A changed table makes the sweep damaged: exit code 7, and the file is named."""
    (sweep / "points.csv").write_text("x")
    row = listed(tmp_path, capsys, 7)
    assert row["state"] == "damaged"
    assert "points.csv" in row["fault"]


def test_a_lost_index_is_no_damage(sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The index can be made again: the sweep stays complete, how many draws it has is not known."""
    (sweep / "index.sqlite").unlink()
    row = listed(tmp_path, capsys)
    assert (row["state"], row["draws"]) == ("complete", None)


def test_clean_asks_before_a_sweep_goes(sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 8 without `--yes`, 5 while it is being written, and nothing is left after it has gone."""
    clean = ["clean", "sweep-few", "--out", str(tmp_path)]
    assert main(clean) == 8
    assert str(sweep) in capsys.readouterr().out
    with hold(sweep):
        assert main([*clean, "--yes"]) == 5
    assert sweep.is_dir()
    assert main([*clean, "--yes"]) == 0
    assert not sweep.parent.exists()


def test_a_removal_that_was_interrupted_can_be_ended(
    sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What an interrupted removal leaves is listed as partial, and the next `clean` removes it."""
    sweep.replace(sweep.with_name(".sweep-few.partial"))
    assert listed(tmp_path, capsys)["state"] == "partial"
    assert main(["clean", "--yes", "--out", str(tmp_path)]) == 0
    assert not sweep.parent.exists()
