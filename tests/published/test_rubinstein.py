"""Alternating offers without an end: Rubinstein 1982, and the limit of Binmore, Rubinstein & Wolinsky 1986."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim import montecarlo
from sim.scenario import load
from sim.scenario.compile import compile_scenario
from tests.textbook import SHELF, agreed, played


def patience(one: float, two: float) -> tuple[str, str]:
    """Return the overrides that give the sides these discount factors."""
    return f"parties.a.discount_factor={one}", f"parties.b.discount_factor={two}"


def test_shipped_rubinstein_reaches_the_published_share() -> None:
    """The shipped scenario gives the first proposer 0.714286 in the first round, in both drivers."""
    assert agreed("rubinstein", "pie") == pytest.approx(0.7142857142857143, abs=1e-9)


def test_shares_follow_the_formula_over_a_grid_of_discount_factors(
    full: bool, reached: Callable[[int, str], None]
) -> None:
    """The first proposer's share is (1-d2)/(1-d1 d2) to 1e-9 wherever the discount factors lie, with no delay."""
    grid = [[round(0.01 + 0.98 * k / 99, 6), 0.01] for k in range(100)]
    sets = [f"parties.{side}.discount_factor={{discrete: {grid}}}" for side in "ab"]
    game = compile_scenario(load(SHELF / "rubinstein.yaml", [*sets, "time.window=1"]))
    draws = 160_000 if full else 1_024  # which meet every cell
    found = montecarlo.simulate(game, draws).columns
    blocks = [game.numbers(0, block).public for block in range(-(-draws // 1024))]
    one, two = (
        np.concatenate([numbers[f"parties.{side}.discount_factor"] for numbers in blocks])[:draws] for side in "ab"
    )
    gap = np.abs(found["agreed.pie"] - (1 - two) / (1 - one * two)).max()
    assert gap < 1e-9
    assert (found["agreed_step"] == 0).all()
    cells = len(np.unique(np.stack([one, two]), axis=1).T)
    assert cells == 10_000 or not full
    reached(5, f"Rubinstein on {cells} cells of a 100 x 100 grid, worst error {gap:.0e}")


@pytest.mark.parametrize("points", [11, 26, 50])
def test_deals_that_lie_apart_are_divided_next_to_the_share_of_the_theorem(points: int) -> None:
    """On a grid a patient pair could settle on any point; both expect the one next to what the pie would be cut at."""
    for one, two in ((0.9, 0.9), (0.99, 0.99), (0.999, 0.999), (0.99, 0.98), (0.999, 0.997), (0.95, 0.999)):
        grid = (f"issues.pie.points={points}", "parties.a.audience.threshold=0")  # whose assembly carries anything
        found = [
            agreed("two-level-game", "pie", *patience(one, two), *grid, f"protocol.first={first}") / (points - 1)
            for first in "ab"
        ]
        shares = (1 - two) / (1 - one * two), one * (1 - two) / (1 - one * two)
        assert found == pytest.approx(shares, abs=1 / (points - 1)), f"{one}, {two}"


@pytest.mark.parametrize("factors", [(1, 1), (1, 0.9), (0.9, 1)])
def test_a_side_that_nothing_presses_is_the_limit_of_patience(factors: tuple[float, float]) -> None:
    """With d = 1 it takes all from one that is pressed; two of them divide in halves, as at the Nash point."""
    share = {(1, 1): 0.5, (1, 0.9): 1.0, (0.9, 1): 0.0}[factors]
    assert agreed("rubinstein", "pie", *patience(*factors)) == pytest.approx(share, abs=1e-9)


def test_the_second_proposer_gets_what_the_theorem_says() -> None:
    """If b proposes first, a gets d1 (1-d2)/(1-d1 d2) = 0.642857."""
    assert agreed("rubinstein", "pie", "protocol.first=b") == pytest.approx(0.9 * 0.2 / 0.28, abs=1e-9)


def test_share_rises_with_own_patience_and_falls_with_the_others() -> None:
    """A more patient side gets more, one that faces a more patient side less."""
    base = agreed("rubinstein", "pie", *patience(0.7, 0.7))
    assert agreed("rubinstein", "pie", *patience(0.8, 0.7)) > base + 0.01
    assert agreed("rubinstein", "pie", *patience(0.7, 0.8)) < base - 0.01


def test_the_windows_end_is_no_deadline() -> None:
    """Without a deadline the window's length changes no share."""
    shares = {played("rubinstein", f"time.window={window}")["agreed.pie"][0] for window in (1, 2, 7)}
    assert len(shares) == 1


@pytest.mark.parametrize(("years", "share"), [(1, 0.699390), (0.1, 0.669994), (0.01, 0.667000), (0.0001, 0.666670)])
def test_short_rounds_tend_to_the_asymmetric_nash_point(years: float, share: float) -> None:
    """With rates 0.1 and 0.2 per year, and nothing earned meanwhile, the share tends to r2/(r1+r2)."""
    nothing = ("status_quo.flows.a=0", "status_quo.flows.b=-1")
    found = agreed("inside-option", "pie", *nothing, f"time.step={{years: {years}}}")
    assert found == pytest.approx(share, abs=1e-6)


def test_identical_sides_with_a_random_first_mover_fare_alike() -> None:
    """With a coin for the first mover, each side is first in half of the draws and the mean share is one half."""
    draws = 20_000
    found = played("rubinstein", "protocol.first=random", *patience(0.8, 0.8), "time.window=1", draws=draws)
    first = found["agreed.pie"] > 0.5
    assert abs(first.mean() - 0.5) < 3 * 0.5 / np.sqrt(draws)
    assert set(np.round(found["agreed.pie"], 9)) == {round(1 / 1.8, 9), round(0.8 / 1.8, 9)}
    error = found["payoff.a"].std() / np.sqrt(draws)
    assert abs(found["payoff.a"].mean() - found["payoff.b"].mean()) < 6 * error
