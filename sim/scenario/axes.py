"""What a sweep varies: `path=lo:hi:n`, `path=a,b,c`, `path` (its own distribution), several paths moving together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.scenario.walk import leaves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.scenario.leaf import Leaf
    from sim.scenario.schema import Scenario

LEVELS = 5  # of a path's own distribution in a grid, where no number is written
MOST = 10**9
LARGEST_HYPERCUBE = 10**6  # points: it is laid out whole
SWITCHED = ("on", "off")
HOW = "write PATH=LO:HI:N, PATH=A,B,C, PATH or PATH=own:N, and A+B=LO:HI:N/LO:HI:N for paths that move together"


class DesignError(Exception):
    """A sweep that cannot be laid out; the sentence says what is wrong and the way out."""


@dataclass(frozen=True)
class Range:
    """The values that one path takes along an axis."""

    kind: str  # span, levels or own
    words: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    count: int = LEVELS
    leaf: Leaf | None = None

    def at(self, place: int, count: int) -> str:
        """Return the value at one of `count` places of a grid, as an override writes it."""
        if self.kind == "levels":
            return self.words[place]
        if self.kind == "span":
            share = place / (count - 1) if count > 1 else 0.5
            return _written(self.low * (1.0 - share) + self.high * share)
        return self.within((place + 0.5) / count)

    def within(self, u: float) -> str:
        """Return the value at a share `u` of the axis, in [0, 1), as an override writes it."""
        if self.kind == "levels":
            return self.words[min(int(u * len(self.words)), len(self.words) - 1)]
        if self.kind == "span":
            return _written(self.low * (1.0 - u) + self.high * u)
        import numpy as np

        from sim.scenario.distributions import quantile

        assert self.leaf is not None
        return _written(float(quantile(self.leaf, np.array([u]))[0]))


@dataclass(frozen=True)
class Axis:
    """One thing varied: a path, or several that move together, each with a range of its own."""

    paths: tuple[str, ...]
    ranges: tuple[Range, ...]
    text: str

    @property
    def name(self) -> str:
        """The paths as the command wrote them."""
        return "+".join(self.paths)

    @property
    def count(self) -> int:
        """How many places the axis has in a grid."""
        return self.ranges[0].count

    def at(self, place: int) -> tuple[tuple[str, str], ...]:
        """Return (path, value) of every path at a place of a grid."""
        return tuple((path, each.at(place, self.count)) for path, each in zip(self.paths, self.ranges, strict=True))

    def within(self, u: float) -> tuple[tuple[str, str], ...]:
        """Return (path, value) of every path at a share of the axis."""
        return tuple((path, each.within(u)) for path, each in zip(self.paths, self.ranges, strict=True))


def read_axes(texts: Sequence[str], scenario: Scenario) -> tuple[Axis, ...]:
    """Read every `--vary`; raises `DesignError` for one that cannot be read, and for a path that is varied twice."""
    own = dict(leaves(scenario))
    axes = tuple(_axis(text, own) for text in texts)
    seen: set[str] = set()
    for axis in axes:
        for path in axis.paths:
            if path in seen:
                raise DesignError(f"{path} is varied twice; keep one of them")
            seen.add(path)
    return axes


def refuse_size(kind: str, axes: Sequence[Axis], points: int | None) -> None:
    """Raise `DesignError` for a design over axes that cannot be laid out, or that would be too large."""
    if not axes:
        raise DesignError("nothing is varied; say what with --vary, or name a sweep of the scenario")
    if kind == "grid" and points is not None:
        raise DesignError("a grid has as many points as its axes make; leave out points, or take the design sobol")
    size = math.prod(axis.count for axis in axes) if kind == "grid" else points or 0
    if size > MOST:
        raise DesignError(f"{size:,} points are more than the {MOST:,} that a sweep may have")
    if kind == "lhs" and size > LARGEST_HYPERCUBE:
        raise DesignError(f"a Latin hypercube is laid out whole, {LARGEST_HYPERCUBE:,} points at most; take sobol")


def _axis(text: str, own: dict[str, Leaf]) -> Axis:
    names, equals, right = text.partition("=")
    paths = tuple(name.strip() for name in names.split("+"))
    if not all(paths) or (equals and not right.strip()):
        raise DesignError(f"{text!r} varies nothing; {HOW}")
    parts = right.split("/") if equals else ["own"]
    if len(parts) == 1:
        parts = parts * len(paths)
    if len(parts) != len(paths):
        raise DesignError(f"{text!r} names {len(paths)} paths and {len(parts)} ranges; {HOW}")
    ranges = tuple(_range(path, part.strip(), text, own) for path, part in zip(paths, parts, strict=True))
    counts = {each.count for each in ranges}
    if len(counts) > 1:
        raise DesignError(f"{text!r} moves paths together that have {sorted(counts)} values; they need equally many")
    return Axis(paths, ranges, text)


def _range(path: str, text: str, whole: str, own: dict[str, Leaf]) -> Range:
    name, colon, more = text.partition(":")
    if name == "own":
        return _own(path, _count(more, whole) if colon else LEVELS, own)
    if colon and "," not in text and "{" not in text:
        parts = text.split(":")
        if len(parts) not in (2, 3):
            raise DesignError(f"{whole!r} is no range; {HOW}")
        low, high = (_number(part, whole) for part in parts[:2])
        if low >= high:
            raise DesignError(f"{whole!r} goes from {parts[0]} to {parts[1]}; the first must be the smaller")
        return Range("span", low=low, high=high, count=_count(parts[2], whole) if len(parts) == 3 else LEVELS)
    words = tuple(word.strip() for word in text.split(","))
    if not all(words) or len(set(words)) < len(words):
        raise DesignError(f"{whole!r} has an empty value, or one value twice; {HOW}")
    return Range("levels", words, count=len(words))


def _own(path: str, count: int, own: dict[str, Leaf]) -> Range:
    leaf = own.get(path)
    if leaf is None:
        import difflib

        near = difflib.get_close_matches(path, own, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise DesignError(f"{path} is no number with a distribution of its own{hint}; {HOW}")
    if leaf.certain:
        raise DesignError(f"{path} is a fixed number, {leaf.args[0]:g}: it has no distribution of its own; {HOW}")
    return Range("own", count=count, leaf=leaf)


def _count(text: str, whole: str) -> int:
    if not text.strip().isdigit() or not 1 <= int(text) <= MOST:
        raise DesignError(f"{whole!r} asks for {text or 'no'} values; it must be a whole number from 1 to {MOST:,}")
    return int(text)


def _number(text: str, whole: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DesignError(f"{whole!r}: {text!r} is no finite number; {HOW}")
    return value


def _written(value: float) -> str:
    """Return a number as the shortest text that reads back as the same; YAML wants a point before an exponent."""
    text = repr(float(f"{value:.15g}"))
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text.removesuffix(".0")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent}"
