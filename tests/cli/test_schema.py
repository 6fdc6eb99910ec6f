"""`parley schema` prints the schema that is shipped beside the scenarios."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli import main
from sim.scenario.editor import FILE, LINE

SCENARIOS = Path(__file__).resolve().parent.parent.parent / "scenarios"


def test_the_shipped_schema_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    """The shipped file is what is printed; make it anew with `parley schema --out scenarios/scenario.schema.json`."""
    assert main(["schema"]) == 0
    printed = capsys.readouterr().out
    assert (SCENARIOS / FILE).read_text(encoding="utf-8") == printed
    assert json.loads(printed)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_out_writes_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--out` writes the file and leaves stdout empty."""
    path = tmp_path / "a.json"
    assert main(["schema", "--out", str(path)]) == 0
    out, err = capsys.readouterr()
    assert (out, str(path) in err) == ("", True)
    assert path.read_bytes() == (SCENARIOS / FILE).read_bytes()
    assert main(["schema", "--out", str(tmp_path / "no" / "a.json")]) == 4


@pytest.mark.parametrize("path", sorted(SCENARIOS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_scenario_names_it(path: Path) -> None:
    """The first line of each shipped scenario leads an editor to the schema."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(LINE)
    assert (path.parent / first.removeprefix(LINE)).resolve() == SCENARIOS / FILE
