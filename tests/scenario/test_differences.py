"""What differs in meaning between two scenarios."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario import Scenario, load
from sim.scenario.differences import differences, same_meaning, text_differences, written
from sim.scenario.leaf import Leaf
from sim.scenario.schema import leaves
from tests.scenario import examples


@pytest.fixture
def full(tmp_path: Path) -> Scenario:
    """The example that writes every key."""
    return load(examples.written(tmp_path, examples.FULL, "harbour-full"))


def changed(tmp_path: Path, old: str, new: str) -> Scenario:
    """The full example with one piece of text replaced."""
    assert old in examples.FULL
    folder = tmp_path / "changed"
    folder.mkdir(exist_ok=True)
    return load(examples.written(folder, examples.FULL.replace(old, new), "harbour-full"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "  - {id: cost, on: flow, party: host, variable: relief,",
            "  - {on: flow, variable: relief, party: host, id: cost,",
        ),
        ("label: The host\n", "label: Somebody else\n"),
        ("source: survey\n", "source: talk\n"),
        ("judgement: the usual range", "judgement: a guess"),
        ("observed: true", "observed: false"),
        ("accuracy: {beta: [8, 2], over: [0.5, 1]}", "accuracy: {over: [0.5, 1.0], beta: [8.0, 2]}"),
        ("ever: [signed, breach]", "ever: [breach, signed]"),
        ("{berth: [some, all], rent", "{berth: [all, some], rent"),
    ],
)
def test_layout_texts_and_idle_orders_mean_nothing(full: Scenario, tmp_path: Path, old: str, new: str) -> None:
    """What changes no number is no difference in meaning."""
    other = changed(tmp_path, old, new)
    assert differences(full, other) == []
    assert same_meaning(full, other)


@pytest.mark.parametrize(
    ("old", "new", "path", "kind"),
    [
        ("pert: [0.05, 0.1, 0.3]", "pert: [0.05, 0.1, 0.4]", "parties.host.discount_rate", "changed"),
        ("window: 36", "window: 40", "time.window", "changed"),
        ("deadline: 2031-12-31", "deadline: 2032-01-01", "time.deadline", "changed"),
        ("  deadline: 2031-12-31\n", "", "time.deadline", "removed"),
        (
            "private: {spread: {uniform: [0.1, 0.2]}, bias: -0.5}",
            "note: x",
            "issues.berth.values.guest.some",
            "changed",
        ),
        ("  - {id: burden, on: flow, party: guest, coefficient: -0.05}\n", "", "effects.burden", "removed"),
        ("  - {id: league, label: The league}", "  - {id: league}\n  - {id: union}", "third_parties.union", "added"),
        ("tenure: ten_years}}\ninterim", "tenure: one_year}}\ninterim", "constraints.1", "removed"),
        ("amount: -0.5}", "amount: -0.6}", "lumps.2", "added"),
        ("accepts: {strategy: constant, least: 0.4}", "accepts: going_on", "parties.guest.accepts", "changed"),
        ("[{id: none, label: No berth}, {id: some}", "[{id: some}, {id: none}", "issues.berth.levels", "order"),
        (
            "communities: {coast: 0.2}",
            "communities: {coast: 0.2, inland: 1}",
            "parties.host.audience.communities.inland",
            "added",
        ),
    ],
)
def test_each_change_is_one_path(full: Scenario, tmp_path: Path, old: str, new: str, path: str, kind: str) -> None:
    """A change of a number or of structure is found at its path of ids, with its kind."""
    other = changed(tmp_path, old, new)
    found = [(".".join(each.path), each.kind) for each in differences(full, other)]
    assert (path, kind) in found
    assert len(found) <= 2
    assert not same_meaning(full, other)


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_number_changes_unseen(full: Scenario, data: st.DataObject) -> None:
    """Whichever number is changed, there is a difference at its path exactly when the model hash changes."""
    path, leaf = data.draw(st.sampled_from(list(leaves(full))))
    other = full.model_copy(deep=True)
    target = dict(leaves(other))[path]
    object.__setattr__(target, "args", (*leaf.args[:-1], leaf.args[-1] + 0.125))
    found = differences(full, other)
    assert bool(found) is not same_meaning(full, other)
    assert found
    assert any(path.startswith(".".join(each.path[:-1])) for each in found)


def test_texts_are_compared_apart(full: Scenario, tmp_path: Path) -> None:
    """Titles, labels, sources and what was observed are found among the texts alone."""
    other = changed(tmp_path, "label: The host\n", "label: Somebody else\n")
    assert [(each.path, each.old, each.new) for each in text_differences(full, other)] == [
        (("parties.host.label",), "The host", "Somebody else")
    ]
    assert text_differences(full, full) == []


def test_the_id_of_the_whole_is_no_difference(full: Scenario) -> None:
    """Two files of the same content under two names mean the same."""
    assert differences(full, full.model_copy(update={"id": "other"})) == []


def test_values_are_written_as_in_a_file(full: Scenario) -> None:
    """Numbers, items and conditions are rendered on one line, cut where it is long."""
    assert written(Leaf(kind="discrete", args=(1, 0.5, 2, 0.5))) == "discrete [[1, 0.5], [2, 0.5]]"
    assert written(Leaf(kind="normal", args=(0, 1), within=(-1, 1))) == "normal [0, 1] within [-1, 1]"
    assert written(full.constraints[0].exclude) == "{berth: [none], rent: {at_least: 50}}"
    assert written(full.time.deadline) == "2031-12-31"
    assert len(written(full.moves[0], 40)) == 40
