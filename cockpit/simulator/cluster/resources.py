"""The kinds of object that the simulated API server serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FULL = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
NO_COLLECTION = ("create", "delete", "get", "list", "patch", "update", "watch")
READ = ("get", "list", "watch")


@dataclass(frozen=True, slots=True)
class Subresource:
    """A part of an object with a path of its own; `kind` is what it speaks."""

    name: str
    kind: str
    verbs: Sequence[str]
    group: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """One served kind: its names, its group and version, what may be done to it."""

    group: str
    version: str
    plural: str
    kind: str
    singular: str = ""
    namespaced: bool = True
    verbs: Sequence[str] = FULL
    short: Sequence[str] = ()
    categories: Sequence[str] = ()
    subresources: Sequence[Subresource] = ()
    generation: bool = False
    """Whether the object counts changes of its spec in `metadata.generation`."""
    view_of: str = ""
    """The plural under which the objects are stored, where this is only another form of them."""

    @property
    def group_version(self) -> str:
        """As objects say it in `apiVersion`: `v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """The plural with its group, as messages name it: `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def subresource(self, name: str) -> Subresource | None:
        """The subresource of that name; None where it has none."""
        return next((sub for sub in self.subresources if sub.name == name), None)


def _status(kind: str) -> Subresource:
    return Subresource("status", kind, ("get", "patch", "update"))


_SCALE = Subresource("scale", "Scale", ("get", "patch", "update"), "autoscaling", "v1")
_POD_SUBRESOURCES = (
    Subresource("eviction", "Eviction", ("create",), "policy", "v1"),
    Subresource("exec", "PodExecOptions", ("create", "get")),
    Subresource("log", "Pod", ("get",)),
    Subresource("portforward", "PodPortForwardOptions", ("create", "get")),
    _status("Pod"),
)

PODS = Resource(
    "", "v1", "pods", "Pod", "pod", short=("po",), categories=("all",), subresources=_POD_SUBRESOURCES, generation=True
)
NAMESPACES = Resource(
    "",
    "v1",
    "namespaces",
    "Namespace",
    "namespace",
    namespaced=False,
    verbs=NO_COLLECTION,
    short=("ns",),
    subresources=(_status("Namespace"),),
)
NODES = Resource("", "v1", "nodes", "Node", "node", namespaced=False, short=("no",), subresources=(_status("Node"),))
SERVICES = Resource("", "v1", "services", "Service", "service", short=("svc",), categories=("all",))
ENDPOINTS = Resource("", "v1", "endpoints", "Endpoints", "endpoints", short=("ep",))
CONFIGMAPS = Resource("", "v1", "configmaps", "ConfigMap", "configmap", short=("cm",))
SECRETS = Resource("", "v1", "secrets", "Secret", "secret")
EVENTS = Resource("", "v1", "events", "Event", "event", short=("ev",))
SERVICEACCOUNTS = Resource("", "v1", "serviceaccounts", "ServiceAccount", "serviceaccount", short=("sa",))
DEPLOYMENTS = Resource(
    "apps",
    "v1",
    "deployments",
    "Deployment",
    "deployment",
    short=("deploy",),
    categories=("all",),
    subresources=(_SCALE, _status("Deployment")),
    generation=True,
)
REPLICASETS = Resource(
    "apps",
    "v1",
    "replicasets",
    "ReplicaSet",
    "replicaset",
    short=("rs",),
    categories=("all",),
    subresources=(_SCALE, _status("ReplicaSet")),
    generation=True,
)
NETWORKPOLICIES = Resource(
    "networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", "networkpolicy", short=("netpol",), generation=True
)
AUTOSCALERS = Resource(
    "autoscaling",
    "v2",
    "horizontalpodautoscalers",
    "HorizontalPodAutoscaler",
    "horizontalpodautoscaler",
    short=("hpa",),
    categories=("all",),
    subresources=(_status("HorizontalPodAutoscaler"),),
)
"""Kept and shown; nothing here measures and scales."""
ENDPOINTSLICES = Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", "endpointslice", generation=True)
EVENTS_V1 = Resource("events.k8s.io", "v1", "events", "Event", "event", verbs=READ, short=("ev",), view_of="events")

STORED = (
    CONFIGMAPS,
    ENDPOINTS,
    EVENTS,
    NAMESPACES,
    NODES,
    PODS,
    SECRETS,
    SERVICEACCOUNTS,
    SERVICES,
    DEPLOYMENTS,
    REPLICASETS,
    AUTOSCALERS,
    NETWORKPOLICIES,
    ENDPOINTSLICES,
)
"""Every kind that has objects of its own; their plurals are unique."""

SERVED = (*STORED, EVENTS_V1)

BY_PLURAL = {resource.plural: resource for resource in STORED}
BY_PATH = {(resource.group, resource.version, resource.plural): resource for resource in SERVED}
SCALE = Resource("autoscaling", "v1", "scales", "Scale")
"""Not a resource by itself: what messages about a scale subresource name."""
