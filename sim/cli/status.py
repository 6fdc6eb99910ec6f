"""`parley status`: how far sweeps are, asked from another terminal while they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli.common import examples, json_option, out_option, plural, put, put_json, say, verbosity

if TYPE_CHECKING:
    from pathlib import Path


@click.command("status", epilog=examples("parley status", "parley status --out results --json"))
@out_option
@json_option
@verbosity
def command(out: Path, *, as_json: bool) -> None:
    """Show every sweep in the folder of results: draws on disk of those asked for, points that failed, and who runs it.

    A sweep that runs is only read, never disturbed.
    """
    from sim.batch.progress import standing

    found = list(standing(out))
    if as_json:
        put_json({"sweeps": [each._asdict() | {"folder": str(each.folder)} for each in found]})
        return
    for each in found:
        share = f"{100 * each.draws / each.asked:.0f} %" if each.asked else "nothing asked"
        state = f"running in process {each.process}" if each.process else ("finished" if each.finished else "stopped")
        failed = f", {plural(each.failed, 'point')} failed" if each.failed else ""
        put(f"{each.folder}: {each.draws:,} of {each.asked:,} draws ({share}){failed}; {state}")
    if not found:
        say(f"no sweeps in {out}")
