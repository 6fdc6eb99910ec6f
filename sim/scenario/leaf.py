"""Uncertain numbers: what may be written for one, what it means, and the sentence when it is wrong."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from sim.scenario.faults import nearest, number, show

Kind = Literal["value", "uniform", "triangular", "pert", "normal", "lognormal", "beta", "dirichlet", "discrete"]
Confidence = Literal["H", "M", "L"]
Interval = tuple[float, float]

KINDS: tuple[str, ...] = get_args(Kind)
NOTES = ("source", "judgement", "confidence", "note")
WRITTEN_AS = {
    "value": "a number",
    "uniform": "[lowest, highest]",
    "triangular": "[lowest, most likely, highest]",
    "pert": "[lowest, most likely, highest]",
    "normal": "[mean, standard deviation]",
    "lognormal": "[median, sigma]",
    "beta": "[a, b]",
    "dirichlet": "a number: this part's concentration",
    "discrete": "[[value, probability], ...]",
}
SIZES = {"uniform": 2, "triangular": 3, "pert": 3, "normal": 2, "lognormal": 2, "beta": 2}
LARGEST = 1e15
PER_CENT = 100
SHORT = 4
MOST_PAIRS = 1000
LARGEST_SHAPE = 1e6
LEAST_CONCENTRATION = 0.05  # below, a part of a whole can come out as nought, and so can the whole
LARGEST_SIGMA = 20
LEAST_MASS = 1e-9
SUM_TOLERANCE = 1e-9
ID_PATTERN = r"^[a-z][a-z0-9_]{0,47}$"
ID_RULE = "begins with a small letter and holds up to 48 of a-z, 0-9 and _"
SAID = "said"
# Stands for the field's name inside a sentence until the place is known; no text of a scenario can hold it.
NAME = "\x00"
UNCERTAIN = "Uncertain"

At = tuple[str | int, ...]


class Problems:
    """Collects sentences, each with the place below the value it is about."""

    def __init__(self) -> None:
        self.found: list[tuple[At, str, bool]] = []

    def say(self, sentence: str, *at: str | int, key: bool = False) -> None:
        """Note one sentence about the place `at`, or about the key standing there."""
        self.found.append((at, sentence, key))

    def stop(self) -> None:
        """Raise everything noted so far as one validation error."""
        if self.found:
            raise PydanticCustomError(SAID, "not valid", {"found": self.found})


def refuse(sentence: str, *at: str | int, meant: str | None = None, key: bool = False) -> PydanticCustomError:
    """Make a validation error that carries one sentence, about a key or its value, and the name most likely meant."""
    return PydanticCustomError(SAID, "not valid", {"found": [(at, sentence, key)], "meant": meant})


class Leaf(BaseModel):
    """A number that may be uncertain and may have a private spread around it.

    `args` holds the distribution's numbers in the written order; for `discrete` the pairs are flattened to
    (value, probability, value, probability, ...). `within` truncates a normal or lognormal; `over` stretches a beta.
    `private` is the spread around the public number, `bias` the tilt of what the other believes about it, `type` the
    name of the private type that the number moves with, empty where it has none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    args: tuple[float, ...]
    within: Interval | None = None
    over: Interval | None = None
    source: str | None = None
    judgement: str | None = None
    confidence: Confidence | None = None
    note: str | None = None
    private: "Leaf | None" = None
    bias: "Leaf | None" = None
    type: str = ""

    @property
    def certain(self) -> bool:
        """True where the number is fixed."""
        return self.kind == "value"

    @property
    def support(self) -> Interval:
        """The lowest and highest value that the public number can take."""
        if self.within is not None:
            low = max(0.0, self.within[0]) if self.kind == "lognormal" else self.within[0]
            return low, self.within[1]
        if self.kind == "normal":
            return -math.inf, math.inf
        if self.kind in ("lognormal", "dirichlet"):
            return 0.0, math.inf
        if self.kind == "beta":
            return self.over or (0.0, 1.0)
        values = self.args[::2] if self.kind == "discrete" else self.args
        return min(values), max(values)

    @property
    def reach(self) -> Interval:
        """The lowest and highest value that the owner's actual number can take, its private spread included."""
        low, high = self.support
        spread = self.private.support[1] if self.private else 0.0
        return low - spread, high + spread


def constant(value: float) -> Leaf:
    """Make a leaf that is a plain number."""
    return Leaf(kind="value", args=(float(value),))


@dataclass(frozen=True)
class Bounds:
    """The range of a numeric field, as an annotation: `Annotated[Leaf, Bounds(0, 1)]`.

    `above` leaves the lower end out; with `sane` the upper end only guards against slips of the pen, and a
    distribution without an upper bound is let through.
    """

    low: float = -math.inf
    high: float = math.inf
    above: bool = False
    sane: bool = False

    def __str__(self) -> str:
        """Write the range as a person would: `in [0, 1]`, `above 0`."""
        if math.isinf(self.low) and math.isinf(self.high):
            return "a finite number"
        if math.isinf(self.high):
            return f"above {number(self.low)}" if self.above else f"at least {number(self.low)}"
        return f"in {'(' if self.above else '['}{number(self.low)}, {number(self.high)}]"

    def holds(self, low: float, high: float, *, open_low: bool = False) -> bool:
        """Say whether the interval from low to high lies inside; `open_low`: low itself is never reached."""
        high_fits = high <= self.high or (self.sane and math.isinf(high))
        return high_fits and (low > self.low if self.above and not open_low else low >= self.low)

    def parse(self, raw: Any) -> Leaf:
        """Turn what was written into a Leaf; raises one error that carries every sentence about it."""
        if isinstance(raw, Leaf):
            return raw
        problems = Problems()
        leaf = _parse(raw, problems)
        problems.stop()
        assert leaf is not None
        self.check(leaf, problems, *((leaf.kind,) if isinstance(raw, dict) else ()))
        problems.stop()
        return leaf

    def placeholder(self, refused: Any = None) -> Leaf:
        """Give some valid leaf, so that a scenario with one bad number can still be checked for other faults."""
        if isinstance(refused, dict) and "dirichlet" in refused and self.holds(0.0, math.inf, open_low=True):
            return Leaf(kind="dirichlet", args=(1.0,))
        if not math.isinf(self.high):
            return constant(self.high)
        return constant(0.0 if math.isinf(self.low) else self.low + 1.0)

    def check(self, leaf: Leaf, problems: Problems, *at: str | int) -> None:
        """Note it where the leaf, or the leaf with its private spread, reaches outside the range."""
        low, high = leaf.support
        if not self.holds(low, high, open_low=leaf.kind in ("lognormal", "dirichlet")):
            problems.say(self._outside(leaf, low, high), *at)
        elif leaf.private and not self.holds(*leaf.reach):
            reach = f"{number(leaf.reach[0])} to {number(leaf.reach[1])}"
            problems.say(f"with its private spread {NAME} reaches from {reach}; it must lie {self}", "private")

    def _outside(self, leaf: Leaf, low: float, high: float) -> str:
        must = f"it must lie {self}" if str(self).startswith("in") else f"it must be {self}"
        if leaf.certain:
            return f"{NAME} is {number(low)}; {must}{self._slipped(low)}"
        if leaf.kind == "dirichlet":
            return f"{NAME} is dirichlet, which is for parts of a whole, but {must}; write a beta or a pert"
        if leaf.kind in ("normal", "lognormal") and leaf.within is None:
            cut = f"[{number(self.low) if math.isfinite(self.low) else 'lowest'}, "
            cut += f"{number(self.high) if math.isfinite(self.high) else 'highest'}]"
            return f"{NAME} is {leaf.kind}, which has no bounds, but {must}; add `within: {cut}`"
        return f"{NAME} is {leaf.kind} from {number(low)} to {number(high)}; {must}"

    def _slipped(self, value: float) -> str:
        """Suggest the share that a percentage was meant to be."""
        if self.high != 1 or not 2 <= value <= PER_CENT or len(number(value)) > SHORT:
            return ""
        return f" (did you mean {number(value / PER_CENT)}?)"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic call `parse`."""
        return core_schema.no_info_before_validator_function(self.parse, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe what may be written: a number in the range, or a mapping with one distribution."""
        plain: dict[str, Any] = {"type": "number"}
        if math.isfinite(self.low):
            plain["exclusiveMinimum" if self.above else "minimum"] = self.low
        if math.isfinite(self.high):
            plain["maximum"] = self.high
        return {"anyOf": [plain, {"title": UNCERTAIN}]}


def uncertain_schema() -> dict[str, Any]:
    """Describe the mapping form of a leaf in JSON Schema."""
    any_number = {"type": "number"}
    pair = {"type": "array", "items": any_number, "minItems": 2, "maxItems": 2}
    properties: dict[str, Any] = {
        kind: {
            "type": "array",
            "items": any_number,
            "minItems": size,
            "maxItems": size,
            "description": WRITTEN_AS[kind],
        }
        for kind, size in SIZES.items()
    }
    text = {"type": "string"}
    spread = {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "object"}]}
    private = {
        "type": "object",
        "properties": {
            "spread": spread,
            "bias": {"anyOf": [{"type": "number", "minimum": -1, "maximum": 1}, {"type": "object"}]},
            "type": {
                "type": "string",
                "pattern": ID_PATTERN,
                "description": "private numbers of a party with the same type move together, others independently",
            },
        },
        "required": ["spread"],
        "additionalProperties": False,
        "description": "the owner's actual number is the public one plus spread times z, z uniform on [-1, 1]; "
        "the other's prior of z has the density (1 + bias z) / 2; numbers of a party with the same type share one z",
    }
    properties |= {
        "value": any_number,
        "dirichlet": {
            "type": "number",
            "minimum": LEAST_CONCENTRATION,
            "maximum": LARGEST_SHAPE,
            "description": f"{WRITTEN_AS['dirichlet']}, where all parts of one whole have one",
        },
        "discrete": {"type": "array", "items": pair, "minItems": 1, "description": WRITTEN_AS["discrete"]},
        "within": {**pair, "description": "truncates a normal or lognormal"},
        "over": {**pair, "description": "the interval of a beta, default [0, 1]"},
        "source": {**text, "description": "key of `sources`, or free text"},
        "judgement": {**text, "description": "why this range"},
        "confidence": {"enum": list(get_args(Confidence))},
        "note": text,
        "private": private,
    }
    return {
        "type": "object",
        "properties": properties,
        "oneOf": [{"required": [kind]} for kind in KINDS],
        "additionalProperties": False,
    }


def _parse(raw: Any, problems: Problems, *, nested: bool = False) -> Leaf | None:
    """Read a leaf's own rules, without the field's range."""
    if isinstance(raw, bool) or raw is None or isinstance(raw, (str, list)):
        problems.say(f"{NAME} is {show(raw)}; write a number, or a mapping with one of {', '.join(KINDS)}{_hint(raw)}")
        return None
    if not isinstance(raw, dict):
        found = _number(raw, problems, NAME)
        return None if found is None else constant(found)
    allowed = (*KINDS, "within", "over", *NOTES, *(() if nested else ("private",)))
    for key in raw:
        if key not in allowed:
            problems.say(f"{show(key)} is no part of an uncertain number{nearest(key, allowed)}", key, key=True)
    kinds = [kind for kind in KINDS if kind in raw]
    if len(kinds) != 1:
        if kinds:
            problems.say(f"{NAME} has {' and '.join(kinds)}; keep exactly one of them", kinds[1], key=True)
        elif not problems.found:
            problems.say(f"{NAME} has no number; write one of {', '.join(KINDS)}")
        return None
    return _build(kinds[0], raw, problems)


def _build(kind: str, raw: dict[str, Any], problems: Problems) -> Leaf | None:
    args = _discrete(raw[kind], problems) if kind == "discrete" else _args(kind, raw[kind], problems)
    parts: dict[str, Any] = {"kind": kind, "args": args}
    for key, kinds in (("within", ("normal", "lognormal")), ("over", ("beta",))):
        if key not in raw:
            continue
        if kind not in kinds:
            problems.say(f"`{key}` belongs to {' and '.join(kinds)}, not to {kind}; delete it", key, key=True)
        else:
            parts[key] = _interval(raw[key], key, problems)
    for key in NOTES:
        if key in raw:
            parts[key] = _note(key, raw[key], problems)
    if "private" in raw:
        parts["private"], parts["bias"], parts["type"] = _private(raw["private"], problems)
    if problems.found or args is None:
        return None
    leaf = Leaf(**parts)
    if leaf.within and _mass(leaf) < LEAST_MASS:
        problems.say(f"{kind} {_row(leaf.args)} almost never lies within {_row(leaf.within)}; widen it", "within")
    return leaf


def _args(kind: str, raw: Any, problems: Problems) -> tuple[float, ...] | None:
    if kind == "value":
        found = _number(raw, problems, "value", kind)
        return None if found is None else (found,)
    if kind == "dirichlet":
        return _concentration(raw, problems)
    size = SIZES[kind]
    if not isinstance(raw, list) or len(raw) != size:
        problems.say(f"{kind} needs {size} numbers, {WRITTEN_AS[kind]}; here is {_counted(raw)}", kind)
        return None
    names = WRITTEN_AS[kind].strip("[]").split(", ")
    numbers = [
        _number(each, problems, f"{kind}'s {name}", kind, i)
        for i, (each, name) in enumerate(zip(raw, names, strict=True))
    ]
    args = tuple(each for each in numbers if each is not None)
    if len(args) < size:
        return None
    _ordered(kind, args, problems)
    return args


def _concentration(raw: Any, problems: Problems) -> tuple[float, ...] | None:
    kind = "dirichlet"
    found = _number(raw, problems, "dirichlet's concentration", kind)
    if found is None:
        return None
    if not LEAST_CONCENTRATION <= found <= LARGEST_SHAPE:
        limits = f"[{number(LEAST_CONCENTRATION)}, {number(LARGEST_SHAPE)}]"
        problems.say(f"dirichlet's concentration is {number(found)}; it must lie in {limits}", kind)
    return (found,)


def _ordered(kind: str, args: tuple[float, ...], problems: Problems) -> None:
    """Say what is wrong with the numbers of a distribution taken together."""
    if kind in ("uniform", "triangular", "pert"):
        _ascending(kind, args, problems)
        return
    names = {"normal": ("", "standard deviation"), "lognormal": ("median", "sigma"), "beta": ("a", "b")}[kind]
    for i, name in enumerate(names):
        if name and args[i] <= 0:
            problems.say(f"{kind}'s {name} is {number(args[i])}; it must be above 0", kind, i)
        elif kind == "beta" and not 1 / LARGEST_SHAPE <= args[i] <= LARGEST_SHAPE:
            limits = f"[{number(1 / LARGEST_SHAPE)}, {number(LARGEST_SHAPE)}]"
            problems.say(f"beta's {name} is {number(args[i])}; it must lie in {limits}", kind, i)
    if kind == "lognormal" and args[1] > LARGEST_SIGMA:
        problems.say(f"lognormal's sigma is {number(args[1])}; it must lie in (0, {LARGEST_SIGMA}]", kind, 1)


def _ascending(kind: str, args: tuple[float, ...], problems: Problems) -> None:
    low, middle, high = number(args[0]), number(args[1]), number(args[-1])
    if args[0] > args[-1]:
        sentence = f"{kind}'s lower bound {low} is above its upper bound {high}; write the smaller number first"
        problems.say(sentence, kind)
    elif args[0] == args[-1]:
        problems.say(f"{kind}'s bounds are both {low}; write the plain number {low}", kind)
    elif not args[0] <= args[1] <= args[-1]:
        problems.say(f"{kind}'s most likely value {middle} lies outside [{low}, {high}]; move it inside", kind, 1)


def _discrete(raw: Any, problems: Problems) -> tuple[float, ...] | None:
    kind = "discrete"
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_PAIRS:
        problems.say(f"discrete needs 1 to {MOST_PAIRS} pairs, {WRITTEN_AS[kind]}; here is {_counted(raw)}", kind)
        return None
    flat: list[float] = []
    for i, pair in enumerate(raw):
        if not isinstance(pair, list) or len(pair) != 2:
            problems.say(f"each part of discrete is a pair [value, probability]; here is {_counted(pair)}", kind, i)
            continue
        value = _number(pair[0], problems, "discrete's value", kind, i, 0)
        chance = _number(pair[1], problems, "discrete's probability", kind, i, 1)
        if chance is not None and not 0 <= chance <= 1:
            problems.say(f"the probability is {number_in_full(chance)}; it must lie in [0, 1]", kind, i, 1)
        elif value is not None and chance is not None:
            flat += [value, chance]
    total = math.fsum(flat[1::2])
    if not problems.found and abs(total - 1) > SUM_TOLERANCE:
        problems.say(f"discrete's probabilities sum to {number_in_full(total)}; they must sum to 1", kind)
    return tuple(flat)


def _interval(raw: Any, key: str, problems: Problems) -> Interval | None:
    if not isinstance(raw, list) or len(raw) != 2:
        problems.say(f"`{key}` needs two numbers, [lowest, highest]; here is {_counted(raw)}", key)
        return None
    low, high = (_number(each, problems, f"{key}'s bound", key, i) for i, each in enumerate(raw))
    if low is None or high is None:
        return None
    if low >= high:
        problems.say(f"{key}'s lower bound {number(low)} is not below its upper bound {number(high)}", key)
    return low, high


def _private(raw: Any, problems: Problems) -> tuple[Leaf | None, Leaf | None, str]:
    parts = ("spread", "bias", "type")
    for key in raw if isinstance(raw, dict) else ():
        if key not in parts:
            meant = nearest(key, parts)
            problems.say(f"{show(key)} is no part of `private`{meant}", "private", key, key=True)
    if not isinstance(raw, dict) or "spread" not in raw:
        sentence = "`private` is written as {spread: <number above 0>}, with `bias` and `type` where wanted"
        problems.say(sentence, "private")
        return None, None, ""
    spread = _part_of_private("spread", raw["spread"], problems)
    bias = _part_of_private("bias", raw["bias"], problems) if "bias" in raw else None
    if spread is not None:
        low, high = spread.support
        if low < 0 or high <= 0 or (spread.certain and low <= 0) or math.isinf(high):
            reach = number(low) if spread.certain else f"from {number(low)} to {number(high)}"
            problems.say(f"the private spread is {reach}; it must be above 0 and bounded", "private", "spread")
    if bias is not None and not (bias.support[0] >= -1.0 and bias.support[1] <= 1.0):
        problems.say("the bias of a belief must lie in [-1, 1]", "private", "bias")
    name = raw.get("type", "")
    if "type" in raw and not (isinstance(name, str) and re.fullmatch(ID_PATTERN, name)):
        problems.say(f"the private type is {show(name)}; a name {ID_RULE}, like `resolve`", "private", "type")
        name = ""
    return spread, bias, name


def _part_of_private(name: str, raw: Any, problems: Problems) -> Leaf | None:
    inner = Problems()
    leaf = _parse(raw, inner, nested=True)
    for at, sentence, key_place in inner.found:
        problems.say(sentence.replace(NAME, f"the private {name}"), "private", name, *at, key=key_place)
    return leaf


def _note(key: str, raw: Any, problems: Problems) -> str | None:
    if key == "confidence" and raw not in get_args(Confidence):
        problems.say(f"confidence is {show(raw)}; write H, M or L", key)
    elif not isinstance(raw, str) or not raw.strip():
        problems.say(f"{key} is {show(raw)}; write a text", key)
    else:
        return raw
    return None


def _number(raw: Any, problems: Problems, name: str, *at: str | int) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        problems.say(f"{name} is {show(raw)}; write a number{_hint(raw)}", *at)
        return None
    value = float(raw)
    if not math.isfinite(value):
        problems.say(f"{name} is {number(value)}; it must be a finite number", *at)
        return None
    if abs(value) > LARGEST:
        problems.say(f"{name} is {number(value)}; numbers here lie between -1e15 and 1e15, choose another unit", *at)
        return None
    return value


def _hint(raw: Any) -> str:
    """Suggest the number that a text such as `1,000`, `30%` or `1_000` was meant to be."""
    if not isinstance(raw, str):
        return ""
    text = raw.strip().replace("_", "").replace(" ", "")
    share = text.endswith("%")
    text = (
        text.rstrip("%").replace(",", "")
        if text.count(",") != 1 or len(text.split(",")[1]) == 3
        else text.replace(",", ".")
    )
    try:
        value = float(text)
    except ValueError:
        return ""
    if not math.isfinite(value):
        return ""
    return f" (did you mean {number(value / 100 if share else value)}?)"


def _mass(leaf: Leaf) -> float:
    """Probability that a normal or lognormal gives to its `within`."""
    assert leaf.within is not None
    low, high = leaf.within
    mean, sd = leaf.args
    if leaf.kind == "lognormal":
        if high <= 0:
            return 0.0
        mean, low, high = math.log(mean), math.log(low) if low > 0 else -math.inf, math.log(high)
    a, b = (low - mean) / sd, (high - mean) / sd
    if a > 0:
        a, b = -b, -a
    return 0.5 * (math.erfc(-b / math.sqrt(2)) - math.erfc(-a / math.sqrt(2)))


def number_in_full(value: float) -> str:
    """Write a number with every digit that matters, so that 1.0000001 is not shown as 1."""
    return repr(value)


def _counted(raw: Any) -> str:
    return f"a list of {len(raw)}" if isinstance(raw, list) else show(raw)


def _row(values: Sequence[float]) -> str:
    return f"[{', '.join(number(value) for value in values)}]"


def described(text: str, unit: str = "", **more: Any) -> Any:
    """Make a field with help text and, where it has one, a unit."""
    return Field(
        description=f"{text} ({unit})" if unit else text, json_schema_extra={"unit": unit} if unit else None, **more
    )
