"""`parley list` shows what is on disk and in which state."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli import main

KEYS = {"folder", "scenario", "draws", "seed", "date", "bytes", "state", "fault"}


def test_an_empty_shelf(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing on disk is no fault: a message on stderr, an empty list with --json."""
    assert main(["list", "--out", str(tmp_path)]) == 0
    assert "nothing in" in capsys.readouterr().err
    assert main(["list", "--out", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"results": []}


def test_states_and_exit_codes(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Complete runs are exit code 0; one damaged file makes it 7 and is named."""
    for seed in ("0", "1"):
        command = ["run", "-q", str(example), "-n", "50", "--seed", seed, "--workers", "1", "--no-report"]
        assert main([*command, "--out", str(tmp_path)]) == 0
    folder = Path(capsys.readouterr().out.splitlines()[0])
    assert main(["list", "--out", str(tmp_path), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["results"]
    assert all(set(row) == KEYS for row in rows)
    assert {(row["scenario"], row["draws"], row["seed"], row["state"]) for row in rows} == {
        (example.stem, 50, 0, "complete"),
        (example.stem, 50, 1, "complete"),
    }
    (folder / "draws.parquet").write_bytes(b"")
    assert main(["list", "--out", str(tmp_path)]) == 7
    out, err = capsys.readouterr()
    assert "damaged" in out
    assert str(folder / "draws.parquet") in err
