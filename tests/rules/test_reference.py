"""Solution points against published numbers."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules.reference import points
from sim.rules.types import F


def frontier(cap: float = 1e9) -> F:
    """Return the linear problem u1 + 2 u2 = 100 with u1 at most ``cap``, finely cut."""
    first = np.linspace(0.0, 100.0, 100_001)
    first = first[first <= cap]
    return np.stack([first, (100.0 - first) / 2.0], axis=1)


D = np.array([10.0, 5.0])


def found(name: str, worths: F, floor: F = D) -> F:
    """Return a solution point."""
    point = points(worths, floor, floor)[name]
    assert point is not None
    return point


def test_nash_and_kalai_smorodinsky_agree_on_a_whole_linear_frontier() -> None:
    """On the whole frontier both give (50, 25)."""
    assert found("nash", frontier()) == pytest.approx([50, 25], abs=1e-2)
    assert found("kalai_smorodinsky", frontier()) == pytest.approx([50, 25], abs=1e-2)


def test_a_cap_separates_nash_from_kalai_smorodinsky() -> None:
    """With u1 capped at 60 Nash stays at (50, 25) and Kalai-Smorodinsky moves to (40.769231, 29.615385)."""
    assert found("nash", frontier(60)) == pytest.approx([50, 25], abs=1e-2)
    assert found("kalai_smorodinsky", frontier(60)) == pytest.approx([40.769231, 29.615385], abs=1e-2)


def test_egalitarian_gains_are_equal() -> None:
    """The egalitarian point of the linear problem is (36.666667, 31.666667)."""
    assert found("egalitarian", frontier()) == pytest.approx([36.666667, 31.666667], abs=1e-2)


def test_risk_aversion_costs() -> None:
    """With u1 = sqrt(x), u2 = 1-x, Nash gives x = 1/3 and Kalai-Smorodinsky 0.381966."""
    share = np.linspace(0.0, 1.0, 100_001)
    worths = np.stack([np.sqrt(share), 1.0 - share], axis=1)
    assert found("nash", worths, np.zeros(2))[1] == pytest.approx(2 / 3, abs=1e-4)
    assert found("kalai_smorodinsky", worths, np.zeros(2))[1] == pytest.approx(1 - 0.381966, abs=1e-4)


def test_affine_changes_of_utility_move_nash_with_them() -> None:
    """Rescaling one side's utility and disagreement rescales its Nash utility and nothing else."""
    scaled = frontier() * np.array([3.0, 1.0]) + np.array([7.0, 0.0])
    assert found("nash", scaled, D * np.array([3.0, 1.0]) + np.array([7.0, 0.0])) == pytest.approx([157, 25], abs=3e-2)


def test_no_point_where_nobody_gains() -> None:
    """Beyond the frontier there is no solution point."""
    assert set(points(frontier(), D, np.array([90.0, 20.0])).values()) == {None}
