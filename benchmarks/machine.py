"""Facts about the machine that a figure cannot be read without, and what processes use of it; no name, no path."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

LIBRARIES = ("mesa", "negmas", "numba", "numpy", "pyarrow", "pydantic", "scipy")
PROC = Path("/proc")


def facts() -> dict[str, Any]:
    """Return processor, cores, memory, load, system and versions."""
    return {
        "processor": processor(),
        "cores": cores(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load": [round(load, 2) for load in os.getloadavg()],
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version_of(name) for name in LIBRARIES},
    }


def version_of(library: str) -> str:
    """Return the version of a library, or that it is not there."""
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"


def processor() -> str:
    """Return the processor's name, as far as the system tells it."""
    try:
        lines = (PROC / "cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def used_by(process: int) -> int:
    """Return the bytes of memory that a process and all below it use, shared pages counted once (summed PSS)."""
    return sum(_proportional(one) for one in family(process))


def family(process: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield process
    try:
        threads = list((PROC / str(process) / "task").iterdir())
        below = [child for thread in threads for child in (thread / "children").read_text(encoding="ascii").split()]
    except OSError:
        return
    for child in below:
        yield from family(int(child))


def _proportional(process: int) -> int:
    try:
        text = (PROC / str(process) / "smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0  # it has just ended
    return next((1024 * int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
