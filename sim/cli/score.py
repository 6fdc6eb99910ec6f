"""`parley score`: how good the dated questions were as forecasts, against what was observed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from sim.cli.common import (
    Code,
    RefusalError,
    clean,
    console,
    examples,
    find_scenario,
    given,
    json_option,
    out_option,
    plural,
    put,
    put_json,
    say,
    seed_option,
    sets_option,
    settings,
    verbosity,
)
from sim.cli.found import run_folder, summary_of, write_chart

if TYPE_CHECKING:
    from pathlib import Path

_OF_A_SCENARIO = {"draws": "-n", "seed": "--seed", "workers": "--workers", "sets": "--set", "out": "--out"}
_NOTHING = "nothing to score in {}: write `observed: true` or `false` beside a question once its answer is known"
_SCORES = {"brier": "Brier", "log": "log"}


@click.command("score", epilog=examples("parley score NAME", "parley score NAME -n 5000 --chart --json"))
@click.argument("what", metavar="SCENARIO|RUN")
@click.option(
    "-n", "--draws", type=click.IntRange(1, 10**9), default=20_000, show_default=True, help="Number of draws."
)
@seed_option
@click.option("--workers", type=click.IntRange(1, 1024), default=None, help="Processes.  [default: one per core]")
@out_option
@sets_option
@click.option("--chart", is_flag=True, help="Write charts/scores.html into the run's folder.")
@json_option
@verbosity
@click.pass_context
def command(
    ctx: click.Context,
    what: str,
    draws: int,
    seed: int,
    workers: int | None,
    out: Path,
    sets: tuple[str, ...],
    *,
    chart: bool,
    as_json: bool,
) -> None:
    """Score the questions that carry `observed:`, and the outcome class if it was seen to the window's end.

    Brier (the sum over answers of squared errors: 0 is perfect, 2 worst) and log score (minus the natural logarithm
    of the probability of what was seen: 0 is perfect), beside the uniform forecast and the base rate, which is the
    share of yes among the other scored questions. A RUN on disk is scored as it is; a SCENARIO's complete run in OUT
    is used where there is one, else it is run.
    """
    from sim.analysis.scores import score

    folder = run_folder(what)
    if folder is None:
        folder, summary = _simulated(what, draws, seed, workers, out, sets)
    else:
        for name, flag in _OF_A_SCENARIO.items():
            if given(ctx, name):
                raise click.BadParameter(f"{flag} belongs to a SCENARIO; a RUN is scored as it is")
        summary = summary_of(folder)
    found = score(summary)
    if not found["questions"] and found["outcome"] is None:
        raise RefusalError(f"{_NOTHING.format(found['scenario'])}; {found['skipped']['outcome']}", Code.BAD_INPUT)
    path = _charted(folder, found) if chart else None
    if as_json:
        put_json({"run": str(folder), **found, "chart": None if path is None else str(path)})
        return
    _print(found)
    if path is not None:
        put(str(path))


def _simulated(
    name: str, draws: int, seed: int, workers: int | None, out: Path, sets: tuple[str, ...]
) -> tuple[Path, dict[str, Any]]:
    from sim import load
    from sim.cli.cost import ask, estimate
    from sim.cli.progress import Meter
    from sim.experiment import run_loaded

    loaded = load(find_scenario(name), sets)
    if loaded.observed is None and all(question.observed is None for question in loaded.questions):
        raise RefusalError(_NOTHING.format(loaded.id), Code.BAD_INPUT)
    workers = workers or os.cpu_count() or 1
    cost = estimate(loaded, draws, workers)
    ask(cost, yes=False)
    with Meter(draws, cost.seconds, quiet=settings().quiet) as meter:
        done = run_loaded(loaded, draws, seed, sets, workers, out, meter, report=False)
    assert done.folder is not None
    return done.folder, done.summary


def _charted(folder: Path, found: dict[str, Any]) -> Path:
    from sim.charts.export import to_page
    from sim.charts.scores import scored

    if not found["questions"]:
        raise RefusalError("no question carries `observed:`, so there is no chart of their scores", Code.BAD_INPUT)
    page = to_page("scores", scored(found), scored(found, narrow=True), found["scenario"])
    return write_chart(folder, "scores.html", page.encode())


def _print(found: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    put(f"{found['scenario']}: {plural(found['draws'], 'draw')}, seed {found['seed']}")
    table = Table(box=SIMPLE_HEAD)
    for name in ("question", "forecast", "seen", "Brier", "uniform", "base rate", "log", "uniform", "base rate"):
        table.add_column(name, justify="left" if name in ("question", "seen") else "right")
    for key, row in found["questions"].items():
        table.add_row(
            Text(clean(key)), _percent(row["probability"]), "yes" if row["observed"] else "no", *_scores_of(row)
        )
    if found["mean"]:
        table.add_section()
        table.add_row("mean", "", "", *_means(found["mean"]), style="bold")
    if found["outcome"]:
        row = found["outcome"]
        cells = [f"{row[name]:.3f}" for name in _SCORES], [f"{row['uniform'][name]:.3f}" for name in _SCORES]
        label = f"class on {row['date']}, of {row['classes']}"
        seen = Text(clean(row["observed"]))
        table.add_row(
            label, _percent(row["probability"]), seen, cells[0][0], cells[1][0], "", cells[0][1], cells[1][1], ""
        )
    console().print(table)
    _notes(found)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _scores_of(row: dict[str, Any]) -> list[str]:
    cells = []
    for name in _SCORES:
        rate = row["base_rate"]
        cells += [f"{row[name]:.3f}", f"{row['uniform'][name]:.3f}", "" if rate is None else f"{rate[name]:.3f}"]
    return cells


def _means(mean: dict[str, Any]) -> list[str]:
    sides = (mean, mean["uniform"], mean["base_rate"])
    return ["" if side is None else f"{side[name]['mean']:.3f}" for name in _SCORES for side in sides]


def _span(found: dict[str, Any], words: str, sign: str = "") -> str:
    """An interval in words, or nothing where there is none."""
    return "" if found["low"] is None else f"{words}{found['low']:{sign}.3f} to {found['high']:{sign}.3f}"


def _notes(found: dict[str, Any]) -> None:
    """Say what the figures rest on: intervals, clipping, the base rate, what was skipped, which inputs."""
    from sim.analysis.scores import FEWEST

    mean = found["mean"]
    if mean:
        for name, word in _SCORES.items():
            if mean["questions"] == 1:
                put(f"Mean {word} score {mean[name]['mean']:.3f}, of one question, which gives no interval.")
                continue
            put(f"Mean {word} score {mean[name]['mean']:.3f}{_span(mean[name], ', 95 % interval over questions ')}.")
            for key, other in (("uniform", "the uniform forecast"), ("base_rate", "the base rate")):
                if mean[key] is not None:
                    gain = mean[key][f"{name}_gain"]
                    put(f"  Gain on {other}: {gain['mean']:+.3f}{_span(gain, ', 95 % interval ', '+')}.")
        if mean["questions"] > 1:
            if mean["brier"]["low"] is None:
                say(f"Fewer than {FEWEST} questions give no interval.")
            else:
                say("The interval takes questions as independent; they share one history, so that the truth is wider.")
            say("The base rate of a question is the share of yes among the others; a gain on it has no interval.")
    least, most = found["clipped_to"]
    say(f"Forecasts are clipped to [{least:.3g}, {most:.6g}]: {plural(found['draws'], 'draw')} can show no more.")
    for name, why in found["skipped"].items():
        say(f"Not scored: {name}: {why}.")
    put(f"model {found['model_hash'][:10]}, text {found['text_hash'][:10]}")
