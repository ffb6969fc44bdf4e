"""The JSON schema of a runbook's YAML for editors: the model's, with what is written in place of what is read."""

from __future__ import annotations

import re
from typing import Any

from cockpit.runbook.model import Runbook

_WRITTEN: dict[str, dict[str, Any]] = {
    "Bound": {
        "type": "string",
        "pattern": r"^\s*(<=?|>=?)\s*-?\d+(\.\d+)?\s*(%\s*of\s+(the\s+)?(normal|baseline))?\s*$",
        "examples": ["> 5", "< 50 % of normal"],
    },
    "Source": {
        "description": "A line of the `document` around it, or a line of another document.",
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {"file": {"type": "string"}, "line": {"type": "integer", "minimum": 1}},
                "required": ["file", "line"],
            },
        ],
    },
    "Range": {"type": "string", "pattern": r"^\d", "examples": ["2h", "24h-48h"]},
    "TargetConfig": {
        "description": "A duration, a range as [15m, 30m], `next business day`, `none`, or the document's words.",
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}],
    },
}  # fmt: skip
"""What stands in a file for the parts that are written in short."""

_DURATIONS = ("for", "window", "timeout", "watch", "since", "duration", "keep_firing_for", "offset", "over")
_DURATION = {"type": "string", "pattern": r"^(\d+(\.\d+)?(ms|s|m|h|d))+$", "examples": ["30s", "5m", "1h30m"]}
_OPTIONAL = ("source",)
"""What is required when it is read, and filled in where a file leaves it out: the line of the YAML itself."""


def schema() -> dict[str, Any]:
    """The schema (draft 2020-12). Descriptions are the model's."""
    made = Runbook.model_json_schema(by_alias=True)
    parts = made.pop("$defs")
    shown = {name: _WRITTEN[name] if name in _WRITTEN else _object(part) for name, part in parts.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_object(made),
        "title": "Runbook of the incident cockpit",
        "$defs": shown,
    }


def _object(part: dict[str, Any]) -> dict[str, Any]:
    """One object as it is written."""
    properties = {name: _property(name, each) for name, each in part.get("properties", {}).items()}
    for hidden in ("breach_source",):
        if hidden in properties:
            properties[hidden] = _WRITTEN["Source"]
    required = [name for name in part.get("required", ()) if name not in _OPTIONAL]
    made = {name: value for name, value in part.items() if name not in ("properties", "required", "title")}
    if "description" in made:
        made["description"] = re.split(r"\n\s*\n(?:Attributes|Args):", made["description"])[0]
    return made | ({"properties": properties} if properties else {}) | ({"required": required} if required else {})


def _property(name: str, each: dict[str, Any]) -> dict[str, Any]:
    made = {key: value for key, value in each.items() if key not in ("title", "default")}
    if name in _DURATIONS:
        return _duration(made)
    if name == "env":
        return {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}
    if name == "default" and "anyOf" in made:
        return {"type": ["string", "number", "boolean"]}
    return _without_null(made)


def _duration(made: dict[str, Any]) -> dict[str, Any]:
    """A duration as people write it, or the parameter that gives one."""
    references = [each for each in made.get("anyOf", ()) if each.get("type") == "string"]
    return {"anyOf": [_DURATION, *references]} if references else dict(_DURATION)


def _without_null(made: dict[str, Any]) -> dict[str, Any]:
    """Leaving a field out is how it is left empty."""
    choices = [each for each in made.get("anyOf", ()) if each.get("type") != "null"]
    if len(choices) == 1:
        only: dict[str, Any] = choices[0] | {key: value for key, value in made.items() if key != "anyOf"}
        return only
    return made | ({"anyOf": choices} if choices else {})
