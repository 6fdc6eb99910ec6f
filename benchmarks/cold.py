"""How long each command takes from nothing: a fresh process, the page cache warm, the median of several."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.figures import Effort, Spread, table
from benchmarks.paths import FLAGSHIP, ROOT

BARE = "python -c pass"  # what any Python program takes: the yardstick
SMALL = ROOT / "scenarios" / "textbook" / "logrolling.yaml"
TARGETS = {"--help": 0.25, f"check {FLAGSHIP.stem}": 0.8}
COMMANDS = (
    "--help",
    "--version",
    f"check {FLAGSHIP.stem}",
    f"check {SMALL.stem}",
    "list",
    "list --scenarios",
    "status",
    "new cold",
    "schema",
    f"diff {FLAGSHIP.stem} khmeimim-tartus-2026",
    f"solve {SMALL.stem}",
    f"trace {FLAGSHIP.stem}",
    f"run {SMALL.stem} -n 1000 --workers 1",
    f"sweep {SMALL.stem} --vary time.window=5,10 --dry-run",
)
FEWER = COMMANDS[:3]
SCRIPT = Path(sys.executable).with_name("parley")
PARLEY = (str(SCRIPT),) if SCRIPT.exists() else (sys.executable, "-m", "sim")


def measure(effort: Effort) -> dict[str, Any]:
    """Return wall and processor seconds of each command, and its ratio to a bare interpreter."""
    repeats = effort.of(3, 7, 15)
    commands = FEWER if effort is Effort.QUICK else COMMANDS
    return {"rows": [one_command(command, repeats) for command in commands]}


def one_command(command: str, repeats: int) -> dict[str, Any]:
    """Return the seconds of one command over repeats, after one that is not counted."""
    program = (*PARLEY, *command.split())
    once(program)
    pairs = [(once((sys.executable, "-c", "pass")), once(program)) for _ in range(repeats)]
    return {
        "command": command,
        "target": TARGETS.get(command),
        "seconds": Spread.of([wall for _, (wall, _) in pairs])._asdict(),
        "processor_seconds": Spread.of([cpu for _, (_, cpu) in pairs])._asdict(),
        "ratio": Spread.of([cpu / bare for (_, bare), (_, cpu) in pairs])._asdict(),
    }


def once(program: tuple[str, ...]) -> tuple[float, float]:
    """Run a program in an empty folder, its modules compiled; returns its wall and its processor seconds."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}
    with tempfile.TemporaryDirectory() as folder:
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
        done = subprocess.run(program, cwd=Path(folder), env=env, check=False, capture_output=True, text=True)
        wall, after = perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{' '.join(program[1:])} ended with {done.returncode}: {done.stderr.strip()}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ratios(found: dict[str, Any]) -> dict[str, tuple[dict[str, float], bool]]:
    """Return what a later run is held against: processor time over that of a bare interpreter; less is better."""
    return {f"cold {row['command']}": (row["ratio"], False) for row in found["rows"]}


def told(found: dict[str, Any]) -> str:
    """Return the part as a table for people."""
    rows = [
        (
            f"parley {row['command']}",
            str(Spread(**row["seconds"])),
            str(Spread(**row["processor_seconds"])),
            str(Spread(**row["ratio"])),
            "" if row["target"] is None else str(row["target"]),
        )
        for row in found["rows"]
    ]
    return table(("from nothing", "seconds", "of a processor", f"over {BARE}", "asked"), rows)
