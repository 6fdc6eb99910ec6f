"""What a scenario says of itself: the labels, dates and assumptions that stand beside a run's findings."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel

from sim import __version__
from sim.scenario.dates import end_of, step_of
from sim.scenario.distributions import quantile
from sim.scenario.leaf import Leaf
from sim.scenario.schema import Level, Patron, model_hash, source_of, text_hash
from sim.scenario.walk import name_of, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.scenario.schema import Issue, Question, Scenario, Time

BINS = 11
_QUANTILES = np.array([0.05, 0.5, 0.95])
_WORDS = {"pert": "PERT"}


def describe(scenario: Scenario, compiled: object, draws: int, seed: int) -> dict[str, Any]:  # noqa: ARG001 one shape
    """Return the descriptive part of a run's summary: everything that is known before the first draw."""
    calendar = dates(scenario.time)
    return {
        "scenario": scenario.id,
        "title": scenario.title,
        "summary": scenario.summary,
        "notes": scenario.notes,
        "information_cutoff": _iso(scenario.information_cutoff),
        "draws": draws,
        "seed": seed,
        "paths": 1,
        "model_hash": model_hash(scenario),
        "text_hash": text_hash(scenario),
        "version": __version__,
        "parties": [{"id": party.id, "label": party.label} for party in scenario.parties],
        "issues": [_issue(issue) for issue in scenario.issues],
        "time": _time(scenario.time, calendar),
        "outcomes": {outcome.id: {"label": outcome.label} for outcome in scenario.outcomes},
        "questions": {question.id: _question(question, calendar) for question in scenario.questions},
        "variables": _variables(scenario),
        "assumptions": [*assumptions(scenario)],
        "observed": _observed(scenario),
    }


def dates(time: Time) -> list[str]:
    """Return the `window + 1` dates between steps, the start first; the steps' numbers where there is no calendar."""
    if time.start is not None and time.step != "round":
        with suppress(OverflowError, ValueError):  # the calendar ends with the year 9999
            return [end_of(time, step).isoformat() for step in range(time.window + 1)]
    return [str(step) for step in range(time.window + 1)]


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
    rows = {
        item.id: {"label": item.label, "unit": item.unit, "kind": "variable", "bounds": list(item.bounds)}
        for item in scenario.variables
    }
    for group in scenario.communities:
        row = {"label": group.label, "unit": group.scale, "kind": "community", "bounds": list(group.bounds)}
        rows[group.id] = row
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
    names = _labels(scenario)
    units = {item.id: item.unit for item in scenario.variables}
    for path, unit, leaf in _leaves(scenario, (), None):
        source, url = source_of(scenario, leaf)
        low, middle, high = (float(value) for value in quantile(leaf, _QUANTILES))
        yield {
            "path": ".".join(path),
            "label": _label(path, names),
            "unit": unit or units.get(path[-1]) or (units.get(path[1]) if path[0] == "variables" else None),
            "kind": "fixed" if leaf.kind == "value" else leaf.kind,
            "text": text_of(leaf),
            "p05": low,
            "p50": middle,
            "p95": high,
            "private": None if leaf.private is None else f"± {text_of(leaf.private)}",
            "source": source,
            "url": url,
            "judgement": leaf.judgement,
            "confidence": leaf.confidence,
        }


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


def _leaves(node: Any, path: tuple[str, ...], unit: str | None) -> Iterator[tuple[tuple[str, ...], str | None, Leaf]]:
    if isinstance(node, Leaf):
        yield path, unit, node
    elif isinstance(node, BaseModel | dict | tuple):
        units = _units(node) if isinstance(node, BaseModel) else {}
        for key, below in parts(node, written=True):
            yield from _leaves(below, (*path, key), units.get(key, unit))


def _units(node: BaseModel) -> dict[str, str | None]:
    model = type(node)
    extras = {name_of(field, model): info.json_schema_extra for field, info in model.model_fields.items()}
    return {
        key: str(extra["unit"]) if isinstance(extra, dict) and "unit" in extra else None
        for key, extra in extras.items()
    }


def _labels(node: Any) -> dict[str, str]:
    found = {}
    if isinstance(node, BaseModel | dict | tuple) and not isinstance(node, Leaf):
        if hasattr(node, "id") and hasattr(node, "label") and not isinstance(node, Level | Patron):
            found[str(node.id)] = str(node.label)
        for _, below in parts(node):
            found |= _labels(below)
    return found


def _label(path: tuple[str, ...], names: dict[str, str]) -> str:
    shown = path[1:] if len(path) > 2 else path
    return " · ".join(names.get(part, part.replace("_", " ")) for part in shown)
