"""What a claim of the literature is: a formula, its worked numbers, and how the engine is made to play it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from math import log
from typing import NamedTuple

import numpy as np

from tests.textbook import played

DRAWS = 20_000
ERRORS = 4  # standard errors that an estimate may lie from what it estimates
Values = Mapping[str, float]


class Reading(NamedTuple):
    """What the engine gives: a value, and its standard error where it is a mean over draws."""

    value: float
    error: float = 0.0


class Worked(NamedTuple):
    """Values for which a number is printed, and that number."""

    values: dict[str, float]
    published: float


class Claim(NamedTuple):
    """A formula from the literature; ``engine`` never sees it, and plays a scenario in both drivers."""

    of: str  # section of the list of published results
    name: str
    says: str
    source: str
    formula: str
    theory: Callable[..., float]
    engine: Callable[..., Reading]
    worked: tuple[Worked, ...]
    others: Callable[[np.random.Generator], Values]  # values that no paper has worked out
    within: float = 1e-9
    dear: bool = False  # found by trying, or in many long games: every day only its first number, elsewhere in full

    def gap(self, values: Values, found: Reading) -> float:
        """Return how far a reading lies from the formula, beyond what chance may do."""
        return abs(found.value - self.theory(**values)) - ERRORS * found.error

    def holds(self, values: Values) -> bool:
        """Tell whether the engine gives what the formula says."""
        return self.gap(values, self.engine(**values)) <= self.within


class Limit(NamedTuple):
    """A result that holds in a limit: what is reached at smaller and smaller ``steps``, and how fast."""

    of: str
    name: str
    says: str
    source: str
    limit: float
    step: str  # what is made smaller, or larger
    steps: tuple[float, ...]
    engine: Callable[[float], float]
    small: Callable[[float], float] = float  # of a step: what goes to 0 with it, and the gap with its ``order``
    order: float = 1.0
    about: float = 0.1  # how near the observed order must come
    dear: bool = False  # found by trying: in full only

    def gaps(self) -> list[float]:
        """Return the distance from the limit at each step."""
        return [abs(self.engine(step) - self.limit) for step in self.steps]

    def orders(self, gaps: list[float]) -> list[float]:
        """Return the observed order of convergence between one step and the next."""
        small = [self.small(step) for step in self.steps]
        return [log(gaps[k] / gaps[k + 1]) / log(small[k] / small[k + 1]) for k in range(len(gaps) - 1)]

    def is_approached(self, gaps: list[float]) -> bool:
        """Tell whether the distance falls from step to step, in its order."""
        falls = all(near < wide for wide, near in pairwise(gaps)) and min(gaps) > 0
        return falls and all(abs(order - self.order) <= self.about for order in self.orders(gaps))


def uniform(**ranges: tuple[float, float]) -> Callable[[np.random.Generator], Values]:
    """Return a drawer of values, each even on its range, to four digits."""
    return lambda rng: {name: round(float(rng.uniform(*ends)), 4) for name, ends in ranges.items()}


def share(hits: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Reading:
    """Return the share of draws (n,) that hit, with its standard error."""
    mean = float(hits.mean())
    return Reading(mean, float(np.sqrt(mean * (1 - mean) / len(hits))))


def mean(column: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Reading:
    """Return the mean of a column (n,), with its standard error."""
    return Reading(float(column.mean()), float(column.std() / np.sqrt(len(column))))


def threshold(holds: Callable[[float], bool], low: float, high: float, halvings: int = 24) -> float:
    """Return where ``holds`` turns from true to false between ``low`` and ``high``, by trying."""
    for _ in range(halvings):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if holds(middle) else (low, middle)
    return 0.5 * (low + high)


def first_share(name: str, *sets: str, issue: str = "pie") -> float:
    """Return what the first offer gives the first side; it must have been accepted at once."""
    found = played(name, "time.window=1", *sets)
    return float(found[f"agreed.{issue}"][0]) if found["agreed_step"][0] == 0 else float("nan")
