"""Guarded reading of JSON and of YAML files that are not scenarios: a plain tree, and the place of each path in it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.interop.domain import At
from sim.interop.markup import read_bytes
from sim.scenario.faults import ScenarioError, plain, show
from sim.scenario.read import LARGEST_FILE, Document, read_text

if TYPE_CHECKING:
    from pathlib import Path

_NUMBER_AS_KEY = re.compile(r"(?m)^(\s*(?:- )*)([-+]?[0-9][0-9.eE+-]*):(?=\s|$)")
_INFINITE = re.compile(r"(?m):[ ]+[-+]?\.(?:inf|Inf|INF)[ ]*$")


class Tree(NamedTuple):
    """What a file holds, with its places where they are known."""

    file: str
    root: Any
    document: Document | None

    def at(self, *path: str | int) -> At:
        """Return the place of a path, or of the nearest thing above it."""
        if self.document is None:
            return At(self.file)
        place = self.document.place(path)
        return At(self.file, place.line, place.column, place.fault("").snippet)

    def get(self, *path: str | int) -> Any:
        """Return what stands at a path, None where nothing does."""
        found = self.root
        for step in path:
            if isinstance(found, dict):
                found = found.get(step)
            elif isinstance(found, list) and isinstance(step, int) and step < len(found):
                found = found[step]
            else:
                return None
        return found

    def mapping(self, *path: str | int) -> dict[str, Any]:
        """Return the mapping at a path; else raise ScenarioError."""
        return self._typed(dict, "a mapping", path)  # type: ignore[no-any-return]

    def sequence(self, *path: str | int) -> list[Any]:
        """Return the list at a path; else raise ScenarioError."""
        return self._typed(list, "a list", path)  # type: ignore[no-any-return]

    def number(self, *path: str | int) -> float:
        """Return the number at a path; else raise ScenarioError."""
        found = self.get(*path)
        if isinstance(found, str) and re.fullmatch(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?", found):
            found = float(found) if found.count(".") <= 1 and found.strip("+-.") else found
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            raise self.at(*path).error(f"{_name(path)} is {show(found)}; it must be a number")
        return float(found)

    def _typed(self, kind: type, words: str, path: tuple[str | int, ...]) -> Any:
        found = self.get(*path)
        if not isinstance(found, kind):
            raise self.at(*path).error(f"{_name(path)} is {show(found)}; it must be {words}")
        return found


def _name(path: tuple[str | int, ...]) -> str:
    return plain(".".join(str(step) for step in path)) or "the file"


def read_json(path: Path) -> Tree:
    """Return the tree of a JSON file; raises ScenarioError for what is no JSON, too large, too deep or ambiguous."""
    text, name = _text(path), plain(str(path))
    try:
        root = json.loads(text, object_pairs_hook=_unambiguous, parse_constant=_constant)
    except json.JSONDecodeError as problem:
        sentence = f"this is no well-formed JSON: {problem.msg}"
        raise At(name, problem.lineno, problem.colno).error(sentence) from None
    except RecursionError:
        raise At(name).error("the file is nested too deeply; no domain needs that") from None
    except ValueError as problem:
        raise At(name).error(str(problem)) from None
    try:
        document = read_text(text.replace("\t", " "), name)  # JSON is YAML, which knows its places
    except ScenarioError:
        document = None
    return Tree(name, root, document)


def read_yaml(path: Path) -> Tree:
    """Return the tree of a YAML file; numbers as keys are read as text, and no value as infinite."""
    text = _INFINITE.sub(": null", _text(path))
    document = read_text(_NUMBER_AS_KEY.sub(r'\1"\2":', text), plain(str(path)))
    return Tree(plain(str(path)), document.tree, document)


def _text(path: Path) -> str:
    data = read_bytes(path, LARGEST_FILE)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise At(plain(str(path)), line).error("this byte is not valid UTF-8; save the file as UTF-8") from None


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"the key {show(twice)} stands twice in one object; keep one"
        raise ValueError(message)
    return found


def _constant(name: str) -> None:
    if name == "NaN":
        message = "NaN is no number a domain can have; delete it"
        raise ValueError(message)
