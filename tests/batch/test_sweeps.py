"""Sweeps on disk: the same bytes however they are played, continued or extended; nothing is ever mixed."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest

from sim import tabulate
from sim.batch import points, runner, sweeps
from sim.batch.designs import Design, Point
from sim.batch.folders import DamagedError, MismatchError, hold
from sim.batch.games import Failure, Job, Played, Task
from sim.batch.index import Index
from sim.batch.limits import Limit
from sim.batch.runner import attempt
from sim.batch.store import Sink
from sim.cli import main
from sim.scenario import ScenarioError, load
from sim.scenario.distributions import quantile
from sim.scenario.schema import leaves
from sim.sweep import Plan, Sweep, plan, sweep

ROOT = Path(__file__).resolve().parent.parent.parent
FEARON = ROOT / "scenarios" / "textbook" / "fearon-ultimatum.yaml"
COST = "breakdown.flows.a"
MADE = (points.POINTS, points.TABLE, sweeps.SUMMARY, sweeps.REPORT, "manifest.json")


def swept(out: Path, *vary: str, workers: int = 1, **more: Any) -> Sweep:
    """Sweep the one-demand game."""
    return sweep(plan(FEARON, vary or (f"{COST}=0.1:0.5:3",), **{"draws": 300, **more}), out, workers)


def tables(folder: Path) -> dict[str, bytes]:
    """The tables of draws by name."""
    return {path.name: path.read_bytes() for path in (folder / "parts").rglob("*.parquet")}


def made(folder: Path) -> dict[str, bytes]:
    """What was made of the tables."""
    return {name: (folder / name).read_bytes() for name in MADE}


def test_processes_change_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool of two gives the same tables, report and manifest as one process."""
    alone = swept(tmp_path / "a")
    monkeypatch.setattr(runner, "ALONE", 0)
    together = swept(tmp_path / "b", workers=2)
    assert tables(alone.folder) == tables(together.folder)
    assert made(alone.folder) == made(together.folder)
    sweeps.verify(together.folder)


def test_the_same_command_again_plays_nothing(tmp_path: Path) -> None:
    """A finished sweep is checked, and its bytes stay."""
    first = swept(tmp_path)
    before = made(first.folder)
    again = swept(tmp_path)
    assert (first.played, again.played) == (1200, 0)
    assert made(again.folder) == before


def test_more_draws_and_points_extend(tmp_path: Path) -> None:
    """A larger sweep keeps the tables it had, plays the rest, and ends as if it had been played at once."""
    old = tables(swept(tmp_path / "a").folder)
    more = swept(tmp_path / "a", f"{COST}=0.1:0.5:5", draws=1500)
    whole = swept(tmp_path / "b", f"{COST}=0.1:0.5:5", draws=1500)
    assert more.played == 6 * 1500 - 4 * 300
    new = tables(more.folder)
    assert {name: new[name] for name in old} == old
    for name in (points.POINTS, points.TABLE, sweeps.SUMMARY, sweeps.REPORT):
        assert (more.folder / name).read_bytes() == (whole.folder / name).read_bytes(), name


@pytest.mark.parametrize("kind", ["sobol", "halton", "list", "grid"])
def test_every_design_but_one_extends(tmp_path: Path, kind: str, reached: Callable[[int, str], None]) -> None:
    """Promise 3: more points of any design but a Latin hypercube leave the bytes of those that were there."""
    few, many = 3, 6
    folders = []
    for count in (few, many):
        if kind == "list":
            (tmp_path / "points.csv").write_text("\n".join([COST, *(f"0.{k}" for k in range(1, count + 1))]), "utf-8")
            planned = plan(FEARON, design=kind, listed=tmp_path / "points.csv", draws=50)
        elif kind == "grid":
            planned = plan(FEARON, (f"{COST}={','.join(f'0.{k}' for k in range(1, count + 1))}",), draws=50)
        else:
            planned = plan(
                FEARON, (f"{COST}=0.1:0.5", "breakdown.flows.b=0.2:0.4"), design=kind, points=count, draws=50
            )
        done = sweep(planned, tmp_path / "out")
        folders.append(tables(done.folder))
        assert done.played == 50 * (few + 1 if count == few else many - few)
    old, new = folders
    assert (len(old), len(new)) == (few + 1, many + 1)
    assert {name: new[name] for name in old} == old
    reached(3, f"{kind}: {few} points made {many}, 0 bytes of the old changed")


def test_order_and_size_of_tasks_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: bool, reached: Callable[[int, str], None]
) -> None:
    """Promise 2: workers, the size of tasks and the order in which they come change no byte of table or report."""
    from sim import sweep as module

    draws = 2500
    whole = made(swept(tmp_path / "whole", draws=draws).folder)
    ways = [(1, 1024, 1), (2, 2048, 2), *(((4, 1024, 3), (4, 8192, 4)) if full else ())]
    left = module._left
    for workers, most, seed in ways:

        def shuffled(planned: Plan, index: Index, seed: int = seed) -> Iterator[Task]:
            tasks = list(left(planned, index))
            return iter([tasks[at] for at in np.random.default_rng(seed).permutation(len(tasks))])

        monkeypatch.setattr(module, "_left", shuffled)
        monkeypatch.setattr(module, "MOST", most)
        monkeypatch.setattr(runner, "ALONE", 0)
        again = made(swept(tmp_path / str(seed), draws=draws, workers=workers).folder)
        assert {name: again[name] for name in MADE[:4]} == {name: whole[name] for name in MADE[:4]}
    reached(2, f"{len(ways)} ways to play a sweep, tasks shuffled and of other sizes: 0 bytes of its tables differ")


def test_points_share_their_random_numbers_unless_told(tmp_path: Path) -> None:
    """With shared chance a costlier fight is never likelier, draw by draw; independent points break that."""
    found = swept(tmp_path / "a", draws=200)
    apart = swept(tmp_path / "b", draws=200, independent=True)
    rows, others = found.summary["rows"], apart.summary["rows"]
    shares = [row["outcome.agreement"] for row in rows[1:]]
    assert shares == sorted(shares, reverse=True)
    assert rows[0]["outcome.agreement"] == others[0]["outcome.agreement"]
    assert shares != [row["outcome.agreement"] for row in others[1:]]
    assert "share their random numbers" in (found.folder / sweeps.REPORT).read_text(encoding="utf-8")
    assert "chance of its own" in (apart.folder / sweeps.REPORT).read_text(encoding="utf-8")


def test_shares_are_those_of_a_run_of_that_point(tmp_path: Path) -> None:
    """A point is the game that `--set` would play: Fearon's chance of refusal at each cost of fighting."""
    from sim.experiment import run

    found = swept(tmp_path, draws=400).summary["rows"]
    single = run(FEARON, 400, workers=1, sets=(f"{COST}=0.3",))
    assert found[2]["outcome.agreement"] == single.summary["outcomes"]["agreement"]["probability"]


def test_values_that_reach_nothing_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two points that are the same game have equal hashes, and the command says so."""
    vary = "parties.a.trust.after_breach=3,4"
    assert main(["sweep", str(FEARON), "--vary", vary, "-n", "20", "--out", str(tmp_path), "--json"]) == 0
    said = capsys.readouterr()
    rows = json.loads(said.out)["rows"]
    reached = len({row["fingerprint"] for row in rows[1:]}) == 2
    assert reached or "are the same game" in said.err
    assert len({row["fingerprint"] for row in swept(tmp_path / "b").summary["rows"]}) == 4


def test_a_failed_point_is_a_row_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A point that cannot be is told with its reason, the others are there, exit code 3."""
    arguments = ["sweep", str(FEARON), "--vary", "parties.b.accepts=going_on,nonsense", "-n", "20"]
    assert main([*arguments, "--out", str(tmp_path), "-q"]) == 3
    assert "`nonsense` is no strategy here" in capsys.readouterr().err
    (table,) = tmp_path.rglob(points.TABLE)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["state"] for row in rows] == ["done", "done", "failed"]
    assert "nonsense" in rows[2]["reason"]


def test_a_dry_run_says_what_would_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Written values are tried alone, ranges at their ends: what is said to fail is what fails when it is played."""
    vary = ["--vary", "parties.b.accepts=going_on,nonsense", "--vary", f"{COST}=0.1:1e16:20"]
    arguments = ["sweep", str(FEARON), *vary, "-n", "20", "--out", str(tmp_path), "-q"]
    assert main([*arguments, "--dry-run", "--json"]) == 3
    faults = json.loads(capsys.readouterr().out)["faults"]
    assert [fault["values"] for fault in faults] == [{"parties.b.accepts": "nonsense"}, {COST: 1e16}]
    assert not list(tmp_path.iterdir())
    assert main([*arguments, "--json"]) == 3
    rows = json.loads(capsys.readouterr().out)["rows"]
    for fault in faults:
        reasons = [row["reason"] for row in rows if fault["values"].items() <= row["values"].items()]
        assert reasons
        assert all(fault["reason"] in reason for reason in reasons)
    assert main([*arguments[:2], "--vary", f"{COST}=0.1:0.5:3", "--dry-run"]) == 0


def test_draws_of_other_points_are_kept_and_not_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Other values go to the same folder: what was played stays, and is neither in the report nor in the status."""
    arguments = ["sweep", str(FEARON), "--out", str(tmp_path), "--workers", "1", "-q", "-n"]
    assert main([*arguments, "40", "--vary", f"{COST}=0.1,0.2,0.3"]) == 0
    assert "lie in the folder" not in capsys.readouterr().err
    assert main([*arguments, "20", "--vary", f"{COST}=0.3,0.4"]) == 0
    # two points of 40, and 20 draws too many of a third and of the base case
    assert "120 draws of other points, or beyond those asked for" in capsys.readouterr().err
    assert main(["status", "--out", str(tmp_path), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["sweeps"]
    assert (row["draws"], row["asked"]) == (60, 60)


def test_a_changed_model_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another number or seed is refused with its key, exit 6; comments, labels and key order may change."""
    mine = tmp_path / "fearon-ultimatum.yaml"
    text = FEARON.read_text(encoding="utf-8")
    mine.write_text(text, encoding="utf-8")
    arguments = ["sweep", str(mine), "--vary", f"{COST}=0.1,0.2", "-n", "20", "--name", "it", "--out", str(tmp_path)]
    assert main([*arguments, "-q"]) == 0
    mine.write_text(f"# a comment\n{text.replace('title: ', 'title: Another ')}", encoding="utf-8")
    assert main([*arguments, "-q"]) == 0
    capsys.readouterr()
    before = tables(tmp_path / "fearon-ultimatum" / "sweep-it")
    assert main([*arguments, "-q", "--seed", "5"]) == 6
    assert "other values of seed;" in capsys.readouterr().err
    mine.write_text(text.replace("discount_factor: {value: 1", "discount_factor: {value: 0.9", 1), encoding="utf-8")
    assert main([*arguments, "-q"]) == 6
    assert "parties.a.discount_factor" in capsys.readouterr().err
    assert tables(tmp_path / "fearon-ultimatum" / "sweep-it") == before


def test_a_hypercube_cannot_grow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A Latin hypercube of another size is another sweep."""
    arguments = ["sweep", str(FEARON), "--vary", f"{COST}=0.1:0.2", "--design", "lhs", "-n", "20", "--name", "it"]
    assert main([*arguments, "-q", "--points", "3", "--out", str(tmp_path)]) == 0
    assert main([*arguments, "-q", "--points", "4", "--out", str(tmp_path)]) == 6
    assert "points" in capsys.readouterr().err


def test_a_second_sweep_is_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reached: Callable[[int, str], None]
) -> None:
    """Promise 13: while one process holds a sweep another is told who at once, and `status` still reads it."""
    folder = swept(tmp_path).folder
    with hold(folder):
        code, said, seconds = asked(
            "sweep", str(FEARON), "--vary", f"{COST}=0.1:0.5:3", "-n", "300", "--out", str(tmp_path)
        )
        assert code == 5
        assert f"is being written by process {os.getpid()}" in said
        assert main(["status", "--out", str(tmp_path), "--json"]) == 0
    assert seconds < 5  # on a machine that is idle a second is the rule: 0.6 s, most of them imports
    (found,) = json.loads(capsys.readouterr().out)["sweeps"]
    assert (found["draws"], found["asked"], found["failed"]) == (1200, 1200, 0)
    assert found["process"] is not None
    reached(13, f"a second sweep refused after {seconds:.2f} s of a processor")


def asked(*arguments: str) -> tuple[int, str, float]:
    """What a command of its own says: its exit code, all that it prints, and the seconds of a processor it takes."""
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-m", "sim", *arguments], cwd=ROOT, check=False, capture_output=True, text=True, timeout=120
    )
    after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    return done.returncode, done.stdout + done.stderr, seconds


def test_whatever_is_changed_is_named(tmp_path: Path, reached: Callable[[int, str], None]) -> None:
    """Promise 14: another number anywhere in the model, another seed, other settings or code: refused with its key."""
    planned = plan(FEARON, (f"{COST}=0.1:0.5:3",), draws=20)
    folder = planned.identity.folder(tmp_path)
    sweeps.open_or_begin(folder, planned.identity)
    sweeps.open_or_begin(folder, plan(FEARON, (f"{COST}=0.1:0.9:5",), draws=90).identity)
    tried = 0
    for path, leaf in leaves(planned.scenario):
        try:
            other = load(FEARON, (f"{path}={float(quantile(leaf, np.array([0.5]))[0]) * 0.9 + 0.01}",))
        except ScenarioError:
            continue  # no other number can stand there
        with pytest.raises(MismatchError, match=path.replace(".", r"\.")):
            sweeps.open_or_begin(folder, replace(planned.identity, scenario=other))
        tried += 1
    assert tried > 10
    for key, value in (("seed", 1), ("sets", ("a=1",)), ("independent", True), ("version", "9"), ("code", "f")):
        with pytest.raises(MismatchError, match=f"other values of {key};"):
            sweeps.open_or_begin(folder, replace(planned.identity, **{key: value}))  # type: ignore[arg-type]
    reached(14, f"{tried} numbers of a model and 5 other inputs changed, each refused by name")


def test_the_index_can_be_made_again(tmp_path: Path) -> None:
    """Without its index, or with rubbish in its place, a sweep plays nothing again and ends the same."""
    first = swept(tmp_path)
    before = made(first.folder)
    (first.folder / "index.sqlite").unlink()
    assert swept(tmp_path).played == 0
    (first.folder / "index.sqlite").write_bytes(b"rubbish" * 1000)
    assert swept(tmp_path).played == 0
    assert made(first.folder) == before


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    """Whatever a reason begins with, a spreadsheet shows it."""
    rows = [{"=x": text, "n": value} for text, value in (("=1+1", -0.5), ("@a", 1.0), ("-2", None), (None, 3.0))]
    with points.writing(tmp_path, {"=x": str, "n": float}) as table:
        for row in rows:
            table.add(row)
    found = list(csv.reader((tmp_path / points.TABLE).read_text(encoding="utf-8-sig").splitlines()))
    assert [row[0] for row in found] == ["'=x", "'=1+1", "'@a", "-2", ""]
    assert pq.read_table(tmp_path / points.POINTS).to_pylist() == rows


def test_many_points_are_all_in_the_tables_and_some_in_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above a stated number of points summary and charts hold fewer, and say so; the tables hold all, in order."""
    monkeypatch.setattr(tabulate, "SHOWN", 10)
    monkeypatch.setattr(points, "GROUP", 7)
    done = swept(tmp_path, f"{COST}=0.1:0.5:9", "breakdown.flows.b=0.2:0.4:5", draws=20)
    assert (done.summary["points"], done.summary["done"], done.summary["shown"]) == (45, 45, 9)
    table = pq.read_table(done.folder / points.POINTS).to_pylist()
    assert [row["point"] for row in table] == [-1, *range(45)]
    kept = {row["point"]: row for row in done.summary["rows"]}
    assert all(table[number + 1] == row for number, row in kept.items())
    text = (done.folder / points.TABLE).read_text(encoding="utf-8-sig").splitlines()
    assert len(text) == 47
    page = (done.folder / sweeps.REPORT).read_text(encoding="utf-8")
    assert "45 of 45 points (grid), 20 draws each; 9 of them, spread evenly, are drawn" in page


def test_switches_turn_moves_on_and_off(tmp_path: Path) -> None:
    """`exits.ID=on,off` plays with and without; a mechanism that is none fails with those there are."""
    outside = ROOT / "scenarios" / "textbook" / "outside-option.yaml"
    from sim.scenario import load

    (option, *_) = load(outside).exits
    done = sweep(plan(outside, (f"exits.{option.id}=on,off",), draws=4), tmp_path)
    base, on, off = done.summary["rows"]
    assert base["fingerprint"] == on["fingerprint"] != off["fingerprint"]
    bad = sweep(plan(outside, ("nothing=on,off",), draws=4), tmp_path)
    assert len(bad.failed) == 2
    assert all("cannot be switched off" in reason for reason in bad.failed.values())


def test_a_private_number_that_is_varied_stays_private(tmp_path: Path) -> None:
    """Fearon's refusals come from a cost that one side hides: they are there at every mean of it."""
    found = swept(tmp_path, "breakdown.flows.b=0.2,0.4", draws=400).summary["rows"]
    assert found[2]["outcome.none"] > 0.1


def test_damage_is_seen(tmp_path: Path, full: bool, reached: Callable[[int, str], None]) -> None:
    """Promise 11: a flipped bit or a cut in any file is refused naming it, or changes nothing that is read."""
    done = swept(tmp_path / "a", draws=20)
    paths = [path for path in sorted(done.folder.rglob("*")) if path.is_file() and "index" not in path.name]
    tried = 0
    for path in paths:
        data = path.read_bytes()
        step = max(1, len(data) // (400 if full else 6))
        for at in range(0, len(data), step):
            path.write_bytes(data[:at] + bytes([data[at] ^ (1 << (at % 8))]) + data[at + 1 :])
            with pytest.raises(DamagedError, match=path.name.replace(".", r"\.")):
                sweeps.verify(done.folder)
            tried += 1
        path.write_bytes(data[: len(data) // 2])
        with pytest.raises(DamagedError):
            sweeps.verify(done.folder)
        path.write_bytes(data)
    sweeps.verify(done.folder)
    table = next((done.folder / "parts").rglob("*.parquet"))
    data = table.read_bytes()
    table.write_bytes(data[:-30] + bytes([data[-30] ^ 4]) + data[-29:])
    with pytest.raises(DamagedError, match="is not what was written"):
        swept(tmp_path / "a", draws=20)
    reached(11, f"{tried} flips in {len(paths)} files of a sweep, 0 silent")


def test_every_failing_write_keeps_what_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: bool, reached: Callable[[int, str], None]
) -> None:
    """Promise 12: the k-th file cannot be written, for every k: exit 4, then the same command ends the same."""
    whole = swept(tmp_path / "whole", draws=20)
    arguments = ["sweep", str(FEARON), "--vary", f"{COST}=0.1:0.5:3", "-n", "20", "-q", "--workers", "1"]
    real, count = sweeps.placed, 10
    for allowed in range(0, count, 1 if full else 3):
        left = iter(range(allowed))

        def failing(path: Path, *, settled: bool = True, left: Iterator[int] = left) -> AbstractContextManager[Sink]:
            if next(left, None) is None:
                raise OSError(28, "No space left on device", str(path))
            return real(path, settled=settled)

        out = tmp_path / str(allowed)
        with monkeypatch.context() as patch:
            patch.setattr(sweeps, "placed", failing)
            patch.setattr(points, "placed", failing)
            assert main([*arguments, "--out", str(out)]) == 4
        assert main([*arguments, "--out", str(out)]) == 0
        (folder,) = out.glob("*/sweep-*")
        assert made(folder) == made(whole.folder)
    reached(12, f"each of {count} files of a sweep made to fail, 0 lost")


def test_poison_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 15: a point that kills its workers is named after three, and the rest is finished."""
    monkeypatch.setattr(runner, "ALONE", 0)
    monkeypatch.setattr(runner, "attempt", poisoned)
    done = swept(tmp_path, workers=2)
    assert [row["state"] for row in done.summary["rows"]] == ["done", "done", "failed", "done"]
    assert "3 workers died" in done.summary["rows"][2]["reason"]


def test_poison_that_killed_the_sweep_itself_is_set_aside_when_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 15: a small sweep is played in its own process; if that is killed, the next one lets a worker play."""
    program = f"""
from tests.batch import test_sweeps as t
from sim.batch import runner
runner.attempt = t.poisoned
t.swept(t.Path({str(tmp_path)!r}))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL
    monkeypatch.setattr(runner, "attempt", poisoned)
    again = swept(tmp_path)
    assert [row["state"] for row in again.summary["rows"]] == ["done", "done", "failed", "done"]
    assert again.played == 300  # the first two were kept
    monkeypatch.undo()
    assert swept(tmp_path).failed == {}


def poisoned(job: Job, task: Task) -> Played | Failure:
    """Play a task unless it is of the point that kills."""
    if any(value == "0.3" for _, value in task.point.settings):
        os.kill(os.getpid(), signal.SIGKILL)
    return attempt(job, task)


@pytest.mark.parametrize(("workers", "limit"), [(1, 3), (2, 10)])  # the second has processes to start
def test_a_task_that_hangs_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int, limit: int, reached: Callable[[int, str], None]
) -> None:
    """Promise 15: a point whose game never ends is stopped after the limit, named with it, and the rest is finished."""
    monkeypatch.setattr(runner, "ALONE", 0)
    monkeypatch.setattr(runner, "attempt", hanging)
    started = time.monotonic()
    done = sweep(plan(FEARON, (f"{COST}=0.1:0.5:5",), draws=100), tmp_path, workers, task_limit=limit)
    took = time.monotonic() - started
    assert [row["state"] for row in done.summary["rows"]] == ["done", "done", "done", "failed", "done", "done"]
    assert f"100 draws took longer than {limit} s" in done.summary["rows"][3]["reason"]
    assert took < 60
    reached(15, f"a task that hangs given up, {workers} at work, the whole in {took:.0f} s with a limit of {limit} s")


def hanging(job: Job, task: Task) -> Played | Failure:
    """Play a task unless it is of the point that never ends."""
    while any(value == "0.3" for _, value in task.point.settings):
        time.sleep(0.1)
    return attempt(job, task)


def test_a_limit_is_many_times_what_was_measured() -> None:
    """Nothing measured: an hour. Then fifty times the slowest draw so far, a minute at least; or what is asked for."""
    few, many = (Task(Point(()), 0, 0, count) for count in (100, 8000))
    limit = Limit()
    assert limit.of(many) == 3600
    limit.learn(few, 2.0)
    limit.learn(many, 8.0)
    assert (limit.of(few), limit.of(many)) == (100.0, 8000.0)
    quick = Limit()
    quick.learn(few, 0.1)
    assert quick.of(few) == 60
    assert Limit(5).of(many) == 5


def test_a_killed_sweep_loses_nothing_finished(tmp_path: Path, full: bool, reached: Callable[[int, str], None]) -> None:
    """Promise 10: killed at random instants of its writing, a sweep keeps every finished table and ends the same."""
    vary = ["--vary", f"{COST}=0.1:0.5:25", "-n", "1024"]
    whole, out = tmp_path / "whole", tmp_path / "out"
    command = [sys.executable, "-m", "sim", "sweep", str(FEARON), *vary, "-q", "--workers", "1", "--out"]
    hits = 0
    for kill in range(100 if full else 3):
        if kill % 10 == 0:
            shutil.rmtree(out, ignore_errors=True)
        with subprocess.Popen([*command, str(out)], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            had = len(list(out.rglob("*.parquet")))
            limit = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < limit:
                if len(list(out.rglob("*.parquet"))) > had + kill % 3:
                    break
                time.sleep(0.002)
            hits += process.poll() is None
            process.kill()
        kept = {path.name: path.read_bytes() for path in out.rglob("parts/*/*.parquet") if path.name[0] != "."}
        (folder,) = out.glob("*/sweep-*")
        assert kept
        assert {name: data for name, data in tables(folder).items() if name in kept} == kept
    assert main(["sweep", str(FEARON), *vary, "-q", "--workers", "1", "--out", str(out)]) == 0
    assert main(["sweep", str(FEARON), *vary, "-q", "--workers", "1", "--out", str(whole)]) == 0
    (one,), (two,) = out.glob("*/sweep-*"), whole.glob("*/sweep-*")
    assert tables(one) == tables(two)
    assert made(one) == made(two)
    assert hits > 0
    reached(10, f"{hits} kills while tables were written, 0 lost, 0 doubled")


def test_an_interrupt_keeps_what_is_finished(tmp_path: Path) -> None:
    """Ctrl-C ends with 130 and the line that goes on; finished tables are there and are not played again."""
    vary = ["--vary", f"{COST}=0.1:0.5:240", "-n", "2048"]
    arguments = ["sweep", str(FEARON), *vary, "-q", "--workers", "2", "--out", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", *arguments],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    limit = time.monotonic() + 60
    while len(list(tmp_path.rglob("*.parquet"))) < 3 and time.monotonic() < limit:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "every finished point is kept; to go on: parley sweep" in said
    (folder,) = tmp_path.glob("*/sweep-*")
    kept = tables(folder)
    assert kept
    assert not (folder / sweeps.REPORT).exists()
    planned = plan(FEARON, (f"{COST}=0.1:0.5:240",), draws=2048)
    assert sweep(planned, tmp_path).played == 2048 * (241 - len(kept))


def test_workers_of_the_pool_that_die_change_no_byte(
    tmp_path: Path, full: bool, reached: Callable[[int, str], None]
) -> None:
    """Promise 15 on one machine: workers killed again and again, and every point comes out as in one process."""
    kills, count = (20, 1600) if full else (2, 16)
    arguments = ["sweep", str(FEARON), "--vary", f"{COST}=0.1:0.5:{count}", "-n", "4096", "-q", "--workers", "2"]
    command = [sys.executable, "-m", "sim", *arguments, "--out", str(tmp_path / "a")]
    killed = 0
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and killed < kills:
            before = len(list(tmp_path.rglob("*.parquet")))
            while process.poll() is None and len(list(tmp_path.rglob("*.parquet"))) <= before:
                time.sleep(0.005)
            try:
                children = [each for each in psutil.Process(process.pid).children(recursive=True) if playing(each)]
            except psutil.NoSuchProcess:
                break  # it has just ended
            if children and process.poll() is None:
                children[-1].kill()
                killed += 1
                time.sleep(1.5 if full else 0.2)
        assert process.wait(timeout=600) == 0
    whole = sweep(plan(FEARON, (f"{COST}=0.1:0.5:{count}",), draws=4096), tmp_path / "b")
    assert killed == kills if full else killed > 0
    (folder,) = (tmp_path / "a").glob("*/sweep-*")
    assert tables(folder) == tables(whole.folder)
    assert made(folder) == made(whole.folder)
    reached(15, f"{killed} workers of the pool killed, bytes equal to serial")


def playing(process: psutil.Process) -> bool:
    """Whether a process is a worker: a child of the fork server, which the pool asks for its workers."""
    try:
        parent = process.parent()
        return parent is not None and "forkserver" in " ".join(parent.cmdline()) and process.cpu_times().user > 0.01
    except psutil.Error:
        return False


def test_a_billion_points_are_costed_at_once(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    full: bool,
    reached: Callable[[int, str], None],
) -> None:
    """Promise 19: points, draws, time, memory and disk of 10^9 points, none laid out; playing them asks for a yes."""

    def laid_out(_design: Design) -> Iterator[Point]:
        raise AssertionError("a point was laid out")

    vary = ["sweep", str(FEARON), "--vary", f"{COST}=0.1:0.5:1000000000"]
    code, said, seconds = asked(*vary, "--dry-run")
    assert code == 0
    assert "1,000,000,000 points" in said
    assert seconds < (1.5 if full else 5)  # a promise for a quiet machine
    monkeypatch.setattr(Design, "__iter__", laid_out)
    assert main([*vary, "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["points"] == 10**9
    assert told["cost"]["disk_bytes"] > 10**12
    assert main([*vary, "-q"]) == 8
    reached(19, f"the cost of 10^9 points told after {seconds:.2f} s of a processor, none laid out")


UP = [
    "..",
    "../x",
    "../../x",
    "..\\x",
    "a/../../x",
    "./x",
    "a/b",
    "a\\b",
    "/abs",
    "/tmp/x",
    "//x",
    "~",
    "~root",
    "C:",
    "C:\\x",
]
SEEN = [
    "a\0b",
    "\0",
    "a\nb",
    "a\tb",
    "a\rb",
    "\x1b[31m",
    "a\x7fb",
    "\u202ea",
    "a\u200fb",
    "\u2066x\u2069",
    "a\u200bb",
    "\ufeffa",
]
LONG = ["x" * 65, "x" * 300, "x" * 5000, "\U0001f600" * 80]
ODD = [
    "",
    " ",
    ".",
    "...",
    ".x",
    "x.",
    "a b",
    " a",
    "a ",
    "A",
    "É",
    "é",
    "\uff41",
    "\u0661",
    "a_b",
    "a:b",
    "a*b",
    "a?",
    "$HOME",
    "`id`",
    "%2e%2e",
    "-x",
    "a'b",
    'a"b',
    "<b>",
    "a|b",
    "a;b",
]
HOSTILE = [*UP, *SEEN, *LONG, *ODD]


def test_names_stay_in_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reached: Callable[[int, str], None]
) -> None:
    """Promise 20: a name that could lead elsewhere, or be taken for another, is refused, and nothing is written."""
    assert len(set(HOSTILE)) >= 50
    for name in HOSTILE:
        code = main(["sweep", str(FEARON), "--vary", f"{COST}=0.1,0.2", f"--name={name}", "--out", str(tmp_path / "o")])
        assert code == 4, name
        assert "\x1b" not in capsys.readouterr().err
        assert list(tmp_path.rglob("*")) == [], name
    reached(20, f"{len(HOSTILE)} hostile names of sweeps, 0 files written")


@pytest.mark.parametrize(
    "linked", ["", "sweep-it", "sweep-it/parts", "sweep-it/sweep.json", ".sweep-it.lock", ".sweep-it.holder"]
)
def test_links_lead_nowhere(tmp_path: Path, linked: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Promise 20: whatever of a sweep is a link is refused, and where it leads nothing is written."""
    elsewhere, home = tmp_path / "elsewhere", tmp_path / "o" / "fearon-ultimatum"
    elsewhere.mkdir()
    link = home / linked if linked else home
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(elsewhere / "file" if linked.endswith(("json", "lock", "holder")) else elsewhere)
    arguments = ["sweep", str(FEARON), "--vary", f"{COST}=0.1,0.2", "-n", "4", "--name", "it"]
    assert main([*arguments, "--out", str(tmp_path / "o")]) == 4
    assert "is a symlink" in capsys.readouterr().err
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    ("vary", "words"),
    [
        ("parties.c.discount_rate=0.1,0.2", "there is no `c` below `parties`"),
        ("moves.nothing=on,off", "there is no `moves.nothing` to switch"),
    ],
)
def test_a_path_to_nothing_is_refused_before_anything_is_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], vary: str, words: str
) -> None:
    """What names nothing could only fail at every point: one sentence, exit code 2, and no folder."""
    assert main(["sweep", str(FEARON), "--vary", vary, "--out", str(tmp_path / "o")]) == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.rglob("*")) == []
