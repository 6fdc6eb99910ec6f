"""Governments fall: a successor brings numbers of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.rules.types import HISTORY
from tests.strategies import Tree, party, pie, played, walked


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
        learnt, types = game.state.belief[0, :, 0].copy(), game.params.type[1, 0]
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
