"""`parley run` keeps a folder, prints what scripts rely on, and finds what is already there."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sim.cli import main
from sim.ledger import CAN_BE_REPEATED

KEYS = [
    "scenario",
    "run",
    "draws",
    "seed",
    "outcomes",
    "questions",
    "agreement",
    "causes",
    "payoffs",
    "concessions",
    "elapsed_s",
]
SHARE = ["probability", "se", "low", "high"]


def run(example: Path, out: Path, *more: str) -> int:
    """A small run of the example into `out`."""
    return main(["run", str(example), "-n", "200", "--workers", "1", "--out", str(out), *more])


def test_the_last_line_is_the_report(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After a run the last line on stdout is the path of a report that exists; the messages are on stderr."""
    assert run(example, tmp_path) == 0
    out, err = capsys.readouterr()
    report = Path(out.splitlines()[-1])
    assert report.name == "report.html"
    assert report.is_file()
    assert report.parent.parent == tmp_path / example.stem
    assert "200 draws in" in err


def test_quiet_leaves_one_line(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--quiet`, before or after the command's name, stdout is the report's path alone and stderr is empty."""
    assert run(example, tmp_path, "--quiet") == 0
    first = capsys.readouterr()
    assert main(["--quiet", "run", str(example), "-n", "200", "--out", str(tmp_path)]) == 0
    assert first.err == ""
    assert first.out.count("\n") == 1
    assert capsys.readouterr() == first


def test_json_has_its_keys(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`run --json` prints exactly the documented keys, and probabilities that sum to 1."""
    assert run(example, tmp_path, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == KEYS
    assert all(list(row) == SHARE for row in found["outcomes"].values())
    assert all(list(row) == ["text", "date", *SHARE] for row in found["questions"].values())
    assert list(found["agreement"]) == ["probability", "median_step", "survival"]
    assert all(list(row) == ["step", "date", "probability", "low", "high"] for row in found["agreement"]["survival"])
    assert all(list(row) == ["mean", "p05", "p50", "p95", "se"] for row in found["payoffs"].values())
    gave = found["concessions"]["parties"].values()
    assert sum(row["more"]["probability"] for row in gave) <= 1
    assert sum(row["probability"] for row in found["outcomes"].values()) == pytest.approx(1)
    assert not found["causes"] or sum(found["causes"].values()) == pytest.approx(1)
    assert Path(found["run"]).is_dir()


def test_a_complete_folder_is_reused(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same command again finds the folder, says so, and touches nothing."""
    assert run(example, tmp_path) == 0
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*") if path.is_file()}
    first = capsys.readouterr().out
    assert run(example, tmp_path) == 0
    again = capsys.readouterr()
    assert "already there, no draw is played again" in again.err
    assert again.out == first
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*") if path.is_file()} == before


def test_a_damaged_folder_is_refused(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A changed file is exit code 7, with its name and what to do."""
    assert run(example, tmp_path, "-q") == 0
    folder = Path(capsys.readouterr().out.strip()).parent
    (folder / "summary.json").write_text("{}", encoding="utf-8")
    assert run(example, tmp_path) == 7
    err = capsys.readouterr().err
    assert str(folder / "summary.json") in err
    assert f"remove the folder {folder} and run again" in err


def test_seed_draws_and_sets_decide_the_folder(
    example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another seed, another number of draws or another override is another folder; comments and key order are not."""
    copy = tmp_path / "copy" / example.name
    copy.parent.mkdir()
    copy.write_text("# a comment\n" + example.read_text(encoding="utf-8"), encoding="utf-8")
    folders = []
    variants: tuple[list[str], ...] = ([], ["--seed", "1"], ["-n", "100"], ["--set", "time.window=5"])
    for path, more in [(example, extra) for extra in variants] + [(copy, [])]:
        assert run(path, tmp_path, "-q", "--no-report", *more) == 0
        folders.append(capsys.readouterr().out)
    assert len(set(folders)) == 4
    assert folders[0] == folders[-1]


def test_the_report_can_come_later(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run without a report prints its folder; with a report afterwards nothing is simulated again."""
    assert run(example, tmp_path, "-q", "--no-report") == 0
    folder = Path(capsys.readouterr().out.strip())
    assert not (folder / "report.html").exists()
    stamp = (folder / "draws.parquet").stat().st_mtime_ns
    assert run(example, tmp_path, "-q") == 0
    assert Path(capsys.readouterr().out.strip()) == folder / "report.html"
    assert (folder / "draws.parquet").stat().st_mtime_ns == stamp


def test_worker_count_changes_no_byte(example: Path, tmp_path: Path) -> None:
    """One worker and two give the same bytes in every promised file."""
    for workers in ("1", "2"):
        assert (
            main(["run", "-q", str(example), "-n", "2500", "--workers", workers, "--out", str(tmp_path / workers)]) == 0
        )
    one, two = (
        {p.name: p.read_bytes() for p in (tmp_path / workers).rglob("*.*") if p.is_file() and p.name != "log.json"}
        for workers in ("1", "2")
    )
    assert one == two


@pytest.mark.parametrize("paths", ["0", "67"])
def test_paths_need_three_draws_of_the_parameters(
    example: Path, paths: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No path, or so many that fewer than three draws of the parameters are left, is a sentence and exit code 2."""
    assert main(["run", str(example), "-n", "200", "--paths", paths]) == 2
    assert "paths" in capsys.readouterr().err


def test_mechanisms_need_two_draws_of_the_parameters(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Fewer draws played again than two draws of the parameters have is a sentence and exit code 2."""
    assert main(["run", str(example), "-n", "200", "--mechanisms", "1"]) == 2
    assert "ask for 2 or more" in capsys.readouterr().err
    assert main(["run", str(example), "-n", "200", "--paths", "5", "--mechanisms", "5"]) == 2
    assert "ask for 6 or more" in capsys.readouterr().err


def test_paths_split_the_variance(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With two paths JSON has each outcome's variance and how often paths end differently; the folder is another."""
    assert run(example, tmp_path, "--json") == 0
    one = json.loads(capsys.readouterr().out)
    assert run(example, tmp_path, "--json", "--paths", "2") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [*KEYS[:-1], "variance", "divided", KEYS[-1]]
    assert set(found["variance"]) == set(found["outcomes"])
    for row in found["variance"].values():
        assert list(row) == ["total", "parameters", "path", "se"]
        assert row["parameters"] + row["path"] == pytest.approx(row["total"])
    assert list(found["divided"]) == SHARE
    assert found["run"] != one["run"]


def test_mechanisms_are_measured(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--mechanisms` gives each mechanism's paired differences, in JSON and as a table, and another folder."""
    monkeypatch.setenv("COLUMNS", "200")
    assert run(example, tmp_path, "--json", "--mechanisms", "100", "--set", "parties.host.trust.breach_rate=0.3") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [*KEYS[:-1], "causes_tested", "mechanisms", KEYS[-1]]
    assert found["causes_tested"]["draws"] == 100
    assert all(list(row) == ["cause", "draws", "confirmed", "ways"] for row in found["causes_tested"]["rows"])
    assert found["mechanisms"]["draws"] == 100
    (row,) = found["mechanisms"]["rows"]
    assert list(row) == ["id", "label", "draws", "changed", "shares", "payoffs", "most"]
    assert row["id"] == "distrust"
    assert set(row["shares"]) == set(found["outcomes"])
    assert set(row["payoffs"]) == set(found["payoffs"])
    assert run(example, tmp_path, "--mechanisms", "100", "--set", "parties.host.trust.breach_rate=0.3") == 0
    out = capsys.readouterr().out
    assert "Distrust of promises" in out
    assert ("Causes put to the test, 100 draws" in out) is bool(found["causes_tested"]["rows"])


def test_a_very_large_run_asks_first(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """More than ten million draws need --yes: exit code 8, with time, memory and disk, and nothing written."""
    assert main(["run", str(example), "-n", "10000001", "--out", str(tmp_path)]) == 8
    err = capsys.readouterr().err
    assert "--yes" in err
    assert "of memory" in err
    assert not list(tmp_path.iterdir())


def test_a_second_run_of_the_same_thing_is_refused(
    example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """While a folder is held, the same run is exit code 5 and one line that names the holder."""
    import os

    import sim
    from sim.batch.folders import hold
    from sim.experiment import _inputs

    folder = _inputs(sim.load(example), 200, 0, ()).folder(tmp_path)
    with hold(folder):
        assert run(example, tmp_path) == 5
    assert f"process {os.getpid()}" in capsys.readouterr().err
    assert run(example, tmp_path) == 0


def test_python_gives_what_the_command_gives(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`sim.run` without a folder finds the same summary as the command, and one row per draw."""
    import sim

    assert run(example, tmp_path, "-q") == 0
    stored = json.loads((Path(capsys.readouterr().out.strip()).parent / "summary.json").read_text(encoding="utf-8"))
    here = sim.run(example, draws=200, workers=1)
    assert json.loads(json.dumps(here.summary)) == stored
    assert here.folder is None
    assert here.draws.num_rows == 200
    again = sim.run(example, draws=200, workers=1, out=tmp_path)
    assert again.reused
    assert again.draws.equals(here.draws)


def test_progress_is_plain_lines_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long run says now and then how far it is and what is left; a quick one says nothing."""
    import click

    from sim.cli import progress
    from sim.cli.common import Settings

    clock = iter([0.0, 0.0, 0.5, 1.2, 5.9, 6.3, 12.0, 20.0])
    monkeypatch.setattr(progress, "monotonic", lambda: next(clock))
    with click.Context(click.Command("run"), obj=Settings()), progress.Meter(1000, 12.2, quiet=False) as meter:
        for done in (0, 0, 500, 630, 800, 1000):
            meter(done)
    assert capsys.readouterr().err == (
        "0 of 1,000 draws, 11 s left\n630 of 1,000 draws, 4 s left\n800 of 1,000 draws, 3 s left\n"
    )


def test_progress_on_a_terminal_is_one_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a bar shows draws and time left, then that results are being written, and a repeat does no harm."""
    import sys

    from sim.cli import progress

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(progress, "_SILENT_SECONDS", 0.0)
    shown = []
    with progress.Meter(1000, 12.0, quiet=False) as meter:
        for done in (0, 500, 500, 1000):
            meter(done)
            assert meter._bar is not None
            shown.append((meter._bar[0].tasks[0].completed, meter._bar[0].tasks[0].fields["left"]))
    assert shown == [(0, "12 s left"), (500, "1 s left"), (500, "1 s left"), (1000, "writing")]
    assert "Traceback" not in capsys.readouterr().err


def test_outcomes_alone_can_be_kept(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--keep outcomes` is a folder of its own with the same shares; its columns are documented, its page says less."""
    found = {}
    for keep in ("all", "outcomes"):
        assert run(example, tmp_path, "--json", "--quiet", "--keep", keep) == 0
        found[keep] = json.loads(capsys.readouterr().out)
    folders = {keep: Path(row["run"]) for keep, row in found.items()}
    names = {keep: set(pq.read_schema(folder / "draws.parquet").names) for keep, folder in folders.items()}
    assert folders["all"] != folders["outcomes"]
    left_out = names["all"] - names["outcomes"]
    assert names["outcomes"] < names["all"]
    assert left_out == {name for name in names["all"] if name.startswith(CAN_BE_REPEATED)}
    assert {name.partition(".")[0] for name in left_out} <= set(documented())
    for name in ("outcomes", "questions", "agreement", "causes", "payoffs"):
        assert found["outcomes"][name] == found["all"][name]
    assert found["outcomes"]["concessions"] is None
    pages = {keep: (folder / "report.html").read_text(encoding="utf-8") for keep, folder in folders.items()}
    assert "This run kept outcomes alone" in pages["outcomes"]
    assert "This run kept outcomes alone" not in pages["all"]


def documented() -> list[str]:
    """The columns that docs/cli.md names as left out by `--keep outcomes`, without what follows a dot."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
    line = next(line for line in page.splitlines() if line.startswith("Left out by `--keep outcomes`"))
    return [word.partition(".")[0] for word in line.split("`")[3::2]]


def test_draws_without_mechanisms_need_a_yes_too(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is played again without each mechanism counts among very many draws."""
    assert main(["run", str(example), "-n", "100", "--mechanisms", "10000000"]) == 8
    assert "draws more without each mechanism: add --yes" in capsys.readouterr().err
