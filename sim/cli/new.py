"""`parley new`: a scenario to start from, whole or as a variation of another."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import click

from sim.cli.common import Code, RefusalError, examples, find_scenario, put, say, shipped, verbosity

_LONGEST_TITLE = 300
_VARIATION = """\
{line}
# Only what differs from {base} is written here: mappings and lists with ids merge, everything else is replaced,
# `{{id: x, remove: true}}` takes an item out and `key: {{remove: true}}` a key. `parley diff` shows what has changed.
extends: {base}
format_version: 1
id: {name}
title: {title}
summary: {summary}

# time: {{window: {window}}}
# parties:
#   - {{id: {party}, discount_rate: {{uniform: [0.05, 0.2], judgement: say why}}}}
"""


@click.command("new", epilog=examples("parley new my-bargain", "parley new my-variation --from NAME"))
@click.argument("name")
@click.option("--from", "base", metavar="SCENARIO", help="Vary this scenario instead: the new file `extends` it.")
@verbosity
def command(name: str, base: str | None) -> None:
    """Write NAME.yaml, a commented scenario that passes `parley check` and runs.

    NAME is the scenario's id: small letters, digits and hyphens. A file that is there is never overwritten. The path
    is printed on stdout.
    """
    from sim.scenario.fields import SCENARIO_ID_PATTERN

    if not re.fullmatch(SCENARIO_ID_PATTERN.rstrip("$"), name):
        sentence = f"{name[:80]!r} is no id of a scenario: small letters a-z, digits and hyphens, at most 64"
        raise RefusalError(sentence, Code.BAD_INPUT)
    path = Path(f"{name}.yaml")
    text = starter(name) if base is None else variation(name, find_scenario(base))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        sentence = f"{path} is there already and is left as it is; choose another name, or remove it first"
        raise RefusalError(sentence, Code.BAD_INPUT) from None
    say(f"written; next: parley check {path}")
    put(str(path))


def starter(name: str) -> str:
    """Return a whole scenario with the id `name`."""
    from sim.scenario.read import as_text

    text = Path(__file__).with_name("starter.yaml").read_text(encoding="utf-8")
    _, _, rest = text.partition("\n")
    return f"{editor_line()}\n{rest.replace('id: starter', f'id: {as_text(name)}', 1)}"


def variation(name: str, base: Path) -> str:
    """Return a scenario with the id `name` that extends the one in `base`, which must lie in or below this folder."""
    from sim import load
    from sim.scenario.read import as_text

    if not base.resolve().is_relative_to(Path.cwd().resolve()):
        sentence = f"{base} lies outside this folder, and a scenario extends only what lies beside or below it"
        raise RefusalError(f"{sentence}: copy it here first, or go to its folder", Code.BAD_INPUT)
    loaded = load(base)
    return _VARIATION.format(
        line=editor_line(),
        base=Path(os.path.relpath(base)).as_posix(),
        name=as_text(name),
        title=_quoted(f"{loaded.title}: a variation"),
        summary=_quoted(f"As {loaded.id}, but: say here what is different and why."),
        window=loaded.time.window,
        party=loaded.parties[0].id,
    )


def editor_line() -> str:
    """Return the line by which an editor finds the schema: that of `scenarios/` here, or the package's own."""
    from sim.scenario.editor import FILE, LINE

    shelves = Path("scenarios"), shipped()
    found = next((shelf / FILE for shelf in shelves if (shelf / FILE).is_file()), Path(FILE))
    return f"{LINE}{found.as_posix()}"


def _quoted(text: str) -> str:
    return json.dumps(text[:_LONGEST_TITLE], ensure_ascii=False)
