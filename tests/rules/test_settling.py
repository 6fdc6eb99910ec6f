"""What one side can have where the other has its demand: against a search through every deal between candidates."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules import settling
from sim.rules.types import B, F

CANDIDATES, DRAWS = 7, 200


def lists(seed: int) -> tuple[F, F, F]:
    """Return candidates that are no curve, worth (K, n) to both, and demands (n,)."""
    rng = np.random.default_rng(seed)
    first, second = rng.random((2, CANDIDATES, DRAWS))
    second[3] = second[2]  # two deals that the other likes alike
    return first, second, rng.uniform(-0.2, 1.2, DRAWS)


def searched(first: F, second: F, demand: F, joined: B) -> F:
    """Return the most that the first has, by trying many points of every segment (K - 1,) that is joined."""
    best: F = np.where(second >= demand, first, -np.inf).max(axis=0)
    for share in np.linspace(0.0, 1.0, 2001):
        one, two = ((1.0 - share) * rows[:-1] + share * rows[1:] for rows in (first, second))
        best = np.maximum(best, np.where((two >= demand) & joined[:, None], one, -np.inf).max(axis=0))
    return best


@pytest.mark.parametrize("seed", range(3))
def test_by_lots_any_deal_between_neighbours_can_be_had(seed: int) -> None:
    """With lots, what can be had is that of the best point of any segment; never, beyond what the other can have."""
    first, second, demand = lists(seed)
    found = settling.Frontier(first, second, lots=True)(demand)
    wanted = searched(first, second, demand, np.ones(CANDIDATES - 1, dtype=np.bool_))
    assert (np.isfinite(found) == np.isfinite(wanted)).all()
    there = np.isfinite(wanted)
    assert there.any()
    assert not there.all()
    assert np.abs(found[there] - wanted[there]).max() < 2e-3
    assert (found[there] >= wanted[there] - 1e-12).all()


def test_only_segments_that_are_joined_count() -> None:
    """Where no segment is joined the candidates alone are left; where some are, those."""
    first, second, demand = lists(5)
    joined = np.array([1, 0, 1, 1, 0, 0, 0])
    apart = settling.Frontier(first, second)(demand)
    assert (apart == settling.Frontier(first, second).at_candidates(demand)).all()
    nowhere = settling.Frontier(first, second, np.zeros((CANDIDATES, 1)))(demand)
    assert (nowhere == apart).all()
    found = settling.Frontier(first, second, joined[:, None])(demand)
    wanted = searched(first, second, demand, joined[:-1] > 0)
    there = np.isfinite(wanted)
    assert np.abs(found[there] - wanted[there]).max() < 2e-3
    assert (found > apart).any()


def test_what_can_be_had_agrees_with_what_is_settled_for() -> None:
    """The worth of the settlement is the most that can be had."""
    first, second, demand = lists(9)
    joined = np.ones((CANDIDATES, 1))
    deal = settling.settle(first, second, demand, joined)
    most = settling.Frontier(first, second, joined)(demand)
    assert (deal.made == np.isfinite(most)).all()
    assert deal.first[deal.made] == pytest.approx(most[deal.made], abs=1e-12)


def test_a_single_candidate_has_no_neighbour() -> None:
    """With one candidate, lots or not, there is that or nothing."""
    one = np.array([[0.4, 0.4]])
    assert settling.Frontier(one, one, lots=True)(np.array([0.3, 0.5])).tolist() == [0.4, -np.inf]
