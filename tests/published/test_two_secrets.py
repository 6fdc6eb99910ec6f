"""One demand where two things are secret and independent: Fearon's ultimatum (1995) with a trapezoid in a bar's place.

Side b keeps to itself what a fight is worth to it, uniform on f -+ s, and what a deal is worth to it beyond its share,
uniform on -+ r.  It takes a demand x where x <= 1 - f + r z2 - s z1: the greatest demand that it would take has the
density of a sum of two uniforms, flat over the middle, with a slope at each end.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from sim.agents import Bargain
from sim.montecarlo import simulate
from sim.rules import beliefs
from sim.rules.types import AGREEMENT, INTERVALS
from sim.scenario import ScenarioError, load
from sim.scenario.compile import compile_scenario
from tests.promises.test_parity import differences
from tests.published.test_fearon import within_three_errors
from tests.strategies import Tree, compiled, pie, played, secret, share_of, ultimatum
from tests.textbook import SHELF

DRAWS = 20_000
FIGHT, WORTH = 0.35, 0.4  # of b on average, and of a


def two_secrets(fight: float, deal: float, *, of: tuple[str, str] = ("", "standing")) -> Tree:
    """Return the ultimatum in which b has two secrets with these spreads, each moving with its own type."""
    tree = ultimatum(0, 0)
    tree["breakdown"]["flows"] = {"a": WORTH, "b": secret(FIGHT, fight, **named(of[0]))}
    standing = {"on": "flow", "party": "b", "status": ["agreement"], "coefficient": secret(0, deal, **named(of[1]))}
    tree["effects"] = [{"id": "standing", **standing}]
    return tree


def named(type_: str) -> dict[str, str]:
    """Return the key of a type; the type without a name has none."""
    return {"type": type_} if type_ else {}


def best_demand(nodes: Any, fight: float, deal: float) -> float:
    """Return the demand that maximises a's hopes where the second type is one of ``nodes``, found on its pieces."""
    most = 1 - FIGHT + deal * np.asarray(nodes)[:, None]
    cuts = np.sort(np.concatenate([most - fight, most + fight]).ravel())
    found = [(-np.inf, 0.0)]
    for low, high in itertools.pairwise(cuts):
        x = np.linspace(low, high, 3)
        gain = np.clip((most + fight - x) / (2 * fight), 0, 1).mean(axis=0) * (x - WORTH)
        a, b, _ = np.polyfit(x, gain, 2) if high - low > 1e-9 else (0.0, 0.0, 0.0)
        top = float(np.clip(-b / (2 * a), low, high)) if a < -1e-9 else low
        for at in (low, top, high):
            taken = np.clip((most + fight - at) / (2 * fight), 0, 1).mean()
            found.append((float(taken * (at - WORTH)), float(at)))
    return max(found)[1]


def test_shipped_scenario_reaches_its_numbers() -> None:
    """A second, smaller secret leaves Fearon's demand of 0.65 and his chance of war of 0.375 as they are."""
    found = simulate(compile_scenario(load(SHELF / "two-secrets.yaml")), DRAWS).columns
    deal = found["status"] == AGREEMENT
    assert np.abs(found["agreed.share"][deal] - 0.65).max() < 1e-9
    assert within_three_errors(int((~deal).sum()), DRAWS, 0.375)


@pytest.mark.parametrize("of", [("", "standing"), ("zeal", "standing"), ("standing", "")])
@pytest.mark.parametrize(("fight", "deal"), [(0.3, 0.1), (0.1, 0.3), (0.3, 0.05)])
def test_of_two_secrets_the_larger_alone_sets_the_demand(fight: float, deal: float, of: tuple[str, str]) -> None:
    """In the flat part of the trapezoid a asks what it would ask if the larger were all: (1 - f + s + w) / 2."""
    larger = max(fight, deal)
    demand = (1 - FIGHT + larger + WORTH) / 2
    found = played(two_secrets(fight, deal, of=of), DRAWS).columns
    deal_made = found["status"] == AGREEMENT
    assert np.abs(found["agreed.pie"][deal_made] - demand).max() < 1e-9
    assert within_three_errors(int(deal_made.sum()), DRAWS, (1 - FIGHT + larger - demand) / (2 * larger))


@pytest.mark.parametrize(("fight", "deal"), [(0.15, 0.15), (0.2, 0.12), (0.12, 0.2)])
def test_the_demand_is_the_best_against_the_belief_as_it_is_held(fight: float, deal: float) -> None:
    """The second type is held at the middles of six intervals: against those the demand is the best there is."""
    found = played(two_secrets(fight, deal), 200).columns
    asked = found["agreed.pie"][found["status"] == AGREEMENT]
    assert np.abs(asked - best_demand(beliefs.middles()[:, 0], fight, deal)).max() < 1e-9


def test_two_equal_secrets_come_within_a_hundredth_of_the_closed_form() -> None:
    """With a peak in the middle, a asks y + 1 - f - 2s, 3y^2 + 2(1 - f - 2s - w) y = 8 s^2; six middles miss 0.006."""
    s = 0.15
    lowest = 1 - FIGHT - 2 * s
    k = lowest - WORTH
    demand = lowest + (np.sqrt(k * k + 24 * s * s) - k) / 3
    fine = -1 + (2 * np.arange(600) + 1) / 600
    assert best_demand(fine, s, s) == pytest.approx(demand, abs=1e-4)
    assert best_demand(beliefs.middles()[:, 0], s, s) == pytest.approx(demand, abs=0.006)


def test_one_type_in_two_numbers_is_no_second_type() -> None:
    """Numbers that share a type move together: with equal spreads the two secrets cancel, and nothing is uncertain."""
    together = played(two_secrets(0.15, 0.15, of=("", "")), 500).columns
    assert (together["status"] == AGREEMENT).all()
    assert together["agreed.pie"] == pytest.approx(np.full(500, 1 - FIGHT), abs=1e-9)


def test_a_second_type_that_moves_nothing_changes_nothing() -> None:
    """With a spread of next to nothing every draw ends as it would with the first type alone."""
    alone = played(ultimatum(0, 0.4), 500).columns
    tree = two_secrets(0.2, 1e-12)
    tree["breakdown"]["flows"] = {"a": 0.4, "b": secret(0.3, 0.2)}
    both = played(tree, 500).columns
    assert (both["status"] == alone["status"]).all()
    deal = alone["status"] == AGREEMENT
    assert both["agreed.pie"][deal] == pytest.approx(alone["agreed.pie"][deal], abs=1e-9)


def held_out(*, reads: bool) -> Tree:
    """Return many rounds in which a weight of b's is secret and what talks cost it; a may read what b offers."""
    tree = pie((0.9, 0.9), window=5, offers=("bayesian", "bayesian"))
    tree["issues"] = [share_of("pie", points=11), share_of("cake", (1, 1), points=11)]
    tree["issues"][0]["weights"] = {"a": 1, "b": secret(1, 0.9)}
    tree["status_quo"] = {"terms": {"pie": 0, "cake": 0}, "flows": {"b": secret(-0.2, 0.3, type="resolve")}}
    tree["parties"][0]["learning"] = {"precision": 1000, **({"offers": {"concession": 0.05}} if reads else {})}
    return tree


def test_a_refusal_ties_two_secrets_together() -> None:
    """Whoever refuses is not low in both: what was independent is not any more, and each type's mean rises."""
    low, high = beliefs.sides(0.2 - beliefs.points(2).sum(axis=0))
    no = 1.0 - beliefs.share_above(low, high)
    mass = np.exp(beliefs.update(beliefs.prior(np.zeros((2, 1))), no, np.array([True]))[0])
    first, second = beliefs.marginal(mass, 0), beliefs.marginal(mass, 1)
    assert first.sum() == pytest.approx(1) == second.sum()
    assert (beliefs.mean_type(mass) > 0.2).all()
    cells = beliefs.cells(2)[..., 0]
    covariance = (mass[:, 0] * cells[0] * cells[1]).sum() - np.prod(beliefs.mean_type(mass))
    assert covariance < -0.02
    # exactly: P(z1 + z2 > 0.2) and the mean beyond, with z2 at its middles
    z2 = beliefs.middles()[:, 0]
    cut = np.clip(0.2 - z2, -1, 1)
    weight = (1 - cut) / 2
    assert first.T @ beliefs.middles() == pytest.approx(((1 - cut**2) / 4).sum() / weight.sum(), abs=1e-2)
    assert second[:, 0] == pytest.approx(weight / weight.sum(), abs=1e-9)


@pytest.mark.parametrize("reads", [False, True])
def test_beliefs_stay_distributions_over_many_rounds(reads: bool) -> None:
    """After every offer and answer the masses of all cells sum to 1, and those of the types agree with them."""
    game = compiled(held_out(reads=reads))
    assert game.layout.types == ((), ("", "resolve"))
    learnt = 0
    for draw in range(12):
        model = Bargain(game, 0, draw)
        while not model.over:
            model.step()
            mass = np.exp(model.state.belief[0])
            assert len(mass) == INTERVALS**2
            assert mass.sum() == pytest.approx(1.0)
            assert len(model.state.belief[1]) == INTERVALS
            means = [(beliefs.marginal(mass, k).T @ beliefs.middles()).item() for k in (0, 1)]
            assert means == pytest.approx(beliefs.mean_type(mass)[:, 0].tolist(), abs=1e-12)
            learnt += bool(np.ptp(mass) > 1e-9)
    assert learnt > 3
    assert differences(game, 12) == []


def test_what_a_certainty_equivalent_side_expects_is_linear_in_each_type() -> None:
    """At any types, what is linear in them is read off the points of a belief without error."""
    rng = np.random.default_rng(0)
    for types in (1, 2, 3):
        slopes, z = rng.normal(size=(types, 1)), rng.uniform(-1, 1, (types, 5))
        rows = 0.7 + (beliefs.points(types)[..., 0].T @ slopes) * np.ones(5)
        assert beliefs.at_type(rows, z) == pytest.approx(0.7 + (slopes * z).sum(axis=0), abs=1e-12)


def test_more_types_than_a_belief_can_hold_are_refused() -> None:
    """The fourth private type of one party is a fault, at the number that brings it."""
    tree = two_secrets(0.1, 0.1)
    tree["status_quo"]["flows"] = {"b": secret(0, 0.1, type="third")}
    compile_scenario(compiled(tree).scenario)
    tree["issues"][0]["weights"]["b"] = secret(1, 0.1, type="fourth")
    with pytest.raises(ScenarioError, match=r"b has more than 3 private types.*let some numbers share one"):
        compiled(tree)
