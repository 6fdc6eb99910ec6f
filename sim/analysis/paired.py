"""Paired differences: the same draws, with the same chance, with a part of the scenario and without it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.analysis.clusters import design_effect, error_of_mean
from sim.analysis.outcomes import estimated, wilson

Columns = Mapping[str, Any]
Finding = dict[str, Any]


def paired(differences: Any, paths: int = 1) -> Finding:
    """Return the mean of differences (N,) of the same draws, its standard error and z = difference / se.

    The error is `clusters.error_of_mean`, which knows how many draws share their parameters.  Where all differ alike,
    se is 0 and z infinite; where none differs, z is 0.  Raises ValueError for fewer than two draws of the parameters.

    >>> paired([1, 0, 0, 0])
    {'difference': 0.25, 'se': 0.25, 'z': 1.0}
    """
    error = error_of_mean(differences, paths)
    if error is None:
        raise ValueError("one draw of the parameters does not tell how sure a difference is: two are needed")
    return _found(float(np.mean(differences)), error)


def compare(
    on: Columns, off: Columns, outcomes: Sequence[str], parties: Sequence[str], paths: int = 1, draws: int | None = None
) -> Finding:
    """Return what switching something off changes: `shares` of outcome classes and mean `payoffs`, off less on.

    ``on`` and ``off`` hold the columns `outcome` and `payoff.<party>` of the same draws, of which the first ``draws``
    are compared.  A share's `low` and `high` are those of `between_shares`.  `most` is the finding with the largest
    absolute z, with what it is of (`kind` share or payoff, `id`).
    """
    n = len(off["outcome"]) if draws is None else draws
    before, after = (np.asarray(side["outcome"])[:n] for side in (on, off))
    shares = {key: between_shares(before == place, after == place, paths) for place, key in enumerate(outcomes)}
    payoffs = {
        party: paired(np.asarray(off[f"payoff.{party}"])[:n] - np.asarray(on[f"payoff.{party}"])[:n], paths)
        for party in parties
    }
    changed = float((before != after).mean())
    return {"changed": changed, "shares": shares, "payoffs": payoffs, "most": most(shares, payoffs)}


def between_shares(before: Any, after: Any, paths: int = 1) -> Finding:
    """Return `paired` of a share, after (N,) less before (N,) of the same draws, and its 95 % interval `low` to `high`.

    With the Wilson intervals (l, u) of both shares and phi, the correlation of the two (by Newcombe's correction less
    N / 2 in its numerator, where that leaves it positive), it is

        from  d - sqrt(x^2 - 2 phi x y + y^2),  x = p_2 - l_2, y = u_1 - p_1
        to    d + sqrt(x^2 - 2 phi x y + y^2),  x = u_2 - p_2, y = p_1 - l_1

    which stays inside [-1, 1], and is no point where few draws or none differ.  Draws that share their parameters count
    as N / effect, by the design effect of the differences.
    Reference: Newcombe (1998, Statistics in Medicine 17:2635), method 10.

    >>> found = between_shares([1] * 48 + [0] * 2, [1] * 36 + [0] * 12 + [1] * 2)
    >>> [round(-found[end], 4) for end in ("high", "low")]
    [0.0569, 0.3404]
    """
    one, two = (np.asarray(side, dtype=np.bool_) for side in (before, after))
    difference = two.astype(np.int64) - one
    n = len(one) / (design_effect(difference, paths) if paths > 1 else 1.0)
    both, first, second = (float(hits.mean()) for hits in (one & two, one, two))
    (low_1, high_1), (low_2, high_2) = (wilson(share * n, n) for share in (first, second))
    spread = math.sqrt(first * (1 - first) * second * (1 - second))
    product = both * (1 - first - second + both) - (first - both) * (second - both)
    correlated = product if product < 0 else max(product - 0.5 / n, 0.0)
    phi = correlated / spread if spread > 0 else 0.0
    found = paired(difference, paths)
    down, up = ((second - low_2, high_1 - first), (high_2 - second, first - low_1))
    reach = [math.sqrt(max(x * x - 2 * phi * x * y + y * y, 0.0)) for x, y in (down, up)]
    return found | {"low": found["difference"] - reach[0], "high": found["difference"] + reach[1]}


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
    return {"kind": kind, "id": key} | {name: row[name] for name in ("difference", "se", "z")}
