"""A bid against the base: after Bernheim & Whinston 1986, from the shipped scenario."""

from __future__ import annotations

import pytest

from sim.rules.types import EXIT, TALKS
from tests.textbook import agreed, played, walked

SCALE = 20  # money a year that is worth 1


def numbers(worth: float, limit: float, cost: float) -> tuple[str, str, str]:
    """Return the overrides for V, E and h."""
    return (
        f"variables.worth.start={worth}",
        f"moves.counter_bid.respond.limit={limit}",
        f"variables.cost.start={cost}",
    )


def paid(*sets: str) -> float:
    """Return what the third party's bid is at the end."""
    model = walked("rival-bidder", *sets)
    return float(model.state.x[model.layout.variables.index("bid"), 0])


def test_the_shipped_base_is_kept_at_the_rivals_limit_and_the_hosts_cost() -> None:
    """With V = 10, E = 6, h = 1 the base is kept at a price of 7; the host gains 6 and the guest 3."""
    found = played("rival-bidder")
    assert paid() == 0
    assert found["agreed.price"][0] == pytest.approx(7, abs=1e-9)
    assert found["payoff.host"][0] * SCALE == pytest.approx(6, abs=1e-9)
    assert found["payoff.guest"][0] * SCALE == pytest.approx(3, abs=1e-9)


def test_a_rival_with_more_to_lose_pays_what_the_guest_would_have_left() -> None:
    """With V = 10, E = 10, h = 1 the base goes, the third party pays 9, and the host has all of that."""
    found = played("rival-bidder", *numbers(10, 10, 1))
    assert found["status"][0] == EXIT
    assert paid(*numbers(10, 10, 1)) == pytest.approx(9, abs=1e-9)
    assert found["payoff.host"][0] * SCALE == pytest.approx(9, abs=1e-9)
    assert found["payoff.guest"][0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("limit", [0.5, 6, 10, 18])
def test_for_a_base_worth_less_than_its_cost_the_third_party_pays_nothing(limit: float) -> None:
    """Where V < h the base goes for nothing, whatever its end is worth to the third party."""
    sets = numbers(3, limit, 4)
    found = played("rival-bidder", *sets)
    assert found["status"][0] == EXIT
    assert paid(*sets) == 0
    assert found["payoff.host"][0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("worth", [2, 6.5, 10, 18])
@pytest.mark.parametrize("limit", [0, 3, 6, 10, 19])
@pytest.mark.parametrize("cost", [0, 1, 4])
def test_the_base_is_kept_if_it_is_worth_both(worth: float, limit: float, cost: float) -> None:
    """Kept if and only if V >= E + h, for E + h; else it goes, and the third party pays max(0, V - h)."""
    sets = numbers(worth, limit, cost)
    if worth >= limit + cost:
        assert agreed("rival-bidder", "price", *sets) == pytest.approx(limit + cost, abs=1e-9)
        assert paid(*sets) == 0
        return
    found = played("rival-bidder", *sets)
    assert found["agreed_step"][0] == -1
    assert found["status"][0] == (EXIT if limit > 0 else TALKS)  # without a rival the host need not even leave
    assert paid(*sets) == pytest.approx(max(worth - cost, 0), abs=1e-9)
    assert found["payoff.host"][0] * SCALE == pytest.approx(max(worth - cost, 0), abs=1e-9)
    assert found["payoff.guest"][0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("gap", [-1e-6, 0, 1e-6])
def test_a_tie_keeps_the_base(gap: float) -> None:
    """At V = E + h = 7 the base is kept; a millionth less and it goes."""
    assert (played("rival-bidder", *numbers(7 + gap, 6, 1))["status"][0] == EXIT) == (gap < 0)


def test_without_a_rival_the_guest_pays_the_hosts_cost() -> None:
    """If the third party's move never comes, the price falls to the cost of hosting."""
    assert agreed("rival-bidder", "price", "moves.counter_bid.chance=0") == pytest.approx(1, abs=1e-9)
