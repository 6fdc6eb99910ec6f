"""Promise 20: no name leads out of the folder of results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sim.batch.folders import StoreError, run_folder
from sim.cli import main

# each is no scenario's id; wherever one is used as a name, nothing may be written outside
NAMES = [
    "..",
    ".",
    "",
    " ",
    "~",
    "-",
    "--out",
    "../x",
    "../../x",
    "..\\x",
    "a/../../x",
    "a/..",
    "a/b",
    "/tmp/x",
    "/",
    "//x",
    "\\\\host\\share",
    "C:\\x",
    "C:x",
    "x\0y",
    "\0",
    "x\ny",
    "x\r",
    "x\ty",
    "\x1b[31mx",
    "a" * 65,
    "a" * 300,
    "a" * 5000,
    "abc\u202egnp.exe",
    "\u200fabc",
    "\u2066abc\u2069",
    "\u0430bc",
    "\uff0e\uff0e/x",
    "\u2025/x",
    "e\u0301",
    "caf\u00e9",
    "X",
    "Abc",
    "a_b",
    "a b",
    "a.b",
    ".hidden",
    "a.",
    "-rf",
    "$(touch x)",
    "`touch x`",
    "a;touch x",
    "a|b",
    "*",
    "%2e%2e%2fx",
]


def everything(folder: Path) -> set[str]:
    """Every path below `folder`."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_there_are_fifty(reached: Callable[[int, str], None]) -> None:
    """The list holds fifty different names."""
    assert len(NAMES) == len(set(NAMES)) == 50
    reached(20, "50 names, 0 files outside")


@pytest.mark.parametrize("name", NAMES, ids=range(50))
def test_no_name_leaves_the_folder(name: str, tmp_path: Path, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a scenario's id, as the argument of a command and as an override, each is refused, and nothing is written."""
    home = tmp_path / "home" / "inner"
    home.mkdir(parents=True)
    monkeypatch.chdir(home)
    with pytest.raises(StoreError, match="cannot name"):
        run_folder(Path("results"), name, "0" * 64)
    text = example.read_text(encoding="utf-8")
    assert f"id: {example.stem}\n" in text
    hostile = tmp_path / "home" / "hostile.yaml"
    written = name.replace('"', "'").replace("\\", "\\\\").encode("unicode_escape").decode("ascii")
    hostile.write_text(text.replace(f"id: {example.stem}\n", f'id: "{written}"\n', 1), encoding="utf-8")
    before = everything(tmp_path)
    assert main(["run", "--quiet", "-n", "10", "--", str(hostile)]) == 2
    assert main(["run", "--quiet", "-n", "10", "--", name]) == 2
    assert main(["run", "--quiet", "-n", "10", "--set", f"id={name}", "--", str(example)]) == 2
    assert everything(tmp_path) == before


def test_a_forged_scenario_is_refused_by_the_store(tmp_path: Path, example: Path) -> None:
    """A scenario object whose id was changed behind the schema's back still cannot leave the folder."""
    import sim
    from sim.experiment import _inputs

    scenario = sim.load(example)
    inputs = replace(_inputs(scenario, 1, 0, ()), scenario="../../x")
    with pytest.raises(StoreError, match="cannot name"):
        inputs.folder(tmp_path)


def test_results_stay_inside_even_where_links_lead_out(tmp_path: Path, example: Path) -> None:
    """A symlink planted where a run would lie is refused with exit code 4, and nothing is written where it points."""
    away, out = tmp_path / "away", tmp_path / "out"
    away.mkdir()
    out.mkdir()
    (out / example.stem).symlink_to(away)
    assert main(["run", "--quiet", "-n", "10", "--workers", "1", "--out", str(out), str(example)]) == 4
    assert everything(away) == set()
