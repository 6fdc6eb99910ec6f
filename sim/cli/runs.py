"""`parley list`: results on disk and their state, and the scenarios at hand."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from sim.cli.common import (
    Code,
    clean,
    console,
    examples,
    json_option,
    known_scenarios,
    out_option,
    put,
    put_json,
    say,
    verbosity,
)
from sim.cli.cost import size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sim.batch.listing import Entry


@click.command("list", epilog=examples("parley list", "parley list --out results --json", "parley list --scenarios"))
@click.option("--scenarios", is_flag=True, help="Show the scenarios that a bare name finds instead.")
@out_option
@json_option
@verbosity
def command(out: Path, *, scenarios: bool, as_json: bool) -> int:
    """Show the results on disk: scenario, draws, seed, date, size and state.

    Every file is compared with its manifest: a result is complete, damaged, or partial (left by an interruption; the
    next run of the same inputs removes it). A sweep can be running or unfinished, too. The exit code
    is 7 when one is damaged.
    """
    if scenarios:
        _scenarios(as_json=as_json)
        return Code.OK
    from sim.batch.listing import entries

    found = list(entries(out))
    if as_json:
        put_json({"results": [{**asdict(entry), "folder": str(entry.folder)} for entry in found]})
    elif found:
        _table(found)
    else:
        say(f"nothing in {out}")
    for entry in found:
        if entry.fault and entry.state == "damaged":
            click.echo(clean(entry.fault), err=True)
    return Code.DAMAGED if any(entry.state == "damaged" for entry in found) else Code.OK


def _scenarios(*, as_json: bool) -> None:
    """Print names and paths of the scenarios in `scenarios/` here and of those that come with parley."""
    known = sorted(known_scenarios().items())
    if as_json:
        put_json({"scenarios": [{"name": name, "path": str(path)} for name, path in known]})
        return
    width = max((len(name) for name, _ in known), default=0)
    for name, path in known:
        put(f"{name:<{width}}  {path}")


def _table(found: Sequence[Entry]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD)
    for name in ("result", "draws", "seed", "date", "size", "state"):
        table.add_column(name, justify="right" if name in ("draws", "seed", "size") else "left", overflow="fold")
    for entry in found:
        draws = "" if entry.draws is None else f"{entry.draws:,}"
        seed = "" if entry.seed is None else str(entry.seed)
        date = Text(clean(entry.date or "")[:16].replace("T", " "))
        table.add_row(Text(str(entry.folder)), draws, seed, date, size(entry.bytes), entry.state)
    console().print(table)
