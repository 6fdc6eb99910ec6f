"""Levels of issues as numbers: where a term stands, which levels a condition names."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.scenario.fields import Range
from sim.scenario.schema import Issue, Shape

CURVE = 33  # points of a curved value function of a continuous issue


def points_of(issue: Issue) -> int:
    """Return how many points of its range an issue's values are held at."""
    if issue.points is not None:
        return issue.points
    straight = all(isinstance(v, Shape) and v.shape == "linear" for v in issue.values.values())
    return 2 if straight else CURVE


def allowed(issue: Issue, wanted: Any) -> tuple[float, ...]:
    """Return 1 for each level that a condition names, else 0."""
    if isinstance(wanted, Range):
        assert issue.range is not None
        grid = np.linspace(*issue.range, points_of(issue))
        low = -np.inf if wanted.at_least is None else wanted.at_least - 1e-9
        high = np.inf if wanted.at_most is None else wanted.at_most + 1e-9
        return tuple(float(low <= x <= high) for x in grid)
    assert issue.levels is not None
    return tuple(float(level.id in wanted) for level in issue.levels)


def level_of(issue: Issue, term: str | float) -> float:
    """Return a term as a level index, between two points for a continuous issue."""
    if issue.levels is not None:
        return float(next(i for i, level in enumerate(issue.levels) if level.id == term))
    assert issue.range is not None
    low, high = issue.range
    at = (float(term) - low) / (high - low) * (points_of(issue) - 1)
    return at if issue.continuous else float(round(at))


def term_of(issue: Issue, level: float) -> str | float:
    """Return a level index as a level's id, or as a number in the issue's unit."""
    if issue.levels is not None:
        return issue.levels[round(level)].id
    assert issue.range is not None
    low, high = issue.range
    return low + (high - low) * level / (points_of(issue) - 1)
