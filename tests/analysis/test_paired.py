"""Paired differences: errors of the pair, not of two samples."""

import math

import numpy as np
import pytest

from sim.analysis.paired import between_shares, compare, paired


def test_worked_by_hand() -> None:
    """One change in four draws: a quarter, with standard error sqrt(3/16 * 4/3 / 4) = 1/4."""
    assert paired([1, 0, 0, 0]) == {"difference": 0.25, "se": 0.25, "z": 1.0}
    assert paired([0, 0, 0]) == {"difference": 0.0, "se": 0.0, "z": 0.0}
    assert paired([-1, -1])["z"] == -math.inf


def test_paths_that_share_parameters_count_once() -> None:
    """Differences that repeat within groups of two have the error of half as many."""
    once = np.random.default_rng(0).normal(size=500)
    assert paired(np.repeat(once, 2), 2) == pytest.approx(paired(once))


def columns(outcome: list[int], guest: list[float]) -> dict[str, np.ndarray]:
    """The columns that are compared."""
    return {"outcome": np.array(outcome, dtype=np.int8), "payoff.guest": np.array(guest)}


def test_what_moves_most_is_named() -> None:
    """Shares and payoffs are compared draw by draw; the finding with the largest z stands apart."""
    on = columns([0, 0, 1, 1, 2, 2], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    off = columns([0, 0, 1, 0, 2, 2], [0.2, 0.3, 0.4, 0.5, 0.6, 0.6])
    found = compare(on, off, ("a", "b", "c"), ("guest",))
    assert found["changed"] == pytest.approx(1 / 6)
    assert [found["shares"][key]["difference"] for key in "abc"] == pytest.approx([1 / 6, -1 / 6, 0])
    assert found["payoffs"]["guest"]["difference"] == pytest.approx(0.5 / 6)
    assert (found["most"]["kind"], found["most"]["id"]) == ("payoff", "guest")
    assert compare(on, off, ("a", "b", "c"), ("guest",), draws=3)["changed"] == 0


def test_the_error_is_that_of_the_difference() -> None:
    """Over 1,000 repeats z of two samples with the same luck and no effect has mean 0 and spread 1."""
    rng, found = np.random.default_rng(4), []
    for _ in range(1_000):
        before = rng.random(400)
        found.append(paired((before + 0.1 * rng.normal(size=400)) - before)["z"])
    assert np.mean(found) == pytest.approx(0, abs=0.13)
    assert np.std(found) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(("n", "change"), [(20, 0.05), (100, 0.01), (1_000, 0.002), (200, 0.3)])
def test_intervals_of_changed_shares_hold(n: int, change: float) -> None:
    """However few draws change class, nineteen intervals in twenty hold the true change, and none leaves [-1, 1]."""
    rng = np.random.default_rng(n)
    held, repeats = 0, 1_000
    for _ in range(repeats):
        before, moved = rng.random(n) < 0.3, rng.random(n) < change
        found = between_shares(before, before | moved)
        held += found["low"] <= 0.7 * change <= found["high"]
        assert -1 <= found["low"] <= found["difference"] <= found["high"] <= 1
    assert held / repeats > 0.925


def test_few_draws_are_no_certainty() -> None:
    """Where all of a few draws change alike, or none does, the interval is no point; one draw of parameters is none."""
    all_moved, none_moved = between_shares([0, 0], [1, 1]), between_shares([0] * 5, [0] * 5)
    assert all_moved["difference"] == all_moved["high"] == 1
    assert all_moved["low"] < 0.5
    assert none_moved["low"] < -0.3 < 0.3 < none_moved["high"]
    wider = between_shares([0] * 50 + [1] * 50, [0] * 45 + [1] * 55, 5)
    alone = between_shares([0] * 50 + [1] * 50, [0] * 45 + [1] * 55)
    assert wider["low"] < alone["low"] < alone["high"] < wider["high"]
    with pytest.raises(ValueError, match="two are needed"):
        paired([1, 1, 1], 3)


def test_a_part_of_a_group_counts_in_all_or_nothing() -> None:
    """A last group with fewer draws is in the difference as in how many changed."""
    on = {"outcome": np.array([0, 0, 0, 0, 0, 0, 0]), "payoff.a": np.zeros(7)}
    off = {"outcome": np.array([1, 1, 1, 1, 1, 1, 0]), "payoff.a": np.arange(7.0)}
    found = compare(on, off, ["x", "y"], ["a"], 3)
    assert found["changed"] == found["shares"]["y"]["difference"] == pytest.approx(6 / 7)
    assert found["payoffs"]["a"]["difference"] == 3
