"""Three disagreement things: Binmore, Rubinstein & Wolinsky 1986; Binmore, Shaked & Sutton 1989, as shipped."""

from __future__ import annotations

from itertools import pairwise
from math import exp, log

import numpy as np
import pytest

from sim.scenario import load
from sim.scenario.compile import compile_scenario
from tests.strategies import compiled, pie, share_of
from tests.strategies import rates as paced
from tests.textbook import SHELF, agreed, alike, played

ROUNDS = (1, 0.1, 0.01, 0.001)  # years


def step(years: float) -> str:
    """Return the override that makes a round so long."""
    return f"time.step={{years: {years}}}"


def rates(one: float, two: float) -> tuple[str, str]:
    """Return the overrides that give the sides these discount rates per year."""
    return f"parties.a.discount_rate={one}", f"parties.b.discount_rate={two}"


def rubinstein(one: float, two: float, years: float) -> float:
    """Return the first proposer's share (1-d2)/(1-d1 d2) with discount rates per year and rounds of so many years."""
    d1, d2 = exp(-one * years), exp(-two * years)
    return (1 - d2) / (1 - d1 * d2)


def orders(gaps: list[float]) -> list[float]:
    """Return the observed order of convergence between rounds that are ten times shorter each."""
    return [log(wide / near) / log(10) for wide, near in pairwise(gaps)]


# An outside option


@pytest.mark.parametrize(("worth", "published"), [(0, 0.526316), (0.4, 0.526316), (0.6, 0.4)])
def test_an_outside_option_is_a_constraint_and_not_a_disagreement_point(worth: float, published: float) -> None:
    """The answering side gets max(d/(1+d), w), d = 0.9: an exit of 0.4 changes nothing, one of 0.6 is matched."""
    found = agreed("outside-option", "pie", f"exits.quit.flows.b={worth}")
    assert found == pytest.approx(1 - max(0.9 / 1.9, worth), abs=1e-9)
    assert found == pytest.approx(published, abs=5e-7)


def test_an_outside_option_binds_exactly_from_its_threshold_on() -> None:
    """Over a thousand exits between 0.2 and 0.8 the share is min(1/(1+d), 1-w) to 1e-9, near the threshold too."""
    sets = ("exits.quit.flows.b={uniform: [0.2, 0.8]}", "time.window=1")
    worth = compile_scenario(load(SHELF / "outside-option.yaml", sets)).numbers(0, 0).public["exits.quit.flows.b"]
    shares = played("outside-option", *sets, draws=1024)["agreed.pie"]
    assert np.abs(shares - np.minimum(1 / 1.9, 1 - worth)).max() < 1e-9


@pytest.mark.parametrize("gap", [-1e-3, -1e-6, 1e-6, 1e-3])
def test_a_millionth_tells_whether_it_binds(gap: float) -> None:
    """Just below d/(1+d) = 0.473684 nothing changes, just above b gets the exit and no more."""
    threshold = 0.9 / 1.9
    found = agreed("outside-option", "pie", f"exits.quit.flows.b={threshold + gap}")
    assert 1 - found == pytest.approx(threshold + max(gap, 0), abs=1e-9)


@pytest.mark.parametrize("one", [0.05, 0.3])
@pytest.mark.parametrize("two", [0.1, 0.2])
@pytest.mark.parametrize("worth", [0.0, 0.2, 0.35, 0.5, 0.7, 0.95])
@pytest.mark.parametrize("years", [1, 0.1])
def test_the_constraint_holds_over_a_grid(one: float, two: float, worth: float, years: float) -> None:
    """With unequal patience b gets max(d2(1-d1)/(1-d1 d2), w), whatever the length of a round."""
    found = agreed("outside-option", "pie", *rates(one, two), f"exits.quit.flows.b={worth}", step(years))
    assert found == pytest.approx(min(rubinstein(one, two, years), 1 - worth), abs=1e-9)


def test_with_short_rounds_the_exit_is_still_a_constraint() -> None:
    """The share tends to 1 - max(1/2, w), to the first order in the length of a round, and never to (1 - w)/2."""
    free = [agreed("outside-option", "pie", "exits.quit.flows.b=0.4", step(years)) - 0.5 for years in ROUNDS]
    assert orders(free) == pytest.approx([1, 1, 1], abs=0.002)
    bound = [agreed("outside-option", "pie", step(years)) for years in ROUNDS[:3]]
    assert bound == pytest.approx([0.4] * 3, abs=1e-9)


@pytest.mark.parametrize("years", [0.001, 0.0001, 0.000001])
def test_with_the_shortest_rounds_it_binds_too(years: float) -> None:
    """An exit worth 0.6 leaves a 0.4, however short the rounds."""
    assert agreed("outside-option", "pie", step(years)) == pytest.approx(0.4, abs=1e-9)


# An inside option


@pytest.mark.parametrize("years", ROUNDS)
@pytest.mark.parametrize("flows", [(0.1, 0.3), (0, 0), (0.4, 0.0), (0.0, 0.4), (0.3, 0.6)])
@pytest.mark.parametrize("pace", [(0.1, 0.2), (0.3, 0.05)])
def test_flows_while_talking_come_first(years: float, flows: tuple[float, float], pace: tuple[float, float]) -> None:
    """The share is g1 + (1-g1-g2)(1-d2)/(1-d1 d2), whatever the flows, the patience and the length of a round."""
    one, two = flows
    sets = (f"status_quo.flows.a={one}", f"status_quo.flows.b={two - 1}")
    found = agreed("inside-option", "pie", *sets, *rates(*pace), step(years))
    assert found == pytest.approx(one + (1 - one - two) * rubinstein(*pace, years), abs=1e-9)


def test_flows_while_talking_are_the_disagreement_point() -> None:
    """As rounds become short the share tends to g1 + (1-g1-g2) r2/(r1+r2) = 0.5, to the first order."""
    gaps = [agreed("inside-option", "pie", step(years)) - 0.5 for years in ROUNDS]
    assert gaps[-1] == pytest.approx(0.6 * 0.1 * 0.2 / (2 * 0.3) * ROUNDS[-1], rel=0.001)
    assert orders(gaps) == pytest.approx([1, 1, 1], abs=0.01)


def test_the_same_money_behind_a_door_and_in_hand() -> None:
    """0.4 a year for b while talking splits the difference, 0.3 for a; as an exit it changes nothing."""
    inside = ("status_quo.flows.a=0", "status_quo.flows.b=-0.6", *rates(0.1, 0.1), step(1e-6))
    assert agreed("inside-option", "pie", *inside) == pytest.approx(0.3, abs=1e-7)
    outside = ("exits.quit.flows.b=0.4", *rates(0.1, 0.1), step(1e-6))
    assert agreed("outside-option", "pie", *outside) == pytest.approx(0.5, abs=1e-7)


# A breakdown point


@pytest.mark.parametrize("chance", [0.05, 0.01, 0.001, 0.0001])
@pytest.mark.parametrize("left", [(0.1, 0.3), (0, 0), (0.5, 0.2)])
def test_a_risk_of_breakdown_makes_the_breakdown_point_the_disagreement_point(
    chance: float, left: tuple[float, float]
) -> None:
    """The share is (1-b2+(1-p)b1)/(2-p), and b1 + (1-b1-b2)/2 in the limit, to the first order in p."""
    one, two = left
    sets = (f"breakdown.chance={chance}", f"breakdown.flows.a={one}", f"breakdown.flows.b={two}")
    found = agreed("breakdown-risk", "pie", *sets)
    assert found == pytest.approx((1 - two + (1 - chance) * one) / (2 - chance), abs=1e-9)
    assert 0 <= found - (one + (1 - one - two) / 2) <= (1 - one - two) * chance / (2 * (2 - chance)) + 1e-9


def test_the_shipped_risk_gives_the_published_share() -> None:
    """With b = (0.1, 0.3) and p = 0.05 the share is 0.407692."""
    assert agreed("breakdown-risk", "pie") == pytest.approx(0.407692, abs=5e-7)


# The shortest rounds


@pytest.mark.parametrize("years", [1e-4, 1e-5, 1e-6, 1e-7])
@pytest.mark.parametrize("protocol", ["a", "b", "random"])
def test_rounds_of_seconds_still_end_in_a_deal_at_once(years: float, protocol: str) -> None:
    """Both sides find the same two demands to the last bit, badly conditioned as they are: no offer falls short."""
    rng = np.random.default_rng(7)
    names = ("first", "second", "third")
    for _ in range(6):
        one, two = rng.uniform(0.02, 0.5, 2).tolist()
        tree = paced(pie((0.5, 0.5)), one, two, years)
        tree["issues"] = [share_of(name, tuple(rng.uniform(0.1, 1, 2).tolist())) for name in names]
        tree["status_quo"]["terms"] = dict.fromkeys(names, 0)
        tree["protocol"] = {"kind": "alternating", "first": protocol}
        if protocol == "random":
            tree["protocol"] = {"kind": "random", "recognition": {"a": 0.3, "b": 0.7}}
        assert alike(compiled(tree))["agreed_step"][0] == 0
