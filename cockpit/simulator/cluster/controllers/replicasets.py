"""The replica set controller: as many pods as asked for, no more and no fewer."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from cockpit.simulator.cluster.controllers.controller import Controller, Key
from cockpit.simulator.cluster.events import Events
from cockpit.simulator.cluster.kubelet.podstatus import is_active, is_ready, restarts
from cockpit.simulator.cluster.names import random_suffix
from cockpit.simulator.cluster.objects.objects import DeleteOptions, Objects
from cockpit.simulator.cluster.resources import PODS
from cockpit.simulator.cluster.selectors import labels_of, object_selector
from cockpit.simulator.cluster.status import ApiError
from cockpit.simulator.cluster.store import Change, Record, Store
from cockpit.simulator.cluster.timeline import Timeline, parse_time

Obj = dict[str, Any]

DELAY = 0.03


class ReplicaSetController(Controller):
    """Makes and deletes pods for replica sets, and keeps their status."""

    def __init__(self, store: Store, objects: Objects, events: Events, timeline: Timeline) -> None:
        super().__init__("replicasets", store, timeline, DELAY)
        self._objects = objects
        self._events = events
        self._ready_since: dict[str, float] = {}

    def observe(self, change: Change) -> None:
        """Take note of a change in the store; what follows from it is done a moment later."""
        if change.plural == "replicasets":
            self._look_at(change.record)
        elif change.plural == "pods":
            self._note_ready(change)
            for record in (change.record, change.previous):
                if record is not None and (owner := _controller(record.obj)) is not None:
                    self._queue.add((record.namespace, owner["name"]))

    def _note_ready(self, change: Change) -> None:
        """Keep since when a pod is ready: its condition tells it to the second, too coarse for a fast world."""
        if change.type != "DELETED" and is_ready(change.record.obj):
            self._ready_since.setdefault(change.record.uid, self._timeline.moment())
        else:
            self._ready_since.pop(change.record.uid, None)

    def _is_available(self, pod: Obj, wait: float) -> bool:
        """Ready, and for at least `wait` simulated seconds."""
        since = self._ready_since.get(pod["metadata"]["uid"])
        return since is not None and self._timeline.since(since) >= wait

    def _sync(self, key: Key) -> None:
        record = self._store.get("replicasets", *key)
        if record is None:
            return
        selects = object_selector(record.obj["spec"]["selector"])
        owned = list(self._store.owned(record.uid, "pods"))
        for pod in [each for each in owned if not selects(labels_of(each.obj))]:
            self._release(pod, record.uid)
        owned = [each for each in owned if selects(labels_of(each.obj))]
        active = [each for each in owned if is_active(each.obj)]
        if "deletionTimestamp" not in record.obj["metadata"]:
            missing = record.obj["spec"]["replicas"] - len(active)
            for _ in range(missing):
                self._create_pod(record.obj)
            surplus = _by_dispensability(active, self._timeline)[:-missing] if missing < 0 else []
            for pod in surplus:
                self._delete_pod(record.obj, pod)
        self._keep_status(key)

    def _create_pod(self, replica_set: Obj) -> None:
        metadata, template = replica_set["metadata"], replica_set["spec"]["template"]
        prefix = metadata["name"] + "-"
        pod: Obj = deepcopy({"metadata": template.get("metadata", {}), "spec": template["spec"]})
        pod["metadata"] |= {
            "name": prefix + random_suffix(self._timeline.pace.random),
            "generateName": prefix,
            "namespace": metadata["namespace"],
            "ownerReferences": [owner_reference(replica_set)],
        }
        try:
            made = self._objects.create(PODS, metadata["namespace"], pod)
        except ApiError as refused:
            text = f"Error creating: {refused}"
            self._events.record(replica_set, "Warning", "FailedCreate", text, "replicaset-controller")
            return
        text = f"Created pod: {made['metadata']['name']}"
        self._events.record(replica_set, "Normal", "SuccessfulCreate", text, "replicaset-controller")

    def _delete_pod(self, replica_set: Obj, pod: Record) -> None:
        self._objects.delete(PODS, pod.namespace, pod.name, DeleteOptions())
        self._events.record(
            replica_set, "Normal", "SuccessfulDelete", f"Deleted pod: {pod.name}", "replicaset-controller"
        )

    def _release(self, pod: Record, uid: str) -> None:
        """A pod whose labels were changed so that it is no longer selected goes on without the replica set."""
        metadata = dict(pod.obj["metadata"])
        metadata["ownerReferences"] = [owner for owner in metadata["ownerReferences"] if owner["uid"] != uid]
        if not metadata["ownerReferences"]:
            del metadata["ownerReferences"]
        self._store.put("pods", {**pod.obj, "metadata": metadata})

    def _keep_status(self, key: Key) -> None:
        record = self._store.get("replicasets", *key)
        if record is None:
            return
        pods = [pod.obj for pod in self._store.owned(record.uid, "pods")]
        status = self._status(record.obj, pods)
        if status != record.obj.get("status"):
            self._store.put("replicasets", {**record.obj, "status": status})
        self._look_when_available(key, record.obj, pods)

    def _status(self, replica_set: Obj, pods: list[Obj]) -> Obj:
        spec = replica_set["spec"]
        active = [pod for pod in pods if is_active(pod)]
        template_labels = labels_of(spec["template"]).items()
        counts = {
            "fullyLabeledReplicas": sum(template_labels <= labels_of(pod).items() for pod in active),
            "readyReplicas": sum(is_ready(pod) for pod in active),
            "availableReplicas": sum(self._is_available(pod, spec.get("minReadySeconds", 0)) for pod in active),
        }
        ending = [
            pod
            for pod in pods
            if "deletionTimestamp" in pod["metadata"] and pod["status"].get("phase") not in ("Succeeded", "Failed")
        ]
        return {
            "replicas": len(active),
            **{name: number for name, number in counts.items() if number},
            "terminatingReplicas": len(ending),
            "observedGeneration": replica_set["metadata"].get("generation", 1),
        }

    def _look_when_available(self, key: Key, replica_set: Obj, pods: list[Obj]) -> None:
        wait = replica_set["spec"].get("minReadySeconds", 0)
        if wait and any(is_ready(pod) and not self._is_available(pod, wait) for pod in pods):
            self._queue.add(key, after=float(wait))


def owner_reference(owner: Obj) -> Obj:
    """What a controlled object says about its controller."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _controller(obj: Obj) -> Obj | None:
    return next((owner for owner in obj["metadata"].get("ownerReferences", ()) if owner.get("controller")), None)


def _by_dispensability(pods: list[Record], timeline: Timeline) -> list[Record]:
    """Pods in the order in which a real controller gives them up.

    Unassigned before assigned, pending before running, not ready before ready, more restarts first, younger first.
    """
    phases = {"Pending": 0, "Unknown": 1, "Running": 2}
    now = timeline.now()

    def rank(record: Record) -> tuple[bool, int, bool, int, float]:
        pod = record.obj
        age = (now - parse_time(pod["metadata"]["creationTimestamp"])).total_seconds()
        return (
            bool(pod["spec"].get("nodeName")),
            phases.get(pod["status"].get("phase", "Unknown"), 1),
            is_ready(pod),
            -restarts(pod),
            age,
        )

    return sorted(pods, key=rank)
