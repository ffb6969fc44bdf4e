"""What kubectl calls a resource, and where the API has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.action.kubernetes.reading import request_line
from cockpit.kube.access import Access
from cockpit.kube.discovery import Resource, find
from cockpit.kube.errors import KubeError

_CLUSTER_WIDE = {"nodes", "namespaces", "persistentvolumes"}

# Resource, group/version, short names: those that service runbooks read (`kubectl api-resources`).
_RESOURCES = (
    ("pods", "v1", "pod po"),
    ("services", "v1", "service svc"),
    ("endpoints", "v1", "ep"),
    ("events", "v1", "event ev"),
    ("configmaps", "v1", "configmap cm"),
    ("namespaces", "v1", "namespace ns"),
    ("nodes", "v1", "node no"),
    ("persistentvolumeclaims", "v1", "persistentvolumeclaim pvc"),
    ("deployments", "apps/v1", "deployment deploy deployment.apps deployments.apps"),
    ("replicasets", "apps/v1", "replicaset rs"),
    ("statefulsets", "apps/v1", "statefulset sts"),
    ("daemonsets", "apps/v1", "daemonset ds"),
    ("jobs", "batch/v1", "job"),
    ("cronjobs", "batch/v1", "cronjob cj"),
    ("ingresses", "networking.k8s.io/v1", "ingress ing"),
    ("networkpolicies", "networking.k8s.io/v1", "networkpolicy netpol"),
    ("horizontalpodautoscalers", "autoscaling/v2", "horizontalpodautoscaler hpa"),
)
_KNOWN = {name: (group, plural) for plural, group, short in _RESOURCES for name in (plural, *short.split())}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a collection or an object is, as far as that could be found.

    Attributes:
        object: the collection, or the object with it, as `services/payment-service`.
        path: empty where it could not be found.
        wrong: why it could not.
    """

    object: str
    path: str = ""
    wrong: KubeError | None = None

    def request(self, query: Mapping[str, str]) -> str:
        """The call in short; raises what went wrong while its path was looked for."""
        if self.wrong is not None:
            raise self.wrong
        return request_line("GET", self.path, query)


async def find_place(access: Access, resource: str, namespace: str, name: str = "") -> Place:
    """Where the objects of `resource` are, by any name kubectl takes for it, or the one called `name`."""
    named = f"/{name}" if name else ""
    try:
        found = await resource_in(access, resource)
        return Place(f"{found.plural}{named}", found.path(namespace, name))
    except KubeError as error:
        return Place(f"{resource}{named}", wrong=error)


async def resource_in(access: Access, name: str) -> Resource:
    """The resource by any name kubectl takes for it; the cluster is asked only for one that is not known here.

    Raises:
        KubeError: "invalid", for one that the cluster does not serve either.
    """
    if name.lower() not in _KNOWN:
        return await find(access, name)
    group, plural = _KNOWN[name.lower()]
    return Resource(group, plural, plural not in _CLUSTER_WIDE)
