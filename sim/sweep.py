"""One sweep from a scenario to a folder: lay out points, play what is not on disk yet, tabulate, report."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    import plotly.graph_objects as go
    import xarray as xr

    from sim.batch.designs import Design, Point
    from sim.batch.games import Finding, Job, Task
    from sim.batch.index import Index
    from sim.batch.sweeps import Identity
    from sim.scenario import Scenario
    from sim.scenario.read import Document
    from sim.scenario.schema import Sweep as Held

BASE = -1  # the number of the base case, which is played beside the points
DRAWS = 2000  # of a point, where nothing else is said
MOST = 8 * 1024  # draws in one task
ALONE = "played_alone"  # a fact of the index while a sweep is played in the process that keeps it


@dataclass(frozen=True)
class Plan:
    """A sweep before it is paid for."""

    scenario: Scenario
    document: Document
    design: Design
    draws: int
    seed: int = 0
    sets: tuple[str, ...] = ()
    independent: bool = False
    name: str | None = None

    @property
    def job(self) -> Job:
        """What every task shares."""
        from sim.batch.games import Job
        from sim.scenario.hashes import model_hash

        return Job(self.document, self.scenario.id, self.seed, self.independent, model_hash(self.scenario))

    @property
    def identity(self) -> Identity:
        """What the sweep is of."""
        from sim.batch.manifest import code_hash
        from sim.batch.sweeps import Identity

        design = self.design
        return Identity(
            scenario=self.scenario,
            design=design.kind,
            varied=tuple(design.names),
            points=design.size if design.kind == "lhs" else None,
            seed=self.seed,
            independent=self.independent,
            sets=self.sets,
            version=__version__,
            code=code_hash(),
            name=self.name,
        )

    def doubtful(self, most: int) -> Iterator[tuple[Point, str]]:
        """Yield which of the first ``most`` probes of the design would fail if they were played, each with the reason.

        What is written is tried one value at a time, so that what fails only together with another is not found.
        """
        from sim.batch.games import refusal

        for point in islice(self.design.probes(), most):
            why = refusal(self.job, point)
            if why is not None:
                yield point, why

    def numbered(self) -> Iterator[tuple[int, Point]]:
        """Yield the base case, then every point with its number in the design."""
        from sim.batch.designs import Point

        yield BASE, Point(())
        yield from enumerate(self.design)


@dataclass
class Sweep:
    """One finished sweep: its folder, its summary, and the reason of every point that failed."""

    folder: Path
    summary: dict[str, Any]
    failed: dict[str, str] = field(default_factory=dict)
    played: int = 0
    aside: int = 0  # draws in the folder of other points, or beyond those asked for: kept, and not in tables and report

    @cached_property
    def dataset(self) -> xr.Dataset:
        """The points as `sim.batch.dataset` lays them out; needs the extra `xarray`."""
        from sim.batch.dataset import dataset

        return dataset(self.folder)

    @cached_property
    def figures(self) -> dict[str, go.Figure]:
        """The report's figures by name."""
        from sim.charts.figures import drawn
        from sim.charts.sweeps import charts

        return drawn(charts(self.summary))


def plan(
    path: str | Path,
    vary: Sequence[str] = (),
    *,
    design: str | None = None,
    points: int | None = None,
    listed: Path | None = None,
    draws: int | None = None,
    seed: int = 0,
    sets: Sequence[str] = (),
    independent: bool = False,
    name: str | None = None,
) -> Plan:
    """Read a scenario and lay out a sweep over it; nothing is played.

    Without ``vary`` and ``design``, ``name`` is that of a sweep which the scenario holds; ``points`` and ``draws``
    extend it.  A design is a grid, and a point has 2,000 draws, where nothing else is said.

    Raises `ScenarioError` for bad input, `DesignError` for a sweep that cannot be laid out.
    """
    from sim.batch.designs import design as lay_out
    from sim.scenario import load
    from sim.scenario.axes import DesignError, read_axes
    from sim.scenario.extends import read_scenario
    from sim.scenario.overrides import override
    from sim.scenario.schema import Scenario
    from sim.scenario.sweeps import missing

    scenario = load(path, sets)
    document = read_scenario(path, Scenario)
    override(document, sets)
    held = _held(scenario, name, asked=bool(vary) or design is not None or listed is not None)
    if held is not None:
        vary, design = held.vary, held.design
        points, draws = points or held.points, draws or held.draws
    design, draws = design or "grid", draws or DRAWS
    laid = lay_out(design, read_axes(vary, scenario), points, seed, listed)
    settings = [setting for axis in laid.axes for setting in axis.at(0)] + [
        s for row in laid.rows[:1] for s in row.settings
    ]
    if absent := list(missing(scenario, document, settings)):
        raise DesignError("; ".join(absent))
    return Plan(scenario, document, laid, draws, seed, tuple(sets), independent, name)


def _held(scenario: Scenario, name: str | None, *, asked: bool) -> Held | None:
    """Return the scenario's sweep of that name; raises `DesignError` where there is none, or where both are asked."""
    from sim.scenario.axes import DesignError
    from sim.scenario.faults import nearest, show

    held = next((each for each in scenario.sweeps if each.id == name), None)
    if held is not None and asked:
        raise DesignError(
            f"the scenario says what its sweep {held.id} varies; leave out --vary and --design, or take another --name"
        )
    if held is None and name is not None and not asked:
        hint = nearest(name, [each.id for each in scenario.sweeps])
        raise DesignError(
            f"{scenario.id} holds no sweep {show(name)}, and nothing is varied: say what with --vary{hint}"
        )
    return held


def sweep(
    planned: Plan,
    out: str | Path = "results",
    workers: int = 1,
    scheduler: str | None = None,
    progress: Callable[[int], None] | None = None,
    task_limit: float | None = None,
) -> Sweep:
    """Play what is not on disk yet, and make tables and report of all.

    ``progress`` is told how many draws are there; ``task_limit`` is the most seconds that some draws of one point, up
    to `MOST`, may take (by default `sim.batch.limits` says how many).

    Raises `LockedError`, `MismatchError`, `DamagedError`, `StoreError`, `SchedulerLostError`.
    """
    from sim.batch import sweeps
    from sim.batch.folders import hold
    from sim.batch.index import opened

    identity = planned.identity
    folder = identity.folder(Path(out))
    with hold(folder):
        sweeps.open_or_begin(folder, identity)
        with opened(folder) as index:
            sweeps.reconcile(folder, index)
            index.forget_failures()
            aside = _aside(planned, index)
            index.note(points=str(planned.design.size), draws=str(planned.draws), seed=str(planned.seed))
            index.note(aside=str(aside))
            with closing(_players(planned, index, workers, scheduler, task_limit)) as found:
                played = _play(folder, index, found, progress, index.draws() - aside)
            summary, records = _made(planned, folder, index)
            sweeps.seal_up(folder, identity, index, records)
            return Sweep(folder, summary, index.failures(), played, aside)


def _aside(planned: Plan, index: Index) -> int:
    """Return how many draws lie in the folder that are not asked for: of other points, or beyond the draws of one."""
    there = index.draws()
    if not there:
        return 0
    parts = (part for _, point in planned.numbered() for part in index.parts(point.id))
    return there - sum(max(0, min(part.stop, planned.draws) - part.first) for part in parts)


def _players(
    planned: Plan, index: Index, workers: int, scheduler: str | None, task_limit: float | None
) -> Generator[Finding]:
    """Return the findings of all tasks that are left, as they will be played: here, on processes, or on a cluster.

    What was last played here by a process that was killed is played by a worker, which may be killed without harm.
    """
    from sim.batch import runner
    from sim.batch.limits import Limit

    tasks, job, limit = _left(planned, index), planned.job, Limit(task_limit)
    if scheduler is not None:
        return runner.clustered(job, tasks, scheduler, limit)
    few = (planned.design.size + 1) * planned.draws - index.draws() <= runner.ALONE
    if (workers > 1 and not few) or index.facts().get(ALONE):
        return runner.pool(job, tasks, workers, limit)
    return _alone(runner.here(job, tasks, limit), index)


def _alone(findings: Iterator[Finding], index: Index) -> Generator[Finding]:
    """Note, while this process plays, that it does: the note stays where it is killed."""
    index.note(**{ALONE: "yes"})
    try:
        yield from findings
    finally:
        index.note(**{ALONE: ""})


def _play(
    folder: Path, index: Index, found: Iterator[Finding], progress: Callable[[int], None] | None, there: int
) -> int:
    from sim.batch import sweeps
    from sim.batch.games import Failure

    played = 0
    for task, result in found:
        if isinstance(result, Failure):
            index.fail(task.point.id, result.reason)
        else:
            sweeps.keep(folder, index, task, result)
            played += task.stop - task.first
        if progress is not None:
            progress(there + played)
    return played


def _left(planned: Plan, index: Index) -> Iterator[Task]:
    from sim.batch.games import tasks_of

    for number, point in planned.numbered():
        have = [(part.first, part.stop) for part in index.parts(point.id)]
        yield from tasks_of(point, number, have, planned.draws, MOST)


def _made(planned: Plan, folder: Path, index: Index) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the summary, and the records of the files made of the tables: a row per point in the design's order."""
    from sim.batch import sweeps
    from sim.batch.folders import StoreError, reason
    from sim.charts.sweep_report import render
    from sim.tabulate import tabulate

    try:
        summary, records = tabulate(planned, folder, index)
        files = {sweeps.SUMMARY: sweeps.summary_bytes(summary), sweeps.REPORT: render(summary).encode()}
        return summary, records | {name: sweeps.put(folder / name, data) for name, data in files.items()}
    except OSError as error:
        raise StoreError(f"cannot write {error.filename or folder}: {reason(error)}; the draws are kept") from error
