"""Overrides of the form `id.id.field=VALUE`, read by the same guarded reader and placed by their own text."""

from collections.abc import Sequence
from typing import Any

from sim.scenario.explain import keys_at
from sim.scenario.faults import Fault, ScenarioError, close_to, show
from sim.scenario.read import Document, Path, Place, Source, read_text
from sim.scenario.schema import Scenario

NAME = "--set"


def override(document: Document, sets: Sequence[str]) -> list[Fault]:
    """Put every override into the document, in order; gives the faults of those that could not be."""
    faults: list[Fault] = []
    for text in sets:
        try:
            _apply(document, text)
        except ScenarioError as error:
            faults += error.faults
    return faults


def _apply(document: Document, text: str) -> None:
    whole = Place(Source(NAME, [text]), 1, 1)
    where, equals, written = text.partition("=")
    where = where.strip()
    if not equals or not where or not written.strip():
        sentence = f"{show(text)} is no override; write id.id.field=VALUE, such as parties.host.discount_rate=0.1"
        raise ScenarioError([whole.fault(sentence)])
    path = _find(document, where, whole)
    value = _value(text, len(text) - len(written))
    was = _at(document.tree, path)
    if isinstance(was, dict) and "private" in was and isinstance(value.tree, int | float):
        _move(document, path, was, value, whole)
    else:
        document.graft(path, value, whole)
    if not isinstance(value.tree, dict) or "value" in value.tree:
        _loosen(document.tree, where)


def _at(tree: Any, path: Path) -> Any:
    for step in path:
        tree = tree.get(step) if isinstance(tree, dict) else tree[step]
    return tree


def _move(document: Document, path: Path, was: dict[str, Any], value: Document, whole: Place) -> None:
    """Give a private number another public value: who knows it is another matter than what it is."""
    for key in [key for key in was if key != "private"]:
        del was[key]
    document.graft((*path, "value"), value, whole)
    document.values[path] = value.values[()]


def _loosen(tree: Any, where: str) -> None:
    """Set the rank of a number's correlations to 0: what is fixed by an override goes with nothing any more."""
    rules = tree.get("correlations") if isinstance(tree, dict) else None
    for rule in rules if isinstance(rules, list) else ():
        ends = rule.get("between") if isinstance(rule, dict) else None
        if isinstance(ends, list) and where in ends and "rank" in rule:
            rule["rank"] = 0


def _value(text: str, begin: int) -> Document:
    """Read the value of an override; its places are columns of the whole override."""
    source = Source(NAME, [text])
    try:
        document = read_text(text[begin:], NAME)
    except ScenarioError as error:
        moved = [each._replace(line=1, column=each.column + begin, snippet=text) for each in error.faults]
        raise ScenarioError(moved) from None
    for places in (document.keys, document.values):
        for path, place in places.items():
            places[path] = Place(source, 1, place.column + begin)
    return document


def _find(document: Document, where: str, whole: Place) -> Path:
    """Find the path that the ids and keys of an override name; the last key may be one that is not written yet."""
    node: Any = document.tree
    path: Path = ()
    parts = where.split(".")
    for i, part in enumerate(parts):
        names = _names(node, path)
        if part not in names:
            raise ScenarioError([whole.fault(_unknown(parts, i, names, node))])
        step = names[part]
        path = (*path, step)
        last = i == len(parts) - 1
        if isinstance(node, dict):
            if step not in node and not last:
                # A part that the file leaves at its default is opened empty, so that the override can fill it.
                node[step] = {}
                document.keys[path] = document.values[path] = whole
            node = node.get(step)
        else:
            node = node[step]
    return path


def _names(node: Any, path: Path) -> dict[str, str | int]:
    """Give the names by which an override can go on from a node, each with its step in the tree."""
    if isinstance(node, dict):
        return {key: key for key in (*keys_at(Scenario, path, node), *node)}
    if isinstance(node, list):
        names: dict[str, str | int] = {}
        for i, item in enumerate(node):
            own = item.get("id") if isinstance(item, dict) else None
            names[own if isinstance(own, str) else str(i)] = i
        return names
    return {}


def _unknown(parts: list[str], i: int, names: dict[str, str | int], node: Any) -> str:
    before = ".".join(parts[:i])
    if not isinstance(node, (dict, list)):
        return f"nothing stands below {show(before)}, so that {show('.'.join(parts))} cannot be set"
    if not parts[i]:
        return f"{show('.'.join(parts))} has no name {f'after {show(before)}' if before else 'before its first dot'}"
    close = close_to(parts[i], names)
    if close is not None:
        return f"there is no {show('.'.join(parts))}; did you mean `{'.'.join([*parts[:i], close, *parts[i + 1 :]])}`?"
    below = f"below {show(before)}" if before else "at the top"
    few, more = ", ".join(list(names)[:12]), len(names) - 12
    there = f"{few} and {more} more" if more > 0 else few or "no parts"
    return f"there is no {show(parts[i])} {below}; there are {there}"
