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


class Meter:
    """A callable that takes the number of draws finished so far; silent for the first second."""

    def __init__(self, draws: int, *, quiet: bool) -> None:
        self._draws = draws
        self._quiet = quiet
        self._start = monotonic()
        self._last_line = 0.0
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
        if sys.stderr.isatty():
            self._show_bar(done)
        elif done < self._draws and elapsed - self._last_line >= _LINE_SECONDS:
            self._last_line = elapsed
            left = duration(elapsed * (self._draws - done) / max(done, 1))
            say(f"{done:,} of {self._draws:,} draws, {left} left")

    def _show_bar(self, done: int) -> None:
        if self._bar is None:
            self._bar = _start(self._draws)
        progress, task = self._bar
        progress.update(task, completed=done)


def _start(draws: int) -> tuple[Progress, TaskID]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    progress = Progress(
        TextColumn("draws"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    progress.start()
    return progress, progress.add_task("draws", total=draws)
