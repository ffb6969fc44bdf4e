"""What the cockpit needs from a cluster, and whether this user may have it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from cockpit.kube.access import Access, Permission
from cockpit.kube.errors import KubeError
from cockpit.text import safe


@dataclass(frozen=True, slots=True)
class Need:
    """One permission, in the API's words, and what the cockpit does with it."""

    verb: str
    group: str
    resource: str
    subresource: str
    purpose: str
    changing: bool = False
    """Whether it serves to change something: a responder who only watches can do without."""
    extra: bool = False
    """Whether all the rest is shown without it, and it is said what is missing."""
    name: str = ""
    """Of the one object that it is about; empty where it is about all."""

    def __str__(self) -> str:
        """As `kubectl auth can-i` takes it: `patch deployments.apps`, `watch configmaps/web`."""
        named = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {named}" + "".join(f"/{each}" for each in (self.name, self.subresource) if each)


NEEDS = (
    Need("list", "", "pods", "", "show pods"),
    Need("watch", "", "pods", "", "keep pods current"),
    Need("get", "", "pods", "", "describe a pod"),
    Need("get", "", "pods", "log", "read logs"),
    Need("list", "", "events", "", "show events"),
    Need("watch", "", "events", "", "keep events current"),
    Need("get", "apps", "deployments", "", "read the rollout"),
    Need("list", "apps", "deployments", "", "show the rollout"),
    Need("watch", "apps", "deployments", "", "keep the rollout current"),
    Need("list", "apps", "replicasets", "", "show revisions"),
    Need("watch", "apps", "replicasets", "", "keep revisions current"),
    Need("patch", "apps", "deployments", "", "roll back", changing=True),
    Need("get", "", "namespaces", "", "tell an empty namespace from none", extra=True),
    Need("list", "metrics.k8s.io", "pods", "", "show CPU and memory", extra=True),
    Need("list", "", "services", "", "see what others change", extra=True),
    Need("watch", "", "services", "", "see what others change", extra=True),
    Need("list", "autoscaling", "horizontalpodautoscalers", "", "see what scales, and what others change", extra=True),
    Need("watch", "autoscaling", "horizontalpodautoscalers", "", "see what others change", extra=True),
)
"""Every permission that is used for every service."""


async def permissions(
    access: Access, namespace: str, deployment: str = "", wanted: Iterable[Need] = NEEDS
) -> list[tuple[Need, Permission]]:
    """Ask the cluster for each need in `namespace`; a deployment's own permissions are asked by its name.

    Raises:
        KubeError: the cluster cannot be asked.
    """

    async def ask(need: Need) -> tuple[Need, Permission]:
        single = need.resource == "deployments" and need.verb in ("get", "patch")
        name, where = deployment if single else need.name, "" if need.resource == "nodes" else namespace
        if need.resource == "namespaces":  # which the API server takes to be in itself
            name, where = (namespace, namespace) if need.verb == "get" else ("", "")
        return need, await access.allowed(
            need.verb, need.group, need.resource, where, name=name, subresource=need.subresource
        )

    return list(await asyncio.gather(*(ask(need) for need in wanted)))


class _User(msgspec.Struct, frozen=True):
    class _Status(msgspec.Struct, frozen=True):
        class _Info(msgspec.Struct, frozen=True):
            username: str = ""

        userInfo: _Info = _Info()  # noqa: N815 - the API's name

    status: _Status = _Status()


async def user(access: Access) -> str:
    """Who the cluster says this is, as `kubectl auth whoami`; empty where it is too old to say (before 1.28).

    Raises:
        KubeError: it cannot be asked.
    """
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    try:
        answer = await access.call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body=review)
    except KubeError as error:
        if error.kind == "not-found":
            return ""
        raise
    return safe(access.decode(answer.body, _User).status.userInfo.username)
