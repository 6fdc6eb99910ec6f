"""Uncertain leaves as inverse distribution functions: one uniform in, one value out.

Sampling reads a leaf's quantile function at a uniform that belongs to that leaf alone (keyed by its path), so that a
changed range or an added leaf moves no other number.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.scenario.leaf import Leaf

F = NDArray[np.float64]
NODES = 1025  # of the table of a beta distribution function
POINTS = 0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, NODES))  # closer at both ends
EDGE = 1e-12  # uniforms are kept this far from 0 and 1, where a normal has no value


def quantile(leaf: Leaf, u: F) -> F:
    """Return the value below which the leaf falls with chance ``u`` in [0, 1], same shape as ``u``.

    PERT (Malcolm et al. 1959): a beta on [lo, hi] with shapes 1 + 4 (mode - lo)/(hi - lo) and
    1 + 4 (hi - mode)/(hi - lo).  A lognormal has median m and log standard deviation sigma.  ``within`` truncates: the
    quantile of the remaining part.  A part of a Dirichlet is a gamma of shape a: independent gammas of shapes a_k,
    divided by their sum, are Dirichlet (a_1, ..., a_m) (Devroye 1986, ch. XI.4); whatever takes them divides.
    """
    u = np.clip(u, 0.0, 1.0)
    args, within = leaf.args, leaf.within
    forms: dict[str, Callable[[], F]] = {
        "value": lambda: np.full_like(u, args[0]),
        "uniform": lambda: args[0] + (args[1] - args[0]) * u,
        "triangular": lambda: _triangular(args[0], args[1], args[2], u),
        "pert": lambda: _on_table(leaf, u),
        "beta": lambda: _on_table(leaf, u),
        "normal": lambda: args[0] + args[1] * _normal(args[0], args[1], within, u),
        "lognormal": lambda: _lognormal(args[0], args[1], within, u),
        "dirichlet": lambda: _gamma(args[0], u),
        "discrete": lambda: _discrete(args, u),
    }
    return forms[leaf.kind]()


def _on_table(leaf: Leaf, u: F) -> F:
    chances, values = _table(leaf)
    return np.asarray(np.interp(u, chances, values), dtype=np.float64)


def _table(leaf: Leaf) -> tuple[F, F]:
    """Return chances and values of a beta or PERT leaf."""
    if leaf.kind == "beta":
        low, high = leaf.over or (0.0, 1.0)
        chances, points = _beta_table(leaf.args[0], leaf.args[1])
        return chances, low + (high - low) * points
    low, mode, high = leaf.args
    if high <= low:
        return np.array([0.0, 1.0]), np.array([low, low])
    lean = 4.0 * (mode - low) / (high - low)
    chances, points = _beta_table(1.0 + lean, 5.0 - lean)
    return chances, low + (high - low) * points


def _lognormal(median: float, sigma: float, within: tuple[float, float] | None, u: F) -> F:
    centre = float(np.log(median))
    edges = None if within is None else (float(np.log(max(within[0], 1e-300))), float(np.log(max(within[1], 1e-300))))
    return np.exp(centre + sigma * _normal(centre, sigma, edges, u))


def _gamma(shape: float, u: F) -> F:
    from scipy.special import gammaincinv

    return np.asarray(gammaincinv(shape, np.clip(u, EDGE, 1.0 - EDGE)), dtype=np.float64)


def _triangular(low: float, mode: float, high: float, u: F) -> F:
    if high <= low:
        return np.full_like(u, low)
    cut = (mode - low) / (high - low)
    left = low + np.sqrt(u * (high - low) * (mode - low))
    right = high - np.sqrt((1.0 - u) * (high - low) * (high - mode))
    return np.where(u < cut, left, right)


@lru_cache(maxsize=4096)
def _beta_table(a: float, b: float) -> tuple[F, F]:
    """Return a beta distribution function at points that lie closer at both ends.

    Inverting it by straight lines is a hundred times cheaper than the exact inverse and off by at most 1e-5.
    """
    from scipy.special import betainc  # 0.1 s of import that only uncertain leaves pay

    return np.asarray(betainc(a, b, POINTS), dtype=np.float64), POINTS


def _normal(mean: float, deviation: float, within: tuple[float, float] | None, u: F) -> F:
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
        self.table = _table(leaf) if leaf.kind in ("pert", "beta") else None

    def __call__(self, u: F) -> F:
        """Return values for uniforms ``u`` (n,)."""
        if self.table is None:
            return quantile(self.leaf, u)
        return np.asarray(np.interp(u, *self.table), dtype=np.float64)
