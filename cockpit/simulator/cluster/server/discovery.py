"""Discovery: the server's version, its groups and the resources in them, and as much OpenAPI as kubectl asks for."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from cockpit.simulator.cluster.resources import SERVED, Resource
from cockpit.simulator.cluster.server.metrics import GROUP as METRICS_GROUP
from cockpit.simulator.cluster.server.metrics import NODE_METRICS, POD_METRICS
from cockpit.simulator.cluster.server.metrics import VERSION as METRICS_VERSION

Obj = dict[str, Any]

VERSION: Obj = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.0-simulated",
    "gitCommit": "0000000000000000000000000000000000000000",
    "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "none",
    "compiler": "cpython",
    "platform": "linux/amd64",
}
_REVIEWS = [
    {
        "name": f"{kind.lower()}s",
        "singularName": kind.lower(),
        "namespaced": False,
        "kind": kind,
        "verbs": ["create"],
    }
    for kind in ("SelfSubjectAccessReview", "SelfSubjectRulesReview")
]
_GROUPS = (("apps", "v1"), ("events.k8s.io", "v1"), ("authorization.k8s.io", "v1"), ("networking.k8s.io", "v1"),
           ("discovery.k8s.io", "v1"))  # fmt: skip


def api_versions(address: str) -> Obj:
    """The answer to /api."""
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
    }


def groups(*, metrics: bool) -> Obj:
    """The answer to /apis."""
    served = [*_GROUPS, *([(METRICS_GROUP, METRICS_VERSION)] if metrics else [])]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(*each) for each in served]}


def group(name: str, *, metrics: bool) -> Obj | None:
    """The answer to /apis/GROUP, None when it is not served."""
    served = dict([*_GROUPS, *([(METRICS_GROUP, METRICS_VERSION)] if metrics else [])])
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, served[name])} if name in served else None


def resources(name: str, version: str, *, metrics: bool) -> Obj | None:
    """The answer to /api/v1 and /apis/GROUP/VERSION, None when it is not served."""
    if (name, version) == ("authorization.k8s.io", "v1"):
        entries: list[Obj] = list(_REVIEWS)
    elif (name, version) == (METRICS_GROUP, METRICS_VERSION) and metrics:
        entries = [entry for each in (NODE_METRICS, POD_METRICS) for entry in _entries(each)]
    else:
        found = [each for each in SERVED if (each.group, each.version) == (name, version)]
        entries = [entry for each in found for entry in _entries(each)]
    if not entries:
        return None
    head: Obj = {"kind": "APIResourceList", "apiVersion": "v1"} if name else {"kind": "APIResourceList"}
    return {**head, "groupVersion": f"{name}/{version}" if name else version, "resources": entries}


def _group(name: str, version: str) -> Obj:
    entry = {"groupVersion": f"{name}/{version}", "version": version}
    return {"name": name, "versions": [entry], "preferredVersion": entry}


def _entries(resource: Resource) -> list[Obj]:
    entry: Obj = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short:
        entry["shortNames"] = list(resource.short)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    if "watch" in resource.verbs:
        digest = hashlib.sha256(f"{resource.group}/{resource.version}/{resource.kind}".encode()).digest()
        entry["storageVersionHash"] = base64.b64encode(digest[:8]).decode()
    found = [entry]
    for part in resource.subresources:
        other = {"group": part.group, "version": part.version} if part.group else {}
        found.append(
            {
                "name": f"{resource.plural}/{part.name}",
                "singularName": "",
                "namespaced": resource.namespaced,
                **other,
                "kind": part.kind,
                "verbs": list(part.verbs),
            }
        )
    return found


def openapi_index() -> Obj:
    """The answer to /openapi/v3: where each group's document is."""
    paths = {}
    for resource in SERVED:
        path = f"apis/{resource.group}/{resource.version}" if resource.group else f"api/{resource.version}"
        paths[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash=1"}
    return {"paths": paths}


def openapi_document(path: str) -> Obj | None:
    """One group's OpenAPI v3: the paths that kubectl looks up for the options that the server knows.

    It has no schemas: this server validates as it does whatever a client knows of them.
    """
    parts = path.split("/")
    name, version = ("", parts[-1]) if parts[0] == "api" else (parts[1] if len(parts) > 2 else "", parts[-1])
    found = [each for each in SERVED if (each.group, each.version) == (name, version)]
    if not found:
        return None
    options = [
        {"name": option, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
        for option in ("dryRun", "fieldManager", "fieldValidation", "force")
    ]
    paths = {}
    for resource in found:
        space = "/namespaces/{namespace}" if resource.namespaced else ""
        patch = {
            "operationId": f"patch{resource.kind}",
            "parameters": options,
            "responses": {"200": {"description": "OK"}},
            "x-kubernetes-action": "patch",
            "x-kubernetes-group-version-kind": {
                "group": resource.group,
                "version": resource.version,
                "kind": resource.kind,
            },
        }
        paths[f"/{path}{space}/{resource.plural}/{{name}}"] = {"patch": patch}
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": VERSION["gitVersion"]},
        "paths": paths,
        "components": {"schemas": {}},
    }
