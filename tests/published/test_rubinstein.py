"""Alternating offers: Rubinstein 1982, Stahl 1972, and the limits of Binmore, Rubinstein & Wolinsky 1986."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import montecarlo
from sim.agents import Bargain
from sim.scenario import load
from sim.scenario.compile import compile_scenario
from tests.strategies import NOTHING, Tree, compiled, pie, played, rates, walked

SHIPPED = Path(__file__).parents[2] / "scenarios" / "textbook"


def test_shipped_rubinstein_reaches_the_published_share() -> None:
    """The shipped scenario gives the first proposer 0.714286 in the first round, in both drivers."""
    game = compile_scenario(load(SHIPPED / "rubinstein.yaml"))
    found = montecarlo.simulate(game, 8).columns
    assert np.abs(found["agreed.pie"] - 0.7142857142857143).max() < 1e-9
    assert (found["agreed_step"] == 0).all()
    state = Bargain(game, 0, 0).play()
    assert state.agreed[0, 0] == found["agreed.pie"][0]


def test_shares_follow_the_formula_over_a_grid_of_discount_factors(
    full: bool, reached: Callable[[int, str], None]
) -> None:
    """The first proposer's share is (1-d2)/(1-d1 d2) to 1e-9 wherever the discount factors lie, with no delay."""
    grid = [[round(0.01 + 0.98 * k / 99, 6), 0.01] for k in range(100)]
    game = compiled(pie(({"discrete": grid}, {"discrete": grid}), window=1))
    draws = 60_000 if full else 1_024
    found = montecarlo.simulate(game, draws).columns
    blocks = [game.numbers(0, block).public for block in range(-(-draws // 1024))]
    one, two = (
        np.concatenate([numbers[f"parties.{side}.discount_factor"] for numbers in blocks])[:draws] for side in "ab"
    )
    gap = np.abs(found["agreed.pie"] - (1 - two) / (1 - one * two)).max()
    assert gap < 1e-9
    assert (found["agreed_step"] == 0).all()
    cells = len(np.unique(np.stack([one, two]), axis=1).T)
    reached(5, f"Rubinstein on {cells} cells of a 100 x 100 grid, worst error {gap:.0e}")


def test_the_second_proposer_gets_what_the_theorem_says() -> None:
    """If b proposes first, a gets d1 (1-d2)/(1-d1 d2) = 0.642857."""
    assert played(pie(first="b")).columns["agreed.pie"][0] == pytest.approx(0.9 * 0.2 / 0.28, abs=1e-9)


def test_share_rises_with_own_patience_and_falls_with_the_others() -> None:
    """A more patient side gets more, one that faces a more patient side less."""
    base = played(pie((0.7, 0.7))).columns["agreed.pie"][0]
    assert played(pie((0.8, 0.7))).columns["agreed.pie"][0] > base + 0.01
    assert played(pie((0.7, 0.8))).columns["agreed.pie"][0] < base - 0.01


@pytest.mark.parametrize(
    ("rounds", "equal", "unequal"),
    [
        (1, 1.0, 1.0),
        (2, 0.1, 0.2),
        (3, 0.91, 0.92),
        (4, 0.181, 0.344),
        (5, 0.8371, 0.8624),
        (10, 0.342800821, 0.576077),
        (50, 0.5236032763, 0.714092),
    ],
)
def test_a_deadline_gives_stahl(rounds: int, equal: float, unequal: float) -> None:
    """With a deadline the share is Stahl's, with his advantage of whoever moves last."""
    same = played(pie((0.9, 0.9), deadline=rounds, window=rounds)).columns
    assert same["agreed.pie"][0] == pytest.approx(equal, abs=1e-9)
    assert same["agreed.pie"][0] == pytest.approx((1 - (-0.9) ** rounds) / 1.9, abs=1e-9)
    other = played(pie((0.9, 0.8), deadline=rounds, window=rounds)).columns
    assert other["agreed.pie"][0] == pytest.approx(unequal, abs=1e-6)
    assert same["agreed_step"][0] == other["agreed_step"][0] == 0


def test_the_windows_end_is_no_deadline() -> None:
    """Without a deadline the window's length changes no share."""
    shares = {played(pie(window=window)).columns["agreed.pie"][0] for window in (1, 2, 7)}
    assert len(shares) == 1


@pytest.mark.parametrize(("years", "share"), [(1, 0.699390), (0.1, 0.669994), (0.01, 0.667000), (0.0001, 0.666670)])
def test_short_rounds_tend_to_the_asymmetric_nash_point(years: float, share: float) -> None:
    """With rates 0.1 and 0.2 per year the share tends to r2/(r1+r2) as rounds grow short."""
    found = played(rates(pie(), 0.1, 0.2, years)).columns["agreed.pie"][0]
    assert found == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize("chance", [0.05, 0.01, 0.001])
def test_a_risk_of_breakdown_makes_the_breakdown_point_the_disagreement_point(chance: float) -> None:
    """With patience 1 and a chance p of collapse the share is (1-b2+(1-p)b1)/(2-p), 0.4 in the limit."""
    ruin = {"chance": chance, "absolute": True, "flows": {"a": 0.1, "b": 0.3}}
    found = played(pie((1, 1), breakdown=ruin)).columns["agreed.pie"][0]
    assert found == pytest.approx((0.7 + (1 - chance) * 0.1) / (2 - chance), abs=1e-9)
    assert found == pytest.approx(0.4, abs=0.16 * chance)


def outside_option(worth: Any) -> Tree:
    """Return a pie whose second side may quit for ``worth``."""
    way_out = {"id": "quit", "label": "Quit", "by": "b", "terms": {}, "flows": {"a": 0, "b": worth}, "absolute": True}
    return pie((0.9, 0.9), window=1, exits=[way_out])


@pytest.mark.parametrize(("worth", "share"), [(0.0, 0.526316), (0.4, 0.526316), (0.6, 0.4)])
def test_an_outside_option_is_a_constraint_and_not_a_disagreement_point(worth: float, share: float) -> None:
    """The responder gets the greater of d/(1+d) and its exit: an exit below that changes nothing at all."""
    found = played(outside_option(worth)).columns
    assert found["agreed.pie"][0] == pytest.approx(share, abs=1e-6)
    assert found["agreed_step"][0] == 0


def test_an_outside_option_binds_exactly_from_its_threshold_on() -> None:
    """Over a thousand exits between 0.2 and 0.8 the share is min(1/(1+d), 1-w) to 1e-9, near the threshold too."""
    game = compiled(outside_option({"uniform": [0.2, 0.8]}))
    worth = game.numbers(0, 0).public["exits.quit.flows.b"]
    shares = montecarlo.simulate(game, 1024).columns["agreed.pie"]
    assert np.abs(shares - np.minimum(1 / 1.9, 1 - worth)).max() < 1e-9


@pytest.mark.parametrize(("years", "within"), [(1, 0.02), (0.1, 0.002), (0.001, 0.00003)])
def test_flows_while_talking_are_the_disagreement_point(years: float, within: float) -> None:
    """Inside options (0.1, 0.3) with rates (0.1, 0.2) give 0.1 + 0.6 * 2/3 = 0.5 in the limit."""
    tree = rates(pie(status_quo={"terms": {"pie": 0}, "flows": {"a": 0.1, "b": -0.7}}), 0.1, 0.2, years)
    assert played(tree).columns["agreed.pie"][0] == pytest.approx(0.5, abs=within)


def test_identical_sides_with_a_random_first_mover_fare_alike() -> None:
    """With a coin for the first mover, each side is first in half of the draws and the mean share is one half."""
    draws = 20_000
    found = played(pie((0.8, 0.8), first="random", window=1), draws).columns
    first = found["agreed.pie"] > 0.5
    assert abs(first.mean() - 0.5) < 3 * 0.5 / np.sqrt(draws)
    assert set(np.round(found["agreed.pie"], 9)) == {round(1 / 1.8, 9), round(0.8 / 1.8, 9)}
    error = found["payoff.a"].std() / np.sqrt(draws)
    assert abs(found["payoff.a"].mean() - found["payoff.b"].mean()) < 6 * error


def test_mesa_agents_reach_stahls_share_too() -> None:
    """The agents, one at a time, reach the same backward-induction share to the bit."""
    tree = pie((0.9, 0.8), deadline=3, window=3, breakdown=NOTHING)
    assert walked(tree).state.agreed[0, 0] == played(tree).columns["agreed.pie"][0] == pytest.approx(0.92, abs=1e-9)
