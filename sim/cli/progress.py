"""How far a run has come: a bar on a terminal, now and then a plain line elsewhere, nothing for a quick run."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Self

from sim.cli.common import say
from sim.cli.cost import duration

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, TaskID

_SILENT_SECONDS = 1.0
_LINE_SECONDS = 5.0
_JUDGED_FROM = 0.1  # of the draws: before that the pace is mostly that of getting ready


class Meter:
    """A callable that takes the number of draws finished so far; silent for the first second.

    ``expected`` is how many seconds the whole is thought to take: it speaks until enough is done to judge by the pace.
    """

    def __init__(self, draws: int, expected: float, *, quiet: bool) -> None:
        self._draws = draws
        self._expected = expected
        self._quiet = quiet
        self._start = monotonic()
        self._next_line = _SILENT_SECONDS
        self._bar: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> Self:
        self._start = monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar[0].stop()

    def __call__(self, done: int) -> None:
        """Show that `done` draws are finished."""
        elapsed = monotonic() - self._start
        if self._quiet or elapsed < _SILENT_SECONDS:
            return
        left = self._left(done, elapsed)
        if sys.stderr.isatty():
            self._show_bar(done, left)
        elif done < self._draws and elapsed >= self._next_line:
            self._next_line = elapsed + _LINE_SECONDS
            say(f"{done:,} of {self._draws:,} draws, {left}")

    def grow(self, draws: int) -> None:
        """Take in that there will be so many draws more than was thought."""
        self._draws += draws
        if self._bar is not None:
            self._bar[0].update(self._bar[1], total=self._draws)

    def _left(self, done: int, elapsed: float) -> str:
        if done >= self._draws:
            return "writing"
        early = done < _JUDGED_FROM * self._draws
        seconds = self._expected - elapsed if early else elapsed * (self._draws - done) / done
        return f"{duration(max(1.0, seconds))} left"

    def _show_bar(self, done: int, left: str) -> None:
        if self._bar is None:
            self._bar = _start(self._draws)
        progress, task = self._bar
        progress.update(task, completed=done, left=left)


def _start(draws: int) -> tuple[Progress, TaskID]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    progress = Progress(
        TextColumn("draws"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
        console=Console(stderr=True),
        transient=True,
    )
    progress.start()
    return progress, progress.add_task("draws", total=draws, left="")
