"""What lies on disk of a sweep, point by point, as a table; and what its report shows of it.

The table is written as it is made.  What is kept in memory, for summary and report, are at most `SHOWN` points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from sim.batch.designs import Design, Point
    from sim.batch.index import Index
    from sim.scenario import Scenario
    from sim.sweep import Plan

SHOWN = 2500  # points in summary and charts, besides the base case
NAMED = 500  # failures, and groups of points that are the same game, named in summary and report
MEMBERS = 50  # points named of such a group

Row = dict[str, Any]


def tabulate(planned: Plan, folder: Path, index: Index) -> tuple[Row, dict[str, Any]]:
    """Write `points.parquet` and `points.csv`; return the summary, and the records of both files.

    Raises `DamagedError` where a table of draws is not what was written, OSError where nothing can be written.
    """
    from sim.batch.points import writing

    scenario, design = planned.scenario, planned.design
    seen = _Seen(index.failures(), index.repeated(NAMED), shown_of(design, SHOWN))
    with writing(folder, _kinds(scenario, design)) as table:
        for number, point in planned.numbered():
            row = _row(planned, folder, index, number, point, seen.failures)
            table.add(row)
            seen.note(row)
    return _summary(planned, seen), table.records


class _Seen:
    """What is kept of the rows that pass by."""

    def __init__(self, failures: Mapping[str, str], repeated: Iterable[str], shown: Callable[[int], bool]) -> None:
        self.failures = failures
        self._shown = shown
        self._same: dict[str, list[int]] = {mark: [] for mark in repeated}
        self.rows: list[Row] = []
        self.failed: list[Row] = []
        self.done = 0

    def note(self, row: Row) -> None:
        """Take note of a row, and keep it if it is to be shown."""
        number = row["point"]
        if number < 0 or self._shown(number):
            self.rows.append(row)
        if row["state"] == "failed":
            if len(self.failed) < NAMED:
                self.failed.append(row)
        elif number >= 0:
            self.done += 1
            same = self._same.get(row["fingerprint"])
            if same is not None and len(same) < MEMBERS:
                same.append(number)

    @property
    def alike(self) -> list[list[int]]:
        """The groups of points that were the same game, by their first points."""
        return sorted(same for same in self._same.values() if len(same) > 1)


def shown_of(design: Design, most: int) -> Callable[[int], bool]:
    """Return which points, by number, are shown: all, or at most ``most``, spread evenly.

    Of a grid those at evenly spaced places of every axis, ends included, so that they are a grid again; of a sequence
    that fills a space (sobol, halton) the first, which fill it too; else every k-th.
    """
    size = design.size
    if size <= most:
        return lambda _number: True
    if design.kind == "grid":
        return _sublattice([axis.count for axis in design.axes], most)
    if design.kind in ("sobol", "halton"):
        return lambda number: number < most
    step = -(-size // most)
    return lambda number: number % step == 0


def _sublattice(counts: Sequence[int], most: int) -> Callable[[int], bool]:
    """Choose places of each axis: the longest gives way until the product fits."""
    import math

    kept = list(counts)
    while math.prod(kept) > most:
        longest = kept.index(max(kept))
        others = math.prod(kept) // kept[longest]
        runner_up = max((count for at, count in enumerate(kept) if at != longest), default=1)
        kept[longest] = max(min(kept[longest] - 1, most // others), min(runner_up, kept[longest] - 1))
    places = [
        {round(at * (count - 1) / max(1, few - 1)) for at in range(few)}
        for count, few in zip(counts, kept, strict=True)
    ]

    def chosen(number: int) -> bool:
        for count, among in zip(reversed(counts), reversed(places), strict=True):
            number, digit = divmod(number, count)
            if digit not in among:
                return False
        return True

    return chosen


def _kinds(scenario: Scenario, design: Design) -> dict[str, type]:
    """Return the kind of every column, in order."""
    from sim.analysis.points import names

    settings = {path: str if design.is_text(path) else float for path in design.names}
    findings: dict[str, type] = dict.fromkeys(names(*_ids(scenario)), float)
    head: dict[str, type] = {"point": int, "id": str}
    return {**head, **settings, "state": str, "reason": str, "draws": int, "fingerprint": str, **findings}


def _ids(scenario: Scenario) -> tuple[list[str], list[str]]:
    return [each.id for each in scenario.outcomes], [each.id for each in scenario.parties]


def _row(planned: Plan, folder: Path, index: Index, number: int, point: Point, failures: Mapping[str, str]) -> Row:
    """Return the row of a point: what it sets, and what its draws say or why there are none."""
    from sim.analysis.points import findings, names
    from sim.batch.sweeps import draws_of

    outcomes, parties = _ids(planned.scenario)
    settings, parts = dict(point.settings), index.parts(point.id)
    row: Row = {"point": number, "id": point.id}
    for path in planned.design.names:
        text = settings.get(path)
        row[path] = None if text is None else planned.design.value(path, text)
    row |= {"state": "failed", "reason": failures.get(point.id, "was not played"), "draws": 0, "fingerprint": None}
    row |= dict.fromkeys(names(outcomes, parties))
    if point.id not in failures and parts:
        found = draws_of(
            folder, parts, planned.draws, ["outcome", "agreed_step", *(f"payoff.{key}" for key in parties)]
        )
        table = {name: found[name].to_numpy() for name in found.column_names}
        row |= {"state": "done", "reason": None, "draws": len(found), "fingerprint": parts[0].fingerprint}
        row |= findings(table, outcomes, parties)
    return row


def _summary(planned: Plan, seen: _Seen) -> Row:
    from sim.scenario.schema import model_hash, text_hash

    scenario, design = planned.scenario, planned.design
    return {
        "scenario": scenario.id,
        "title": scenario.title,
        "design": design.kind,
        "points": design.size,
        "done": seen.done,
        "shown": len(seen.rows) - 1,
        "draws": planned.draws,
        "seed": planned.seed,
        "independent": planned.independent,
        "version": __version__,
        "model_hash": model_hash(scenario),
        "text_hash": text_hash(scenario),
        "axes": list(_axes(planned)),
        "outcomes": {each.id: each.label for each in scenario.outcomes},
        "parties": {each.id: each.label for each in scenario.parties},
        "alike": seen.alike,
        "failures": [{key: row[key] for key in ("point", *design.names, "reason")} for row in seen.failed],
        "rows": seen.rows,
    }


def _axes(planned: Plan) -> Iterable[Row]:
    """Yield what is varied: paths, what they are called, their units, the base case's value, and if it is a median."""
    from sim.describe import name_of_path
    from sim.scenario.schema import leaves

    design = planned.design
    known = dict(leaves(planned.scenario))
    counts = [axis.count for axis in design.axes] if design.kind == "grid" else []
    for at, paths in enumerate([axis.paths for axis in design.axes] or [(name,) for name in design.names]):
        called = [name_of_path(planned.scenario, path) for path in paths]
        yield {
            "paths": list(paths),
            "labels": [words for words, _ in called],
            "units": [unit for _, unit in called],
            "base": _base(planned, paths[0], known),
            "uncertain": paths[0] in known and known[paths[0]].kind != "value",
            "count": counts[at] if counts else None,
        }


def _base(planned: Plan, path: str, known: Mapping[str, Any]) -> float | str | None:
    """Return the base case's value at a path: the median of an uncertain number, `on` for a switch."""
    import numpy as np

    from sim.batch.games import value_at
    from sim.scenario.axes import SWITCHED
    from sim.scenario.distributions import quantile

    if path in known:
        return float(quantile(known[path], np.array([0.5]))[0])
    if planned.design.is_text(path) and set(planned.design.words(path)) <= set(SWITCHED):
        return SWITCHED[0]
    value = value_at(planned.document.tree, path)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return str(value) if planned.design.is_text(path) else float(value) if not isinstance(value, str) else None
