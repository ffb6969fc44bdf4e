"""The cluster as a source: pods, the deployment and its revisions, kept current and each with its own freshness."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from cockpit.clock import Clock
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError, mend_of
from cockpit.kube.listing.lister import Lister
from cockpit.kube.paths import resource_path
from cockpit.kube.pods.printed import show_printed
from cockpit.kube.pods.row import PodRow, pod_row
from cockpit.kube.pods.table import PodTable
from cockpit.kube.rows import DeploymentRow, ReplicaSetRow, deployment_row, replica_set_row
from cockpit.signal.freshness import Freshness, of_clock, of_kube
from cockpit.signal.plan import ClusterPlan
from cockpit.signal.source import Part
from cockpit.values import replace

REOPEN_EVERY = 5.0
"""Seconds after which a kubeconfig that could not be loaded is tried again: somebody may log in meanwhile."""
CHECK_NAMESPACE_EVERY = 30.0
_TICK = 1.0
GRACE = 30.0
"""Seconds without the cluster that are a blip."""


class ClusterSource:
    """Pods and rollout of one service.

    Args:
        changed: called on the event loop with `pods` or `rollout` after that part changed. It must be quick.
    """

    def __init__(self, plan: ClusterPlan, clock: Clock, changed: Callable[[str], None]) -> None:
        self.plan = plan
        self.parts: Mapping[str, Part] = {
            "pods": Part("pods", f"Kubernetes {plan.context}", GRACE, "k8s"),
            "rollout": Part("rollout", f"rollout in {plan.context}", GRACE, under="pods"),
        }
        self.access: Access | None = None
        """The open access; None until the kubeconfig is loaded."""
        self._clock = clock
        self._changed = changed
        self._failure: KubeError | None = None
        self._no_namespace: KubeError | None = None
        self._empty = asyncio.Event()
        self.table = PodTable(clock)
        """The pods, which of them changed since when, and their tally."""
        self._pods: Lister[PodRow] | None = None
        self._deployment: Lister[DeploymentRow] | None = None
        self._replica_sets: Lister[ReplicaSetRow] | None = None
        start = Freshness("loading", clock.now())
        self._fresh = {"pods": start, "rollout": start if plan.deployment else replace(start, state="off")}

    @property
    def pods(self) -> Mapping[str, PodRow]:
        """The pods by uid; while loading, those that have come so far. Do not keep or change it."""
        return self.table.rows

    @property
    def settled(self) -> Access | None:
        """The open access, once the pods have been listed or could not be: what can wait asks no earlier."""
        known = self._pods is not None and (self._pods.complete or self._pods.error is not None)
        return self.access if known else None

    @property
    def deployment(self) -> DeploymentRow | None:
        """The deployment, when one is configured and there."""
        rows = self._deployment.rows.values() if self._deployment else ()
        return next(iter(rows), None)

    @property
    def lacks_deployment(self) -> bool:
        """Whether the cluster has, as of now, no such deployment as is configured."""
        lister = self._deployment
        return lister is not None and lister.complete and lister.connected and not lister.rows

    @property
    def revisions(self) -> tuple[ReplicaSetRow, ...]:
        """The deployment's replica sets, newest revision first."""
        deployment = self.deployment
        if deployment is None or self._replica_sets is None:
            return ()
        own = [row for row in self._replica_sets.rows.values() if row.owner_uid == deployment.uid and row.revision]
        return tuple(sorted(own, key=lambda row: row.revision, reverse=True))

    def freshness(self, part: str) -> Freshness:
        """How current `pods` or `rollout` is; while a watch is open, it is so now."""
        fresh, lister = self._fresh[part], self._lister(part)
        if fresh.state == "live" and lister and lister.connected:
            return replace(fresh, as_of=self._clock.now())
        return fresh

    async def run(self) -> NoReturn:
        """Open the cluster and keep everything current until cancelled; nothing that it does ends it."""
        self.access = access = await self._open()
        try:
            self._build(access)
            async with asyncio.TaskGroup() as tasks:
                for lister in (self._pods, self._deployment, self._replica_sets):
                    if lister:
                        tasks.create_task(lister.run())
                tasks.create_task(self._look_for_namespace(access))
                tasks.create_task(self._let_time_pass())
        finally:
            await access.close()
        raise AssertionError("listers run until they are cancelled")

    async def _open(self) -> Access:
        """The access, as soon as the kubeconfig can be loaded."""
        while True:
            try:
                access = await Access.open(self.plan.context, self.plan.kubeconfig, self._clock)
                self._failure = None
                return access
            except KubeError as error:
                self._failure = error
                for part in self._fresh:
                    self._refresh(part)
                await self._clock.sleep(REOPEN_EVERY)

    def _build(self, access: Access) -> None:
        """The listers, over one access. Replica sets have their template's labels, which the selector matches too."""
        plan = self.plan

        def listing(
            version: str, resource: str, query: dict[str, str], row: Any, part: str, **more: Any
        ) -> Lister[Any]:
            path = resource_path(version, resource, plan.namespace)
            return Lister(access, path, query, row, self._clock, lambda: self._refresh(part), **more)

        selected = {"labelSelector": plan.selector} if plan.selector else {}
        self._pods = listing("v1", "pods", selected, pod_row, "pods", table=self.table, preview=self._preview)
        if plan.deployment:
            named = {"fieldSelector": f"metadata.name={plan.deployment}"}
            self._deployment = listing("apps/v1", "deployments", named, deployment_row, "rollout")
            self._replica_sets = listing("apps/v1", "replicasets", selected, replica_set_row, "rollout")

    async def _preview(self) -> None:
        """Show what the server prints of the pods, until they are read."""
        if self.access:
            path = resource_path("v1", "pods", self.plan.namespace)
            selected = {"labelSelector": self.plan.selector} if self.plan.selector else {}
            await show_printed(self.access, path, selected, self.plan.namespace, self.table)
            self._refresh("pods")

    async def _let_time_pass(self) -> NoReturn:
        """What has lasted too long becomes a fault, and restarts are no longer of late, without any event."""
        while True:
            await self._clock.sleep(_TICK)
            if self.table.step():
                self._changed("pods")

    async def _look_for_namespace(self, access: Access) -> NoReturn:
        """While there are no pods, ask whether the namespace exists: a list in one that does not is empty, no error."""
        while True:
            await self._empty.wait()
            self._empty.clear()
            found = None
            try:
                await access.call("GET", resource_path("v1", "namespaces", name=self.plan.namespace))
            except KubeError as error:
                found = error if error.kind == "not-found" else None
            if found or self._no_namespace:
                self._no_namespace = found
                self._refresh("pods")
            await self._clock.sleep(CHECK_NAMESPACE_EVERY)

    @property
    def _missing(self) -> str:
        plan = self.plan
        return f"there is no deployment {plan.deployment} in {plan.namespace} of {plan.context}"

    def _lister(self, part: str) -> Lister[Any] | None:
        return self._pods if part == "pods" else self._deployment

    def _refresh(self, part: str) -> None:
        """Work out a part's freshness, and tell that it changed."""
        if part == "pods" and self._pods and self._pods.complete and not self._pods.rows:
            self._empty.set()
        if self._fresh[part].state != "off":
            self._fresh[part] = self._judged(part)
        self._changed(part)

    def _judged(self, part: str) -> Freshness:
        was, now, lister = self._fresh[part], self._clock.now(), self._lister(part)
        as_of = lister.as_of if lister else None
        error = self._failure or (lister.error if lister else None)
        if part == "pods" and self.pods:
            self._no_namespace = None
        if part == "pods" and self._no_namespace:
            error = self._no_namespace
        if error:
            state = "error" if error is self._no_namespace else of_kube(error, as_of is not None)
            return was.became(state, now, as_of, error.message, error.mend)
        if lister is None or not lister.complete:
            return was.became("loading", now, None)
        if part == "rollout" and not lister.rows:
            return was.became("error", now, as_of, self._missing, "check the name in the configuration")
        if part == "pods" and not lister.rows and self.lacks_deployment:
            return was.became("live", now, as_of, self._missing, "", lister.took)
        partly = self._replica_sets.error if part == "rollout" and self._replica_sets else None
        if partly:
            return was.became("live", now, as_of, f"revisions are unknown: {partly.message}", partly.mend)
        if lister.took is not None:
            said = f"{self.plan.context} is slow: its last answer took {lister.took:.0f} s"
            return was.became("live", now, as_of, said, mend_of("slow", self.plan.context), lister.took)
        ahead = self.access.ahead.total_seconds() if self.access else 0.0
        return was.became("live", now, as_of, *of_clock(ahead))
