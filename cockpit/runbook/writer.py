"""Writes a runbook as YAML that people like to read and that reads back as the same runbook."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cockpit.config import Bound, TargetConfig
from cockpit.incident.policies import Range
from cockpit.runbook.model import Runbook, Source

_DURATIONS = frozenset({"timeout", "for", "window", "watch", "duration", "since", "keep_firing_for", "offset", "over"})
_FIRST = ("id", "title", "level", "name", "role", "group", "source")
_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_WIDTH = 110
_OTHER_ENDS = re.compile("[\r\x85\u2028\u2029]")
_SAID = {
    "own_policy": "What the document promises for each severity.",
    "parameters": "What several steps must be told.",
    "severities": "Severities, in the document's words.",
    "communications": "How people are told.",
    "health_checks": "Looked at first.",
    "thresholds": "What is healthy and what is not; one without a query is bound by its id in cockpit.yaml.",
    "scenarios": "Symptoms, and what to do about them.",
    "procedures": "What belongs to no one scenario.",
    "checklists": "What each role ticks off.",
    "post_incident": "After the incident.",
    "contacts": "Whom to reach.",
    "ladder": "To whom it is escalated, the first first.",
    "templates": "Messages.",
    "related": "Other documents.",
    "dashboards": "Pictures elsewhere.",
}


def to_yaml(runbook: Runbook) -> str:
    """The runbook as YAML: what is not said stands nowhere, each section has a comment over it, long texts stand as
    they are. `reader.parse_runbook` reads the same runbook from it."""
    whole = _model(runbook, runbook.document)
    parts: list[str] = []
    plain: dict[str, Any] = {}
    for key, value in whole.items():
        if isinstance(value, list | dict) and key != "source":
            parts.append(f"\n# {_SAID.get(key, key)}\n{_dumped({key: value})}")
        else:
            plain[key] = value
    return "".join([_dumped(plain), *parts])


def _model(value: BaseModel, document: str) -> dict[str, Any]:
    """The fields of a model that say something, those first that tell it from others."""
    found: dict[str, Any] = {}
    document = getattr(value, "document", "") or document
    for name, info in type(value).model_fields.items():
        given = getattr(value, name)
        if not _is_default(given, info):
            found[info.alias or name] = _plain(info.alias or name, given, document)
    ahead = [key for key in _FIRST if key in found]
    return {key: found[key] for key in [*ahead, *(key for key in found if key not in ahead)]}


def _is_default(given: Any, info: FieldInfo) -> bool:
    return not info.is_required() and bool(given == info.get_default(call_default_factory=True))


def _plain(key: str, value: Any, document: str) -> Any:
    match value:
        case Source():
            cited = value.line if value.file == document else {"file": value.file, "line": value.line}
            return cited
        case Bound():
            return f"{value.comparison} {_number(value.value)}{' % of normal' if value.relative else ''}"
        case TargetConfig():
            return _target(value)
        case Range():
            return _range(value.lower.total_seconds(), value.upper.total_seconds())
        case timedelta():
            return duration(value.total_seconds())
        case BaseModel():
            return _model(value, document)
        case dict():
            return {name: _plain("", each, document) for name, each in value.items()}
        case list() | tuple():
            return [_plain("", each, document) for each in value]
        case float() if key in _DURATIONS:
            return duration(value)
        case float() if value.is_integer():
            return int(value)
    return value


def duration(seconds: float) -> str:
    """Seconds as `5m`, `1h30m`, `0.5s`."""
    parts: list[str] = []
    left = round(seconds, 3)
    for size, unit in _UNITS:
        if unit == "s":
            if left or not parts:
                parts.append(f"{left:.3f}".rstrip("0").rstrip(".") + "s")
        elif whole := int(left // size):
            parts.append(f"{whole}{unit}")
            left = round(left - whole * size, 3)
    return "".join(parts)


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else f"{value:.9f}".rstrip("0")


def _range(lower: float, upper: float) -> str:
    return duration(upper) if lower == upper else f"{duration(lower)}-{duration(upper)}"


def _target(target: TargetConfig) -> Any:
    if target.kind == "words":
        return {"words": target.words}
    if target.kind != "span":
        return target.kind
    return _range(target.lower, target.upper) if target.upper else "immediately"


class _Dumper(yaml.SafeDumper):
    """Lists indented under their key, small mappings on one line, texts of several lines as they are."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, data: str) -> yaml.ScalarNode:
    """Several lines as they are; what YAML takes for a line's end besides `\\n` must be escaped."""
    style = '"' if _OTHER_ENDS.search(data) else "|" if "\n" in data else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


def _mapping(dumper: _Dumper, data: dict[str, Any]) -> yaml.MappingNode:
    small = all(not isinstance(value, dict | list) for value in data.values()) and "\n" not in str(list(data.values()))
    short = small and sum(len(str(key)) + len(str(value)) + 4 for key, value in data.items()) < _WIDTH - 12
    flow = short and "\\n" not in repr(list(data.values()))
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=flow)


def _sequence(dumper: _Dumper, data: list[Any]) -> yaml.SequenceNode:
    small = all(not isinstance(value, dict | list) for value in data) and "\\n" not in repr(data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=small and len(str(data)) < _WIDTH - 12)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _sequence)


def _dumped(data: dict[str, Any]) -> str:
    """A mapping at the top level, whose own keys always stand on lines of their own."""
    return "".join(_one(key, value) for key, value in data.items())


def _one(key: str, value: Any) -> str:
    text = yaml.dump(
        _Top({key: value}), Dumper=_Dumper, default_flow_style=False, sort_keys=False, allow_unicode=True, width=_WIDTH
    )
    return str(text)


class _Top(dict[str, Any]):
    """A mapping that is never put on one line."""


_Dumper.add_representer(
    _Top, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=False)
)
