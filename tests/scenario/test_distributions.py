"""Quantile functions against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.scenario.distributions import Sampler, quantile
from sim.scenario.leaf import Leaf

U = np.concatenate([np.linspace(0.001, 0.999, 997), [0.0005, 0.9995]])


def leaf(kind: str, args: tuple[float, ...], **more: object) -> Leaf:
    """Return a leaf as the format writes it."""
    return Leaf.model_validate({"kind": kind, "args": args, **more})


def pert(low: float, mode: float, high: float) -> object:
    """Return the beta distribution of a PERT leaf."""
    lean = 4 * (mode - low) / (high - low)
    return stats.beta(1 + lean, 5 - lean, loc=low, scale=high - low)


CASES = [
    ("uniform", (2.0, 5.0), {}, stats.uniform(2, 3), 1e-12),
    ("triangular", (0.0, 0.3, 1.0), {}, stats.triang(0.3), 1e-12),
    ("pert", (0.1, 0.2, 0.9), {}, pert(0.1, 0.2, 0.9), 2e-5),
    ("normal", (1.0, 2.0), {}, stats.norm(1, 2), 1e-9),
    ("normal", (0.4, 0.1), {"within": [0.3, 0.6]}, stats.truncnorm(-1, 2, 0.4, 0.1), 1e-9),
    ("lognormal", (2.0, 0.5), {}, stats.lognorm(0.5, scale=2), 1e-8),
    ("beta", (8.0, 2.0), {"over": [0.5, 1.0]}, stats.beta(8, 2, loc=0.5, scale=0.5), 2e-5),
    ("beta", (0.5, 0.5), {}, stats.beta(0.5, 0.5), 2e-5),
    ("dirichlet", (2.5,), {}, stats.gamma(2.5), 1e-9),
    ("dirichlet", (0.05,), {}, stats.gamma(0.05), 1e-9),
]


@pytest.mark.parametrize(("kind", "args", "more", "known", "within"), CASES)
def test_quantiles_are_scipys(
    kind: str, args: tuple[float, ...], more: dict[str, object], known: object, within: float
) -> None:
    """Every continuous leaf's quantile function is scipy's, and the sampler's table is the same function."""
    one = leaf(kind, args, **more)
    wanted = known.ppf(U)  # type: ignore[attr-defined]
    assert np.abs(quantile(one, U) - wanted).max() < within
    assert np.abs(Sampler(one)(U) - quantile(one, U)).max() < 1e-12


def test_a_discrete_leaf_takes_its_values_with_their_chances() -> None:
    """A discrete leaf is its value where the uniform falls into that value's share."""
    one = leaf("discrete", (1, 0.2, 4, 0.5, 9, 0.3))
    assert quantile(one, np.array([0.0, 0.19, 0.21, 0.69, 0.71, 1.0])).tolist() == [1, 1, 4, 4, 9, 9]


def test_quantiles_rise_and_stay_within_the_support() -> None:
    """No quantile function ever falls, and its ends lie within the leaf's support."""
    u = np.linspace(0.0, 1.0, 2001)
    for kind, args, more, _, _ in CASES:
        one = leaf(kind, args, **more)
        found = quantile(one, u)
        assert (np.diff(found) >= 0).all()
        low, high = one.support
        assert found[0] >= low - 1e-12
        assert found[-1] <= high + 1e-12
