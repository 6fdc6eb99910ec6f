"""`parley clean` removes results, asks first, and never reaches beyond them."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sim.batch import removal
from sim.batch.folders import StoreError, hold
from sim.cli import main

ROW = ["folder", "scenario", "started", "bytes"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two runs of one scenario."""
    from tests.scenario import examples

    home = tmp_path_factory.mktemp("made")
    path = examples.written(home)
    for seed in ("0", "1"):
        arguments = ["run", "-q", str(path), "-n", "50", "--seed", seed, "--workers", "1", "--no-report"]
        assert main([*arguments, "--out", str(home / "results")]) == 0
    return home / "results"


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    """A copy of the two runs."""
    shutil.copytree(made, tmp_path / "results")
    return tmp_path / "results"


def runs(out: Path) -> list[Path]:
    """The run folders that are left."""
    return sorted(out.glob("*/run-*"))


def clean(out: Path, *more: str) -> int:
    """Run `parley clean` on a folder of results."""
    return main(["clean", "--out", str(out), *more])


def test_without_yes_nothing_goes(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody can be asked, what would go is listed with its size, and exit code 8 asks for `--yes`."""
    assert clean(out) == 8
    said, err = capsys.readouterr()
    assert [line.split()[-1] for line in said.splitlines()] == [str(run) for run in runs(out)]
    assert all(" kB " in line for line in said.splitlines())
    assert "add --yes to remove 2 results" in err
    assert len(runs(out)) == 2


@pytest.mark.parametrize(("answer", "left"), [("n\n", 2), ("\n", 2), ("y\n", 0)])
def test_at_a_terminal_it_asks(
    out: Path, answer: str, left: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At a terminal the question comes on stderr; anything but a yes removes nothing, and both are exit code 0."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert clean(out) == 0
    err = capsys.readouterr().err
    assert "Remove 2 results" in err
    assert ("removed 2 results" if left == 0 else "nothing was removed") in err
    assert len(runs(out)) == left


def test_a_dry_run_only_tells(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--dry-run` lists, changes nothing on the disk, and is exit code 0, with `--yes` too."""
    before = sorted(out.rglob("*"))
    assert clean(out, "--dry-run", "--yes") == 0
    assert "2 results" in capsys.readouterr().err
    assert sorted(out.rglob("*")) == before


def test_everything_goes(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--yes` all results go, with locks, partial folders and empty folders, and nothing else does."""
    (out / "README.md").write_text("kept", encoding="utf-8")
    (out / "harbour" / ".run-0123456789.partial").mkdir()
    assert clean(out, "--yes") == 0
    assert "removed 3 results" in capsys.readouterr().err
    assert [path.name for path in out.rglob("*")] == ["README.md"]
    assert clean(out, "--yes") == 0
    assert "nothing to remove" in capsys.readouterr().err


def test_one_run_goes(out: Path) -> None:
    """A run is named by its folder, by its name, or by scenario and name; the others stay."""
    first, second = runs(out)
    assert clean(out, "--yes", str(first)) == 0
    assert runs(out) == [second]
    shutil.copytree(second, first)
    assert clean(out, "--yes", first.name, f"harbour/{first.name}") == 0
    assert runs(out) == [second]
    assert clean(out, "--yes", "harbour.yaml") == 0
    assert runs(out) == []


@pytest.mark.parametrize("word", ["harbor", "..", "/", "../results", "", "README.md", "run-0000000000"])
def test_what_is_no_result_is_refused(out: Path, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A word that names no result below the folder is exit code 2, and nothing goes."""
    assert clean(out, "--yes", "harbour", word) == 2
    assert "there is no result" in capsys.readouterr().err
    assert len(runs(out)) == 2


def test_the_nearest_is_named(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped scenario gets the nearest one as a suggestion."""
    assert clean(out, "--yes", "harbor") == 2
    assert "did you mean harbour?" in capsys.readouterr().err


def test_older_than(out: Path) -> None:
    """Only what was begun longer ago goes; the log says when, else the folder's own date."""
    first, second = runs(out)
    old = (datetime.now(UTC) - timedelta(days=40)).isoformat(timespec="seconds")
    (first / "log.json").write_text(json.dumps({"started": old}), encoding="utf-8")
    (second / "log.json").unlink()
    assert clean(out, "--yes", "--older-than", "41") == 0
    assert runs(out) == [first, second]
    assert clean(out, "--yes", "--older-than", "39") == 0
    assert runs(out) == [second]
    past = (datetime.now(UTC) - timedelta(days=3)).timestamp()
    os.utime(second, (past, past))
    assert clean(out, "--yes", "--older-than", "2.5") == 0
    assert runs(out) == []


def test_links_are_not_followed(out: Path, tmp_path: Path) -> None:
    """A link among the results, to a run or inside one, is never followed: what it points to stays."""
    treasure = tmp_path / "treasure"
    shutil.copytree(out / "harbour", treasure)
    first, second = runs(out)
    (out / "elsewhere").symlink_to(treasure)
    shutil.rmtree(second)
    second.symlink_to(treasure)
    (first / "charts").symlink_to(treasure)
    before = sorted(treasure.rglob("*"))
    assert clean(out, "--yes") == 0
    assert not first.exists()
    assert sorted(treasure.rglob("*")) == before
    assert (out / "elsewhere").is_symlink()
    assert second.is_symlink()


def test_a_held_result_stops_everything(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """While one result is being written by another process, exit code 5 names it and nothing goes."""
    held = runs(out)[1]
    program = (
        "import sys, time; from pathlib import Path; from sim.batch.folders import hold\n"
        f"with hold(Path({str(held)!r})):\n    print('held', flush=True); time.sleep(60)"
    )
    root = Path(__file__).resolve().parent.parent.parent
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            assert clean(out, "--yes") == 5
        finally:
            process.kill()
    assert f"{held} is being written by process {process.pid}" in capsys.readouterr().err
    assert len(runs(out)) == 2
    with hold(held):
        pass


def test_an_interruption_leaves_a_partial_folder(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stops the removal, no folder is left that could pass for a run."""
    items = list(removal.removable(out))

    def stopped(_path: Path) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", stopped)
        with pytest.raises(StoreError, match="cannot remove"):
            removal.remove(items[0])
    assert runs(out) == [items[1].folder]
    assert clean(out, "--yes") == 0
    assert not list(out.rglob("*"))


def test_json_has_its_keys(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`clean --json` prints exactly its documented keys, and never asks."""
    assert clean(out, "--json", "--dry-run") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["removed", "bytes", "results"]
    assert [list(row) for row in found["results"]] == [ROW, ROW]
    assert found["bytes"] == sum(row["bytes"] for row in found["results"]) > 0
    assert clean(out, "--json") == 8
    assert capsys.readouterr().out == ""
    assert clean(out, "--json", "--yes") == 0
    assert json.loads(capsys.readouterr().out)["removed"] is True
    assert runs(out) == []
