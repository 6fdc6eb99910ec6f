"""What a scenario says of itself: the labels, dates and assumptions that stand beside a run's findings."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pydantic import BaseModel

from sim import __version__
from sim.rules.types import STATUSES
from sim.scenario.dates import calendar_of, step_of
from sim.scenario.distributions import quantile
from sim.scenario.leaf import Leaf
from sim.scenario.private import types_of_parties
from sim.scenario.schema import Lump, MeanShift, Reliance, model_hash, source_of, text_hash
from sim.scenario.walk import keys_of, parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.scenario.schema import Issue, Question, Scenario, Time

BINS = 11
_QUANTILES = np.array([0.05, 0.5, 0.95])
_WORDS = {"pert": "PERT", "dirichlet": "Dirichlet part"}
# in these lists an item's label says enough
_LISTS = ("parties", "issues", "variables", "communities", "moves", "exits", "effects")
_OWN_UNIT = "the variable's unit"


def describe(
    scenario: Scenario,
    compiled: object,  # noqa: ARG001 one shape
    draws: int,
    seed: int,
    paths: int = 1,
) -> dict[str, Any]:
    """Return the descriptive part of a run's summary: everything that is known before the first draw."""
    calendar = calendar_of(scenario.time)
    types = types_of_parties(scenario)
    return {
        "scenario": scenario.id,
        "title": scenario.title,
        "summary": scenario.summary,
        "notes": scenario.notes,
        "information_cutoff": _iso(scenario.information_cutoff),
        "draws": draws,
        "seed": seed,
        "paths": paths,
        "model_hash": model_hash(scenario),
        "text_hash": text_hash(scenario),
        "version": __version__,
        "parties": [
            {"id": party.id, "label": party.label, "types": list(types[party.id])} for party in scenario.parties
        ],
        "issues": [_issue(issue) for issue in scenario.issues],
        "time": _time(scenario.time, calendar),
        "statuses": list(STATUSES),
        "outcomes": {outcome.id: {"label": outcome.label} for outcome in scenario.outcomes},
        "questions": {question.id: _question(question, calendar) for question in scenario.questions},
        "variables": _variables(scenario),
        "assumptions": [*assumptions(scenario)],
        "observed": _observed(scenario),
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _time(time: Time, calendar: list[str]) -> dict[str, Any]:
    return {
        "start": _iso(time.start),
        "step": time.step if isinstance(time.step, str) else f"{time.step.years:g} years",
        "window": time.window,
        "deadline": None if time.deadline is None else step_of(time, time.deadline),
        "dates": calendar,
    }


def _issue(issue: Issue) -> dict[str, Any]:
    row: dict[str, Any] = {"id": issue.id, "label": issue.label, "unit": issue.unit}
    if issue.levels is not None:
        return {**row, "levels": [{"id": level.id, "label": level.label} for level in issue.levels]}
    assert issue.range is not None
    low, high = issue.range
    if issue.continuous:
        edges = np.linspace(low, high, BINS + 1)
        bins = [f"{a:.3g} to {b:.3g}" for a, b in pairwise(edges)]
        return {
            **row,
            "range": [low, high],
            "levels": [{"id": f"bin_{i}", "label": text} for i, text in enumerate(bins)],
        }
    assert issue.points is not None
    grid = [f"{value:.6g}" for value in np.linspace(low, high, issue.points)]
    return {**row, "levels": [{"id": text, "label": text} for text in grid]}


def _question(question: Question, calendar: list[str]) -> dict[str, Any]:
    by = question.by
    day = by.isoformat() if isinstance(by, date) else calendar[by] if by < len(calendar) else str(by)
    return {"text": question.text, "date": day, "observed": question.observed, "source": question.source}


def _variables(scenario: Scenario) -> dict[str, Any]:
    rows: dict[str, Any] = {
        item.id: {"label": item.label, "unit": item.unit, "kind": "variable", "bounds": list(item.bounds)}
        for item in scenario.variables
    }
    sizes = {group.id: float(quantile(group.share, _QUANTILES)[1]) for group in scenario.communities}
    everybody = sum(sizes.values()) or 1.0
    for group in scenario.communities:
        row = {"label": group.label, "unit": group.scale, "kind": "community", "bounds": list(group.bounds)}
        rows[group.id] = {**row, "share": sizes[group.id] / everybody}
    return rows


def _observed(scenario: Scenario) -> dict[str, Any] | None:
    seen = scenario.observed
    if seen is None:
        return None
    labels = {outcome.id: outcome.label for outcome in scenario.outcomes}
    return {
        "until": seen.until.isoformat(),
        "outcomes": [
            {
                "from": row.from_.isoformat(),
                "outcome": row.outcome,
                "label": labels.get(row.outcome, row.outcome),
                "source": row.source,
            }
            for row in seen.outcomes
        ],
        "events": [{"date": row.date.isoformat(), "label": row.label, "source": row.source} for row in seen.events],
    }


def assumptions(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Yield a row for every number the file states: what it is, how uncertain, and where it comes from."""
    for path, label, unit, leaf in _Walk(scenario).leaves():
        source, url = source_of(scenario, leaf)
        low, middle, high = (float(value) for value in quantile(leaf, _QUANTILES))
        yield {
            "path": path,
            "label": label,
            "unit": unit,
            "kind": "fixed" if leaf.kind == "value" else leaf.kind,
            "text": text_of(leaf),
            "p05": low,
            "p50": middle,
            "p95": high,
            "private": None if leaf.private is None else f"± {text_of(leaf.private)}{leaf.type and f', {leaf.type}'}",
            "source": source,
            "url": url,
            "judgement": leaf.judgement,
            "confidence": leaf.confidence,
        }
    yield from _correlations(scenario)


def _correlations(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Yield a row for every pair of numbers that go together."""
    labels = {path: label for path, label, _, _ in _Walk(scenario).leaves()}
    for rule in scenario.correlations:
        source, url = source_of(scenario, rule)
        yield {
            "path": " with ".join(rule.between),
            "label": " with ".join(labels.get(path, path) for path in rule.between),
            "unit": None,
            "kind": "correlation",
            "text": f"rank correlation {rule.rank:.6g}",
            **dict.fromkeys(("p05", "p50", "p95", "private")),
            "source": source,
            "url": url,
            "judgement": rule.judgement,
            "confidence": rule.confidence,
        }


def name_of_path(scenario: Scenario, path: str) -> tuple[str, str | None]:
    """Return what a path of a scenario, or a mechanism that can be switched off, is called, and its unit or None."""
    from sim.mechanisms import mechanisms

    known = {each.id: each.label for each in mechanisms(scenario)}
    return (known[path], None) if path in known else _Walk(scenario).named(path)


def text_of(leaf: Leaf) -> str:
    """Return a distribution as a person would write it.

    >>> text_of(Leaf(kind="pert", args=(0.1, 0.2, 0.4))), text_of(Leaf(kind="value", args=(2.0,)))
    ('PERT 0.1, 0.2, 0.4', '2')
    """
    numbers = [f"{value:.6g}" for value in leaf.args]
    if leaf.kind == "value":
        return numbers[0]
    if leaf.kind == "discrete":
        numbers = [f"{value} ({chance})" for value, chance in zip(numbers[::2], numbers[1::2], strict=True)]
    text = f"{_WORDS.get(leaf.kind, leaf.kind)} {', '.join(numbers)}"
    for word, interval in (("within", leaf.within), ("over", leaf.over)):
        if interval is not None:
            text += f" {word} {interval[0]:.6g} to {interval[1]:.6g}"
    return text


class _Place(NamedTuple):
    """Where a walk stands: the path of keys, the same in words, the unit there, and the levels that may be named."""

    path: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    unit: str | None = None
    levels: Mapping[str, str] = MappingProxyType({})


class _Walk:
    """A walk over the numbers that a scenario's file states, each with its path, its name in words and its unit."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        named = (scenario.parties, scenario.issues, scenario.variables, scenario.communities, scenario.moves)
        self._names = {item.id: item.label for group in named for item in group}
        self._units = {item.id: item.unit for item in scenario.variables}
        self._levels = {issue.id: {level.id: level.label for level in issue.levels or ()} for issue in scenario.issues}

    def leaves(self) -> Iterator[tuple[str, str, str | None, Leaf]]:
        """Yield path, label, unit and leaf, in the order of the file."""
        for place, leaf in self._below(self._scenario, _Place()):
            words = place.words[1:] if place.path[0] in _LISTS else place.words
            yield ".".join(place.path), " · ".join(words), place.unit, leaf

    def named(self, path: str) -> tuple[str, str | None]:
        """Return the words and the unit of whatever stands at a path, as `leaves` gives them for a number."""
        node: Any = self._scenario
        place = _Place()
        for key in path.split("."):
            child = next((below for name, below in parts(node) if name == key), None)
            place, node = self._step(node, key, child, place), child
        words = place.words[1:] if place.path[0] in _LISTS else place.words
        return " · ".join(words), place.unit

    def _below(self, node: Any, place: _Place) -> Iterator[tuple[_Place, Leaf]]:
        if isinstance(node, Leaf):
            yield place, node
        elif isinstance(node, BaseModel | dict | tuple):
            for key, child in parts(node, written=True):
                yield from self._below(child, self._step(node, key, child, place))

    def _step(self, node: Any, key: str, child: Any, place: _Place) -> _Place:
        path = (*place.path, key)
        if isinstance(node, BaseModel):
            unit = self._unit(node, key, place) if key in keys_of(type(node)).values() else None
            return _Place(path, (*place.words, key.replace("_", " ")), unit, place.levels)
        levels = self._levels.get(key, place.levels)
        word = self._item(key, child) if isinstance(node, tuple) else levels.get(key) or self._name(key)
        unit = self._units.get(key, place.unit) if isinstance(node, dict) else place.unit
        return _Place(path, (*place.words, word), unit, levels)

    def _unit(self, node: BaseModel, key: str, place: _Place) -> str | None:
        name = next(name for name, written in keys_of(type(node)).items() if written == key)
        extra = type(node).model_fields[name].json_schema_extra
        unit = str(extra["unit"]) if isinstance(extra, dict) and "unit" in extra else None
        owner = self._units.get(place.path[1]) if place.path[:1] == ("variables",) and len(place.path) > 1 else None
        return owner if unit == _OWN_UNIT or (unit is None and key in ("start", "mean")) else unit

    def _item(self, key: str, item: Any) -> str:
        if isinstance(item, Lump):
            return f"{item.on.replace('_', ' ')} ({self._name(item.party)})"
        if isinstance(item, Reliance):
            return self._name(item.party)
        if isinstance(item, MeanShift):
            return self._name(item.move or item.variable or "terms")
        return getattr(item, "label", None) or key.replace("_", " ")

    def _name(self, key: str) -> str:
        return self._names.get(key) or key.replace("_", " ")
