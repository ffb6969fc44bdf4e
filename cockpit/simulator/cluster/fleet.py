"""A big cluster around the incident: thousands of running pods, made cheaply, and a steady churn in them."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import UUID

from cockpit.simulator.cluster.controllers.replicasets import owner_reference
from cockpit.simulator.cluster.controllers.revisions import set_replicas_annotations, synced_annotations, template_hash
from cockpit.simulator.cluster.kubelet.images import BACKGROUND
from cockpit.simulator.cluster.kubelet.kubelet import Kubelet
from cockpit.simulator.cluster.kubelet.podstatus import kubelet_conditions
from cockpit.simulator.cluster.names import random_suffix
from cockpit.simulator.cluster.nodes import PODS_PER_NODE, node
from cockpit.simulator.cluster.objects.objects import Objects
from cockpit.simulator.cluster.resources import DEPLOYMENTS, NODES, REPLICASETS
from cockpit.simulator.cluster.store import Store
from cockpit.simulator.cluster.timeline import Timeline, format_time

Obj = dict[str, Any]

PER_DEPLOYMENT = 100
SURGE = 25
RUNNING_FOR = 5 * 3600
"""Real seconds that the pods seem to have been running."""


class Fleet:
    """Fills the cluster and keeps it moving."""

    def __init__(self, store: Store, objects: Objects, kubelet: Kubelet, timeline: Timeline) -> None:
        self._store = store
        self._objects = objects
        self._kubelet = kubelet
        self._timeline = timeline
        self._random = timeline.pace.random
        self._pods: list[tuple[str, str]] = []

    def add_node(self) -> None:
        """One more node, ready."""
        number = self._store.count("nodes") + 1
        self._objects.create(NODES, None, node(number, self._timeline.stamp()), history=True)

    def fill(self, count: int, namespace: str) -> None:
        """Add deployments with `count` running pods between them, and nodes for them."""
        while self._store.count("nodes") * PODS_PER_NODE < self._store.count("pods") + count + PODS_PER_NODE:
            self.add_node()
        nodes = [record.name for record in self._store.list("nodes")]
        group = 0
        while count > 0:
            group += 1
            self._fill_deployment(f"background-{group:03}", namespace, min(count, PER_DEPLOYMENT), nodes)
            count -= PER_DEPLOYMENT

    def _fill_deployment(self, name: str, namespace: str, count: int, nodes: list[str]) -> None:
        began = self._timeline.at(self._timeline.moment() - RUNNING_FOR)
        since = format_time(began)
        deployment = self._objects.create(DEPLOYMENTS, namespace, _deployment(name, count, since), history=True)
        replica_set = self._replica_set(deployment, count, since)
        template = replica_set["spec"]["template"]
        for number in range(count):
            status = self._status(nodes[(len(self._pods) + number) % len(nodes)], since)
            pod = self._pod(replica_set, template, status, since)
            record = self._store.put("pods", pod)
            self._kubelet.adopt(record, RUNNING_FOR)
            self._pods.append((namespace, record.name))

    def _replica_set(self, deployment: Obj, count: int, since: str) -> Obj:
        template, metadata = deployment["spec"]["template"], deployment["metadata"]
        digest = template_hash(template, 0)
        labels = {**template["metadata"]["labels"], "pod-template-hash": digest}
        body: Obj = {
            "metadata": {
                "name": f"{metadata['name']}-{digest}",
                "labels": labels,
                "ownerReferences": [owner_reference(deployment)],
                "creationTimestamp": since,
            },
            "spec": {
                "replicas": count,
                "selector": {"matchLabels": labels},
                "template": {**template, "metadata": {"labels": labels}},
            },
            "status": {
                "replicas": count,
                "fullyLabeledReplicas": count,
                "readyReplicas": count,
                "availableReplicas": count,
                "terminatingReplicas": 0,
                "observedGeneration": 1,
            },
        }
        body["metadata"]["annotations"] = synced_annotations(deployment, body, 1)[0]
        set_replicas_annotations(body, count, -(-count * SURGE // 100))
        return self._objects.create(REPLICASETS, metadata["namespace"], body, history=True)

    def _pod(self, replica_set: Obj, template: Obj, status: Obj, since: str) -> Obj:
        prefix, metadata = replica_set["metadata"]["name"] + "-", replica_set["metadata"]
        name = prefix + random_suffix(self._random)
        while self._store.get("pods", metadata["namespace"], name) is not None:
            name = prefix + random_suffix(self._random)
        tolerations = [
            {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
            for key in ("not-ready", "unreachable")
        ]
        spec = {
            **template["spec"],
            "nodeName": status.pop("nodeName"),
            "tolerations": tolerations,
            "priority": 0,
            "enableServiceLinks": True,
            "preemptionPolicy": "PreemptLowerPriority",
        }
        return {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {
                "name": name,
                "generateName": prefix,
                "namespace": metadata["namespace"],
                "uid": str(UUID(int=self._random.getrandbits(128), version=4)),
                "generation": 1,
                "creationTimestamp": since,
                "labels": metadata["labels"],
                "ownerReferences": [owner_reference(replica_set)],
            },
            "spec": spec,
            "status": status,
        }

    def _status(self, node_name: str, since: str) -> Obj:
        host, address = self._kubelet.address(node_name)
        status: Obj = {"phase": "Running", "hostIP": host, "podIP": address, "podIPs": [{"ip": address}]}
        return {
            "nodeName": node_name,
            **status,
            "conditions": kubelet_conditions(status, initialized=True, sandbox=True, not_ready=[], now=since),
            "startTime": since,
            "containerStatuses": [
                {
                    "name": "main",
                    "state": {"running": {"startedAt": since}},
                    "lastState": {},
                    "ready": True,
                    "restartCount": 0,
                    "image": f"{BACKGROUND}:1",
                    "imageID": self._kubelet.images.image_id(f"{BACKGROUND}:1"),
                    "started": True,
                }
            ],
            "qosClass": "Burstable",
        }

    async def churn(self, per_second: float) -> None:
        """Change so many of the filling pods a second, until cancelled: readiness goes and comes back."""
        due, pause = time.monotonic(), self._timeline.pace.real(1 / per_second)
        while self._pods:
            due += pause  # what came late is caught up, so that the rate is the one that was asked for
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.flip(*self._random.choice(self._pods))

    def flip(self, namespace: str, name: str) -> None:
        """Turn one pod's readiness."""
        record = self._store.get("pods", namespace, name)
        if record is None or "containerStatuses" not in record.obj["status"]:
            return
        status = record.obj["status"]
        ready = not status["containerStatuses"][0]["ready"]
        status = {
            **status,
            "containerStatuses": [{**status["containerStatuses"][0], "ready": ready}],
            "conditions": kubelet_conditions(
                status,
                initialized=True,
                sandbox=True,
                not_ready=[] if ready else ["main"],
                now=self._timeline.stamp(),
            ),
        }
        self._store.put("pods", {**record.obj, "status": status})


def _deployment(name: str, count: int, since: str) -> Obj:
    container = {
        "name": "main",
        "image": f"{BACKGROUND}:1",
        "resources": {"requests": {"cpu": "20m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
    }
    progressed = {"status": "True", "lastUpdateTime": since, "lastTransitionTime": since}
    text = "Deployment has minimum availability."
    return {
        "metadata": {
            "name": name,
            "labels": {"app": name},
            "creationTimestamp": since,
            "annotations": {"deployment.kubernetes.io/revision": "1"},
        },
        "spec": {
            "replicas": count,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}},
        },
        "status": {
            "observedGeneration": 1,
            "replicas": count,
            "updatedReplicas": count,
            "readyReplicas": count,
            "availableReplicas": count,
            "terminatingReplicas": 0,
            "conditions": [
                {"type": "Available", **progressed, "reason": "MinimumReplicasAvailable", "message": text},
                {"type": "Progressing", **progressed, "reason": "NewReplicaSetAvailable", "message": "Rolled out."},
            ],
        },
    }
