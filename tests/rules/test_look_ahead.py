"""Looking ahead: only one thing is changed, and the first offer or answer moves as theory says."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from sim.agents import Bargain
from sim.rules.settling import Values, settle
from sim.rules.stationary import Standstill
from tests.strategies import Tree, compiled, pie, ultimatum

STRATEGIES = ["equilibrium", "bayesian"]


def first(tree: Tree) -> float:
    """Return a's share in the first offer that is made."""
    model = Bargain(compiled(tree), 0, 0)
    while not model.over:
        model.step()
        if model.records[-1].made[0]:
            return float(model.records[-1].level[0, 0])
    return float("nan")


def base(offers: str, **more: Any) -> Tree:
    """Return a pie over which two moderately patient sides talk at some cost, a first."""
    tree = pie((0.9, 0.9), offers=(offers, offers), window=6, **more)
    tree["status_quo"] = {"terms": {"pie": 0}, "flows": {"a": 0.1, "b": -0.9}}
    tree["breakdown"] = {"chance": 0.0, "absolute": True, "flows": {"a": 0, "b": 0}}
    return tree


def changed(tree: Tree, **change: Any) -> Tree:
    """Return a copy with numbers set by dotted paths written with double underscores."""
    tree = copy.deepcopy(tree)
    for path, value in change.items():
        at: Any = tree
        *way, last = path.split("__")
        for part in way:
            at = at[int(part)] if part.isdigit() else at.setdefault(part, {})
        at[last] = value
    return tree


@pytest.mark.parametrize("offers", STRATEGIES)
@pytest.mark.parametrize("first_mover", ["a", "b"])
def test_only_patience_is_changed(offers: str, first_mover: str) -> None:
    """A more patient side gets more of the first offer, whoever makes it; facing a more patient one it gets less."""
    tree = base(offers, first=first_mover)
    share = first(tree)
    assert first(changed(tree, parties__0__discount_factor=0.95)) > share + 1e-3
    assert first(changed(tree, parties__1__discount_factor=0.95)) < share - 1e-3


@pytest.mark.parametrize("offers", STRATEGIES)
def test_only_the_hazard_is_changed(offers: str) -> None:
    """A hazard of collapse hurts more whoever would lose more by it."""
    tree = base(offers)
    risky = changed(tree, breakdown__chance=0.2)
    share = first(risky)
    assert first(changed(risky, breakdown__flows={"a": -0.5, "b": 0})) < share - 1e-3
    assert first(changed(risky, breakdown__flows={"a": 0, "b": -0.5})) > share + 1e-3


@pytest.mark.parametrize("offers", STRATEGIES)
@pytest.mark.parametrize("factor", [0.9, 1.0])
@pytest.mark.parametrize(
    "protocol", [{"kind": "alternating", "first": "a"}, {"kind": "one_sided", "by": "a"}, "random"]
)
def test_a_certain_collapse_makes_each_offer_an_ultimatum(offers: str, factor: float, protocol: Any) -> None:
    """Where no exit is open and the first refusal ends all, the other gets (1-d) q + d B, and not a bit more."""
    tree = pie((factor, factor), offers=(offers, offers), window=2)
    tree["protocol"] = protocol
    tree["breakdown"] = {"chance": 1, "absolute": True, "flows": {"a": 0.1, "b": 0.3}}
    model = Bargain(compiled(tree), 0, 0)
    model.play()
    by_a = model.records[0].proposer[0] == 0
    assert model.state.agreed[0, 0] == pytest.approx(1 - 0.3 * factor if by_a else 0.1 * factor, abs=1e-9)


@pytest.mark.parametrize("offers", STRATEGIES)
def test_only_the_flow_of_the_talks_is_changed(offers: str) -> None:
    """Better terms while the talks go on are a better bargaining position."""
    tree = base(offers)
    share = first(tree)
    assert first(changed(tree, status_quo__flows={"a": 0.3, "b": -0.9})) > share + 1e-3
    assert first(changed(tree, status_quo__flows={"a": 0.1, "b": -0.7})) < share - 1e-3


@pytest.mark.parametrize("offers", STRATEGIES)
def test_only_the_expected_path_is_changed(offers: str) -> None:
    """If the other's talks are expected to grow worse, the first offer gives it less; if better, more."""
    tree = base(offers)
    tree["variables"] = [{"id": "tide", "label": "Tide", "bounds": [-1, 1], "start": 0, "mean": 0, "reversion": 1}]
    tree["effects"] = [
        {"id": "wash", "on": "flow", "party": "b", "variable": "tide", "coefficient": 0.3, "status": "talks"}
    ]
    share = first(tree)
    assert first(changed(tree, variables__0__mean=-1)) > share + 1e-3
    assert first(changed(tree, variables__0__mean=1)) < share - 1e-3


@pytest.mark.parametrize("offers", STRATEGIES)
def test_only_trust_is_changed(offers: str) -> None:
    """A side that expects the other to break the deal, and to be worse off then, asks for more before it signs.

    If a breach only led back to the status quo, gains would shrink in proportion and the share would stay as it is.
    """
    tree = base(offers, first="b")
    back = first(changed(tree, parties__0__trust={"breach_rate": 0.05}))
    assert back == pytest.approx(first(tree), abs=1e-9)
    tree["status_quo"] = {"terms": {"pie": 0.1}, "flows": {"b": -0.8}}
    tree["parties"][1]["breach"] = {"precision": 1, "gain": 0, "terms": {"pie": 0}}
    share = first(tree)
    assert first(changed(tree, parties__0__trust={"breach_rate": 0.05})) > share + 1e-3


@pytest.mark.parametrize("offers", STRATEGIES)
def test_only_an_exit_is_changed(offers: str) -> None:
    """An exit better than what one would get moves the first offer towards its owner, a worse one not at all."""
    tree = base(offers)
    share = first(tree)
    way_out = {"id": "quit", "label": "Quit", "by": "b", "terms": {}, "flows": {"a": 0, "b": 0.7}, "absolute": True}
    assert first({**tree, "exits": [way_out]}) == pytest.approx(0.3, abs=1e-9)
    assert first({**tree, "exits": [{**way_out, "flows": {"a": 0, "b": 0.2}}]}) == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize("spread", [0.05, 0.1, 0.2])
def test_only_the_prior_is_changed(spread: float) -> None:
    """Against a wider range of costs with the same lowest one, the demand of an ultimatum does not fall."""
    narrow = first(ultimatum(0.1, 0.1 + spread))
    wide = first(ultimatum(0.1, 0.1 + 2 * spread))
    assert wide >= narrow - 1e-9


def test_only_the_exponent_is_changed() -> None:
    """A Boulware side holds out longer than a Conceder, which shows in what it asks half way."""
    asks = []
    for exponent in (0.2, 1.0, 5.0):
        tree = base("equilibrium")
        tree["protocol"] = {"kind": "one_sided", "by": "a"}
        tree["parties"][0]["offers"] = {"strategy": "time_dependent", "exponent": exponent, "opening": 0.1, "until": 6}
        tree["parties"][1]["accepts"] = {"strategy": "constant", "least": 1.0}
        model = Bargain(compiled(tree), 0, 0)
        model.play()
        asks.append(float(model.records[3].level[0, 0]))
    assert asks == sorted(asks, reverse=True)
    assert asks[0] > asks[2] + 0.1


def test_learning_lowers_what_is_asked_after_a_refusal() -> None:
    """After a refusal the other is known to be of a tougher type, and the next demand is lower."""
    tree = ultimatum(0, 0.4)
    tree["time"] = {"step": "round", "window": 3, "deadline": 3}
    for one in tree["parties"]:
        one["discount_factor"] = 0.9
    tree["parties"][1]["accepts"] = {"strategy": "constant", "least": 0.9}
    model = Bargain(compiled(tree), 0, 0)
    model.play()
    asks = [float(record.level[0, 0]) for record in model.records if record.made[0]]
    assert len(asks) == 3
    assert asks[-1] < asks[0]


@pytest.mark.parametrize("meetings", [None, 0.5])
@pytest.mark.parametrize(
    "protocol",
    [
        {"kind": "alternating", "first": "a"},
        {"kind": "one_sided", "by": "b"},
        {"kind": "random"},
        {"kind": "random", "recognition": {"a": 0.2, "b": 0.8}},
        {"kind": "simultaneous"},
    ],
)
def test_where_nothing_is_private_all_think_alike_of_the_rounds_without_end(
    protocol: Any, meetings: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A side's stationary value is what the other thinks it is, and no type of the other expects anything else."""
    solve = Standstill.solve
    found: list[Values] = []

    def watched(game: Standstill) -> Values:
        found.append(solve(game))
        return found[-1]

    monkeypatch.setattr(Standstill, "solve", watched)
    tree = pie((0.9, 0.95), window=1)
    tree["protocol"] = protocol if meetings is None else protocol | {"meetings": meetings}
    Bargain(compiled(tree), 0, 0).play()
    one, two = found
    for values, others in ((one, two), (two, one)):
        assert values.own == pytest.approx(values.prior, abs=1e-9)
        assert values.other == pytest.approx(others.own, abs=1e-9)
        assert values.points == pytest.approx(np.broadcast_to(values.other, values.points.shape), abs=1e-9)


def test_settle_finds_the_point_where_the_demand_is_just_met() -> None:
    """On the segment from (0, 1) to (1, 0) a demand of 0.3 leaves 0.7; an impossible one leaves nothing."""
    one, two = np.array([[0.0], [1.0]]), np.array([[1.0], [0.0]])
    joined = np.array([[1.0], [0.0]])
    deal = settle(one, two, np.array([0.3]), joined)
    assert deal.first[0] == pytest.approx(0.7)
    assert deal.second[0] == pytest.approx(0.3)
    assert not settle(one, two, np.array([1.1]), joined).made[0]
    assert settle(one, two, np.array([0.3]), None).first[0] == 0.0
