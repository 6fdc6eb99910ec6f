"""The ids of a scenario and what they stand for, and the findings about names that stand for nothing."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from sim.scenario.explain import Finding
from sim.scenario.faults import close_to, nearest, show
from sim.scenario.fields import Named
from sim.scenario.read import Path
from sim.scenario.schema import Community, Effect, Issue, Move, Question, Scenario, Sweep, Variable


class Index:
    """Everything in a scenario that can be referred to, by id."""

    def __init__(self, scenario: Scenario) -> None:
        self.parties = {each.id: each for each in scenario.parties}
        self.movers = {each.id for each in (*scenario.parties, *scenario.third_parties)}
        self.issues: dict[str, Issue] = {each.id: each for each in scenario.issues}
        self.communities: dict[str, Community] = {each.id: each for each in scenario.communities}
        self.variables: dict[str, Variable | Community] = {each.id: each for each in scenario.variables}
        self.variables.update(self.communities)
        self.moves: dict[str, Move] = {each.id: each for each in scenario.moves}
        self.exits = {each.id: each for each in scenario.exits}
        self.outcomes = {each.id: each for each in scenario.outcomes}


def known(name: str | None, valid: Collection[str], what: str, path: Path, *, key: bool = False) -> Iterator[Finding]:
    """Find a name that stands for nothing."""
    if name is not None and name not in valid:
        yield Finding(path, f"{show(name)} is no {what} of this scenario{nearest(name, valid)}", key=key)


def known_all(names: Iterable[str] | None, valid: Collection[str], what: str, path: Path) -> Iterator[Finding]:
    """Find names of a list that stand for nothing."""
    for i, name in enumerate(names or ()):
        yield from known(name, valid, what, (*path, i))


def known_keys(names: Mapping[str, object], valid: Collection[str], what: str, path: Path) -> Iterator[Finding]:
    """Find keys of a mapping that stand for nothing."""
    for name in names:
        yield from known(name, valid, what, (*path, name), key=True)


def left_out(names: Collection[str], valid: Collection[str]) -> list[str]:
    """List the valid names that are missing, without those that an unknown name was most likely meant to be."""
    meant = {close_to(name, valid) for name in names if name not in valid}
    return [name for name in valid if name not in names and name not in meant]


def unique(
    items: Iterable[Named | Effect | Question | Sweep], path: Path, taken: Mapping[str, str] | None = None
) -> Iterator[Finding]:
    """Find ids that stand a second time, in this list or among those `taken` by another."""
    seen: dict[str, str] = dict(taken or {})
    for i, item in enumerate(items):
        if item.id in seen:
            yield Finding((*path, i, "id"), f"the id {show(item.id)} is taken by {seen[item.id]}; choose another")
        seen.setdefault(item.id, f"item {i + 1} of {path[-1]}")
