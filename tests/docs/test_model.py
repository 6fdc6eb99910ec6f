"""The model description names functions and tests that are there, and keeps to the ODD protocol."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import sim
from tests.docs.pages import ROOT, read

PAGE = read("docs/model.md")
NAME = re.compile(r"`([A-Za-z_]+(?:\.[A-Za-z_]+)+)`")
FILE = re.compile(r"`((?:[\w-]+/)+[\w.-]+|\w+\.(?:py|md|yaml))`")
TEST = re.compile(r"`(test_\w+)`")
EQUATION = re.compile(r"\n\n(?: {4}| {6})\S.*\n")
ROOMS = (
    *("rules", "chance", "scenario", "montecarlo", "randomness", "agents"),
    *("analysis", "causes", "chronicle", "episodes", "ledger", "mechanisms", "plane", "solution"),
)
ELEMENTS = (
    "1. Purpose and patterns",
    "2. Entities, state variables, and scales",
    "3. Process overview and scheduling",
    "4. Design concepts",
    "5. Initialization",
    "6. Input data",
    "7. Submodels",
)
CONCEPTS = (
    *("Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing"),
    *("Interaction", "Stochasticity", "Collectives", "Observation"),
)


def modules() -> dict[str, list[Any]]:
    """Return the modules that compute the model, and the classes of the rules, by their last name."""
    found: dict[str, list[Any]] = {}
    for info in pkgutil.walk_packages(sim.__path__, "sim."):
        if info.name.split(".")[1] in ROOMS:
            module = importlib.import_module(info.name)
            found.setdefault(info.name.rsplit(".", 1)[1], []).append(module)
            for name, each in vars(module).items() if info.name.startswith("sim.rules.") else ():
                if isinstance(each, type):
                    found.setdefault(name, []).append(each)
    return found


def is_there(name: str, known: dict[str, list[Any]]) -> bool:
    """Say whether a dotted name leads somewhere, fields of tuples and data classes included."""
    first, *rest = name.split(".")
    return any(leads_on(thing, rest) for thing in known.get(first, ()))


def leads_on(thing: Any, parts: list[str]) -> bool:
    """Say whether a chain of attributes or declared fields starts at a thing."""
    if not parts:
        return True
    if hasattr(thing, parts[0]):
        return leads_on(getattr(thing, parts[0]), parts[1:])
    return len(parts) == 1 and parts[0] in getattr(thing, "__annotations__", ())


def all_tests() -> set[str]:
    """Return the names of all tests, and of the files they stand in."""
    files = list((ROOT / "tests").rglob("test_*.py"))
    names = {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)}
    return names | {file.name for file in files}


def sections() -> Iterator[tuple[str, str]]:
    """Give each submodel's heading and text."""
    submodels = PAGE.split("\n## 7. Submodels\n")[1].split("\n## ")[0]
    for part in submodels.split("\n### ")[1:]:
        heading, text = part.split("\n", 1)
        yield heading, text


def test_every_function_named_is_there() -> None:
    """Each dotted name in the page is a module's function, constant or class, or a field of one."""
    known = modules()
    names = NAME.findall(PAGE)
    assert len(names) > 60
    assert [name for name in names if not FILE.fullmatch(f"`{name}`") and not is_there(name, known)] == []


def test_every_test_and_file_named_is_there() -> None:
    """Each test that the page names exists, and so does each file."""
    known = all_tests()
    assert [name for name in TEST.findall(PAGE) if name not in known] == []
    paths = [Path(name) for name in FILE.findall(PAGE)]
    places = (ROOT, ROOT / "sim", ROOT / "docs")
    assert [path for path in paths if not any((place / path).exists() for place in places)] == []


def test_an_equation_names_its_function_and_its_test() -> None:
    """Between the paragraph before an equation and the next one stand the function that computes it and its test."""
    count = 0
    for heading, text in sections():
        starts = [match.start() for match in EQUATION.finditer(text)]
        for start, end in zip(starts, [*starts[1:], len(text)], strict=False):
            near = text[max(text.rfind("\n\n", 0, start), 0) : end]
            assert NAME.search(near), f"{heading}: {near}"
            assert TEST.search(near), f"{heading}: {near}"
            count += 1
    assert count >= 15


def test_the_seven_elements_and_the_eleven_concepts_stand_in_their_order() -> None:
    """The headings are ODD's seven elements; every design concept has its paragraph."""
    found = [heading for heading in re.findall(r"^## (.+)$", PAGE, re.MULTILINE) if heading[0].isdigit()]
    assert tuple(found) == ELEMENTS
    concepts = PAGE.split("## 4. Design concepts")[1].split("\n## ")[0]
    assert tuple(re.findall(r"^\*\*([A-Z][\w ]+)\.\*\*", concepts, re.MULTILINE)) == CONCEPTS


def test_a_name_that_is_not_there_is_found_out() -> None:
    """The check knows what exists and what does not."""
    known = modules()
    assert is_there("payoff.flow", known)
    assert is_there("View.alone", known)
    assert is_there("rounds.Rounds.signed", known)
    assert not is_there("payoff.flows", known)
    assert not is_there("View.together", known)


def rules() -> dict[tuple[str, str], ast.FunctionDef | ast.ClassDef]:
    """Return what the modules of the rules define at their top, by module and name."""
    found = {}
    for path in sorted((ROOT / "sim" / "rules").rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found[path.stem, node.name] = node
    return found


def called(place: tuple[str, str], defined: dict[tuple[str, str], ast.FunctionDef | ast.ClassDef]) -> set[Any]:
    """Return what a rule names in its body: of its own module, of another, or imported from there by name."""
    found = set()
    for node in ast.walk(defined[place]):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add((node.value.id, node.attr))
        elif isinstance(node, ast.Name):
            found |= {
                key for key in defined if key[1] == node.id and key[0] in (place[0], *imported(place[0], node.id))
            }
    return found & set(defined)


@cache
def imported(module: str, name: str) -> tuple[str, ...]:
    """Return the modules from which a module of the rules takes a name."""
    (path,) = (path for path in (ROOT / "sim" / "rules").rglob("*.py") if path.stem == module)
    return tuple(
        node.module.rsplit(".", 1)[-1]
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and any(alias.name == name for alias in node.names)
    )


def explained(defined: dict[tuple[str, str], ast.FunctionDef | ast.ClassDef]) -> set[tuple[str, str]]:
    """Return the rules that the page names, and all those that these are put together from."""
    named = {tuple(name.split(".")[:2]) for name in NAME.findall(PAGE)}
    found: set[tuple[str, str]] = set()
    ahead = [place for place in defined if place in named]
    while ahead:
        place = ahead.pop()
        if place not in found:
            found.add(place)
            ahead += called(place, defined)
    return found


def test_every_public_rule_is_named_or_a_part_of_one_that_is() -> None:
    """Whoever opens a function of the rules finds it in the page, or the rule that it is a part of."""
    defined = rules()
    public = {place for place, node in defined.items() if isinstance(node, ast.FunctionDef) and node.name[0] != "_"}
    assert len(public) > 200
    assert sorted(public - explained(defined)) == []


def test_a_rule_that_the_page_leaves_out_is_found_out() -> None:
    """A function that no named rule uses is not taken as explained; one that a named rule uses is."""
    defined = rules()
    (alone,) = ast.parse("def alone(): ...").body
    assert isinstance(alone, ast.FunctionDef)
    found = explained({**defined, ("payoff", "alone"): alone})
    assert ("payoff", "alone") not in found
    assert ("deals", "at_row") in found
