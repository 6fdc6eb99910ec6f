"""What else a run says: how deals last and die, what leaving would have paid, beliefs, flows between statuses."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.deals import broken, deal_life
from sim.analysis.outcomes import by_id, estimated, histogram_points, plain, spread
from sim.analysis.survival import Z

ALTERNATIVES = ("exit", "breakdown", "status_quo")
SAME = 0.01  # payoffs nearer to one another than a hundredth of the best-minus-worst flow are called the same
SLICES = 60
POINTS = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}

Array = NDArray[Any]
Finding = dict[str, Any]


def measures(meta: Mapping[str, Any], columns: Mapping[str, Any], tallies: Mapping[str, Any]) -> Finding:
    """Return what is added to `sim.analysis.outcomes.summarise` of the same meta, columns and tallies.

    `deal_life` and `broken` (`sim.analysis.deals`), `alternatives`, `beliefs` and `flow`. Needs of the columns
    ended_step, ended_how, ended_by and such moved.VARIABLE and start.ALTERNATIVE.PARTY as there are; of the tallies
    flow (T+1, C, C), belief_mean, belief_deviation, belief_error (S, Z, T+1, bins) and belief_truth (S, Z, bins), S by
    sorted id.
    Plain floats, ints and strings.
    """
    paths = int(meta.get("paths", 1))
    found: Finding = plain(
        {
            "deal_life": deal_life(columns, len(meta["time"]["dates"]) - 1, paths),
            "broken": broken(meta, columns, tallies["variables"]),
            "alternatives": alternatives(meta, columns),
            "beliefs": beliefs(meta, tallies, paths),
            "flow": flow(meta, tallies["flow"]),
        }
    )
    return found


def alternatives(meta: Mapping[str, Any], columns: Mapping[str, Any]) -> Finding:
    """Each party's payoffs beside what going without a deal would have been worth at the start.

    For each party: `against`, for each alternative that it had in some draw, in how many it had it, the spread of its
    worth, and the shares of these draws in which the payoff was `better`, about the `same` (within `SAME`) or `worse`;
    and `classes`, for each outcome class how many draws fall in it, the spread of the payoff, and `counts` of it in
    `SLICES` equal parts of `range`, which holds all payoffs.
    """
    outcome = np.asarray(columns["outcome"]).astype(np.int64)
    return {
        party["id"]: {
            "against": against(party["id"], columns, int(meta.get("paths", 1))),
            **by_class(by_id(meta["outcomes"]), outcome, np.asarray(columns[f"payoff.{party['id']}"])),
        }
        for party in meta["parties"]
    }


def against(party: str, columns: Mapping[str, Any], paths: int = 1) -> Finding:
    """How one party's payoff compares with each of its alternatives, over the draws in which it had it."""
    payoff = np.asarray(columns[f"payoff.{party}"])
    found = {}
    for name in (name for name in ALTERNATIVES if f"start.{name}.{party}" in columns):
        worth = np.asarray(columns[f"start.{name}.{party}"], dtype=np.float64)
        had = np.isfinite(worth)
        count = int(had.sum())
        if count:
            gain = np.where(had, payoff - worth, 0.0)
            better, worse = had & (gain > SAME), had & (gain < -SAME)
            found[name] = {
                "count": count,
                **spread(worth),
                "better": estimated(better, paths, had),
                "same": estimated(had & ~better & ~worse, paths, had),
                "worse": estimated(worse, paths, had),
            }
    return found


def by_class(outcomes: Mapping[str, Any], outcome: Array, payoff: Array) -> Finding:
    """The payoffs of each outcome class as counts over one range."""
    finite = np.isfinite(payoff)
    if not finite.any():
        return {"range": None, "classes": {}}
    low, high = float(payoff[finite].min()), float(payoff[finite].max())
    if high - low <= 1e-9 * max(1.0, abs(low), abs(high)):  # all alike but for the last digits
        low, high = low - 0.5, high + 0.5
    classes = {}
    for code, key in enumerate(outcomes):
        values = payoff[finite & (outcome == code)]
        counts, _ = np.histogram(values, bins=SLICES, range=(low, high))
        classes[key] = {"count": len(values), **spread(values), "counts": counts}
    return {"range": [low, high], "classes": classes}


def beliefs(meta: Mapping[str, Any], tallies: Mapping[str, Any], paths: int = 1) -> list[Finding]:
    """What each party thinks of the other's private types, after every step: one row for each that must be guessed.

    `viewer` thinks of `about`'s `type`, None where it has no name. `mean`: the spread over draws of the posterior mean,
    as points at each step; `truth`: the points of the types themselves; `deviation` and `error`: the root mean square,
    with its 95 % interval, of the posterior's standard deviation and of the distance between its mean and the truth.
    Where beliefs are calibrated the two are equal.
    """
    parties = list(meta["parties"])
    rows = []
    for side, viewer in enumerate(sorted(parties, key=lambda party: party["id"])):
        other = next(party for party in parties if party is not viewer)
        for row, name in enumerate(other["types"]):
            truth = np.asarray(tallies["belief_truth"][side][row], dtype=np.float64)
            mean = np.asarray(tallies["belief_mean"][side][row], dtype=np.float64)
            points = {name: histogram_points(mean, q, -1.0, 1.0) for name, q in POINTS.items()}
            rows.append(
                {
                    "viewer": viewer["id"],
                    "about": other["id"],
                    "type": name or None,
                    "mean": points,
                    "truth": {name: histogram_points(truth[None], q, -1.0, 1.0)[0] for name, q in POINTS.items()},
                    "deviation": root_mean_square(tallies["belief_deviation"][side][row], 1.0, paths),
                    "error": root_mean_square(tallies["belief_error"][side][row], 2.0, paths),
                }
            )
    return sorted(rows, key=lambda row: [party["id"] for party in parties].index(row["viewer"]))


def root_mean_square(table: Any, high: float, paths: int = 1) -> dict[str, list[float]]:
    """The root mean square at each step of what histograms (T+1, bins) over [0, high] count, and its 95 % interval.

    The interval is value +- 1.96 sd(x^2) / (2 value sqrt n), the delta method's, for draws that each have parameters of
    their own; counts do not tell which draws share them, so that with several ``paths`` n is that of their groups, and
    the interval at its widest.
    """
    counts = np.asarray(table, dtype=np.float64)
    squares = (high / counts.shape[1] * (np.arange(counts.shape[1]) + 0.5)) ** 2
    n = np.maximum(counts.sum(axis=1), 1)
    mean = (counts * squares).sum(axis=1) / n
    value = np.sqrt(mean)
    variance = (counts * (squares - mean[:, None]) ** 2).sum(axis=1) / n
    half = Z * np.sqrt(paths * variance / n) / np.maximum(2 * value, 1e-12)
    return {"value": value.tolist(), "low": (value - half).tolist(), "high": (value + half).tolist()}


def flow(meta: Mapping[str, Any], table: Any) -> Finding:
    """How many draws went from which status to which: `steps` at which statuses are read, and `counts` between them.

    `table` (T+1, C, C) holds at each step after the first that is read the transitions since the one read before; its
    other rows are nought. Returns `statuses` (C names), `steps` (K + 1) and `counts` (K, C, C).
    """
    counts = np.asarray(table)
    read = np.flatnonzero(counts.sum(axis=(1, 2)))
    return {"statuses": list(meta["statuses"]), "steps": [0, *read], "counts": counts[read]}
