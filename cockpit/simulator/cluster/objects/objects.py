"""What the API server does to objects: create, update, patch, scale and delete, each with its rules and its dry run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from cockpit.simulator.cluster.names import random_suffix
from cockpit.simulator.cluster.objects.decoding import decoded
from cockpit.simulator.cluster.objects.defaults import apply_defaults
from cockpit.simulator.cluster.objects.managing import Manager, managed
from cockpit.simulator.cluster.objects.patching import apply_patch
from cockpit.simulator.cluster.objects.validation import check_rules, negative_replicas
from cockpit.simulator.cluster.resources import NAMESPACES, PODS, SCALE, SERVICES, Resource
from cockpit.simulator.cluster.selectors import format_selector
from cockpit.simulator.cluster.status import already_exists, bad_request, conflict, invalid, not_found
from cockpit.simulator.cluster.store import Record, Store
from cockpit.simulator.cluster.timeline import Timeline, format_time

Obj = dict[str, Any]

_KEPT_BY_SERVER = ("uid", "creationTimestamp", "namespace", "name", "deletionTimestamp", "deletionGracePeriodSeconds",
                   "generation", "generateName", "managedFields")  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """How to delete: None leaves it to the object or the kind."""

    grace_seconds: int | None = None
    propagation: str | None = None
    uid: str | None = None
    version: str | None = None


class Objects:
    """Changes objects in the store as an API server would; each call raises ApiError where it would refuse."""

    def __init__(self, store: Store, timeline: Timeline) -> None:
        self._store = store
        self._timeline = timeline
        self._random = timeline.pace.random

    def read(self, resource: Resource, namespace: str | None, name: str) -> Record:
        """The newest version; raises ApiError 404."""
        record = self._store.get(resource.plural, namespace, name)
        if record is None:
            raise not_found(resource, name)
        return record

    def create(
        self,
        resource: Resource,
        namespace: str | None,
        body: Obj,
        *,
        dry_run: bool = False,
        history: bool = False,
        manager: str = "",
    ) -> Obj:
        """Store a new object. With `history` its creationTimestamp may lie in the past, as a scenario wants it.

        Here and below `manager` is the program that writes; without one no managed fields are kept.
        """
        obj = decoded(resource, body, namespace)
        metadata = obj["metadata"]
        created = metadata.get("creationTimestamp") if history else None
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = metadata["generateName"] + random_suffix(self._random)
        if resource.namespaced and self._store.get(NAMESPACES.plural, None, metadata["namespace"]) is None:
            raise not_found(NAMESPACES, metadata["namespace"])
        if self._store.get(resource.plural, metadata.get("namespace"), metadata.get("name", "")) is not None:
            raise already_exists(resource, metadata["name"])
        obj["metadata"] = {
            **{key: value for key, value in metadata.items() if key not in ("resourceVersion", "managedFields")},
            "uid": str(UUID(int=self._random.getrandbits(128), version=4)),
            "creationTimestamp": created or self._timeline.stamp(),
        }
        if resource.generation:
            obj["metadata"]["generation"] = 1
        if resource.subresource("status") is not None and resource is not NAMESPACES:
            obj = {key: value for key, value in obj.items() if key != "status" or history}
        if resource is SERVICES:
            _give_address(obj.setdefault("spec", {}), self._random)
        apply_defaults(resource.kind, obj)
        check_rules(resource, obj, None)
        if manager:
            obj["metadata"]["managedFields"] = managed(None, obj, Manager(manager, self._timeline.stamp()))
        return obj if dry_run else self._store.put(resource.plural, obj).obj

    def update(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        body: Obj,
        *,
        dry_run: bool = False,
        status_only: bool = False,
        manager: str = "",
    ) -> Obj:
        """Replace an object (PUT). A resourceVersion in it must be the newest, else ApiError 409."""
        current = self.read(resource, namespace, name)
        obj = decoded(resource, body, namespace)
        if obj["metadata"].get("name") not in (None, "", name):
            given = obj["metadata"]["name"]
            raise bad_request(f"the name of the object ({given}) does not match the name on the URL ({name})")
        metadata, present = obj["metadata"], current.obj["metadata"]
        version = metadata.get("resourceVersion")
        if version not in (None, "", present["resourceVersion"]):
            raise conflict(resource, name)
        if metadata.get("uid") not in (None, "", present["uid"]):
            wrong = f"UID in precondition: {metadata['uid']}, UID in object meta: {present['uid']}"
            raise conflict(resource, name, f"Precondition failed: {wrong}")
        by = self._manager(manager, "status" if status_only else "")
        return self._write(resource, current, self._replacement(resource, current, obj, status_only), dry_run, by)

    def patch(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        patch: Any,
        media_type: str,
        *,
        dry_run: bool = False,
        status_only: bool = False,
        manager: str = "",
    ) -> Obj:
        """Change an object (PATCH) by one of PATCH_TYPES."""
        current = self.read(resource, namespace, name)
        patched = apply_patch(current.obj, patch, media_type, resource.kind)
        how: dict[str, Any] = {"dry_run": dry_run, "status_only": status_only}
        return self.update(resource, namespace, name, patched, **how, manager=manager)

    def scale(self, resource: Resource, namespace: str | None, name: str) -> Obj:
        """The scale subresource of a deployment or replica set."""
        return _scale_of(self.read(resource, namespace, name).obj)

    def rescale(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        change: Callable[[Obj], Obj],
        *,
        dry_run: bool = False,
        manager: str = "",
    ) -> Obj:
        """Change the scale subresource; `change` gives the new Scale from the present one."""
        current = self.read(resource, namespace, name)
        wanted = decoded(SCALE, change(_scale_of(current.obj)), namespace)
        replicas = wanted.get("spec", {}).get("replicas", 0)
        if (cause := negative_replicas(replicas)) is not None:
            raise invalid(SCALE, name, [cause])
        if wanted["metadata"].get("resourceVersion") not in (None, "", current.obj["metadata"]["resourceVersion"]):
            raise conflict(resource, name)
        obj = {**current.obj, "spec": {**current.obj["spec"], "replicas": replicas}}
        return _scale_of(self._write(resource, current, obj, dry_run, self._manager(manager, "scale")))

    def delete(
        self, resource: Resource, namespace: str | None, name: str, options: DeleteOptions, *, dry_run: bool = False
    ) -> tuple[Obj, bool]:
        """Delete an object, or begin to. Gives its state and whether it is gone."""
        current = self.read(resource, namespace, name)
        metadata = current.obj["metadata"]
        for given, present, what in ((options.uid, metadata["uid"], "UID"),
                                     (options.version, metadata["resourceVersion"], "ResourceVersion")):  # fmt: skip
            if given not in (None, present):
                text = f"Precondition failed: {what} in precondition: {given}, {what} in object meta: {present}"
                raise conflict(resource, name, text)
        if resource is PODS:
            return self._delete_pod(current, options, dry_run)
        finalizers = list(metadata.get("finalizers", ()))
        if options.propagation in ("Foreground", "Orphan") and any(self._store.owned(metadata["uid"])):
            finalizers.append("foregroundDeletion" if options.propagation == "Foreground" else "orphan")
        if finalizers:
            return self._mark_deleted(resource, current, 0, dry_run, finalizers), False
        if dry_run:
            return current.obj, True
        gone = self._store.remove(resource.plural, namespace, name)
        return (gone or current).obj, True

    def delete_all(self, resource: Resource, found: Sequence[Record], options: DeleteOptions, dry_run: bool) -> None:
        """Delete what a selector has found."""
        for record in found:
            if self._store.get(resource.plural, record.namespace, record.name) is not None:
                self.delete(resource, record.namespace or None, record.name, options, dry_run=dry_run)

    def _delete_pod(self, current: Record, options: DeleteOptions, dry_run: bool) -> tuple[Obj, bool]:
        spec, metadata = current.obj["spec"], current.obj["metadata"]
        grace = options.grace_seconds
        if grace is None:
            grace = spec.get("terminationGracePeriodSeconds", 30)
        if not spec.get("nodeName") or current.obj["status"].get("phase") in ("Succeeded", "Failed"):
            grace = 0
        if grace == 0:
            if not dry_run:
                self._store.remove("pods", current.namespace, current.name)
            return current.obj, True
        if "deletionTimestamp" in metadata and grace >= metadata.get("deletionGracePeriodSeconds", 0):
            return current.obj, False
        return self._mark_deleted(PODS, current, grace, dry_run, metadata.get("finalizers", [])), False

    def _mark_deleted(
        self, resource: Resource, current: Record, grace: int, dry_run: bool, finalizers: list[str]
    ) -> Obj:
        metadata = dict(current.obj["metadata"])
        metadata["deletionTimestamp"] = format_time(self._timeline.now() + timedelta(seconds=grace))
        metadata["deletionGracePeriodSeconds"] = grace
        if resource.generation:
            metadata["generation"] = metadata.get("generation", 1) + 1
        if finalizers:
            metadata["finalizers"] = finalizers
        obj = {**current.obj, "metadata": metadata}
        return obj if dry_run else self._store.put(resource.plural, obj).obj

    def _replacement(self, resource: Resource, current: Record, obj: Obj, status_only: bool) -> Obj:
        """The new object with what only the server may write taken from the present one."""
        present = current.obj["metadata"]
        if status_only:
            return {**current.obj, "status": obj.get("status", {})}
        kept = {key: present[key] for key in _KEPT_BY_SERVER if key in present}
        changed = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
        for key in ("deletionTimestamp", "deletionGracePeriodSeconds", "generateName"):
            changed.pop(key, None)
        obj["metadata"] = {**changed, **kept}
        if resource.subresource("status") is not None and "status" in current.obj:
            obj["status"] = current.obj["status"]
        return obj

    def _manager(self, name: str, subresource: str) -> Manager | None:
        return Manager(name, self._timeline.stamp(), subresource) if name else None

    def _write(self, resource: Resource, current: Record, obj: Obj, dry_run: bool, by: Manager | None) -> Obj:
        obj = {**obj, "kind": resource.kind, "apiVersion": resource.group_version}
        obj["metadata"] = {**obj["metadata"], "resourceVersion": current.obj["metadata"]["resourceVersion"]}
        apply_defaults(resource.kind, obj)
        check_rules(resource, obj, current.obj)
        if resource.generation and obj.get("spec") != current.obj.get("spec"):
            obj["metadata"]["generation"] = current.obj["metadata"].get("generation", 1) + 1
        if by is not None and (fields := managed(current.obj, obj, by)):
            obj["metadata"]["managedFields"] = fields
        if obj == current.obj or dry_run:  # a write that changes nothing makes no new version
            return obj
        if obj["metadata"].get("deletionTimestamp") and not obj["metadata"].get("finalizers") and resource is not PODS:
            gone = self._store.remove(resource.plural, current.namespace, current.name)
            return gone.obj if gone is not None else obj
        return self._store.put(resource.plural, obj).obj


def _give_address(spec: Obj, random: Random) -> None:
    """A service's cluster address, where its type has one and it names none."""
    if spec.get("type") != "ExternalName" and "clusterIP" not in spec:
        spec["clusterIP"] = f"10.96.{random.randrange(256)}.{random.randrange(1, 255)}"


def _scale_of(obj: Obj) -> Obj:
    metadata = obj["metadata"]
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {
            key: metadata[key] for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
        },
        "spec": {"replicas": obj["spec"]["replicas"]} if obj["spec"]["replicas"] else {},
        "status": {
            "replicas": obj.get("status", {}).get("replicas", 0),
            "selector": format_selector(obj["spec"].get("selector")),
        },
    }
