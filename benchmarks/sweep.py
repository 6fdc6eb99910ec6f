"""How well a sweep uses its processes: points and draws of one scenario on one warm worker, then on two.

Each count of workers has a process of its own.  Tasks are timed where they are played, and so is the model in them.
A worker's first task, with imports and first calls, is left out: what counts begins when all have finished theirs.
A machine that others share runs now fast, now slow: `--repeats` plays the counts in turn, back and forth, so that each
efficiency comes of neighbours in time, and tells the median of them with the least and the most.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Self

from benchmarks.machine import facts, used_by
from benchmarks.paths import FLAGSHIP, RESULTS, ROOT

if TYPE_CHECKING:
    from sim.batch.games import Failure, Job, Played, Task

VARIED = "parties.russia.discount_rate=0.05:0.4"
POINTS, DRAWS, WORKERS = 12, 1000, (1, 2)
FULL_POINTS, FULL_DRAWS = 200, 5000
LOG = "PARLEY_BENCHMARK_LOG"
LOOK_SECONDS = 0.2
MODEL = [0.0]  # seconds that this process has spent in the model


def main() -> None:
    """Time a sweep on one worker and on two, print the figures, keep them in `benchmarks/results/sweep.json`."""
    asked = _asked()
    if asked.one:
        print(json.dumps(played(asked.scenario, asked.vary, asked.points, asked.draws, asked.one)))
        return
    told: dict[str, Any] = {"machine": facts(), "scenario": asked.scenario.stem}
    told |= {"points": asked.points, "draws": asked.draws, "runs": []}
    RESULTS.mkdir(exist_ok=True)
    for repeat in range(asked.repeats):
        for workers in asked.workers[:: 1 if repeat % 2 == 0 else -1]:
            print(f"{asked.points} points of {asked.draws:,} draws on {workers} ...", file=sys.stderr)
            told["runs"].append({"repeat": repeat, **_apart(asked, workers)})
        told["efficiency"] = efficiency(told["runs"])
        (RESULTS / "sweep.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    _tell(told)


def _apart(asked: argparse.Namespace, workers: int) -> dict[str, Any]:
    """Play one sweep in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.sweep", "--one", str(workers), "--scenario", str(asked.scenario)]
    command += ["--vary", asked.vary, "--points", str(asked.points), "--draws", str(asked.draws)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _asked() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("--scenario", type=Path, default=FLAGSHIP)
    reader.add_argument("--vary", default=VARIED, help="a path and its range, without the count")
    reader.add_argument("--points", type=int, default=None)
    reader.add_argument("--draws", type=int, default=None)
    reader.add_argument("--workers", type=int, nargs="+", default=WORKERS)
    reader.add_argument("--repeats", type=int, default=1, help="times that each count of workers is played")
    reader.add_argument("--full", action="store_true", help=f"{FULL_POINTS} points of {FULL_DRAWS:,} draws")
    reader.add_argument("--one", type=int, help=argparse.SUPPRESS)
    asked = reader.parse_args()
    asked.points = asked.points or (FULL_POINTS if asked.full else POINTS)
    asked.draws = asked.draws or (FULL_DRAWS if asked.full else DRAWS)
    return asked


def played(scenario: Path, vary: str, points: int, draws: int, workers: int) -> dict[str, Any]:
    """Play one sweep on processes of its own, and say what was seen."""
    with tempfile.TemporaryDirectory() as home:
        log = Path(home) / "tasks"
        log.touch()
        os.environ[LOG] = str(log)  # before the fork server starts, which hands it on

        from sim.batch import runner
        from sim.sweep import plan, sweep

        runner.ALONE = 0
        runner.attempt = timed
        planned = plan(scenario, (f"{vary}:{points}",), draws=draws)
        began = time.monotonic()
        with _Watch() as watch:
            sweep(planned, Path(home) / "out", workers=workers) if workers > 1 else _on_one(planned, Path(home) / "out")
        took = time.monotonic() - began
        rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return {"workers": workers, "pss_mib": watch.peak, **seen(rows, began, took, workers)}


def _on_one(planned: Any, out: Path) -> None:
    """Play on a pool of one: the same code on one core as on two."""
    from sim.batch import runner
    from sim.sweep import sweep

    runner.here = lambda job, tasks, limit: runner.pool(job, tasks, 1, limit)
    sweep(planned, out, workers=1)


def timed(job: Job, task: Task) -> Played | Failure:
    """Play a task, and note when, and how long the model took of it."""
    from sim import montecarlo
    from sim.batch.runner import attempt

    if montecarlo.play is not _play_timed:
        _REAL.append(montecarlo.play)
        montecarlo.play = _play_timed
    MODEL[0] = 0.0
    began = time.monotonic()
    result = attempt(job, task)
    row = {"pid": os.getpid(), "began": began, "ended": time.monotonic(), "model": MODEL[0]}
    line = json.dumps(row | {"draws": task.stop - task.first}) + "\n"
    handle = os.open(os.environ[LOG], os.O_WRONLY | os.O_APPEND)
    os.write(handle, line.encode())
    os.close(handle)
    return result


_REAL: list[Any] = []


def _play_timed(*arguments: Any, **more: Any) -> Any:
    began = time.monotonic()
    try:
        return _REAL[0](*arguments, **more)
    finally:
        MODEL[0] += time.monotonic() - began


def seen(rows: list[dict[str, Any]], began: float, took: float, workers: int) -> dict[str, Any]:
    """Return rates and shares from what the tasks noted.

    The window is from when every worker has ended its first task to when the first runs out of tasks.
    """
    own: dict[int, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: float(row["began"])):
        own.setdefault(row["pid"], []).append(row)
    start = max(tasks[0]["ended"] for tasks in own.values())
    stop = min(tasks[-1]["ended"] for tasks in own.values())
    inside = [_within(row, start, stop) for row in rows]
    draws, model = (
        sum(share * row[key] for share, row in zip(inside, rows, strict=True)) for key in ("draws", "model")
    )
    window = stop - start
    return {
        "seconds": took,
        "start_seconds": start - began,
        "end_seconds": began + took - max(row["ended"] for row in rows),
        "window_seconds": window,
        "draws_per_second": draws / window,
        "outside_model": 1 - model / (window * workers),
        "outside_model_of_all": 1 - sum(row["model"] for row in rows) / (took * workers),
    }


def _within(row: dict[str, Any], start: float, stop: float) -> float:
    """Return the share of a task that lies in the window."""
    length = row["ended"] - row["began"]
    return float(max(0.0, min(row["ended"], stop) - max(row["began"], start)) / length)


def efficiency(runs: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Return, for each count of workers above one, the rate over that of one worker times the count, by repeat."""
    one = {row["repeat"]: row["draws_per_second"] for row in runs if row["workers"] == 1}
    found: dict[str, list[float]] = {}
    for row in runs:
        if row["workers"] > 1 and row["repeat"] in one:
            share = row["draws_per_second"] / (one[row["repeat"]] * row["workers"])
            found.setdefault(str(row["workers"]), []).append(share)
    return found


class _Watch:
    """Looks at the memory of this process and all below it, pages that they share counted once."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self.peak = max(self.peak, used_by(os.getpid()) / 2**20)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


def _tell(told: dict[str, Any]) -> None:
    print(f"{told['scenario']}: {told['points']} points of {told['draws']:,} draws; {told['machine']['processor']}, "
          f"{told['machine']['cores']} cores, load {told['machine']['load'][0]}")  # fmt: skip
    print(f"{'workers':>8} {'draws/s':>9} {'PSS MiB':>8} {'not model':>10} {'of all':>7} "
          f"{'start s':>8} {'end s':>6} {'all s':>7}")  # fmt: skip
    for row in told["runs"]:
        print(
            f"{row['workers']:>8} {row['draws_per_second']:>9,.0f} {row['pss_mib']:>8,.0f} "
            f"{row['outside_model']:>10.1%} {row['outside_model_of_all']:>7.1%} {row['start_seconds']:>8.1f} "
            f"{row['end_seconds']:>6.1f} {row['seconds']:>7.1f}"
        )
    for workers, shares in told["efficiency"].items():
        print(f"efficiency of {workers} over 1: {median(shares):.1%} ({min(shares):.1%} to {max(shares):.1%}, "
              f"{len(shares)} of each)")  # fmt: skip


if __name__ == "__main__":
    main()
