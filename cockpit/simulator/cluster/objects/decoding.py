"""A request's object, read as the API server decodes one: of the kind that its path says, without null fields."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from cockpit.simulator.cluster.objects.validation import check_types
from cockpit.simulator.cluster.resources import Resource
from cockpit.simulator.cluster.status import bad_request

Obj = dict[str, Any]


def decoded(resource: Resource, body: Any, namespace: str | None) -> Obj:
    """A deep copy of a request's object that is what its path says it is; raises ApiError 400."""
    if not isinstance(body, dict):
        raise bad_request("the object provided is unrecognized (must be of type " + resource.kind + ")")
    obj: Obj = {**body}
    for part in ("metadata", "spec", "data"):  # a null is a field left out; clients send them
        if part in obj:
            obj[part] = _without_nulls(obj[part])
    obj = deepcopy(obj)
    kind, version = obj.setdefault("kind", resource.kind), obj.setdefault("apiVersion", resource.group_version)
    if (kind, version) != (resource.kind, resource.group_version):
        group, _, short = version.rpartition("/")
        raise bad_request(
            f'{kind} in version "{short}" cannot be handled as a {resource.kind}: no kind "{kind}" is registered '
            f'for version "{version}"' + (f' in group "{group}"' if group else "")
        )
    metadata = obj.setdefault("metadata", {})
    if not isinstance(metadata, dict):
        raise bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: metadata is not an object')
    check_types(resource, obj)
    if resource.namespaced and metadata.setdefault("namespace", namespace) != namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    return obj


def _without_nulls(value: Any) -> Any:
    """A value without the null fields in it, as decoding into the API's types drops them."""
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value
