"""Facts about the machine that a figure cannot be read without; no name of it, no path on it."""

from __future__ import annotations

import os
import platform
import resource
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

LIBRARIES = ("mesa", "numpy", "pydantic", "pyarrow")
MEBIBYTE = 1024.0**2


def facts() -> dict[str, Any]:
    """Return processor, cores, load, system and versions."""
    return {
        "processor": processor(),
        "cores": cores(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def processor() -> str:
    """Return the processor's name, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak() -> float:
    """Return this process's own peak resident memory in MiB.

    Linux's ``ru_maxrss`` of a started program begins at its parent's peak, so the kernel's high-water mark is read.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return next(float(line.split()[1]) / 1024.0 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return _of(resource.RUSAGE_SELF)


def peak_of_workers() -> float:
    """Return the peak resident memory in MiB of the largest worker process, pages shared with its parent included."""
    return _of(resource.RUSAGE_CHILDREN)


def _of(who: int) -> float:
    used = resource.getrusage(who).ru_maxrss
    return float(used) / (MEBIBYTE if sys.platform == "darwin" else 1024.0)
