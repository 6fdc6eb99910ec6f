"""A bid against the base: after Bernheim & Whinston 1986, from the shipped scenario."""

from __future__ import annotations

import pytest

from sim.rules.types import EXIT
from tests.textbook import agreed, played, walked

SCALE = 20  # money a year that is worth 1


def numbers(worth: float, bid: float, cost: float) -> tuple[str, str, str]:
    """Return the overrides for V, E and h."""
    return (
        f"variables.worth.start={worth}",
        f"moves.counter_bid.respond.limit={bid}",
        f"variables.cost.start={cost}",
    )


def test_the_shipped_base_is_kept_at_the_rivals_bid_and_the_hosts_cost() -> None:
    """With V = 10, E = 6, h = 1 the base is kept at a price of 7; the host gains 6 and the guest 3."""
    found = played("rival-bidder")
    assert found["agreed.price"][0] == pytest.approx(7, abs=1e-9)
    assert found["payoff.host"][0] * SCALE == pytest.approx(6, abs=1e-9)
    assert found["payoff.guest"][0] * SCALE == pytest.approx(3, abs=1e-9)


@pytest.mark.parametrize("worth", [2, 6.5, 10, 18])
@pytest.mark.parametrize("bid", [0, 3, 6, 10])
@pytest.mark.parametrize("cost", [0, 1, 4])
def test_the_base_is_kept_if_it_is_worth_both(worth: float, bid: float, cost: float) -> None:
    """Kept if and only if V >= E + h, at E + h; else there is no base (without a bid the host need not even leave)."""
    sets = numbers(worth, bid, cost)
    if worth >= bid + cost:
        assert agreed("rival-bidder", "price", *sets) == pytest.approx(bid + cost, abs=1e-9)
    else:
        found = played("rival-bidder", *sets)
        assert found["agreed_step"][0] == -1
        assert (found["status"][0] == EXIT) == (bid > 0)
        assert found["payoff.guest"][0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("gap", [-1e-6, 0, 1e-6])
def test_a_tie_keeps_the_base(gap: float) -> None:
    """At V = E + h = 7 the base is kept; a millionth less and it goes."""
    assert (played("rival-bidder", *numbers(7 + gap, 6, 1))["status"][0] == EXIT) == (gap < 0)


@pytest.mark.parametrize(("worth", "bid", "cost"), [(10, 10, 1), (10, 18, 3), (8, 8, 0.5), (12, 11.5, 1), (2, 6, 4)])
def test_else_the_third_party_pays_what_the_guest_would_have_left(worth: float, bid: float, cost: float) -> None:
    """Where V < E + h the base goes, and the third party pays max(0, V - h): 9 in the worked example."""
    state = walked("rival-bidder", *numbers(worth, bid, cost)).state
    assert state.status[0] == EXIT
    found = played("rival-bidder", *numbers(worth, bid, cost))
    assert found["payoff.host"][0] * SCALE == pytest.approx(max(0, worth - cost), abs=1e-9)
    assert found["payoff.guest"][0] == pytest.approx(0, abs=1e-9)


def test_without_a_rival_the_guest_pays_the_hosts_cost() -> None:
    """If the third party's move never comes, the price falls to the cost of hosting."""
    assert agreed("rival-bidder", "price", "moves.counter_bid.chance=0") == pytest.approx(1, abs=1e-9)
