"""Writing through the API: create, update, patch, scale, evict, delete and delete-collection."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from cockpit.simulator.cluster.objects.objects import DeleteOptions
from cockpit.simulator.cluster.objects.patching import apply_patch
from cockpit.simulator.cluster.resources import PODS, SCALE
from cockpit.simulator.cluster.server.reading import Reading
from cockpit.simulator.cluster.server.requests import Query, Target
from cockpit.simulator.cluster.status import bad_request, method_not_allowed
from cockpit.simulator.cluster.store import Record

if TYPE_CHECKING:
    from cockpit.simulator.cluster.cluster import Cluster

Obj = dict[str, Any]


class Writing:
    """Answers the writing verbs for one cluster; each gives the HTTP status and the object to answer with."""

    def __init__(self, cluster: Cluster, reading: Reading) -> None:
        self._cluster = cluster
        self._objects = cluster.objects
        self._reading = reading

    def create(self, target: Target, query: Query, body: Any) -> tuple[int, Obj]:
        """The status and the object that answer a POST to a collection; raises ApiError."""
        if target.subresource == "eviction":
            return self._evict(target, query, body)
        how: dict[str, Any] = {"dry_run": query.dry_run(), "manager": query.manager()}
        made = self._objects.create(target.resource, target.namespace, body, **how)
        return 201, made

    def update(self, target: Target, query: Query, body: Any) -> tuple[int, Obj]:
        """The status and the object that answer a PUT to an object or a subresource; raises ApiError."""
        where = (target.resource, target.namespace, target.name)
        how: dict[str, Any] = {"dry_run": query.dry_run(), "manager": query.manager()}
        if target.subresource == "scale":
            return 200, self._objects.rescale(*where, lambda scale: _object(body), **how)
        status_only = target.subresource == "status"
        return 200, self._objects.update(*where, body, status_only=status_only, **how)

    def patch(self, target: Target, query: Query, patch: Any, media_type: str) -> tuple[int, Obj]:
        """The status and the object that answer a PATCH to an object or a subresource; raises ApiError."""
        where = (target.resource, target.namespace, target.name)
        how: dict[str, Any] = {"dry_run": query.dry_run(), "manager": query.manager()}
        if target.subresource == "scale":
            return 200, self._objects.rescale(
                *where, lambda scale: apply_patch(scale, patch, media_type, SCALE.kind), **how
            )
        status_only = target.subresource == "status"
        return 200, self._objects.patch(*where, patch, media_type, status_only=status_only, **how)

    def delete(self, target: Target, query: Query, body: Any) -> tuple[int, Obj]:
        """The status and the object that answer a DELETE of an object; raises ApiError."""
        options = _options(query, body)
        dry_run = query.dry_run(body if isinstance(body, dict) else None)
        resource = target.resource
        obj, gone = self._objects.delete(resource, target.namespace, target.name, options, dry_run=dry_run)
        if not gone or resource is PODS:
            return 200, obj
        about = {"name": target.name, "group": resource.group, "kind": resource.plural, "uid": obj["metadata"]["uid"]}
        return 200, {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": {key: value for key, value in about.items() if value},
        }

    def delete_collection(self, target: Target, query: Query, body: Any) -> list[Record]:
        """Delete what the selectors choose; gives it as it was."""
        found = self._reading.matching(target, query)
        dry_run = query.dry_run(body if isinstance(body, dict) else None)
        self._objects.delete_all(target.resource, found, _options(query, body), dry_run)
        return found

    def _evict(self, target: Target, query: Query, body: Any) -> tuple[int, Obj]:
        asked = _object(body).get("deleteOptions") or {}
        if target.resource is not PODS:
            raise method_not_allowed()
        self._objects.delete(PODS, target.namespace, target.name, _options(query, asked), dry_run=query.dry_run(asked))
        return 201, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


def _object(body: Any) -> Obj:
    if not isinstance(body, dict):
        raise bad_request("the object provided is unrecognized (must be an object)")
    return deepcopy(body)


def _options(query: Query, body: Any) -> DeleteOptions:
    options: Obj = body if isinstance(body, dict) else {}
    grace = query.number("gracePeriodSeconds")
    grace = options.get("gracePeriodSeconds") if grace is None else grace
    if grace is not None and (not isinstance(grace, int) or grace < 0):
        raise bad_request("gracePeriodSeconds: Invalid value: must be a number that is not negative")
    propagation = query.text("propagationPolicy") or options.get("propagationPolicy")
    if propagation not in (None, "", "Background", "Foreground", "Orphan"):
        raise bad_request(f'invalid propagationPolicy "{propagation}": it is Background, Foreground or Orphan')
    if query.flag("orphanDependents") or options.get("orphanDependents"):
        propagation = "Orphan"
    wanted = options.get("preconditions") or {}
    return DeleteOptions(grace, propagation or None, wanted.get("uid"), wanted.get("resourceVersion"))
