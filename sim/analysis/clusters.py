"""Draws that share their parameters: groups of P neighbours, and what that does to the error of a share or a mean."""

import math
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
    the effect is  m / (m - 1) sum_g (sum over the group of e)^2 / sum e^2  over the m groups with some of the base
    (Kish 1965), so that the share is known as well as from N / effect independent draws.  Where all of the base are
    alike, or lie in one group, nothing tells how alike draws of a group are: each group then counts as one draw.
    """
    values = np.asarray(hits, dtype=np.float64)
    among = np.ones(len(values)) if base is None else np.asarray(base, dtype=np.float64)
    count = float(among.sum())
    met = int(np.count_nonzero(sums(among, paths)))
    if not count:
        return 1.0
    rest = values - float(values.sum()) / count * among
    alone = float((rest**2).sum())
    if met < FEWEST_GROUPS or alone <= 0:
        return max(1.0, count / met)
    return max(1.0, met / (met - 1) * float((sums(rest, paths) ** 2).sum()) / alone)


def sums(column: Any, paths: int) -> F:
    """Return the sum of a column (N,) over each group, the last of which may have fewer draws.

    >>> sums([0, 1, 1, 1, 0], 2).tolist()
    [1.0, 2.0, 0.0]
    """
    values = np.asarray(column, dtype=np.float64)
    return np.add.reduceat(values, np.arange(0, len(values), paths)) if len(values) else values


def error_of_mean(column: Any, paths: int = 1, base: Any = None) -> float | None:
    """Return the standard error of the mean of a column (N,) over the draws of ``base`` (N,), by default all.

    sqrt( m / (m - 1) sum_g (sum over the group of e)^2 ) / n,  e = value - mean, n draws of the base in m groups: with
    one path sd / sqrt(n).  None where fewer than two groups have any.
    Reference: Cochran (1977), section 9A.2, clusters of unequal size.

    >>> error_of_mean([1, 0, 0, 0]), error_of_mean([1, 1, 0, 0], 2), error_of_mean([1, 1], 2)
    (0.25, 0.5, None)
    """
    values = np.asarray(column, dtype=np.float64)
    among = np.ones(len(values), dtype=np.bool_) if base is None else np.asarray(base, dtype=np.bool_)
    met, count = int(np.count_nonzero(sums(among, paths))), int(among.sum())
    if met < FEWEST_GROUPS:
        return None
    rest = np.where(among, np.where(among, values, 0.0) - float(values[among].mean()), 0.0)
    return math.sqrt(met / (met - 1) * float((sums(rest, paths) ** 2).sum())) / count
