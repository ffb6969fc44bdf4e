"""The tables that the server prints its objects into, for `kubectl get`: columns and cells by kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from cockpit.simulator.cluster.selectors import format_selector
from cockpit.simulator.cluster.server.ages import age
from cockpit.simulator.cluster.server.podcells import pod_cells, pod_cells_last

Obj = dict[str, Any]


class Column(NamedTuple):
    """One column; `priority` above 0 shows only in the wide table."""

    name: str
    priority: int
    description: str
    type: str = "string"

    def definition(self) -> Obj:
        """The column as a table's `columnDefinitions` have it."""
        return {
            "name": self.name,
            "type": self.type,
            "format": "name" if self.name == "Name" and self.priority == 0 else "",
            "description": self.description,
            "priority": self.priority,
        }


class Table(NamedTuple):
    """How one kind is printed; `lasts` tells until when its cells read the same, None where nobody knows."""

    columns: Sequence[Column]
    cells: Callable[[Obj, datetime], list[Any]]
    lasts: Callable[[Obj, datetime], datetime | None] | None = None


_NAME = Column("Name", 0, "The object's name, unique in its namespace.")
_AGE = Column("Age", 0, "How long ago the object was created.")
_CONTAINERS = Column("Containers", 1, "The names of the template's containers.")
_IMAGES = Column("Images", 1, "The images of the template's containers.")
_SELECTOR = Column("Selector", 1, "The labels by which pods belong to it.")


def _since(obj: Obj, now: datetime) -> str:
    return age(obj["metadata"].get("creationTimestamp"), now)


def _template_cells(obj: Obj) -> list[str]:
    containers = obj["spec"]["template"]["spec"]["containers"]
    return [
        ",".join(each["name"] for each in containers),
        ",".join(each["image"] for each in containers),
        format_selector(obj["spec"].get("selector")) or "<none>",
    ]


def _deployment(obj: Obj, now: datetime) -> list[Any]:
    status = obj.get("status", {})
    ready = f"{status.get('readyReplicas', 0)}/{obj['spec']['replicas']}"
    counts = [status.get("updatedReplicas", 0), status.get("availableReplicas", 0)]
    return [obj["metadata"]["name"], ready, *counts, _since(obj, now), *_template_cells(obj)]


def _replica_set(obj: Obj, now: datetime) -> list[Any]:
    status = obj.get("status", {})
    counts = [obj["spec"]["replicas"], status.get("replicas", 0), status.get("readyReplicas", 0)]
    return [obj["metadata"]["name"], *counts, _since(obj, now), *_template_cells(obj)]


def _service(obj: Obj, now: datetime) -> list[Any]:
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


def _event(obj: Obj, now: datetime) -> list[Any]:
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


def _namespace(obj: Obj, now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], obj["status"]["phase"], _since(obj, now)]


def _node(obj: Obj, now: datetime) -> list[Any]:
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


def _config_map(obj: Obj, now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], len(obj.get("data", {})) + len(obj.get("binaryData", {})), _since(obj, now)]


def _network_policy(obj: Obj, now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], format_selector(obj["spec"].get("podSelector")) or "<none>", _since(obj, now)]


def _autoscaler(obj: Obj, now: datetime) -> list[Any]:
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


def _endpoints(obj: Obj, now: datetime) -> list[Any]:
    found = [
        f"{address['ip']}:{port['port']}"
        for subset in obj.get("subsets", ())
        for port in subset.get("ports", ())
        for address in subset.get("addresses", ())
    ]
    more = f" + {len(found) - 3} more..." if len(found) > 3 else ""
    return [obj["metadata"]["name"], (",".join(found[:3]) + more) or "<none>", _since(obj, now)]


def _slice(obj: Obj, now: datetime) -> list[Any]:
    addresses = [address for each in obj.get("endpoints", ()) for address in each["addresses"]]
    more = f" + {len(addresses) - 3} more..." if len(addresses) > 3 else ""
    ports = ",".join(str(port.get("port", "*")) for port in obj.get("ports", ())) or "<unset>"
    shown = (",".join(addresses[:3]) + more) or "<unset>"
    return [obj["metadata"]["name"], obj["addressType"], ports, shown, _since(obj, now)]


def _service_account(obj: Obj, now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], len(obj.get("secrets", ())), _since(obj, now)]


def _number(name: str, description: str) -> Column:
    return Column(name, 0, description, "integer")


_POD_COLUMNS = (
    _NAME,
    Column("Ready", 0, "How many of the pod's containers are ready."),
    Column("Status", 0, "The state of the pod's containers in one word."),
    Column("Restarts", 0, "How often its containers were restarted, and when last."),
    _AGE,
    Column("IP", 1, "The pod's address in the cluster."),
    Column("Node", 1, "The node on which it runs."),
    Column("Nominated Node", 1, "The node that is being cleared for it."),
    Column("Readiness Gates", 1, "How many of its readiness gates are open."),
)
_EVENT_COLUMNS = (
    Column("Last Seen", 0, "When it happened last."),
    Column("Type", 0, "Normal or Warning."),
    Column("Reason", 0, "What happened, in one word."),
    Column("Object", 0, "What it happened to."),
    Column("Subobject", 1, "Which part of it."),
    Column("Source", 1, "Who says so."),
    Column("Message", 0, "What happened."),
    Column("First Seen", 1, "When it happened first."),
    Column("Count", 1, "How often it happened.", "string"),
    Column("Name", 1, "The event's own name."),
)
_NODE_COLUMNS = (
    _NAME,
    Column("Status", 0, "Whether the node can take pods."),
    Column("Roles", 0, "What the node is for."),
    _AGE,
    Column("Version", 0, "The kubelet's version."),
    Column("Internal-IP", 1, "Its address in the cluster."),
    Column("External-IP", 1, "Its address outside."),
    Column("OS-Image", 1, "Its operating system."),
    Column("Kernel-Version", 1, "Its kernel."),
    Column("Container-Runtime", 1, "What runs its containers."),
)

TABLES: dict[str, Table] = {
    "pods": Table(_POD_COLUMNS, pod_cells, pod_cells_last),
    "events": Table(_EVENT_COLUMNS, _event),
    "nodes": Table(_NODE_COLUMNS, _node),
    "namespaces": Table((_NAME, Column("Status", 0, "Active or Terminating."), _AGE), _namespace),
    "configmaps": Table((_NAME, Column("Data", 0, "How many keys it has."), _AGE), _config_map),
    "endpoints": Table((_NAME, Column("Endpoints", 0, "The addresses that are ready."), _AGE), _endpoints),
    "networkpolicies": Table((_NAME, Column("Pod-Selector", 0, "The pods that it is about."), _AGE), _network_policy),
    "serviceaccounts": Table((_NAME, Column("Secrets", 0, "How many it names."), _AGE), _service_account),
    "endpointslices": Table(
        (
            _NAME,
            Column("AddressType", 0, "The kind of its addresses."),
            Column("Ports", 0, "The ports that they serve."),
            Column("Endpoints", 0, "The addresses."),
            _AGE,
        ),
        _slice,
    ),
    "services": Table(
        (
            _NAME,
            Column("Type", 0, "How the service can be reached."),
            Column("Cluster-IP", 0, "Its address in the cluster."),
            Column("External-IP", 0, "Its addresses outside."),
            Column("Port(s)", 0, "Its ports."),
            _AGE,
            _SELECTOR,
        ),
        _service,
    ),
    "deployments": Table(
        (
            _NAME,
            Column("Ready", 0, "How many of the wanted pods are ready."),
            Column("Up-to-date", 0, "How many have the newest template."),
            Column("Available", 0, "How many have been ready for long enough."),
            _AGE,
            _CONTAINERS,
            _IMAGES,
            _SELECTOR,
        ),
        _deployment,
    ),
    "horizontalpodautoscalers": Table(
        (
            _NAME,
            Column("Reference", 0, "What it scales."),
            Column("Targets", 0, "The metrics by which it scales."),
            Column("MinPods", 0, "The fewest pods."),
            _number("MaxPods", "The most pods."),
            _number("Replicas", "How many pods there are."),
            _AGE,
        ),
        _autoscaler,
    ),
    "replicasets": Table(
        (
            _NAME,
            _number("Desired", "How many pods are wanted."),
            _number("Current", "How many there are."),
            _number("Ready", "How many are ready."),
            _AGE,
            _CONTAINERS,
            _IMAGES,
            _SELECTOR,
        ),
        _replica_set,
    ),
}
