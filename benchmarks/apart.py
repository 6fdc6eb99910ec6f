"""Something measured in a process of its own, so that its memory is its own: `python -m benchmarks.apart JSON`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from benchmarks import machine
from benchmarks.games import Size, written
from benchmarks.paths import ROOT

SELDOM = 50  # looking at memory takes at most one part in so many of the time
LEAST = 0.02  # seconds between two looks


def measured(task: dict[str, Any]) -> dict[str, Any]:
    """Return what a task found in a process of its own, with the peak of memory over it and its workers in bytes.

    Tasks: ``{"do": "play" | "run", "scenario": PATH or a ``Size`` as a mapping, "sets": [...], "draws": N, "workers":
    W, "keep": "all" | "outcomes"}``.  Raises CalledProcessError where it fails.
    """
    command = [sys.executable, "-m", "benchmarks.apart", json.dumps(task)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as process:
        peak, pause = 0, LEAST
        while process.poll() is None:
            started = perf_counter()
            peak = max(peak, machine.used_by(process.pid))
            pause = max(LEAST, SELDOM * (perf_counter() - started))
            sleep(pause)
        output, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    found: dict[str, Any] = json.loads(output)
    return found | {"peak_bytes": peak}


def main(task: dict[str, Any]) -> dict[str, Any]:
    """Do a task in this process."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = task["scenario"]
        path = Path(scenario) if isinstance(scenario, str) else written(Size(**scenario), Path(folder))
        do = {"play": play, "run": run}[task["do"]]
        return do(path, task, Path(folder))


def play(path: Path, task: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Play draws into memory; reading and compiling the file is not counted."""
    from sim import montecarlo
    from sim.scenario import load
    from sim.scenario.compile import compile_scenario

    del folder
    compiled = compile_scenario(load(path, task.get("sets", ())))
    whole = task.get("keep", "all") == "all"
    started = perf_counter()
    found = montecarlo.simulate(compiled, task["draws"], workers=task["workers"], whole=whole)
    seconds = perf_counter() - started
    return {"seconds": seconds, "row_bytes": sum(column.dtype.itemsize for column in found.columns.values())}


def run(path: Path, task: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Do all that `parley run` does: play, summarise, write a report, keep."""
    from sim import experiment

    started = perf_counter()
    done = experiment.run(
        path,
        task["draws"],
        sets=task.get("sets", ()),
        workers=task["workers"],
        out=folder / "out",
        keep=task.get("keep", "all"),
    )
    seconds = perf_counter() - started
    assert done.folder is not None
    return {"seconds": seconds, "disk_bytes": (done.folder / "draws.parquet").stat().st_size}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
