"""Checks of time: dates against the calendar, steps against the window."""

from collections.abc import Iterator
from datetime import date

from sim.scenario.dates import end_of, step_of
from sim.scenario.explain import Finding
from sim.scenario.read import Path
from sim.scenario.schema import Scenario, Time

Moments = Iterator[tuple[Path, date | int | None]]
MOST_STEPS = 1200


def check_time(scenario: Scenario) -> Iterator[Finding]:
    """Find dates that the calendar does not have and steps outside the window."""
    time = scenario.time
    if not _has_calendar(time):
        yield Finding(("time", "start"), "the window runs past the year 9999; start earlier or simulate fewer steps")
        return
    if time.start is not None and time.step == "round":
        yield Finding(("time", "start"), "a round has no calendar; delete `start`, or write `step: year`", key=True)
    for finding in _within(scenario):
        yield finding._replace(rests_on=(("time", "start"), ("time", "step"), ("time", "window")))


def _within(scenario: Scenario) -> Iterator[Finding]:
    misplaced = set()
    for path, moment in _moments(scenario):
        for finding in _placed(scenario.time, moment, path):
            misplaced.add(path)
            yield finding
    yield from _spans(scenario, misplaced)
    yield from _questions(scenario, misplaced)
    yield from _observed(scenario)


def _has_calendar(time: Time) -> bool:
    try:
        return time.start is None or end_of(time, time.window) > time.start
    except (ValueError, OverflowError):
        return False


def _moments(scenario: Scenario) -> Moments:
    yield ("time", "deadline"), scenario.time.deadline
    for i, exit_ in enumerate(scenario.exits):
        yield ("exits", i, "from"), exit_.from_
        yield ("exits", i, "until"), exit_.until
    for i, move in enumerate(scenario.moves):
        yield ("moves", i, "on"), move.on
        if move.when is not None:
            yield ("moves", i, "when", "from"), move.when.from_
            yield ("moves", i, "when", "until"), move.when.until
    for i, question in enumerate(scenario.questions):
        yield ("questions", i, "by"), question.by


def _placed(time: Time, moment: date | int | None, path: Path) -> Iterator[Finding]:
    name = path[-1]
    if isinstance(moment, date):
        if time.start is None:
            yield Finding(path, f"{name} is the date {moment}, but time.start is missing; add it, or count in steps")
            return
        if moment < time.start:
            yield Finding(path, f"{name} is {moment}, before the start {time.start}; no step lies there")
            return
    if path == ("time", "deadline") and moment is not None and step_of(time, moment) > MOST_STEPS:
        yield Finding(path, f"the deadline lies more than {MOST_STEPS} steps ahead; write none, or an earlier one")


def _spans(scenario: Scenario, misplaced: set[Path]) -> Iterator[Finding]:
    spans = [(("exits", i), each.from_, each.until) for i, each in enumerate(scenario.exits)]
    spans += [
        (("moves", i, "when"), each.when.from_, each.when.until)  # type: ignore[misc]
        for i, each in enumerate(scenario.moves)
        if each.when is not None
    ]
    for path, start, end in spans:
        if start is None or end is None or misplaced & {(*path, "from"), (*path, "until")}:
            continue
        if step_of(scenario.time, start) > step_of(scenario.time, end):
            yield Finding((*path, "until"), f"until {end} lies before from {start}; exchange them")


def _questions(scenario: Scenario, misplaced: set[Path]) -> Iterator[Finding]:
    time = scenario.time
    for i, question in enumerate(scenario.questions):
        path: Path = ("questions", i, "by")
        if path in misplaced or step_of(time, question.by) <= time.window:
            continue
        end = f"step {time.window}" if time.start is None else f"{end_of(time, time.window)} (step {time.window})"
        yield Finding(path, f"by is {question.by}, after the window, which ends with {end}; widen time.window")


def _observed(scenario: Scenario) -> Iterator[Finding]:
    seen = scenario.observed
    if seen is None:
        return
    if scenario.time.start is None:
        yield Finding(("observed", "until"), "observed has dates, but time.start is missing; add it")
    last = None
    for i, outcome in enumerate(seen.outcomes):
        path = ("observed", "outcomes", i, "from")
        if outcome.from_ > seen.until:
            yield Finding(path, f"from is {outcome.from_}, after observed.until {seen.until}")
        if last is not None and outcome.from_ <= last:
            yield Finding(path, f"from is {outcome.from_}, not after the entry above it; sort the entries by date")
        last = outcome.from_
    for i, event in enumerate(seen.events):
        path = ("observed", "events", i, "date")
        if event.date > seen.until:
            yield Finding(path, f"date is {event.date}, after observed.until {seen.until}")
        elif scenario.time.start is not None and event.date < scenario.time.start:
            yield Finding(path, f"date is {event.date}, before the start {scenario.time.start}; no step lies there")
