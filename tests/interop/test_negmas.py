"""NegMAS scenarios: nothing is normalised, every additive utility in [0, 1] is kept, and other scales are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli import main
from sim.interop import negmas
from sim.scenario import ScenarioError, load
from tests.interop.samples import utilities

DOMAIN = """\
issues:
- {name: Size, type: ContiguousIssue, values: [0, 3]}
- name: Colour
  type: negmas.outcomes.CategoricalIssue
  values:
  - red
  - 60 Gb
name: shop
type: DiscreteCartesianOutcomeSpace
"""
FIRST = """\
name: buyer
reserved_outcome: null
reserved_value: 0.25
type: LinearAdditiveUtilityFunction
values:
- slope: -0.5
  bias: 1.75
  type: AffineFun
- mapping:
    60 Gb: -0.125
    red: 0.5
  type: TableFun
weights: [0.5, 0.25]
"""
SECOND = """\
name: seller
reserved_value: -.inf
type: LinearAdditiveUtilityFunction
values:
- mapping:
    0: 0.1
    1: 0.2
    2: 0.3
    3: 1
  type: TableFun
- {mapping: {red: 0, 60 Gb: 1}, type: TableFun}
weights: [0.75, 0.25]
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `shop` with a scenario in YAML, in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop").mkdir()
    for name, text in (("a-domain", DOMAIN), ("b-buyer", FIRST), ("c-seller", SECOND)):
        (tmp_path / "shop" / f"{name}.yml").write_text(text, encoding="utf-8")
    return tmp_path


def test_utilities_are_those_of_the_functions(desk: Path) -> None:
    """Worth is sum w f, with values below 0 and above 1, as long as every deal is worth something in [0, 1]."""
    assert main(["import", "negmas", "shop", "-o", "bought.yaml", "-q"]) == 0
    first = [0.5 * (1.75 - 0.5 * x) + 0.25 * y for x in range(4) for y in (0.5, -0.125)]
    second = [0.75 * x + 0.25 * y for x in (0.1, 0.2, 0.3, 1) for y in (0, 1)]
    assert min(first) >= 0
    assert utilities("bought.yaml", 0) == pytest.approx(first, abs=1e-12)
    assert utilities("bought.yaml", 1) == pytest.approx(second, abs=1e-12)
    scenario = load("bought.yaml")
    assert scenario.breakdown is not None
    assert [scenario.breakdown.flows[side].args[0] for side in "ab"] == [0.25, 0.0]
    assert main(["trace", "bought.yaml", "-q"]) == 0
    assert desk.is_dir()


def test_the_way_there_and_back(desk: Path) -> None:
    """import(export(x)) has the same utilities and reservations as x, to 1e-12."""
    assert main(["import", "negmas", "shop", "-o", "bought.yaml", "-q"]) == 0
    assert main(["export", "negmas", "bought.yaml", "-o", "out", "-q"]) == 0
    assert main(["import", "negmas", "out", "-o", "again.yaml", "-q"]) == 0
    for side in (0, 1):
        assert utilities("again.yaml", side) == pytest.approx(utilities("bought.yaml", side), abs=1e-12)
    one, two = load("bought.yaml"), load("again.yaml")
    assert one.breakdown is not None
    assert two.breakdown is not None
    assert [two.breakdown.flows[s].args for s in "ab"] == [one.breakdown.flows[s].args for s in "ab"]
    assert desk.is_dir()


UNCLEAR = {
    "another scale": ("weights: [0.5, 0.25]", "weights: [5, 2.5]", "they must lie in [0, 1]"),
    "another function": (
        "type: LinearAdditiveUtilityFunction",
        "type: MappingUtilityFunction",
        "only a LinearAdditive",
    ),
    "another curve": ("type: AffineFun", "type: GaussianFun", "GaussianFun"),
    "a value without utility": ("    red: 0.5\n", "", "`red` of `Colour` has no utility"),
    "a weight too few": ("weights: [0.5, 0.25]", "weights: [0.5]", "no entry for `Colour`"),
    "a reserved outcome": ("reserved_outcome: null", "reserved_outcome: [0, red]", "reserved_outcome is not read"),
    "an alias": ("name: buyer", "name: &x buyer", ":1:"),
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_what_is_unclear_is_refused(name: str, desk: Path) -> None:
    """What would have to be guessed is refused, with the file's name."""
    old, new, words = UNCLEAR[name]
    assert old in FIRST
    file = desk / "shop" / "b-buyer.yml"
    file.write_text(FIRST.replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError) as found:
        negmas.read((desk / "shop",))
    assert words in str(found.value)
    assert found.value.faults[0].file.endswith("b-buyer.yml")


def test_a_folder_must_hold_one_domain_and_two_functions(desk: Path) -> None:
    """A third function is one too many, and no folder at all is told so."""
    (desk / "shop" / "d.yml").write_text(SECOND, encoding="utf-8")
    with pytest.raises(ScenarioError, match="1 outcome spaces and 3 utility functions"):
        negmas.read((desk / "shop",))
    with pytest.raises(ScenarioError, match="no folder"):
        negmas.read((desk / "nowhere",))
