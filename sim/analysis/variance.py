"""Two variances told apart: what the parameters decide, and what chance decides along the path.

Draws come in groups of P that share their parameters; a last group with fewer is left out.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.clusters import grouped
from sim.analysis.outcomes import wilson

F = NDArray[np.float64]
FEWEST_GROUPS = 3  # draws of the parameters: of fewer none can be left out and a variance be found


def decompose(column: Any, paths: int) -> dict[str, float]:
    """Split the variance of a column (N,) by the law of total variance, without bias.

    Var Y = Var E[Y | parameters] + E Var[Y | parameters].  With m groups of P paths, group means y_g, mean y and
    variances s_g^2 (over P - 1) within them:

        path = sum_g s_g^2 / m        parameters = sum_g (y_g - y)^2 / (m - 1) - path / P        total = their sum

    the estimates of a one-way analysis of variance with random effects.  ``parameters`` has no bias and can therefore
    fall below 0 where there is little to find.  ``se`` is its standard error and ``share_se`` that of ``share``
    (= parameters / total, 0 where nothing varies), both by the jackknife over parameter draws.
    Raises ValueError below two paths or three whole groups.
    Reference: Searle, Casella & McCulloch (1992), section 3.5; Efron & Tibshirani (1993), chapter 11.

    >>> {key: round(value, 4) for key, value in decompose([0, 0, 1, 1, 0, 1], 2).items()}
    {'total': 0.3333, 'parameters': 0.1667, 'path': 0.1667, 'se': 0.3333, 'share': 0.5, 'share_se': 0.6667}
    """
    table = grouped(column, paths)
    groups = len(table)
    if paths < 2 or groups < FEWEST_GROUPS:
        raise ValueError(f"{groups} whole groups of {paths} paths: at least three of two are needed")
    mean, within = table.mean(axis=1), table.var(axis=1, ddof=1)
    sums = np.array([mean.sum(), (mean**2).sum(), within.sum()])
    parameters, path = (float(part) for part in _parts(sums, groups, paths))
    found = {"total": parameters + path, "parameters": parameters, "path": path}
    left, remaining = _parts(sums[:, None] - np.stack([mean, mean**2, within]), groups - 1, paths)
    return found | {
        "se": _jackknife(left),
        "share": float(_ratio(np.array(parameters), np.array(path))),
        "share_se": _jackknife(_ratio(left, remaining)),
    }


def _parts(sums: F, groups: int, paths: int) -> tuple[F, F]:
    """Return both parts from the sums of the groups' means, squared means and variances (3, ...)."""
    path = sums[2] / groups
    between = (sums[1] - sums[0] ** 2 / groups) / (groups - 1)
    return between - path / paths, path


def _ratio(parameters: F, path: F) -> F:
    total = parameters + path
    return np.divide(parameters, total, out=np.zeros_like(total), where=total > 0)


def _jackknife(left: F) -> float:
    """Return the standard error of an estimate from those that leave one group out (m,)."""
    groups = len(left)
    return math.sqrt((groups - 1) / groups * float(((left - left.mean()) ** 2).sum()))


def variances(outcomes: Any, column: Any, paths: int) -> dict[str, dict[str, float]]:
    """Return `decompose` of each class's indicator: ``outcomes`` are the classes, ``column`` (N,) their places."""
    places = np.asarray(column)
    return {key: decompose(places == place, paths) for place, key in enumerate(outcomes)}


def divided(column: Any, paths: int) -> dict[str, float]:
    """Return how often chance alone decides the class: the share of parameter draws whose two paths end differently.

    With more than two paths it is the chance that two of them taken at random end in different classes, which has the
    same expected value whatever P: 1 - sum_c n_c (n_c - 1) / (P (P - 1)), averaged over parameter draws.  ``se`` is
    its standard error over these, ``low`` and ``high`` the Wilson 95 % interval at the size that has that error.

    >>> divided([0, 0, 0, 1, 2, 2, 1, 1], 2)["probability"]
    0.25
    """
    table = grouped(column, paths)
    pairs = np.zeros(len(table))
    for place in np.unique(table):
        count = (table == place).sum(axis=1)
        pairs = pairs + count * (count - 1)
    unlike = 1.0 - pairs / (paths * (paths - 1))
    share = float(unlike.mean())
    error = float(unlike.std(ddof=1)) / math.sqrt(len(unlike))
    size = share * (1 - share) / error**2 if error > 0 else float(len(unlike))
    low, high = wilson(share * size, size)
    return {"probability": share, "se": error, "low": low, "high": high}


def summarised(meta: Mapping[str, Any], column: Any) -> dict[str, Any]:
    """Return what several paths add to a run's summary: ``variance`` of each class and ``divided``; else nothing."""
    paths = int(meta.get("paths", 1))
    if paths < 2 or len(np.asarray(column)) < FEWEST_GROUPS * paths:
        return {}
    return {"variance": variances(meta["outcomes"], column, paths), "divided": divided(column, paths)}
