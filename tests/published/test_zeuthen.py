"""Concession by the risk of conflict: Zeuthen 1930, Harsanyi 1956, from the shipped scenario."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sim.rules.types import F
from tests.textbook import played, walked


def game(one: float = 1, two: float = 0.5, points: int = 13, conflict: float = 0) -> tuple[str, ...]:
    """Return the overrides for both exponents of aversion to risk, the slices, and what conflict leaves a."""
    return (
        f"issues.pie.values.a={{shape: power, best: high, exponent: {one}}}",
        f"issues.pie.values.b.exponent={two}",
        f"issues.pie.points={points}",
        f"status_quo.flows.a={conflict}",
        "curve_points=64",
        "time.window=60",
    )


def share(*sets: str, points: int = 13) -> float:
    """Return a's share in the deal, from its place on the grid."""
    return float(played("zeuthen", *sets)["agreed.pie"][0]) / (points - 1)


def products(one: float, two: float, points: int, conflict: float) -> F:
    """Return the product of both sides' gains over conflict at each point of the grid; -1 where a loses."""
    x = np.arange(points) / (points - 1)
    gain = x**one - conflict
    return np.where(gain < 0, -1.0, gain * (1 - x) ** two)


def test_the_shipped_claims_meet_at_two_thirds() -> None:
    """A side whose value is the square root of its share is left a third of the pie."""
    assert share() == pytest.approx(2 / 3, abs=1e-9)


@pytest.mark.parametrize(("one", "two"), [(1, 1), (1, 0.5), (1, 2), (0.5, 1), (2, 1), (0.5, 0.25)])
@pytest.mark.parametrize("points", [13, 25, 49])
def test_aversion_to_risk_costs_what_nash_says(one: float, two: float, points: int) -> None:
    """With values x^e1 and (1-x)^e2 the share is e1 / (e1 + e2), wherever the grid has that point."""
    assert share(*game(one, two, points), points=points) == pytest.approx(one / (one + two), abs=1e-9)


@pytest.mark.parametrize("worst", [0.0, 0.2, 0.4, 0.5])
def test_the_end_is_the_nash_point(worst: float) -> None:
    """With talks worth c to a for ever, and values that are linear, the sides meet at (1 + c) / 2."""
    assert share(*game(two=1, points=41, conflict=worst), points=41) == pytest.approx((1 + worst) / 2, abs=1e-9)


@pytest.mark.parametrize(("one", "two"), [(1, 0.7), (0.3, 1), (1.5, 0.4)])
@pytest.mark.parametrize("points", [7, 20, 50])
@pytest.mark.parametrize("conflict", [0.0, 0.15])
def test_no_point_of_the_grid_has_a_greater_product(one: float, two: float, points: int, conflict: float) -> None:
    """Whatever the values, the sides end where the product of their gains is the greatest on the grid."""
    product = products(one, two, points, conflict)
    at = round(share(*game(one, two, points, conflict), points=points) * (points - 1))
    assert product[at] == pytest.approx(product.max(), abs=1e-9)


def claims(*sets: str) -> list[tuple[int, int]]:
    """Return what both claim for a in each round before the deal, as places on the grid."""
    state = (model := walked("zeuthen", *sets)).state
    rounds = [(record, record.second) for record in model.records[: int(state.agreed_step[0])]]
    return [by_side({int(one.proposer[0]): int(one.level[0, 0]) for one in both}) for both in rounds]


def by_side(claim: dict[int, int]) -> tuple[int, int]:
    """Return the claims of a and b."""
    return claim[0], claim[1]


def concession(mine: F, theirs: float) -> int:
    """Return how many points the first of ``mine`` gives way: as few as make its product more than the other's."""
    return next(steps for steps, product in enumerate(mine) if product > theirs)


@pytest.mark.parametrize("exponent", [0.4, 0.5, 2])
def test_the_one_who_risks_more_concedes_and_just_enough(exponent: float) -> None:
    """From the second round on only the claim with the smaller product gives way, to the first that has the larger."""
    made = claims(*game(two=exponent))
    assert made[:2] == [(12, 0), (11, 1)]
    product = products(1, exponent, 13, 0)
    for (a, b), after in pairwise(made[1:]):
        if product[a] < product[b]:
            assert after == (a - concession(product[a::-1], product[b]), b)
        else:
            assert after == (a, b + concession(product[b:], product[a]))


def test_where_both_risk_the_same_both_concede() -> None:
    """Without aversion to risk the claims meet in the middle, a slice from either side in each round."""
    assert claims(*game(two=1)) == [(12 - step, step) for step in range(6)]
