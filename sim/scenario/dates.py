"""The calendar of a scenario: which day ends a step, and which step a day falls into."""

import calendar
from bisect import bisect_left
from datetime import MAXYEAR, date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.schema import Time

DAYS_PER_YEAR = 365.25
MONTHS = {"month": 1, "quarter": 3, "year": 12, "round": 12}
DAYS = {"day": 1, "week": 7}


def years_of(time: "Time") -> float:
    """Length of one step in years."""
    if not isinstance(time.step, str):
        return time.step.years
    if time.step in DAYS:
        return DAYS[time.step] / DAYS_PER_YEAR
    return MONTHS[time.step] / 12


def end_of(time: "Time", step: int) -> date:
    """Last day of a step, counted from 1; step 0 gives the start itself.

    Months are counted from the start, so that a start on the 31st ends short months on their last day.
    Raises ValueError or OverflowError where the calendar ends, and ValueError where there is no start.
    """
    if time.start is None:
        raise ValueError("the scenario has no calendar")
    if not isinstance(time.step, str):
        return time.start + timedelta(days=round(step * time.step.years * DAYS_PER_YEAR))
    if time.step in DAYS:
        return time.start + timedelta(days=step * DAYS[time.step])
    years, month = divmod(time.start.month - 1 + step * MONTHS[time.step], 12)
    year = time.start.year + years
    if year > MAXYEAR:
        raise ValueError("the calendar ends with the year 9999")
    return date(year, month + 1, min(time.start.day, calendar.monthrange(year, month + 1)[1]))


def calendar_of(time: "Time") -> list[str]:
    """Return the `window + 1` dates between steps, the start first; the steps' numbers where there is no calendar."""
    steps = range(time.window + 1)
    return [str(step) for step in steps] if time.start is None else [end_of(time, step).isoformat() for step in steps]


def step_of(time: "Time", moment: date | int) -> int:
    """First step whose end is on or after a date; a whole number is a step already.

    A date past 1,200 steps gives 1,201. Raises ValueError for a date where there is no start.
    """
    if isinstance(moment, int):
        return moment
    return bisect_left(range(1, 1201), moment, key=lambda step: _end_or_never(time, step)) + 1


def _end_or_never(time: "Time", step: int) -> date:
    try:
        return end_of(time, step)
    except (ValueError, OverflowError):
        if time.start is None:
            raise
        return date.max
