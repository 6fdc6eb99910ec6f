"""What follows an answer: who conceded how much in the first agreement."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules.answered import concessions
from sim.rules.reference import points
from sim.rules.types import F
from tests.strategies import pie, played


def given_up(cap: float, at: tuple[float, float]) -> F:
    """Return what both give up at a point of u1 + 2 u2 = 100, u1 at most ``cap``, with (10, 5) without a deal."""
    first = np.linspace(0.0, cap, 20_001)[:, None]
    floor = np.array([10.0]), np.array([5.0])
    return concessions((first, (100.0 - first) / 2.0), floor, (np.array([at[0]]), np.array([at[1]])))


@pytest.mark.parametrize("cap", [100.0, 60.0])
def test_both_concede_alike_at_the_kalai_smorodinsky_point(cap: float) -> None:
    """Both give up the same part of their room at the Kalai-Smorodinsky point, and not at Nash's where a cap binds."""
    first = np.linspace(0.0, cap, 20_001)
    floor = np.array([10.0, 5.0])
    solved = points(np.stack([first, (100.0 - first) / 2.0], axis=1), floor, floor)
    alike, nash = solved["kalai_smorodinsky"], solved["nash"]
    assert alike is not None
    assert nash is not None
    one, two = given_up(cap, (float(alike.worth[0]), float(alike.worth[1])))[:, 0]
    assert one == pytest.approx(two, abs=1e-3)
    one, two = given_up(cap, (float(nash.worth[0]), float(nash.worth[1])))[:, 0]
    assert (abs(one - two) < 1e-3) == (cap == 100.0)


def test_nobody_concedes_without_room() -> None:
    """Where no deal serves both there is no room, and nothing that could be said to be given up."""
    value = np.array([[0.2], [0.4]])
    assert np.isnan(concessions((value, value), (np.array([0.5]), np.array([0.1])), (value[1], value[1]))).all()


@pytest.mark.parametrize("first", ["a", "b"])
def test_rubinsteins_responder_gives_up_more(first: str) -> None:
    """Of a pie of one, with nothing else to be had, each side gives up what the other gets; the columns go by party."""
    columns = played(pie((0.9, 0.8), first=first)).columns
    share = 0.714286 if first == "a" else 1 - 0.357143
    assert columns["conceded.a"][0] == pytest.approx(1 - share, abs=1e-6)
    assert columns["conceded.b"][0] == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize("worth", [0.35, 0.5, 0.65])
def test_deals_between_two_candidates_count(worth: float) -> None:
    """With a continuous issue the room is that of a fine grid, though its ends are the only two candidates."""
    floor, worths = (np.array([0.1]), np.array([0.3])), (np.array([worth]), np.array([1.0 - worth]))
    grid, ends = np.linspace(0.0, 1.0, 1001)[:, None], np.array([[0.0], [1.0]])
    fine = concessions((grid, 1.0 - grid), floor, worths)
    assert concessions((ends, 1.0 - ends), floor, worths, np.ones((2, 1))) == pytest.approx(fine)
    assert np.isnan(concessions((ends, 1.0 - ends), floor, worths)).all()
