"""One experiment from a scenario to a folder of results: simulate, summarise, draw the report, keep."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal, get_args

from sim import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import plotly.graph_objects as go
    import pyarrow as pa

    from sim.batch.manifest import Inputs
    from sim.chronicle import Turn
    from sim.scenario import Scenario

Keep = Literal["all", "outcomes"]


@dataclass(frozen=True)
class Run:
    """One finished run.

    Attributes
    ----------
    summary : what was found: probabilities with their errors, everything the report shows.
    folder : where it lies on disk, or None.
    reused : whether a complete folder was found instead of simulating again.
    """

    summary: dict[str, Any]
    folder: Path | None
    reused: bool
    _columns: Mapping[str, np.ndarray] | None = field(default=None, repr=False)

    @cached_property
    def draws(self) -> pa.Table:
        """One row per draw."""
        from sim.batch import store

        if self._columns is not None:
            return store.table(self._columns)
        if self.folder is None:
            raise ValueError("this run has neither columns nor a folder")
        return store.read_draws(self.folder, store.verify(self.folder))

    def history(self, draw: int) -> list[Turn]:
        """Return what draw number `draw` came to, in order: step, date and status, or what ended a deal."""
        from sim.chronicle import dated

        if "history" not in self.draws.column_names:
            raise ValueError("this run kept outcomes alone; one that keeps all columns has histories")
        line = self.draws["history"][draw].as_py()
        return dated(line, self.summary["time"]["dates"])

    @cached_property
    def figures(self) -> dict[str, go.Figure]:
        """The report's figures by name."""
        from sim.charts.figures import figures

        return figures(self.summary)


def run(
    scenario: str | Path | Scenario,
    draws: int = 20_000,
    seed: int = 0,
    sets: Sequence[str] = (),
    workers: int | None = None,
    out: str | Path | None = None,
    progress: Callable[[int], None] | None = None,
    *,
    report: bool = True,
    paths: int = 1,
    mechanisms: int = 0,
    keep: Keep = "all",
) -> Run:
    """Simulate `draws` draws of a scenario and summarise them; with `out`, keep them under `out/<scenario>/`.

    Parameters
    ----------
    scenario : a path, or a loaded scenario (then `sets` must be empty: give them to `load`).
    draws, seed : more draws extend the earlier ones; every seed is a seed, 0 too.
    workers : processes, by default one per core; the result does not depend on it.
    progress : called with the number of draws finished so far.
    report : whether `out` gets a `report.html`.
    paths : paths of chance for each draw of the parameters: draws kP to kP + P - 1 share theirs. From two on the
        summary splits each outcome's variance (`variance`, `divided`).
    mechanisms : draws played again without each mechanism in turn (`mechanisms` in the summary); 0: none.
    keep : `all` columns, or only `outcomes`: classes, steps, causes, terms, payoffs and questions, a tenth to a third
        of the memory. What is left out can be had again from seed and draw number.

    Raises `ScenarioError` for bad input, ValueError for counts out of range (with two paths or more fewer than three
    whole draws of the parameters; mechanisms no more than paths), `StoreError` (`sim.batch.folders`) where nothing
    could be kept.
    """
    if isinstance(scenario, str | Path):
        from sim.scenario import load

        scenario = load(scenario, sets)
    elif sets:
        raise ValueError("sets change a file while it is read: give them to load()")
    return run_loaded(
        scenario,
        draws,
        seed,
        sets,
        workers,
        out,
        progress,
        report=report,
        paths=paths,
        mechanisms=mechanisms,
        keep=keep,
    )


def run_loaded(
    scenario: Scenario,
    draws: int,
    seed: int,
    sets: Sequence[str],
    workers: int | None,
    out: str | Path | None,
    progress: Callable[[int], None] | None,
    *,
    report: bool,
    paths: int = 1,
    mechanisms: int = 0,
    keep: Keep = "all",
) -> Run:
    """Do what `run` does for a scenario that was loaded with `sets`, which the manifest keeps."""
    from sim.analysis.variance import FEWEST_GROUPS

    if draws < 1 or seed < 0 or mechanisms < 0:
        raise ValueError("draws must be 1 or more, seed and mechanisms 0 or more")
    if paths < 1 or (paths > 1 and draws < FEWEST_GROUPS * paths):
        raise ValueError(
            "paths must be 1 or more, and draws three times as many as paths or more where there are several"
        )
    if 0 < mechanisms <= paths:
        raise ValueError("mechanisms must be more than paths: one draw of the parameters does not tell what they do")
    if keep not in get_args(Keep):
        raise ValueError(f"keep must be one of {', '.join(get_args(Keep))}, not {keep}")
    simulation = _Simulation(scenario, draws, seed, workers or os.cpu_count() or 1, progress, paths, mechanisms, keep)
    if out is None:
        return Run(simulation.summary, None, reused=False, _columns=simulation.columns)
    return _kept(simulation, _inputs(scenario, draws, seed, sets, paths, mechanisms, keep), Path(out), report=report)


def replayed(scenario: Scenario, draws: int, mechanisms: int) -> int:
    """Return how many games are played beside the run itself, at most: one without each part, the whole if need be."""
    if not mechanisms:
        return 0
    from sim.causes import counterfactuals
    from sim.mechanisms import mechanisms as those_of
    from sim.scenario.compile import compile_scenario
    from sim.scenario.schema import model_hash

    parts = [each.off(scenario) for each in those_of(scenario)]
    games = {model_hash(game) for game in (*parts, *counterfactuals(compile_scenario(scenario)))}
    return len(games - {model_hash(scenario)}) + (mechanisms > draws)


@dataclass(frozen=True)
class _Simulation:
    """A run that happens when its columns or its summary are first asked for."""

    scenario: Scenario
    draws: int
    seed: int
    workers: int
    progress: Callable[[int], None] | None
    paths: int
    mechanisms: int
    keep: Keep

    @cached_property
    def _compiled(self) -> Any:
        from sim.scenario.compile import compile_scenario

        return compile_scenario(self.scenario)

    @cached_property
    def _result(self) -> Any:
        from sim.montecarlo import simulate

        sized = self.draws, self.seed, self.workers, self.progress, self.paths
        return simulate(self._compiled, *sized, whole=self.keep == "all", meanwhile=lambda: self._plane)

    @cached_property
    def _plane(self) -> dict[str, Any]:
        """The first draw's utility plane: as long to work out as some hundred draws, and to be had beside them."""
        from sim.plane import plane

        return plane(self._compiled, self.seed, 0)

    @property
    def columns(self) -> Mapping[str, np.ndarray]:
        columns: Mapping[str, np.ndarray] = self._result.columns
        return columns

    @cached_property
    def summary(self) -> dict[str, Any]:
        from sim.analysis.measures import measures
        from sim.analysis.outcomes import summarise
        from sim.analysis.variance import summarised
        from sim.describe import describe

        meta = describe(self.scenario, self._compiled, self.draws, self.seed, self.paths)
        found = meta, self._result.columns, self._result.tallies
        shares = summarise(*found) | measures(*found) | summarised(meta, self.columns["outcome"])
        return {**shares, "kept": self.keep, "plane": self._plane} | self._measured

    @property
    def _measured(self) -> dict[str, Any]:
        """What each mechanism does, and what each cause of no deal kept from one, from the first draws played again."""
        if not self.mechanisms:
            return {}
        from sim.analysis.outcomes import plain
        from sim.causes import put_to_the_test
        from sim.mechanisms import measure
        from sim.replays import Replays

        def tell(done: int) -> None:
            if self.progress is not None:
                self.progress(self.draws + done)

        replays = Replays(self.mechanisms, self.seed, self.workers, tell, self.paths)
        on = self.columns if self.mechanisms <= self.draws else replays.of([self.scenario])[0]
        found: dict[str, Any] = plain(
            {
                "mechanisms": measure(self.scenario, replays, on=on),
                "causes_tested": put_to_the_test(self._compiled, on, replays),
            }
        )
        return found


def _kept(simulation: _Simulation, inputs: Inputs, out: Path, *, report: bool) -> Run:
    from sim.batch import store
    from sim.batch.folders import hold

    folder = inputs.folder(out)
    if (found := _found(folder, inputs, report=report)) is not None:
        return found
    with hold(folder):
        # another process may have finished it between the look and the lock
        if (found := _found(folder, inputs, report=report, held=True)) is not None:
            return found
        started, clock = datetime.now(UTC), perf_counter()
        table = store.table(simulation.columns)
        page = _page(simulation.summary) if report else None
        log = {
            "started": started.isoformat(timespec="seconds"),
            "elapsed_s": round(perf_counter() - clock, 3),
            "workers": simulation.workers,
            "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        }
        store.write_run(folder, inputs, table, simulation.summary, page, log)
    return Run(simulation.summary, folder, reused=False, _columns=simulation.columns)


def _found(folder: Path, inputs: Inputs, *, report: bool, held: bool = False) -> Run | None:
    """Return the complete run in `folder`, with a report if one is wanted and `held` allows to add it."""
    from sim.batch import store
    from sim.batch.manifest import REPORT

    if not folder.exists():
        return None
    manifest = store.verify(folder, inputs)
    summary = store.read_summary(folder, manifest)
    if report and REPORT not in manifest["files"]:
        if not held:
            return None
        store.add_report(folder, manifest, inputs, _page(summary))
    return Run(summary, folder, reused=True)


def _page(summary: dict[str, Any]) -> str:
    from sim.charts.report import render

    return render(summary)


def _inputs(
    scenario: Scenario,
    draws: int,
    seed: int,
    sets: Sequence[str],
    paths: int = 1,
    mechanisms: int = 0,
    keep: Keep = "all",
) -> Inputs:
    from sim.batch.manifest import Inputs, code_hash
    from sim.scenario.schema import model_hash, text_hash

    return Inputs(
        scenario=scenario.id,
        model_hash=model_hash(scenario),
        text_hash=text_hash(scenario),
        seed=seed,
        draws=draws,
        paths=paths,
        mechanisms=mechanisms,
        keep=keep,
        sets=tuple(sets),
        version=__version__,
        code=code_hash(),
    )
