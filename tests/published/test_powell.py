"""Shifting power: who will be weaker tomorrow cannot be paid enough today (Fearon 1995; Powell 2004, 2006)."""

from __future__ import annotations

import pytest

from sim.rules.types import AGREEMENT, EXIT
from tests.strategies import Tree, pie, played

DELTA, STRENGTH, COST = 0.9, 0.6, 0.5
BOUND = (1 - DELTA) * (1 - STRENGTH + (1 - DELTA) * COST) / DELTA
FIGHT_NOW, PIE = STRENGTH - (1 - DELTA) * COST, 1.0


def lease(shift: float, *, years: float = 1) -> Tree:
    """Return a pie of one a round that a side in decline shares under deals of so many rounds.

    Side a wins a fight with chance 0.6 in the first round and with ``shift`` less later, and fighting costs it half of
    a round's pie.  No deal outlasts its term; what a has after it is what fighting would be worth by then.
    """
    tree = pie((DELTA, DELTA), window=1)
    tree["protocol"] = {"kind": "one_sided", "by": "b"}
    tenure = {
        "id": "tenure",
        "label": "How long",
        "levels": [{"id": "term", "years": years}, {"id": "open", "negotiable": False}],
        "duration": True,
        "weights": {"a": 0, "b": 0},
        "values": {side: {"term": 0, "open": 0} for side in "ab"},
    }
    tree["issues"].append(tenure)
    tree["status_quo"] = {"terms": {"pie": 0, "tenure": "open"}, "flows": {"a": FIGHT_NOW - shift, "b": -1}}
    way_out = {"id": "fight", "label": "Fight", "by": "a", "until": 0, "absolute": True}
    tree["exits"] = [{**way_out, "terms": {}, "flows": {"a": STRENGTH, "b": 0}}]
    tree["lumps"] = [{"on": "exit", "exit": "fight", "party": "a", "amount": -COST}]
    return tree


def test_the_bound_is_the_published_one() -> None:
    """With d = 0.9, p = 0.6 and a cost of 0.5 the shift that cannot be bridged begins at 0.05."""
    assert pytest.approx(0.05, abs=1e-12) == BOUND


@pytest.mark.parametrize("gap", [-0.03, -0.001, 0.001, 0.05])
def test_deals_of_one_round_bridge_a_shift_up_to_powells_bound(gap: float) -> None:
    """The side in decline fights now if and only if it will lose more than (1-d)[1-p+(1-d)c]/d = 0.05."""
    shift = BOUND + gap
    found = played(lease(shift)).columns
    assert found["status"][0] == (EXIT if gap > 0 else AGREEMENT)
    if gap < 0:
        share = (FIGHT_NOW - DELTA * (FIGHT_NOW - shift)) / (1 - DELTA)
        assert found["agreed.pie"][0] == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize("years", [1, 2, 5])
def test_a_longer_lease_bridges_a_greater_shift(years: int) -> None:
    """Deals of m rounds leave d^m of the future unbound: the bound rises to (1-d^m)[1-p+(1-d)c]/d^m."""
    bound = (1 - DELTA**years) * (PIE - FIGHT_NOW) / DELTA**years
    assert played(lease(bound - 0.001, years=years)).columns["status"][0] == AGREEMENT
    assert played(lease(bound + 0.001, years=years)).columns["status"][0] == EXIT


def test_a_lease_matters_only_where_its_end_is_worse() -> None:
    """A side that will be weaker is content with less under a longer deal; one that will not, with the same."""
    weaker = [played(lease(0.04, years=years)).columns["agreed.pie"][0] for years in (1, 2, 5)]
    assert weaker == sorted(weaker, reverse=True)
    assert weaker[0] > weaker[2] + 0.1
    steady = [played(lease(0.0, years=years)).columns["agreed.pie"][0] for years in (1, 2, 5)]
    assert steady == pytest.approx([FIGHT_NOW] * 3, abs=1e-9)
