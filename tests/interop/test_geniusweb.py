"""GeniusWeb profiles: utilities and reservation bids as they say, numbers laid out, and what is unclear refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.cli import main
from sim.interop import geniusweb
from sim.scenario import ScenarioError, load
from tests.interop.samples import utilities


def profile(**changes: Any) -> dict[str, Any]:
    """Return a profile with one issue of names and one of numbers."""
    space = {
        "name": "seller",
        "domain": {
            "name": "market",
            "issuesValues": {"Colour": {"values": ["red", "blue"]}, "Price": {"range": ["0.1", "0.7", "0.2"]}},
        },
        "issueUtilities": {
            "Colour": {"discreteutils": {"valueUtilities": {"blue": 0.4, "red": 0.9}}},
            "Price": {"numberutils": {"lowValue": 0.1, "lowUtility": 0.2, "highValue": 0.7, "highUtility": 0.8}},
        },
        "issueWeights": {"Price": 0.75, "Colour": 0.25},
        "reservationBid": {"issuevalues": {"Price": "0.3", "Colour": "blue"}},
        **changes,
    }
    return {"LinearAdditiveUtilitySpace": space}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the profiles a.json and b.json, indented by tabs; it is the current one."""
    monkeypatch.chdir(tmp_path)
    for name in "ab":
        (tmp_path / f"{name}.json").write_text(json.dumps(profile(), indent="\t"), encoding="utf-8")
    return tmp_path


def test_utilities_are_weighted_sums(desk: Path) -> None:
    """Worth is sum w u_k, numbers on a straight line between two; the reservation is what its bid is worth."""
    assert main(["import", "geniusweb", "a.json", "b.json", "-o", "market.yaml", "-q"]) == 0
    wanted = [0.25 * colour + 0.75 * price for colour in (0.9, 0.4) for price in (0.2, 0.4, 0.6, 0.8)]
    assert utilities("market.yaml", 0) == pytest.approx(wanted, abs=1e-12)
    scenario = load("market.yaml")
    assert scenario.breakdown is not None
    assert scenario.breakdown.flows["a"].args[0] == pytest.approx(0.25 * 0.4 + 0.75 * 0.4, abs=1e-12)
    assert scenario.issues[1].levels is not None
    assert [level.label for level in scenario.issues[1].levels][:-1] == ["0.1", "0.3", "0.5", "0.7"]
    assert main(["check", "market.yaml", "-q"]) == 0
    assert main(["trace", "market.yaml", "-q"]) == 0
    assert desk.is_dir()


def test_the_way_there_and_back(desk: Path) -> None:
    """import(export(x)) has the same deals, utilities, reservations and discount factors as x, to 1e-12."""
    first = geniusweb.read((desk / "a.json", desk / "b.json"))
    assert main(["import", "geniusweb", "a.json", "b.json", "-o", "market.yaml", "-q"]) == 0
    assert main(["export", "geniusweb", "market.yaml", "-o", "out", "-q"]) == 0
    again = geniusweb.read((desk / "out" / "profile-a.json", desk / "out" / "profile-b.json"))
    assert again.issues == first.issues
    for one, two in zip(first.profiles, again.profiles, strict=True):
        assert two.weights == pytest.approx(one.weights, abs=1e-12)
        assert two.worth == tuple(pytest.approx(values, abs=1e-12) for values in one.worth)
        assert two.reservation == pytest.approx(one.reservation, abs=1e-12)


NUMBERS = {"lowValue": 0.1, "lowUtility": 0.2, "highValue": 0.7, "highUtility": 1.8}
UNCLEAR: dict[str, tuple[Any, str]] = {
    "another kind of space": ({"SumOfGroupsUtilitySpace": {}}, "no LinearAdditiveUtilitySpace"),
    "weights that miss 1": (profile(issueWeights={"Price": 0.7, "Colour": 0.25}), "the weights sum to 0.95"),
    "an issue without weight": (profile(issueWeights={"Price": 1}), "`Colour` stands in one"),
    "an issue of no domain": (profile(issueWeights={"Price": 0.7, "Colour": 0.2, "Size": 0.1}), "`Size` stands in one"),
    "a bid on nothing": (profile(reservationBid={"issuevalues": {"Price": "0.2"}}), "no value `0.2` of `Price`"),
    "two reservations": (profile(reserved_value=0.3), "keep one"),
    "a utility above 1": (
        profile(
            issueUtilities={
                **profile()["LinearAdditiveUtilitySpace"]["issueUtilities"],
                "Price": {"numberutils": NUMBERS},
            }
        ),
        "must lie in [0, 1]",
    ),
    "a text for a number": (profile(issueWeights={"Price": "much", "Colour": 0.25}), "must be a number"),
    "a list": ([1, 2], "no LinearAdditiveUtilitySpace"),
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_what_is_unclear_is_refused(name: str, desk: Path) -> None:
    """A profile that leaves something open, or breaks GeniusWeb's own rules, is refused with one sentence."""
    tree, words = UNCLEAR[name]
    (desk / "b.json").write_text(json.dumps(tree), encoding="utf-8")
    with pytest.raises(ScenarioError) as found:
        geniusweb.read((desk / "a.json", desk / "b.json"))
    assert len(found.value.faults) == 1
    assert words in str(found.value)


HOSTILE = {
    "a key twice": ('{"a": 1, "a": 2}', "stands twice"),
    "half a file": ('{"a": [1,\n', "no well-formed JSON"),
    "depth": ("[" * 200_000, "too deeply"),
    "size": (" " * (2 << 20), "larger than"),
    "no number": ('{"a": NaN}', "NaN"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_json_is_refused(name: str, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each gets one sentence with the file's name and exit code 2."""
    text, words = HOSTILE[name]
    (desk / "a.json").write_text(text, encoding="utf-8")
    assert main(["import", "geniusweb", "a.json", "b.json", "-o", "x.yaml"]) == 2
    err = capsys.readouterr().err
    assert "a.json:" in err
    assert words in err
    assert not (desk / "x.yaml").exists()
