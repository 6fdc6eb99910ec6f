"""What the README and the teaching page show is what happens."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {"README.md": README, "docs/textbook.md": (ROOT / "docs" / "textbook.md").read_text(encoding="utf-8")}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXIT = re.compile(r"\[exit (\d+)\]")


class Step(NamedTuple):
    """One shown command, the lines shown after it, and its exit code."""

    command: str
    shown: list[str]
    code: int


def steps(page: str) -> list[Step]:
    """Every command of every console block of a page, in order."""
    found = []
    for kind, text in BLOCK.findall(PAGES[page]):
        for piece in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:] if kind == "console" else ():
            command, *shown = piece.rstrip("\n").split("\n")
            codes = [int(match[1]) for line in shown if (match := EXIT.fullmatch(line))]
            found.append(Step(command, [line for line in shown if not EXIT.fullmatch(line)], codes[0] if codes else 0))
    return found


def pattern(shown: list[str]) -> re.Pattern[str]:
    """A pattern in which `...` stands for anything: any lines where it is a line of its own."""
    parts = [".*" if line == "..." else re.escape(line).replace(r"\.\.\.", "[^\n]*") + "\n" for line in shown]
    return re.compile("".join(parts), re.DOTALL)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the scenarios in it, as a reader of the README has."""
    home = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "scenarios", home / "scenarios")
    return home


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run python with `arguments` in `folder`, stderr with stdout."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=env,
        check=False,
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
    )


@pytest.mark.parametrize("page", PAGES)
def test_console_examples_print_what_is_shown(desk: Path, page: str) -> None:
    """Every command of a page runs, ends with the code shown, and prints the lines shown."""
    assert len(steps(page)) >= 6
    for step in steps(page):
        program, *arguments = shlex.split(step.command)
        assert program == "parley"
        done = run(["-m", "sim", *arguments], desk)
        assert done.returncode == step.code, f"{step.command}\n{done.stdout}"
        assert pattern(step.shown).fullmatch(done.stdout), f"{step.command}\n{done.stdout}"


def test_python_examples_run(desk: Path) -> None:
    """Every Python example in the README runs without a warning."""
    programs = [text for kind, text in BLOCK.findall(README) if kind == "python"]
    assert programs
    for program in programs:
        done = run(["-W", "error", "-c", program], desk)
        assert done.returncode == 0, done.stdout


def test_the_two_commands_open_the_page() -> None:
    """The README's first block is `make run` and `make test`, and both are targets of the Makefile."""
    first = BLOCK.findall(README)[0][1].splitlines()
    assert [line.split("#")[0].strip() for line in first] == ["make run", "make test"]
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"run", "test"} <= set(targets)
