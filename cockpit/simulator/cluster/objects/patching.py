"""What a patch makes of an object, by its media type: JSON Patch (RFC 6902), JSON Merge Patch (RFC 7386), strategic."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from cockpit.simulator.cluster.objects.strategic import strategic_merge
from cockpit.simulator.cluster.status import bad_request, rejected_patch, unsupported_media_type

Obj = dict[str, Any]

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
PATCH_TYPES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH)


def apply_patch(target: Obj, patch: Any, media_type: str, kind: str) -> Obj:
    """The object after a patch of this media type; raises ApiError 400, 415 or 422."""
    if media_type not in PATCH_TYPES:
        raise unsupported_media_type(PATCH_TYPES)
    if media_type == JSON_PATCH:
        return json_patch(target, patch)
    if not isinstance(patch, dict):
        raise bad_request("error decoding patch: a merge patch is an object")
    if media_type == MERGE_PATCH:
        merged: Obj = merge_patch(target, patch)
        return merged
    return strategic_merge(target, patch, kind)


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7386: maps merge, null removes, everything else replaces. Changes neither argument."""
    if not isinstance(patch, dict):
        return deepcopy(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def json_patch(target: Obj, operations: Any) -> Obj:
    """RFC 6902: all operations, or ApiError 422 where one does not apply (a failed `test` among them)."""
    if not isinstance(operations, list) or not all(isinstance(each, dict) for each in operations):
        raise bad_request("error decoding patch: a JSON patch is a list of operations")
    document: Any = deepcopy(target)
    for operation in operations:
        try:
            document = _apply(document, operation)
        except (KeyError, IndexError, ValueError, TypeError) as wrong:
            raise rejected_patch() from wrong
    if not isinstance(document, dict):
        raise rejected_patch()
    return document


def _apply(document: Any, operation: Obj) -> Any:
    kind, path = operation["op"], _keys(operation["path"])
    if kind == "test":
        if _find(document, path) != operation["value"]:
            raise ValueError("test failed")
        return document
    if kind == "add":
        return _add(document, path, deepcopy(operation["value"]))
    if kind == "remove":
        return _remove(document, path)
    if kind == "replace":
        _find(document, path)
        return _replace(document, path, deepcopy(operation["value"]))
    source = _keys(operation["from"])
    value = deepcopy(_find(document, source))
    if kind == "move":
        return _add(_remove(document, source), path, value)
    if kind == "copy":
        return _add(document, path, value)
    raise ValueError(f"unknown operation {kind}")


def _keys(pointer: str) -> list[str]:
    """The parts of a JSON pointer (RFC 6901)."""
    if pointer == "":
        return []
    if not pointer.startswith("/"):
        raise ValueError("a pointer starts with /")
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def _step(container: Any, key: str) -> Any:
    return container[_index(key, len(container) - 1)] if isinstance(container, list) else container[key]


def _index(key: str, last: int) -> int:
    if not key.isdecimal() or int(key) > last:
        raise IndexError(key)
    return int(key)


def _find(document: Any, path: list[str]) -> Any:
    for key in path:
        document = _step(document, key)
    return document


def _add(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    parent = _find(document, path[:-1])
    if isinstance(parent, list):
        parent.insert(len(parent) if path[-1] == "-" else _index(path[-1], len(parent)), value)
    else:
        parent[path[-1]] = value
    return document


def _replace(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    parent = _find(document, path[:-1])
    parent[_index(path[-1], len(parent) - 1) if isinstance(parent, list) else path[-1]] = value
    return document


def _remove(document: Any, path: list[str]) -> Any:
    if not path:
        return None
    parent = _find(document, path[:-1])
    del parent[_index(path[-1], len(parent) - 1) if isinstance(parent, list) else path[-1]]
    return document
