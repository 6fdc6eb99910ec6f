"""`extends: other.yaml`: one scenario varies another; both are read, and the one is laid over the other."""

import os
from collections.abc import Collection
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel

from sim.scenario.explain import has_key, has_numbers
from sim.scenario.faults import Fault, ScenarioError, nearest, show
from sim.scenario.fields import too_new
from sim.scenario.read import Document, Path, Place, read_file

EXTENDS = "extends"
REMOVE = "remove"
OWN = ("id", "title", "summary")
MOST_BASES = 8
SHELVES = ("scenarios", "_scenarios")
# A mapping that names another one of these than its base is another thing, so that nothing of the base is kept.
FORMS = ("strategy", "kind", "shape")


def read_scenario(path: str | FilePath, model: type[BaseModel]) -> Document:
    """Read a scenario file and every file that it extends, each guarded alike, as one tree whose places are kept.

    `model` says where numbers stand, which are replaced whole. Raises ScenarioError with the place of each fault.
    """
    file = FilePath(path)
    documents, files = [_read(path)], [file]
    while EXTENDS in documents[-1].tree:
        file = _base_of(documents[-1], files)
        files.append(file)
        documents.append(_read(file))
    merged = documents.pop()
    while documents:
        merged = Overlay(merged, documents.pop(), model).merged()
    return merged


def _read(path: str | FilePath) -> Document:
    """Read one file; one in a format to come is refused at once, since no other fault in it would mean anything."""
    document = read_file(path)
    sentence = too_new(document.tree.get("format_version"))
    if sentence:
        raise ScenarioError([document.fault(("format_version",), sentence)])
    return document


def _base_of(document: Document, files: list[FilePath]) -> FilePath:
    """Give the file that the last of `files`, read as `document`, extends; it must lie where a base may."""
    written = document.tree.pop(EXTENDS)
    place = document.place((EXTENDS,))
    here = files[-1]
    sentence = _no_path(written)
    if sentence:
        raise ScenarioError([place.fault(sentence)])
    base = FilePath(os.path.normpath(here.parent / written))
    try:
        sentence = _refused(base, written, here) or _round(base, files)
    except (OSError, RuntimeError, ValueError):
        sentence = f"extends is {show(written)}, which cannot be looked up; write a path relative to this file"
    if sentence:
        raise ScenarioError([place.fault(sentence)])
    return base


def _no_path(written: Any) -> str:
    """Say why a value cannot be the path of a base; empty where it can."""
    if not isinstance(written, str) or not written.strip():
        return f"extends is {show(written)}; write the path of a scenario relative to this file, such as other.yaml"
    if FilePath(written).is_absolute() or written.startswith("~") or "\\" in written or ":" in written:
        return f"extends is {show(written)}; write a path relative to this file, with `/` between its parts"
    if not written.endswith((".yaml", ".yml")):
        return f"extends is {show(written)}; a scenario is a file that ends in .yaml"
    return ""


def _refused(base: FilePath, written: str, here: FilePath) -> str:
    """Say why a base may not be read: it lies elsewhere, or there is none."""
    home = here.resolve().parent
    shelf = next((folder for folder in (home, *home.parents) if folder.name in SHELVES), home)
    if not base.resolve().is_relative_to(shelf):
        return f"{show(written)} lies outside the folder {show(shelf.name)}; a base lies there or below it"
    if base.is_file():
        return ""
    if base.exists():
        return f"{show(written)} is no file; name the YAML file of a scenario"
    folder = base.parent
    names = [os.path.relpath(each, here.parent) for each in sorted(folder.glob("*.yaml"))[:300] if each != here]
    return f"there is no file {show(written)}{nearest(written, names)}"


def _round(base: FilePath, files: list[FilePath]) -> str:
    """Say that a chain of bases comes back to itself, or goes on for too long."""
    if any(base.resolve() == each.resolve() for each in files):
        chain = " -> ".join(each.name for each in (*files, base))
        return f"scenarios extend one another in a circle ({show(chain, 200)}); one of them must stand alone"
    if len(files) > MOST_BASES:
        return f"more than {MOST_BASES} scenarios extend one another here; write some of them into one"
    return ""


class Overlay:
    """Lays the keys of one document over those of another: a new tree with the place at which each value stands.

    Mappings merge key by key and lists of items with ids merge by id; everything else is replaced. A number is
    replaced whole, and so is a mapping of another strategy, kind or shape. `{remove: true}` takes a key's value out,
    `remove: true` beside an id that item.
    """

    def __init__(self, base: Document, over: Document, model: type[BaseModel]) -> None:
        self.base = base
        self.over = over
        self.model = model
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.faults: list[Fault] = []

    def merged(self) -> Document:
        """Give the merged document; raises ScenarioError where something to be removed is not there."""
        kept = {key: value for key, value in self.base.tree.items() if key not in OWN}
        self._note(self.over, (), ())
        tree = self._mapping(kept, (), self.over.tree, (), ())
        if self.faults:
            raise ScenarioError(self.faults)
        return Document(tree, self.keys, self.values)

    def _lay(self, old: Any, old_at: Path, new: Any, new_at: Path, to: Path) -> Any:
        if isinstance(old, dict) and isinstance(new, dict) and not self._another(old, new, to):
            self._note(self.over, new_at, to)
            return self._mapping(old, old_at, new, new_at, to)
        if _has_ids(old) and _has_ids(new):
            self._note(self.over, new_at, to)
            return self._items(old, old_at, new, new_at, to)
        return self._copy(self.over, new, new_at, to)

    def _another(self, old: dict[str, Any], new: dict[str, Any], to: Path) -> bool:
        """Say whether a mapping stands for something else than the one below it, and so replaces it."""
        if has_numbers(self.model, to):
            return True
        changed = [form for form in FORMS if isinstance(new.get(form), str) and new[form] != old.get(form)]
        return any(has_key(self.model, to, form) for form in changed)

    def _mapping(self, old: dict[str, Any], old_at: Path, new: dict[str, Any], new_at: Path, to: Path) -> Any:
        tree: dict[str, Any] = {}
        for key, value in old.items():
            if key not in new:
                tree[key] = self._copy(self.base, value, (*old_at, key), (*to, key))
            elif not _removes(new[key]):
                tree[key] = self._lay(value, (*old_at, key), new[key], (*new_at, key), (*to, key))
        for key, value in new.items():
            if key not in old and _removes(value):
                self._say((*new_at, key), f"{show(key)} is not in what this extends{nearest(key, old)}", key=True)
            elif key not in old:
                tree[key] = self._copy(self.over, value, (*new_at, key), (*to, key))
        return tree

    def _items(self, old: list[Any], old_at: Path, new: list[Any], new_at: Path, to: Path) -> list[Any]:
        """Merge by id, in the old order with new items after it; a list that names every old item sets the order."""
        was = {item["id"]: i for i, item in reversed([*enumerate(old)])}
        now = {item["id"]: i for i, item in reversed([*enumerate(new)])}
        pairs = [(i, now.get(item["id"]) if was[item["id"]] == i else None) for i, item in enumerate(old)]
        met = {j: i for i, j in pairs if j is not None}
        come = [(None, j) for j in range(len(new)) if j not in met]
        if len(was) == len(old) and was.keys() <= now.keys():
            order: list[tuple[int | None, int | None]] = [(met.get(j), j) for j in range(len(new))]
        else:
            order = [*pairs, *come]
        tree: list[Any] = []
        for i, j in order:
            if j is not None and now[new[j]["id"]] != j:
                first = now[new[j]["id"]] + 1
                self._say((*new_at, j, "id"), f"the id {show(new[j]['id'])} is taken by item {first} of this list")
                continue
            if j is not None and REMOVE in new[j]:
                self._removed(new[j], (*new_at, j), was)
                continue
            before = None if i is None else (old[i], (*old_at, i))
            self._item(before, None if j is None else (new[j], (*new_at, j)), tree, to)
        return tree

    def _item(self, old: tuple[Any, Path] | None, new: tuple[Any, Path] | None, tree: list[Any], to: Path) -> None:
        """Append an item as it stands in one list or both."""
        to = (*to, len(tree))
        if new is None:
            assert old is not None
            tree.append(self._copy(self.base, *old, to))
        elif old is None:
            tree.append(self._copy(self.over, *new, to))
        else:
            tree.append(self._lay(*old, *new, to))

    def _removed(self, item: dict[str, Any], at: Path, names: Collection[str]) -> None:
        """Note it unless an item is rightly taken out: it is there, and has `remove: true` and nothing but its id."""
        if item["id"] not in names:
            self._say((*at, "id"), f"{show(item['id'])} is not in what this extends{nearest(item['id'], names)}")
        elif item[REMOVE] is not True:
            self._say((*at, REMOVE), f"remove is {show(item[REMOVE])}; write true, or delete the line")
        elif len(item) > 2:
            more = next(key for key in item if key not in ("id", REMOVE))
            self._say(
                (*at, more), f"an item that is removed has nothing but its id beside it; delete {show(more)}", key=True
            )

    def _copy(self, of: Document, node: Any, at: Path, to: Path) -> Any:
        self._note(of, at, to)
        if isinstance(node, dict):
            return {key: self._copy(of, below, (*at, key), (*to, key)) for key, below in node.items()}
        if isinstance(node, list):
            return [self._copy(of, below, (*at, i), (*to, i)) for i, below in enumerate(node)]
        return node

    def _note(self, of: Document, at: Path, to: Path) -> None:
        self.values[to] = of.values[at]
        if at in of.keys:
            self.keys[to] = of.keys[at]

    def _say(self, at: Path, sentence: str, *, key: bool = False) -> None:
        self.faults.append(self.over.fault(at, sentence, key=key))


def _has_ids(node: Any) -> bool:
    """Say whether a node is a list of items that each have an id."""
    return (
        isinstance(node, list)
        and bool(node)
        and all(isinstance(item, dict) and isinstance(item.get("id"), str) for item in node)
    )


def _removes(node: Any) -> bool:
    return isinstance(node, dict) and node.get(REMOVE) is True and len(node) == 1
