"""The reference page of the format, made from its schema: `python -m sim.scenario.reference > docs/reference.md`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sim.scenario.fields import LONGEST_TIME
from sim.scenario.leaf import LARGEST, UNCERTAIN
from sim.scenario.schema import json_schema

Node = dict[str, Any]

NUMBER = "number or distribution"
CONDITION = "`{at_least: …, at_most: …}`"
OPENING = """# Scenario reference

Every key of a scenario file: what may be written, its unit, its range, what holds where it is left out. The page is
made from the schema by `python -m sim.scenario.reference > docs/reference.md`, and a test says when it is stale. How to
write a scenario: [scenario.md](scenario.md), and step by step [tutorial.md](tutorial.md).

Lists of things with an `id` come in any order, levels and scripts aside. Where a name or a mapping may be written, the
bare name serves if nothing else need be said: `offers: bayesian` is `offers: {strategy: bayesian}`. A *number or
distribution* is [below](#number-or-distribution). A *moment* is a date, or a whole number of steps. *Each id* stands
for a mapping from ids to what follows. Keys that are not listed are faults.
"""


class Kind(NamedTuple):
    """What may be written for a field, and in which range."""

    words: str
    span: str = ""


def page() -> str:
    """Return the reference page as Markdown, one section for each mapping of the format.

    >>> [line for line in page().splitlines() if line.startswith("| `breach_rate`")][0].split(" | ")[1:4]
    ['number or distribution', 'per year', '0 to 10,000']
    """
    schema = json_schema()
    definitions: dict[str, Node] = {"Scenario": schema, **schema["$defs"]}
    order = list(dict.fromkeys(_within(schema, definitions, ["Scenario"])))
    parts = [OPENING, _contents(order)]
    parts += [_section(name, definitions[name], _places(name, definitions)) for name in order]
    return "\n".join(parts)


def _within(node: Any, definitions: dict[str, Node], seen: list[str]) -> Iterator[str]:
    """Give the names of all mappings, in the order in which a reader of the format meets them."""
    if node is definitions["Scenario"]:
        yield "Scenario"
        node = node["properties"]
    for name in _references(node):
        if name not in seen:
            seen.append(name)
            yield name
            yield from _within(definitions[name], definitions, seen)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rsplit("/", 1)[1]
        for each in node.values():
            yield from _references(each)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)


def _places(name: str, definitions: dict[str, Node]) -> list[str]:
    """Say which keys of which mappings hold the mapping `name`."""
    found = []
    for parent, node in definitions.items():
        for key, field in node.get("properties", {}).items():
            if name in _references(field):
                found.append(f"`{key}`" if parent == "Scenario" else f"`{key}` of {_link(parent)}")
    return found


def _contents(order: list[str]) -> str:
    return " · ".join(_link(name) for name in order) + "\n"


def _section(name: str, node: Node, places: list[str]) -> str:
    help_text = " ".join(node.get("description", "").split())
    lines = [f"## {words(name)}", ""]
    if name == UNCERTAIN:
        lines += [
            "A number that may be uncertain, private, or both: exactly one distribution, and notes beside it.",
            "",
        ]
    else:
        lines += [_escaped(help_text) + (f" Stands in {', '.join(places)}." if places else ""), ""]
    fields = node.get("properties", {})
    if not fields:
        return "\n".join(lines)
    lines += ["| key | what may be written | unit | range | default | what it is |", "|---|---|---|---|---|---|"]
    required = node.get("required", ())
    lines += [_row(key, field, required=key in required) for key, field in fields.items()]
    return "\n".join([*lines, ""])


def _row(key: str, field: Node, *, required: bool) -> str:
    kind = _kind(field)
    unit = field.get("unit", "")
    text = field.get("description", "").removesuffix(f" ({unit})")
    default = "**required**" if required else _default(field)
    return f"| `{key}` | {kind.words} | {unit} | {kind.span} | {default} | {_escaped(text)} |"


def _kind(node: Node) -> Kind:
    """Describe a node of the schema."""
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[1]
        return Kind(NUMBER if name == UNCERTAIN else _link(name))
    for joined in ("anyOf", "oneOf"):
        if joined in node:
            return _choice([each for each in node[joined] if each.get("type") != "null"])
    if "const" in node or "enum" in node:
        return Kind(", ".join(f"`{each}`" for each in node.get("enum", [node.get("const")])))
    describe = _KINDS.get(node.get("type", ""))
    return describe(node) if describe else Kind("anything")


def _choice(nodes: list[Node]) -> Kind:
    """Join what may stand for one another; a number with its long form is one kind."""
    uncertain = [node for node in nodes if UNCERTAIN in node.get("$ref", "")]
    kinds = [_kind(node) for node in nodes if node not in uncertain]
    if uncertain and kinds and kinds[0].words == "number":
        kinds[0] = Kind(NUMBER, kinds[0].span)
    said = list(dict.fromkeys(kind.words for kind in kinds))
    if said == ["step", "date"]:
        said = ["moment"]
    if said[1:] == [f"list of {said[0]}"]:
        said = [f"one or several of {said[0]}" if "`" in said[0] else "one id or a list"]
    if said[-1] == CONDITION:
        return Kind("level, list or `{at_least, at_most}`")
    return Kind(" or ".join(said), "; ".join(dict.fromkeys(kind.span for kind in kinds if kind.span)))


def _number(node: Node) -> Kind:
    whole = "step" if node.get("maximum") == LONGEST_TIME and node.get("minimum") == 0 else "whole number"
    return Kind(whole if node["type"] == "integer" else "number", _span(node))


def _span(node: Node) -> str:
    """Write a numeric range; the guard against slips of the pen counts as none."""
    above = node.get("exclusiveMinimum")
    low, high = node.get("minimum"), node.get("maximum")
    low = None if low is None or low <= -LARGEST or above is not None else _plain(low)
    top = None if high is None or high >= LARGEST else _plain(high)
    if above is not None:
        return f"above {_plain(above)}" + (f", at most {top}" if top else "")
    if low is not None and top is not None:
        return f"{low} to {top}"
    return f"at least {low}" if low is not None else f"at most {top}" if top else ""


def _plain(value: float) -> str:
    return f"{value:,.10g}"


def _text(node: Node) -> Kind:
    if node.get("format") == "date":
        return Kind("date")
    if "pattern" in node:
        return Kind("id")
    longest = node.get("maxLength")
    return Kind("text", f"at most {longest:,} signs" if longest else "")


def _list(node: Node) -> Kind:
    fewest, most = node.get("minItems", 0), node.get("maxItems")
    if "prefixItems" in node:
        return Kind(f"{fewest} numbers")
    inner = _kind(node.get("items", {}))
    if fewest == most:
        return Kind(f"list of {fewest}: {inner.words}", inner.span)
    count = _count(fewest, most)
    return Kind(f"list of {inner.words}", "; ".join(part for part in (count, inner.span) if part))


def _count(fewest: int, most: int | None) -> str:
    if most is None:
        return f"at least {fewest}" if fewest else ""
    return f"{fewest:,} to {most:,} of them" if fewest else f"at most {most:,} of them"


def _mapping(node: Node) -> Kind:
    if "properties" in node:
        return Kind("`{" + ", ".join(f"{key}: …" for key in node["properties"]) + "}`")
    values = node.get("additionalProperties")
    if not isinstance(values, dict):
        return Kind("mapping")
    inner = _kind(values)
    return Kind(f"each id: {inner.words}", inner.span)


_KINDS: dict[str, Callable[[Node], Kind]] = {
    "number": _number,
    "integer": _number,
    "string": _text,
    "array": _list,
    "object": _mapping,
    "boolean": lambda _: Kind("`true`, `false`"),
}


def _default(field: Node) -> str:
    value = field.get("default")
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float):
        return _plain(value)
    return f"`{value}`" if isinstance(value, str) and value else ""


def words(name: str) -> str:
    """Write the name of a mapping in words.

    >>> words("TimeDependent")
    'Time dependent'
    """
    return "Number or distribution" if name == UNCERTAIN else re.sub(r"(?<=.)([A-Z])", r" \1", name).capitalize()


def _link(name: str) -> str:
    return f"[{words(name)}](#{words(name).lower().replace(' ', '-')})"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.stdout.write(page())
