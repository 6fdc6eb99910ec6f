"""Walks over a scenario's fields: every leaf with its stable path, and where its number comes from."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from sim.scenario.leaf import Bounds, Leaf, Problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.scenario.schema import Correlation, Scenario


@cache
def keys_of(model: type[BaseModel]) -> dict[str, str]:
    """Give, for every field of a model, the key under which it is written in a file."""
    return {field: info.alias or field for field, info in model.model_fields.items()}


def parts(node: Any, written: bool = False) -> Iterator[tuple[str, Any]]:
    """Give what stands directly below a node, each with its key, its id or its place in the list.

    With `written`, fields that the file left at their default are passed over.
    """
    if isinstance(node, BaseModel):
        for field, key in keys_of(type(node)).items():
            if not written or field in node.model_fields_set:
                yield key, getattr(node, field)
    elif isinstance(node, dict):
        yield from node.items()
    elif isinstance(node, tuple):
        for i, item in enumerate(node):
            yield getattr(item, "id", str(i)), item


def walk(node: Any, path: tuple[str, ...] = (), *, written: bool = False) -> Iterator[tuple[tuple[str, ...], Leaf]]:
    """Give every leaf below a node with its path, in the order of the fields and of the file."""
    if isinstance(node, Leaf):
        yield path, node
    elif isinstance(node, (BaseModel, dict, tuple)):
        for key, below in parts(node, written):
            yield from walk(below, (*path, key), written=written)


def walk_places(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Leaf]]:
    """Give every leaf below a node with its path in the file, where list items go by their number."""
    if isinstance(node, Leaf):
        yield path, node
    elif isinstance(node, tuple):
        for i, item in enumerate(node):
            yield from walk_places(item, (*path, i))
    elif isinstance(node, (BaseModel, dict)):
        for key, below in parts(node):
            yield from walk_places(below, (*path, key))


def place_of(node: Any, path: str) -> tuple[str | int, ...] | None:
    """Give the place in the file of the leaf with this path of ids below a node, or None where there is none."""
    place: list[str | int] = []
    for word in path.split("."):
        below = () if isinstance(node, Leaf) else parts(node)
        found = next(((i, key, each) for i, (key, each) in enumerate(below) if key == word), None)
        if found is None:
            return None
        place.append(found[0] if isinstance(node, tuple) else found[1])
        node = found[2]
    return tuple(place) if isinstance(node, Leaf) else None


def leaves(scenario: Scenario) -> Iterator[tuple[str, Leaf]]:
    """Give every leaf, the defaulted ones too, with its path keyed by ids: `parties.host.discount_rate`."""
    for path, leaf in walk(scenario):
        yield ".".join(path), leaf


def source_of(scenario: Scenario, leaf: Leaf | Correlation) -> tuple[str | None, str | None]:
    """Give the text and the address of a leaf's source, looked up in `sources` where it is a key of it."""
    if leaf.source is None:
        return None, None
    known = scenario.sources.get(leaf.source)
    if known is not None:
        dated = f"{known.title} ({known.date.isoformat()})" if known.date else known.title
        return dated, known.url
    if leaf.source.startswith(("https://", "http://")) and " " not in leaf.source:
        return leaf.source, leaf.source
    return leaf.source, None


def unsourced(scenario: Scenario) -> list[str]:
    """List the paths of written leaves, and the places of correlations, that have neither source nor judgement.

    A plain 0 or 1 as the value of a level is the scale's definition, not an assumption, and is left out.
    """
    numbers = [
        ".".join(path)
        for path, leaf in walk(scenario, written=True)
        if leaf.source is None and leaf.judgement is None and not _defines_scale(path, leaf)
    ]
    ties = enumerate(scenario.correlations)
    return numbers + [f"correlations.{i}" for i, tie in ties if tie.source is None and tie.judgement is None]


def _defines_scale(path: tuple[str, ...], leaf: Leaf) -> bool:
    return "values" in path[:-1] and leaf.certain and leaf.args[0] in (0.0, 1.0) and leaf.private is None


def misfits(scenario: Scenario, place: tuple[str | int, ...], leaf: Leaf) -> list[str]:
    """Say why a leaf could not stand at a place of the file: it lies outside the range of the field there."""
    node: Any = scenario
    bounds: Any = None
    for step in place:
        if isinstance(node, BaseModel):
            model = type(node)
            field = next(field for field, key in keys_of(model).items() if key == step)
            bounds = _bounds_of(model.model_fields[field])
            node = getattr(node, field)
        else:
            node = node[step]
    if bounds is None:
        return []
    problems = Problems()
    bounds.check(leaf, problems)
    return [sentence for _, sentence, _ in problems.found]


def _bounds_of(annotation: Any) -> Bounds | None:
    """Find the range of a numeric field inside its annotation."""
    for part in (*getattr(annotation, "metadata", ()), *getattr(annotation, "__metadata__", ())):
        if isinstance(part, Bounds):
            return part
    inner = [getattr(annotation, "annotation", None), *get_args(annotation)]
    return next((found for part in inner if part is not None and (found := _bounds_of(part)) is not None), None)
