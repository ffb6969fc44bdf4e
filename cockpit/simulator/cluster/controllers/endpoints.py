"""The endpoints controller: which pods a service reaches, as Endpoints and as EndpointSlice."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from cockpit.simulator.cluster.controllers.controller import Controller, Key
from cockpit.simulator.cluster.controllers.replicasets import owner_reference
from cockpit.simulator.cluster.kubelet.podstatus import is_ready
from cockpit.simulator.cluster.selectors import labels_of
from cockpit.simulator.cluster.store import Change, Record, Store
from cockpit.simulator.cluster.timeline import Timeline

Obj = dict[str, Any]

DELAY = 0.1


class EndpointsController(Controller):
    """Keeps one Endpoints and one EndpointSlice for each service with a selector."""

    def __init__(self, store: Store, timeline: Timeline) -> None:
        super().__init__("services", store, timeline, DELAY)

    def observe(self, change: Change) -> None:
        """Take note of a change in the store: of a service, or of a pod that one may reach."""
        if change.plural == "services":
            self._look_at(change.record)
        elif change.plural == "pods":
            pods = [record.obj for record in (change.record, change.previous) if record is not None]
            for service in self._store.list("services", change.record.namespace):
                if any(_selects(service.obj, pod) for pod in pods):
                    self._look_at(service)

    def _sync(self, key: Key) -> None:
        service = self._store.get("services", *key)
        if service is None:
            self._store.remove("endpoints", *key)
            for record in self._store.list("endpointslices", key[0]):
                if labels_of(record.obj).get("kubernetes.io/service-name") == key[1]:
                    self._store.remove("endpointslices", key[0], record.name)
            return
        if not service.obj["spec"].get("selector"):
            return
        pods = [pod for pod in self._store.list("pods", key[0]) if _selects(service.obj, pod.obj)]
        reached = [pod for pod in pods if pod.obj["status"].get("podIP")]
        self._keep("endpoints", service, key[1], self._endpoints(service.obj, reached))
        self._keep("endpointslices", service, f"{key[1]}-slice", self._slice(service.obj, reached))

    def _endpoints(self, service: Obj, pods: list[Record]) -> Obj:
        alive = [pod for pod in pods if "deletionTimestamp" not in pod.obj["metadata"]]
        subset: Obj = {}
        for name, ready in (("addresses", True), ("notReadyAddresses", False)):
            addresses = [_address(pod) for pod in alive if is_ready(pod.obj) is ready]
            if addresses:
                subset[name] = addresses
        if not subset:
            return {"kind": "Endpoints", "apiVersion": "v1"}
        subset["ports"] = [{key: value for key, value in port.items() if value} for port in _ports(service, pods)]
        return {"kind": "Endpoints", "apiVersion": "v1", "subsets": [subset]}

    def _slice(self, service: Obj, pods: list[Record]) -> Obj:
        endpoints = []
        for pod in pods:
            ending = "deletionTimestamp" in pod.obj["metadata"]
            ready = is_ready(pod.obj)
            endpoints.append(
                {
                    "addresses": [pod.obj["status"]["podIP"]],
                    "conditions": {"ready": ready and not ending, "serving": ready, "terminating": ending},
                    "targetRef": _address(pod)["targetRef"],
                    "nodeName": pod.obj["spec"]["nodeName"],
                }
            )
        return {
            "kind": "EndpointSlice",
            "apiVersion": "discovery.k8s.io/v1",
            "addressType": "IPv4",
            "endpoints": endpoints,
            "ports": _ports(service, pods),
        }

    def _keep(self, plural: str, service: Record, name: str, body: Obj) -> None:
        present = self._store.get(plural, service.namespace, name)
        if present is None:
            random = self._timeline.pace.random
            metadata: Obj = {
                "name": name,
                "namespace": service.namespace,
                "uid": str(UUID(int=random.getrandbits(128), version=4)),
                "creationTimestamp": self._timeline.stamp(),
                "labels": dict(service.obj["metadata"].get("labels", {})),
            }
            if plural == "endpointslices":
                metadata["labels"]["kubernetes.io/service-name"] = service.name
                metadata["ownerReferences"] = [owner_reference(service.obj)]
            self._store.put(plural, {**body, "metadata": metadata})
        elif {**body, "metadata": present.obj["metadata"]} != present.obj:
            self._store.put(plural, {**body, "metadata": present.obj["metadata"]})


def _selects(service: Obj, pod: Obj) -> bool:
    selector = service["spec"].get("selector")
    return bool(selector) and selector.items() <= labels_of(pod).items()


def _address(pod: Record) -> Obj:
    return {
        "ip": pod.obj["status"]["podIP"],
        "nodeName": pod.obj["spec"]["nodeName"],
        "targetRef": {"kind": "Pod", "namespace": pod.namespace, "name": pod.name, "uid": pod.uid},
    }


def _ports(service: Obj, pods: list[Record]) -> list[Obj]:
    """The service's ports as its pods listen on them: a named target port is looked up."""
    return [
        {"name": port.get("name", ""), "port": _number(port, pods), "protocol": port.get("protocol", "TCP")}
        for port in service["spec"].get("ports", ())
    ]


def _number(port: Obj, pods: list[Record]) -> int:
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    containers = [container for pod in pods for container in pod.obj["spec"]["containers"]]
    named = (each["containerPort"] for one in containers for each in one.get("ports", ()) if each.get("name") == target)
    return int(next(named, port["port"]))
