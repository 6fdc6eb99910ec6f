"""Shifting power: who will be weaker tomorrow cannot be paid enough today (Fearon 1995; Powell 2004, 2006)."""

from __future__ import annotations

import pytest

from sim.rules.types import AGREEMENT, EXIT
from tests.textbook import agreed, played

DELTA, STRENGTH, COST = 0.9, 0.6, 0.5
FIGHT_NOW = STRENGTH - (1 - DELTA) * COST


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


def lease(shift: float, years: float) -> tuple[str, ...]:
    """Return the overrides for a fall of ``shift`` and deals that bind for so many years, struck in the first."""
    return (*fall(shift), f"issues.tenure.levels.year.years={years}", "time.window=1")


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
def test_deals_of_one_round_bridge_a_shift_up_to_powells_bound(gap: float) -> None:
    """The side in decline fights if and only if it will lose more than 0.05; else it stays for what makes it whole."""
    shift = bound(DELTA, STRENGTH, COST) + gap
    assert shift - gap == pytest.approx(0.05, abs=1e-12)
    if gap > 0:
        assert played("shifting-power", *fall(shift))["status"][0] == EXIT
    else:
        share = (FIGHT_NOW - DELTA * (FIGHT_NOW - shift)) / (1 - DELTA)
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


@pytest.mark.parametrize("years", [1, 2, 5])
def test_a_longer_lease_bridges_a_greater_shift(years: int) -> None:
    """Deals of m rounds leave d^m of the future unbound: the bound rises to (1-d^m)[1-p+(1-d)c]/d^m."""
    limit = (1 - DELTA**years) * (1 - FIGHT_NOW) / DELTA**years
    assert played("shifting-power", *lease(limit - 0.001, years))["status"][0] == AGREEMENT
    assert played("shifting-power", *lease(limit + 0.001, years))["status"][0] == EXIT


def test_a_lease_matters_only_where_its_end_is_worse() -> None:
    """A side that will be weaker is content with less under a longer deal; one that will not, with the same."""
    weaker = [agreed("shifting-power", "pie", *lease(0.04, years)) for years in (1, 2, 5)]
    assert weaker == sorted(weaker, reverse=True)
    assert weaker[0] > weaker[2] + 0.1
    steady = [agreed("shifting-power", "pie", *lease(0, years)) for years in (1, 2, 5)]
    assert steady == pytest.approx([FIGHT_NOW] * 3, abs=1e-9)
