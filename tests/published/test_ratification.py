"""The second table: Schelling's conjecture and failed ratification (Schelling 1960, Putnam 1988, Tarar 2001)."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules.types import AGREEMENT
from tests.strategies import NOTHING, Tree, pie, played


def bound(threshold: float, *, factor: float = 0.9, first: str = "a", points: int = 26) -> Tree:
    """Return a pie on a grid in which a's audience carries no share below ``threshold``."""
    tree = pie((factor, factor), first=first, points=points)
    tree["parties"][0]["audience"] = {"link": "step", "threshold": threshold}
    return tree


@pytest.mark.parametrize(("first", "share"), [("a", 0.64), ("b", 0.60)])
def test_a_bound_side_gets_more(first: str, share: float) -> None:
    """With k1 = 0.6 and d = 0.9 side a gets 1 - d(1-k1) = 0.64 as proposer and k1 = 0.60 as responder."""
    found = played(bound(0.6, first=first)).columns
    assert found["agreed.pie"][0] / 25 == pytest.approx(share, abs=1e-9)
    assert found["agreed_step"][0] == 0
    assert found["status"][0] == AGREEMENT


@pytest.mark.parametrize("first", ["a", "b"])
def test_a_slack_constraint_changes_nothing(first: str) -> None:
    """A threshold below d/(1+d) leaves the share where it is without an audience, as far as a grid can tell.

    On a grid every share within step/(1-d) is an equilibrium (van Damme, Selten & Winter 1990).
    """
    free = 1 / 1.9 if first == "a" else 0.9 / 1.9
    assert abs(played(bound(0.4, first=first, points=50)).columns["agreed.pie"][0] / 49 - free) < 0.5 / 49 / (1 - 0.9)


def test_tighter_thresholds_never_hurt_the_bound_side_until_none_is_left() -> None:
    """The bound side's share rises with its threshold, and beyond the zone there is no deal at all."""
    shares = [played(bound(k)).columns["payoff.a"][0] for k in (0.4, 0.56, 0.64, 0.8, 0.96)]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0] + 0.3
    none = bound(0.6)
    none["parties"][1]["audience"] = {"link": "step", "threshold": 0.5}
    assert played(none).columns["agreed_step"][0] == -1


def test_disjoint_win_sets_meet_at_neither_and_joint_ones_at_the_constraint() -> None:
    """With k = (0.6, 0.3) and patience near one the share is clip(1/2, k1, 1-k2) = 0.6, up to a step of the grid."""
    tree = bound(0.6, factor=0.999, first="b")
    tree["parties"][1]["audience"] = {"link": "step", "threshold": 0.3}
    assert played(tree).columns["agreed.pie"][0] / 25 == pytest.approx(0.6, abs=0.041)


def test_an_uncertain_threshold_makes_ratification_fail() -> None:
    """Against k1 uniform on [0.3, 0.7] the other side offers 0.65 and one deal in eight fails at home."""
    tree = pie((1, 1), deadline=1, window=1, points=41, offers=("bayesian", "bayesian"), breakdown=NOTHING)
    tree["protocol"] = {"kind": "one_sided", "by": "b"}
    tree["parties"][0]["audience"] = {"link": "cdf", "threshold": 0.5, "spread": 0.2}
    draws = 20_000
    found = played(tree, draws).columns
    deal = found["status"] == AGREEMENT
    assert set(found["agreed.pie"][deal]) == {26}
    assert abs((~deal).mean() - 0.125) < 3 * np.sqrt(0.125 * 0.875 / draws)
