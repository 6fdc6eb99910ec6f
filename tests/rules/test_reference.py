"""Solution points against published numbers, and the efficient set where sums differ by rounding alone."""

from __future__ import annotations

from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.rules.checkers import is_individually_rational, is_pareto_efficient
from sim.rules.reference import NAMES, corners, efficient, furthest, points, room
from sim.rules.types import F

D = np.array([10.0, 5.0])
START, END, CAPPED = np.array([[0.0, 50.0]]), np.array([[100.0, 0.0]]), np.array([[60.0, 20.0]])


def found(name: str, end: F = END, floor: F = D, power: float = 0.5) -> F:
    """Return a solution point of the linear problem u1 + 2 u2 = 100."""
    point = points(START, floor, floor, ends=end, power=power)[name]
    assert point is not None
    return point.worth


def test_nash_and_kalai_smorodinsky_agree_on_a_whole_linear_frontier() -> None:
    """On the whole frontier both give (50, 25)."""
    assert found("nash") == pytest.approx([50, 25], abs=1e-9)
    assert found("kalai_smorodinsky") == pytest.approx([50, 25], abs=1e-9)


def test_a_cap_separates_nash_from_kalai_smorodinsky() -> None:
    """With u1 capped at 60 Nash stays at (50, 25) and Kalai-Smorodinsky moves to (40.769231, 29.615385)."""
    assert found("nash", CAPPED) == pytest.approx([50, 25], abs=1e-9)
    assert found("kalai_smorodinsky", CAPPED) == pytest.approx([40.769231, 29.615385], abs=5e-7)


@pytest.mark.parametrize("power", [0.0, 0.2, 0.5, 0.6, 0.9, 1.0])
def test_power_shares_the_surplus(power: float) -> None:
    """On a linear frontier u1 = d1 + a s / p1 and u2 = d2 + (1-a) s / p2; with a = 0.6 that is (58, 21)."""
    surplus = 100 - 10 - 2 * 5
    assert found("nash", power=power) == pytest.approx([10 + power * surplus, 5 + (1 - power) * surplus / 2], abs=1e-9)


def test_egalitarian_gains_are_equal() -> None:
    """The egalitarian point of the linear problem is (36.666667, 31.666667)."""
    assert found("egalitarian") == pytest.approx([36.666667, 31.666667], abs=5e-7)


def test_affine_changes_of_utility_move_nash_and_kalai_smorodinsky_with_them() -> None:
    """Rescaling one side's utility and disagreement rescales its utility at both points and nothing else."""
    scale, shift = np.array([3.0, 0.01]), np.array([7.0, -2.0])
    moved = points(START * scale + shift, D * scale + shift, D * scale + shift, ends=CAPPED * scale + shift)
    for name in ("nash", "kalai_smorodinsky"):
        point = moved[name]
        assert point is not None
        assert point.worth == pytest.approx(found(name, CAPPED) * scale + shift, abs=1e-9)


def test_no_point_where_nobody_gains() -> None:
    """Beyond the frontier there is no solution point."""
    assert set(points(START, D, np.array([90.0, 20.0]), ends=END).values()) == {None}
    assert furthest(START, np.array([90.0, 20.0]), 0, ends=END) is None


def test_a_frontier_that_just_touches_the_reserve_is_a_zone_of_one_point() -> None:
    """Where the surplus is 0 every point is the reserve itself."""
    reserve = np.array([60.0, 20.0])
    for name in NAMES:
        point = points(START, reserve, reserve, ends=END)[name]
        assert point is not None
        assert point.worth == pytest.approx(reserve, abs=1e-9)


def test_an_exit_binds_as_a_constraint() -> None:
    """Gains are counted from d, and the point stays within the reserve: u2 = 30, and not half of what exceeds 30."""
    point = points(START, D, np.array([10.0, 30.0]), ends=END)["nash"]
    assert point is not None
    assert point.worth == pytest.approx([40.0, 30.0], abs=1e-9)


def test_sums_that_differ_by_rounding_are_equal() -> None:
    """0.1 + 0.2 is 0.3: a deal worth that and more to the other leaves no efficient deal beside it, in either order."""
    rows = np.array([[0.3, 0.5], [0.1 + 0.2, 0.4]])
    assert rows[0, 0] < rows[1, 0]
    assert efficient(rows).tolist() == [True, False]
    assert efficient(rows[::-1]).tolist() == [False, True]
    assert efficient(rows[:, ::-1]).tolist() == [True, False]
    assert efficient(np.array([[0.3, 0.5], [0.1 + 0.2, 0.5]])).all()


def test_ties_go_to_the_first_deal_that_nothing_dominates() -> None:
    """Two deals of one Nash product: the first stands; of two equal smallest gains the one that wastes nothing."""
    none = np.zeros(2)
    nash = points(np.array([[0.2, 0.2], [0.4, 0.6], [0.6, 0.4]]), none, none)["nash"]
    waste = points(np.array([[0.5, 0.5], [0.5, 0.7]]), none, none)["egalitarian"]
    assert nash is not None
    assert waste is not None
    assert (nash.piece, waste.piece) == (1, 1)


def test_small_gains_are_told_apart() -> None:
    """With gains of a millionth the Nash point is still the best product, not the first deal."""
    none = np.zeros(2)
    rows = np.array([[1e-7, 3e-6], [1e-6, 2e-6], [2e-6, 1.1e-6]])
    point = points(rows, none, none)["nash"]
    assert point is not None
    assert point.piece == 2


def test_a_corner_below_another_line_is_not_efficient() -> None:
    """Of two crossing lines the ends that lie inside the other's reach are left out."""
    worths, ends = np.array([[0.0, 1.0], [0.2, 0.7]]), np.array([[1.0, 0.0], [1.5, -0.5]])
    kept = corners(worths, ends).tolist()
    assert kept == [0, -1, -2]
    assert 1 not in kept


def test_the_part_of_a_line_that_gives_both_enough() -> None:
    """The room of a line from (0, 1) to (1, 0) with reserves 0.2 and 0.3 goes from 0.2 to 0.7 of the way."""
    inside = room(np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]]), np.array([0.2, 0.3]))
    assert inside.span[:, 0] == pytest.approx([0.2, 0.7])


def test_fifty_thousand_deals_are_compared_in_a_blink() -> None:
    """The efficient set and all points of 50,000 deals take under half a second of a processor."""
    worths = np.random.default_rng(0).random((50_000, 2))
    before = process_time()
    kept = efficient(worths)
    points(worths, np.zeros(2), np.zeros(2))
    assert process_time() - before < 0.5
    assert 1 < kept.sum() < 100


deals = st.lists(st.tuples(*[st.floats(0.0, 1.0, width=16)] * 2), min_size=1, max_size=30)
floors = st.tuples(*[st.floats(-0.25, 0.875, width=16)] * 2)


@settings(deadline=None)
@given(rows=deals, floor=floors)
def test_points_are_fair_and_efficient(rows: list[tuple[float, float]], floor: tuple[float, float]) -> None:
    """Whatever the deals, no point gives a side less than its reserve, and no deal beats a point for both."""
    worths, reserve = np.array(rows), np.array(floor)
    for point in points(worths, reserve, reserve).values():
        assert (point is None) == (not (worths >= reserve).all(axis=1).any())
        if point is not None:
            assert is_individually_rational((point.worth[0], point.worth[1]), (reserve[0], reserve[1]))
            assert is_pareto_efficient((point.worth[0], point.worth[1]), worths[:, 0], worths[:, 1])


@settings(deadline=None)
@given(rows=deals, floor=floors, power=st.floats(0.125, 0.875, width=16))
def test_mirrored_sides_mirror_the_scores(
    rows: list[tuple[float, float]], floor: tuple[float, float], power: float
) -> None:
    """Exchanging the sides exchanges what each gains: the Nash product, smallest gains and the sum stay as they are."""
    worths, reserve = np.array(rows), np.array(floor)
    one = points(worths, reserve, reserve, power=power)
    two = points(worths[:, ::-1], reserve[::-1], reserve[::-1], power=1.0 - power)
    for name in NAMES:
        here, there = one[name], two[name]
        if here is None or there is None:
            assert here is there
            continue
        gains = here.worth - reserve, there.worth[::-1] - reserve
        best = np.maximum(worths[(worths >= reserve).all(axis=1)].max(axis=0) - reserve, 1e-12)
        scores = {
            "nash": [g[0] ** power * g[1] ** (1.0 - power) for g in gains],
            "kalai_smorodinsky": [(g / best).min() for g in gains],
            "egalitarian": [g.min() for g in gains],
            "utilitarian": [g.sum() for g in gains],
        }
        assert scores[name][0] == pytest.approx(scores[name][1], abs=1e-9)


@settings(deadline=None)
@given(rows=deals, drop=st.integers(0, 29))
def test_nash_does_not_hang_on_deals_that_are_not_chosen(rows: list[tuple[float, float]], drop: int) -> None:
    """Leaving out another deal leaves the Nash point where it is (independence of irrelevant alternatives)."""
    worths, none = np.array(rows), np.zeros(2)
    point = points(worths, none, none)["nash"]
    assert point is not None
    fewer = np.delete(worths, drop % len(worths), axis=0)
    if drop % len(worths) != point.piece and len(fewer):
        again = points(fewer, none, none)["nash"]
        assert again is not None
        assert again.worth.tolist() == point.worth.tolist()
