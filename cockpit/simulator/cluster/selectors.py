"""Label and field selectors: which objects a list, a watch or a controller means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from cockpit.simulator.cluster.status import ApiError, bad_request

Obj = dict[str, Any]
Labels = Mapping[str, str]
Test = Callable[[Labels], bool]

_SET = re.compile(r"^\s*(?P<key>[^\s!=,()]+)\s+(?P<op>in|notin)\s*\((?P<values>[^()]*)\)\s*$")
_EQUAL = re.compile(r"^\s*(?P<key>[^\s!=,()]+)\s*(?P<op>==|=|!=)\s*(?P<value>[^\s!=,()]*)\s*$")
_EXISTS = re.compile(r"^\s*(?P<not>!?)\s*(?P<key>[^\s!=,()]+)\s*$")


def label_selector(text: str | None) -> Test:
    """What a `labelSelector` parameter asks (`a=b,c!=d,e in (f,g),!h`); raises ApiError 400."""
    if not text or not text.strip():
        return lambda labels: True
    tests = [_requirement(part) for part in _split(text)]
    return lambda labels: all(test(labels) for test in tests)


def object_selector(selector: Obj | None) -> Test:
    """What a `spec.selector` of a deployment or network policy asks; an empty one means everything."""
    selector = selector or {}
    wanted: Labels = selector.get("matchLabels") or {}
    tests = [
        _expression(entry["key"], entry["operator"], entry.get("values") or [])
        for entry in selector.get("matchExpressions") or []
    ]
    return lambda labels: wanted.items() <= labels.items() and all(test(labels) for test in tests)


def format_selector(selector: Obj | None) -> str:
    """A `spec.selector` as one line, as printers and the scale subresource write it."""
    selector = selector or {}
    parts = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for entry in selector.get("matchExpressions") or []:
        values = ",".join(sorted(entry.get("values") or []))
        parts.append(
            {
                "In": f"{entry['key']} in ({values})",
                "NotIn": f"{entry['key']} notin ({values})",
                "Exists": entry["key"],
                "DoesNotExist": "!" + entry["key"],
            }.get(entry["operator"], entry["key"])
        )
    return ",".join(parts)


def labels_of(obj: Obj) -> Labels:
    """The labels of an object; none where it has none."""
    labels: Labels = obj["metadata"].get("labels") or {}
    return labels


def _split(text: str) -> list[str]:
    """The parts between commas that are not inside brackets."""
    return [part for part in re.split(r",(?![^()]*\))", text) if part.strip()]


def _requirement(part: str) -> Test:
    if match := _SET.match(part):
        values = [value.strip() for value in match["values"].split(",")]
        return _expression(match["key"], "In" if match["op"] == "in" else "NotIn", values)
    if match := _EQUAL.match(part):
        return _expression(match["key"], "NotIn" if match["op"] == "!=" else "In", [match["value"]])
    if match := _EXISTS.match(part):
        return _expression(match["key"], "DoesNotExist" if match["not"] else "Exists", [])
    raise bad_request(f"unable to parse requirement: found '{part.strip()}', expected: a label selector")


def _expression(key: str, operator: str, values: list[str]) -> Test:
    chosen = frozenset(values)
    if operator == "In":
        return lambda labels: key in labels and labels[key] in chosen
    if operator == "NotIn":
        return lambda labels: labels.get(key) not in chosen
    if operator == "Exists":
        return lambda labels: key in labels
    return lambda labels: key not in labels


_COMMON_FIELDS = ("metadata.name", "metadata.namespace")
_FIELDS = {
    "pods": ("spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase",
             "status.podIP", "status.nominatedNodeName"),
    "events": ("involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
               "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
               "reportingComponent", "source", "type"),
    "namespaces": ("status.phase",),
    "nodes": ("spec.unschedulable",),
    "services": ("spec.clusterIP", "spec.type"),
    "replicasets": ("status.replicas",),
}  # fmt: skip
"""The fields that an API server can select by, from each kind's selectable-fields function."""


def field_selector(text: str | None, plural: str) -> Callable[[Obj], bool]:
    """What a `fieldSelector` parameter asks of a kind (`a=b,c!=d`); raises ApiError 400 for an unknown field."""
    if not text or not text.strip():
        return lambda obj: True
    tests = [_field(part, plural) for part in text.split(",") if part.strip()]
    return lambda obj: all(test(obj) for test in tests)


def _field(part: str, plural: str) -> Callable[[Obj], bool]:
    match = re.match(r"^\s*(?P<path>[^=!]+?)\s*(?P<op>!=|==|=)(?P<value>.*)$", part)
    if match is None:
        raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
    path, value, wanted = match["path"], match["value"], match["op"] != "!="
    if path not in _COMMON_FIELDS and path not in _FIELDS.get(plural, ()):
        raise _unknown_field(path)
    keys = path.split(".")
    return lambda obj: (_text(obj, keys) == value) is wanted


def _unknown_field(path: str) -> ApiError:
    return bad_request(f"field label not supported: {path}")


def _text(obj: Obj, keys: list[str]) -> str:
    found: Any = obj
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    if isinstance(found, dict):  # an event's source selects by its component
        found = found.get("component")
    if isinstance(found, bool):
        return str(found).lower()
    return "" if found is None else str(found)
