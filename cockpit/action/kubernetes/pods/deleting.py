"""Deletes pods one after the other, each once, and says of each what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from cockpit.action.kubernetes.deployments.rollout_status import LOOK_EVERY
from cockpit.action.kubernetes.patching import never_sent
from cockpit.action.kubernetes.patience import patiently
from cockpit.action.kubernetes.pods.podlist import FoundPod, pod_named
from cockpit.action.live import Live
from cockpit.action.model import Outcome, Verdict
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.paths import resource_path

Fate = Literal["deleted", "refused", "unknown", "not tried"]

_PLURALS = {"ReplicaSet": "replicasets", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets"}
"""The owners that start another pod at once, all of apps/v1."""


def pod_path(namespace: str, name: str) -> str:
    """The path of a pod. Raises KubeError("invalid") for what is no name."""
    return resource_path("v1", "pods", namespace, name)


def options(pod: FoundPod, *, dry_run: bool = False) -> dict[str, Any]:
    """The body of a delete: another pod of the same name is not meant."""
    body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": pod.row.uid}}
    return body | ({"dryRun": ["All"]} if dry_run else {})


class Deleting:
    """The deletion of some pods, prepared."""

    def __init__(self, access: Access, namespace: str, pods: Sequence[FoundPod]) -> None:
        self._access = access
        self._namespace = namespace
        self._pods = pods
        self._fates: dict[str, tuple[Fate, str]] = {pod.row.name: ("not tried", "") for pod in pods}

    async def run(self, live: Live) -> Outcome:
        """Delete each; a refusal does not hinder the others, a lost connection ends it."""
        for pod in self._pods:
            live.sent = True
            self._fates[pod.row.name] = "unknown", "its answer was not seen"
            async with patiently(live):
                self._fates[pod.row.name] = fate = await self._delete(pod)
            await live.write([_line(pod, fate)])
            if fate[0] == "unknown":
                break
        return self._outcome()

    async def settle(self, live: Live) -> Outcome:
        """Look at each pod whose deletion has no answer."""
        for pod in self._pods:
            if self._fates[pod.row.name][0] == "unknown":
                self._fates[pod.row.name] = fate = await self._look(pod)
                await live.write([_line(pod, fate)])
        return self._outcome()

    async def verify(self, live: Live, timeout: float) -> Verdict:
        """Wait until the deleted pods are gone, and what they belonged to has as many ready as it wants."""
        deadline = live.clock.monotonic() + timeout
        while True:
            try:
                open_ends, lost = await self._open_ends(), ""
            except KubeError as error:
                open_ends, lost = (), str(error)
            if not open_ends and not lost:
                return Verdict("verified", (f"{self._count('deleted')} deleted, others are ready in their place",))
            if live.clock.monotonic() >= deadline:
                if lost:
                    return Verdict("unknown", (f"unknown after {live.elapsed:.0f} s: {lost}",))
                return Verdict("failed", (f"not over after {live.elapsed:.0f} s: {'; '.join(open_ends)}",))
            live.say(lost or "; ".join(open_ends))
            await live.clock.sleep(LOOK_EVERY)

    async def _delete(self, pod: FoundPod) -> tuple[Fate, str]:
        try:
            await self._access.call("DELETE", pod_path(self._namespace, pod.row.name), body=options(pod))
        except KubeError as error:
            if error.status == 404:
                return "deleted", "it was gone already"
            if error.kind in ("unreachable", "server") and not never_sent(error):
                fate, why = await self._look(pod)
                answered = error.status not in (None, 504)  # so nothing is on its way any more
                return ("refused", error.message) if answered and fate != "deleted" else (fate, why or error.message)
            return "refused", error.message
        return "deleted", ""

    async def _look(self, pod: FoundPod) -> tuple[Fate, str]:
        """What the cluster shows of a pod whose deletion has no answer."""
        try:
            found = await pod_named(self._access, self._namespace, pod.row.name)
        except KubeError as error:
            return ("deleted", "") if error.status == 404 else ("unknown", error.message)
        if found.row.uid != pod.row.uid or found.row.deleting:
            return "deleted", ""
        return "unknown", "it is there so far: look again before you repeat it"

    def _outcome(self) -> Outcome:
        """Succeeded when all are deleted; else what was not, and why."""
        rest = [(name, fate, why) for name, (fate, why) in self._fates.items() if fate != "deleted"]
        if not rest:
            return Outcome("succeeded", 0)
        said = "; ".join(f"{name} {fate}" + (f": {why}" if why else "") for name, fate, why in rest)
        told = f"{self._count('deleted')} of {len(self._pods)} deleted; {said}"
        unknown = any(fate == "unknown" for _, fate, _ in rest)
        return Outcome("unknown", None, told) if unknown else Outcome("failed", 1, told)

    def _count(self, fate: Fate) -> int:
        return sum(one == fate for one, _ in self._fates.values())

    async def _open_ends(self) -> tuple[str, ...]:
        """What is still to happen. Raises KubeError."""
        deleted = [pod for pod in self._pods if self._fates[pod.row.name][0] == "deleted"]
        there = [pod.row.name for pod in deleted if await self._is_there(pod)]
        ends = [f"{', '.join(there)} still to end"] if there else []
        owners = {(str(pod.owner.get("kind")), str(pod.owner.get("name"))) for pod in deleted}
        return *ends, *[end for kind, name in sorted(owners) if (end := await self._short_of(kind, name))]

    async def _is_there(self, pod: FoundPod) -> bool:
        try:
            return (await pod_named(self._access, self._namespace, pod.row.name)).row.uid == pod.row.uid
        except KubeError as error:
            if error.status == 404:
                return False
            raise

    async def _short_of(self, kind: str, name: str) -> str:
        """How many ready pods an owner is short of; empty when of none, or when it is gone itself."""
        if kind not in _PLURALS:
            return ""
        try:
            answer = await self._access.call("GET", resource_path("apps/v1", _PLURALS[kind], self._namespace, name))
        except KubeError as error:
            if error.status == 404:
                return ""
            raise
        owner = self._access.decode(answer.body, dict[str, Any])
        spec, status = owner.get("spec") or {}, owner.get("status") or {}
        wanted = status.get("desiredNumberScheduled", 0) if kind == "DaemonSet" else spec.get("replicas", 1)
        ready = status.get("numberReady" if kind == "DaemonSet" else "readyReplicas", 0)
        return f"{ready} of {wanted} ready of {name}" if ready < wanted else ""


def _line(pod: FoundPod, fate: tuple[Fate, str]) -> str:
    said = f'pod "{pod.row.name}" {fate[0]}'
    return f"{said}: {fate[1]}" if fate[1] else said
