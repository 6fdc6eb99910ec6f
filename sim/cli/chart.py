"""`parley chart`: the charts of a run or a sweep as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sim.cli.common import Code, RefusalError, clean, examples, json_option, put, put_json, verbosity
from sim.cli.found import run_folder, summary_of, sweep_folder, write_chart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sim.charts.theme import Chart

    Charts = Callable[..., dict[str, Chart]]

_PICTURES = ("png", "svg", "pdf")
_AGAIN = "`parley run --mechanisms N`"
_NEEDS = {"variance": "`parley run --paths 2` or more", "mechanisms": _AGAIN, "causes_tested": _AGAIN}
_PIXELS = click.IntRange(200, 4000)


@click.command(
    "chart",
    epilog=examples(
        "parley chart RUN --list",
        "parley chart RUN outcomes",
        "parley chart RUN --format json",
        "parley chart SWEEP lines",
    ),
)
@click.argument("run", metavar="RUN|SWEEP")
@click.argument("name", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "json", *_PICTURES]),
    default="html",
    show_default=True,
    help="Kind of file.",
)
@click.option("--width", type=_PIXELS, help="Width of a picture in pixels.  [default: 1000]")
@click.option("--height", type=_PIXELS, help="Height of a picture in pixels.  [default: the chart's own]")
@click.option("--list", "listed", is_flag=True, help="List the charts of the run instead.")
@json_option
@verbosity
def command(
    run: str, name: str | None, form: str, width: int | None, height: int | None, *, listed: bool, as_json: bool
) -> None:
    """Write the charts of a RUN or a SWEEP, or the one called NAME, into `charts/` in its folder; print their paths.

    It is given as its folder, or a file in it such as the report. A page (html) opens offline and fits its window;
    png, svg and pdf need the `image` extra (`pip install 'parley-sim[image]'`) and a Chromium or Chrome.
    """
    if form not in _PICTURES and (width or height):
        raise click.BadParameter(f"--width and --height are for {', '.join(_PICTURES)}; {form} fits its window")
    folder = run_folder(run)
    if folder is None:
        raise RefusalError(f"there is no run or sweep {run[:200]}; `parley list` shows what there is", Code.BAD_INPUT)
    summary, charts = _charts(run, folder)
    found = charts(summary)
    names = [*found] if name is None else [_known(name, list(found))]
    rows = [{"name": each, "title": found[each].title, "path": None} for each in names]
    if not listed:
        for row, path in zip(rows, _written(folder, charts, summary, names, form, width, height), strict=True):
            row["path"] = str(path)
            if not as_json:
                put(str(path))
    if as_json:
        put_json({"run": str(folder), "charts": rows})
    elif listed:
        for row in rows:
            put(f"{row['name']:<14} {clean(row['title'])}")


def _charts(name: str, folder: Path) -> tuple[dict[str, Any], Charts]:
    """Return the summary of a run or a sweep, and what draws it."""
    if (swept := sweep_folder(name)) is not None:
        from sim.batch.sweeps import read_summary
        from sim.charts import sweeps

        return read_summary(swept), sweeps.charts
    from sim.charts import figures

    return summary_of(folder), figures.charts


def _known(name: str, names: list[str]) -> str:
    import difflib

    from sim.charts.figures import CHARTS

    if name in names:
        return name
    if name in CHARTS:
        why = f"it needs {_NEEDS[name]}" if name in _NEEDS else "its draws have nothing to show in it"
        raise RefusalError(f"this run has no chart {name!r}: {why}", Code.BAD_INPUT)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f" (did you mean {near[0]}?)" if near else f"; there are: {', '.join(names)}"
    raise RefusalError(f"there is no chart {name[:80]!r}{hint}", Code.BAD_INPUT)


def _written(
    folder: Path,
    charts: Charts,
    summary: dict[str, Any],
    names: list[str],
    form: str,
    width: int | None,
    height: int | None,
) -> Iterator[Path]:
    """Write chart after chart."""
    from sim.charts import export
    from sim.charts.figures import WIDTH, drawn

    files: Iterator[bytes]
    if form == "html":
        wide, narrow = charts(summary), charts(summary, narrow=True)
        pages = (export.to_page(name, wide[name], narrow[name], summary["scenario"]) for name in names)
        files = (page.encode() for page in pages)
    else:
        across = width or WIDTH
        found = charts(summary, narrow=across <= export.NARROW)
        files = _drawn(drawn({name: found[name] for name in names}, across), form, width, height)
    for name, data in zip(names, files, strict=True):
        yield write_chart(folder, f"{name}.{form}", data)


def _drawn(figures: dict[str, Any], form: str, width: int | None, height: int | None) -> Iterator[bytes]:
    from sim.charts import export

    if form == "json":
        yield from (export.to_json(figure).encode() for figure in figures.values())
        return
    try:
        yield from export.to_pictures(figures, form, width, height).values()
    except export.PictureError as error:
        raise RefusalError(str(error), Code.BAD_INPUT) from error
