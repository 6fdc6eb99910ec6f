"""`parley diff`: what differs in meaning between two scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sim.cli.common import examples, find_scenario, json_option, plural, put, put_json, verbosity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.scenario import Scenario
    from sim.scenario.differences import Difference

_SIGNS = {"added": "+", "removed": "-", "changed": "~", "order": "~"}


@click.command("diff", epilog=examples("parley diff NAME OTHER", "parley diff NAME OTHER --texts --json"))
@click.argument("a")
@click.argument("b")
@click.option("--texts", is_flag=True, help="Compare titles, labels, notes, sources and questions too.")
@json_option
@verbosity
def command(a: str, b: str, *, texts: bool, as_json: bool) -> None:
    """Say what differs in meaning between the scenarios A and B: numbers and structure, by paths of ids.

    Layout, comments, orders that count for nothing, labels and the ids of the two scenarios are passed over. A line
    with `~` has changed, `+` stands only in B, `-` only in A. The exit code is 0, whether they differ or not.
    """
    from sim import load
    from sim.scenario.differences import differences, text_differences
    from sim.scenario.schema import model_hash, text_hash

    old, new = load(find_scenario(a)), load(find_scenario(b))
    found = rows(differences(old, new), old, new)
    worded = rows(text_differences(old, new), old, new) if texts else None
    if as_json:
        sides = {
            name: {"scenario": each.id, "model_hash": model_hash(each), "text_hash": text_hash(each)}
            for name, each in (("a", old), ("b", new))
        }
        put_json({**sides, "same": not found, "differences": found, "texts": worded})
        return
    put(_opening(old, new, found))
    for row in found:
        _print(row)
    if worded is not None:
        put(f"{plural(len(worded), 'text')} differ{'s' * (len(worded) == 1)}" if worded else "No text differs.")
        for row in worded:
            _print(row)


def rows(found: Iterable[Difference], old: Scenario, new: Scenario) -> list[dict[str, Any]]:
    """Return each difference in words, with the unit of a number and where each side has it from."""
    from sim.describe import assumptions
    from sim.scenario.differences import written

    known = [{row["path"]: row for row in assumptions(each)} for each in (old, new)]
    rows = []
    for each in found:
        path = ".".join(each.path)
        before, after = (side.get(path, {}) for side in known)
        rows.append(
            {
                "path": path,
                "kind": each.kind,
                "old": None if each.old is None else written(each.old),
                "new": None if each.new is None else written(each.new),
                "unit": after.get("unit") or before.get("unit"),
                "old_source": before.get("source") or before.get("judgement"),
                "new_source": after.get("source") or after.get("judgement"),
            }
        )
    return rows


def _opening(old: Scenario, new: Scenario, found: list[dict[str, Any]]) -> str:
    if not found:
        return f"{old.id} and {new.id} mean the same: every number and all structure are equal."
    return f"{plural(len(found), 'difference')} in meaning from {old.id} to {new.id}:"


def _print(row: dict[str, Any]) -> None:
    unit = f"  ({row['unit']})" if row["unit"] else ""
    put(f"{_SIGNS[row['kind']]} {row['path']}{unit}")
    if row["kind"] == "order":
        put(f"    order  {row['old']}\n        -> {row['new']}")
        return
    for word, side in (("was", "old"), ("is", "new")):
        if row[side] is not None and not (row["kind"] == "added" and side == "old"):
            source = row[f"{side}_source"]
            put(f"    {word:<4} {row[side]}" + (f"  [{source}]" if source else ""))
