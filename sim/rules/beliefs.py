"""What each side thinks of the other's private types, and Bayes' rule.

A belief is a distribution over the other's types z_1 ... z_Z, each on [-1, 1].  Of one type it is a piecewise-linear
distribution function: a mass for each interval between knots, spread evenly within it.  Of several it is a mass for
each cell of the grid of intervals, spread evenly along the first type and held at the middle of the others.  Types are
independent before anything is seen, and as a rule no longer afterwards: a refusal says that not all of them are low.

The prior is uniform, or tilted to one side.  Second order stops at "each thinks that the other thinks my types are the
prior mean".

Shapes: ``Z`` types, ``G`` knots; ``A = G (G-1)^(Z-1)`` points at which margins are known, ``J = (G-1)^Z`` cells.  The
first type runs fastest in both.  ``D`` coordinates: what values are linear in, a type or its parts below and above the
middle.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from sim.rules.ratification import logistic
from sim.rules.types import ABOVE, BELOW, INTERVALS, KNOTS, TOLERANCE, WHOLE, B, Coordinate, F


def knots() -> F:
    """Return the types (G, 1) at which a belief is held."""
    return np.linspace(-1.0, 1.0, KNOTS)[:, None]


def middles() -> F:
    """Return the middle types of the intervals between knots (G - 1, 1)."""
    return 0.5 * (knots()[1:] + knots()[:-1])


def points(types: int) -> F:
    """Return the types (Z, A, 1) of the points of a belief: knots of the first, middles of intervals of the others."""
    return _grid(knots(), types)


def cells(types: int) -> F:
    """Return the middle types (Z, J, 1) of the cells of a belief."""
    return _grid(middles(), types)


def _grid(first: F, types: int) -> F:
    if types == 1:
        return first[None]
    rows = np.meshgrid(*[middles()[:, 0]] * (types - 1), first[:, 0], indexing="ij")
    return np.stack([row.reshape(-1, 1) for row in rows[::-1]])


def prior(bias: F) -> F:
    """Return the log mass (J, n) of the prior of density ``prod_j (1 + bias_j z_j) / 2``, for biases (Z, n).

    >>> import numpy as np
    >>> round(float(mean_type(np.exp(prior(np.array([[0.6]]))))[0, 0]), 6)  # bias / 3, less the width of the intervals
    0.194444
    """
    joint = _prior_of_one(bias[0])
    for tilt in bias[1:]:
        joint = (_prior_of_one(tilt)[:, None] + joint).reshape(INTERVALS * len(joint), bias.shape[-1])
    return joint


def _prior_of_one(bias: F) -> F:
    low, high = knots()[:-1], knots()[1:]
    mass = 0.5 * (high - low) + 0.25 * bias * (high * high - low * low)
    return np.where(bias == 0.0, -np.log(INTERVALS), np.log(np.maximum(mass, 1e-300)))


def coordinates(z: F, of: tuple[Coordinate, ...]) -> F:
    """Return the coordinates (D, ...) of types (Z, ...): whole, or parted at the middle; none without types."""
    return np.stack([PARTS[half](z[type_]) for type_, half in of]) if of else z[:0]


PARTS = {WHOLE: lambda z: z, BELOW: lambda z: np.minimum(z, 0.0), ABOVE: lambda z: np.maximum(z, 0.0)}


def linear(centre: F, slopes: Iterable[F], z: F) -> F:
    """Return ``centre + sum_d z_d slope_d`` at coordinates ``z`` (D, ...)."""
    for at, slope in zip(z, slopes, strict=True):
        centre = centre + at * slope
    return centre


def mean_type(mass: F) -> F:
    """Return the expected types (Z, n) under cell masses (J, n)."""
    return expected(mass, points(round(math.log(len(mass), INTERVALS))))


def expected(mass: F, known: F) -> F:
    """Return the expectation (D, n) of what is linear within every cell, ``known`` (D, A, 1) at the points."""
    rows = []
    for row in known:
        low, high = sides(row)
        total = np.zeros(mass.shape[1:])
        for weight, middle in zip(mass, 0.5 * (high + low), strict=True):
            total = total + weight * middle
        rows.append(total)
    return np.stack(rows) if rows else mass[:0]


def marginal(mass: F, type_: int) -> F:
    """Return the masses (G - 1, n) of the intervals of one type, whatever the others are."""
    inner = INTERVALS**type_
    rows = mass.reshape(len(mass) // (INTERVALS * inner), INTERVALS, inner, mass.shape[-1])
    total = np.zeros((INTERVALS, mass.shape[-1]))
    for block in rows:
        for column in range(inner):
            total = total + block[:, column]
    return total


def at_type(rows: F, z: F) -> F:
    """Return what is known at the points of a belief (A, n) at types ``z`` (Z, n), linear from end to end in each."""
    grid = rows.reshape(*[INTERVALS] * (len(z) - 1), KNOTS, rows.shape[-1])
    middle, ends = np.take(grid, KNOTS // 2, axis=-2), np.take(grid, [0, KNOTS - 1], axis=-2)
    value = _average(middle) + z[0] * 0.5 * (_average(ends[..., 1, :]) - _average(ends[..., 0, :]))
    for type_ in range(1, len(z)):
        along = np.moveaxis(middle, len(z) - 1 - type_, 0)
        value = value + z[type_] * (_average(along[-1]) - _average(along[0])) / (middles()[-1] - middles()[0])
    return value


def _average(table: F) -> F:
    rows = table.reshape(math.prod(table.shape[:-1]), table.shape[-1])
    total = rows[0]
    for row in rows[1:]:
        total = total + row
    return total / len(rows)


def sides(margin: F) -> tuple[F, F]:
    """Return what is known at the points (A, ...) of a belief at the lower and at the upper end of each cell (J, ...).

    >>> [ends.tolist() for ends in sides(np.arange(3 * KNOTS))][0][4:8]  # no cell reaches from one row to the next
    [4, 5, 7, 8]
    """
    if len(margin) == 1:  # the same at all of them
        return margin, margin
    if len(margin) == KNOTS:
        return margin[:-1], margin[1:]
    low = np.delete(np.arange(len(margin)), slice(KNOTS - 1, None, KNOTS))
    return margin[low], margin[low + 1]


def share_above(left: F, right: F) -> F:
    """Return the share of an interval in which a line from ``left`` to ``right`` is not negative; a tie counts."""
    wide = np.maximum(np.abs(right - left), 1e-200)  # so small that nothing overflows divided by it
    return np.minimum(np.maximum((np.maximum(left, right) + TOLERANCE) / wide, 0.0), 1.0)


def chance(margin: F, mass: F) -> F:
    """Return the chance (..., n) that a margin linear between points (A, ..., n) is not negative under the belief."""
    total = np.zeros(margin.shape[1:])
    low, high = sides(margin)
    if margin.ndim == 2:  # few numbers: one call for all cells is faster than one for each
        share = mass * share_above(low, high)
        for row in share:
            total += row
        return total
    for cell, weight in enumerate(mass):
        total += weight * share_above(low[cell], high[cell])
    return total


def accepted(margin: F, precision: F) -> F:
    """Return the likelihood (J, n) of an acceptance in each cell of types, for margins (A, n) at the points.

    Quantal response ``logistic(precision * margin)`` (McKelvey & Palfrey 1995); an infinite precision is sharp.
    """
    sharp = share_above(*sides(margin))
    finite = np.where(np.isfinite(precision), precision, 0.0)
    low, high = sides(logistic(finite * margin))
    return np.where(np.isfinite(precision), 0.5 * (high + low), sharp)


def asked(worth: F, expected: F, spread: F) -> F:
    """Return the likelihood (J, n) of an offer worth ``worth`` (J, n) to the types that may have made it.

    ``exp(-(u(b | z) - u'(t))^2 / (2 s^2))``, ``expected`` (n,) being u'(t), what a side of any type asks in round t
    (Hindriks & Tykhonov 2008); the likeliest type is given 1.
    """
    distance = (worth - expected) / spread
    log = -0.5 * distance * distance
    return np.exp(log - log.max(axis=0))


def update(log_mass: F, likelihood: F, seen: B) -> tuple[F, B]:
    """Return the log masses (J, n) after Bayes' rule where ``seen`` (n,), and where that was thought impossible.

    What was impossible leaves the belief as it was.
    """
    with np.errstate(divide="ignore"):
        joint = log_mass + np.log(likelihood)
    top = joint.max(axis=0)
    possible = seen & np.isfinite(top)
    shifted = joint - np.where(possible, top, 0.0)
    total = np.zeros(top.shape)
    for row in shifted:
        total = total + np.exp(row)
    posterior = shifted - np.log(np.where(possible, total, 1.0))
    return np.where(possible, posterior, log_mass), seen & ~possible
