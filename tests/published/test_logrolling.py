"""Several issues: logrolling (Raiffa 1982) and the solution points of a linear problem."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim import montecarlo
from sim.agents import Bargain
from sim.scenario import load
from sim.scenario.compile import compile_scenario
from tests.strategies import Tree, compiled, pie, played, share_of

SHIPPED = Path(__file__).parents[2] / "scenarios" / "textbook"


def test_shipped_logrolling_reaches_the_nash_point() -> None:
    """The shipped scenario gives both sides 0.7 within 0.001, far above the 0.5 of splitting everything in half."""
    game = compile_scenario(load(SHIPPED / "logrolling.yaml"))
    found = montecarlo.simulate(game, 4).columns
    assert (found["agreed_step"] == 0).all()
    assert np.abs(found["payoff.a"] - 0.7).max() < 1e-3
    assert np.abs(found["payoff.b"] - 0.7).max() < 1e-3
    assert np.abs(found["agreed.second"] - 1 / 3).max() < 2e-3
    assert (found["agreed.first"] == 1).all()
    assert (found["agreed.third"] == 0).all()
    assert Bargain(game, 0, 0).play().agreed[1, 0] == found["agreed.second"][0]


def three(one: tuple[float, ...], two: tuple[float, ...], factor: float) -> Tree:
    """Return three pies with weights for each side."""
    tree = pie((factor, factor))
    names = ("first", "second", "third")
    tree["issues"] = [share_of(name, (a, b)) for name, a, b in zip(names, one, two, strict=True)]
    tree["status_quo"]["terms"] = dict.fromkeys(names, 0)
    return tree


def test_patience_tends_to_the_nash_point() -> None:
    """As patience grows the gap to (0.7, 0.7) shrinks in proportion to what is left of impatience."""
    gaps = []
    for factor in (0.9, 0.99, 0.999, 0.9999):
        found = played(three((0.6, 0.3, 0.1), (0.2, 0.3, 0.5), factor)).columns
        gaps.append(abs(found["payoff.a"][0] - 0.7))
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 1e-4


def test_a_vertex_of_the_frontier_is_reached() -> None:
    """With weights whose Nash point is the vertex (0.6, 0.8) patient sides agree there."""
    found = played(three((0.6, 0.3, 0.1), (0.2, 0.5, 0.3), 0.9999)).columns
    assert found["payoff.a"][0] == pytest.approx(0.6, abs=1e-3)
    assert found["payoff.b"][0] == pytest.approx(0.8, abs=1e-3)


def test_every_agreement_with_full_information_is_efficient() -> None:
    """The distance of an agreement to the contract curve is 0."""
    found = montecarlo.simulate(compiled(three((0.5, 0.2, 0.3), (0.1, 0.6, 0.3), 0.95)), 1).columns
    assert found["distance"][0] < 1e-12
