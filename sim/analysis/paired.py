"""Paired differences: the same draws, with the same chance, with a part of the scenario and without it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.analysis.clusters import grouped
from sim.analysis.outcomes import estimated

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
    return _found(difference, error)


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


def apart(
    first: Columns, second: Columns, outcomes: Sequence[str], parties: Sequence[str], paths: tuple[int, int] = (1, 1)
) -> Finding:
    """Return what differs between draws that share no chance, second less first, as `compare` does without `changed`.

    A mean's standard error is sqrt(se_1^2 + se_2^2).  A share's `low` and `high` are Newcombe's (1998, method 10):
    d - sqrt((p_2 - l_2)^2 + (u_1 - p_1)^2) and d + sqrt((u_2 - p_2)^2 + (p_1 - l_1)^2), with the Wilson intervals
    (l, u) of both shares, which know how many draws share their parameters.
    """
    sides = tuple(zip((first, second), paths, strict=True))
    shares = {
        key: _shares_apart(*(estimated(np.asarray(side["outcome"]) == place, count) for side, count in sides))
        for place, key in enumerate(outcomes)
    }
    payoffs = {party: _means_apart(*(paired(side[f"payoff.{party}"], count) for side, count in sides))
               for party in parties}  # fmt: skip
    return {"shares": shares, "payoffs": payoffs, "most": most(shares, payoffs)}


def _shares_apart(one: Finding, two: Finding) -> Finding:
    difference = two["probability"] - one["probability"]
    down = math.hypot(two["probability"] - two["low"], one["high"] - one["probability"])
    up = math.hypot(two["high"] - two["probability"], one["probability"] - one["low"])
    return _found(difference, math.hypot(one["se"], two["se"])) | {"low": difference - down, "high": difference + up}


def _means_apart(one: Finding, two: Finding) -> Finding:
    return _found(two["difference"] - one["difference"], math.hypot(one["se"], two["se"]))


def _found(difference: float, error: float) -> Finding:
    z = difference / error if error > 0 else math.copysign(math.inf, difference) if difference else 0.0
    return {"difference": difference, "se": error, "z": z}


def most(shares: Mapping[str, Finding], payoffs: Mapping[str, Finding]) -> Finding:
    """Return what moves by the most standard errors; of equals the largest difference, then the first."""
    every = [("share", key, row) for key, row in shares.items()] + [
        ("payoff", key, row) for key, row in payoffs.items()
    ]
    kind, key, row = max(every, key=lambda item: (abs(item[2]["z"]), abs(item[2]["difference"])))
    return {"kind": kind, "id": key} | row
