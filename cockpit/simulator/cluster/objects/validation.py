"""What the API server refuses to store: values of the wrong type (400) and objects that break a rule (422)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from cockpit.simulator.cluster.resources import Resource
from cockpit.simulator.cluster.selectors import labels_of, object_selector
from cockpit.simulator.cluster.status import Cause, bad_request, invalid

Obj = dict[str, Any]

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_KEY_RULE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  "
    "or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
_LARGEST_MAP = 1024 * 1024
_AT_LEAST_ZERO = "must be greater than or equal to 0"


def check_types(resource: Resource, obj: Obj) -> None:
    """Raise ApiError 400 where a field that we read has another type than the API's."""
    kind = resource.kind
    _check_map_of_strings(kind, obj["metadata"], "labels", "ObjectMeta.metadata.labels")
    _check_map_of_strings(kind, obj["metadata"], "annotations", "ObjectMeta.metadata.annotations")
    _check_map_of_strings(kind, obj, "data", "ConfigMap.data")
    spec = obj.get("spec")
    if spec is not None and not isinstance(spec, dict):
        raise _wrong_type(kind, spec, f"{kind}.spec", f"v1.{kind}Spec")
    for name in ("replicas", "minReadySeconds", "progressDeadlineSeconds", "revisionHistoryLimit"):
        value = (spec or {}).get(name, 0)
        if kind in ("Deployment", "ReplicaSet", "Scale") and (not isinstance(value, int) or isinstance(value, bool)):
            raise _wrong_type(kind, value, f"{kind}Spec.spec.{name}", "int32")
    for container in _containers(kind, spec or {}):
        if not isinstance(container, dict):
            raise _wrong_type(kind, container, "PodSpec.containers", "v1.Container")


def check_rules(resource: Resource, obj: Obj, previous: Obj | None) -> None:
    """Raise ApiError 422 with every rule that the object breaks; `previous` is what an update replaces."""
    causes = list(_name(obj))
    if resource.kind in ("Deployment", "ReplicaSet"):
        causes += _workload(obj, previous)
    if resource.kind == "ConfigMap":
        causes += _config_map(obj, previous)
    if resource.kind == "Pod":
        causes += _pod_containers(obj.get("spec", {}), "spec")
        if previous is not None:
            causes += _pod_update(obj, previous)
    if causes:
        raise invalid(resource, obj["metadata"].get("name", ""), causes)


def negative_replicas(value: int) -> Cause | None:
    """The rule that the scale subresource shares with deployments."""
    if value >= 0:
        return None
    return Cause("FieldValueInvalid", f"Invalid value: {value}: {_AT_LEAST_ZERO}", "spec.replicas")


def _name(obj: Obj) -> Iterator[Cause]:
    name = obj["metadata"].get("name", "")
    if not _SUBDOMAIN.fullmatch(name) or len(name) > 253:
        yield Cause("FieldValueInvalid", f"Invalid value: {json.dumps(name)}: {_SUBDOMAIN_RULE}", "metadata.name")


def _config_map(obj: Obj, previous: Obj | None) -> Iterator[Cause]:
    held = {**(obj.get("data") or {}), **(obj.get("binaryData") or {})}
    for key in held:
        if not _KEY.fullmatch(key) or len(key) > 253:
            yield Cause("FieldValueInvalid", f"Invalid value: {json.dumps(key)}: {_KEY_RULE}", f"data[{key}]")
    if sum(len(value.encode()) for value in held.values()) > _LARGEST_MAP:
        yield Cause("FieldValueTooLong", f"Too long: may not be more than {_LARGEST_MAP} bytes", "[]")
    if previous is not None and previous.get("immutable"):
        for part in ("data", "binaryData"):
            if obj.get(part) != previous.get(part):
                yield Cause("FieldValueForbidden", "Forbidden: field is immutable when `immutable` is set", part)


def _workload(obj: Obj, previous: Obj | None) -> Iterator[Cause]:
    spec = obj["spec"]
    if (negative := negative_replicas(spec["replicas"])) is not None:
        yield negative
    for name in ("minReadySeconds", "revisionHistoryLimit"):
        if spec.get(name, 0) < 0:
            yield Cause("FieldValueInvalid", f"Invalid value: {spec[name]}: {_AT_LEAST_ZERO}", f"spec.{name}")
    selector, labels = spec.get("selector"), labels_of(spec["template"])
    if not selector:
        yield Cause("FieldValueRequired", "Required value", "spec.selector")
    elif previous is not None and selector != previous["spec"].get("selector"):
        yield Cause("FieldValueInvalid", f"Invalid value: {json.dumps(selector)}: field is immutable", "spec.selector")
    elif not object_selector(selector)(labels):
        text = f"Invalid value: {json.dumps(labels)}: `selector` does not match template `labels`"
        yield Cause("FieldValueInvalid", text, "spec.template.metadata.labels")
    yield from _pod_containers(spec["template"]["spec"], "spec.template.spec")


def _pod_containers(spec: Obj, path: str) -> Iterator[Cause]:
    containers = spec.get("containers") or []
    if not containers:
        yield Cause("FieldValueRequired", "Required value", f"{path}.containers")
    for place, container in enumerate(containers):
        for name in ("name", "image"):
            if not container.get(name):
                yield Cause("FieldValueRequired", "Required value", f"{path}.containers[{place}].{name}")


_POD_UPDATE_RULE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def _pod_update(obj: Obj, previous: Obj) -> Iterator[Cause]:
    if _fixed(obj["spec"]) != _fixed(previous["spec"]):
        yield Cause("FieldValueForbidden", f"Forbidden: {_POD_UPDATE_RULE}", "spec")


def _fixed(spec: Obj) -> Obj:
    """The part of a pod's spec that may never change."""
    fixed = {key: value for key, value in spec.items() if key not in ("activeDeadlineSeconds", "tolerations")}
    for name in ("containers", "initContainers"):
        if name in fixed:
            fixed[name] = [{**container, "image": ""} for container in fixed[name]]
    return fixed


def _containers(kind: str, spec: Obj) -> list[Any]:
    holder = spec if kind == "Pod" else (spec.get("template") or {}).get("spec") or {}
    return list(holder.get("containers") or []) if kind in ("Pod", "Deployment", "ReplicaSet") else []


def _check_map_of_strings(kind: str, holder: Obj, name: str, field: str) -> None:
    values = holder.get(name) or {}
    if not isinstance(values, dict):
        raise _wrong_type(kind, values, field, "map[string]string")
    for value in values.values():
        if not isinstance(value, str):
            raise _wrong_type(kind, value, field, "string")


def _wrong_type(kind: str, value: Any, field: str, wanted: str) -> Exception:
    given = {bool: "bool", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    name = given.get(type(value), "value")
    return bad_request(
        f'{kind} in version "v1" cannot be handled as a {kind}: json: cannot unmarshal {name} into Go struct field '
        f"{field} of type {wanted}"
    )
