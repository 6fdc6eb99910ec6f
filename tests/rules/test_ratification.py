"""How audiences carry a deal."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules import ratification
from sim.rules.types import F
from tests.strategies import compiled, pie


def chance(support: list[float], **audience: object) -> F:
    """Return the chance that an audience of side a carries deals with such support."""
    tree = pie(points=21)
    tree["parties"][0]["audience"] = {"threshold": 0.5, **audience}
    game = compiled(tree)
    rows = np.repeat(np.array(support)[:, None], 1024, axis=1)
    none = np.zeros((0, *rows.shape))
    return ratification.chance(game.layout, game.params(0, 0), 0, rows, none, np.zeros((0, 1024)))[:, 0]


def test_a_step_carries_from_the_threshold_on() -> None:
    """A step link is 0 below the threshold and 1 from it on."""
    assert chance([0.49, 0.5, 0.51], link="step").tolist() == [0, 1, 1]


def test_a_cdf_is_linear_across_its_spread() -> None:
    """With the threshold uniform on 0.5 +- 0.2 the chance rises from 0 at 0.3 to 1 at 0.7."""
    assert chance([0.2, 0.3, 0.4, 0.65, 0.7, 0.9], link="cdf", spread=0.2) == pytest.approx([0, 0, 0.25, 0.875, 1, 1])


def test_a_logistic_link_is_one_half_at_the_threshold() -> None:
    """The logistic link is 1/2 at the threshold and 1/(1+e^-1) one unit of precision above it."""
    found = chance([0.5, 0.6], link="logistic", precision=10)
    assert found == pytest.approx([0.5, 1 / (1 + np.exp(-1))])


def test_a_side_without_an_audience_always_ratifies() -> None:
    """Without an audience the chance is 1."""
    game = compiled(pie())
    rows = np.zeros((3, 1024))
    found = ratification.chance(game.layout, game.params(0, 0), 1, rows, np.zeros((0, 3, 1024)), np.zeros((0, 1024)))
    assert (found == 1).all()
