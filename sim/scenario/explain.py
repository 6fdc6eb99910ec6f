"""From what pydantic found to sentences with a place, one for each thing that is wrong."""

import copy
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from sim.scenario.faults import Fault, close_to, listing, nearest, number, plain, show
from sim.scenario.leaf import ID_PATTERN, ID_RULE, NAME, SAID, Bounds
from sim.scenario.read import Document, Path

MOST_REPAIRS = 8
MOST_DETAILS = 500
READ_BEFORE = ("extends",)  # keys at the top that are taken out before anything is validated
HOW_MANY = {"too_short": ("at least", "min_length"), "too_long": ("at most", "max_length")}


class Finding(NamedTuple):
    """A sentence about a path; `key` where it is about the key and not about its value.

    It `rests_on` other places: where one of these is wrong itself, nothing is known of this one.
    """

    path: Path
    sentence: str
    key: bool = False
    rests_on: tuple[Path, ...] = ()


class Outcome(NamedTuple):
    """What validation gave: a model where it could be built, perhaps from a mended tree, and the findings."""

    model: Any
    findings: list[Finding]


def validate(model: type[BaseModel], tree: Any) -> Outcome:
    """Validate a tree; where faults can be mended (typing slips, numbers out of range) go on to build a model.

    The model of a mended tree serves only to look for further faults, so that one reading lists all of them.
    """
    findings: list[Finding] = []
    tree = copy.deepcopy(tree)
    for _ in range(MOST_REPAIRS):
        try:
            built = model.model_validate(tree)
        except ValidationError as error:
            mended = _round(model, tree, error, findings)
            if not mended:
                return Outcome(None, findings)
        else:
            return Outcome(built, findings)
    return Outcome(None, findings)


def faults_of(findings: Iterable[Finding], document: Document) -> list[Fault]:
    """Place findings in the file."""
    return [document.fault(each.path, each.sentence, key=each.key) for each in findings]


def _round(model: type[BaseModel], tree: Any, error: ValidationError, findings: list[Finding]) -> bool:
    """Note one round of errors and mend what can be mended; says whether everything was."""
    details = error.errors(include_url=False)
    whole = len(details) <= MOST_DETAILS
    details = details[:MOST_DETAILS]
    moves: dict[Path, str | None] = {}
    for detail in details:
        if detail["type"] == "extra_forbidden":
            path, _ = _path(tree, detail["loc"])
            owner, _ = _field(model, detail["loc"][:-1])
            moves[path] = _unknown(path, owner, tree, findings)
    renamed = {(*path[:-1], new) for path, new in moves.items() if new is not None}
    for detail in details:
        path, found = _path(tree, detail["loc"])
        if path in moves or path in renamed or _echo(detail):
            continue
        inner, field = _field(model, detail["loc"])
        findings.extend(_sentences(detail, path, inner, field))
        mended = found and _mend(detail, tree, path, inner, field)
        whole = whole and mended
    for path, new in moves.items():
        _move(tree, path, new)
    return whole


def _mend(detail: ErrorDetails, tree: Any, path: Path, inner: Any, field: Any) -> bool:
    """Put something that fits in place of one refused value; says whether there was such a thing."""
    bounds = _bounds(field)
    meant = _meant(detail, inner)
    if bounds is not None and detail["type"] == SAID:
        _put(tree, path, bounds.placeholder(detail.get("input")))
    elif meant is not None:
        _put(tree, path, meant)
    elif isinstance(field, FieldInfo) and not field.is_required():
        _move(tree, path, None)
    else:
        return False
    return True


def _meant(detail: ErrorDetails, inner: Any) -> Any:
    """Give what a refused value was most likely meant to be, or the nearest number that fits."""
    context = detail.get("ctx", {})
    if detail["type"] == "literal_error" and isinstance(detail["input"], str):
        return close_to(detail["input"], [str(each) for each in get_args(inner)])
    if detail["type"] in ("greater_than_equal", "less_than_equal"):
        return context.get("ge", context.get("le"))
    return context.get("meant")


def _echo(detail: ErrorDetails) -> bool:
    """Say whether a list is called too short only because its faulty items were not counted."""
    if detail["type"] != "too_short" or not isinstance(detail["input"], list):
        return False
    return len(detail["input"]) >= int(detail["ctx"]["min_length"])


def _unknown(path: Path, owner: Any, tree: Any, findings: list[Finding]) -> str | None:
    """Note an unknown key; gives the absent key that it was most likely meant to be."""
    key = str(path[-1])
    names = [*_keys_of(owner), *(() if path[:-1] else READ_BEFORE)]
    present = _get(tree, path[:-1])
    absent = [name for name in names if name not in present]
    meant = close_to(key, absent)
    near = meant or close_to(key, names)  # what is there already may stand in the file that this one extends
    hint = nearest(key, [near] if near else absent or names)
    findings.append(Finding(path, f"{show(key)} is no key of {_holder(path)}{hint}", key=True))
    return None if meant in READ_BEFORE else meant


def _sentences(detail: ErrorDetails, path: Path, inner: Any, field: Any) -> list[Finding]:
    kind = detail["type"]
    name = _name(path)
    if kind == SAID:
        found = detail["ctx"]["found"]
        return [Finding((*path, *at), sentence.replace(NAME, name), key) for at, sentence, key in found]
    if kind == "missing":
        help_text = f" ({field.description})" if isinstance(field, FieldInfo) and field.description else ""
        if isinstance(path[-1], int):
            return [Finding(path[:-1], f"{_name(path[:-1])} needs 2 numbers, [lowest, highest]")]
        return [Finding(path[:-1], f"`{path[-1]}` is missing from {_holder(path)}{help_text}; add it")]
    return [Finding(path, _plain(detail, name, inner))]


def _plain(detail: ErrorDetails, name: str, inner: Any) -> str:
    """Say what is wrong with one value that a plain type refused."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    is_value = f"{name} is {show(value)}"
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        keys = _keys_of(inner)
        return f"{is_value}; write a mapping" + (f" with {listing(keys[:6])}" if keys else " of names to values")
    if kind == "literal_error":
        names = [str(each) for each in get_args(inner)]
        return f"{is_value}{nearest(value, names) if isinstance(value, str) else f'; write {listing(names)}'}"
    if kind in HOW_MANY:
        return _length(kind, name, context, len(value))
    return _textual(kind, name, value, context) or _numeric(kind, value, is_value, context)


def _textual(kind: str, name: str, value: Any, context: Mapping[str, Any]) -> str:
    """Say what is wrong with a text, a list or a flag; empty where it is none of them."""
    is_value = f"{name} is {show(value)}"
    sentences = {
        "tuple_type": f"{is_value}; write a list",
        "bool_type": f"{is_value}; write true or false",
        "string_type": f"{is_value}; write a text{'' if isinstance(value, (dict, list)) else ' (put it into quotes)'}",
        "string_pattern_mismatch": f"{is_value}; {_id_rule(context.get('pattern', ''))}",
        "string_too_long": f"{name} is too long; at most {context.get('max_length')} characters fit",
        "string_too_short": f"{name} is empty; write a text",
    }
    return sentences.get(kind, "")


def _numeric(kind: str, value: Any, is_value: str, context: Mapping[str, Any]) -> str:
    limits = {
        "greater_than": ("gt", "above"),
        "greater_than_equal": ("ge", "at least"),
        "less_than": ("lt", "below"),
        "less_than_equal": ("le", "at most"),
    }
    if kind in limits:
        key, words = limits[kind]
        return f"{is_value}; it must be {words} {number(context[key])}"
    if kind in ("int_type", "int_from_float") and isinstance(value, float) and value.is_integer():
        return f"{is_value}, written as a real number; write it without a point or an exponent"
    wanted = {
        "int_type": "write a whole number",
        "int_from_float": "write a whole number",
        "float_type": "write a number",
        "finite_number": "it must be a finite number",
    }
    return f"{is_value}; {wanted[kind]}" if kind in wanted else f"{is_value}, which does not fit here"


def _length(kind: str, name: str, context: Mapping[str, Any], actual: int) -> str:
    words, key = HOW_MANY[kind]
    entries = "1 entry" if actual == 1 else f"{actual} entries"
    if name == "parties":
        return f"parties has {entries}; a bargain has exactly two"
    return f"{name} has {entries}; it must have {words} {context[key]}"


def _id_rule(pattern: str) -> str:
    if pattern == ID_PATTERN:
        return f"an id {ID_RULE}"
    return "it must begin with a-z or 0-9 and hold up to 64 of a-z, 0-9 and -"


def _holder(path: Path) -> str:
    """Name the mapping in which a key stands."""
    above = path[:-1]
    if not above:
        return "a scenario"
    words = f"`{plain('.'.join(part for part in above if isinstance(part, str)))}`"
    return words if isinstance(above[-1], str) else f"this item of {words}"


def _name(path: Path) -> str:
    """Name a value by its keys below the last list item."""
    parts: list[str] = []
    for part in path:
        if isinstance(part, int):
            parts = [*parts[-1:], str(part + 1)] if part is path[-1] else []
        else:
            parts.append(part)
    if isinstance(path[-1], int) if path else False:
        above = [part for part in path if isinstance(part, str)]
        return f"item {int(path[-1]) + 1} of {above[-1] if above else 'the list'}"
    return plain(".".join(parts)) or "the scenario"


def _path(tree: Any, loc: tuple[int | str, ...]) -> tuple[Path, bool]:
    """Strip a pydantic location of its union tags; says whether the path stands in the tree."""
    path: list[str | int] = []
    node: Any = tree
    found = True
    for part in loc:
        if isinstance(part, str) and (part == "[key]" or (part.startswith("<") and part.endswith(">"))):
            continue
        path.append(part)
        there = isinstance(part, int) and part < len(node) if isinstance(node, list) else part in _mapping(node)
        found = found and there
        if found:
            node = node[part]
    return tuple(path), found


def _mapping(node: Any) -> Mapping[Any, Any]:
    return node if isinstance(node, dict) else {}


def _get(tree: Any, path: Path) -> Any:
    node: Any = tree
    for part in path:
        node = node[part]
    return node


def _put(tree: Any, path: Path, value: Any) -> None:
    holder: Any = _get(tree, path[:-1])
    holder[path[-1]] = value


def _move(tree: Any, path: Path, new: str | None) -> None:
    """Take a key out, or give it the name that it was meant to have; nothing where its holder is out already."""
    try:
        holder = _get(tree, path[:-1])
    except (KeyError, IndexError, TypeError):
        return
    if isinstance(holder, dict) and path[-1] in holder:
        value = holder.pop(path[-1])
        if new is not None:
            holder[new] = value


def _keys_of(annotation: Any) -> list[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [field.alias or name for name, field in annotation.model_fields.items()]
    return []


def _bounds(field: Any) -> Bounds | None:
    metadata = field.metadata if isinstance(field, FieldInfo) else getattr(field, "__metadata__", ())
    for each in metadata:
        if isinstance(each, Bounds):
            return each
    annotation = field.annotation if isinstance(field, FieldInfo) else None
    for option in get_args(annotation):
        for each in getattr(option, "__metadata__", ()):
            if isinstance(each, Bounds):
                return each
    return None


def _field(model: type[BaseModel], loc: tuple[int | str, ...]) -> tuple[Any, Any]:
    """Follow a location through the types: the bare type there, and the field or annotation that holds it."""
    current: Any = model
    holder: Any = model
    for part in loc:
        current = _bare(current)
        if isinstance(part, str) and part.startswith("<"):
            holder = current = _tagged(current, part)
        elif isinstance(current, type) and issubclass(current, BaseModel):
            field = _field_named(current, str(part))
            if field is None:
                return None, None
            holder, current = field, field.annotation
        else:
            arguments = [each for each in get_args(current) if each is not Ellipsis]
            if not arguments:
                return None, None
            holder = current = arguments[-1]
    return _bare(current), holder


def _field_named(model: type[BaseModel], name: str) -> FieldInfo | None:
    for field, info in model.model_fields.items():
        if name in (field, info.alias):
            return info
    return None


def _tagged(union: Any, tag: str) -> Any:
    for option in get_args(union):
        if any(isinstance(each, Tag) and each.tag == tag for each in getattr(option, "__metadata__", ())):
            return option
    return None


def _bare(annotation: Any) -> Any:
    """Take off a field, Annotated and the None of an optional."""
    if isinstance(annotation, FieldInfo):
        annotation = annotation.annotation
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    if get_origin(annotation) in (typing.Union, types.UnionType):
        options = [each for each in get_args(annotation) if each is not type(None)]
        if len(options) == 1:
            return _bare(options[0])
    return annotation


def keys_at(model: type[BaseModel], path: Path, written: Mapping[str, Any] | None = None) -> list[str]:
    """List the keys that the mapping at a path may have, where they are fixed or what is ``written`` there says which.

    Of kinds between which a mapping chooses by a word, such as a protocol's, that is the kind of that word.
    """
    inner, _ = _field(model, path)
    for option in _options(inner) if written else ():
        words = _words_of(option)
        if words and all((written or {}).get(key) == word for key, word in words.items()):
            return _keys_of(option)
    return _keys_of(inner)


def _words_of(option: Any) -> dict[str, str]:
    """Return the keys of a kind that can have one word alone, and that word."""
    fields = option.model_fields if isinstance(option, type) and issubclass(option, BaseModel) else {}
    literal = {
        name: get_args(each.annotation) for name, each in fields.items() if get_origin(each.annotation) is Literal
    }
    return {name: words[0] for name, words in literal.items() if len(words) == 1 and fields[name].is_required()}


def has_numbers(model: type[BaseModel], path: Path) -> bool:
    """Say whether an uncertain number may stand at a path of a file."""
    return any(_bounded(each) for each in _annotations(model, path))


def has_key(model: type[BaseModel], path: Path, key: str) -> bool:
    """Say whether a mapping with this fixed key may stand at a path of a file."""
    options = [option for each in _annotations(model, path) for option in _options(each)]
    return any(key in _keys_of(option) for option in options)


def _annotations(model: type[BaseModel], path: Path) -> list[Any]:
    """List the annotations of what may stand at a path."""
    annotations: list[Any] = [model]
    for part in path:
        annotations = [below for each in annotations for option in _options(each) for below in _below(option, part)]
    return annotations


def _options(annotation: Any) -> list[Any]:
    """List the types between which a value may choose, bare."""
    inner = _bare(annotation)
    if get_origin(inner) in (typing.Union, types.UnionType):
        return [each for option in get_args(inner) for each in _options(option)]
    return [inner]


def _below(inner: Any, part: str | int) -> list[Any]:
    """List the annotations of what stands at a key, or at a place, of a type."""
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        field = _field_named(inner, str(part))
        return [] if field is None else [field]
    arguments = [each for each in get_args(inner) if each is not Ellipsis]
    return arguments[-1:]


def _bounded(annotation: Any) -> bool:
    """Say whether an annotation, or an option of it, is that of an uncertain number."""
    if any(isinstance(each, Bounds) for each in getattr(annotation, "metadata", ()) or _metadata(annotation)):
        return True
    inner = annotation.annotation if isinstance(annotation, FieldInfo) else annotation
    union = get_origin(inner) in (typing.Union, types.UnionType)
    return union and any(isinstance(each, Bounds) for option in get_args(inner) for each in _metadata(option))


def _metadata(annotation: Any) -> tuple[Any, ...]:
    return tuple(getattr(annotation, "__metadata__", ()))
