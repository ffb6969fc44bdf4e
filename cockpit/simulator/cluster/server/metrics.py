"""The metrics API: what pods and nodes use now (`kubectl top`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cockpit.simulator.cluster.access import User, authorize
from cockpit.simulator.cluster.resources import NODES, PODS, Resource
from cockpit.simulator.cluster.selectors import label_selector, labels_of
from cockpit.simulator.cluster.server.requests import Query, Target
from cockpit.simulator.cluster.status import no_such_resource, not_found
from cockpit.simulator.program import Usage

if TYPE_CHECKING:
    from cockpit.simulator.cluster.cluster import Cluster

Obj = dict[str, Any]

GROUP, VERSION = "metrics.k8s.io", "v1beta1"
POD_METRICS = Resource(GROUP, VERSION, "pods", "PodMetrics", verbs=("get", "list"))
NODE_METRICS = Resource(GROUP, VERSION, "nodes", "NodeMetrics", namespaced=False, verbs=("get", "list"))
WINDOW = "15s"
IDLE = Usage(0.05, 700 * 1024 * 1024)
"""What a node uses without any pod."""


def metrics_answer(cluster: Cluster, user: User, parts: list[str], query: Query) -> Obj:
    """The answer to a path below /apis/metrics.k8s.io/v1beta1; raises ApiError 403 or 404."""
    namespace = None
    if parts[0] == "namespaces" and len(parts) > 2:
        namespace, parts = parts[1], parts[2:]
    resource = {"pods": POD_METRICS, "nodes": NODE_METRICS}.get(parts[0])
    if resource is None or len(parts) > 2:
        raise no_such_resource()
    name = parts[1] if len(parts) == 2 else ""
    target = Target(resource, namespace, name)
    authorize(user, target.wish("get" if name else "list"), resource)
    measure = _pod_metrics if resource is POD_METRICS else _node_metrics
    stored = PODS if resource is POD_METRICS else NODES
    if name:
        record = cluster.store.get(stored.plural, namespace, name)
        found = measure(cluster, record.obj) if record is not None else None
        if found is None:
            raise not_found(resource, f"{namespace}/{name}" if namespace else name)
        return {"kind": resource.kind, "apiVersion": resource.group_version, **found}
    selects = label_selector(query.text("labelSelector"))
    records = cluster.store.list(stored.plural, namespace)
    measured = [measure(cluster, record.obj) for record in records if selects(labels_of(record.obj))]
    return {
        "kind": f"{resource.kind}List",
        "apiVersion": resource.group_version,
        "metadata": {},
        "items": [each for each in measured if each is not None],
    }


def _pod_metrics(cluster: Cluster, pod: Obj) -> Obj | None:
    used = cluster.kubelet.usage(pod["metadata"]["uid"], pod)
    if used is None:
        return None
    containers = [{"name": name, "usage": _quantities(usage)} for name, usage in used.items()]
    return {**_measured(cluster, pod), "containers": containers}


def _node_metrics(cluster: Cluster, node: Obj) -> Obj:
    cores, size, name = IDLE.cores, IDLE.bytes, node["metadata"]["name"]
    for record in cluster.store.list("pods"):
        if record.obj["spec"].get("nodeName") == name:
            for usage in (cluster.kubelet.usage(record.uid, record.obj) or {}).values():
                cores, size = cores + usage.cores, size + usage.bytes
    return {**_measured(cluster, node), "usage": _quantities(Usage(cores, size))}


def _measured(cluster: Cluster, obj: Obj) -> Obj:
    metadata = obj["metadata"]
    shown = {key: metadata[key] for key in ("name", "namespace", "labels") if key in metadata}
    now = cluster.timeline.stamp()
    return {"metadata": {**shown, "creationTimestamp": now}, "timestamp": now, "window": WINDOW}


def _quantities(usage: Usage) -> Obj:
    return {"cpu": f"{round(usage.cores * 1e9)}n", "memory": f"{usage.bytes // 1024}Ki"}
