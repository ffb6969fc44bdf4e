"""The scheduler: a node for each pod that has none."""

from __future__ import annotations

from typing import Any

from cockpit.simulator.cluster.controllers.controller import Controller, Key
from cockpit.simulator.cluster.events import Events
from cockpit.simulator.cluster.kubelet.podstatus import with_conditions
from cockpit.simulator.cluster.store import Change, Record, Store
from cockpit.simulator.cluster.timeline import Timeline

Obj = dict[str, Any]

DELAY = 0.05
RETRY_EVERY = 30.0


class Scheduler(Controller):
    """Binds pods to the schedulable node that has the fewest."""

    def __init__(self, store: Store, events: Events, timeline: Timeline) -> None:
        super().__init__("pods", store, timeline, DELAY)
        self._events = events
        self._load: dict[str, int] = {}

    def observe(self, change: Change) -> None:
        """Take note of a change in the store: a pod without a node is to be bound."""
        if change.plural == "pods":
            self._count(change)
            if change.type == "ADDED" and not change.record.obj["spec"].get("nodeName"):
                self._look_at(change.record)
        elif change.plural == "nodes" and change.type != "DELETED":
            for pod in self._store.list("pods") if _became_schedulable(change) else ():
                if not pod.obj["spec"].get("nodeName"):
                    self._look_at(pod)

    def resync(self) -> None:
        """Look at the pods without a node again, now."""
        for record in self._store.list("pods"):
            if not record.obj["spec"].get("nodeName"):
                self._look_at(record, after=0.0)

    def _count(self, change: Change) -> None:
        before = change.previous.obj["spec"].get("nodeName") if change.previous else None
        after = change.record.obj["spec"].get("nodeName") if change.type != "DELETED" else None
        if before != after:
            for node, difference in ((before, -1), (after, 1)):
                if node:
                    self._load[node] = self._load.get(node, 0) + difference

    def _sync(self, key: Key) -> None:
        record = self._store.get("pods", *key)
        if record is None or record.obj["spec"].get("nodeName") or "deletionTimestamp" in record.obj["metadata"]:
            return
        nodes = self._store.list("nodes")
        fit = [node for node in nodes if self._fits(node)]
        if not fit:
            self._refuse(record, len(nodes))
            return
        node = min(fit, key=lambda each: (self._load.get(each.name, 0), each.name))
        status = dict(record.obj["status"])
        status["conditions"] = with_conditions(status, [("PodScheduled", True, "", "")], self._timeline.stamp())
        spec = {**record.obj["spec"], "nodeName": node.name}
        bound = self._store.put("pods", {**record.obj, "spec": spec, "status": status})
        text = f"Successfully assigned {record.namespace}/{record.name} to {node.name}"
        self._events.record(bound.obj, "Normal", "Scheduled", text, "default-scheduler")

    def _fits(self, node: Record) -> bool:
        room = int(node.obj["status"]["allocatable"]["pods"])
        return not node.obj.get("spec", {}).get("unschedulable") and self._load.get(node.name, 0) < room

    def _refuse(self, record: Record, nodes: int) -> None:
        cordoned = sum(bool(node.obj.get("spec", {}).get("unschedulable")) for node in self._store.list("nodes"))
        reasons = [f"{cordoned} node(s) were unschedulable"] if cordoned else []
        if nodes > cordoned:
            reasons.append(f"{nodes - cordoned} Too many pods")
        text = (
            f"0/{nodes} nodes are available: {', '.join(reasons)}." if nodes else "no nodes available to schedule pods"
        )
        status = dict(record.obj["status"])
        wanted = [("PodScheduled", False, "Unschedulable", text)]
        status["conditions"] = with_conditions(status, wanted, self._timeline.stamp())
        if status != record.obj["status"]:
            record = self._store.put("pods", {**record.obj, "status": status})
        self._events.record(record.obj, "Warning", "FailedScheduling", text, "default-scheduler")
        self._look_at(record, after=RETRY_EVERY)


def _became_schedulable(change: Change) -> bool:
    before = change.previous is None or change.previous.obj.get("spec", {}).get("unschedulable", False)
    return bool(before) and not change.record.obj.get("spec", {}).get("unschedulable")
