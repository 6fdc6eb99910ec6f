"""While a deal holds: breach, reopening and expiry."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules.compliance import hesitant, left_open, per_step
from tests.strategies import Tree, compiled, pie, played


def signed(**more: object) -> Tree:
    """Return a pie that is divided at once, with further keys for side b."""
    tree = pie((0.9, 0.9), window=10)
    tree["parties"][1].update(more)
    return tree


def test_a_yearly_chance_is_the_same_however_short_the_step() -> None:
    """A chance of 0.3 a year, taken in twelve months, is 0.3 after a year."""
    monthly = per_step(np.array([0.3]), 1 / 12)
    assert 1 - (1 - monthly[0]) ** 12 == pytest.approx(0.3)
    assert per_step(np.array([0.3]), 1.0)[0] == pytest.approx(0.3)


def test_who_has_no_breach_keys_never_breaks_a_deal() -> None:
    """Without a `breach` key a deal holds to the window's end."""
    found = played(signed(), 200).columns
    assert (found["breaches"] == 0).all()
    assert (found["status"] == 1).all()


def test_more_to_gain_means_more_breaches() -> None:
    """The number of breaches rises with the one-off gain from a breach."""
    counts = []
    for gain in (0.0, 2.0, 6.0):
        tree = signed(breach={"precision": 5, "gain": gain, "terms": {"pie": 0}})
        counts.append(int(played(tree, 400).columns["breaches"].sum()))
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_a_breach_that_collapses_ends_everything() -> None:
    """If every breach brings collapse, each draw with a breach ends in breakdown and none has two."""
    tree = signed(breach={"precision": 5, "gain": 4, "terms": {"pie": 0}, "collapse": 1})
    found = played(tree, 400).columns
    assert set(found["breaches"]) == {0, 1}
    assert (found["status"][found["breaches"] == 1] == 3).all()


def test_a_breach_suffered_makes_trust_worse() -> None:
    """After a breach the other's believed breach rate is multiplied by its factor."""
    from sim.agents import Bargain

    tree = signed(breach={"precision": 5, "gain": 6, "terms": {"pie": 0}})
    tree["parties"][0]["trust"] = {"breach_rate": 0.01, "after_breach": 3}
    model = Bargain(compiled(tree), 0, 0)
    while not model.over and model.state.history[1, 0] == 0:
        model.step()
    assert model.state.history[1, 0] == 1
    assert model.state.distrust[0, 0] == pytest.approx(0.03)


def test_a_duration_ends_a_deal_on_its_day() -> None:
    """A deal for two years runs out after two, and talks resume under the declared terms."""
    tree = signed()
    tree["issues"].append(
        {
            "id": "tenure",
            "label": "Tenure",
            "levels": [{"id": "short", "years": 2}, {"id": "long", "years": 9}],
            "duration": True,
            "weights": {"a": 1, "b": 1},
            "values": {"a": {"short": 1, "long": 0}, "b": {"short": 1, "long": 0}},
        }
    )
    tree["status_quo"]["terms"]["tenure"] = "long"
    tree["status_quo"]["flows"] = {"a": -0.5, "b": -0.9}
    tree["questions"] = [{"id": f"by_{t}", "text": "?", "by": t, "when": {"ever": ["expired"]}} for t in (1, 2, 3)]
    found = played(tree).columns
    assert [bool(found[f"question.by_{t}"][0]) for t in (1, 2, 3)] == [False, False, True]


def test_reopening_sends_a_deal_back_to_talks() -> None:
    """A side that would gain by new talks asks for them sooner or later; one that never may does not."""
    tree = signed(reopening={"precision": 5, "cost": 0})
    tree["questions"] = [{"id": "again", "text": "?", "by": 10, "when": {"ever": ["reopened"]}}]
    assert played(tree, 200).columns["question.again"].any()
    never = signed()
    never["questions"] = tree["questions"]
    assert not played(never, 200).columns["question.again"].any()


def test_no_choice_is_surer_than_49_in_50_a_year() -> None:
    """However much is to be gained, a month's chance compounds to 0.98 a year; a lot above it leaves nothing open."""
    month = hesitant(np.array([1.0, 0.99, 0.3]), 1 / 12)
    assert 1 - (1 - month[:2]) ** 12 == pytest.approx([0.98, 0.98])
    assert month[2] == pytest.approx(per_step(np.array([0.3]), 1 / 12)[0])
    lots = np.array([month[0] - 1e-9, month[0] + 1e-9])
    assert left_open(lots, 1 / 12).tolist() == [True, False]
