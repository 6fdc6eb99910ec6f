"""`parley import`: a published negotiation domain as a scenario."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.common import Code, Number, RefusalError, examples, json_option, plural, put, put_json, say, verbosity

if TYPE_CHECKING:
    from sim.interop.domain import Domain

FORMATS = {"genius": "DOMAIN.xml PROFILE_A.xml PROFILE_B.xml", "geniusweb": "PROFILE_A.json PROFILE_B.json"}
FORMATS["negmas"] = "FOLDER, or DOMAIN PROFILE_A PROFILE_B"


@click.command(
    "import",
    epilog=examples(
        "parley import genius domain.xml seller.xml buyer.xml -o laptop.yaml",
        "parley import genius domain.xml seller.xml buyer.xml -o quick.yaml --rounds 20 --exponents 4 1 --json",
    ),
)
@click.argument("form", type=click.Choice(tuple(FORMATS)), metavar="genius|geniusweb|negmas")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="NAME.yaml", help="Where to write."
)
@click.option("--rounds", type=click.IntRange(1, 1200), default=100, show_default=True, help="Rounds of offers.")
@click.option(
    "--exponents",
    nargs=2,
    type=Number(0, 1000, min_open=True),
    default=(1.0, 1.0),
    show_default=True,
    help="e of each party's aspiration 1 - s^e: above 1 it concedes late, below 1 early.",
)
@click.option(
    "--points",
    type=click.IntRange(2, 1000),
    help="Lay each issue of real numbers of a GENIUS domain out on so many evenly spaced values.",
)
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
@json_option
@verbosity
def command(
    form: str,
    files: tuple[Path, ...],
    out: Path,
    rounds: int,
    exponents: tuple[float, float],
    points: int | None,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Write a scenario from FILES of a negotiation domain.

    FILES are, for genius (and ANAC), the domain's XML and the profiles of the first and the second party; for geniusweb
    both profiles, which hold the domain; for negmas a folder, or the domain and both profiles. The scenario plays
    stacked alternating offers, the party of the first profile moving first. What is hostile, wrong or unclear is
    refused, with its place. The scenario's path is printed on stdout.
    """
    from math import prod

    from sim.interop.scenario import Play, rescaled, text_of
    from sim.scenario.fields import SCENARIO_ID_PATTERN
    from sim.scenario.load import load_text

    if out.suffix not in (".yaml", ".yml") or not re.fullmatch(SCENARIO_ID_PATTERN.rstrip("$"), out.stem):
        sentence = (
            f"{str(out)[:200]!r} names no scenario: small letters a-z, digits and hyphens, at most 64, then .yaml"
        )
        raise RefusalError(sentence, Code.BAD_INPUT)
    if not force:
        refuse_there(out)
    domain = _read(form, files, points)
    origin = f"{form} files beside {files[0].name}"
    text = text_of(domain, out.stem, Play(rounds, exponents), origin)
    load_text(text, out)  # what cannot be played is not written
    write_whole(out, text, force=force)
    for sentence in rescaled(domain):
        say(sentence)
    say(f"written; next: parley trace {out}")
    if as_json:
        put_json(
            {
                "scenario": str(out),
                "name": domain.name,
                "deals": prod(len(issue.values) for issue in domain.issues),
                "profiles": [
                    {"name": profile.name, "reservation": profile.reservation, "discount": profile.discount}
                    for profile in domain.profiles
                ],
            }
        )
    else:
        put(str(out))


def _read(form: str, files: tuple[Path, ...], points: int | None) -> Domain:
    """Return the domain that the files hold."""
    if len(files) not in {"genius": (3,), "geniusweb": (2,), "negmas": (1, 3)}[form]:
        raise RefusalError(f"{form} takes {FORMATS[form]}; given: {plural(len(files), 'file')}", Code.BAD_INPUT)
    if form == "genius":
        from sim.interop import genius

        return genius.read(files[0], (files[1], files[2]), points)
    if form == "geniusweb":
        from sim.interop import geniusweb

        return geniusweb.read((files[0], files[1]))
    from sim.interop import negmas

    return negmas.read(files)


def refuse_there(path: Path) -> None:
    """Refuse to go on where a file, or a link, is there already."""
    if path.exists() or path.is_symlink():
        sentence = f"{path} is there already and is left as it is; choose another name, or add --force"
        raise RefusalError(sentence, Code.BAD_INPUT)


def write_whole(path: Path, text: str, *, force: bool) -> None:
    """Write a file; one that is there is overwritten only by force, and a link never."""
    if path.is_symlink():
        raise RefusalError(f"{path} is a link and is left as it is; name the file it leads to", Code.BAD_INPUT)
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise RefusalError(f"cannot write {path}: {error.strerror}", Code.STORAGE) from error
