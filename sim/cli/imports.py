"""`parley import`: a published negotiation domain as a scenario."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from sim.cli.common import Code, RefusalError, examples, json_option, put, put_json, say, verbosity

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.interop.domain import Domain


@click.group(
    "import",
    epilog=examples(
        "parley import genius domain.xml seller.xml buyer.xml -o laptop.yaml",
        "parley import geniusweb seller.json buyer.json -o party.yaml --rounds 50 --exponents 4 1",
        "parley import negmas FOLDER -o camera.yaml",
    ),
)
def command() -> None:
    """Write a scenario from the files of GENIUS, GeniusWeb or NegMAS.

    The scenario plays stacked alternating offers: the party of the first profile moves first in each round. What is
    hostile, wrong or unclear is refused with its place. The path of the scenario is printed on stdout; with `--json`
    `{scenario, deals, issues, reservations, discounts}`.
    """


def _shared(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that all three have."""
    for option in (
        verbosity,
        json_option,
        click.option("--force", is_flag=True, help="Overwrite a file that is there."),
        click.option(
            "--exponents",
            nargs=2,
            type=click.FloatRange(0, 1000, min_open=True),
            default=(1.0, 1.0),
            show_default=True,
            help="e of each party's aspiration 1 - s^e: above 1 it concedes late, below 1 early.",
        ),
        click.option(
            "--rounds", type=click.IntRange(1, 1200), default=100, show_default=True, help="Rounds of offers."
        ),
        click.option(
            "-o",
            "--out",
            "out",
            type=click.Path(path_type=Path),
            required=True,
            metavar="NAME.yaml",
            help="The file to write.",
        ),
    ):
        function = option(function)
    return function


FILE = click.Path(path_type=Path)


@command.command("genius")
@click.argument("domain", type=FILE)
@click.argument("profile_a", type=FILE)
@click.argument("profile_b", type=FILE)
@click.option(
    "--points", type=click.IntRange(2, 1000), help="Lay an issue of real numbers out on so many evenly spaced values."
)
@_shared
def genius(domain: Path, profile_a: Path, profile_b: Path, points: int | None, **given: Any) -> None:
    """Import a GENIUS (ANAC) domain: DOMAIN.xml, and the profiles of the first and the second party."""
    from sim.interop import genius as form

    _write(lambda: form.read(domain, (profile_a, profile_b), points), f"GENIUS files beside {domain.name}", **given)


@command.command("geniusweb")
@click.argument("profile_a", type=FILE)
@click.argument("profile_b", type=FILE)
@_shared
def geniusweb(profile_a: Path, profile_b: Path, **given: Any) -> None:
    """Import two GeniusWeb profiles of one domain, the first party's and the second's."""
    from sim.interop import geniusweb as form

    _write(lambda: form.read((profile_a, profile_b)), f"GeniusWeb files beside {profile_a.name}", **given)


@command.command("negmas")
@click.argument("files", type=FILE, nargs=-1, required=True, metavar="FOLDER|DOMAIN PROFILE_A PROFILE_B")
@_shared
def negmas(files: tuple[Path, ...], **given: Any) -> None:
    """Import a NegMAS scenario in YAML or JSON: a folder, or the domain's file and the two utility functions'.

    In a folder the first party is the one whose file comes first by name.
    """
    from sim.interop import negmas as form

    _write(lambda: form.read(files), f"NegMAS files beside {files[0].name}", **given)


def _write(
    read: Callable[[], Domain],
    origin: str,
    out: Path,
    rounds: int,
    exponents: tuple[float, float],
    *,
    force: bool,
    as_json: bool,
) -> None:
    from math import prod

    from sim.interop.scenario import Play, text_of
    from sim.scenario import load
    from sim.scenario.fields import SCENARIO_ID_PATTERN

    if out.suffix not in (".yaml", ".yml") or not re.fullmatch(SCENARIO_ID_PATTERN.rstrip("$"), out.stem):
        sentence = (
            f"{str(out)[:200]!r} names no scenario: small letters a-z, digits and hyphens, at most 64, then .yaml"
        )
        raise RefusalError(sentence, Code.BAD_INPUT)
    if out.exists() and not force:
        raise RefusalError(
            f"{out} is there already and is left as it is; choose another name, or --force", Code.BAD_INPUT
        )
    domain = read()
    write_whole(out, text_of(domain, out.stem, Play(rounds, exponents), origin), force=force)
    load(out)
    say(f"written; next: parley trace {out}")
    if as_json:
        put_json(
            {
                "scenario": str(out),
                "deals": prod(len(issue.values) for issue in domain.issues),
                "issues": [{"name": issue.name, "values": len(issue.values)} for issue in domain.issues],
                "reservations": [profile.reservation for profile in domain.profiles],
                "discounts": [profile.discount for profile in domain.profiles],
            }
        )
    else:
        put(str(out))


def write_whole(path: Path, text: str, *, force: bool) -> None:
    """Write a file, whole; one that is there is overwritten only by force."""
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise RefusalError(f"{path} is there already and is left as it is; add --force", Code.BAD_INPUT) from None
    except OSError as error:
        raise RefusalError(f"cannot write {path}: {error.strerror}", Code.STORAGE) from error
