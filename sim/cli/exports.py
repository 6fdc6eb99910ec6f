"""`parley export`: a scenario's issues and utilities as a published format has them, or a sweep's points as NetCDF."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from sim.cli.common import (
    Code,
    RefusalError,
    examples,
    find_scenario,
    json_option,
    put,
    put_json,
    say,
    sets_option,
    verbosity,
)
from sim.cli.found import sweep_folder
from sim.cli.imports import refuse_there, write_whole

FORMATS = ("genius", "geniusweb", "negmas")
NETCDF = "netcdf"


@click.command(
    "export",
    epilog=examples(
        "parley export genius laptop.yaml -o published",
        "parley export geniusweb laptop.yaml -o web --json",
        "parley export netcdf SWEEP -o points.nc",
    ),
)
@click.argument("form", type=click.Choice((*FORMATS, NETCDF)), metavar="genius|geniusweb|negmas|netcdf")
@click.argument("what", metavar="SCENARIO|SWEEP")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="The folder, or FILE.nc."
)
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@sets_option
@json_option
@verbosity
def command(form: str, what: str, out: Path, sets: tuple[str, ...], *, force: bool, as_json: bool) -> None:
    """Write a SCENARIO's utilities into FOLDER, for GENIUS, GeniusWeb or NegMAS, or a SWEEP's points into FILE.nc.

    Of a scenario are exported issues, weights, values, what the breakdown leaves (as the reservation value) and
    discount factors. The party that moves first is the first. What else it holds has no place in these formats;
    constraints, effects on flows and uncertain or private utilities are refused. A finished sweep, given as its
    folder, becomes a dataset with named axes, units, shares and their intervals, which xarray and every reader of
    NetCDF open; this needs the extra `xarray`. The files' paths are printed on stdout, with `--json` as
    `{files: [path]}`.
    """
    if form == NETCDF:
        files = [_sweep(what, out, sets, force=force)]
    else:
        files = _scenario(form, what, out, sets, force=force)
        say("written; strategies, protocol and everything but issues and utilities were left out")
    if as_json:
        put_json({"files": [str(path) for path in files]})
    else:
        put("\n".join(str(path) for path in files))


def _sweep(name: str, out: Path, sets: tuple[str, ...], *, force: bool) -> Path:
    from sim.batch.dataset import write

    if sets:
        raise click.UsageError("--set changes a scenario; a sweep is exported as it was played")
    folder = sweep_folder(name)
    if folder is None:
        hint = "name its folder `sweep-...`, or a file in it; `parley list` shows what there is"
        raise RefusalError(f"{name[:200]} holds no finished sweep: {hint}", Code.BAD_INPUT)
    if out.suffix != ".nc":
        raise click.BadParameter(f"{out} must end with .nc", param_hint="--out")
    if not force:
        refuse_there(out)
    write(folder, out)
    return out


def _scenario(form: str, name: str, out: Path, sets: tuple[str, ...], *, force: bool) -> list[Path]:
    from sim import load
    from sim.interop.scenario import domain_of

    path = find_scenario(name)
    texts = importlib.import_module(f"sim.interop.{form}").write(domain_of(load(path, sets), path))
    files = [out / each for each in texts]
    for path in files if not force else ():
        refuse_there(path)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RefusalError(f"cannot make the folder {out}: {error.strerror}", Code.STORAGE) from error
    for path, text in zip(files, texts.values(), strict=True):
        write_whole(path, text, force=force)
    return files
