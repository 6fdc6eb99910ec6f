"""Driver 1: blocks of a thousand draws through ``rules.step``.

A block is 1,024 draws with their own streams of random numbers; blocks share nothing, so that they may be played in any
order, together or apart, on any number of processes, with the same result.  Finished draws are dropped once many
are idle.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import blocks, chance, randomness
from sim.ledger import CAN_BE_REPEATED, Ledger, Result
from sim.processes import begin
from sim.rules import regime, succession
from sim.rules import start as starting
from sim.rules import step as rules
from sim.rules.layout import Layout
from sim.rules.trees import leading, put, room_for, selected, take, write
from sim.rules.types import I, Params, Plan, Shocks, State

if TYPE_CHECKING:
    from sim.scenario.compile import Compiled

DENSE = 0.8  # a batch is compacted when to fewer of its draws than this anything may still happen
TOGETHER, ALONE = blocks.TOGETHER, blocks.ALONE
Array = NDArray[Any]
Inputs = tuple[Params, Shocks, Array]  # a batch's numbers, its shocks (T, ..., n), uniforms for who proposes first (n,)


def simulate(
    compiled: Compiled,
    draws: int,
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
    paths: int = 1,
    *,
    whole: bool = True,
    meanwhile: Callable[[], object] | None = None,
) -> Result:
    """Play ``draws`` draws of a game; more draws extend the earlier ones and never change them.

    ``workers`` processes share the blocks; the result does not depend on how many.  ``progress`` is told how many
    draws are finished.  With ``paths`` P, draws kP to kP + P - 1 share the numbers of parameter draw k, and each has
    its own chance.  Without ``whole`` the columns named in ``ledger.CAN_BE_REPEATED`` are left out, and a draw takes
    some dozens of bytes.  ``meanwhile`` is called once other processes are at work, if any are.  Raises ValueError
    where ``draws``, ``workers`` or ``paths`` is below 1.
    """
    if draws < 1 or workers < 1 or paths < 1:
        raise ValueError("draws, workers and paths must be at least 1")
    workers = workers if draws > ALONE else 1
    batches = [Batch(first, size, paths) for first, size in blocks.shares(draws, workers, TOGETHER)]
    told = _Progress(progress, compiled.layout.steps)
    columns: dict[str, Array] = {}
    tallies: dict[str, Array] = {}
    for place, part in _played(compiled, seed, batches, workers, told, meanwhile, whole=whole):
        start = batches[place].first * randomness.BLOCK
        for name, values in part.columns.items():
            columns[name] = _room(columns.get(name), draws, values.dtype)
            columns[name][start : start + len(values)] = values
        for name, counts in part.tallies.items():
            tallies[name] = tallies[name] + counts if name in tallies else counts
        del part
    if progress is not None:
        progress(draws)
    return Result(columns, tallies)


def _room(column: Array | None, draws: int, kind: np.dtype[Any]) -> Array:
    """Return a column with room for values of a kind; text is as wide as the longest of any part so far."""
    if column is None:
        return np.empty(draws, dtype=kind)
    wide = np.promote_types(column.dtype, kind)
    return column if wide == column.dtype else column.astype(wide)


class Batch(NamedTuple):
    """Neighbouring blocks that are played at once."""

    first: int  # block
    size: int  # draws
    paths: int = 1  # of chance for each draw of the parameters

    @property
    def blocks(self) -> range:
        """Return the blocks the draws lie in."""
        return range(self.first, self.first + -(-self.size // randomness.BLOCK))

    @property
    def parameters(self) -> I:
        """Return the number of each draw's parameter draw (n,)."""
        start = self.first * randomness.BLOCK
        return np.arange(start, start + self.size) // self.paths

    @property
    def parameter_blocks(self) -> range:
        """Return the blocks the parameter draws lie in: where there are several paths, fewer, and half used."""
        of = self.parameters
        return range(int(of[0]) // randomness.BLOCK, int(of[-1]) // randomness.BLOCK + 1)

    @property
    def columns(self) -> I:
        """Return each draw's place (n,) among the joined columns of its parameter blocks."""
        return self.parameters - self.parameter_blocks.start * randomness.BLOCK


class _Progress:
    """Turns steps played, here or in other processes, into draws finished so far."""

    def __init__(self, tell: Callable[[int], None] | None, steps: int) -> None:
        self.tell, self.steps, self.played = tell, steps, 0

    def add(self, draws: int) -> None:
        """Note that so many draws were played for one more step."""
        self.played += draws
        self.show(self.played)

    def show(self, played: int) -> None:
        """Tell how many draws that many steps of draws amount to."""
        if self.tell is not None:
            self.tell(played // self.steps)


def _played(
    compiled: Compiled,
    seed: int,
    batches: list[Batch],
    workers: int,
    progress: _Progress,
    meanwhile: Callable[[], object] | None,
    *,
    whole: bool,
) -> Iterator[tuple[int, Result]]:
    """Yield (place, result) as batches are finished; a pool that dies leaves the rest to this process."""
    left = set(range(len(batches)))
    if workers > 1 and len(batches) > 1:
        # Forking keeps the caller's script from being imported again; the children run nothing but array code.
        method = "fork" if sys.platform == "linux" else "spawn"
        context = multiprocessing.get_context(method)
        played = context.Value("q", 0)
        with ProcessPoolExecutor(
            min(workers, len(batches)), mp_context=context, initializer=_share, initargs=(played,)
        ) as pool:
            futures: dict[Future[Result], int] = {
                pool.submit(_play_there, compiled, seed, batch, whole): place for place, batch in enumerate(batches)
            }
            try:
                if meanwhile is not None:
                    meanwhile()
                while futures:
                    done = wait(futures, timeout=0.2, return_when=FIRST_COMPLETED).done
                    progress.show(played.value)
                    while done:
                        future = done.pop()
                        place = futures.pop(future)
                        yield place, future.result()
                        del future  # it keeps its result
                        left.discard(place)
            except BrokenProcessPool:
                pass
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    for place in sorted(left):
        yield place, play(compiled, seed, batches[place], progress.add, whole=whole)


_SHARED: dict[str, Any] = {}  # in a worker: the counter of steps played


def _share(played: Any) -> None:
    _SHARED["played"] = played
    begin()


def _play_there(compiled: Compiled, seed: int, batch: Batch, whole: bool) -> Result:
    counter = _SHARED["played"]

    def add(draws: int) -> None:
        with counter.get_lock():
            counter.value += draws

    return play(compiled, seed, batch, add, whole=whole)


def play(
    compiled: Compiled, seed: int, batch: Batch, played: Callable[[int], None] | None = None, *, whole: bool = True
) -> Result:
    """Play the draws of one batch; ``played`` is told after each step how many draws have been played for it."""
    first = _first(seed, batch)
    movers = list(by_first_mover(compiled.layout, first))
    leaves = {path: np.empty(batch.size, dtype=np.float32) for path in compiled.uncertain} if whole else {}
    numbers = _numbers(compiled, seed, batch, [members for _, members in movers], leaves)
    ledger = Ledger(compiled, batch.size)
    for layout, members in movers:
        shocks = chance.steps(layout, seed, batch.blocks)
        _play_through(layout, numbers.pop(0), shocks, first[members], members, ledger, played or _nobody)
    result = ledger.result(batch.first * randomness.BLOCK)
    if whole:
        return Result(result.columns | {f"leaf.{path}": values for path, values in leaves.items()}, result.tallies)
    kept = {name: column for name, column in result.columns.items() if not name.startswith(CAN_BE_REPEATED)}
    return Result(kept, result.tallies)


def _nobody(draws: int) -> None:
    del draws


def by_first_mover(layout: Layout, first: Array) -> Iterator[tuple[Layout, I]]:
    """Yield a layout with a known first mover, and the draws in which it is that one; ``first`` (n,) are uniforms."""
    if layout.first >= 0 or layout.by_chance:
        yield layout, np.arange(len(first))
        return
    mover = starting.first_mover(layout, first)
    for side in (0, 1):
        members = np.flatnonzero(mover == side)
        if len(members):
            yield replace(layout, first=side), members


def _play_through(
    layout: Layout,
    params: Params,
    shocks: Iterator[Shocks],
    first: Array,
    keep: I,
    ledger: Ledger,
    played: Callable[[int], None],
) -> None:
    """Play the draws ``keep`` of a batch from start to end, dropping those to which nothing more can happen."""
    draws = len(keep)
    plan, state = starting.start(layout, params, first)
    ledger.open(keep, layout, params, plan, state)
    for t, of_all in enumerate(shocks):
        change = succession.take_office(layout, params, plan, state)
        if change is not None:
            write((params, plan), change.draws, (change.params, change.plan))
            state = put(state, change.draws, change.state)
        state, record = rules.step(t, layout, params, plan, state, take(of_all, keep))
        if t + 1 == layout.steps:
            state = rules.close(t + 1, layout, params, plan, state)
        ledger.enter(t + 1, keep, state, record)
        played(draws)
        going = regime.running(state) & ~regime.at_rest(layout, state)
        if going.mean() < DENSE and t + 1 < layout.steps:
            over, alive = np.flatnonzero(~going), np.flatnonzero(going)
            ended = rules.run_on(t + 1, layout, selected(params, over), selected(plan, over), take(state, over))
            ledger.close(keep[over], ended)
            keep = keep[alive]
            if not len(keep):
                played(draws * (layout.steps - t - 1))
                return
            params, plan, state = take((params, plan, state), alive)
    ledger.close(keep, state)


def inputs(compiled: Compiled, seed: int, batch: Batch) -> Inputs:
    """Return a batch's numbers, its shocks (T, ..., n) and the uniforms for who proposes first (n,)."""
    shocks = leading(chance.whole(compiled.layout, seed, batch.blocks), batch.size)
    return _numbers(compiled, seed, batch, [np.arange(batch.size)], {})[0], shocks, _first(seed, batch)


def _numbers(compiled: Compiled, seed: int, batch: Batch, groups: list[I], leaves: dict[str, Array]) -> list[Params]:
    """Return the numbers of each group of a batch's draws, made one block after the other and let go.

    ``leaves`` (n,) of all draws are filled in: seven digits are enough to tell what drives a result.
    """
    found: list[Params] = []
    place, column = np.divmod(batch.columns, randomness.BLOCK)
    for block in batch.parameter_blocks:
        drawn = compiled.numbers(seed, block)
        params = compiled.params(seed, block, drawn)
        here = place == block - batch.parameter_blocks.start
        for path, values in leaves.items():
            values[here] = drawn.public[path][column[here]]
        found = found or [room_for(params, len(members)) for members in groups]
        for group, members in zip(found, groups, strict=True):
            write(group, np.flatnonzero(here[members]), take(params, column[members[here[members]]]))
    return found


def _first(seed: int, batch: Batch) -> Array:
    found = [randomness.uniforms(seed, "first", block)[0] for block in batch.blocks]
    return np.concatenate(found)[: batch.size]


def one_draw(compiled: Compiled, seed: int, draw: int, paths: int = 1) -> tuple[Layout, Params, Shocks, Plan, State]:
    """Return everything needed to play one draw alone: arrays of length one."""
    block, column = divmod(draw, randomness.BLOCK)
    params, shocks, first = take(inputs(compiled, seed, Batch(block, randomness.BLOCK, paths)), np.array([column]))
    layout, _ = next(by_first_mover(compiled.layout, first))
    plan, state = starting.start(layout, params, first)
    return layout, params, shocks, plan, state
