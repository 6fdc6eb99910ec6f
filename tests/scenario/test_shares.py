"""Parts of a whole that are a Dirichlet together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.scenario import ScenarioError, load
from sim.scenario.compile import compile_scenario
from tests.scenario.examples import SMALL, written

BERTH, RENT = "weights: {host: 2, guest: 3}", "weights: {host: 1, guest: 1}"


def hosts(berth: str, rent: str) -> str:
    """Return the small example where the host's weights are written so."""
    text = SMALL.replace(BERTH, f"weights: {{host: {berth}, guest: 3}}")
    return text.replace(RENT, f"weights: {{host: {rent}, guest: 1}}")


def test_parts_of_a_whole_have_a_dirichlets_mean_and_variance(tmp_path: Path) -> None:
    """Concentrations 1.5 and 4.5 give weights with mean 1/4, 3/4 and variance 3/112, as Dirichlet (1.5, 4.5) has."""
    compiled = compile_scenario(load(written(tmp_path, hosts("{dirichlet: 1.5}", "{dirichlet: 4.5}"))))
    side = compiled.layout.sides.index("host")
    berth = np.concatenate([compiled.params(0, block).tastes.weight[side, 0].ravel() for block in range(8)])
    n = 8 * 1024
    assert abs(berth.mean() - 0.25) < 4 * np.sqrt(3 / 112 / n)
    assert abs(berth.var() - 3 / 112) < 6 * 3 / 112 * np.sqrt(2 / n)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (hosts("{dirichlet: 1.5}", "1"), "dirichlet together"),
        (SMALL.replace("discount_rate: 0.1,", "discount_rate: {dirichlet: 2},"), "for parts of a whole"),
        (SMALL.replace("id: guest, ", "id: guest, trust: {breach_rate: {dirichlet: 2}}, "), "for parts of a whole"),
        (hosts("{dirichlet: [1, 2]}", "{dirichlet: 1}"), "write a number"),
        (hosts("{dirichlet: 0}", "{dirichlet: 1}"), "must lie in [0.05"),
        (hosts("{dirichlet: 2, private: {spread: 0.1}}", "{dirichlet: 1}"), "private spread"),
    ],
)
def test_a_part_of_no_whole_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """A Dirichlet stands where numbers are divided by their sum, in all of them; elsewhere a sentence says so."""
    with pytest.raises(ScenarioError) as caught:
        load(written(tmp_path, text))
    (fault,) = caught.value.faults
    assert said in fault.sentence
    assert fault.line > 1


def test_a_part_may_be_nought(tmp_path: Path) -> None:
    """An issue that one side cares nothing about stands beside parts of a Dirichlet."""
    assert load(written(tmp_path, hosts("0", "{dirichlet: 1}"))).issues[0].weights["host"].certain
