"""Paired differences: errors of the pair, not of two samples."""

import math

import numpy as np
import pytest

from sim.analysis.paired import compare, paired


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
