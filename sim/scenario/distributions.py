"""Uncertain leaves as inverse distribution functions: one uniform in, one value out.

Sampling reads a leaf's quantile function at a uniform that belongs to that leaf alone (keyed by its path), so that a
changed range or an added leaf moves no other number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.scenario.leaf import Leaf

F = NDArray[np.float64]
NODES = 1025  # of the table of a beta distribution function
EDGE = 1e-12  # uniforms are kept this far from 0 and 1, where a normal has no value


def quantile(leaf: Leaf, u: F) -> F:
    """Return the value below which the leaf falls with chance ``u`` in [0, 1], same shape as ``u``.

    PERT (Malcolm et al. 1959): a beta on [lo, hi] with shapes 1 + 4 (mode - lo)/(hi - lo) and 1 + 4 (hi - mode)/(hi - lo).
    A lognormal has median m and log standard deviation sigma.  ``within`` truncates: the quantile of the remaining part.
    """
    u = np.clip(u, 0.0, 1.0)
    args = leaf.args
    match leaf.kind:
        case "value":
            return np.full_like(u, args[0])
        case "uniform":
            return args[0] + (args[1] - args[0]) * u
        case "triangular":
            return _triangular(args[0], args[1], args[2], u)
        case "pert":
            low, mode, high = args
            if high <= low:
                return np.full_like(u, low)
            lean = 4.0 * (mode - low) / (high - low)
            return low + (high - low) * _beta(1.0 + lean, 5.0 - lean, u)
        case "beta":
            low, high = leaf.over or (0.0, 1.0)
            return low + (high - low) * _beta(args[0], args[1], u)
        case "normal":
            return args[0] + args[1] * _normal(args[0], args[1], leaf.within, u)
        case "lognormal":
            within = None if leaf.within is None else tuple(np.log(max(edge, 1e-300)) for edge in leaf.within)
            centre = float(np.log(args[0]))
            return np.exp(centre + args[1] * _normal(centre, args[1], within, u))
        case _:
            return _discrete(args, u)


def _triangular(low: float, mode: float, high: float, u: F) -> F:
    if high <= low:
        return np.full_like(u, low)
    cut = (mode - low) / (high - low)
    left = low + np.sqrt(u * (high - low) * (mode - low))
    right = high - np.sqrt((1.0 - u) * (high - low) * (high - mode))
    return np.where(u < cut, left, right)


def _beta(a: float, b: float, u: F) -> F:
    return np.asarray(np.interp(u, *_beta_table(a, b)), dtype=np.float64)


def _beta_table(a: float, b: float) -> tuple[F, F]:
    """Return a beta distribution function at points that lie closer at both ends.

    Inverting it by straight lines is a hundred times cheaper than the exact inverse and off by at most 1e-5.
    """
    from scipy.special import betainc  # 0.1 s of import that only uncertain leaves pay

    points = 0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, NODES))
    return np.asarray(betainc(a, b, points), dtype=np.float64), points


def _normal(mean: float, deviation: float, within: tuple[float, ...] | None, u: F) -> F:
    from scipy.special import ndtr, ndtri

    low, high = 0.0, 1.0
    if deviation == 0.0:
        return np.zeros_like(u)
    if within is not None:
        low, high = (float(ndtr((edge - mean) / deviation)) for edge in within)
    z = np.asarray(ndtri(np.clip(low + (high - low) * u, EDGE, 1.0 - EDGE)), dtype=np.float64)
    if within is not None:
        z = np.clip(z, (within[0] - mean) / deviation, (within[1] - mean) / deviation)
    return z


def _discrete(args: tuple[float, ...], u: F) -> F:
    values, chances = np.array(args[::2]), np.array(args[1::2])
    steps = np.cumsum(chances / chances.sum())
    return values[np.minimum(np.searchsorted(steps, u, side="right"), len(values) - 1)]


class Sampler:
    """The quantile function of one leaf, tabulated once where its inverse is costly."""

    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf
        self.table: tuple[F, F] | None = None
        if leaf.kind == "beta":
            low, high = leaf.over or (0.0, 1.0)
            chances, points = _beta_table(leaf.args[0], leaf.args[1])
            self.table = chances, low + (high - low) * points
        elif leaf.kind == "pert" and leaf.args[2] > leaf.args[0]:
            low, mode, high = leaf.args
            lean = 4.0 * (mode - low) / (high - low)
            chances, points = _beta_table(1.0 + lean, 5.0 - lean)
            self.table = chances, low + (high - low) * points

    def __call__(self, u: F) -> F:
        """Return values for uniforms ``u`` (n,)."""
        if self.table is None:
            return quantile(self.leaf, u)
        return np.asarray(np.interp(u, *self.table), dtype=np.float64)
