"""`parley clean`: remove results from the disk, after saying which."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.common import (
    Code,
    Number,
    RefusalError,
    clean,
    examples,
    json_option,
    out_option,
    plural,
    put,
    put_json,
    say,
    verbosity,
)
from sim.cli.cost import size

if TYPE_CHECKING:
    from sim.batch.removal import Removable


@click.command(
    "clean", epilog=examples("parley clean NAME --dry-run", "parley clean --older-than 30 --yes", "parley clean --yes")
)
@click.argument("which", nargs=-1, metavar="[SCENARIO|RUN]...")
@click.option("--older-than", type=Number(0, 36_500), metavar="DAYS", help="Only what is older than this.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and remove nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@out_option
@json_option
@verbosity
def command(
    which: tuple[str, ...], older_than: float | None, out: Path, *, dry_run: bool, yes: bool, as_json: bool
) -> int:
    """Remove results: those of a SCENARIO, a RUN or sweep by its folder or name, or all that lie in OUT.

    What would go is listed with its size; then you are asked, or, where nobody can be asked, --yes is needed (exit
    code 8). Symlinks are not followed, nothing outside OUT is touched, and nothing goes while a result among it is
    being written (exit code 5).
    """
    from sim.batch.removal import refuse_held, removable, remove

    items = chosen(list(removable(out)), which, out)
    if older_than is not None:
        limit = datetime.now(UTC) - timedelta(days=older_than)
        items = [item for item in items if item.started < limit]
    if not as_json:
        _list(items)
    refuse_held(items if not dry_run else [])
    going = bool(items) and not dry_run and _agreed(items, yes=yes, as_json=as_json)
    for item in items if going else ():
        remove(item)
    if as_json:
        put_json({"removed": going, "bytes": sum(item.bytes for item in items), "results": [_row(i) for i in items]})
    else:
        say(_ending(items, going=going, out=out))
    return Code.OK


def chosen(items: list[Removable], which: tuple[str, ...], out: Path) -> list[Removable]:
    """Return the results that the words name: scenarios, run folders, names of runs; all where there are no words."""
    if not which:
        return items
    found: dict[Path, Removable] = {}
    for word in which:
        named = [item for item in items if word in (item.scenario, item.folder.name) or _same(word, item.folder, out)]
        if not named:
            raise RefusalError(_unknown(word, items, out), Code.BAD_INPUT)
        found |= {item.folder: item for item in named}
    return [item for item in items if item.folder in found]


def _same(word: str, folder: Path, out: Path) -> bool:
    """Whether a word is the path of a result, of its scenario's folder, or `scenario/run`; links are not followed."""
    path = Path(word)
    paths = (folder, folder.parent, folder.relative_to(out), folder.absolute(), folder.parent.absolute())
    return path in paths or (path.suffix in (".yaml", ".yml") and path.stem == folder.parent.name)


def _unknown(word: str, items: list[Removable], out: Path) -> str:
    import difflib

    names = dict.fromkeys(name for item in items for name in (item.scenario, item.folder.name))
    near = difflib.get_close_matches(word, names, n=1)
    hint = f" (did you mean {near[0]}?)" if near else "; `parley list` shows what there is" if names else ""
    return f"there is no result {word[:200]!r} in {out}{hint}"


def _list(items: list[Removable]) -> None:
    for item in items:
        put(f"{item.started:%Y-%m-%d}  {size(item.bytes):>7}  {item.folder}")


def _agreed(items: list[Removable], *, yes: bool, as_json: bool) -> bool:
    if yes:
        return True
    what = f"{plural(len(items), 'result')}, {size(sum(item.bytes for item in items))}"
    if as_json or not sys.stdin.isatty():
        raise RefusalError(f"nothing was removed: add --yes to remove {what}", Code.NEEDS_YES)
    return click.confirm(clean(f"Remove {what}?"), err=True)


def _ending(items: list[Removable], *, going: bool, out: Path) -> str:
    if not items:
        return f"nothing to remove in {out}"
    what = f"{plural(len(items), 'result')}, {size(sum(item.bytes for item in items))}"
    return f"removed {what}" if going else f"nothing was removed; {what} would go"


def _row(item: Removable) -> dict[str, Any]:
    return {
        "folder": str(item.folder),
        "scenario": item.scenario,
        "started": item.started.isoformat(timespec="seconds"),
        "bytes": item.bytes,
    }
