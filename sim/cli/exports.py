"""`parley export`: a scenario's issues and utilities as a published format has them."""

from __future__ import annotations

import importlib
from pathlib import Path

import rich_click as click

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
from sim.cli.imports import refuse_there, write_whole

FORMATS = ("genius", "geniusweb", "negmas")


@click.command(
    "export",
    epilog=examples(
        "parley export genius laptop.yaml -o published", "parley export geniusweb laptop.yaml -o web --json"
    ),
)
@click.argument("form", type=click.Choice(FORMATS), metavar="genius|geniusweb|negmas")
@click.argument("scenario")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="The folder to write into."
)
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@sets_option
@json_option
@verbosity
def command(form: str, scenario: str, out: Path, sets: tuple[str, ...], *, force: bool, as_json: bool) -> None:
    """Write SCENARIO's issues and both parties' utilities into FOLDER, for GENIUS, GeniusWeb or NegMAS.

    Exported are issues, weights, values, what the breakdown leaves (as the reservation value) and discount factors.
    The party that moves first is the first. What else a scenario holds has no place in these formats; constraints,
    effects on flows and uncertain or private utilities are refused. The files' paths are printed on stdout, with
    `--json` as `{files: [path]}`.
    """
    from sim import load
    from sim.interop.scenario import domain_of

    texts = importlib.import_module(f"sim.interop.{form}").write(domain_of(load(find_scenario(scenario), sets)))
    files = [out / name for name in texts]
    for path in files if not force else ():
        refuse_there(path)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RefusalError(f"cannot make the folder {out}: {error.strerror}", Code.STORAGE) from error
    for path, text in zip(files, texts.values(), strict=True):
        write_whole(path, text, force=force)
    say("written; strategies, protocol and everything but issues and utilities were left out")
    if as_json:
        put_json({"files": [str(path) for path in files]})
    else:
        put("\n".join(str(path) for path in files))
