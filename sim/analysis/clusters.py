"""Draws that share their parameters: groups of P neighbours, and what that does to the error of a share."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float64]
FEWEST_GROUPS = 2  # below this there is no variance between draws of the parameters


def grouped(column: Any, paths: int) -> F:
    """Return a column (N,) as (m, P): a row for each parameter draw, a column for each of its paths.

    >>> grouped([0, 1, 1, 1, 0], 2).tolist()
    [[0.0, 1.0], [1.0, 1.0]]
    """
    values = np.asarray(column, dtype=np.float64)
    whole = len(values) // paths
    return values[: whole * paths].reshape(whole, paths)


def design_effect(hits: Any, paths: int, base: Any = None) -> float:
    """Return by how much draws that share parameters inflate the variance of a share, at least 1.

    The share is sum(hits) / sum(base), both (N,), ``base`` all draws by default; with residuals e = hits - share base,
    the effect is  m / (m - 1) sum_g (sum over the group of e)^2 / sum e^2  (Kish 1965), so that the share is known as
    well as from N / effect independent draws.
    """
    whole = np.ones(len(np.asarray(hits))) if base is None else np.asarray(base, dtype=np.float64)
    given, among = grouped(hits, paths), grouped(whole, paths)
    count = float(among.sum())
    rest = given - (float(given.sum()) / count if count else 0.0) * among
    alone = float((rest**2).sum())
    groups = len(rest)
    if alone <= 0 or groups < FEWEST_GROUPS:
        return 1.0
    return max(1.0, groups / (groups - 1) * float((rest.sum(axis=1) ** 2).sum()) / alone)
