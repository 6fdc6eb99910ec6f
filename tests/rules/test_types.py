"""What private types do to values: straight lines where a number acts in one, bent in the middle where it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.agents import Bargain
from sim.rules import beliefs, deals, pricing
from sim.rules.types import ABOVE, BELOW, TRUE, WHOLE, F
from sim.scenario.compile import Compiled
from tests.promises.test_parity import differences
from tests.strategies import Tree, compiled, pie, secret, share_of


def two_issues(**of_b: Any) -> Compiled:
    """Return a bargain over two issues in which b's numbers at these places are private."""
    tree = pie((0.9, of_b.get("factor", 0.9)), window=4, offers=("bayesian", "bayesian"))
    tree["issues"] = [share_of("pie", points=11), share_of("cake", (1, 1), points=11)]
    tree["issues"][0]["weights"] = {"a": 1, "b": of_b.get("weight", 1)}
    tree["status_quo"] = {"terms": {"pie": 0, "cake": 0}, "flows": {"b": of_b.get("flow", 0)}}
    return compiled(tree)


def test_a_weight_bends_values_and_a_flow_does_not() -> None:
    """A weight has two coordinates, below its middle and above it; a flow one; each type its own; no type none."""
    weight = two_issues(weight=secret(1, 0.8)).layout
    assert weight.coordinates(1) == ((0, BELOW), (0, ABOVE))
    assert weight.coordinates(0) == ()
    assert weight.casts == 4
    flow = two_issues(flow=secret(0, 0.2)).layout
    assert flow.coordinates(1) == ((0, WHOLE),)
    assert flow.casts == 3
    both = two_issues(weight=secret(1, 0.8, type="zeal"), flow=secret(0, 0.2)).layout
    assert both.types[1] == ("", "zeal")
    assert both.coordinates(1) == ((0, WHOLE), (1, BELOW), (1, ABOVE))
    assert both.casts == 6


def seen_by_type(game: Compiled, z: F) -> F:
    """Return what a's candidates are worth to b of types ``z`` (n,), as a sees them (K, n)."""
    model = Bargain(game, 0, 0)
    seen = model.plan.deals[0].seen[..., 0]
    at = beliefs.coordinates(z[None], game.layout.coordinates(1))
    return np.asarray(seen[0][:, None] + sum(lean[:, None] * part for lean, part in zip(seen[1:], at, strict=True)))


def true_by_type(game: Compiled, z: F, spread: float) -> F:
    """Return the same (K, n) from the numbers themselves: weights 1 and 1 + spread z over their sum."""
    model = Bargain(game, 0, 0)
    at = deals.places(game.layout, model.plan.deals[0].level.astype(np.float64))
    values = tuple(table[1, :, TRUE] for table in model.params.tastes.value)
    pie = (1 + spread * z) / (2 + spread * z)
    weights = ({"cake": 1 - share, "pie": share} for share in pie)
    rows = (np.array([[weight[issue.id]] for issue in game.issues]) for weight in weights)
    return np.concatenate([deals.worth(row, values, at) for row in rows], axis=1)


def test_values_are_right_at_the_middle_and_at_both_ends_of_a_type() -> None:
    """With a secret weight what a sees is exact at z = -1, 0, 1, and closer in between than one line would be."""
    spread = 0.8
    game = two_issues(weight=secret(1, spread))
    z = np.linspace(-1, 1, 21)
    truth = true_by_type(game, z, spread)
    off = np.abs(seen_by_type(game, z) - truth)
    assert off[:, [0, 10, 20]].max() < 1e-12
    line = truth[:, :1] + (z + 1) / 2 * (truth[:, -1:] - truth[:, :1])
    assert 0 < off.max() < 0.45 * np.abs(line - truth).max()


def test_an_expectation_knows_of_the_bend() -> None:
    """The expected worth of a deal under a belief is the mean over types, not the worth at the mean type."""
    game = two_issues(weight=secret(1, 0.8))
    model = Bargain(game, 0, 0)
    model.step()
    view = model.principals[0].view
    mean = beliefs.expected(np.exp(beliefs.prior(np.zeros((1, 1)))), view.points)
    fine = -1 + (2 * np.arange(3000) + 1) / 3000
    of_types = beliefs.coordinates(fine[None], game.layout.coordinates(1)).mean(axis=1)
    assert mean[:, 0] == pytest.approx(of_types, abs=1e-6)
    assert mean[:, 0] == pytest.approx([-0.25, 0.25], abs=1e-9)
    tilt = pricing.tilt(game.layout, model.params, 1)
    assert tilt is not None
    assert tilt[:, 0] == pytest.approx(mean[:, 0])


@pytest.mark.parametrize(
    "of_b",
    [
        {"weight": secret(1, 0.8)},
        {"weight": secret(1, 0.8, bias=0.7), "flow": secret(-0.1, 0.2, type="resolve")},
        {"weight": secret(1, 0.8, type="zeal"), "flow": secret(-0.1, 0.2, type="resolve", bias=-0.5)},
    ],
)
def test_bent_types_play_alike_in_both_drivers(of_b: Tree) -> None:
    """Not a bit differs between a block and single draws."""
    assert differences(two_issues(**of_b), 12) == []


def test_the_middle_cast_lies_between_the_ends() -> None:
    """The last cast is the public number: of the pie's weight, one half."""
    game = two_issues(weight=secret(1, 0.8))
    _, low, high, middle = Bargain(game, 0, 0).params.tastes.weight[1, 1, :, 0]
    assert (low, middle, high) == pytest.approx((0.2 / 1.2, 0.5, 1.8 / 2.8))
