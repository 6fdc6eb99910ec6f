"""The reference page says what the schema says."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel

from sim.scenario import reference
from sim.scenario.leaf import Leaf
from sim.scenario.schema import Scenario
from tests.docs.pages import read


def models(kind: Any, seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """Return the mappings of the format, from a type down: an account that does not read the JSON Schema."""
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind is not Leaf and kind not in seen:
        seen.add(kind)
        for field in kind.model_fields.values():
            models(field.annotation, seen)
    for part in get_args(kind):
        models(part, seen)
    return seen


def test_the_page_is_current() -> None:
    """docs/reference.md is what the command prints now."""
    assert read("docs/reference.md") == reference.page(), (
        "make it anew: python -m sim.scenario.reference > docs/reference.md"
    )


def test_every_key_has_its_row() -> None:
    """Every key of every mapping that a scenario can hold stands in the page, with its help."""
    page = reference.page()
    found = models(Scenario, set())
    assert len(found) > 30
    for model in found:
        section = page.split(f"## {reference.words(model.__name__)}\n")[1].split("\n## ")[0]
        for name, field in model.model_fields.items():
            assert f"| `{field.alias or name}` |" in section, f"{model.__name__}.{name}"
