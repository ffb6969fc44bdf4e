"""What the cockpit needs from a cluster because of what a service runs as: sets, config maps, secrets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from cockpit.kube.access import Access
from cockpit.kube.around.references import references
from cockpit.kube.errors import KubeError
from cockpit.kube.listing.paging import NAMES_ONLY
from cockpit.kube.needs import Need
from cockpit.kube.paths import resource_path
from cockpit.kube.rollouts.changes import part
from cockpit.kube.rollouts.sets import RESOURCES
from cockpit.kube.shapes import Meta

_MOST_PODS = 100
_MOST_NAMES = 10


async def needs_around(access: Access, namespace: str, selector: str, deployment: str) -> list[Need]:
    """What is used besides, because of what the service runs as now: stateful and daemon sets, and the config maps and
    secrets that its deployment's pods are made with.

    Raises:
        KubeError: the cluster cannot be asked; what may not be read is no need.
    """
    owners, template = await asyncio.gather(
        _owners(access, namespace, selector), _template(access, namespace, deployment)
    )
    found = [
        Need("get", "apps", resource, "", f"show the rollout of a {kind}", extra=True)
        for kind, resource in RESOURCES.items() if kind in owners
    ]  # fmt: skip
    if found:
        found.append(Need("list", "apps", "controllerrevisions", "", "show the revisions of sets", extra=True))
    wanted = references(template)
    for resource, names in (("configmaps", wanted.config_maps), ("secrets", wanted.secrets)):
        for name in names[:_MOST_NAMES]:
            found += [
                Need(verb, "", resource, "", "see what others change", extra=True, name=name)
                for verb in ("list", "watch")
            ]
    return found


class _Pods(msgspec.Struct, frozen=True):
    class _Pod(msgspec.Struct, frozen=True):
        metadata: Meta = Meta()

    items: list[_Pod] | None = None


async def _owners(access: Access, namespace: str, selector: str) -> set[str]:
    """The kinds that the service's pods belong to."""
    query = {"limit": str(_MOST_PODS)} | ({"labelSelector": selector} if selector else {})
    try:
        answer = await access.call("GET", resource_path("v1", "pods", namespace), query=query, accept=NAMES_ONLY)
    except KubeError as error:
        if error.kind == "forbidden":
            return set()
        raise
    pods = access.decode(answer.body, _Pods).items or []
    return {owner.kind for pod in pods for owner in pod.metadata.owner_references or ()}


async def _template(access: Access, namespace: str, deployment: str) -> Mapping[str, Any]:
    """The deployment's pod template; nothing where there is none."""
    if not deployment:
        return {}
    try:
        answer = await access.call("GET", resource_path("apps/v1", "deployments", namespace, deployment))
    except KubeError as error:
        if error.kind in ("forbidden", "not-found"):
            return {}
        raise
    return part(part(access.decode(answer.body, dict[str, Any]), "spec"), "template")
