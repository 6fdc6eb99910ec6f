"""Moves that are chosen: taken when their mover expects to gain."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules import initiative
from tests.strategies import Tree, pie, played, walked


def outsider(gain: float, **chosen: float) -> Tree:
    """Return a pie with a third party that gains by a move, once step 2 has come, nobody ever agreeing."""
    tree = pie((0.9, 0.9), window=24)
    for one in tree["parties"]:
        one["accepts"] = {"strategy": "constant", "least": 9}
    tree["time"] = {"step": "month", "window": 24, "look_ahead": 2}
    tree["third_parties"] = [{"id": "out"}]
    tree["moves"] = [{"id": "bid", "by": "out", "chosen": chosen, "when": {"from": 2}}]
    tree["effects"] = [{"id": "why", "on": "gain", "move": "bid", "coefficient": gain}]
    return tree


def when(tree: Tree, draw: int = 0) -> list[int]:
    """Return the steps in which the only move happens."""
    return [t for t, record in enumerate(walked(tree, draw=draw).records) if record.moved[0, 0]]


def test_a_gain_is_taken_at_once_and_a_loss_never() -> None:
    """Without a precision the choice is sharp."""
    assert when(outsider(0.1)) == [2]
    assert when(outsider(-0.1)) == []
    assert when(outsider(0.0)) == []


def test_a_precision_makes_it_a_chance_within_a_year() -> None:
    """After a year the share that has moved is ``logistic(precision gain)``, whatever the step."""
    tree = outsider(0.1, precision=10)
    tree["outcomes"] = [{"id": "moved", "when": {"moved": ["bid"]}}, {"id": "not", "when": {}}]
    tree["time"]["window"] = 14
    share = (played(tree, 4096).columns["outcome"] == 0).mean()
    expected = 1 / (1 + np.exp(-1.0))
    assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 4096))


def threat(harm: float, cost: float = 0.0) -> Tree:
    """Return a pie in which side a can make talks worse for b by ``harm``, at a cost to itself while they last."""
    tree = pie((0.9, 0.9), window=4)
    tree["moves"] = [{"id": "close", "by": "a", "chosen": {}, "when": {"status": "talks"}}]
    tree["effects"] = [
        {"id": "harm", "on": "flow", "party": "b", "move": "close", "status": "talks", "coefficient": -harm},
        {"id": "pain", "on": "flow", "party": "a", "move": "close", "status": "talks", "coefficient": -cost},
    ]
    return tree


def test_a_principal_moves_for_leverage() -> None:
    """Closing a port hurts the other while they talk, so that it settles for less: the move is made for the deal."""
    calm, hard = walked(threat(0.0)), walked(threat(0.3))
    assert hard.records[0].moved[0, 0]
    assert not calm.records[0].moved[0, 0]
    assert float(hard.state.agreed[0, 0]) > float(calm.state.agreed[0, 0]) + 0.1


def test_what_hurts_oneself_more_is_left_alone() -> None:
    """If it costs side a more than b, going on is worth less to a with it, and a leaves it."""
    assert not walked(threat(0.1, 0.5)).records[0].moved[0, 0]


def test_the_gain_is_what_the_look_ahead_says() -> None:
    """In a stationary pie side a's share of answering is known with and without flows in talks, and so is the gain."""
    model = walked(threat(0.3))
    fresh = type(model)(model.compiled, 0, 0)
    gain = initiative.gain(0, 0, fresh.layout, fresh.params, fresh.plan, fresh.state)
    # by Rubinstein with flows q: demands R_i = (1-d) q_i + d (1 - R_j) and q_b = -0.3
    rows = np.array([[1.0, 0.9], [0.9, 1.0]])
    after = np.linalg.solve(rows, [0.9, 0.9 + 0.1 * -0.3])[0]
    before = np.linalg.solve(rows, [0.9, 0.9])[0]
    assert float(gain[0]) == pytest.approx(0.9 * (after - before), abs=1e-9)  # it will answer in the next round


def test_a_third_party_moves_on_what_it_sees() -> None:
    """Its gain may hang on a variable and on terms in force: here it moves once the mood is high."""
    tree = outsider(-0.5)
    tree["variables"] = [{"id": "mood", "bounds": [0, 10], "start": 0, "mean": 10, "reversion": 0.5}]
    tree["effects"].append({"id": "mood", "on": "gain", "move": "bid", "variable": "mood", "coefficient": 0.25})
    model = walked(tree)
    steps = [t for t, record in enumerate(model.records) if record.moved[0, 0]]
    assert len(steps) == 1
    mood = 10 * (1 - np.exp(-0.5 / 12 * (steps[0] + 1)))
    assert mood > 2 > 10 * (1 - np.exp(-0.5 / 12 * steps[0]))


def test_a_side_reckons_with_the_collapse_that_its_own_move_may_bring() -> None:
    """What gains 0.3 of leverage, and ends everything for sure, is not done; the gain is linear in the chance."""
    gains = []
    for collapse in (0.0, 0.5, 1.0):
        tree = threat(0.3)
        tree["moves"][0]["collapse"] = collapse
        model = walked(tree)
        fresh = type(model)(model.compiled, 0, 0)
        gains.append(float(initiative.gain(0, 0, fresh.layout, fresh.params, fresh.plan, fresh.state)[0]))
        assert bool(model.records[0].moved[0, 0]) == (gains[-1] > 0)
    assert gains[1] == pytest.approx((gains[0] + gains[2]) / 2, abs=1e-12)
    assert gains[0] > 0 > gains[2]
