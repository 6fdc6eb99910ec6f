"""Two hashes of a scenario: one of everything that changes a number, one of every text around it."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from sim.scenario.walk import keys_of, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.scenario.schema import Scenario

TEXTS = frozenset(
    {
        *("label", "title", "summary", "notes", "note", "text", "scale", "unit", "url"),
        *("source", "sources", "judgement", "confidence", "information_cutoff", "observed"),
        "sweeps",
    }
)
# The engine sorts these by id, or reads them as sets, so their order in the file means nothing.
UNORDERED = frozenset(
    {
        *("third_parties", "issues", "constraints", "exits", "variables", "communities", "moves", "effects", "patrons"),
        *("correlations", "between"),
        *("questions", "status", "exit", "ever", "never", "moved", "after", "unless", "relative", "any", "all"),
        *("exclude", CONDITION := "a condition on terms"),
    }
)


def model_hash(scenario: Scenario) -> str:
    """Hash what changes numbers: ids, numbers and structure, whatever the layout, key order, labels and sources."""
    return digest(meaning(scenario))


def text_hash(scenario: Scenario) -> str:
    """Hash the rest: titles, labels, notes, sources, question texts and what was observed."""
    return digest(list(texts(scenario, "")))


def digest(value: Any) -> str:
    """Hash plain data, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def meaning(node: Any, field: str = "") -> Any:
    """Give what of a node changes numbers, as plain data in which only meant orders are kept."""
    if isinstance(node, BaseModel):
        keys = keys_of(type(node))
        return {key: meaning(getattr(node, name), name) for name, key in keys.items() if name not in TEXTS}
    if isinstance(node, dict):
        return {key: meaning(value, CONDITION if field == "terms" else field) for key, value in node.items()}
    if isinstance(node, tuple):
        items = [meaning(item) for item in node]
        return sorted(items, key=digest) if field in UNORDERED else items
    if isinstance(node, date):
        return node.isoformat()
    if isinstance(node, float):
        return node.hex()
    return node


def texts(node: Any, path: str, inside: bool = False) -> Iterator[tuple[str, Any]]:
    """Give every text with its path; list items in the order of the file, since reports show that order."""
    if isinstance(node, BaseModel):
        for key, value in parts(node):
            yield from texts(value, f"{path}.{key}", inside or key in TEXTS)
    elif isinstance(node, dict):
        for key in sorted(node):
            yield from texts(node[key], f"{path}.{key}", inside)
    elif isinstance(node, tuple):
        for key, value in parts(node):
            yield from texts(value, f"{path}.{key}", inside)
    elif inside:
        yield path, node.isoformat() if isinstance(node, date) else node
