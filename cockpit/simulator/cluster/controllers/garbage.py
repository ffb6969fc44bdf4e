"""The garbage collector: what an owner's end means for the objects that it owns, and a namespace's for its content."""

from __future__ import annotations

from typing import Any

from cockpit.simulator.cluster.objects.objects import DeleteOptions, Objects
from cockpit.simulator.cluster.resources import BY_PLURAL, STORED
from cockpit.simulator.cluster.status import ApiError
from cockpit.simulator.cluster.store import Change, Record, Store
from cockpit.simulator.cluster.timeline import Timeline, WorkQueue

Obj = dict[str, Any]


class GarbageCollector:
    """Deletes dependents of deleted owners (background), before them (foreground), or lets them go (orphan)."""

    def __init__(self, store: Store, objects: Objects, timeline: Timeline) -> None:
        self._store = store
        self._objects = objects
        self._queue: WorkQueue[tuple[str, str, str]] = WorkQueue(timeline, self._collect, delay=0.05)
        self._finishing: dict[str, tuple[str, str, str]] = {}

    def observe(self, change: Change) -> None:
        """Take note of a change in the store: an owner, or a namespace, may be gone."""
        record, metadata = change.record, change.record.obj["metadata"]
        if change.type == "DELETED":
            for dependent in self._store.owned(record.uid):
                self._queue.add((_plural(dependent), dependent.namespace, dependent.name))
            self._finishing.pop(record.uid, None)
            for owner in metadata.get("ownerReferences", ()):
                if owner["uid"] in self._finishing:
                    self._queue.add(self._finishing[owner["uid"]])
        elif metadata.get("deletionTimestamp") and metadata.get("finalizers"):
            self._finishing[record.uid] = (change.plural, record.namespace, record.name)
            self._queue.add(self._finishing[record.uid])
        if change.type == "DELETED" and change.plural == "namespaces":
            self._empty(record.name)

    def _collect(self, key: tuple[str, str, str]) -> None:
        record = self._store.get(*key)
        if record is None:
            return
        finalizers = record.obj["metadata"].get("finalizers", [])
        if record.obj["metadata"].get("deletionTimestamp") and finalizers:
            self._finish(key[0], record, finalizers)
        elif not any(
            self._exists(record.namespace, owner) for owner in record.obj["metadata"].get("ownerReferences", ())
        ):
            self._delete(key[0], record)

    def _finish(self, plural: str, record: Record, finalizers: list[str]) -> None:
        """Do what the finalizers of an object that is being deleted wait for."""
        dependents = list(self._store.owned(record.uid))
        if "orphan" in finalizers:
            for dependent in dependents:
                self._release(dependent, record.uid)
        elif "foregroundDeletion" in finalizers and dependents:
            for dependent in dependents:
                if "deletionTimestamp" not in dependent.obj["metadata"]:
                    self._delete(_plural(dependent), dependent)
            return
        left = [each for each in finalizers if each not in ("orphan", "foregroundDeletion")]
        if left:
            return
        self._store.remove(plural, record.namespace, record.name)

    def _release(self, dependent: Record, uid: str) -> None:
        metadata = dict(dependent.obj["metadata"])
        metadata["ownerReferences"] = [owner for owner in metadata["ownerReferences"] if owner["uid"] != uid]
        if not metadata["ownerReferences"]:
            del metadata["ownerReferences"]
        self._store.put(_plural(dependent), {**dependent.obj, "metadata": metadata})

    def _delete(self, plural: str, record: Record) -> None:
        try:
            self._objects.delete(BY_PLURAL[plural], record.namespace or None, record.name, DeleteOptions())
        except ApiError as refused:
            if refused.code != 404:  # somebody else was faster
                raise

    def _exists(self, namespace: str, owner: Obj) -> bool:
        resource = next((each for each in STORED if each.kind == owner["kind"]), None)
        if resource is None:  # a kind that is not served here: whoever made the reference answers for it
            return True
        found = self._store.get(resource.plural, namespace if resource.namespaced else None, owner["name"])
        return found is not None and found.uid == owner["uid"]

    def _empty(self, namespace: str) -> None:
        for resource in STORED:
            if resource.namespaced:
                for record in self._store.list(resource.plural, namespace):
                    self._store.remove(resource.plural, namespace, record.name)


def _plural(record: Record) -> str:
    kind = record.obj["kind"]
    return next(resource.plural for resource in STORED if resource.kind == kind)
