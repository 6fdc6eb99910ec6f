"""Nash, Kalai-Smorodinsky and the others on published problems, from YAML through `parley solve --json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.cli import main
from tests.strategies import Tree, pie, share_of, written

Found = dict[str, Any]


@pytest.fixture
def solved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """A function from a scenario and options to what the command prints."""

    def solve(tree: Tree, *options: str) -> Found:
        assert main(["solve", str(written(tree, tmp_path)), "--json", *options]) == 0
        found: Found = json.loads(capsys.readouterr().out)
        return found

    return solve


def linear(top: float = 100, d1: float = 10, d2: float = 5) -> Tree:
    """Return u1 + 2 u2 = 100 with u1 up to ``top`` and d = (d1, d2), each side's utility over its range from 0 to 1.

    a's range is [0, top] and b's [(100 - top) / 2, 50]; ``money`` undoes the change of scale.
    """
    tree = pie()
    low = (100 - top) / 2
    tree["status_quo"]["flows"] = {"a": d1 / top, "b": (d2 - low) / (50 - low) - 1}
    return tree


def on_one_scale(d1: float = 10, d2: float = 5) -> Tree:
    """Return the same in hundredths for both sides: b's whole pie is worth one half."""
    tree = linear()
    tree["effects"] = [{"id": "half", "on": "weight", "party": "b", "issue": "pie", "coefficient": -0.5}]
    tree["status_quo"]["flows"] = {"a": d1 / 100, "b": d2 / 100 - 0.5}
    return tree


def averse(exponent: float) -> Tree:
    """Return a pie of which a values its share x as x to the power of ``exponent``."""
    tree = pie()
    tree["issues"][0]["values"]["a"] = {"shape": "power", "best": "high", "exponent": exponent}
    return tree


def money(pair: list[float], top: float = 100) -> list[float]:
    """Return utilities on the problem's own scale."""
    low = (100 - top) / 2
    return [pair[0] * top, low + pair[1] * (50 - low)]


def test_the_linear_problem(solved: Any) -> None:
    """Powers 0.6 and 0.4 give (58, 21); equal powers, and Kalai-Smorodinsky, (50, 25) (Nash 1950)."""
    found = solved(linear(), "--power", "0.6")
    assert money(found["disagreement"]) == pytest.approx([10, 5])
    assert money(found["asymmetric_nash"]["worth"]) == pytest.approx([58, 21], abs=1e-9)
    assert found["asymmetric_nash"]["powers"] == [0.6, 0.4]
    assert money(found["nash"]) == pytest.approx([50, 25], abs=1e-9)
    assert money(found["kalai_smorodinsky"]) == pytest.approx([50, 25], abs=1e-9)


def test_a_cap_separates_the_two(solved: Any) -> None:
    """With u1 at most 60 Nash stays at (50, 25), Kalai-Smorodinsky moves to (40.769231, 29.615385)."""
    found = solved(linear(60))
    assert money(found["nash"], 60) == pytest.approx([50, 25], abs=1e-9)
    assert money(found["kalai_smorodinsky"], 60) == pytest.approx([40.769231, 29.615385], abs=5e-7)


def test_the_egalitarian_point_hangs_on_the_scale(solved: Any) -> None:
    """With u2 = (100 - u1) / 2 on one scale for both the gains are equal at (36.666667, 31.666667)."""
    found = solved(on_one_scale())
    assert [100 * u for u in found["egalitarian"]] == pytest.approx([36.666667, 31.666667], abs=5e-7)
    assert [100 * u for u in found["nash"]] == pytest.approx([50, 25], abs=1e-9)


@pytest.mark.parametrize(("power", "share"), [("0.5", 0.333333), ("0.6", 0.428571)])
def test_risk_aversion_costs(solved: Any, power: str, share: float) -> None:
    """With u1 = sqrt(x), u2 = 1 - x the share is a r / (a r + 1 - a), r = 1/2: on the curve, not on lines along it."""
    found = solved(averse(0.5), "--power", power)
    assert found["asymmetric_nash"]["deal"]["pie"] == pytest.approx(share, abs=1e-6)
    assert found["kalai_smorodinsky"][1] == pytest.approx(1 - ((5**0.5 - 1) / 2) ** 2, abs=1e-6)
    assert found["deals_at"]["kalai_smorodinsky"]["pie"] == pytest.approx(0.381966, abs=1e-6)


def three(one: tuple[float, ...], two: tuple[float, ...]) -> Tree:
    """Return three pies with weights for each side."""
    tree = pie()
    names = ("first", "second", "third")
    tree["issues"] = [share_of(name, pair) for name, pair in zip(names, zip(one, two, strict=True), strict=True)]
    tree["status_quo"]["terms"] = dict.fromkeys(names, 0)
    return tree


def test_logrolling_splits_one_issue(solved: Any) -> None:
    """Weights (0.6, 0.3, 0.1) and (0.2, 0.3, 0.5): Nash (0.7, 0.7), the second issue split one third (Raiffa 1982)."""
    found = solved(three((0.6, 0.3, 0.1), (0.2, 0.3, 0.5)))
    assert found["nash"] == pytest.approx([0.7, 0.7], abs=1e-9)
    assert found["deals_at"]["nash"] == pytest.approx({"first": 1, "second": 1 / 3, "third": 0}, abs=1e-9)
    assert [row["worth"] for row in found["pareto"]] == [
        pytest.approx(pair, abs=1e-12) for pair in ([0, 1], [0.6, 0.8], [0.9, 0.5], [1, 0])
    ]
    assert [row["joined"] for row in found["pareto"]] == [True, True, True, False]


def test_a_vertex_is_nash_and_no_other_point(solved: Any) -> None:
    """Weights (0.6, 0.3, 0.1) and (0.2, 0.5, 0.3): Nash (0.6, 0.8); the two others (0.675, 0.675)."""
    found = solved(three((0.6, 0.3, 0.1), (0.2, 0.5, 0.3)))
    assert found["nash"] == pytest.approx([0.6, 0.8], abs=1e-9)
    assert found["kalai_smorodinsky"] == pytest.approx([0.675, 0.675], abs=1e-9)
    assert found["egalitarian"] == pytest.approx([0.675, 0.675], abs=1e-9)


def test_patience_gives_the_powers(solved: Any) -> None:
    """Rates 0.1 and 0.2 and flows (0.1, 0.3) while talking: 0.1 + 0.6 * 2/3 = 0.5 (Binmore, Rubinstein & Wolinsky)."""
    tree = pie()
    for side, rate in zip(tree["parties"], (0.1, 0.2), strict=True):
        del side["discount_factor"]
        side["discount_rate"] = rate
    tree["status_quo"]["flows"] = {"a": 0.1, "b": 0.3 - 1}
    found = solved(tree)
    assert found["asymmetric_nash"]["powers"] == pytest.approx([2 / 3, 1 / 3])
    assert found["asymmetric_nash"]["worth"] == pytest.approx([0.5, 0.5])
    assert found["disagreement_from"] == "talks"


@pytest.mark.parametrize(("first", "powers"), [("a", [2 / 3, 1 / 3]), ("b", [1 / 3, 2 / 3])])
def test_powers_follow_the_parties_in_the_order_of_the_file(solved: Any, first: str, powers: list[float]) -> None:
    """Listing b first turns every pair around."""
    tree = pie()
    for side, rate in zip(tree["parties"], (0.1, 0.2), strict=True):
        del side["discount_factor"]
        side["discount_rate"] = rate
    if first == "b":
        tree["parties"].reverse()
    found = solved(tree)
    assert found["parties"][0] == first
    assert found["asymmetric_nash"]["powers"] == pytest.approx(powers)
    assert found["asymmetric_nash"]["worth"] == pytest.approx(powers)
    assert solved(tree, "--power", "0.9")["asymmetric_nash"]["worth"] == pytest.approx([0.9, 0.1])
    assert [row["worth"][0] for row in found["pareto"]] == [0, 1]


def test_a_risk_of_collapse_makes_its_end_the_disagreement_point(solved: Any) -> None:
    """With no impatience and any risk of a collapse worth (0.1, 0.3) the Nash point is (0.4, 0.6)."""
    tree = pie((1, 1))
    tree["breakdown"] = {"chance": 0.05, "absolute": True, "flows": {"a": 0.1, "b": 0.3}}
    found = solved(tree)
    assert found["disagreement"] == pytest.approx([0.1, 0.3])
    assert found["nash"] == pytest.approx([0.4, 0.6])


@pytest.mark.parametrize(("worth", "share"), [(0.4, 0.5), (0.6, 0.4)])
def test_an_exit_is_a_constraint(solved: Any, worth: float, share: float) -> None:
    """An exit worth 0.4 to b changes nothing, one of 0.6 leaves a 0.4; neither splits the difference (BSS 1989)."""
    tree = pie((0.9, 0.9))
    tree["exits"] = [{"id": "quit", "label": "Quit", "by": "b", "absolute": True, "flows": {"a": 0, "b": worth}}]
    found = solved(tree)
    assert found["nash"] == pytest.approx([share, 1 - share])
    assert found["disagreement"] == [0, 0]
    assert found["reservation"] == pytest.approx([0, worth])


def test_an_indivisible_prize_leaves_no_zone(solved: Any) -> None:
    """All or nothing, each side's war worth 0.4: no zone, and every point is null (Fearon 1995)."""
    tree = pie((1, 1), deadline=1, points=2)
    tree["breakdown"] = {"absolute": True, "flows": {"a": 0.4, "b": 0.4}}
    found = solved(tree)
    assert found["zone_of_agreement"] is False
    assert found["disagreement_from"] == "breakdown"
    assert [found[name] for name in ("nash", "kalai_smorodinsky", "egalitarian", "utilitarian")] == [None] * 4
    assert found["deals_in_zone"] == 0
    assert found["deals"] == 2
