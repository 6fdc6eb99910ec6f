"""`parley new` writes a scenario to start from, and overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli import main
from sim.scenario import load
from sim.scenario.schema import unsourced


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_starter_passes_and_runs(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The starter has its id, no fault, a source or judgement for every number, and several ways to end."""
    assert main(["new", "my-bargain"]) == 0
    out, err = capsys.readouterr()
    assert out == "my-bargain.yaml\n"
    assert "next: parley check my-bargain.yaml" in err
    text = (desk / "my-bargain.yaml").read_text(encoding="utf-8")
    assert sum(line.lstrip().startswith("#") for line in text.splitlines()) >= 12
    scenario = load("my-bargain.yaml")
    assert scenario.id == "my-bargain"
    assert unsourced(scenario) == []
    assert main(["check", "my-bargain.yaml"]) == 0
    assert main(["run", "my-bargain.yaml", "-n", "300", "--workers", "1", "--no-report", "-q"]) == 0
    import sim

    shares = sim.run("my-bargain.yaml", draws=300, workers=1).summary["outcomes"]
    assert sum(row["probability"] > 0.1 for row in shares.values()) >= 2


def test_the_first_line_names_a_schema_that_exists(desk: Path) -> None:
    """An editor finds the schema: the one in `scenarios/` if there is one, else the one that comes along."""
    line = "# yaml-language-server: $schema="
    assert main(["-q", "new", "a"]) == 0
    first = (desk / "a.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(line)
    assert Path(first.removeprefix(line)).is_file()
    (desk / "scenarios").mkdir()
    assert main(["-q", "schema", "--out", "scenarios/scenario.schema.json"]) == 0
    assert main(["-q", "new", "b"]) == 0
    assert (desk / "b.yaml").read_text(encoding="utf-8").startswith(f"{line}scenarios/scenario.schema.json\n")


def test_nothing_is_overwritten(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file or a dangling link of that name is left as it is: one sentence, exit code 2."""
    (desk / "a.yaml").write_text("mine", encoding="utf-8")
    (desk / "b.yaml").symlink_to(desk / "nowhere.yaml")
    for name in ("a", "b"):
        assert main(["new", name]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
        assert f"{name}.yaml is there already" in err
    assert (desk / "a.yaml").read_text(encoding="utf-8") == "mine"
    assert not (desk / "nowhere.yaml").exists()


@pytest.mark.parametrize("name", ["", "A", "a_b", "../a", "a/b", "a.yaml", "-a", "a\n", "x" * 65, "\x1b[2J"])
def test_a_name_must_be_an_id(desk: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be a scenario's id writes nothing."""
    assert main(["new", "--", name]) == 2
    assert "is no id of a scenario" in capsys.readouterr().err
    assert list(desk.iterdir()) == []


def test_a_variation_extends_its_base(desk: Path, example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--from` the new file extends another: it passes, means the same, and has a title of its own."""
    (desk / "scenarios").mkdir()
    (desk / "scenarios" / example.name).write_bytes(example.read_bytes())
    assert main(["-q", "new", "varied", "--from", example.stem]) == 0
    scenario = load("varied.yaml")
    assert (scenario.id, scenario.title) == ("varied", "A harbour: a variation")
    capsys.readouterr()
    assert main(["diff", example.stem, "varied.yaml"]) == 0
    assert "mean the same" in capsys.readouterr().out


def test_a_base_out_of_reach_is_refused(desk: Path, example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario that lies neither here nor below cannot be extended from here, and nothing is written."""
    assert main(["new", "varied", "--from", str(example)]) == 2
    assert "lies outside this folder" in capsys.readouterr().err
    assert main(["new", "varied", "--from", "no-such"]) == 2
    assert list(desk.iterdir()) == []


@pytest.mark.parametrize("name", ["1", "null", "true", "1e5"])
def test_a_name_that_yaml_reads_as_something_else_is_quoted(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a name looks like, the scenario that is written passes the check, as does a variation of it."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", name, "-q"]) == 0
    assert main(["check", f"{name}.yaml", "-q"]) == 0
