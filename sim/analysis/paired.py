"""Paired differences: the same draws, with the same chance, with a part of the scenario and without it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.analysis.clusters import grouped

Columns = Mapping[str, Any]
Finding = dict[str, Any]


def paired(differences: Any, paths: int = 1) -> Finding:
    """Return the mean of differences (N,) of the same draws, its standard error and z = difference / se.

    Draws that share parameters count as one: se = sd of their means / sqrt(m).  Where all differ alike, se is 0 and z
    infinite; where none differs, z is 0.

    >>> paired([1, 0, 0, 0])
    {'difference': 0.25, 'se': 0.25, 'z': 1.0}
    """
    means = grouped(differences, paths).mean(axis=1)
    difference = float(means.mean())
    error = float(means.std(ddof=1)) / math.sqrt(len(means)) if len(means) > 1 else 0.0
    z = difference / error if error > 0 else math.copysign(math.inf, difference) if difference else 0.0
    return {"difference": difference, "se": error, "z": z}


def compare(
    on: Columns, off: Columns, outcomes: Sequence[str], parties: Sequence[str], paths: int = 1, draws: int | None = None
) -> Finding:
    """Return what switching something off changes: `shares` of outcome classes and mean `payoffs`, off less on.

    ``on`` and ``off`` hold the columns `outcome` and `payoff.<party>` of the same draws, of which the first ``draws``
    are compared.  `most` is the finding with the largest absolute z, with what it is of (`kind` share or payoff, `id`).
    """
    n = len(off["outcome"]) if draws is None else draws
    before, after = (np.asarray(side["outcome"])[:n] for side in (on, off))
    shares = {
        key: paired((after == place).astype(np.int64) - (before == place), paths) for place, key in enumerate(outcomes)
    }
    payoffs = {
        party: paired(np.asarray(off[f"payoff.{party}"])[:n] - np.asarray(on[f"payoff.{party}"])[:n], paths)
        for party in parties
    }
    changed = float((before != after).mean())
    return {"changed": changed, "shares": shares, "payoffs": payoffs, "most": most(shares, payoffs)}


def most(shares: Mapping[str, Finding], payoffs: Mapping[str, Finding]) -> Finding:
    """Return what moves by the most standard errors; of equals the largest difference, then the first."""
    every = [("share", key, row) for key, row in shares.items()] + [
        ("payoff", key, row) for key, row in payoffs.items()
    ]
    kind, key, row = max(every, key=lambda item: (abs(item[2]["z"]), abs(item[2]["difference"])))
    return {"kind": kind, "id": key} | row
