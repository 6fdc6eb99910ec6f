"""Processes that play tasks: each has a pipe of its own, so that one that dies or hangs takes nothing else with it."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections import Counter, deque
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pickle import UnpicklingError
from time import monotonic
from typing import TYPE_CHECKING, Any

from sim.batch.games import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from sim.batch.games import Finding, Job, Played, Task
    from sim.batch.limits import Limit

    Attempt = Callable[[Job, Task], Played | Failure]

CHANCES = 3  # workers that a point may cost
DEEP = 2  # tasks with each worker: one that it plays, one that waits for it
LOOK_SECONDS = 0.5  # between looks at tasks that take long
LOADED = ("sim.batch.runner", "sim.montecarlo", "pyarrow.parquet")  # by the fork server, once for all workers


def pooled(job: Job, tasks: Iterable[Task], workers: int, limit: Limit, attempt: Attempt) -> Generator[Finding]:
    """Play the tasks on processes that stay warm; findings come as they are finished.

    A worker that dies costs the task it was playing one of `CHANCES`; one that takes longer than ``limit`` allows is
    ended, and so is its task.
    """
    pool = _Pool(job, workers, attempt)
    try:
        yield from pool.play(iter(tasks), limit)
    finally:
        pool.end()


class _Worker:
    """A process, the pipe to it, and the tasks it was given; the first of them is being played since ``since``."""

    def __init__(self, context: Any, job: Job, attempt: Attempt) -> None:
        self.pipe, there = context.Pipe()
        self.process = context.Process(target=_serve, args=(there, job, attempt), daemon=True)
        self.process.start()
        there.close()
        self.tasks: deque[Task] = deque()
        self.since = monotonic()

    def give(self, task: Task) -> None:
        """Hand over a task; where the process is gone, its pipe says so when it is next read."""
        if not self.tasks:
            self.since = monotonic()
        self.tasks.append(task)
        with suppress(OSError):
            self.pipe.send(task)

    def end(self) -> None:
        """Kill the process."""
        self.process.kill()
        self.process.join()
        self.process.close()
        self.pipe.close()


class _Pool:
    def __init__(self, job: Job, workers: int, attempt: Attempt) -> None:
        self._context: Any = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
        if sys.platform == "linux":
            self._context.set_forkserver_preload([*LOADED])
        self._made = (self._context, job, attempt)
        self._workers = [_Worker(*self._made) for _ in range(workers)]
        self._killed: Counter[str] = Counter()

    def play(self, tasks: Iterator[Task], limit: Limit) -> Iterator[Finding]:
        """Play all tasks."""
        again: deque[Task] = deque()
        while True:
            for _ in range(DEEP):
                for worker in self._workers:
                    if len(worker.tasks) < DEEP and (task := again.popleft() if again else next(tasks, None)):
                        worker.give(task)
            if not any(worker.tasks for worker in self._workers):
                return
            found = list(self._looked(limit, again))
            yield from found

    def _looked(self, limit: Limit, again: deque[Task]) -> Iterator[Finding]:
        """Wait a moment; yield what has come back or is given up, and put into ``again`` what must be played again."""
        ready = wait([worker.pipe for worker in self._workers], LOOK_SECONDS)
        for place, worker in enumerate(self._workers):
            if worker.pipe in ready:
                try:
                    result = worker.pipe.recv()
                except (EOFError, OSError, UnpicklingError):
                    yield from self._died(place, again)
                    continue
                task = worker.tasks.popleft()
                now = monotonic()
                limit.learn(task, now - worker.since)
                worker.since = now
                yield task, result
            elif worker.tasks and monotonic() - worker.since > limit.of(worker.tasks[0]):
                task = worker.tasks.popleft()
                yield task, Failure(limit.words(task))
                self._replace(place, again)

    def _died(self, place: int, again: deque[Task]) -> Iterator[Finding]:
        worker = self._workers[place]
        if worker.tasks:
            task = worker.tasks.popleft()
            self._killed[task.point.id] += 1
            if self._killed[task.point.id] < CHANCES:
                again.append(task)
            else:
                yield task, Failure(set_aside())
        self._replace(place, again)

    def _replace(self, place: int, again: deque[Task]) -> None:
        again.extend(self._workers[place].tasks)
        self._workers[place].end()
        self._workers[place] = _Worker(*self._made)

    def end(self) -> None:
        """Kill all workers."""
        for worker in self._workers:
            worker.end()


def set_aside() -> str:
    """Say why a point that has cost too many workers is not played again."""
    return f"set aside: {CHANCES} workers died while they played it (out of memory, or killed from outside)"


def _serve(pipe: Connection, job: Job, attempt: Attempt) -> None:
    """Play what comes through the pipe until its other end is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the parent's to tell
    with suppress(EOFError, OSError):
        while True:
            pipe.send(attempt(job, pipe.recv()))
