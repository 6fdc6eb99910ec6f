"""Trees of arrays, a column per draw: read through a choice of draws, written in some of them, joined.

A tree is a tuple of arrays and trees, as all of ``types`` are; the last axis of every array runs over the draws.  A
choice of draws is an array of their numbers, or ``Draws``, which knows which of them stand next to one another: a
stretch of neighbours is seen through without a copy, or copied as it lies in memory; single columns are gathered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.rules.types import B, I

T = TypeVar("T")
MANY = 1024  # columns from which on it pays to copy stretches one by one
FEW = 7  # changes in a mask from which on it is no longer read as stretches


class Draws:
    """Which draws are meant, in order: stretches of neighbours, and others one by one."""

    def __init__(self, *parts: slice | I) -> None:
        """Take the parts, of which none is empty; a slice has a start and a stop."""
        self.parts, self.count = parts, sum(map(_size, parts))

    @classmethod
    def of(cls, where: B) -> Draws:
        """Return the draws of a mask (n,): as stretches where they are few, else what it begins with and the others."""
        edges = np.flatnonzero(where[1:] != where[:-1]) + 1
        if len(edges) < FEW:
            stretches = pairwise([0, *edges.tolist(), len(where)])
            return cls(*(slice(low, high) for low, high in stretches if high > low and where[low]))
        first = int(edges[0]) if where[0] else 0
        rest = first + np.flatnonzero(where[first:])
        return cls(*([slice(0, first)] if first else []), rest)

    @classmethod
    def of_each(cls, masks: Iterable[B]) -> Draws:
        """Return the draws of several masks (n,), those of one after those of the other."""
        return sum(map(cls.of, masks), cls())

    def __add__(self, more: Draws) -> Draws:
        """Return these draws and then others; what goes on as a stretch, or one by one, is one part."""
        match (self.parts[-1:], more.parts[:1]):
            case ((slice(stop=end) as last,), (slice(start=begin) as first,)) if end == begin:
                return Draws(*self.parts[:-1], slice(last.start, first.stop), *more.parts[1:])
            case ((np.ndarray() as last,), (np.ndarray() as first,)):
                return Draws(*self.parts[:-1], np.concatenate([last, first]), *more.parts[1:])
        return Draws(*self.parts, *more.parts)

    def __mul__(self, times: int) -> Draws:
        """Return these draws several times."""
        return Draws(*self.parts * times)

    def shifted(self, by: int) -> Draws:
        """Return the draws whose numbers are higher by so many."""
        return Draws(*(slice(p.start + by, p.stop + by) if isinstance(p, slice) else p + by for p in self.parts))

    def leading(self, count: int) -> Draws:
        """Return the first ``count`` of these draws."""
        found: list[slice | I] = []
        for part in self.parts:
            size = min(_size(part), count)
            if size:
                found.append(slice(part.start, part.start + size) if isinstance(part, slice) else part[:size])
            count -= size
        return Draws(*found)

    @cached_property
    def at(self) -> I:
        """Their numbers (n',)."""
        every = [np.arange(p.start, p.stop) if isinstance(p, slice) else p for p in self.parts]
        return np.concatenate(every) if every else np.zeros(0, dtype=np.int64)

    def __len__(self) -> int:
        """Return how many they are."""
        return self.count

    def columns(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return their columns of an array; a single stretch is seen through and not copied."""
        if len(self.parts) == 1 and isinstance(self.parts[0], slice):
            return array[..., self.parts[0]]
        if len(self.parts) == 1 or self.count < MANY:
            return array.take(self.at, axis=-1)
        found = [array[..., p] if isinstance(p, slice) else array.take(p, axis=-1) for p in self.parts]
        return np.concatenate(found, axis=-1)

    def write(self, array: NDArray[Any], columns: NDArray[Any]) -> None:
        """Write their columns (..., n') into an array."""
        for part, own in self._placed():
            array[..., part] = columns[..., own]

    def add(self, array: NDArray[Any], columns: NDArray[Any]) -> None:
        """Add columns (..., n') to theirs of an array; no draw may be meant twice."""
        for part, own in self._placed():
            array[..., part] += columns[..., own]

    def _placed(self) -> Iterator[tuple[slice | I, slice]]:
        """Yield each part with the place of its columns among all of these."""
        start = 0
        for part in self.parts:
            yield part, slice(start, start + _size(part))
            start += _size(part)


def _size(part: slice | I) -> int:
    return int(part.stop - part.start) if isinstance(part, slice) else len(part)


def _columns(array: NDArray[Any], keep: I | Draws) -> NDArray[Any]:
    return keep.columns(array) if isinstance(keep, Draws) else array.take(keep, axis=-1)


def _put(array: NDArray[Any], at: I | Draws, some: NDArray[Any]) -> None:
    if isinstance(at, Draws):
        at.write(array, some)
    else:
        array[..., at] = some


def each(tree: T, change: Callable[[NDArray[np.generic]], NDArray[np.generic]]) -> T:
    """Apply ``change`` to every array of a tree of tuples, keeping its form; None stands for what there is not."""
    if tree is None:
        return tree
    if isinstance(tree, np.ndarray):
        return change(tree)  # type: ignore[return-value]
    if isinstance(tree, tuple):
        parts = [each(part, change) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else tuple(parts)  # type: ignore[return-value]
    raise TypeError(f"a tree of tuples and arrays is wanted, not {type(tree).__name__}")


def take(tree: T, keep: I | Draws) -> T:
    """Keep the draws ``keep`` (n',) of every array: the one compaction of finished draws."""
    return each(tree, lambda array: _columns(array, keep))


class Selection:
    """A tree of tuples seen through some of its draws: an array is taken when it is first read, and then kept.

    ``wider`` holds what has been taken of more draws, these being the first of them: no copy is made of that.
    """

    def __init__(self, tree: Any, keep: I | Draws, wider: dict[int, Any] | None = None) -> None:
        self._tree, self._keep, self._taken, self._wider = tree, keep, dict[int, Any](), wider or {}

    def __getitem__(self, place: int) -> Any:
        if place not in self._taken:
            known = place in self._wider
            part = leading(self._wider[place], len(self._keep)) if known else selected(self._tree[place], self._keep)
            self._taken[place] = part
        return self._taken[place]

    def untaken(self, name: str) -> tuple[Any, I]:
        """Return an array with more draws, and which of them these are: what is read in part only is not taken."""
        place = self._fields.index(name)
        if place in self._taken or place in self._wider:
            return (self._taken if place in self._taken else self._wider)[place], np.arange(len(self._keep))
        array, draw = untaken(self._tree, name)
        at = self._keep.at if isinstance(self._keep, Draws) else self._keep
        return array, at if draw is None else draw[at]

    def leading(self, count: int) -> Selection:
        """Return the first ``count`` of the draws."""
        keep = self._keep.leading(count) if isinstance(self._keep, Draws) else self._keep[:count]
        return Selection(self._tree, keep, self._taken)

    def __getattr__(self, name: str) -> Any:
        part = self[self._fields.index(name)]
        setattr(self, name, part)  # so that it is found without this call from now on
        return part

    @property
    def _fields(self) -> tuple[str, ...]:
        fields: tuple[str, ...] = self._tree._fields
        return fields

    def __len__(self) -> int:
        return len(self._tree)

    def __iter__(self) -> Iterator[Any]:
        return (self[place] for place in range(len(self)))

    def thinned(self, rows: slice) -> Selection:
        """Return some rows of its arrays (..., K, n)."""
        return Selection(thinned(self._tree, rows), self._keep)


def thinned(tree: T, rows: slice) -> T:
    """Return some rows of the arrays (..., K, n) of a tree that is only read, without a copy."""
    if rows.step == 1:
        return tree
    if isinstance(tree, Selection):
        return tree.thinned(rows)  # type: ignore[return-value]
    return each(tree, lambda array: array[..., rows, :])


def selected(tree: T, keep: I | Draws) -> T:
    """Return the draws ``keep`` (n',) of a tree that is only read, and perhaps in part: what is not read is no copy."""
    if isinstance(tree, np.ndarray):
        return _columns(tree, keep)  # type: ignore[return-value]
    return Selection(tree, keep) if isinstance(tree, (tuple, list, Selection)) else tree  # type: ignore[return-value]


def untaken(tree: Any, name: str) -> tuple[Any, I | None]:
    """Return an array of a tree, and which of its draws are meant (n',), None all: no copy is made of a selection."""
    return tree.untaken(name) if isinstance(tree, Selection) else (getattr(tree, name), None)


def leading(tree: T, count: int) -> T:
    """Return the first ``count`` draws of a tree that is only read, without a copy of what is there already."""
    if isinstance(tree, np.ndarray):
        return tree[..., :count]  # type: ignore[return-value]
    if isinstance(tree, (Selection, Draws)):
        return tree.leading(count)  # type: ignore[return-value]
    if isinstance(tree, tuple):
        parts = [leading(part, count) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else tuple(parts)  # type: ignore[return-value]
    return tree


def spread(tree: T, at: I | Draws, draws: int) -> T:
    """Return a tree over ``draws`` draws that is ``tree`` in the draws ``at`` (n',), and nan in all others."""

    def over(array: NDArray[np.generic]) -> NDArray[np.generic]:
        wide = np.full((*array.shape[:-1], draws), np.nan)
        _put(wide, at, array)
        return wide

    return each(tree, over)


def put(tree: T, at: I | Draws, some: T, was: T | None = None) -> T:
    """Return the tree with the draws ``at`` (n',) of every array replaced by ``some``.

    Of a tree that was ``was`` in these draws, what is the same array still is left as it is, and not copied.
    """
    if some is was:
        return tree
    if isinstance(tree, np.ndarray):
        changed = tree.copy()
        _put(changed, at, some)  # type: ignore[arg-type]
        return changed
    if isinstance(tree, tuple):
        before: Any = (None,) * len(tree) if was is None else was
        parts = [put(old, at, new, past) for old, new, past in zip(tree, some, before, strict=True)]  # type: ignore[call-overload]
        return type(tree)(*parts) if hasattr(tree, "_fields") else tuple(parts)  # type: ignore[return-value]
    return tree


def room_for(tree: T, draws: int) -> T:
    """Return a tree of the same form with room for so many draws, to be written."""
    return each(tree, lambda array: np.empty((*array.shape[:-1], draws), dtype=array.dtype))


def write(tree: T, at: I | Draws, some: T) -> None:
    """Write ``some`` over the draws ``at`` (n',) of every array of a tree that nobody else holds."""
    if isinstance(tree, np.ndarray):
        _put(tree, at, some)  # type: ignore[arg-type]
    elif isinstance(tree, tuple):
        for old, new in zip(tree, some, strict=True):  # type: ignore[call-overload]
            write(old, at, new)


def join(trees: list[T]) -> T:
    """Put the draws of several trees of the same form behind one another."""
    first = trees[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(trees, axis=-1)  # type: ignore[arg-type, return-value]
    if isinstance(first, tuple):
        parts = [join([tree[place] for tree in trees]) for place in range(len(first))]  # type: ignore[index]
        return type(first)(*parts) if hasattr(first, "_fields") else tuple(parts)  # type: ignore[return-value]
    return first
