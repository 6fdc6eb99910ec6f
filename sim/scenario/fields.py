"""The small parts of a scenario's fields: ids, texts, dates, terms, conditions, and names that stand for mappings."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from sim.scenario.faults import close_to, nearest, show
from sim.scenario.leaf import ID_PATTERN, LARGEST, refuse

SCENARIO_ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,63}$"
LONGEST_TIME = 1200

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Label = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=300)]
Text = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=20_000)]
Flag = Annotated[bool, Field(strict=True)]
Real = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-LARGEST, le=LARGEST)]
Whole = Annotated[int, Field(strict=True)]
Confidence = Literal["H", "M", "L"]
Status = Literal["talks", "interim", "agreement", "exit", "breakdown", "deadline"]
Regime = Literal["talks", "agreement", "exit", "breakdown"]
Happening = Literal[
    "signed", "breach", "failed_ratification", "reopened", "expired", "collapse", "interim", "revoked", "succeeded"
]
Direction = Literal["reduced", "same", "expanded"]


class Base(BaseModel):
    """A mapping of a scenario: frozen, and with no keys but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=False)


class Named(Base):
    """A list item with an id; its label is the id in words where none is written."""

    id: Id = Field(description="short name by which other parts of the file refer to this")
    label: Label = Field(default="", description="name shown to people; default the id in words")

    @model_validator(mode="before")
    @classmethod
    def _label(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and "label" not in raw and isinstance(raw.get("id"), str) and raw["id"]:
            return {**raw, "label": raw["id"].replace("_", " ")[:300]}
        return raw


def _date(raw: Any) -> date:
    if isinstance(raw, date):
        return raw
    text = raw if isinstance(raw, str) else ""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise refuse(f"{show(text)} is not a day of the calendar") from None
    raise refuse(f"{show(raw)} is not a date; write year-month-day, such as 2025-06-30")


def _moment(raw: Any) -> date | int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        if 0 <= raw <= LONGEST_TIME:
            return raw
        raise refuse(f"{raw} is not a step; steps are counted from 0 to {LONGEST_TIME}")
    if isinstance(raw, (float, bool)) or not isinstance(raw, (str, date)):
        raise refuse(f"{show(raw)} is neither a date such as 2025-06-30 nor a whole number of steps")
    return _date(raw)


def _deadline(raw: Any) -> date | int | None:
    if raw == "none" or raw is None:
        return None
    if isinstance(raw, str) and not raw[:1].isdigit():
        raise refuse(f"{show(raw)} is no deadline; write none, a whole number of steps or a date such as 2025-06-30")
    moment = _moment(raw)
    if moment == 0:
        raise refuse("a deadline at step 0 leaves no time to talk; write at least 1")
    return moment


_DATE = {"type": "string", "format": "date"}
_STEP = {"type": "integer", "minimum": 0, "maximum": LONGEST_TIME}
Day = Annotated[date, BeforeValidator(_date), WithJsonSchema(_DATE)]
Moment = Annotated[date | int, BeforeValidator(_moment), WithJsonSchema({"anyOf": [_STEP, _DATE]})]
Deadline = Annotated[
    date | int | None,
    BeforeValidator(_deadline),
    WithJsonSchema({"anyOf": [{"const": "none"}, {**_STEP, "minimum": 1}, _DATE]}),
]


FORMAT = 1


def too_new(version: Any) -> str:
    """Say that a file is in a format to come, and what to do; empty where it is not."""
    if type(version) is not int or version <= FORMAT:
        return ""
    return (
        f"format_version is {show(version)}, a format newer than this program, which reads format {FORMAT} alone: "
        "update it (pip install --upgrade parley-sim), "
        f"or rewrite the file after docs/scenario.md and write `format_version: {FORMAT}`"
    )


def _version(raw: Any) -> Any:
    if type(raw) is int and raw == FORMAT:
        return raw
    sentence = f"format_version is {show(raw)}; write {FORMAT}, the format that this program reads"
    raise refuse(too_new(raw) or sentence)


Version = Annotated[Literal[1], BeforeValidator(_version)]


def _term(raw: Any) -> str | float:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise refuse(f"{show(raw)} is no term; write a level's id, or a number for an issue with a range")
    if abs(raw) <= LARGEST:
        return float(raw)
    raise refuse(f"{show(float(raw))} is no term; it must be a finite number")


Terms = dict[str, Annotated[str | float, BeforeValidator(_term)]]


class Range(Base):
    """A condition on a number: at least, at most, or both."""

    at_least: Real | None = Field(default=None, description="lowest value that satisfies the condition")
    at_most: Real | None = Field(default=None, description="highest value that satisfies the condition")

    @model_validator(mode="after")
    def _some(self) -> "Range":
        if self.at_least is None and self.at_most is None:
            raise refuse("this condition is empty; write at_least, at_most or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise refuse(
                f"at_least {show(self.at_least)} is above at_most {show(self.at_most)}; nothing satisfies both"
            )
        return self


def _one_or_many(raw: Any) -> Any:
    if isinstance(raw, str):
        return (raw,)
    if isinstance(raw, list) and not raw:
        raise refuse("this list is empty, so that nothing satisfies it; name at least one, or delete the key")
    if isinstance(raw, list) and all(isinstance(each, str) for each in raw):
        return tuple(raw)
    if isinstance(raw, tuple):
        return raw
    raise refuse(f"{show(raw)} does not fit here; write a name or a list of names")


def _levels(raw: Any) -> Any:
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        raise refuse(f"{show(raw)} is no level; for an issue with a range write {{at_least: {raw}, at_most: {raw}}}")
    return _one_or_many(raw)


class OneOrMany:
    """Annotation: a list that may be written as its only item; an empty one only where that says something."""

    def __init__(self, *, empty: bool = False) -> None:
        self.empty = empty

    def _listed(self, raw: Any) -> Any:
        return () if self.empty and raw in ([], ()) else _one_or_many(raw)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Turn a lone name into a list of one."""
        return core_schema.no_info_before_validator_function(self._listed, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe both forms."""
        many = handler(schema)
        return {"anyOf": [many.get("items", {"type": "string"}), many]}


KNOWN_AS = {  # what the literature calls a strategy, and how it is written here
    "boulware": "`time_dependent` with an `exponent` below 1",
    "conceder": "`time_dependent` with an `exponent` above 1",
    "linear": "`time_dependent` with `exponent: 1`",
    "rubinstein": "`equilibrium`",
    "stahl": "`equilibrium`, with a deadline",
    "nash": "`equilibrium`; `parley solve` gives the Nash point",
    "rational": "`going_on`",
    "ac_next": "`next`",
    "ac_const": "`constant`",
    "ac_time": "`time`",
    "ac_combi": "`combi`",
}


class Shorthand:
    """Annotation: a mapping that may be written as the bare name of its `key`."""

    def __init__(self, key: str, *names: str) -> None:
        self.key = key
        self.names = names

    def _expand(self, raw: Any) -> Any:
        mapping = {self.key: raw} if isinstance(raw, str) else raw
        if not isinstance(mapping, Mapping):
            if isinstance(raw, BaseModel):
                return raw
            raise refuse(f"{show(raw)} does not fit here; write a name or a mapping with `{self.key}`")
        if self.key not in mapping:
            raise self._missing(mapping)
        name = mapping[self.key]
        if name not in self.names:
            at = () if isinstance(raw, str) else (self.key,)
            said = KNOWN_AS.get(str(name).lower(), "``")
            if said.split("`")[1] in self.names:
                raise refuse(f"{show(name)} is no {self.key} here; write {said}", *at)
            meant = close_to(name, self.names)
            raise refuse(f"{show(name)} is no {self.key} here{nearest(name, self.names)}", *at, meant=meant)
        return mapping

    def _missing(self, mapping: Mapping[Any, Any]) -> Exception:
        slip = close_to(self.key, [str(key) for key in mapping])
        if slip is not None:
            return refuse(f"{show(slip)} is no key here; did you mean `{self.key}`?", slip, key=True)
        return refuse(f"`{self.key}` is missing; write one of {', '.join(self.names)}")

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Turn a lone name into a mapping and check the name first."""
        return core_schema.no_info_before_validator_function(self._expand, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe both forms."""
        return {"anyOf": [{"enum": list(self.names)}, handler(schema)]}


def by_key(mapping: dict[str, float]) -> dict[str, float]:
    """Sort a mapping by its keys, so that the order in a file cannot change a sum over it."""
    return dict(sorted(mapping.items()))


def tag_of(key: str, default: str = "") -> Discriminator:
    """Choose a union's member by the value of `key`; tags stand in angle brackets, so that no key can equal one."""

    def choose(raw: Any) -> str:
        value = raw.get(key, default) if isinstance(raw, Mapping) else getattr(raw, key, default)
        return f"<{value}>"

    return Discriminator(choose)


StepName = Literal["day", "week", "month", "quarter", "year", "round"]


def either_name_or_mapping() -> Any:
    """Choose between a bare name and a mapping."""

    def choose(raw: Any) -> str:
        return "<mapping>" if isinstance(raw, (Mapping, BaseModel)) else "<name>"

    return Discriminator(choose)


CURVE_WORDS = frozenset({"linear", "power", "logistic", "low", "high"})
CURVE_NUMBERS = ("exponent", "midpoint", "steepness")


def either_levels_or_shape() -> Any:
    """Choose between a value for every level and a curve over a range."""

    def choose(raw: Any) -> str:
        if isinstance(
            raw, Mapping
        ):  # keys may be slips: the words of a curve tell, and numbers that are no part of one
            numbers = [str(key) for key, value in raw.items() if isinstance(value, int | float)]
            words = any(value in CURVE_WORDS for value in raw.values() if isinstance(value, str))
            of_levels = any(close_to(key, CURVE_NUMBERS) is None for key in numbers)
            curve = isinstance(raw.get("shape"), str) or (words and not of_levels)
        else:
            curve = isinstance(raw, BaseModel)
        return "<shape>" if curve else "<levels>"

    return Discriminator(choose)


def _condition_tag(raw: Any) -> str:
    return "<range>" if isinstance(raw, (Mapping, Range)) else "<levels>"


LevelList = Annotated[tuple[str, ...], BeforeValidator(_levels)]
Condition = dict[
    str,
    Annotated[
        Annotated[LevelList, Tag("<levels>")] | Annotated[Range, Tag("<range>")],
        Discriminator(_condition_tag),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string"},
                    {"type": "array", "items": {"type": "string"}, "minItems": 1},
                    {
                        "type": "object",
                        "properties": {"at_least": {"type": "number"}, "at_most": {"type": "number"}},
                        "additionalProperties": False,
                        "minProperties": 1,
                    },
                ]
            }
        ),
    ],
]
Names = Annotated[tuple[str, ...], OneOrMany(empty=True)]
Happenings = Annotated[tuple[Happening, ...], OneOrMany(empty=True)]
Statuses = Annotated[tuple[Status, ...], OneOrMany()]
Regimes = Annotated[tuple[Regime, ...], OneOrMany()]
Directions = Annotated[tuple[Direction, ...], OneOrMany()]
EitherNames = Annotated[tuple[str, ...], OneOrMany()]
