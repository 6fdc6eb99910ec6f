"""Guarded reading of YAML: bytes to a plain tree that knows the file, line and column of every key and value.

Only the tree-shaped part of YAML 1.2 is let in: anchors, aliases, tags, merge keys, duplicate keys, several
documents, deep nesting, control characters and very large files are refused, each with its place.
"""

import json
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any, NamedTuple

import yaml

from sim.scenario.faults import Fault, ScenarioError, masked, number, plain, show

# The C parser where PyYAML was built with it; both give the same events.
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

LARGEST_FILE = 1 << 20
DEEPEST = 32
MOST_NODES = 50_000
MOST_ENTRIES = 2_000
LONGEST_WHOLE = 18
MOST_READ_FAULTS = 50

Path = tuple[str | int, ...]

_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_WHOLE = re.compile(r"[-+]?[0-9]+\Z")
_BASED = re.compile(r"0o[0-7]{1,15}\Z|0x[0-9a-fA-F]{1,13}\Z")
_REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_SPECIAL = re.compile(r"([-+]?\.(?:inf|Inf|INF))\Z|(\.(?:nan|NaN|NAN))\Z")
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class Source(NamedTuple):
    """A text and the name under which faults in it are reported."""

    name: str
    lines: list[str]


class Place(NamedTuple):
    """Where something stands: line and column count from 1."""

    source: Source
    line: int
    column: int

    def fault(self, sentence: str) -> Fault:
        """Make a fault about this place."""
        lines = self.source.lines
        snippet = lines[self.line - 1] if 0 < self.line <= len(lines) else ""
        return Fault(self.source.name, self.line, self.column, sentence, masked(snippet))


class Document:
    """A tree of dicts, lists and scalars; `keys` and `values` give the place of each path's key and value."""

    def __init__(self, tree: Any, keys: dict[Path, Place], values: dict[Path, Place]) -> None:
        self.tree = tree
        self.keys = keys
        self.values = values

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Find the place of a path, or of the nearest thing above it that was written down."""
        if key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values[path]

    def fault(self, path: Path, sentence: str, *, key: bool = False) -> Fault:
        """Make a fault about a path."""
        return self.place(path, key=key).fault(sentence)

    def graft(self, path: Path, other: "Document", key: Place) -> None:
        """Put another document's tree at a path whose parent is there, with its places."""
        parent = self.tree
        for step in path[:-1]:
            parent = parent[step]
        parent[path[-1]] = other.tree
        size = len(path)
        for places in (self.keys, self.values):
            for old in [each for each in places if each[:size] == path and (each != path or places is self.values)]:
                del places[old]
        self.keys[path] = key
        self.keys.update({path + below: place for below, place in other.keys.items()})
        self.values.update({path + below: place for below, place in other.values.items()})


def read_file(path: str | FilePath) -> Document:
    """Read a scenario file; raises ScenarioError with every fault found while reading."""
    name = plain(os.fspath(path))
    start = Place(Source(name, []), 1, 1)
    try:
        data = _bytes_of(path)
    except (OSError, ValueError) as problem:
        raise ScenarioError([start.fault(_why_unreadable(problem))]) from None
    if len(data) > LARGEST_FILE:
        sentence = f"the file is larger than {LARGEST_FILE // 1024} KiB; a scenario must fit into that"
        raise ScenarioError([start.fault(sentence)])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        before = data[: problem.start].decode("utf-8", "replace")
        place = _place_after(before, Source(name, []))
        raise ScenarioError([place.fault("this byte is not valid UTF-8; save the file as UTF-8")]) from None
    document = read_text(text, name)
    if not isinstance(document.tree, dict):
        sentence = f"the top of a scenario must be a mapping of keys to values, not {_kind(document.tree)}"
        raise ScenarioError([document.fault((), sentence)])
    return document


def read_text(text: str, name: str) -> Document:
    """Read one YAML document from text; raises ScenarioError with every fault found while reading."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    source = Source(name, text.split("\n"))
    bad = _FORBIDDEN.search(text)
    if bad:
        sentence = f"the character U+{ord(bad.group()):04X} may not stand in a scenario; delete it"
        raise ScenarioError([_place_after(text[: bad.start()], source).fault(sentence)])
    return _Builder(source, text).build()


def as_text(text: str) -> str:
    """Give a text as YAML that reads as this text: in quotes where it would be read as something else.

    >>> as_text("harbour"), as_text("1"), as_text("true")
    ('harbour', '"1"', '"true"')
    """
    return text if scalar(text) == text else json.dumps(text, ensure_ascii=False)


def scalar(text: str, *, quoted: bool = False) -> str | int | float | bool | None:
    """Give the value of a scalar under the core rules of YAML 1.2; whole numbers past 18 digits become floats.

    >>> [scalar(text) for text in ("no", "1:30", "010", "0x1F", "true", "1e3", "2025-01-31")]
    ['no', '1:30', 10, 31, True, 1000.0, '2025-01-31']
    """
    if quoted:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.match(text) and len(text) <= LONGEST_WHOLE:
        return int(text)
    if _BASED.match(text):
        return int(text, 0)
    if _REAL.match(text) or _SPECIAL.match(text):
        return float(text.replace(".", "", 1) if text.lower().endswith(("inf", "nan")) else text)
    return text


class _StopReading(Exception):  # noqa: N818 no error
    """Reading cannot go on; the faults so far are reported."""


class _Builder:
    """Turns the parser's events into a Document, one pass, no recursion."""

    def __init__(self, source: Source, text: str) -> None:
        self.source = source
        self.text = text
        self.faults: list[Fault] = []
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.nodes = 0
        self.tree: Any = None
        # Each open collection: (container, its path, key waiting for a value or None).
        self.stack: list[tuple[Any, Path, list[str]]] = []

    def build(self) -> Document:
        """Run over all events; raises ScenarioError when anything was refused."""
        try:
            self._run()
        except _StopReading:
            pass
        except yaml.YAMLError as problem:
            self._syntax(problem)
        if self.faults:
            raise ScenarioError(self.faults)
        if () not in self.values:
            self.values[()] = Place(self.source, 1, 1)
        return Document(self.tree, self.keys, self.values)

    def _run(self) -> None:
        documents = 0
        for event in _events(self.text):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._stop(event, "a second document begins here; a scenario is one document, without `---` inside")
            elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
                self.stack.pop()
            elif isinstance(event, yaml.NodeEvent):
                self._node(event)

    def _node(self, event: yaml.NodeEvent) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self._stop(event, f"more than {MOST_NODES} keys and values stand in this file; make it smaller")
        if isinstance(event, yaml.AliasEvent):
            self._say(event, f"`*{plain(str(event.anchor))}` is an alias; write the value out instead")
        elif event.anchor is not None:
            self._say(
                event, f"`&{plain(str(event.anchor))}` is an anchor; write the value out where it is needed instead"
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._say(event, f"{show(tag)} is a tag; scenarios have none, delete it")
        if isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif self._at_key():
            self._key(event)
        else:
            self._add(event, self._value(event))

    def _at_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1][0], dict) and not self.stack[-1][2]

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self.stack) >= DEEPEST:
            self._stop(event, f"nested deeper than {DEEPEST} levels; a scenario needs fewer")
        if self._at_key():
            sentence = "a list or mapping stands where a key should; write a plain name before the colon"
            self._stop(event, f"{sentence}, or close the bracket before it")
        container: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        path = self._add(event, container)
        self.stack.append((container, path, []))

    def _key(self, event: yaml.NodeEvent) -> None:
        container, path, waiting = self.stack[-1]
        text = getattr(event, "value", "*")
        value = scalar(text, quoted=getattr(event, "style", None) in ("'", '"'))
        place = self._place(event)
        if not isinstance(value, str):
            self._say(
                event,
                f"the key {show(text)} is {_kind(value)}; keys are names, such as `a_name`, and decimals have a point",
            )
            value = f"{text} "
        elif value == "<<":
            self._say(event, "`<<` merges another mapping, which scenarios do not do; write its keys out")
        elif value in container:
            first = self.keys[(*path, value)]
            self._say(event, f"the key {show(value)} stands here a second time; the first is on line {first.line}")
        self._clean(event, value)
        waiting.append(value)
        self.keys.setdefault((*path, value), place)

    def _value(self, event: yaml.NodeEvent) -> str | int | float | bool | None:
        if not isinstance(event, yaml.ScalarEvent):
            return None
        value = scalar(event.value, quoted=event.style is not None and event.style != "")
        if isinstance(value, str):
            self._clean(event, value)
        return value

    def _clean(self, event: yaml.NodeEvent, text: str) -> None:
        bad = _FORBIDDEN.search(text)
        if bad:
            self._say(
                event, f"this text holds the character U+{ord(bad.group()):04X}, which may not stand in a scenario"
            )

    def _add(self, event: yaml.NodeEvent, value: Any) -> Path:
        path: Path = ()
        if not self.stack:
            self.tree = value
        else:
            container, above, waiting = self.stack[-1]
            if len(container) >= MOST_ENTRIES:
                self._stop(event, f"more than {MOST_ENTRIES} entries stand in this list or mapping; make it smaller")
            if isinstance(container, dict):
                key = waiting.pop()
                path = (*above, key)
                container[key] = value
            else:
                path = (*above, len(container))
                container.append(value)
        self.values[path] = self._place(event)
        return path

    def _place(self, event: yaml.Event) -> Place:
        mark: Any = event.start_mark
        return Place(self.source, mark.line + 1, mark.column + 1)

    def _say(self, event: yaml.Event, sentence: str) -> None:
        self.faults.append(self._place(event).fault(sentence))
        if len(self.faults) >= MOST_READ_FAULTS:
            raise _StopReading

    def _stop(self, event: yaml.Event, sentence: str) -> None:
        self._say(event, sentence)
        raise _StopReading

    def _syntax(self, problem: yaml.YAMLError) -> None:
        mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
        what = " ".join(part for part in (getattr(problem, "context", None), getattr(problem, "problem", None)) if part)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        line = min(line, len(self.source.lines))
        sentence = f"this is not YAML: {plain(what) or 'it cannot be read'}{self._advice(line, what)}"
        self.faults.append(Place(self.source, line, column).fault(sentence))

    def _advice(self, line: int, what: str) -> str:
        if "\t" in self.source.lines[line - 1] and "token" in what:
            return "; indent with spaces, not with tabs"
        if "mapping values are not allowed" in what:
            return "; put text that holds a colon into quotes"
        if "could not find expected ':'" in what:
            return "; a key needs a colon and a space after it"
        return "; look at the brackets, quotes and indentation here and just above"


def _events(text: str) -> Iterator[yaml.Event]:
    """Give the parser's events one by one, so that reading can stop before the parser goes deeper."""
    parser = Loader(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.dispose()


def _bytes_of(path: str | FilePath) -> bytes:
    """Read at most one byte more than a scenario may have; only regular files, so that nothing can block."""
    status = FilePath(path).stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("not a file")
    with FilePath(path).open("rb") as file:
        return file.read(LARGEST_FILE + 1)


def _why_unreadable(problem: OSError | ValueError) -> str:
    if isinstance(problem, FileNotFoundError):
        return "there is no such file; `parley list --scenarios` shows the scenarios at hand"
    if isinstance(problem, IsADirectoryError):
        return "this is a directory; name the scenario's YAML file"
    if isinstance(problem, PermissionError):
        return "this file may not be read; change its permissions"
    if isinstance(problem, OSError):
        return f"this file cannot be read: {problem.strerror or 'an input error'}"
    return "this is not a regular file; name the scenario's YAML file"


def _place_after(before: str, source: Source) -> Place:
    """Give the place of the character that follows this text."""
    line = before.count("\n") + 1
    return Place(source, line, len(before) - (before.rfind("\n") + 1) + 1)


def _kind(value: object) -> str:
    """Name the kind of a value in a person's words."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return f"the number {number(float(value))}"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "a mapping"
