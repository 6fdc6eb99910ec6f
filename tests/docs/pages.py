"""The pages of the documentation, their fenced blocks, and what running those blocks does."""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import yaml

import sim
from sim.cli import main
from sim.scenario.leaf import KINDS
from sim.scenario.read import read_file, read_text

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXIT = re.compile(r"\[exit (\d+)\]")
SHELL = re.compile(r"[|<>$;&*]")
CLAIM = re.compile(r"`([\w-]+)` (?:(\d+) % → )?(\d+) %")
PLAYED = 200


class Block(NamedTuple):
    """A fenced block: its language, its text, itself with its fences, its line, and the prose up to the next."""

    kind: str
    text: str
    whole: str
    line: int
    after: str


class Shown(NamedTuple):
    """One shown command, the lines shown after it, and its exit code."""

    command: str
    lines: list[str]
    code: int


def read(page: str) -> str:
    """Return the text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    text = read(page)
    found = list(BLOCK.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)] * bool(found)
    return [
        Block(match[1], match[2], match[0], text.count("\n", 0, match.start()) + 1, text[match.end() : end])
        for match, end in zip(found, ends, strict=True)
    ]


def shown(block: Block) -> list[Shown]:
    """Return the commands of a console block with what is shown after each."""
    found = []
    for piece in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, *lines = piece.rstrip("\n").split("\n")
        codes = [int(match[1]) for line in lines if (match := EXIT.fullmatch(line))]
        found.append(Shown(command, [line for line in lines if not EXIT.fullmatch(line)], codes[0] if codes else 0))
    return found


def pattern(lines: list[str]) -> re.Pattern[str]:
    """A pattern in which `...` stands for anything: any lines where it is a line of its own."""
    parts = [".*" if line == "..." else re.escape(line).replace(r"\.\.\.", "[^\n]*") + "\n" for line in lines]
    return re.compile("".join(parts), re.DOTALL)


class Desk:
    """A folder in which a page's blocks are run in order, as a reader would run them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, Any] = {}
        self.latest_file = self.unplayed = ""
        self.base: dict[str, Any] | None = None
        self.latest: dict[str, Any] | None = None

    def play(self, block: Block) -> None:
        """Run a block of a kind that runs."""
        kinds = {
            "yaml": self._yaml,
            "json": self._json,
            "sh": self._sh,
            "console": self._console,
            "python": self._python,
        }
        if block.kind in kinds:
            kinds[block.kind](block)

    def found(self, claim: re.Match[str]) -> list[float]:
        """Return the shares, in per cent, that a claim is about: that of the page's first run where it names two."""
        assert self.base is not None, f"{claim[0]} is stated before anything ran"
        assert self.latest is not None
        return [100 * share(summary, claim[1]) for summary in ([self.base, self.latest] if claim[2] else [self.latest])]

    def _yaml(self, block: Block) -> None:
        """Save a scenario, whole or extending another, under its id, or put a fragment into the page's latest one."""
        tree = read_text(block.text, f"line {block.line}").tree
        if "format_version" in tree or "extends" in tree:
            self._save(tree["id"], block.text)
        else:
            tree = laid_over(read_file(self.folder / self.latest_file).tree, tree)
            self._save(tree["id"], yaml.safe_dump(tree, sort_keys=False))

    def _json(self, block: Block) -> None:
        """Save a negotiation profile under its name."""
        for space in json.loads(block.text).values():
            if isinstance(space, dict) and "issueUtilities" in space:
                (self.folder / f"{space['name']}.json").write_text(block.text, encoding="utf-8")

    def _save(self, name: str, text: str) -> None:
        self.settle()
        self.latest_file = f"{name}.yaml"
        (self.folder / self.latest_file).write_text(text, encoding="utf-8")
        self.unplayed = self.latest_file

    def settle(self) -> None:
        """Play the latest scenario if no command of the page has."""
        if self.unplayed:
            sim.run(self.folder / self.unplayed, draws=PLAYED, workers=1)
        self.unplayed = ""

    def _sh(self, block: Block) -> None:
        for line in block.text.replace("\\\n", "").splitlines():
            wanted = re.search(r"# .*exit code (\d+)", line)
            if words := shlex.split(line, comments=True):
                code, output = self._run(line.split(" #")[0], words)
                assert code == (int(wanted[1]) if wanted else 0), f"{line}\n{output}"

    def _console(self, block: Block) -> None:
        for command, lines, wanted in shown(block):
            code, output = self._run(command, shlex.split(command))
            assert code == wanted, f"{command}\n{output}"
            assert pattern(lines).fullmatch(output), f"{command}\n{output}"

    def _run(self, line: str, words: list[str]) -> tuple[int, str]:
        """Run a command: `parley` in this process, anything else in a shell that has `parley` in its path."""
        if words[0] != "parley" or SHELL.search(line):
            return self._shell(line)
        if words[1:3] == ["run", self.unplayed]:
            self.unplayed = ""
        stream = io.StringIO()
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
            code = main(words[1:])
        self._note(stream.getvalue())
        return code, stream.getvalue()

    def _shell(self, line: str) -> tuple[int, str]:
        programs = self.folder / ".programs"
        programs.mkdir(exist_ok=True)
        for name, command in (("parley", f"{sys.executable} -m sim"), ("python", sys.executable)):
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
            program.chmod(0o755)
        path = os.pathsep.join((str(programs), os.environ["PATH"]))
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path}
        done = subprocess.run(
            ["bash", "-c", line], cwd=self.folder, env=env, check=False, capture_output=True, text=True, timeout=300
        )
        return done.returncode, done.stdout + done.stderr

    def _note(self, output: str) -> None:
        """Keep what the latest run found; the first run of a page is what its later ones are compared with."""
        reports = re.findall(r"^(\S+)/report\.html$", output, re.MULTILINE)
        if reports:
            self.latest = json.loads((self.folder / reports[-1] / "summary.json").read_text(encoding="utf-8"))
            self.base = self.base or self.latest

    def _python(self, block: Block) -> None:
        if ">>> " not in block.text:
            exec(compile(block.text, f"line {block.line}", "exec"), self.names)  # noqa: S102 our own documents
            return
        test = doctest.DocTestParser().get_doctest(block.text, self.names, "example", None, block.line)
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        stream = io.StringIO()
        doctest.DocTestRunner(optionflags=flags).run(test, out=stream.write, clear_globs=False)
        assert not stream.getvalue(), stream.getvalue()
        self.names = test.globs


def share(summary: dict[str, Any], name: str) -> float:
    """Return the probability of an outcome, a question or a cause, as far as the summary knows it."""
    for group in (summary["outcomes"], summary["questions"]):
        if name in group:
            return float(group[name]["probability"])
    return float(summary["causes"][name])


def laid_over(base: Any, over: Any) -> Any:
    """Lay one tree over another: mappings join, lists whose items have ids join by id, anything else is replaced.

    What is laid over comes first in a list, in its own order. A mapping of another kind, and a number, replaces.
    """
    if isinstance(base, dict) and isinstance(over, dict) and not _another(base, over):
        return {**base, **{key: laid_over(base.get(key), value) for key, value in over.items()}}
    if (
        isinstance(base, list)
        and isinstance(over, list)
        and all(isinstance(each, dict) and "id" in each for each in (*base, *over))
    ):
        joined = {each["id"]: each for each in base}
        new = {each["id"]: laid_over(joined.get(each["id"]), each) for each in over}
        return list((new | {name: each for name, each in joined.items() if name not in new}).values())
    return over


def _another(base: dict[str, Any], over: dict[str, Any]) -> bool:
    """Say whether a mapping is of another kind than its base, or writes a number anew."""
    kinds = (over.get(key) not in (None, base.get(key)) for key in ("kind", "strategy"))
    return any(kinds) or any(key in over for key in KINDS)
