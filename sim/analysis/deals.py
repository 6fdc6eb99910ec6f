"""How long the first deals last, and the anatomy of those that died."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.clusters import design_effect, error_of_mean
from sim.analysis.outcomes import by_id, estimated
from sim.analysis.survival import Z, kaplan_meier, lives, median_life

ENDINGS = ("breach", "reopened", "expired", "collapse")
BY_A_SIDE = ENDINGS[:2]
FEW = 20  # fewer deaths of a kind than this say too little of what moved before

Array = NDArray[Any]
Finding = dict[str, Any]


def deal_life(columns: Mapping[str, Any], steps: int, paths: int = 1) -> Finding:
    """How long a first deal lasts: `count` signed, `ended` of them, `curve` of Kaplan and Meier, `median_steps`.

    Where ``paths`` draws share their parameters the band is that of fewer deals, by the design effect of the share that
    ends.
    """
    signed, ended = (np.asarray(columns[name]) for name in ("agreed_step", "ended_step"))
    reached = signed >= 0
    durations, over = lives(signed[reached], ended[reached], steps)
    effect = design_effect(reached & (ended >= 0), paths, reached) if paths > 1 else 1.0
    curve = kaplan_meier(durations, over, effect)
    return {
        "count": int(reached.sum()),
        "ended": int(over.sum()),
        "median_steps": median_life(curve),
        "curve": curve,
    }


def broken(meta: Mapping[str, Any], columns: Mapping[str, Any], counts: Any) -> Finding:
    """How the first deals died: for each kind of death its share of the signed deals, its age, and what had moved.

    A kind is one of `ENDINGS`, and for the first two the party that did it. `age` holds the 5, 50 and 95 % points of
    the steps between signing and end. `moved` holds for each variable the mean over these deals of

        z = (change of x since the signing - change of the mean of all draws between the same steps) / sd

    with sd the standard deviation over all draws in the step of the end, and its 95 % interval, mean +- 1.96 times the
    standard error; it is empty where fewer than `FEW` deals died so, or where columns `moved.VARIABLE` were not kept.
    `counts` (T+1, X, bins) are the histograms of all draws.
    """
    signed, ended = (np.asarray(columns[name]) for name in ("agreed_step", "ended_step"))
    how, by = np.asarray(columns["ended_how"]), np.asarray(columns["ended_by"])
    count = int((signed >= 0).sum())
    moved, paths = changes(by_id(meta.get("variables") or {}), columns, counts), int(meta.get("paths", 1))
    rows: list[Finding] = []
    for kind, party, where in kinds(meta["parties"], how, by):
        died = int(where.sum())
        if died:
            age = np.quantile((ended - signed)[where], (0.05, 0.5, 0.95)).tolist()
            rows.append(
                {"kind": kind, "by": party, "count": died}
                | estimated(where, paths, signed >= 0)
                | {"age": dict(zip(("p05", "p50", "p95"), age, strict=True))}
                | {"moved": {name: mean_of(z, where, paths) for name, z in moved.items()} if died >= FEW else {}}
            )
    rows.sort(key=lambda row: -row["count"])
    return {"signed": count, "ended": int((ended >= 0).sum()), "kinds": rows}


def kinds(parties: Sequence[Any], how: Array, by: Array) -> list[tuple[str, str | None, Array]]:
    """Each kind of death with the party that brought it about, if any, and in which draws (N,) it happened."""
    found: list[tuple[str, str | None, Array]] = []
    for code, kind in enumerate(ENDINGS):
        if kind in BY_A_SIDE:
            found += [(kind, party["id"], (how == code) & (by == side)) for side, party in enumerate(parties)]
        else:
            found.append((kind, None, how == code))
    return found


def changes(variables: Mapping[str, Any], columns: Mapping[str, Any], counts: Any) -> dict[str, Array]:
    """Each variable's change z (N,) over the life of the first deal, as `broken` has it; NaN where none died."""
    signed, ended = (np.asarray(columns[name]).astype(np.int64) for name in ("agreed_step", "ended_step"))
    died = ended >= 0
    found = {}
    for place, key in enumerate(sorted(variables)):
        if f"moved.{key}" not in columns:
            continue
        low, high = (float(bound) for bound in variables[key]["bounds"])
        mean, deviation = histogram_moments(np.asarray(counts)[:, place], low, high)
        drift = mean[np.where(died, ended + 1, 0)] - mean[np.where(died, signed + 1, 0)]
        z = (np.asarray(columns[f"moved.{key}"], dtype=np.float64) - drift) / deviation[np.where(died, ended + 1, 0)]
        found[key] = np.where(died, z, np.nan)
    return found


def histogram_moments(table: Array, low: float, high: float) -> tuple[Array, Array]:
    """Mean and standard deviation (T+1,) of histograms (T+1, bins) over [low, high], each bin taken at its middle.

    Where all draws lie in one bin the deviation is given as the bin's width: less cannot be told apart.
    """
    bins = table.shape[1]
    width = (high - low) / bins
    middle = low + width * (np.arange(bins) + 0.5)
    total = np.maximum(table.sum(axis=1), 1)
    mean = (table * middle).sum(axis=1) / total
    variance = (table * (middle - mean[:, None]) ** 2).sum(axis=1) / total
    return mean, np.maximum(np.sqrt(variance), width)


def mean_of(values: Array, where: Array, paths: int = 1) -> Finding:
    """The mean of values (N,) over the draws ``where`` (N,), and its 95 % interval, mean +- 1.96 standard errors."""
    mean, error = float(values[where].mean()), error_of_mean(values, paths, where)
    half = math.inf if error is None else Z * error
    return {"mean": mean, "low": mean - half, "high": mean + half}
