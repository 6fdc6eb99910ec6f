"""Governments fall: a successor brings numbers of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import montecarlo
from sim.agents import Bargain
from sim.rules import heirs
from sim.rules.types import HISTORY
from tests.strategies import Tree, compiled, party, pie, played, walked


def falling(replace: dict[str, Any], *, on: int = 1, **more: Any) -> Tree:
    """Return a pie whose side b falls in step ``on``, and is followed by colonels."""
    tree = pie((0.9, 0.8), window=8)
    tree["third_parties"] = [{"id": "street"}]
    tree["moves"] = [{"id": "coup", "by": "street", "on": on}]
    heir = {"id": "colonels", "after": "coup", "replace": replace}
    tree["parties"][1] = party("b", "equilibrium", discount_factor=0.8, successors=[{**heir, **more}])
    return tree


def held_up(tree: Tree) -> Tree:
    """Return the scenario with a first offer that nobody takes, so that the table is still open when b falls."""
    tree["parties"][0]["offers"] = {"strategy": "fixed", "script": [{"pie": 1}]}
    return tree


def test_a_successor_takes_its_own_patience_to_the_table() -> None:
    """Between a (0.9) and colonels (0.5) the colonels' offer in step 3 gives a ``d_a (1 - d_b) / (1 - d_a d_b)``."""
    model = walked(held_up(falling({"parties.b.discount_factor": 0.5}, on=0)))
    assert model.state.office[1, 0] == 1
    assert model.state.history[HISTORY.index("succeeded"), 0] == 1
    assert float(model.state.agreed[0, 0]) == pytest.approx(0.9 * 0.5 / (1 - 0.9 * 0.5), abs=1e-9)


def test_before_it_falls_nothing_is_different() -> None:
    """Where the deal is struck before, or the coup never comes, the successor's numbers do not matter."""
    quiet = falling({"parties.b.discount_factor": 0.5})
    assert float(walked(quiet).state.agreed[0, 0]) == pytest.approx((1 - 0.8) / (1 - 0.72), abs=1e-9)


def test_tastes_change_and_the_contract_curve_is_sought_anew() -> None:
    """With two issues, new weights of b move the deal along another curve."""
    tree = held_up(falling({"issues.pie.weights.b": 3, "issues.rent.weights.b": 1}, on=0))
    tree["issues"].append(
        {
            "id": "rent",
            "range": [0, 1],
            "continuous": True,
            "weights": {"a": 3, "b": 3},
            "values": {"a": {"shape": "linear", "best": "high"}, "b": {"shape": "linear", "best": "low"}},
        }
    )
    tree["status_quo"]["terms"]["rent"] = 0
    tree["parties"][0]["offers"]["script"] = [{"pie": 1, "rent": 1}]
    before, after = dict(tree), dict(tree)
    before["moves"] = [{**tree["moves"][0], "chance": 0}]
    terms = [walked(each).state.agreed[:, 0] for each in (before, after)]
    assert terms[0][1] < 0.9
    assert terms[1][1] > 0.95  # to the colonels the rent is small change: a has nearly all of it


def test_trust_starts_anew_on_both_sides() -> None:
    """The other thinks of the successor what the scenario says; the successor thinks its own."""
    tree = falling({"parties.b.trust.breach_rate": 0.4}, on=0, breach_rate=0.7)
    tree["parties"][0]["trust"] = {"breach_rate": 0.1}
    tree["parties"][1]["trust"] = {"breach_rate": 0.2}
    model = walked(held_up(tree))
    assert model.state.distrust[:, 0] == pytest.approx([0.7, 0.4])


def test_what_was_learnt_of_the_predecessor_is_void() -> None:
    """The successor has a type of its own, and the other believes in the whole range again."""
    low, high = 0.2, 0.6
    tree = pie((1, 1), window=3, offers=("bayesian", "bayesian"), deadline=3)
    tree["protocol"] = {"kind": "one_sided", "by": "a"}
    fight = {"value": 1 - 0.5 - (low + high) / 2, "private": {"spread": (high - low) / 2}}
    tree["breakdown"] = {"absolute": True, "flows": {"a": 0.4, "b": fight}}
    tree["third_parties"] = [{"id": "street"}]
    tree["moves"] = [{"id": "coup", "by": "street", "on": 1}]
    tree["parties"][1]["successors"] = [
        {"id": "colonels", "after": "coup", "replace": {"parties.b.accuracy": 1}},
    ]
    seen = 0
    for draw in range(30):
        model = walked(tree, draw=draw)
        if len(model.records) < 3:
            continue
        game = type(model)(model.compiled, 0, draw)
        game.step()
        game.step()
        learnt, types = game.state.belief[0][:, 0].copy(), game.params.type[1, 0, 0]
        game.step()
        assert game.params.type[1, 0] != types
        seen += int(not np.allclose(learnt, learnt[0]))
    assert seen > 0


def test_both_drivers_agree_when_several_governments_fall() -> None:
    """Uncertain coups on both sides, each with its own successors: the block and the agents say the same."""
    tree = held_up(falling({"parties.b.discount_factor": {"uniform": [0.4, 0.9]}}))
    tree["moves"] = [
        {"id": "coup", "by": "street", "on": 0, "chance": 0.5},
        {"id": "revolt", "by": "street", "on": 0, "chance": 0.5},
    ]
    tree["parties"][0]["successors"] = [
        {"id": "heirs", "after": "revolt", "replace": {"parties.a.discount_factor": {"uniform": [0.5, 0.95]}}}
    ]
    columns = played(tree, 40).columns
    for draw in range(40):
        state = walked(tree, draw=draw).state
        assert float(state.agreed[0, 0]) == columns["agreed.pie"][draw]
    assert len(set(columns["agreed.pie"].tolist())) > 5


def test_a_successor_brings_the_rows_of_its_side_and_no_others() -> None:
    """What a successor keeps is put in its side's rows, where it takes office; nothing of the other side moves."""
    game = compiled(bargain_of_two_falls())
    params = game.params(0, 0)
    changed = params._replace(trust=params.trust + 1.0, tastes=params.tastes._replace(weight=params.tastes.weight / 2))
    for side in (0, 1):
        where = np.arange(1024) % 2 == 0
        heir = heirs.numbers_of(game.layout, changed, side)
        assert heir.trust.shape == (1024,)
        assert heir.variable.shape == (0, 1024)
        after = heirs.succeeded(game.layout, params, heir, side, where)
        assert (after.trust[side] == np.where(where, changed.trust[side], params.trust[side])).all()
        assert (after.tastes.weight[side, :, 0, 0] == changed.tastes.weight[side, :, 0, 0]).all()
        assert (after.trust[1 - side] == params.trust[1 - side]).all()
        assert (after.tastes.weight[1 - side] == params.tastes.weight[1 - side]).all()
        assert after.variable is params.variable


def bargain_of_two_falls() -> Tree:
    """Return a bargain in which a falls in step 0 and b in step 1; a's heir trusts b less than a did."""
    tree = held_up(falling({"parties.b.discount_factor": 0.7}, on=1))
    tree["moves"].append({"id": "revolt", "by": "street", "on": 0})
    tree["parties"][0]["trust"] = {"breach_rate": 0.1}
    heir = {"id": "heirs", "after": "revolt", "replace": {"parties.a.trust.breach_rate": 0.5}}
    tree["parties"][0]["successors"] = [heir]
    return tree


def test_a_fall_on_one_side_leaves_the_others_successor_its_own_trust() -> None:
    """What a's heir thinks of b stays a's heir's when b falls; what the scenario says of b's heir goes before it."""
    tree = bargain_of_two_falls()
    assert walked(tree).state.distrust[0, 0] == 0.5
    tree["parties"][1]["successors"][0]["breach_rate"] = 0.9
    assert walked(tree).state.distrust[0, 0] == 0.9


def test_a_bias_about_the_successor_is_none_about_the_party() -> None:
    """The tilt of what is thought of colonels does not touch what was thought of whom they follow."""
    flow = {"value": 0.1, "private": {"spread": 0.2, "bias": 0.9}}
    tree = falling({"status_quo.flows.b": flow})
    for one in tree["parties"]:
        one["offers"] = "bayesian"
    numbers = compiled(tree).numbers(0, 0)
    assert not numbers.bias.any()
    assert (numbers.heirs[1][0].bias[1] == 0.9).all()


def test_what_only_a_successor_keeps_private_is_a_private_taste() -> None:
    """A weight that only the colonels keep to themselves leaves the other in doubt of what deals are worth to them."""
    tree = held_up(falling({"issues.pie.weights.b": {"value": 3, "private": {"spread": 2}}}, on=0))
    tree["issues"].append({**tree["issues"][0], "id": "rent", "weights": {"a": 2, "b": 3}})
    tree["status_quo"]["terms"]["rent"] = 0
    tree["parties"][0]["offers"]["script"] = [{"pie": 1, "rent": 1}]
    tree["parties"][1]["offers"] = "bayesian"
    model = Bargain(compiled(tree), 0, 0)
    assert np.ptp(model.plan.deals[0].seen[1]) == 0.0
    model.step()
    model.step()
    assert np.ptp(model.plan.deals[0].seen[1]) > 0.1


def test_a_fall_in_a_draws_last_step_changes_nothing_in_how_draws_are_dropped() -> None:
    """What is believed where a coup ended everything does not hang on which finished draws are kept beside others."""
    tree = falling({"parties.b.accuracy": 1}, on=2)
    tree["time"].update(window=6, deadline=6)
    tree["protocol"] = {"kind": "one_sided", "by": "a"}
    tree["moves"][0]["collapse"] = 0.2
    tree["parties"][0].update(offers="bayesian", discount_factor=1)
    tree["parties"][1].update(offers="bayesian", discount_factor=1)
    fight = {"value": 0.1, "private": {"spread": 0.2}}
    tree["breakdown"] = {"absolute": True, "flows": {"a": 0.4, "b": fight}}
    tallies = []
    for dense in (0.0, 1.01):  # finished draws are kept to the end, or dropped at once
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(montecarlo, "DENSE", dense)
            tallies.append(played(tree, 256).tallies)
    assert [name for name in tallies[0] if not np.array_equal(tallies[0][name], tallies[1][name])] == []
