"""Usage as a source: CPU and memory of the service's pods, asked of the metrics API through the cluster's access."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NoReturn

from cockpit.clock import Clock
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.pods.usage import OLDEST, Usage, read_usage
from cockpit.signal.freshness import Freshness, of_kube
from cockpit.signal.plan import ClusterPlan
from cockpit.signal.source import Part
from cockpit.values import replace

EVERY = 15.0
"""Seconds between two questions: metrics servers measure no oftener."""
_WAITS = 0.5
"""Seconds until it is looked again whether the pods are known."""


class UsageSource:
    """What the service's pods use.

    Args:
        access: the open cluster; None until it is open and its pods are known, which come first.
        changed: called on the event loop after `usage` or its freshness changed. It must be quick.
    """

    def __init__(
        self, plan: ClusterPlan, access: Callable[[], Access | None], clock: Clock, changed: Callable[[], None]
    ) -> None:
        self.plan = plan
        self.parts: Mapping[str, Part] = {"usage": Part("usage", f"metrics of pods in {plan.context}", under="pods")}
        self._access = access
        self._clock = clock
        self._changed = changed
        self._usage: Mapping[str, Usage] = {}
        self._as_of: datetime | None = None
        self._fresh = Freshness("loading", clock.now())

    @property
    def usage(self) -> Mapping[str, Usage]:
        """What each pod uses, by its name; a pod that is not in it has no measurement of the last minute."""
        return self._usage if self._as_of and self._clock.now() - self._as_of <= OLDEST else {}

    def freshness(self, part: str) -> Freshness:
        """How current the usage is; `off` where the cluster measures none."""
        fresh = self._fresh
        if fresh.state == "live" and fresh.as_of and self._clock.now() - fresh.as_of > OLDEST:
            return replace(fresh, state="stale", detail="the metrics API has not answered for a minute")
        return fresh

    async def run(self) -> NoReturn:
        """Ask until cancelled; nothing that the other side does ends it."""
        while True:
            access = self._access()
            if access is None:
                await self._clock.sleep(_WAITS)
                continue
            await self._ask(access)
            self._changed()
            await self._clock.sleep(EVERY)

    async def _ask(self, access: Access) -> None:
        """One question, and what its answer says of the source."""
        began = self._clock.monotonic()
        try:
            self._usage = await read_usage(access, self.plan.namespace, self.plan.selector)
        except KubeError as error:
            self._fresh = self._failed(error)
            return
        self._as_of = now = self._clock.now()
        self._fresh = self._fresh.became("live", now, now, took=self._clock.monotonic() - began)

    def _failed(self, error: KubeError) -> Freshness:
        """A cluster without the metrics API is no failure: it measures nothing."""
        now = self._clock.now()
        if error.kind == "not-found":
            self._as_of = None
            said = f"{self.plan.context} has no metrics API (metrics.k8s.io)"
            return self._fresh.became("off", now, None, said, "a metrics server gives CPU and memory")
        return self._fresh.became(of_kube(error, self._as_of is not None), now, self._as_of, error.message, error.mend)
