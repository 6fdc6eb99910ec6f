"""`parley schema`: the JSON Schema of a scenario file, for editors."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.common import ending_in, examples, put, say, verbosity


@click.command("schema", epilog=examples("parley schema", "parley schema --out scenarios/scenario.schema.json"))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=ending_in(".json"),
    help="File to write instead of stdout.",
)
@verbosity
def command(out: Path | None) -> None:
    """Print the JSON Schema (2020-12) of a scenario file.

    Editors that know it complete keys, show each field's help and unit, and mark faults while you type. A scenario
    names it in its first line: `# yaml-language-server: $schema=scenario.schema.json`.
    """
    from sim.scenario.editor import schema_text

    text = schema_text()
    if out is None:
        put(text.rstrip("\n"))
        return
    out.write_text(text, encoding="utf-8")
    say(f"{out}: written")
