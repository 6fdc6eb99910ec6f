"""The gate: play a scenario, without each of its mechanisms too, and say whether its outcome is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.analysis import gate as asked
from sim.analysis.outcomes import plain
from sim.analysis.variance import FEWEST_GROUPS
from sim.mechanisms import measure, mechanisms
from sim.montecarlo import simulate
from sim.replays import Replays
from sim.scenario.compile import compile_scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.scenario.schema import Scenario

PATHS = 2
AGAIN = 4_000  # draws played without each mechanism at first


def draws_of(scenario: Scenario, draws: int) -> tuple[int, int]:
    """Return how many draws are played in all before any mechanism is looked at anew, and how many without each."""
    again = min(draws, AGAIN)
    return draws + again * len(mechanisms(scenario)), again


def gate(
    scenario: Scenario,
    draws: int,
    seed: int,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
    longer: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Return ``{draws, seed, paths, mechanism_draws, passed, lines: [{id, asked, found, passed, details}]}``.

    ``draws`` are played in pairs that share parameters, at most ``AGAIN`` of them without each mechanism, and all of
    them without those that have moved nothing by then.  ``progress`` is told how many are played, all games together,
    ``longer`` how many more there will be.  Raises ValueError below six draws.
    """
    if draws < FEWEST_GROUPS * PATHS:
        raise ValueError(f"the gate needs {FEWEST_GROUPS * PATHS} draws or more")
    _, again = draws_of(scenario, draws)
    columns = simulate(compile_scenario(scenario), draws, seed, workers, progress, PATHS).columns

    def tell(done: int) -> None:
        if progress is not None:
            progress(draws + done)

    measured = measure(scenario, Replays(again, seed, workers, tell, PATHS), on=columns)
    faint = frozenset(row["id"] for row in measured["rows"] if not asked.moves(row))
    if faint and again < draws:
        past = draws + again * len(measured["rows"])
        if longer is not None:
            longer(draws * len(faint))
        tell_more = None if progress is None else lambda done: progress(past + done)
        finer = measure(scenario, Replays(draws, seed, workers, tell_more, PATHS), on=columns, only=faint)
        kept = [row for row in measured["rows"] if row["id"] not in faint]
        measured = {**measured, "rows": [*kept, *finer["rows"]]}
    outcomes = [outcome.id for outcome in scenario.outcomes]
    ended = columns["outcome"]
    lines = [
        asked.many_classes(outcomes, ended, PATHS),
        asked.none_certain(outcomes, ended, PATHS),
        asked.many_leaves(outcomes, columns, PATHS),
        asked.chance_decides(ended, PATHS),
        asked.all_move(measured),
    ]
    found: dict[str, Any] = plain(
        {
            "draws": draws,
            "seed": seed,
            "paths": PATHS,
            "mechanism_draws": again,
            "passed": all(line.passed for line in lines),
            "lines": [line._asdict() for line in lines],
        }
    )
    return found
