"""Reading: YAML 1.2 scalars, places of keys and values, and a caret under what is wrong."""

import pickle
from pathlib import Path

import pytest
import yaml

from sim.scenario import read
from sim.scenario.faults import Fault, ScenarioError, close_to, nearest, show
from sim.scenario.read import read_text, scalar
from tests.scenario.examples import FULL


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("-1.5e-3", -0.0015),
        (".5", 0.5),
        ("2025-01-31", "2025-01-31"),
        ("1e309", float("inf")),
        ("-.inf", float("-inf")),
        ("1234567890123456789012", 1234567890123456789012.0),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    """A plain scalar has the type that the core rules of YAML 1.2 give it, and no other."""
    found = scalar(text)
    assert found == value
    assert type(found) is type(value)


def test_quoted_scalars_are_texts() -> None:
    """Whatever stands in quotes or in a block is a text."""
    tree = read_text("a: 'true'\nb: \"10\"\nc: |\n  5\n", "x").tree
    assert tree == {"a": "true", "b": "10", "c": "5\n"}


def test_places_are_those_of_the_file() -> None:
    """Every key and value is found at its line and column, behind letters of any alphabet too."""
    document = read_text("\ufeffa:\n  - {b: 1, c\u00e4: 'x'}\n  - \u00e4\u00e4: [2, 3]\r\nd: e\n", "x")
    assert document.keys["a", 0, "c\u00e4"][1:] == (2, 12)
    assert document.values["a", 0, "c\u00e4"][1:] == (2, 16)
    assert document.values["a", 1, "\u00e4\u00e4", 1][1:] == (3, 13)
    assert document.keys["d",][1:] == (4, 1)
    assert document.place(("d", "missing", 3))[1:] == (4, 4)


def test_a_fault_shows_its_line_and_a_caret() -> None:
    """A fault is written as file, line, column, sentence, the line and a caret under the place."""
    fault = read_text("a:\n\tb: 1\n".replace("\t", "  "), "x.yaml").fault(("a", "b"), "b is 1; write 2")
    assert str(fault) == "x.yaml:2:6: b is 1; write 2\n  b: 1\n     ^"


def test_a_long_line_is_cut_around_its_place() -> None:
    """A line of any length is shown as a short piece with the caret still under the place."""
    line = "x" * 5000 + "!" + "y" * 5000
    shown = str(Fault("f", 1, 5001, "here", line)).split("\n")
    assert len(shown[1]) <= 160
    assert shown[1][len(shown[2]) - 1] == "!"


def test_both_parsers_give_the_same_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PyYAML's C parser the same tree and the same places come out."""
    fast = read_text(FULL, "x")
    monkeypatch.setattr(read, "Loader", yaml.SafeLoader)
    slow = read_text(FULL, "x")
    assert slow.tree == fast.tree
    assert slow.values == fast.values
    assert slow.keys == fast.keys


def test_everything_found_while_reading_is_listed() -> None:
    """Anchors, tags, duplicates and keys that are no names are listed together."""
    text = "a: &x 1\nb: !t 2\na: 3\n4: 5\nc: *x\n<<: {d: 1}\n"
    with pytest.raises(ScenarioError) as caught:
        read_text(text, "x")
    assert [fault.line for fault in caught.value.faults] == [1, 2, 3, 4, 5, 6]


def test_errors_travel_between_processes() -> None:
    """An error keeps its faults through pickling."""
    error = ScenarioError([Fault("f", 1, 2, "s", "t")])
    assert pickle.loads(pickle.dumps(error)).faults == error.faults  # noqa: S301


def test_no_text_can_act_on_a_terminal(tmp_path: Path) -> None:
    """Control, direction and surrogate characters are spelled out in every sentence."""
    assert show("a\x1b\u202e\udc80") == "`a\\u001b\\u202e\\udc80`"
    assert len(show("x" * 500)) <= 60
    assert show(tmp_path.joinpath("a").name) == "`a`"


def test_suggestions_are_near_or_few() -> None:
    """A near name is suggested; else a few names are listed; else nothing is said."""
    assert close_to("discont_rate", ["discount_rate", "accuracy"]) == "discount_rate"
    assert nearest("zzz", ["a", "b"]) == "; write one of `a` or `b`"
    assert nearest("zzz", [f"name{i}" for i in range(100)]) == ""
    assert nearest("zzz", []) == "; there are none here"


def test_depth_is_counted() -> None:
    """Thirty-two levels are read; the thirty-third is refused where it opens."""
    read_text("[" * 32 + "]" * 32, "x")
    with pytest.raises(ScenarioError, match="nested deeper than 32") as caught:
        read_text("[" * 33 + "]" * 33, "x")
    assert caught.value.faults[0].column == 33


def test_sizes_are_counted() -> None:
    """More than 2,000 entries in one list are refused where the next one stands."""
    read_text("- 1\n" * 2000, "x")
    with pytest.raises(ScenarioError, match="more than 2000 entries") as caught:
        read_text("- 1\n" * 2001, "x")
    assert caught.value.faults[0].line == 2001
