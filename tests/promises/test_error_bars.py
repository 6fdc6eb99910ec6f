"""The Monte Carlo error is what it is said to be: it falls with the root of the draws, and intervals cover."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import sim
from sim import montecarlo
from sim.analysis.outcomes import estimated
from sim.rules.types import AGREEMENT, B, F
from sim.scenario import load
from sim.scenario.compile import Compiled, compile_scenario
from tests.conftest import FULL
from tests.textbook import SHELF

WAR, VALUE = 0.375, 0.556250  # Fearon's ultimatum: chance of war, and what the demand is worth
FAILURE = 0.125  # of a ratification, against a threshold uniform on [0.3, 0.7]
KNOWN = [("fearon-ultimatum", WAR), ("failed-ratification", FAILURE)]
REPEATS, DRAWS = 1000, 256


def game(name: str) -> Compiled:
    """Return a shipped textbook scenario whose answer is known in closed form."""
    return compile_scenario(load(SHELF / f"{name}.yaml"))


def rms(found: F, truth: float, sizes: list[int]) -> F:
    """Return the root mean square error (sizes) of the mean of the first so many draws, over repeats (R, N)."""
    means = np.stack([found[:, :size].mean(axis=1) for size in sizes])
    return np.asarray(np.sqrt(((means - truth) ** 2).mean(axis=1)))


def test_the_error_falls_with_the_root_of_the_draws(full: bool, reached: Callable[[int, str], None]) -> None:
    """Over 2^8 to 2^18 draws the error's slope on log scales is -0.5 +- 0.05 (in small counts to 2^12, +- 0.1)."""
    top, repeats, near = (18, 32, 0.05) if full else (12, 48, 0.1)
    sizes = [2**power for power in range(8, top + 1)]
    plays = [montecarlo.simulate(game("fearon-ultimatum"), sizes[-1], seed).columns for seed in range(repeats)]
    war = np.stack([play["status"] != AGREEMENT for play in plays]).astype(np.float64)
    value = np.stack([play["payoff.a"] for play in plays])
    for what, column, truth in (("chance of war", war, WAR), ("mean payoff", value, VALUE)):
        slope = np.polyfit(np.log2(sizes), np.log2(rms(column, truth, sizes)), 1)[0]
        assert slope == pytest.approx(-0.5, abs=near), what
        reached(7, f"error slope of the {what} over 2^8..2^{top} draws, {repeats} repeats: {slope:.3f}")


@cache
def samples(name: str) -> list[B]:
    """Return which draws end without a deal, cut into repeats, which share nothing."""
    return np.split(montecarlo.simulate(game(name), REPEATS * DRAWS).columns["status"] != AGREEMENT, REPEATS)


@pytest.mark.parametrize(("name", "truth"), KNOWN if FULL else KNOWN[:1])
def test_intervals_cover_as_often_as_they_say(name: str, truth: float, reached: Callable[[int, str], None]) -> None:
    """Of a thousand repeats 93 to 97 % have the known chance in their 95 % interval, and most in one error."""
    found = [estimated(sample) for sample in samples(name)]
    covered = np.mean([each["low"] <= truth <= each["high"] for each in found])
    assert 0.93 <= covered <= 0.97
    spread = np.std([each["probability"] for each in found])
    assert np.mean([each["se"] for each in found]) == pytest.approx(spread, rel=0.1)
    reached(7, f"{name}: intervals of {DRAWS} draws cover in {100 * covered:.1f} % of {REPEATS} repeats")


def test_every_estimate_of_a_summary_carries_its_error(tmp_path: Path) -> None:
    """Shares have a standard error and an interval around them, each step an interval, mean payoffs an error."""
    run = sim.run(SHELF / "fearon-ultimatum.yaml", draws=512, out=tmp_path, workers=1)
    estimates = [*run.summary["outcomes"].values(), run.summary["agreement"]]
    assert len(estimates) >= 3
    for each in estimates:
        assert each["low"] <= each["probability"] <= each["high"]
        assert each["se"] == pytest.approx(np.sqrt(each["probability"] * (1 - each["probability"]) / 512))
    for step in run.summary["agreement"]["survival"]:
        assert step["low"] <= step["probability"] <= step["high"]
    payoff = run.draws["payoff.a"].to_numpy()
    assert run.summary["payoffs"]["a"]["se"] == pytest.approx(payoff.std(ddof=1) / np.sqrt(512))


def test_a_wrong_error_would_be_noticed() -> None:
    """Intervals of half the width cover far too seldom."""
    found = [estimated(sample) for sample in samples("fearon-ultimatum")]
    assert np.mean([abs(each["probability"] - WAR) <= 0.98 * each["se"] for each in found]) < 0.8
