"""docs/cli.md says what there is: every command, option, exit code and key of `--json`, and no other."""

from __future__ import annotations

import importlib
import json
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest

from sim.cli import COMMANDS, main
from sim.cli.common import Code
from tests.cli.test_score import ASKED
from tests.interop.samples import ferry
from tests.scenario import examples

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
SWEEP = "sweep name --vary time.window=2,3 -n 20 --workers 1"
COMMON = {"-q", "--quiet", "-v", "--verbose"}
# mappings whose keys are ids of the scenario
BY_ID = {
    *("issues", "outcomes", "questions", "payoffs", "causes", "offer", "worth", "change", "skipped"),
    *("variance", "shares", "parties", "deal", "types"),
}
FREE = {"details", "deals_at", "values", "found"}  # mappings of no fixed form


def sections() -> dict[str, str]:
    """The page by command."""
    parts = re.split(r"^## `parley (\w+)`$", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def first_cells(text: str, head: str) -> list[str]:
    """The first cell of each row of the table whose head begins with `head`."""
    found = re.search(rf"^\| {re.escape(head)}[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)*)", text, re.MULTILINE)
    return [row.split(" | ")[0].removeprefix("| ") for row in found[1].splitlines()] if found else []


def named(cell: str) -> list[str]:
    """The words in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def command(name: str) -> click.Command:
    """One of the commands."""
    found: click.Command = importlib.import_module(COMMANDS[name]).command
    return found


def test_every_command_has_a_section() -> None:
    """The sections are the commands, in the order of the help."""
    assert list(sections()) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_are_those_that_exist(name: str) -> None:
    """A command's table lists exactly its options, long and short."""
    exist = {flag for each in command(name).params if isinstance(each, click.Option) for flag in each.opts}
    told = [word.split()[0] for cell in first_cells(sections()[name], "option") for word in named(cell)]
    assert sorted(told) == sorted(exist - COMMON)


def test_the_exit_codes_are_those_that_exist() -> None:
    """The table of exit codes lists exactly the codes."""
    assert [int(cell) for cell in first_cells(PAGE, "code")] == sorted(Code)


def keys(value: Any, path: str = "") -> set[str]:
    """The paths of all keys in JSON: `*` for an id, `[]` for the items of a list."""
    if path.rpartition(".")[2] in FREE:
        return {path}
    if isinstance(value, list):
        rows = [keys(item, f"{path}[]") for item in value if isinstance(item, dict)]
        return set().union(*rows) if rows else {path}
    if not isinstance(value, dict):
        return {path}
    if path.rpartition(".")[2] in BY_ID:
        rows = [keys(item, f"{path}.*") for item in value.values() if isinstance(item, dict)]
        return set().union(*rows) if rows else {path}
    return set().union(*(keys(item, f"{path}.{key}".lstrip(".")) for key, item in value.items()))


def told(name: str) -> set[str]:
    """The paths of keys that a section lists."""
    found: set[str] = set()
    for cell in first_cells(sections()[name], "key of `--json`"):
        before, colon, after = cell.partition(": ")
        found |= {f"{head}.{key}" for head in named(before) for key in named(after)} if colon else {*named(cell)}
    return found - {key for key in found if any(other.startswith((f"{key}.", f"{key}[]")) for other in found)}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with scenarios NAME, OTHER and BAD, and a run and a sweep of NAME in `results`."""
    home = tmp_path_factory.mktemp("desk")
    shelf = home / "scenarios"
    shelf.mkdir()
    text = examples.SMALL.replace("time: {", "time: {start: 2030-01-01, ").replace("id: harbour\n", "id: NAME\n")
    text = text.replace("id: NAME", "id: name") + ASKED.lstrip("\n")
    examples.written(shelf, text, "name")
    base = "title: Other\nsummary: S\nextends: name.yaml\ncurve_points: 16\nparties: [{id: host, label: Somebody}]\n"
    examples.written(shelf, f"id: other\n{base}", "other")
    examples.written(shelf, "id: bad\n", "bad")
    for name, file in zip(("domain", "seller", "buyer"), ferry(home), strict=True):
        Path(file).rename(home / f"{name}.xml")
    arguments = ["run", str(shelf / "name.yaml"), "-n", "60", "--workers", "1", "--out", str(home / "results"), "-q"]
    assert main(arguments) == 0
    swept = ["sweep", str(shelf / "name.yaml"), "--vary", "parties.host.discount_rate=0.1,0.2", "-n", "20"]
    assert main([*swept, "--name", "kept", "-q", "--out", str(home / "results")]) == 0
    return home


def test_the_keys_are_those_that_exist(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command's `--json` has exactly the keys that its section lists."""
    monkeypatch.chdir(desk)
    run = str(next((desk / "results" / "name").glob("run-*")))
    few = "-n 60 --workers 1"
    calls = {
        "check": ["check name", "check bad", f"check name --gate {few}"],
        "run": [
            f"run name {few} --no-report",
            f"run name {few} --no-report --paths 2 --mechanisms 20 --set parties.host.trust.breach_rate=0.3",
        ],
        "sweep": [
            f"{SWEEP} --vary parties.host.accepts=going_on,nonsense",
            f"{SWEEP} --vary parties.host.accepts=nonsense --dry-run",
        ],
        "status": ["status"],
        "compare": ["compare name --set time.window=30 -n 60 --workers 1"],
        "trace": [f"trace name --draw {draw}" for draw in range(12)],
        "solve": ["solve name -n 60", "solve logrolling", "solve name --power 0.6 -n 1"],
        "chart": [f"chart {run} outcomes --format json"],
        "score": [f"score {run} --chart"],
        "diff": ["diff name other --texts"],
        "import": ["import genius domain.xml seller.xml buyer.xml -o ferry.yaml"],
        "export": ["export negmas ferry.yaml -o exported"],
        "list": ["list", "list --scenarios"],
        "clean": ["clean --dry-run"],
    }
    assert set(calls) == {name for name in COMMANDS if any("--json" in each.opts for each in command(name).params)}
    for name, words in calls.items():
        found: set[str] = set()
        for each in words:
            main([*shlex.split(each), "--json", "-q"])
            found |= keys(json.loads(capsys.readouterr().out))
        found -= {key for key in found if any(other.startswith((f"{key}.", f"{key}[]")) for other in found)}
        assert found == told(name), name


def test_the_examples_of_the_help_work(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every example that a help text shows, with small numbers of draws, is taken without complaint."""
    monkeypatch.chdir(desk)
    shown = []
    for name in COMMANDS:
        assert main([name, "--help"]) == 0
        shown += re.findall(r"^    (parley .+)$", capsys.readouterr().out.split("Examples:")[1], re.MULTILINE)
    assert len(shown) >= 2 * len(COMMANDS) - 2
    run = str(next((desk / "results" / "name").glob("run-*")))
    swept = str(desk / "results" / "name" / "sweep-kept")
    for example in sorted(shown, key=lambda line: line.startswith("parley clean")):
        line = re.sub(r"-n \d+", "-n 60", example.replace("NAME", "name").replace("OTHER", "other"))
        line = line.replace("RUN", run).replace("SWEEP", swept)
        arguments = shlex.split(line)[1:]
        more = ["-n", "60"] if arguments[0] in ("run", "score", "solve") and "-n" not in arguments else []
        assert main([*arguments, *more]) == 0, line
