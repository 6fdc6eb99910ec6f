"""A negotiation domain as all these formats know it: issues with values, and two additive profiles."""

from __future__ import annotations

from math import isfinite, prod
from typing import NamedTuple

from sim.scenario.faults import Fault, ScenarioError, plain, show

MOST_DEALS = 50_000
MOST_ISSUES = 12
MOST_VALUES = 1_999  # of one issue
LONGEST_NAME = 300
ROUNDING = 1e-12  # weights whose sum differs from 1 by no more are left as they are


class Issue(NamedTuple):
    """One thing bargained over, with its values in the order of the file."""

    name: str
    values: tuple[str, ...]


class Profile(NamedTuple):
    """What one party wants: ``u(deal) = sum_k weight_k worth_k(value)``, weights that sum to 1 and worths in [0, 1]."""

    name: str
    weights: tuple[float, ...]  # one for each issue
    worth: tuple[tuple[float, ...], ...]  # for each issue, one for each value
    reservation: float  # what no agreement is worth
    discount: float  # weight of a deal at the very end, in (0, 1]
    total: float = 1.0  # what the weights summed to in the file


class Domain(NamedTuple):
    """Issues, and the profiles of the party that moves first and of the other."""

    name: str
    issues: tuple[Issue, ...]
    profiles: tuple[Profile, Profile]


class At(NamedTuple):
    """A place in a file, for a fault about it; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1
    snippet: str = ""

    def error(self, sentence: str) -> ScenarioError:
        """Return the error that says what is wrong here."""
        return ScenarioError([Fault(self.file, self.line, self.column, sentence, self.snippet)])


def check_issues(issues: tuple[Issue, ...], at: At) -> tuple[Issue, ...]:
    """Return the issues if a scenario can hold them; else raise ScenarioError."""
    if not issues:
        raise at.error("there is no issue in this file; name the domain's file")
    if len(issues) > MOST_ISSUES:
        raise at.error(f"the domain has {len(issues)} issues; at most {MOST_ISSUES} can be handled")
    for issue in issues:
        for name in (issue.name, *issue.values):
            if not name.strip() or len(name) > LONGEST_NAME or plain(name) != name:
                where = f"a value of {show(issue.name)}" if name is not issue.name else "an issue"
                wanted = f"a name of 1 to {LONGEST_NAME} visible characters"
                raise at.error(f"{where} is called {show(name)}; it needs {wanted}")
        if len(set(issue.values)) < len(issue.values):
            raise at.error(f"two values of {show(issue.name)} have the same name; rename one")
        if not 1 <= len(issue.values) <= MOST_VALUES:
            found = f"{show(issue.name)} has {len(issue.values):,} values"
            raise at.error(f"{found}; 1 to {MOST_VALUES:,} can be handled")
    count = prod(len(issue.values) for issue in issues)
    if count > MOST_DEALS:
        raise at.error(f"the domain has {count:,} deals; at most {MOST_DEALS:,} can be handled")
    return issues


def normalised(weights: list[float], at: At) -> tuple[float, ...]:
    """Return weights that sum to 1; all must be at least 0 and one above it."""
    if not all(isfinite(weight) and weight >= 0.0 for weight in weights):
        raise at.error("every weight must be a number of at least 0")
    total = sum(weights)
    if total <= 0.0:
        raise at.error("the weights are all 0; at least one issue must matter")
    return tuple(weights) if abs(total - 1.0) < ROUNDING else tuple(weight / total for weight in weights)


def share(value: float, at: At, what: str) -> float:
    """Return a discount factor or a worth if it lies in [0, 1]; else raise ScenarioError."""
    if not 0.0 <= value <= 1.0:
        raise at.error(f"{what} is {value:.10g}; it must lie in [0, 1]")
    return value
