"""What differs in meaning between two scenarios: numbers and structure, by paths of keys and ids."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from pydantic import BaseModel

from sim.scenario.hashes import CONDITION, TEXTS, UNORDERED, digest, meaning, model_hash, texts
from sim.scenario.leaf import Leaf
from sim.scenario.schema import Scenario
from sim.scenario.walk import keys_of

Path = tuple[str, ...]


class Difference(NamedTuple):
    """One thing that differs: a value on each side, None where that side has none; `kind` says what differs.

    `kind` is `changed`, `added` (only the second has it), `removed` (only the first), or `order` (the same items in
    another order, where the order counts).
    """

    path: Path
    kind: str
    old: Any
    new: Any


def same_meaning(a: Scenario, b: Scenario) -> bool:
    """Say whether two scenarios are the same but for their ids, texts, layout and orders that count for nothing."""
    return model_hash(a) == model_hash(b.model_copy(update={"id": a.id}))


def differences(a: Scenario, b: Scenario) -> list[Difference]:
    """List what differs in meaning, in the order of the fields; empty exactly where `same_meaning` holds."""
    return list(_models(a, b.model_copy(update={"id": a.id}), ()))


def text_differences(a: Scenario, b: Scenario) -> list[Difference]:
    """List the texts that differ, the ids aside: titles, labels, notes, sources, questions and what was observed."""
    old, new = ({path.removeprefix("."): text for path, text in texts(each, "")} for each in (a, b))
    paths = [*old, *(path for path in new if path not in old)]
    return [_plain((path,), old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path)]


def _compare(a: Any, b: Any, path: Path, field: str) -> Iterator[Difference]:
    if meaning(a, field) == meaning(b, field):
        return
    if isinstance(a, Leaf) or type(a) is not type(b):
        yield _plain(path, a, b)
    elif isinstance(a, BaseModel):
        yield from _models(a, b, path)
    elif isinstance(a, dict):
        for key in _union(a, b):
            yield from _compare(a.get(key), b.get(key), (*path, key), CONDITION if field == "terms" else field)
    elif isinstance(a, tuple):
        yield from _lists(a, b, path, field)
    else:
        yield _plain(path, a, b)


def _models(a: BaseModel, b: BaseModel, path: Path) -> Iterator[Difference]:
    """Compare field by field; items of another form (another strategy, say) are compared whole."""
    for name, key in keys_of(type(a)).items():
        if name not in TEXTS:
            yield from _compare(getattr(a, name), getattr(b, name), (*path, key), name)


def _lists(a: tuple[Any, ...], b: tuple[Any, ...], path: Path, field: str) -> Iterator[Difference]:
    if _has_ids(a) and _has_ids(b):
        yield from _named(a, b, path, field)
    elif all(isinstance(each, BaseModel | dict) for each in (*a, *b)):
        yield from _unnamed(a, b, path, field)
    else:
        yield _plain(path, a, b)


def _named(a: tuple[Any, ...], b: tuple[Any, ...], path: Path, field: str) -> Iterator[Difference]:
    """Compare items by id, and their order where it counts."""
    old, new = ({each.id: each for each in items} for items in (a, b))
    for key in _union(old, new):
        yield from _compare(old.get(key), new.get(key), (*path, key), "")
    before, after = [key for key in old if key in new], [key for key in new if key in old]
    if field not in UNORDERED and before != after:
        yield Difference(path, "order", tuple(old), tuple(new))


def _unnamed(a: tuple[Any, ...], b: tuple[Any, ...], path: Path, field: str) -> Iterator[Difference]:
    """Compare items without ids as wholes: those that only one side has, then the order where it counts."""
    old, new = ([digest(meaning(each)) for each in items] for items in (a, b))
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    lost, won = _taken(a, old, gone), _taken(b, new, come)
    for i, item in lost:
        yield Difference((*path, str(i)), "removed", item, None)
    for i, item in won:
        yield Difference((*path, str(i)), "added", None, item)
    kept = [[each for each in side if each not in gone and each not in come] for side in (old, new)]
    if field not in UNORDERED and kept[0] != kept[1]:
        yield Difference(path, "order", a, b)


def _taken(items: tuple[Any, ...], digests: list[str], wanted: Counter[str]) -> list[tuple[int, Any]]:
    """Give the items, with their places, that the other side lacks."""
    left = Counter(wanted)
    found = []
    for i, (item, key) in enumerate(zip(items, digests, strict=True)):
        if left[key] > 0:
            left[key] -= 1
            found.append((i, item))
    return found


def _plain(path: Path, a: Any, b: Any) -> Difference:
    kind = "added" if _absent(a) else "removed" if _absent(b) else "changed"
    return Difference(path, kind, a, b)


def _absent(value: Any) -> bool:
    return value is None or value in ((), {})


def _has_ids(items: tuple[Any, ...]) -> bool:
    return all(hasattr(each, "id") for each in items)


def _union(a: Iterable[str], b: Iterable[str]) -> list[str]:
    return [*dict.fromkeys((*a, *b))]


def written(value: Any, longest: int = 160) -> str:
    """Write a value as a file would, on one line: ids, numbers, `{by: league, rate: 0.5}`.

    >>> written(("a", 1.5, True)), written(None)
    ('[a, 1.5, true]', 'nothing')
    """
    text = "nothing" if value is None else _written(value)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def _written(value: Any) -> str:
    if isinstance(value, Leaf):
        return _number(value)
    if isinstance(value, BaseModel):
        names = {name: key for name, key in keys_of(type(value)).items() if name in value.model_fields_set - TEXTS}
        return _mapping({key: getattr(value, name) for name, key in names.items()})
    if isinstance(value, dict):
        return _mapping(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(_written(each) for each in value)}]"
    return _plainly(value)


def _plainly(value: object) -> str:
    """Write a value that has no parts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10g}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _mapping(items: dict[str, Any]) -> str:
    return f"{{{', '.join(f'{key}: {_written(value)}' for key, value in items.items() if value is not None)}}}"


def _number(leaf: Leaf) -> str:
    """Write an uncertain number without what is said of it."""
    args = [f"{each:.10g}" for each in leaf.args]
    if leaf.kind == "discrete":
        args = [f"[{value}, {chance}]" for value, chance in zip(args[::2], args[1::2], strict=True)]
    text = args[0] if leaf.kind == "value" else f"{leaf.kind} [{', '.join(args)}]"
    for word in ("within", "over"):
        interval = getattr(leaf, word)
        text += "" if interval is None else f" {word} {_written(interval)}"
    if leaf.private is None:
        return text
    tilt = "" if leaf.bias is None else f", bias {_number(leaf.bias)}"
    return f"{text}, private spread {_number(leaf.private)}{tilt}{leaf.type and f', type {leaf.type}'}"
