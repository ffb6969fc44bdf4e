"""The kubelets: a worker for each pod that has a node, from its first container to its end."""

from __future__ import annotations

from typing import Any

from cockpit.simulator.cluster.events import Events
from cockpit.simulator.cluster.kubelet.images import Images
from cockpit.simulator.cluster.kubelet.podworker import PodWorker
from cockpit.simulator.cluster.kubelet.runs import Run
from cockpit.simulator.cluster.store import Change, Record, Store
from cockpit.simulator.cluster.timeline import Timeline
from cockpit.simulator.program import Usage

Obj = dict[str, Any]

NOTICE = 0.1
"""Simulated seconds until a kubelet notices a pod or a request to end one."""


class Kubelet:
    """All nodes' kubelets in one."""

    def __init__(self, store: Store, events: Events, timeline: Timeline, images: Images) -> None:
        self.store = store
        self.events = events
        self.timeline = timeline
        self.images = images
        self._workers: dict[str, PodWorker] = {}
        self._addresses: dict[str, int] = {}

    def observe(self, change: Change) -> None:
        """Take note of a change in the store: a pod was bound, is to end, or is gone."""
        if change.plural != "pods":
            return
        record, worker = change.record, self._workers.get(change.record.uid)
        if change.type == "DELETED":
            if worker is not None:
                worker.discard()
                del self._workers[record.uid]
        elif worker is None and record.obj["spec"].get("nodeName"):
            self._admit(record)
        elif worker is not None and "deletionTimestamp" in record.obj["metadata"]:
            self.timeline.after(NOTICE, worker.stop)

    def adopt(self, record: Record, running_for: float) -> None:
        """Take over a pod that has been running for so many real seconds, without any change to it."""
        worker = PodWorker(self, record)
        self._workers[record.uid] = worker
        worker.adopt(self.timeline.moment() - running_for)

    def usage(self, uid: str, pod: Obj) -> dict[str, Usage] | None:
        """What each running container uses now, by its name; None when none runs."""
        worker = self._workers.get(uid)
        return worker.usage(pod) if worker is not None else None

    def check_memory(self) -> None:
        """Kill the containers that use more memory than they may."""
        for worker in list(self._workers.values()):
            worker.check_memory()

    def runs(self, uid: str, container: str) -> tuple[Run | None, Run | None]:
        """The newest run of a container, and the one before it."""
        worker = self._workers.get(uid)
        return worker.runs(container) if worker is not None else (None, None)

    def address(self, node: str) -> tuple[str, str]:
        """The node's address, and a fresh one for a pod on it."""
        found = self.store.get("nodes", None, node)
        host = found.obj["status"]["addresses"][0]["address"] if found is not None else "127.0.0.1"
        number = self._addresses[node] = self._addresses.get(node, 1) + 1
        third = int(host.rsplit(".", 1)[1])
        return host, f"10.{244 + number // 250 % 8}.{third}.{number % 250 + 2}"

    def _admit(self, record: Record) -> None:
        if record.obj["status"].get("phase") != "Pending":  # it has ended, or will be adopted as it runs
            return
        worker = PodWorker(self, record)
        self._workers[record.uid] = worker
        self.timeline.after(NOTICE, worker.start)
