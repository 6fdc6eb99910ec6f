"""A rival bid that answers: the truthful equilibrium of a menu auction with one price (Bernheim & Whinston 1986)."""

from __future__ import annotations

import pytest

from tests.strategies import Tree, pie, played, walked


def auction(value: float = 10, limit: float = 6, cost: float = 1, *, answers: bool = True) -> Tree:
    """Return a base worth ``value`` to a, hosted by b at a ``cost``; a rival pays up to ``limit`` if b closes it.

    Money is in units of a's value; the price runs from 0 to that value.
    """
    tree = pie((0.9, 0.9), window=3)
    tree["protocol"] = {"kind": "one_sided", "by": "a"}
    tree["issues"][0]["values"] = {"a": {"shape": "linear", "best": "low"}, "b": {"shape": "linear", "best": "high"}}
    tree["status_quo"] = {"terms": {"pie": 1}, "flows": {"b": -1}}
    tree["third_parties"] = [{"id": "rival"}]
    tree["variables"] = [{"id": "bid", "bounds": [0, 5], "start": 0, "mean": 0}]
    respond = {"respond": {"party": "b", "variable": "bid", "limit": limit / value}} if answers else {}
    tree["moves"] = [{"id": "bids", "by": "rival", "on": 0, "rival_bid": True, **respond}]
    tree["exits"] = [{"id": "close", "by": "b", "absolute": True, "flows": {}}]
    tree["effects"] = [
        {"id": "paid", "on": "exit", "exit": "close", "party": "b", "variable": "bid", "coefficient": 1},
        {"id": "cost", "on": "flow", "party": "b", "status": "agreement", "coefficient": -cost / value},
    ]
    return tree


@pytest.mark.parametrize(("value", "limit", "cost"), [(10, 6, 1), (10, 8.5, 1), (4, 1, 0.5), (10, 0, 2)])
def test_the_base_is_kept_at_the_rivals_limit_and_the_cost(value: float, limit: float, cost: float) -> None:
    """Where V >= E + h the base is kept, its holder pays E + h, and the rival nothing."""
    state = walked(auction(value, limit, cost)).state
    assert state.status[0] == 1
    assert state.agreed[0, 0] * value == pytest.approx(limit + cost, abs=1e-9)
    assert state.x[0, 0] == 0.0


@pytest.mark.parametrize(("value", "limit", "cost"), [(10, 10, 1), (10, 9.5, 1), (4, 6, 0.5)])
def test_else_the_rival_pays_what_the_holder_would_have_paid(value: float, limit: float, cost: float) -> None:
    """Where V < E + h the base is closed and the rival pays V - h, no more than it must."""
    state = walked(auction(value, limit, cost)).state
    assert state.status[0] == 2
    assert state.x[0, 0] * value == pytest.approx(value - cost, abs=1e-9)
    assert state.payoff[1, 0] * value == pytest.approx(value - cost, abs=1e-9)


def test_a_bid_that_stands_does_not_rise() -> None:
    """Without an answer the bid is what the variable says, and the base is kept for the cost of hosting."""
    state = walked(auction(10, 10, 1, answers=False)).state
    assert state.status[0] == 1
    assert state.agreed[0, 0] * 10 == pytest.approx(1.0, abs=1e-9)


def test_both_drivers_say_so() -> None:
    """The block driver gives the same price."""
    assert played(auction()).columns["agreed.pie"][0] * 10 == pytest.approx(7.0, abs=1e-9)


def test_a_floating_exit_is_paid_for_too() -> None:
    """An exit whose value floats along a world that stands still is worth what one settled on the day is."""
    tree = auction(10, 10, 1)
    tree["exits"][0]["settles"] = "floating"
    state = walked(tree).state
    assert state.status[0] == 2
    assert state.payoff[1, 0] * 10 == pytest.approx(9, abs=1e-9)


def test_a_bid_to_the_other_side_does_not_rise() -> None:
    """When b leaves, the rival that courts a has nothing to match."""
    tree = auction(10, 10, 1)
    tree["variables"].append({"id": "other", "bounds": [0, 5], "start": 0, "mean": 0})
    respond = {"party": "a", "variable": "other", "limit": 0.7}
    tree["moves"].append({"id": "courts", "by": "rival", "on": 0, "rival_bid": True, "respond": respond})
    tree["exits"].append({"id": "quit", "by": "a", "absolute": True, "flows": {"a": -5}})
    tree["effects"].append(
        {"id": "wage", "on": "exit", "exit": "quit", "party": "a", "variable": "other", "coefficient": 1}
    )
    state = walked(tree).state
    assert state.status[0] == 2
    assert state.x[:, 0] == pytest.approx([0.9, 0.0], abs=1e-9)
