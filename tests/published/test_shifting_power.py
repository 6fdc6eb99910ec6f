"""Shifting power: Fearon 1995, Powell 2006, from the shipped scenario."""

from __future__ import annotations

import pytest

from sim.rules.types import EXIT
from tests.textbook import agreed, played

DELTA, STRENGTH, COST = 0.9, 0.6, 0.5


def bound(delta: float, strength: float, cost: float) -> float:
    """Return the greatest shift that a pie can bridge if the other makes the offers: (1-d)[1-p+(1-d)c]/d."""
    return (1 - delta) * (1 - strength + (1 - delta) * cost) / delta


def fall(
    shift: float, delta: float = DELTA, strength: float = STRENGTH, cost: float = COST, spared: float = 0
) -> tuple[str, ...]:
    """Return the overrides for a fall of ``shift``, after which a has its worse odds of a fight, and ``spared``."""
    after = strength - shift - (1 - delta) * cost + spared
    return (
        f"moves.rise.jumps.power={-shift}",
        f"status_quo.terms.pie={after}",
        f"variables.power.start={strength}",
        f"lumps.0.amount={-cost}",
        f"parties.a.discount_factor={delta}",
        f"parties.b.discount_factor={delta}",
    )


def test_the_shipped_fall_is_fought_over() -> None:
    """A fall of 0.1, twice the bound of 0.05, is fought over at once; a has 0.55 a year, b 0.35."""
    found = played("shifting-power")
    assert found["status"][0] == EXIT
    assert found["offers"][0] == 0
    assert found["payoff.a"][0] == pytest.approx(0.6 - 0.1 * 0.5, abs=1e-9)
    assert found["payoff.b"][0] == pytest.approx(0.4 - 0.1 * 0.5, abs=1e-9)


def test_the_gain_from_fighting_now_is_the_published_one() -> None:
    """With a fall of 0.1 fighting now is worth 0.45 years of pie more to a than the whole of this year's pie."""
    best = 1 - DELTA + DELTA * (STRENGTH - 0.1 - (1 - DELTA) * COST)
    gain = (played("shifting-power")["payoff.a"][0] - best) / (1 - DELTA)
    assert gain == pytest.approx(0.45, abs=1e-9)


@pytest.mark.parametrize("gap", [-0.03, -1e-3, -1e-7, 1e-7, 1e-3, 0.05])
def test_the_fight_comes_beyond_the_bound_and_only_there(gap: float) -> None:
    """The side in decline fights if and only if it will lose more than 0.05; else it stays for what makes it whole."""
    shift = bound(DELTA, STRENGTH, COST) + gap
    assert shift - gap == pytest.approx(0.05, abs=1e-12)
    if gap > 0:
        assert played("shifting-power", *fall(shift))["status"][0] == EXIT
    else:
        share = (0.55 - DELTA * (0.55 - shift)) / (1 - DELTA)
        assert agreed("shifting-power", "pie", *fall(shift)) == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize("delta", [0.7, 0.9, 0.95])
@pytest.mark.parametrize("strength", [0.5, 0.8])
@pytest.mark.parametrize("cost", [0.1, 0.5])
def test_the_bound_follows_the_formula(delta: float, strength: float, cost: float) -> None:
    """The bound is (1-d)[1-p+(1-d)c]/d: it falls in patience and strength, and rises with the cost of a fight."""
    limit = bound(delta, strength, cost)
    for shift, fought in ((limit - 1e-6, False), (limit + 1e-6, True)):
        found = played("shifting-power", *fall(shift, delta, strength, cost))
        assert (found["status"][0] == EXIT) == fought


@pytest.mark.parametrize("gap", [-0.05, -1e-6, 1e-6, 0.05])
def test_powells_sufficient_condition_holds_whoever_makes_the_offers(gap: float) -> None:
    """If a shall have all that b's fight would leave, the bound is [(1-p)(1-d) + (1-d)(cD + d cR)]/d = 0.15."""
    limit = ((1 - STRENGTH) * (1 - DELTA) + (1 - DELTA) * (COST + DELTA * COST)) / DELTA
    assert limit == pytest.approx(0.15, abs=1e-12)
    found = played("shifting-power", *fall(limit + gap, spared=2 * (1 - DELTA) * COST))
    assert (found["status"][0] == EXIT) == (gap > 0)


def test_a_fight_is_frozen_on_the_day_it_is_begun() -> None:
    """If the fight's worth followed later power it would save nothing: a stays, for 0.1 * 0.55 + 0.9 * 0.45 in all."""
    found = played("shifting-power", "exits.fight.settles=floating")
    assert found["agreed_step"][0] == 0
    assert found["payoff.a"][0] == pytest.approx(0.1 * 0.55 + 0.9 * 0.45, abs=1e-9)


def test_after_a_shift_that_can_be_bridged_the_share_falls_year_by_year() -> None:
    """With a fall of 0.02 a has 0.73 this year and 0.53 from then on: on average what a fight now is worth, 0.55."""
    found = played("shifting-power", *fall(0.02))
    assert found["agreed.pie"][0] == pytest.approx(0.73, abs=1e-9)
    assert found["terms.pie"][0] == pytest.approx(0.53, abs=1e-9)
    assert found["payoff.a"][0] == pytest.approx(0.55, abs=1e-9)
