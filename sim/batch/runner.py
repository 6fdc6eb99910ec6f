"""Plays tasks: in this process, on a pool of processes, or on a Dask cluster; the same bytes in each.

A task that raises fails alone, and so does one that takes too long.  A worker that dies takes one task with it, which
is tried again; a point that has cost three workers is set aside by name.
"""

from __future__ import annotations

import logging
import pickle
import zlib
from itertools import islice
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from sim.batch.games import Failure, Finding, Job, Played, Task, play_task, reason
from sim.batch.limits import Limit, TooLongError, alarm
from sim.batch.workers import pooled, set_aside
from sim.scenario.axes import DesignError
from sim.scenario.faults import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from sim.batch.workers import Attempt

ALONE = 20_000  # draws: below this, starting processes costs more than it saves
AHEAD = 3  # tasks handed out for each thread of a cluster: none waits, and few are lost
ANSWER_SECONDS = 10  # within which a scheduler must answer
LOOK_SECONDS = 0.02


class SchedulerLostError(Exception):
    """The scheduler of a cluster is gone before the sweep was over; what came back from it is kept."""


def attempt(job: Job, task: Task) -> Played | Failure:
    """Play a task; whatever the point itself does wrong becomes a reason."""
    try:
        return play_task(job, task)
    except (ScenarioError, DesignError) as error:
        return Failure(reason(error))
    except MemoryError:
        return Failure("out of memory")
    except Exception as error:  # noqa: BLE001 one point's fault must not end the others
        return Failure(f"{type(error).__name__}: {error}"[:500])


def here(job: Job, tasks: Iterable[Task], limit: Limit) -> Generator[Finding]:
    """Play the tasks one by one in this process."""
    for task in tasks:
        began = monotonic()
        try:
            with alarm(limit.of(task)):
                result = attempt(job, task)
        except TooLongError:
            yield task, Failure(limit.words(task))
        else:
            limit.learn(task, monotonic() - began)
            yield task, result


def pool(job: Job, tasks: Iterable[Task], workers: int, limit: Limit) -> Generator[Finding]:
    """Play the tasks on processes of this machine."""
    return pooled(job, tasks, workers, limit, attempt)


def clustered(job: Job, tasks: Iterable[Task], address: str, limit: Limit) -> Generator[Finding]:
    """Play the tasks on the Dask cluster whose scheduler listens at `address`.

    A thread of a cluster cannot be stopped from here: a task that is not back when all that may stand before it have
    had their time is given up, and its thread with it.  Raises DesignError where no scheduler answers, and
    SchedulerLostError where it is gone before the end.
    """
    try:
        from distributed import Client
        from distributed.comm.addressing import get_address_host_port
    except ImportError:
        raise DesignError("--scheduler needs the extra `cluster`: pip install 'parley-sim[cluster]'") from None
    try:
        get_address_host_port(address)  # a client that is made with what is no address leaves a traceback when it goes
        client = Client(address, timeout=ANSWER_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise DesignError(f"no Dask scheduler answers at {address}: {str(error)[:200]}") from error
    # What the client cannot reach is told in one sentence, without the traceback that it would log.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    with client:
        try:
            yield from _Cluster(client, job, tasks, limit).play()
        except Exception as error:
            if client.status == "running":
                raise
            raise SchedulerLostError(f"the Dask scheduler at {address} is gone") from error


_UNPACKED: dict[bytes, Job] = {}  # the job that this worker last played for


def _attempt_packed(how: Attempt, packed: bytes, task: Task) -> Played | Failure:
    """Play a task on a worker of a cluster, which unpacks a job once."""
    if packed not in _UNPACKED:
        _UNPACKED.clear()
        _UNPACKED[packed] = pickle.loads(zlib.decompress(packed))  # noqa: S301 from the scheduler, as the task itself
    return how(_UNPACKED[packed], task)


class _Cluster:
    """Tasks on a cluster: a few more handed out than it has threads."""

    def __init__(self, client: Any, job: Job, tasks: Iterable[Task], limit: Limit) -> None:
        from distributed import as_completed

        self._client, self._source, self._limit = client, iter(tasks), limit
        self._packed = zlib.compress(pickle.dumps(job))  # it travels with every task
        self._running: dict[str, tuple[Any, Task, float]] = {}
        self._waiting: Any = as_completed(loop=client.loop)
        self._hand_out(AHEAD * max(1, sum(client.nthreads().values())))

    def _hand_out(self, count: int) -> None:
        for task in islice(self._source, count):
            future = self._client.submit(_attempt_packed, attempt, self._packed, task, pure=False)
            self._running[future.key] = future, task, monotonic()
            self._waiting.add(future)

    def play(self) -> Iterator[Finding]:
        """Yield findings as they come, and those that are given up."""
        while self._running:
            if self._waiting.has_ready():
                yield from self._come(next(self._waiting))
            else:
                sleep(LOOK_SECONDS)
                yield from self._given_up()

    def _come(self, future: Any) -> Iterator[Finding]:
        from distributed import KilledWorker

        if future.key not in self._running:
            return  # it was given up
        _, task, since = self._running.pop(future.key)
        self._hand_out(1)
        try:
            result = future.result()
        except KilledWorker:
            result = Failure(set_aside())
        self._limit.learn(task, monotonic() - since)
        yield task, result

    def _given_up(self) -> Iterator[Finding]:
        for future, task, since in list(self._running.values()):
            if monotonic() - since > (AHEAD + 1) * self._limit.of(task):
                del self._running[future.key]
                future.cancel(force=True)
                self._hand_out(1)
                yield task, Failure(self._limit.words(task))
