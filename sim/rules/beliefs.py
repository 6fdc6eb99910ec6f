"""What each side thinks of the other's private type, and Bayes' rule.

A belief is a piecewise-linear distribution function of the other's type z on [-1, 1]: a mass for each interval between
knots, spread evenly within it.  The prior is uniform, or tilted
to one side.  Second order stops at "each thinks that the other thinks my type
is the prior mean".
"""

from __future__ import annotations

import numpy as np

from sim.rules.ratification import logistic
from sim.rules.types import KNOTS, TOLERANCE, B, F


def knots() -> F:
    """Return the types (G, 1) at which a belief is held."""
    return np.linspace(-1.0, 1.0, KNOTS)[:, None]


def middles() -> F:
    """Return the middle types of the intervals between knots (G - 1, 1)."""
    return 0.5 * (knots()[1:] + knots()[:-1])


def prior(bias: F) -> F:
    """Return the log mass (G - 1, n) of the prior of density ``(1 + bias z) / 2``; uniform where the bias is 0.

    >>> import numpy as np
    >>> round(float(mean_type(np.exp(prior(np.array([0.6]))))[0]), 6)  # bias / 3, less the width of the intervals
    0.194444
    """
    low, high = knots()[:-1], knots()[1:]
    mass = 0.5 * (high - low) + 0.25 * bias * (high * high - low * low)
    return np.where(bias == 0.0, -np.log(KNOTS - 1.0), np.log(np.maximum(mass, 1e-300)))


def mean_type(mass: F) -> F:
    """Return the expected type (n,) under interval masses (G - 1, n)."""
    total = np.zeros(mass.shape[1:])
    for weight, z in zip(mass, middles(), strict=True):
        total = total + weight * z
    return total


def share_above(left: F, right: F) -> F:
    """Return the share of an interval in which a line from ``left`` to ``right`` is not negative; a tie counts."""
    wide = np.maximum(np.abs(right - left), 1e-200)  # so small that nothing overflows divided by it
    return np.minimum(np.maximum((np.maximum(left, right) + TOLERANCE) / wide, 0.0), 1.0)


def chance(margin: F, mass: F) -> F:
    """Return the chance (..., n) that a margin linear between types (G, ..., n) is not negative under the belief."""
    total = np.zeros(margin.shape[1:])
    if margin.ndim == 2:  # few numbers: one call for all intervals is faster than one for each
        share = mass * share_above(margin[:-1], margin[1:])
        for row in share:
            total += row
        return total
    for interval in range(margin.shape[0] - 1):
        total += mass[interval] * share_above(margin[interval], margin[interval + 1])
    return total


def accepted(margin: F, precision: F) -> F:
    """Return the likelihood (G - 1, n) of an acceptance in each interval of types, for margins (G, n) at the knots.

    Quantal response ``logistic(precision * margin)`` (McKelvey & Palfrey 1995); an infinite precision is sharp.
    """
    sharp = share_above(margin[:-1], margin[1:])
    finite = np.where(np.isfinite(precision), precision, 0.0)
    soft = logistic(finite * margin)
    return np.where(np.isfinite(precision), 0.5 * (soft[1:] + soft[:-1]), sharp)


def asked(worth: F, expected: F, spread: F) -> F:
    """Return the likelihood (G - 1, n) of an offer worth ``worth`` (G - 1, n) to the types that may have made it.

    ``exp(-(u(b | z) - u'(t))^2 / (2 s^2))``, ``expected`` (n,) being u'(t), what a side of any type asks in round t
    (Hindriks & Tykhonov 2008); the likeliest type is given 1.
    """
    distance = (worth - expected) / spread
    log = -0.5 * distance * distance
    return np.exp(log - log.max(axis=0))


def update(log_mass: F, likelihood: F, seen: B) -> tuple[F, B]:
    """Return the log masses (G - 1, n) after Bayes' rule where ``seen`` (n,), and where that was thought impossible.

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
