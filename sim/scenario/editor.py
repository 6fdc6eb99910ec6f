"""The JSON Schema of a scenario file for editors: a whole scenario, or one that extends another."""

import json
from typing import Any

from sim.scenario.extends import EXTENDS, MOST_BASES, OWN, REMOVE
from sim.scenario.leaf import UNCERTAIN
from sim.scenario.schema import json_schema

FILE = "scenario.schema.json"
LINE = "# yaml-language-server: $schema="
PART, REMOVED = "Part", "Removed"
_TAKEN_OUT = {
    "type": "object",
    "properties": {REMOVE: {"const": True}},
    "required": [REMOVE],
    "additionalProperties": False,
    "description": "takes out what the other scenario has here",
}


def file_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a scenario file; with `extends`, any part may be left to the other file."""
    whole = json_schema()
    named = whole.pop("$defs")
    head = {"$schema": whole.pop("$schema"), "title": whole.pop("title"), "description": whole.pop("description")}
    parts = {PART + name: _part(each) for name, each in named.items() if name != UNCERTAIN}
    varied = _part(whole)
    varied["properties"] = {EXTENDS: _extends(), **varied["properties"]}
    del varied["properties"][REMOVE]  # the whole file is no item of a list
    varied["required"] = [EXTENDS, *OWN]
    return {
        **head,
        "if": {"type": "object", "required": [EXTENDS]},
        "then": {"$ref": f"#/$defs/{PART}Scenario"},
        "else": {"$ref": "#/$defs/Scenario"},
        "$defs": {"Scenario": whole, **named, f"{PART}Scenario": varied, **parts, REMOVED: _TAKEN_OUT},
    }


def schema_text() -> str:
    """Write the schema as the file that is shipped beside the scenarios."""
    return json.dumps(file_schema(), ensure_ascii=True, indent=1) + "\n"


def _extends() -> dict[str, Any]:
    help_text = f"path of the scenario that this one varies, relative to this file; at most {MOST_BASES} in a row"
    return {"type": "string", "pattern": r"\.ya?ml$", "description": help_text}


def _part(node: Any) -> Any:
    """Loosen a schema: nothing but an id is required, what is optional may be taken out, and so may list items."""
    if isinstance(node, list):
        return [_part(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = node["$ref"].removeprefix("#/$defs/")
        return node if name == UNCERTAIN else {**node, "$ref": f"#/$defs/{PART}{name}"}
    loose = {key: _part(each) for key, each in node.items() if key not in ("minItems", "discriminator")}
    if "oneOf" in loose:  # without its required keys a part may fit several of them
        loose["anyOf"] = loose.pop("oneOf")
    if "properties" not in node:
        return loose
    required = [key for key in node.get("required", ()) if key == "id"]
    loose["properties"] = {key: _removable(loose["properties"][key], key, node) for key in node["properties"]}
    if required:
        loose["properties"][REMOVE] = {"const": True, "description": "takes this item out"}
    loose.pop("required", None)
    return {**loose, "required": required} if required else loose


def _removable(schema: Any, key: str, node: dict[str, Any]) -> Any:
    """Let an optional key's value be `{remove: true}` too; its help stays where editors look for it."""
    if key in node.get("required", ()):
        return schema
    shown = {each: schema[each] for each in ("description", "unit", "default") if each in schema}
    inner = {each: value for each, value in schema.items() if each not in shown}
    return {**shown, "anyOf": [inner, {"$ref": f"#/$defs/{REMOVED}"}]}
