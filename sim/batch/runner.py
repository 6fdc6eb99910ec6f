"""Plays tasks: in this process, on a pool of processes, or on a Dask cluster; the same bytes in each.

A task that raises fails alone.  A worker that dies takes one task with it, which is tried again; a point that has cost
three workers is set aside by name.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.batch.games import Job, Played, Task, play_task
from sim.scenario.axes import DesignError
from sim.scenario.faults import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ALONE = 20_000  # draws: below this, starting processes costs more than it saves
AHEAD = 3  # tasks handed out for each worker: none waits, and few are lost
ANSWER_SECONDS = 10  # within which a scheduler must answer
CHANCES = 3  # workers that a point may cost


class Failure(NamedTuple):
    """Why a task could not be played."""

    reason: str


Finding = tuple[Task, Played | Failure]


def attempt(job: Job, task: Task) -> Played | Failure:
    """Play a task; whatever the point itself does wrong becomes a reason."""
    try:
        return play_task(job, task)
    except ScenarioError as error:
        return Failure("; ".join(fault.sentence for fault in error.faults[:3]))
    except DesignError as error:
        return Failure(str(error))
    except MemoryError:
        return Failure("out of memory")
    except Exception as error:  # noqa: BLE001 one point's fault must not end the others
        return Failure(f"{type(error).__name__}: {error}"[:500])


def here(job: Job, tasks: Iterable[Task]) -> Iterator[Finding]:
    """Play the tasks one by one in this process."""
    for task in tasks:
        yield task, attempt(job, task)


_JOBS: list[Job] = []  # in a worker of the pool: what it plays for


def _begin(job: Job) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the parent's to tell
    _JOBS[:] = [job]


def _attempt_there(task: Task) -> Played | Failure:
    return attempt(_JOBS[0], task)


def pooled(job: Job, tasks: Iterable[Task], workers: int) -> Iterator[Finding]:
    """Play the tasks on processes that stay warm; findings come as they are finished."""
    from pebble import ProcessExpired, ProcessPool

    context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
    if sys.platform == "linux":
        context.set_forkserver_preload([__name__])
    killed: Counter[str] = Counter()
    with ProcessPool(max_workers=workers, context=context, initializer=_begin, initargs=(job,)) as pool:
        try:
            source = iter(tasks)
            running: dict[Future[Any], Task] = {}

            def hand_out(more: Iterable[Task]) -> None:
                for task in more:
                    running[pool.schedule(_attempt_there, args=(task,))] = task

            hand_out(islice(source, AHEAD * workers))
            while running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    task = running.pop(future)
                    try:
                        yield task, future.result()
                    except ProcessExpired:
                        killed[task.point.id] += 1
                        if killed[task.point.id] < CHANCES:
                            hand_out([task])
                            continue
                        yield task, Failure(_set_aside())
                    hand_out(islice(source, 1))
        except BaseException:
            pool.stop()
            raise


def _set_aside() -> str:
    return f"set aside: {CHANCES} workers died while they played it (out of memory, or killed from outside)"


def clustered(job: Job, tasks: Iterable[Task], address: str) -> Iterator[Finding]:
    """Play the tasks on the Dask cluster whose scheduler listens at `address`."""
    try:
        from distributed import Client, KilledWorker, as_completed
    except ImportError:
        raise DesignError("--scheduler needs the extra `cluster`: pip install 'parley-sim[cluster]'") from None
    try:
        client = Client(address, timeout=ANSWER_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise DesignError(f"no Dask scheduler answers at {address}: {str(error)[:200]}") from error
    with client:
        source = iter(tasks)
        ahead = AHEAD * max(1, sum(client.nthreads().values()))
        running: dict[Any, Task] = {}

        def hand_out(count: int) -> list[Any]:
            made = []
            for task in islice(source, count):
                future = client.submit(attempt, job, task, pure=False)
                running[future.key] = task
                made.append(future)
            return made

        waiting = as_completed(hand_out(ahead), loop=client.loop)
        for future in waiting:
            task = running.pop(future.key)
            try:
                yield task, future.result()
            except KilledWorker:
                yield task, Failure(_set_aside())
            for each in hand_out(1):
                waiting.add(each)
