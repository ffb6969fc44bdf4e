"""The cells that the server prints each kind of object into, for `kubectl get`; those of pods are `podcells`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cockpit.simulator.cluster.selectors import format_selector
from cockpit.simulator.cluster.server.ages import age

Obj = dict[str, Any]


def _since(obj: Obj, now: datetime) -> str:
    return age(obj["metadata"].get("creationTimestamp"), now)


def _template_cells(obj: Obj) -> list[str]:
    containers = obj["spec"]["template"]["spec"]["containers"]
    return [
        ",".join(each["name"] for each in containers),
        ",".join(each["image"] for each in containers),
        format_selector(obj["spec"].get("selector")) or "<none>",
    ]


def deployment(obj: Obj, now: datetime) -> list[Any]:
    status = obj.get("status", {})
    ready = f"{status.get('readyReplicas', 0)}/{obj['spec']['replicas']}"
    counts = [status.get("updatedReplicas", 0), status.get("availableReplicas", 0)]
    return [obj["metadata"]["name"], ready, *counts, _since(obj, now), *_template_cells(obj)]


def replica_set(obj: Obj, now: datetime) -> list[Any]:
    status = obj.get("status", {})
    counts = [obj["spec"]["replicas"], status.get("replicas", 0), status.get("readyReplicas", 0)]
    return [obj["metadata"]["name"], *counts, _since(obj, now), *_template_cells(obj)]


def service(obj: Obj, now: datetime) -> list[Any]:
    spec = obj["spec"]
    ports = [_service_port(port) for port in spec.get("ports", ())]
    return [
        obj["metadata"]["name"],
        spec.get("type", "ClusterIP"),
        spec.get("clusterIP") or "<none>",
        _external_address(obj),
        ",".join(ports) or "<none>",
        _since(obj, now),
        ",".join(f"{key}={value}" for key, value in sorted((spec.get("selector") or {}).items())) or "<none>",
    ]


def _service_port(port: Obj) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port['port']}{node}/{port.get('protocol', 'TCP')}"


def _external_address(obj: Obj) -> str:
    spec = obj["spec"]
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName", ""))
    found = list(spec.get("externalIPs", ()))
    if spec.get("type") == "LoadBalancer":
        given = obj.get("status", {}).get("loadBalancer", {}).get("ingress", ())
        found = [each.get("ip") or each.get("hostname", "") for each in given] + found
        return ",".join(found) or "<pending>"
    return ",".join(found) or "<none>"


def event(obj: Obj, now: datetime) -> list[Any]:
    about, source = obj.get("involvedObject", {}), obj.get("source", {})
    target = f"{about.get('kind', '').lower()}/{about['name']}" if about.get("name") else about.get("kind", "").lower()
    seen_last = age(obj.get("lastTimestamp") or obj.get("eventTime"), now)
    return [
        seen_last,
        obj.get("type", ""),
        obj.get("reason", ""),
        target,
        about.get("fieldPath", ""),
        ", ".join(filter(None, (source.get("component"), source.get("host")))),
        obj.get("message", "").strip(),
        age(obj.get("firstTimestamp") or obj.get("eventTime"), now),
        obj.get("count") or 1,
        obj["metadata"]["name"],
    ]


def namespace(obj: Obj, now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], obj["status"]["phase"], _since(obj, now)]


def node(obj: Obj, now: datetime) -> list[Any]:
    status = obj["status"]
    ready = next((each for each in status.get("conditions", ()) if each["type"] == "Ready"), None)
    word = "Unknown" if ready is None else "Ready" if ready["status"] == "True" else "NotReady"
    if obj.get("spec", {}).get("unschedulable"):
        word += ",SchedulingDisabled"
    address = {each["type"]: each["address"] for each in status.get("addresses", ())}
    info = status["nodeInfo"]
    return [
        obj["metadata"]["name"],
        word,
        "<none>",
        _since(obj, now),
        info["kubeletVersion"],
        address.get("InternalIP", "<none>"),
        address.get("ExternalIP", "<none>"),
        info["osImage"],
        info["kernelVersion"],
        info["containerRuntimeVersion"],
    ]


def config_map(obj: Obj, now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], len(obj.get("data", {})) + len(obj.get("binaryData", {})), _since(obj, now)]


def network_policy(obj: Obj, now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], format_selector(obj["spec"].get("podSelector")) or "<none>", _since(obj, now)]


def autoscaler(obj: Obj, now: datetime) -> list[Any]:
    spec, status = obj["spec"], obj.get("status", {})
    target = spec["scaleTargetRef"]
    measured = [f"<unknown>: {each['type']}" for each in spec.get("metrics", ())]
    return [
        obj["metadata"]["name"],
        f"{target['kind']}/{target['name']}",
        ", ".join(measured) or "<none>",
        str(spec.get("minReplicas", 1)),
        spec["maxReplicas"],
        status.get("currentReplicas", 0),
        _since(obj, now),
    ]


def endpoints(obj: Obj, now: datetime) -> list[Any]:
    found = [
        f"{address['ip']}:{port['port']}"
        for subset in obj.get("subsets", ())
        for port in subset.get("ports", ())
        for address in subset.get("addresses", ())
    ]
    more = f" + {len(found) - 3} more..." if len(found) > 3 else ""
    return [obj["metadata"]["name"], (",".join(found[:3]) + more) or "<none>", _since(obj, now)]


def endpoint_slice(obj: Obj, now: datetime) -> list[Any]:
    addresses = [address for each in obj.get("endpoints", ()) for address in each["addresses"]]
    more = f" + {len(addresses) - 3} more..." if len(addresses) > 3 else ""
    ports = ",".join(str(port.get("port", "*")) for port in obj.get("ports", ())) or "<unset>"
    shown = (",".join(addresses[:3]) + more) or "<unset>"
    return [obj["metadata"]["name"], obj["addressType"], ports, shown, _since(obj, now)]


def service_account(obj: Obj, now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], len(obj.get("secrets", ())), _since(obj, now)]
