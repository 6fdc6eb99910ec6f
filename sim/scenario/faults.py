"""Faults of a scenario: one sentence each, with the place it is about and, where there is one, a way out."""

import difflib
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

WIDEST_SNIPPET = 160
MOST_LISTED = 200
MOST_CANDIDATES = 300
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
MASK = "\ufffd"


class Fault(NamedTuple):
    """One thing wrong with a scenario.

    Line and column count from 1; `snippet` is the source line with its tabs and invisible characters masked.
    """

    file: str
    line: int
    column: int
    sentence: str
    snippet: str

    def __str__(self) -> str:
        """Give `file:line:column: sentence`, the source line and a caret under the column."""
        head = f"{self.file}:{self.line}:{self.column}: {self.sentence}"
        if not self.snippet.strip():
            return head
        start = max(0, self.column - 1 - WIDEST_SNIPPET // 2) if len(self.snippet) > WIDEST_SNIPPET else 0
        shown = self.snippet[start : start + WIDEST_SNIPPET]
        return f"{head}\n{shown}\n{' ' * (self.column - 1 - start)}^"


class ScenarioError(ValueError):
    """A scenario that cannot be used; `faults` lists everything found wrong, in the order of the file."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults once each, sorted by file and place, at most `MOST_LISTED` of them."""
        unique = sorted(set(faults))
        if len(unique) > MOST_LISTED:
            last = unique[MOST_LISTED]
            more = f"{len(unique) - MOST_LISTED} more faults follow; mend those above first"
            unique = [*unique[:MOST_LISTED], last._replace(sentence=more)]
        self.faults: tuple[Fault, ...] = tuple(unique)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type["ScenarioError"], tuple[tuple[Fault, ...]]]:
        """Rebuild from the faults, so that a worker process can hand the error back."""
        return ScenarioError, (self.faults,)


def show(value: object, longest: int = 60) -> str:
    """Write a value as a person would type it, on one line, with invisible characters spelled out."""
    if value is None:
        text = "empty"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, float):
        text = number(value)
    elif isinstance(value, dict):
        text = "a mapping"
    elif isinstance(value, (list, tuple)):
        text = "a list"
    elif isinstance(value, str):
        text = f"`{plain(value)}`" if value else "an empty text"
    else:
        text = plain(str(value))
    return text if len(text) <= longest else text[: longest - 4] + "...`" * text.startswith("`")


def plain(text: str) -> str:
    """Spell out control, format and surrogate characters, so that no text can act on a terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c) in INVISIBLE else c for c in text)


@lru_cache(maxsize=64)
def masked(line: str) -> str:
    """Put one visible sign for each invisible character of a source line, so that columns keep their place."""
    if line.isascii() and line.isprintable():
        return line
    return "".join(MASK if unicodedata.category(c) in INVISIBLE else c for c in line.replace("\t", " "))


def number(value: float) -> str:
    """Write a number shortly: 0.4, 12, 1e+20, nan."""
    return f"{value:.10g}"


def close_to(name: object, valid: Iterable[str]) -> str | None:
    """Give the valid name that a mistyped one comes closest to, if any comes close."""
    text = str(name)[:60]
    candidates = [each for each in valid if abs(len(each) - len(text)) <= 1 + len(text) // 2][:MOST_CANDIDATES]
    close = difflib.get_close_matches(text, candidates, n=1, cutoff=0.6)
    return close[0] if close else None


def nearest(name: object, valid: Iterable[str]) -> str:
    """Say which valid name comes closest, or list the valid names when they are few; begins with `; ` or is empty."""
    names = sorted({str(each) for each in valid})
    close = close_to(name, names)
    if close is not None:
        return f"; did you mean `{plain(close)}`?"
    if not names:
        return "; there are none here"
    if len(names) <= 12:
        return f"; write one of {listing(names)}"
    return ""


def listing(names: Iterable[str]) -> str:
    """Join names as `a`, `b` or `c`."""
    quoted = [f"`{plain(name)}`" for name in names]
    return "".join(quoted) if len(quoted) < 2 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
