"""The pods that an action is about: by name, by selector, of a deployment; and the one that a command runs in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from cockpit.action.kubernetes.deployments.found import deployment_path
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.paths import resource_path
from cockpit.kube.pods.row import DEFAULT_CONTAINER, PodRow, pod_row
from cockpit.kube.rowparts import HASH
from cockpit.kube.shapes import Page

MOST = 500
"""Pods that are read at most."""


@dataclass(frozen=True, slots=True)
class FoundPod:
    """A pod that was read: its row for judging, the whole object for the rest."""

    row: PodRow
    raw: dict[str, Any]

    @property
    def resource_version(self) -> str:
        """Its version."""
        return str(self.raw["metadata"].get("resourceVersion", ""))

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""
        return self.raw["metadata"].get("labels") or {}

    @property
    def owner(self) -> Mapping[str, str]:
        """The reference to its controller; empty when nothing starts it again."""
        owners = self.raw["metadata"].get("ownerReferences") or []
        return next((owner for owner in owners if owner.get("controller")), {})

    @property
    def workload(self) -> str:
        """The name of what it belongs to: of a replica set with a template's hash the deployment; empty for none."""
        name = self.owner.get("name", "")
        return name.removesuffix("-" + self.labels.get(HASH, "")) if self.owner.get("kind") == "ReplicaSet" else name

    def container(self, wanted: str = "") -> str:
        """The container that is meant: by its name, else the default that an annotation names, else the first.

        Raises:
            KubeError: "not-found", with those that there are.
        """
        names = [str(one.get("name")) for one in self.raw["spec"].get("containers") or ()]
        if wanted and wanted not in names:
            raise KubeError("not-found", f"pod/{self.row.name} has no container {wanted}; it has: {', '.join(names)}")
        default = (self.raw["metadata"].get("annotations") or {}).get(DEFAULT_CONTAINER, "")
        return wanted or (default if default in names else next(iter(names), ""))


async def pod_named(access: Access, namespace: str, name: str) -> FoundPod:
    """Read a pod. Raises KubeError."""
    answer = await access.call("GET", resource_path("v1", "pods", namespace, name))
    return _found(answer.body, access)


async def pods_of(access: Access, namespace: str, selector: str) -> list[FoundPod]:
    """The pods that a label selector matches, by name.

    Raises:
        KubeError: "invalid" for no selector, which would mean every pod of the namespace, and for more than `MOST`.
    """
    if not selector.strip():
        raise KubeError("invalid", "there is no selector, which would mean every pod of the namespace", "name one")
    query = {"labelSelector": selector, "limit": str(MOST)}
    answer = await access.call("GET", resource_path("v1", "pods", namespace), query=query)
    page = access.decode(answer.body, Page)
    if page.metadata.continue_:
        raise KubeError("invalid", f"{selector} matches more than {MOST} pods", "name a narrower selector")
    found = [_found(bytes(item), access) for item in page.items or ()]
    return sorted(found, key=lambda pod: pod.row.name)


async def selector_of(access: Access, namespace: str, deployment: str) -> str:
    """The label selector of a deployment. Raises KubeError."""
    answer = await access.call("GET", deployment_path(namespace, deployment))
    spec = access.decode(answer.body, dict[str, Any]).get("spec") or {}
    return as_selector(spec.get("selector") or {})


def as_selector(wanted: Mapping[str, Any]) -> str:
    """A metav1.LabelSelector as the text that matches the same; empty when it says nothing."""
    parts = [f"{key}={value}" for key, value in sorted((wanted.get("matchLabels") or {}).items())]
    for one in wanted.get("matchExpressions") or ():
        key, values = one.get("key"), ",".join(one.get("values") or ())
        said = {
            "In": f"{key} in ({values})",
            "NotIn": f"{key} notin ({values})",
            "Exists": f"{key}",
            "DoesNotExist": f"!{key}",
        }
        parts.append(said[one["operator"]])
    return ",".join(parts)


async def chosen_pod(
    access: Access, namespace: str, *, pod: str = "", selector: str = "", deployment: str = ""
) -> FoundPod:
    """The pod that is meant: by its name, else the first ready one of `selector`, else of `deployment`.

    Raises:
        KubeError: there is none, or none is ready; with the reason.
    """
    if pod:
        return await pod_named(access, namespace, pod)
    if not (selector or deployment):
        raise KubeError("invalid", "it names neither a pod nor a selector nor a deployment", "correct the runbook")
    wanted = selector or await selector_of(access, namespace, deployment)
    found = [one for one in await pods_of(access, namespace, wanted) if not one.row.deleting]
    ready = next((one for one in found if one.row.ready_bool), None)
    if ready is not None:
        return ready
    if not found:
        raise KubeError("not-found", f"no pod in {namespace} matches {wanted}", "check selector and namespace")
    states = ", ".join(dict.fromkeys(one.row.crash_reason or one.row.status for one in found))
    raise KubeError("not-found", f"none of the {len(found)} pods that match {wanted} is ready: {states}", "name one")


def _found(body: bytes, access: Access) -> FoundPod:
    try:
        found = FoundPod(pod_row(body, access.ahead), access.decode(body, dict[str, Any]))
        found.raw["spec"], found.raw["metadata"]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError) as error:
        raise access.unreadable(error) from error
    return found
