"""`parley check` says every fault at once, or what a scenario holds and what a run would cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli import main

KEYS = [
    "scenario",
    "path",
    "title",
    "parties",
    "issues",
    "deals",
    "excluded",
    "steps",
    "outcomes",
    "questions",
    "numbers",
    "uncertain",
    "private",
    "types",
    "correlations",
    "sweeps",
    "unexplained",
    "cost",
    "faults",
]


def test_a_good_file_is_summed_up(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A good scenario is exit code 0, with its parties, deals, uncertain numbers and cost on stdout."""
    assert main(["check", str(example)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith(f"{example}: good\n")
    for word in ("parties", "deals", "uncertain", "unexplained", "draws: about"):
        assert word in out


def test_json_has_its_keys(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`check --json` prints exactly its documented keys."""
    assert main(["check", str(example), "--json", "-n", "500"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert list(facts) == KEYS
    assert set(facts["cost"]) == {"draws", "seconds", "memory_bytes", "disk_bytes"}
    assert facts["cost"]["draws"] == 500
    assert facts["faults"] == []
    assert facts["scenario"] == example.stem


def broken(example: Path, tmp_path: Path) -> Path:
    """The example with two faults in it, one of them after a terminal escape."""
    text = example.read_text(encoding="utf-8")
    path = tmp_path / "broken" / example.name
    path.parent.mkdir()
    path.write_text(text.replace("window: 24", "window: 0") + "\nsurplus_key: 1\n", encoding="utf-8")
    return path


def test_every_fault_has_a_place_and_a_caret(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two faults are two sentences with file:line:column, each followed by its line and a caret, and exit code 2."""
    path = broken(example, tmp_path)
    assert main(["check", str(path)]) == 2
    out, err = capsys.readouterr()
    lines = err.splitlines()
    heads = [i for i, line in enumerate(lines) if line.startswith(f"{path}:")]
    assert out == ""
    assert len(heads) == 2
    assert all(lines[i + 2].strip() == "^" for i in heads)
    assert lines[-1] == "2 faults"


def test_faults_as_json(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`check --json` on a bad file prints its faults on stdout and keeps exit code 2."""
    assert main(["check", str(broken(example, tmp_path)), "--json"]) == 2
    out, err = capsys.readouterr()
    faults = json.loads(out)["faults"]
    assert err == ""
    assert len(faults) == 2
    assert set(faults[0]) == {"file", "line", "column", "sentence", "snippet"}


def test_overrides_are_checked_too(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An override of an unknown path is refused with the nearest; a good one changes what is counted."""
    assert main(["check", str(example), "--set", "time.windw=5"]) == 2
    assert "time.window" in capsys.readouterr().err
    assert main(["check", str(example), "--set", "time.window=5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["steps"] == 5


def test_no_escape_reaches_the_terminal(example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Escapes written into a scenario, as bytes or as YAML escapes, never come out as escapes."""
    text = example.read_text(encoding="utf-8")
    for name, evil in (("raw", "\x1b[31m"), ("quoted", r"\e[31m\u202e\x07")):
        path = tmp_path / name / example.name
        path.parent.mkdir()
        head, _, rest = text.partition("\ntitle: ")
        path.write_text(f'{head}\ntitle: "evil {evil}"\n{rest.partition(chr(10))[2]}', encoding="utf-8")
        main(["check", str(path)])
        out, err = capsys.readouterr()
        assert not set(out + err) & {"\x1b", "\x07", "\u202e"}


LINES = ["classes", "largest", "leaves", "divided", "mechanisms"]


def test_the_gate_is_a_table(
    example: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--gate` prints after the facts what is asked, what was found and whether it is enough, and exits with 0."""
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["check", str(example), "--gate", "-n", "400", "--workers", "1"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "Gate: " in out
    assert "of 5 passed (400 draws, seed 0)" in out
    for words in ("at least 5 outcome classes above 3 %", "none above 70 %", "not passed"):
        assert words in out


def test_the_gate_as_json(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--gate --json` has the lines under `gate`; `--strict` makes a gate not passed exit code 3."""
    command = ["check", str(example), "--gate", "-n", "400", "--json", "--quiet"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [*KEYS, "gate"]
    gate = found["gate"]
    assert list(gate) == ["draws", "seed", "paths", "mechanism_draws", "passed", "lines"]
    assert [line["id"] for line in gate["lines"]] == LINES
    assert all(list(line) == ["id", "asked", "found", "passed", "details"] for line in gate["lines"])
    assert gate["passed"] is all(line["passed"] for line in gate["lines"])
    assert not gate["passed"]
    assert main([*command, "--strict"]) == 3
    assert json.loads(capsys.readouterr().out)["gate"] == gate


@pytest.mark.parametrize(
    "more",
    [["--strict"], ["--seed", "1"], ["--workers", "2"], ["--gate", "-n", "5"], ["--gate", "-n", "1000001"]],
)
def test_gates_options_make_sense(example: Path, more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """`--strict` without `--gate`, and too few or too many draws, are a sentence and exit code 2."""
    assert main(["check", str(example), *more]) == 2
    assert "gate" in capsys.readouterr().err


def test_correlations_are_counted(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The number of correlated pairs stands beside the uncertain numbers, and in JSON."""
    ends = "parties.guest.discount_rate, issues.berth.values.host.some"
    change = ["--set", f"correlations=[{{between: [{ends}], rank: 0.5, judgement: x}}]"]
    assert main(["check", str(example), *change]) == 0
    assert "1 pair correlated" in capsys.readouterr().out
    assert main(["check", str(example), "--json", *change]) == 0
    assert json.loads(capsys.readouterr().out)["correlations"] == 1
