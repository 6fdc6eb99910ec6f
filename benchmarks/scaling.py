"""Draws a second and memory against the number of draws, on one core and on two; each size in a process of its own.

``play`` keeps everything in memory; ``run`` is all that `parley run --keep outcomes` does, its report and its files
included.  Memory is the peak over the process and its workers together, shared pages counted once.
"""

from __future__ import annotations

from typing import Any

from benchmarks.apart import measured
from benchmarks.drivers import variants
from benchmarks.figures import Effort, Spread, short, table
from benchmarks.games import Size
from benchmarks.paths import FLAGSHIP
from sim.blocks import ALONE, BLOCK, TOGETHER

# Few steps, few issues, nothing that moves: what ten million draws cost beyond the play itself.
CHEAP = Size(issues=2, levels=3, variables=1, moves=0, steps=4, protocol="stacked_alternating", audience=False)
BATCH = TOGETHER * BLOCK  # draws that one process plays at once


def measure(effort: Effort) -> dict[str, Any]:
    """Return time and memory of every size, and how much faster two cores are than one."""
    flagship = {"scenario": str(FLAGSHIP), "name": FLAGSHIP.stem}
    cheap = {"scenario": CHEAP._asdict(), "name": "a cheap game"}
    plays = [10**k for k in effort.of((3,), (3, 4), (3, 4, 5))]
    runs = [10**k for k in effort.of((3, 4), (3, 4, 5), (3, 4, 5, 6, 7))]
    found = [one_size(flagship, "play", draws, workers, "all") for draws in plays for workers in (1, 2)]
    found += [one_size(cheap, "run", draws, workers, "outcomes") for draws in runs for workers in (1, 2)]
    if runs[-1] < 10**6:
        found.append(one_size(cheap, "run", runs[-1], 1, "all"))
    return {"sizes": found, "cores": two_over_one(effort)}


def one_size(game: dict[str, Any], do: str, draws: int, workers: int, keep: str) -> dict[str, Any]:
    """Return the time and memory of one size."""
    task = {"do": do, "scenario": game["scenario"], "draws": draws, "workers": workers, "keep": keep}
    done = measured(task)
    return {
        "game": game["name"],
        "do": do,
        "draws": draws,
        "workers": workers,
        "keep": keep,
        **done,
        "draws_per_s": draws / done["seconds"],
    }


def two_over_one(effort: Effort) -> dict[str, Any]:
    """Return how much faster two processes play the flagship than one, over repeats one after the other.

    Under the full effort one process works for a minute at least, as found out by a first run.
    """
    repeats, wanted = effort.of(1, 3, 3), effort.of(None, 20.0, 75.0)
    sets = list(variants(FLAGSHIP)["as it is"])
    task = {"do": "play", "scenario": str(FLAGSHIP), "sets": sets, "keep": "outcomes"}
    draws = ALONE + BLOCK  # the fewest that two processes share
    if wanted is not None:
        first = measured({**task, "draws": BATCH, "workers": 1})
        draws = 2 * BATCH * max(1, round(wanted * BATCH / first["seconds"] / (2 * BATCH)))
    pairs = [
        tuple(measured({**task, "draws": draws, "workers": workers})["seconds"] for workers in (1, 2))
        for _ in range(repeats)
    ]
    return {
        "draws": draws,
        "seconds": Spread.of([one for one, _ in pairs])._asdict(),
        "ratio": Spread.of([one / two for one, two in pairs])._asdict(),
    }


def ratios(found: dict[str, Any]) -> dict[str, tuple[dict[str, float], bool]]:
    """Return what a later run is held against: two cores over one, more is better."""
    return {"scaling two cores over one": (found["cores"]["ratio"], True)}


def told(found: dict[str, Any]) -> str:
    """Return the part as a table for people."""
    rows = [
        (
            f"{one['game']}, {one['do']}",
            f"{one['draws']:,}",
            str(one["workers"]),
            one["keep"],
            short(one["seconds"]),
            f"{one['draws_per_s']:,.0f}",
            f"{one['peak_bytes'] / 2**20:,.0f}",
            f"{one['disk_bytes'] / 2**20:,.1f}" if "disk_bytes" in one else "",
        )
        for one in found["sizes"]
    ]
    cores = found["cores"]
    head = ("sizes", "draws", "workers", "keep", "seconds", "draws/s", "peak MiB", "disk MiB")
    return (
        f"{table(head, rows)}\n\n  two processes over one, {cores['draws']:,} draws of the flagship, "
        f"{short(cores['seconds']['median'])} s on one: {Spread(**cores['ratio'])}"
    )
