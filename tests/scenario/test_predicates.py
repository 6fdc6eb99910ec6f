"""Outcome classes and questions."""

from __future__ import annotations

import pytest

from sim.rules.types import STATUSES
from tests.strategies import Tree, pie, played


def asked(tree: Tree, when: Tree) -> bool:
    """Return the answer to a question about the end of one draw."""
    tree["questions"] = [{"id": "asked", "text": "?", "by": tree["time"]["window"], "when": when}]
    return bool(played(tree).columns["question.asked"][0])


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({}, True),
        ({"status": "agreement"}, True),
        ({"status": ["talks", "exit"]}, False),
        ({"ever": ["signed"]}, True),
        ({"ever": ["breach"]}, False),
        ({"never": ["breach", "collapse"]}, True),
        ({"never": ["signed"]}, False),
        ({"terms": {"pie": {"at_least": 0.7}}}, True),
        ({"terms": {"pie": {"at_least": 0.72}}}, False),
        ({"terms": {"pie": {"at_least": 0.7, "at_most": 0.72}}}, True),
        ({"relative": {"pie": "expanded"}}, True),
        ({"relative": {"pie": ["same", "reduced"]}}, False),
        ({"not": {"status": "talks"}}, True),
        ({"any": [{"status": "talks"}, {"status": "agreement"}]}, True),
        ({"all": [{"status": "agreement"}, {"ever": ["breach"]}]}, False),
        ({"status": "agreement", "terms": {"pie": {"at_most": 0.1}}}, False),
    ],
)
def test_a_predicate_holds_where_all_it_names_holds(when: Tree, holds: bool) -> None:
    """After Rubinstein's deal at 0.714286 each predicate says what its words say."""
    assert asked(pie(), when) is holds


def test_the_first_class_that_fits_is_the_outcome() -> None:
    """Outcome classes are read in file order, and the last one takes the rest."""
    tree = pie()
    tree["outcomes"] = [
        {"id": "talking", "label": "Talking", "when": {"status": "talks"}},
        {"id": "large", "label": "Large", "when": {"terms": {"pie": {"at_least": 0.5}}}},
        {"id": "signed", "label": "Signed", "when": {"status": "agreement"}},
        {"id": "rest", "label": "Rest", "when": {}},
    ]
    assert played(tree).columns["outcome"][0] == 1
    tree["protocol"]["first"] = "b"
    tree["parties"][0]["discount_factor"] = 0.1
    assert played(tree).columns["outcome"][0] == 2


def test_a_dated_question_is_read_at_its_date() -> None:
    """A question asked by step 1 does not see what happens later."""
    tree = pie(window=4)
    tree["third_parties"] = [{"id": "league", "label": "The league"}]
    tree["moves"] = [{"id": "grant", "label": "A grant", "by": "league", "on": 2}]
    tree["questions"] = [
        {"id": f"by_{step}", "text": "?", "by": step, "when": {"moved": ["grant"]}} for step in (1, 2, 3, 4)
    ]
    found = played(tree).columns
    assert [bool(found[f"question.by_{step}"][0]) for step in (1, 2, 3, 4)] == [False, False, True, True]
    assert STATUSES[found["status"][0]] == "agreement"
