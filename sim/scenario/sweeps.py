"""Checks of the sweeps that a scenario names: what varies can be read, and is there to be varied."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from sim.scenario.axes import SWITCHED, Axis, DesignError, read_axes, refuse_size
from sim.scenario.explain import Finding
from sim.scenario.faults import nearest, show
from sim.scenario.index import unique
from sim.scenario.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sim.scenario.read import Document
    from sim.scenario.schema import Scenario, Sweep


def check_sweeps(scenario: Scenario, document: Document) -> Iterator[Finding]:
    """Give what is wrong with the sweeps of a scenario that was read, without overrides, from a document.

    An override may fix a number that a sweep varies by its own distribution; only that sweep need mind. The names of
    mechanisms that are switched are looked up when the sweep is played.
    """
    yield from unique(scenario.sweeps, ("sweeps",))
    for i, sweep in enumerate(scenario.sweeps):
        yield from _check(scenario, document, sweep, i)


def _check(scenario: Scenario, document: Document, sweep: Sweep, i: int) -> Iterator[Finding]:
    axes: list[Axis] = []
    for k, text in enumerate(sweep.vary):
        place = ("sweeps", i, "vary", k)
        try:
            axes = [*axes, *read_axes((text,), scenario)]
            read_axes(sweep.vary[: k + 1], scenario)
        except DesignError as error:
            yield Finding(place, str(error))
            return
        yield from (Finding(place, sentence) for sentence in missing(scenario, document, axes[-1].at(0)))
    try:
        refuse_size(sweep.design, axes, sweep.points)
    except DesignError as error:
        yield Finding(("sweeps", i), str(error))


def missing(scenario: Scenario, document: Document, settings: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Say which paths of (path, value) settings name nothing that can be set or switched."""
    for path, value in settings:
        kind, _, name = path.partition(".")
        if value in SWITCHED and kind in ("moves", "exits"):
            known = [each.id for each in (scenario.moves if kind == "moves" else scenario.exits)]
            if name not in known:
                yield f"there is no {show(path)} to switch{nearest(name, known)}"
        elif value not in SWITCHED or "." in path:
            yield from (fault.sentence for fault in override(copy.deepcopy(document), [f"{path}={value}"]))
