"""Every leaf of a scenario for one block of draws, and the rows of tables that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.rules.types import TRUE, ends

F = NDArray[np.float64]


@dataclass(frozen=True)
class Numbers:
    """Every leaf of the scenario for one block of draws."""

    public: Mapping[str, F]  # path -> (n,)
    spread: Mapping[str, tuple[int, int, F]]  # private path -> owner's side, which of its types, half width (n,)
    type: F  # (S, Z, n)
    bias: F  # (S, Z, n)
    casts: int
    heirs: tuple[tuple[Numbers, ...], tuple[Numbers, ...]] = ((), ())  # by side: the same for each successor

    def __call__(self, path: str) -> F:
        """Return the public value (n,)."""
        return self.public[path]

    def optional(self, path: str, otherwise: float) -> F:
        """Return the public value (n,) of a leaf that may not be there, or another number."""
        return self.public[path] if path in self.public else np.full(self.type.shape[-1], otherwise)

    def cast(self, path: str) -> F:
        """Return the value (casts, n): the owner's own, and the ends of what the other thinks possible."""
        value = np.repeat(self.public[path][None], self.casts, axis=0)
        if path in self.spread:
            side, type_, width = self.spread[path]
            at = np.zeros_like(value)
            at[TRUE] = self.type[side, type_]
            low, high = ends(type_)
            at[low], at[high] = -1.0, 1.0
            value = value + width * at
        return value

    def none(self) -> F:
        """Return zeros (casts, n)."""
        return np.zeros((self.casts, self.type.shape[-1]))


@dataclass
class Rows:
    """Rows of one table of ``Params`` as they are met while the layout is built."""

    make: list[Callable[[Numbers], F]] = field(default_factory=list)

    def add(self, one: Callable[[Numbers], F]) -> int:
        """Add a row and return its place."""
        self.make.append(one)
        return len(self.make) - 1

    def table(self, numbers: Numbers, shape: tuple[int, ...] = ()) -> F:
        """Return the rows (rows, ..., n)."""
        if not self.make:
            return np.zeros((0, *shape, numbers.type.shape[-1]))
        return np.ascontiguousarray(np.stack([one(numbers) for one in self.make]))


ROWS = ("move", "jump", "move_lump", "doubt", "shift", "effect", "lump", "reliance", "patron", "patron_term")
