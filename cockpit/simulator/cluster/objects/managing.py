"""Managed fields: which program last set what of an object, as an API server keeps it for every write.

The shape is that of `metadata.managedFields` (kubernetes.io/docs/reference/using-api/server-side-apply): an entry for
each manager and subresource, with the paths that it set last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Obj = dict[str, Any]
Path = tuple[str, ...]

_SERVERS = {"resourceVersion", "uid", "generation", "creationTimestamp", "managedFields", "name", "namespace",
            "deletionTimestamp", "deletionGracePeriodSeconds", "generateName"}  # fmt: skip
_NEVER = {"kind", "apiVersion", "status"}
_KEYS = ("name", "containerPort", "mountPath", "uid")


@dataclass(frozen=True, slots=True)
class Manager:
    """Who writes, through which subresource, and when; the time is as the API writes it."""

    name: str
    time: str
    subresource: str = ""


def managed(before: Obj | None, after: Obj, by: Manager) -> list[Obj]:
    """The managed fields of `after`: those of `before`, with what differs taken over by the manager that wrote it.

    What was taken away is nobody's any more, as structured-merge-diff has it.
    """
    present = list((before or {}).get("metadata", {}).get("managedFields", ()))
    changed = set(_changed(_own(before or {}), _own(after)))
    removed = set(_removed(_own(before or {}), _own(after)))
    if not changed and not removed:
        return present
    entries = []
    mine: Obj = {}
    for entry in present:
        if (entry["manager"], entry.get("subresource", "")) == (by.name, by.subresource):
            mine = _without(deepcopy(entry["fieldsV1"]), removed)
        else:
            left = _without(deepcopy(entry["fieldsV1"]), changed | removed)
            entries += [{**entry, "fieldsV1": left}] if left else []
    for path in changed:
        at = mine
        for step in path:
            at = at.setdefault(step, {})
    if not mine:
        return entries
    head = {"manager": by.name, "operation": "Update", "apiVersion": after["apiVersion"], "time": by.time}
    last = {"subresource": by.subresource} if by.subresource else {}
    return [*entries, {**head, "fieldsType": "FieldsV1", "fieldsV1": mine, **last}]


def _own(obj: Obj) -> Obj:
    """What writers set: everything but the status and what the server itself writes."""
    metadata = {key: value for key, value in obj.get("metadata", {}).items() if key not in _SERVERS}
    rest = {key: value for key, value in obj.items() if key not in _NEVER and key != "metadata"}
    return {"metadata": metadata, **rest}


def _changed(old: Any, new: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of the single values of `new` that are others in `old`."""
    if old == new:
        return
    members = _members(new)
    if members is None:
        yield path
        return
    before = _members(old) or {}
    for key, value in members.items():
        yield from _changed(before.get(key), value, (*path, key))


def _removed(old: Any, new: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of the single values of `old` that `new` has not."""
    before, after = _members(old), _members(new) or {}
    for key, value in (before or {}).items():
        if key in after:
            yield from _removed(value, after[key], (*path, key))
        elif _members(value) is None:
            yield (*path, key)
        else:
            yield from _removed(value, None, (*path, key))


def _members(value: Any) -> Obj | None:
    """What an object or a list of things with a key consists of, as managed fields name it; None for a value."""
    if isinstance(value, dict) and value:
        return {f"f:{key}": each for key, each in value.items()}
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        key = next((key for key in _KEYS if all(key in each for each in value)), None)
        if key is not None:
            return {f"k:{json.dumps({key: each[key]}, separators=(',', ':'))}": each for each in value}
    return None


def _without(fields: Obj, paths: set[Path]) -> Obj:
    """The fields without those paths, and without what then holds nothing."""
    for path in paths:
        _take_out(fields, path)
    return fields


def _take_out(fields: Obj, path: Path) -> None:
    head, rest = path[0], path[1:]
    if head not in fields:
        return
    if rest and fields[head]:
        _take_out(fields[head], rest)
    if not rest or not fields[head]:
        del fields[head]
