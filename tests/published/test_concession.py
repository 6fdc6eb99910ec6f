"""Time-dependent tactics and acceptance: Faratin, Sierra & Jennings 1998; Baarslag, Hindriks & Jonker 2013."""

from __future__ import annotations

import numpy as np
import pytest

from sim.scenario import ScenarioError
from tests.strategies import NOTHING, Tree, pie, walked


def conceding(exponent: float, *, clock: str = "faratin", opening: float = 0.1) -> Tree:
    """Return a pie of which a concedes by the clock over ten rounds and b accepts nothing."""
    tree = pie((1, 1), deadline=11, window=11, breakdown=NOTHING)
    tree["protocol"] = {"kind": "one_sided", "by": "a"}
    tree["parties"][0]["offers"] = {
        "strategy": "time_dependent",
        "exponent": exponent,
        "opening": opening,
        "clock": clock,
        "until": 10,
    }
    tree["parties"][1]["accepts"] = {"strategy": "constant", "least": 1.0}
    return tree


@pytest.mark.parametrize(("exponent", "half"), [(0.2, 0.128125), (1, 0.55), (5, 0.883496)])
def test_half_way_through_the_published_part_is_conceded(exponent: float, half: float) -> None:
    """With opening 0.1, half of the time gone, Boulware concedes 0.128125, the linear rule 0.55, Conceder 0.883496."""
    given = [1 - float(record.level[0, 0]) for record in walked(conceding(exponent)).records]
    assert given[0] == pytest.approx(0.1, abs=1e-9)
    assert given[5] == pytest.approx(half, abs=1e-6)
    assert given == sorted(given)
    assert given[10] == pytest.approx(1.0, abs=1e-9)


def test_exponential_concession_grows_from_its_opening() -> None:
    """With opening 0.1, half of the time gone, exponents 0.2, 1 and 5 concede 0.134725, 0.316228 and 0.930572."""
    for exponent, half in ((0.2, 0.134725), (1, 0.316228), (5, 0.930572)):
        tree = conceding(exponent)
        tree["parties"][0]["offers"]["shape"] = "exponential"
        given = [1 - float(record.level[0, 0]) for record in walked(tree).records]
        assert given[0] == pytest.approx(0.1, abs=1e-9)
        assert given[5] == pytest.approx(half, abs=1e-6)
        assert given == sorted(given)
        assert given[10] == pytest.approx(1.0, abs=1e-9)


def test_exponential_concession_needs_an_opening() -> None:
    """From an opening of nothing it would never concede: refused, with what to write instead."""
    tree = conceding(1, opening=0)
    tree["parties"][0]["offers"]["shape"] = "exponential"
    with pytest.raises(ScenarioError, match="opening"):
        walked(tree)


def test_the_stacked_clock_starts_one_tick_in() -> None:
    """With the stacked clock round s of n concedes by (s+1)/(n+1)."""
    given = [1 - float(record.level[0, 0]) for record in walked(conceding(1, clock="stacked", opening=0)).records]
    assert np.allclose(given[:10], (np.arange(10) + 1) / 11, atol=1e-9)


@pytest.mark.parametrize(
    ("accepts", "round_"),
    [
        ({"strategy": "constant", "least": 0.7}, 1),
        ({"strategy": "next"}, 2),
        ({"strategy": "next", "margin": 0.15}, 1),
    ],
)
def test_acceptance_rules_stop_where_the_published_trace_does(accepts: Tree, round_: int) -> None:
    """Against offers 0.50, 0.70, 0.82 and own next bids 0.90, 0.85, 0.80, each rule accepts in its published round."""
    tree = pie((1, 1), deadline=21, window=4, breakdown=NOTHING)
    tree["protocol"] = {"kind": "one_sided", "by": "b"}
    tree["parties"][1]["offers"] = {"strategy": "fixed", "script": [{"pie": 0.5}, {"pie": 0.7}, {"pie": 0.82}]}
    tree["parties"][0]["accepts"] = accepts
    tree["parties"][0]["offers"] = {"strategy": "time_dependent", "exponent": 1, "opening": 0.1, "until": 18}
    assert int(walked(tree).state.agreed_step[0]) == round_
