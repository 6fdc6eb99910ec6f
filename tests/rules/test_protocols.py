"""Strategies that answer what was heard, or leave it to chance; and when to accept."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sim.rules.strategies import accepting, zeuthen
from sim.rules.strategies.aim import Aim, Heard
from sim.rules.types import View
from sim.scenario import ScenarioError
from tests.strategies import Tree, compiled, pie, played, walked


def test_worked_claims() -> None:
    """Claims of .8 and .3: a risks .625, b .714, so a concedes to .7, where the products are the same."""
    own, other = (0.8, 0.2), (0.3, 0.7)
    limits = (own[0] - other[0]) / own[0], (other[1] - own[1]) / other[1]
    assert limits == pytest.approx((0.625, 0.714286), abs=1e-6)
    assert other[0] * other[1] == pytest.approx(0.7 * (1 - 0.7))
    one = np.ones(1)
    view = View(
        **dict.fromkeys(View._fields, 0 * one)  # type: ignore[arg-type]
        | {"own": np.linspace(0, 1, 11)[:, None], "seen": np.stack([np.linspace(1, 0, 11)[:, None]] * 2)}
        | {"exit": -np.inf * one}
    )
    memory = Heard(
        asked=0.8 * one, last=0.3 * one, before=0.2 * one, best=0.3 * one, conceded=0.2 * one, theirs=0.7 * one
    )
    aim = Aim(**dict.fromkeys(Aim._fields) | {"memory": memory})  # type: ignore[arg-type]
    assert float(view.own[zeuthen.offer(view, aim).segment[0], 0]) == pytest.approx(0.7)


def test_tit_for_tat_gives_back_what_it_got() -> None:
    """Against a side that concedes a tenth in each of its turns, one with reciprocity r concedes r tenths in each."""
    for reciprocity in (1.0, 0.5):
        tree = pie((1, 1), offers=("equilibrium", "equilibrium"), window=12)
        tree["parties"][0]["offers"] = {"strategy": "tit_for_tat", "reciprocity": reciprocity}
        script = [{"pie": round(0.05 * k, 2)} for k in range(12)]
        tree["parties"][1]["offers"] = {"strategy": "fixed", "script": script}
        for one in tree["parties"]:
            one["accepts"] = {"strategy": "constant", "least": 2}
        model = walked(tree)
        asks = [float(r.level[0, 0]) for r in model.records if r.proposer[0] == 0]
        assert asks[:2] == pytest.approx([1.0, 1.0])
        assert np.diff(asks[1:]) == pytest.approx(np.full(len(asks) - 2, -0.1 * reciprocity))


def test_offers_by_lot_are_worth_at_least_a_refusal_and_spread() -> None:
    """Every candidate that is worth a refusal is offered sometimes, none that is not."""
    tree = pie((0.5, 0.5), offers=("random", "random"), points=11, window=1, deadline=1)
    for one in tree["parties"]:
        one["accepts"] = {"strategy": "constant", "least": -1}
    agreed = played(tree, 4096).columns["agreed.pie"]
    levels, counts = np.unique(agreed, return_counts=True)
    assert len(levels) == 11
    assert counts.min() > 250


def answers(rule: object, offers: list[float], until: int | None = None) -> int:
    """Return the round in which a side with an acceptance rule takes one of a script of offers (-1: never)."""
    window = len(offers)
    tree = pie((1, 1), window=window, deadline=window)
    tree["protocol"] = {"kind": "one_sided", "by": "a"}
    tree["parties"][0]["offers"] = {"strategy": "fixed", "script": [{"pie": round(1 - x, 6)} for x in offers]}
    own = {"strategy": "time_dependent", "exponent": 1, **({"until": until} if until else {})}
    tree["parties"][1].update(offers=own, accepts=rule)
    return int(walked(tree).state.agreed_step[0])


def test_acceptance_by_the_clock() -> None:
    """AC_time takes anything from its hour on; AC_combi then takes what equals the best it ever heard."""
    offers = [0.30, 0.20, 0.25, 0.10, 0.05, 0.30, 0.02, 0.01]
    assert answers({"strategy": "time", "after": 0.5}, offers) == 4
    assert answers({"strategy": "combi", "after": 0.5}, offers) == 5


def test_aspiration_holds_out_by_the_clock() -> None:
    """A linear conceder over eight rounds takes .7 in round 3, when it asks for .625, and not before."""
    assert answers("aspiration", [0.7] * 8) == 3


def test_optimal_stopping_takes_what_beats_another_draw() -> None:
    """With n offers to come the bar is v_n: 0.625 with two to come, 0.5 with one (Baarslag & Hindriks 2013)."""
    assert answers("optimal_stopping", [0.624, 0.51, 0.2]) == 1
    assert answers("optimal_stopping", [0.626, 0.51, 0.2]) == 0
    assert answers("optimal_stopping", [0.6, 0.49, 0.2]) == 2


def standing_claims(conceded: float, theirs: float, conflict: float, keep: float) -> tuple[View, Aim]:
    """Return what a side sees of two claims, worth so much to the other, and the other's patience."""
    one = np.ones(1)
    unsaid = np.full(1, np.nan)
    memory = Heard(unsaid, unsaid, unsaid, unsaid, conceded * one, theirs * one)
    view = View(**dict.fromkeys(View._fields, 0 * one) | {"conflict": conflict * one})  # type: ignore[arg-type]
    more = {"memory": memory, "others_discount": keep * one, "risk": 0 * one}
    return view, Aim(**dict.fromkeys(Aim._fields) | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("conceded", "theirs", "conflict", "keep"), [(0, 1, -1.5, 0.9), (0.3, 0.7, 0.2, 0.98)])
def test_giving_in_leaves_the_other_indifferent(conceded: float, theirs: float, conflict: float, keep: float) -> None:
    """One more round of holding out is worth to the other just what it has by giving in now."""
    chance = float(accepting.giving_in(*standing_claims(conceded, theirs, conflict, keep))[0])
    assert 0 < chance < 1
    wait = (1 - keep) * conflict + keep * (chance * theirs + (1 - chance) * conceded)
    assert wait == pytest.approx(conceded)


@pytest.mark.parametrize(
    ("conceded", "theirs", "conflict", "chance"),
    [(0.1, 1, 0.2, 1), (0.5, 0.5, 0, 1), (0.5, 0.51, 0, 1), (np.nan, 1, 0, 0), (0.5, np.nan, 0, 0)],
)
def test_where_nobody_can_be_kept_waiting(conceded: float, theirs: float, conflict: float, chance: float) -> None:
    """Who faces a side that never gives in, or that has next to nothing to win, gives in; who knows no claim waits."""
    assert accepting.giving_in(*standing_claims(conceded, theirs, conflict, 0.9))[0] == chance


def test_nobody_gives_in_to_what_is_worse_than_no_agreement() -> None:
    """A claim that leaves a side less than the stalemate is held out against for ever."""
    tree = pie((0.9, 0.9), window=200)
    tree["protocol"] = "simultaneous"
    tree["status_quo"]["flows"] = {"a": 0.3, "b": -1.2}
    for one, asked in zip(tree["parties"], (1, 0.2), strict=True):
        one.update(offers={"strategy": "fixed", "script": [{"pie": asked}]}, accepts="attrition")
    found = played(tree, 500).columns
    assert set(found["agreed.pie"][found["agreed_step"] >= 0]) == {1.0}
    assert (found["agreed_step"] >= 0).all()


def test_a_war_of_attrition_needs_two_standing_claims() -> None:
    """Turn about there is one offer at a time, and a party that sees badly knows nothing of the other's stalemate."""
    tree = pie((0.9, 0.9))
    tree["parties"][0]["accepts"] = "attrition"
    with pytest.raises(ScenarioError, match="attrition compares two standing offers; write `protocol: simultaneous`"):
        compiled(tree)
    tree["protocol"] = "simultaneous"
    tree["parties"][0]["accuracy"] = 0.5
    tree["parties"][0]["offers"] = "bayesian"
    with pytest.raises(ScenarioError, match="attrition weighs what conflict costs the other, which it must know"):
        compiled(tree)


def test_a_war_of_attrition_needs_somebody_who_loses_by_waiting() -> None:
    """Where both are in no hurry and nothing can break down, there is nothing to wear out, and the file is refused."""
    tree = pie((1, 1))
    tree["protocol"] = "simultaneous"
    for one, asked in zip(tree["parties"], (1, 0), strict=True):
        one.update(offers={"strategy": "fixed", "script": [{"pie": asked}]}, accepts="attrition")
    with pytest.raises(ScenarioError, match="nobody loses anything by waiting; set a discount_rate above 0"):
        compiled(tree)
    compiled({**tree, "breakdown": {**tree["breakdown"], "chance": 0.1}})
    tree["parties"][1]["discount_factor"] = 0.9
    compiled(tree)


def test_tit_for_tat_answers_a_concession_once() -> None:
    """Where the lot lets a side speak twice in a row, it gives nothing more until it has heard something new."""
    tree = pie((1, 1), offers=("tit_for_tat", {"strategy": "time_dependent", "exponent": 1}), window=12, points=41)
    tree["protocol"] = {"kind": "random"}
    for one in tree["parties"]:
        one["accepts"] = {"strategy": "constant", "least": 2}
    twice = 0
    for draw in range(4):
        records = walked(tree, draw=draw).records
        for before, after in pairwise(records):
            if before.proposer[0] == after.proposer[0] == 0:
                assert after.worth[0, 0] == before.worth[0, 0]
                twice += before.worth[0, 0] < 1
    assert twice > 0


def test_who_would_offer_nothing_does_not_take_less_than_a_refusal() -> None:
    """AC_next without an offer of one's own compares with what a refusal leaves, here talks worth 0.7."""
    tree = pie((0.9, 0.8), window=6, offers=("equilibrium", "bayesian"))
    tree["parties"][0]["offers"] = {"strategy": "fixed", "script": [{"pie": 1}]}
    tree["parties"][1]["accepts"] = "next"
    tree["status_quo"] = {"terms": {"pie": 0.5}, "flows": {"a": 0.4, "b": 0.2}}
    assert walked(tree).state.agreed_step[0] == -1


def stacked(**more: object) -> Tree:
    """Return a pie of eleven points, six rounds of stacked alternating offers, both conceding in a straight line."""
    tree = pie((1, 1), points=11, window=6, deadline=6)
    tree["protocol"] = {"kind": "stacked_alternating", "first": "a"}
    for one in tree["parties"]:
        one.update(offers={"strategy": "aspiration", "exponent": 1}, accepts="aspiration")
    return tree | more


def test_stacked_offers_take_any_strategy_that_goes_by_the_clock() -> None:
    """A script, a lot and a time-dependent side can sit at that table too; the standing offer is what is answered."""
    tree = stacked()
    tree["parties"][0].update(
        offers={"strategy": "fixed", "script": [{"pie": 1}, {"pie": 0.9}, {"pie": 0.3}]},
        accepts={"strategy": "constant", "least": 0.5},
    )
    tree["parties"][1].update(
        offers={"strategy": "fixed", "script": [{"pie": 0.1}, {"pie": 0.5}]},
        accepts={"strategy": "constant", "least": 2},
    )
    model = walked(tree)
    assert int(model.state.agreed_step[0]) == 2  # b's second offer, made in round 1
    assert [round(float(r.level[0, 0]), 1) for r in model.records[:2]] == [10.0, 9.0]
    assert not model.records[2].made[0]


def test_a_side_with_nothing_to_gain_offers_its_best() -> None:
    """Where a reservation lies above the best deal, that deal is offered in every round and nothing is accepted."""
    tree = stacked(breakdown={"absolute": True, "flows": {"a": 1.5, "b": 0}})
    model = walked(tree)
    assert [float(r.worth[0, 0]) for r in model.records] == [1.0] * 6
    assert int(model.state.agreed_step[0]) == -1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time": {"step": "round", "window": 6}}, "need a number of rounds"),
        ({"time": {"step": "round", "window": 6, "deadline": 6, "at_deadline": "status_quo"}}, "the breakdown point"),
        ({"protocol": {"kind": "alternating", "first": "a"}}, "belong to the protocol stacked_alternating"),
        ({"protocol": {"kind": "stacked_alternating", "first": "c"}}, "c"),
    ],
)
def test_what_cannot_be_played_stacked_is_refused(change: Tree, words: str) -> None:
    """The protocol needs an end that leaves the breakdown point, and aspiration needs the protocol."""
    with pytest.raises(ScenarioError, match=words):
        compiled(stacked(**change))


@pytest.mark.parametrize(("key", "name"), [("offers", "bayesian"), ("offers", "tit_for_tat"), ("accepts", "going_on")])
def test_nobody_plans_under_stacked_offers(key: str, name: str) -> None:
    """Strategies that look ahead or back are refused there, with one that fits."""
    tree = stacked()
    tree["parties"][0].update(offers={"strategy": "time_dependent", "exponent": 1})
    tree["parties"][0][key] = name
    with pytest.raises(ScenarioError, match=f"{name} looks ahead or back"):
        compiled(tree)


def test_aspiration_needs_deals_that_can_be_counted() -> None:
    """A continuous issue has no lowest deal above an aspiration to be found by looking at all of them."""
    tree = stacked(issues=pie()["issues"])
    with pytest.raises(ScenarioError, match="must be countable"):
        compiled(tree)
