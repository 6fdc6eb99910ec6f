"""How long a task may take before it is given up, so that a sweep always comes to an end."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.batch.games import Task

UNMEASURED_SECONDS = 3600.0  # for a task while none has been finished
TIMES = 50  # as long as the slowest draw so far
LEAST_SECONDS = 60.0


class TooLongError(BaseException):
    """A task has taken too long; not an Exception, which a point's own fault would be."""


class Limit:
    """The longest that a task may take: as asked, or `TIMES` as long, draw by draw, as the slowest so far."""

    def __init__(self, seconds: float | None = None) -> None:
        self._asked = seconds
        self._slowest = 0.0  # seconds a draw

    def learn(self, task: Task, seconds: float) -> None:
        """Take note of a finished task."""
        self._slowest = max(self._slowest, seconds / (task.stop - task.first))

    def of(self, task: Task) -> float:
        """Return the seconds that a task may take."""
        if self._asked is not None:
            return self._asked
        if not self._slowest:
            return UNMEASURED_SECONDS
        return max(LEAST_SECONDS, TIMES * self._slowest * (task.stop - task.first))

    def words(self, task: Task) -> str:
        """Say why a task was given up."""
        return f"stopped: {task.stop - task.first:,} draws took longer than {self.of(task):,.0f} s; see --task-limit"


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise `TooLongError` in what is done within, after so many seconds; only the main thread can be told."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(_signal: int, _frame: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
