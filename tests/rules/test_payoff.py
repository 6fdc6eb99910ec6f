"""Flows, promises and discounted values."""

from __future__ import annotations

import numpy as np
import pytest

from sim import chance, montecarlo
from sim.rules import environment, payoff, pricing, regime
from sim.rules import start as starting
from sim.rules import step as rules
from sim.rules.layout import Clause
from sim.rules.types import AGREEMENT, EXIT, TALKS, TRUE
from sim.scenario import load
from sim.scenario.compile import compile_scenario
from tests.strategies import compiled, pie, played


def test_a_promise_sure_to_be_kept_weighs_one_and_one_sure_to_be_broken_one_step() -> None:
    """The weight of a promise is 1 without breach, 1-d when it lasts one step, (1-d)/(1-d(1-h)) between."""
    patience = np.array([0.9, 0.9, 0.9, 1.0, 1.0])
    breach = np.array([0.0, 1.0, 0.1, 0.0, 0.5])
    assert payoff.kept(patience, breach) == pytest.approx([1.0, 0.1, 0.1 / 0.19, 1.0, 0.0])


def test_the_payoff_of_an_immediate_deal_is_its_flow() -> None:
    """A deal in the first round that holds for ever is worth its flow, whatever the window."""
    for window in (1, 3, 12):
        found = played(pie((0.9, 0.8), window=window)).columns
        assert found["payoff.a"][0] == pytest.approx(0.7142857142857143, abs=1e-12)
        assert found["payoff.b"][0] == pytest.approx(0.2857142857142857, abs=1e-12)


def test_talks_without_end_are_worth_the_status_quo() -> None:
    """If nobody accepts anything, each side's payoff is the flow of the talks."""
    tree = pie(status_quo={"terms": {"pie": 0.3}, "flows": {"a": 0.1}})
    for one in tree["parties"]:
        one["offers"] = {"strategy": "fixed", "script": [{"pie": 1.0}]} if one["id"] == "b" else "equilibrium"
        one["accepts"] = {"strategy": "constant", "least": 1.0}
    tree["protocol"] = {"kind": "one_sided", "by": "a"}
    tree["parties"][0]["offers"] = {"strategy": "fixed", "script": [{"pie": 1.0}]}
    found = played(tree).columns
    assert found["payoff.a"][0] == pytest.approx(0.4)
    assert found["payoff.b"][0] == pytest.approx(0.7)


def test_a_lump_at_signing_is_paid_in_years_of_flow() -> None:
    """A signing cost of half a year takes (1-d)/2 off the payoff where a step is a year."""
    tree = pie((0.9, 0.8), points=2)
    tree["protocol"] = {"kind": "one_sided", "by": "a"}
    tree["lumps"] = [{"on": "signing", "party": "a", "amount": -0.5}]
    assert played(tree).columns["payoff.a"][0] == pytest.approx(1.0 - 0.05)


def test_a_missed_deadline_leaves_the_breakdown_point_after_the_talks() -> None:
    """Two rounds of talks at flow 0.2 and then 0.1 for ever are worth (1-d^2) 0.2 + d^2 0.1."""
    tree = pie((0.9, 0.9), deadline=2, window=5, status_quo={"terms": {"pie": 0}, "flows": {"a": 0.2, "b": 0.2}})
    tree["breakdown"] = {"absolute": True, "flows": {"a": 0.1, "b": 0.9}}
    found = played(tree).columns
    assert found["status"][0] == 4
    assert found["payoff.a"][0] == pytest.approx(0.19 * 0.2 + 0.81 * 0.1)


def test_the_flow_in_force_is_that_of_the_regime_for_the_true_type() -> None:
    """Summed once for talks and deals, it is to the bit the flow of each draw's own regime."""
    game = compile_scenario(load("scenarios/khmeimim-tartus-2024.yaml"))
    params, shocks, first = montecarlo.inputs(game, 0, montecarlo.Batch(0, 200))
    plan, state = starting.start(game.layout, params, first)
    for t in range(6):
        state, _ = rules.step(t, game.layout, params, plan, state, chance.at_step(shocks, t))
    held, now = state.status == AGREEMENT, environment.drivers(state.x, state.fired)
    assert 0 < held.sum() < 200
    for side in (0, 1):
        seen = game.layout, params, side
        talk, deal = (payoff.flow(*seen, at, state.footing, now) for at in (TALKS, AGREEMENT))
        assert len(talk) > 1
        wanted = np.where(held, deal[TRUE], talk[TRUE])
        assert (regime.flows_in_force(game.layout, params, state)[side] == wanted).all()
        assert (payoff.flow(*seen, TALKS, state.footing, now, casts=1)[TRUE] == talk[TRUE]).all()


@pytest.mark.parametrize("name", ["khmeimim-tartus-2024", "manas-2009", "writers-strike-2023"])
def test_declared_terms_settle_what_hangs_on_them(name: str) -> None:
    """Known to be declared, terms give the flow that their clauses give, to the bit, and fewer are read."""
    layout, params, _, plan, state = montecarlo.one_draw(compile_scenario(load(f"scenarios/{name}.yaml")), 0, 0)
    now = environment.drivers(state.x, state.fired) + 0.1
    hanging = [0, 0]
    for row, foot in enumerate(plan.fixed):
        for (side, regime_, exit_), rows in layout.flow_effects.items():
            if regime_ == EXIT and exit_ < 0:
                continue
            seen = layout, params, side, regime_, foot, now, exit_
            assert (payoff.flow(*seen, terms=row) == payoff.flow(*seen)).all()
            hanging[0] += sum(layout.effects[effect].clause >= 0 for effect in rows)
            hanging[1] += sum(clause >= 0 for _, clause in layout.effects_under[side, regime_, exit_, row])
    assert hanging[1] < hanging[0]


def test_a_condition_knows_what_terms_alone_decide() -> None:
    """Tests and bounds are met or not; what a value says, or a level between two points, is open."""
    one = Clause(tests=((0, (0.0, 1.0)),), bounds=((1, 0.5, 2.0),))
    assert [one.known(terms) for terms in ((1.0, 0.5), (1.0, 2.5), (0.0, 1.0))] == [1.0, 0.0, 0.0]
    assert one.known((0.5, 1.0)) is None
    assert Clause(tests=(), taste=(0, 1)).known((1.0, 1.0)) is None


def test_a_deal_that_nothing_adds_to_is_worth_its_terms() -> None:
    """Where promises are sure and the world adds nothing, nothing is worked out; a doubted promise weighs less."""
    layout, terms, none = compiled(pie()).layout, np.array([[0.2, 0.7]]), np.zeros((0, 2))
    sure = pricing.Price(np.ones(2), none, np.zeros(2), np.zeros(2), none)
    assert pricing.priced_deal(layout, 0, terms, (), np.zeros((1, 2)), sure, None) is terms
    doubted = sure._replace(kept=np.array([1.0, 0.5]))
    assert pricing.priced_deal(layout, 0, terms, (), np.zeros((1, 2)), doubted, None).tolist() == [[0.2, 0.35]]
    helped = sure._replace(always=np.array([0.0, 0.1]))
    assert pricing.priced_deal(layout, 0, terms, (), np.zeros((1, 2)), helped, None) == pytest.approx(
        np.array([[0.2, 0.8]])
    )
