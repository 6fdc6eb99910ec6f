"""Interim deals: some issues agreed while talks on the rest go on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.strategies import Tree, party, played, walked


def coexistence(aid: float = 0.3, gates: float = 0.3, *, interim: bool = True, **more: Any) -> Tree:
    """Return a host with gates to open and a guest with aid to give, over a base on which no deal is possible.

    Aid is worth ``aid`` to the host and costs the guest 0.1, open gates are worth ``gates`` to the guest and cost the
    host 0.1, all of the best-minus-worst flow.
    """

    def issue(name: str, host: float, guest: float) -> Tree:
        weights = {"host": abs(host), "guest": abs(guest)}
        best = {"host": host > 0, "guest": guest > 0}
        values = {side: {"no": int(not up), "yes": int(up)} for side, up in best.items()}
        return {"id": name, "levels": [{"id": "no"}, {"id": "yes"}], "weights": weights, "values": values}

    return {
        "format_version": 1,
        "id": "coexistence",
        "title": "Aid and gates",
        "summary": "A base on which nobody agrees, aid and gates on which they may.",
        "time": {"step": "month", "window": 12, "look_ahead": 3},
        "protocol": {"kind": "alternating", "first": "host"},
        "parties": [
            party(name, "equilibrium", {"strategy": "constant", "least": 5}, discount_rate=0.1)
            for name in ("guest", "host")
        ],
        "issues": [issue("aid", aid, -0.1), issue("gates", -0.1, gates), issue("base", -0.5, 0.5)],
        "status_quo": {"terms": {"aid": "no", "gates": "no", "base": "no"}, "flows": {}},
        "outcomes": [
            {"id": "uneasy", "when": {"status": "interim", "terms": {"aid": "yes", "gates": "yes"}}},
            {"id": "other", "when": {}},
        ],
        **({"interim": {"terms": {"aid": ["no", "yes"], "gates": ["no", "yes"]}}} if interim else {}),
        **more,
    }


def test_what_both_prefer_while_they_talk_is_agreed_and_holds() -> None:
    """Aid against open gates serves both, so it is in force from the first round, and no deal is ever signed."""
    model = walked(coexistence())
    first = model.records[0]
    assert first.interim[0] == 1
    assert model.compiled.terms_of(first.interim_level[:, 0]) == {"aid": "yes", "gates": "yes", "base": "no"}
    assert all(record.interim[0] == -1 for record in model.records[1:])
    assert model.state.interim[0]
    assert model.state.agreed_step[0] == -1
    assert (played(coexistence()).columns["outcome"] == 0).all()


def test_the_status_quo_becomes_those_terms() -> None:
    """From then on both have the flow of the interim terms: 0.3 for what they get, -0.1 for what they give."""
    with_, without = walked(coexistence()).state, walked(coexistence(interim=False)).state
    gain = with_.payoff[:, 0] - without.payoff[:, 0]
    assert gain == pytest.approx(np.full(2, 0.2 / 0.9), abs=1e-9)


def test_nothing_is_agreed_that_one_side_would_rather_not_have() -> None:
    """Where gates are worth less to the guest than the aid costs, nothing can be exchanged."""
    model = walked(coexistence(gates=0.05))
    assert all(record.interim[0] == -1 for record in model.records)
    assert not model.state.interim[0]


def test_constraints_bind_interim_deals_too() -> None:
    """Terms that cannot stand together cannot be agreed ahead."""
    tree = coexistence(constraints=[{"exclude": {"aid": "yes", "gates": "yes"}}])
    assert not walked(tree).state.interim[0]


def test_a_side_falls_back_when_talks_are_worth_more_without() -> None:
    """Once a move has made aid worthless to the host, it goes back to closed gates, and says so."""
    tree = coexistence(third_parties=[{"id": "gulf"}], moves=[{"id": "riches", "by": "gulf", "on": 6}])
    terms = {"aid": "yes"}
    tree["effects"] = [
        {"id": "rich", "on": "flow", "party": "host", "move": "riches", "coefficient": -0.4, "terms": terms}
    ]
    model = walked(tree)
    assert [t for t, record in enumerate(model.records) if record.revoked[0] >= 0] == [6]
    assert model.layout.sides[int(model.records[6].revoked[0])] == "host"
    assert model.compiled.terms_of(model.state.footing.level[:, 0])["gates"] == "no"
    assert dict(zip(("interim", "revoked"), model.state.history[6:8, 0].tolist(), strict=True)) == {
        "interim": 1,
        "revoked": 1,
    }


def test_a_wrong_picture_makes_for_offers_that_are_turned_down() -> None:
    """A proposer that misreads the other's weights proposes what the other does not want, in some draws."""
    tree = coexistence(aid=0.09, gates=0.3)
    for one in tree["parties"]:
        one.update(offers="bayesian", accuracy=0.0)
    for issue in tree["issues"][:2]:
        issue["levels"].append({"id": "more"})
        tree["interim"]["terms"][issue["id"]].append("more")
        for side in ("host", "guest"):
            issue["values"][side]["more"] = 0.5
    replies = [record.interim[0] for draw in range(12) for record in walked(tree, draw=draw).records]
    assert 0 in replies
    assert 1 in replies


def test_a_lump_is_paid_when_it_is_agreed() -> None:
    """A cost of meeting is borne once, and counts when the step is weighed."""
    cost = {"on": "interim", "party": "guest", "amount": -0.1}
    paid = walked(coexistence(lumps=[cost])).state.payoff[:, 0] - walked(coexistence()).state.payoff[:, 0]
    host = 1  # sides are sorted by id
    patience = np.exp(-0.1 / 12)
    assert paid[1 - host] == pytest.approx(-0.1 * (1 - patience) * 12, abs=1e-12)
    assert paid[host] == 0.0
    assert not walked(coexistence(lumps=[{**cost, "amount": -9}])).state.interim[0]


def test_a_failed_vote_is_no_round_without_a_deal() -> None:
    """Where both propose, a vote that fails on either offer leaves no room for an interim deal in that round."""
    tree = coexistence(protocol="simultaneous")
    for one in tree["parties"]:
        one["audience"] = {"link": "step", "threshold": 5}
        one["accepts"] = {"strategy": "constant", "least": -5}
    tree["parties"][0]["accepts"] = {"strategy": "constant", "least": 5}
    for one, base in zip(tree["parties"], ("yes", "no"), strict=True):
        one["offers"] = {"strategy": "fixed", "script": [{"aid": "no", "gates": "no", "base": base}]}
    records = walked(tree).records
    assert all(record.ratified[0] == 0 and record.interim[0] == -1 for record in records)
    assert {int(record.answer[0]) for record in records} == {0, 1}
