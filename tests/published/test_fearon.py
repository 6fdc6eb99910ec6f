"""Why bargains fail: Fearon 1995, and the shift of power in Powell 1999."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim import montecarlo
from sim.rules.types import AGREEMENT, CAUSES, DEADLINE, EXIT
from sim.scenario import load
from sim.scenario.compile import compile_scenario
from tests.strategies import Tree, pie, played, random_domain, ultimatum, walked, with_exits

SHIPPED = Path(__file__).parents[2] / "scenarios" / "textbook"
DRAWS = 20_000


def within_three_errors(count: int, draws: int, chance: float) -> bool:
    """Tell whether a share of draws lies within three standard errors of its chance."""
    return abs(count / draws - chance) <= 3 * float(np.sqrt(chance * (1 - chance) / draws))


def test_shipped_ultimatum_reaches_the_published_numbers() -> None:
    """The shipped scenario demands 0.65, ends in a fight with chance 0.375, and is worth 0.556250 to the challenger."""
    game = compile_scenario(load(SHIPPED / "fearon-ultimatum.yaml"))
    found = montecarlo.simulate(game, DRAWS).columns
    deal = found["status"] == AGREEMENT
    assert np.abs(found["agreed.share"][deal] - 0.65).max() < 1e-9
    assert within_three_errors(int((~deal).sum()), DRAWS, 0.375)
    error = 0.25 * np.sqrt(0.375 * 0.625 / DRAWS)
    assert abs(found["payoff.a"].mean() - 0.55625) <= 3 * error


@pytest.mark.parametrize(
    ("low", "high", "demand", "war"), [(0, 0.4, 0.65, 0.375), (0.1, 0.4, 0.65, 1 / 6), (0.2, 0.4, 0.70, 0.0)]
)
def test_demand_and_chance_of_war(low: float, high: float, demand: float, war: float) -> None:
    """The demand is p + clip((hi - cA)/2, lo, hi), and war comes with chance (z - lo)/(hi - lo)."""
    found = played(ultimatum(low, high), DRAWS).columns
    deal = found["status"] == AGREEMENT
    assert np.abs(found["agreed.pie"][deal] - demand).max() < 1e-9
    assert (found["status"][~deal] == DEADLINE).all()
    assert within_three_errors(int((~deal).sum()), DRAWS, war)


def test_an_offer_for_a_base_follows_the_closed_form() -> None:
    """A buyer who values a lease at 1, facing a reserve uniform on [0.2, 1.2], bids 0.6 and fails with chance 0.6."""
    tree = ultimatum(0, 0)
    tree["breakdown"]["flows"] = {"a": 0.5, "b": {"value": 0.35, "private": {"spread": 0.25}}}
    found = played(tree, DRAWS).columns
    deal = found["status"] == AGREEMENT
    assert np.abs(2 * (1 - found["agreed.pie"][deal]) - 0.6).max() < 1e-9
    assert within_three_errors(int((~deal).sum()), DRAWS, 0.6)


@pytest.mark.parametrize("offers", ["bayesian", "equilibrium"])
def test_without_uncertainty_the_puzzle_stands(offers: str) -> None:
    """When the cost of a fight is known there is no fight: the demand takes the whole surplus."""
    tree = ultimatum(0.2, 0.2)
    tree["parties"][0]["offers"] = offers
    found = played(tree).columns
    assert found["agreed.pie"][0] == pytest.approx(0.7, abs=1e-9)


@pytest.mark.parametrize("offers", ["bayesian", "equilibrium"])
def test_an_indivisible_pie_breaks_down_and_a_side_payment_saves_it(offers: str) -> None:
    """If the pie can only go to one side whole, both prefer a fight; with a divisible payment beside it they agree."""
    tree = ultimatum(0.1, 0.1)
    tree["parties"][0]["offers"] = offers
    tree["issues"][0] = {
        "id": "pie",
        "label": "pie",
        "levels": [{"id": "to_b"}, {"id": "to_a"}],
        "weights": {"a": 1, "b": 1},
        "values": {"a": {"to_b": 0, "to_a": 1}, "b": {"to_b": 1, "to_a": 0}},
    }
    tree["status_quo"]["terms"] = {"pie": "to_b"}
    broken = played(tree).columns
    assert broken["status"][0] == DEADLINE
    assert CAUSES[broken["cause"][0]] == "no_zone"
    payment = {
        "id": "payment",
        "label": "What a pays b",
        "range": [0, 1],
        "points": 11,
        "weights": {"a": 1, "b": 1},
        "values": {"a": {"shape": "linear", "best": "low"}, "b": {"shape": "linear", "best": "high"}},
    }
    tree["issues"].append(payment)
    tree["status_quo"]["terms"]["payment"] = 0
    assert played(tree).columns["status"][0] == AGREEMENT


@pytest.mark.parametrize("offers", ["bayesian", "equilibrium"])
@pytest.mark.parametrize("deadline", ["none", 4])
def test_a_zone_without_frictions_is_a_deal_at_once(offers: str, deadline: int | str, full: bool) -> None:
    """Full information, a constant world and something to gain: the first offer is accepted, on any domain."""
    zones = 0
    for seed in range(250 if full else 25):
        model = walked(random_domain(seed, offers=offers, deadline=deadline))
        zone, agreed = bool(model.state.zone[1, 0]), int(model.state.agreed_step[0])
        assert agreed == (0 if zone else -1), f"domain {seed}: zone {zone}, agreed in step {agreed}"
        zones += zone
    assert zones > 10


def test_what_one_side_expects_of_the_other_is_so() -> None:
    """With full information each side foresees exactly what the other demands, exits included."""
    for seed in range(40):
        tree = with_exits(random_domain(seed, offers=("bayesian", "equilibrium")[seed % 2]), seed)
        one, two = (p.view for p in walked({**tree, "time": {**tree["time"], "window": 1}}).principals)
        for mine, theirs in ((one, two), (two, one)):
            wants = max(float(theirs.going_on[0]), float(theirs.exit[0]))
            assert mine.demand[4, 0] == pytest.approx(wants, abs=1e-9), f"domain {seed}"


def test_no_deal_below_a_reservation_and_none_without_a_zone() -> None:
    """Whatever exits there are, an accepted deal is worth to both at least what each has without it."""
    for seed in range(60):
        model = walked(with_exits(random_domain(seed, offers=("bayesian", "equilibrium")[seed % 2]), seed))
        for record, _ in zip(model.records, range(4), strict=False):
            if record.answer[0] == 1:
                other = 1 - int(record.proposer[0])
                assert record.worth[other, 0] >= record.threshold[other, 0] - 1e-9
        if model.state.agreed_step[0] >= 0:
            assert model.state.zone[1, 0], f"domain {seed}"


def shifting_power(shift: float) -> Tree:
    """Return Powell's pie of one a round: side a may fight now, and will be weaker by ``shift`` from the next round on.

    a wins with chance 0.6 now; a fight costs it half of a round's pie.  b cannot bind itself: a is sure that b breaks
    any deal after one round, and has then what its fight is worth by that time.
    """
    delta, strength, cost = 0.9, 0.6, 0.5
    tree = pie((delta, delta))
    tree["protocol"] = {"kind": "one_sided", "by": "b"}
    tree["parties"][0]["trust"] = {"breach_rate": 1000}
    later = strength - shift - (1 - delta) * cost
    tree["status_quo"]["flows"]["a"] = later
    tree["exits"] = [
        {
            "id": "fight",
            "label": "Fight",
            "by": "a",
            "until": 0,
            "terms": {},
            "flows": {"a": strength, "b": 0},
            "absolute": True,
        }
    ]
    tree["lumps"] = [{"on": "exit", "exit": "fight", "party": "a", "amount": -cost}]
    return tree


@pytest.mark.parametrize(("shift", "status"), [(0.02, AGREEMENT), (0.049, AGREEMENT), (0.051, EXIT), (0.1, EXIT)])
def test_a_shift_of_power_beyond_powells_bound_is_fought_over_now(shift: float, status: int) -> None:
    """The side in decline fights now if and only if it will lose more than (1-d)[1-p+(1-d)c]/d = 0.05."""
    found = played(shifting_power(shift)).columns
    assert found["status"][0] == status
    if status == AGREEMENT:
        share = (0.55 - 0.9 * (0.55 - shift)) / 0.1
        assert found["agreed.pie"][0] == pytest.approx(share, abs=1e-9)
