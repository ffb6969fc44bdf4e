"""The tables that the server prints its objects into, for `kubectl get`: the columns of each kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from cockpit.simulator.cluster.server import cells
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
    "events": Table(_EVENT_COLUMNS, cells.event),
    "nodes": Table(_NODE_COLUMNS, cells.node),
    "namespaces": Table((_NAME, Column("Status", 0, "Active or Terminating."), _AGE), cells.namespace),
    "configmaps": Table((_NAME, Column("Data", 0, "How many keys it has."), _AGE), cells.config_map),
    "endpoints": Table((_NAME, Column("Endpoints", 0, "The addresses that are ready."), _AGE), cells.endpoints),
    "networkpolicies": Table(
        (_NAME, Column("Pod-Selector", 0, "The pods that it is about."), _AGE), cells.network_policy
    ),
    "serviceaccounts": Table((_NAME, Column("Secrets", 0, "How many it names."), _AGE), cells.service_account),
    "endpointslices": Table(
        (
            _NAME,
            Column("AddressType", 0, "The kind of its addresses."),
            Column("Ports", 0, "The ports that they serve."),
            Column("Endpoints", 0, "The addresses."),
            _AGE,
        ),
        cells.endpoint_slice,
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
        cells.service,
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
        cells.deployment,
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
        cells.autoscaler,
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
        cells.replica_set,
    ),
}
