"""The board: the latest of everything about one service, how fresh each part is, and what changed state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from typing import Any

from cockpit.clock import Clock
from cockpit.config import Config
from cockpit.kube.access import Access
from cockpit.kube.rows import DeploymentRow, PodRow, ReplicaSetRow
from cockpit.runbook.model import Threshold
from cockpit.signal.alerts import AlertsSource
from cockpit.signal.changes import Change
from cockpit.signal.cluster import ClusterSource
from cockpit.signal.crashes import Crashes
from cockpit.signal.crossings import Crossings
from cockpit.signal.firing import Alert
from cockpit.signal.freshness import Freshness
from cockpit.signal.losses import Loss
from cockpit.signal.plan import plan
from cockpit.signal.prometheus import STALE_AFTER, PrometheusSource, Round, SignalReading
from cockpit.signal.rollouts import Rollouts
from cockpit.signal.threshold import ThresholdState

CLUSTER_GRACE = 30.0
"""Seconds without the cluster that are a blip."""
_SHORTEST_PAUSE = 0.1
"""Seconds between two calls of the subscribers, at least: a screen repaints no faster."""
_TICK = 1.0

PARTS = ("pods", "rollout", "signals", "alerts")


class Board:
    """The live picture of one service; use it from one event loop.

    It survives whatever its sources do: each part says by its freshness what is known and what is wrong. Parts that are
    not configured are `off`.

    Attributes:
        versions: by part (`pods`, `rollout`, `signals`, `alerts`), a number that grows whenever that part changed.
    """

    def __init__(self, service: str, config: Config, thresholds: Iterable[Threshold], clock: Clock) -> None:
        """A board for `service` of `config`, with its `thresholds` (see `plan`). Nothing is opened before `start`.

        Raises:
            KeyError: the configuration has no such service.
        """
        self.plan = plan(service, config, thresholds)
        self.versions = dict.fromkeys(PARTS, 0)
        self._clock = clock
        self._off = Freshness("off", clock.now())
        where, metrics = self.plan.cluster, self.plan.metrics
        self._cluster = ClusterSource(where, clock, self._touch) if where else None
        self._metrics = PrometheusSource(metrics, clock, self._take) if metrics else None
        alerts = self.plan.alerts
        self._alerts = AlertsSource(alerts, clock, lambda: self._touch("alerts")) if alerts else None
        self._defects: dict[str, Freshness] = {}
        gap = metrics.interval * STALE_AFTER if metrics else 0.0
        bound = {signal.id for signal in metrics.signals} if metrics else set()
        self._crossings = Crossings(self.plan.rules, bound, gap)
        self._crashes, self._rollouts = Crashes(), Rollouts()
        self._losses = {
            "pods": Loss(f"Kubernetes {where.context}" if where else "", CLUSTER_GRACE),
            "rollout": Loss(f"rollout in {where.context}" if where else "", CLUSTER_GRACE),
            "signals": Loss(f"Prometheus {metrics.name}" if metrics else "", max(gap, _TICK)),
            "alerts": Loss(
                f"Alertmanager {alerts.name}" if alerts else "", max(self._alerts.gap if self._alerts else 0.0, _TICK)
            ),
        }
        self._seen: set[str] = set()
        self._subscribers: list[Callable[[], None]] = []
        self._listeners: list[Callable[[Change], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._notifying: asyncio.TimerHandle | None = None

    @property
    def access(self) -> Access | None:
        """The cluster's access, for reading logs and running actions; None until the kubeconfig is loaded."""
        return self._cluster.access if self._cluster else None

    @property
    def pods(self) -> Mapping[str, PodRow]:
        """The service's pods by uid, in no order; while they are loading, those that have come. Do not keep it."""
        return self._cluster.pods if self._cluster else {}

    @property
    def deployment(self) -> DeploymentRow | None:
        """The service's deployment."""
        return self._cluster.deployment if self._cluster else None

    @property
    def revisions(self) -> tuple[ReplicaSetRow, ...]:
        """The deployment's revisions, newest first."""
        return self._cluster.revisions if self._cluster else ()

    @property
    def signals(self) -> list[SignalReading]:
        """Every signal that has a query, in the order of the thresholds given."""
        return self._metrics.readings() if self._metrics else []

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The service's alerts that fired when that was last known, the loudest first."""
        return self._alerts.alerts if self._alerts else ()

    @property
    def thresholds(self) -> list[ThresholdState]:
        """Every threshold as it stands, bound or not."""
        return self._crossings.shown({reading.id: reading for reading in self.signals})

    def readings(self) -> list[ThresholdState]:
        """The same, as actions know the board."""
        return self.thresholds

    def freshness(self, part: str) -> Freshness:
        """How current `pods`, `rollout`, `signals` or `alerts` is."""
        if part in self._defects:
            return self._defects[part]
        if part == "alerts":
            return self._alerts.freshness if self._alerts else self._off
        if part == "signals":
            return self._metrics.freshness if self._metrics else self._off
        return self._cluster.freshness(part) if self._cluster else self._off

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback` called, at most ten times a second, after something changed; gives what ends that."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def listen(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Have `callback` called with each change of state, in their order; gives what ends that."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    async def start(self) -> None:
        """Begin to watch. It returns at once: what cannot be reached shows in the freshness."""
        self._run("ticks", self._ticking(), ())
        if self._cluster:
            self._run("cluster", self._cluster.run(), ("pods", "rollout"))
        if self._metrics:
            self._run("metrics", self._metrics.run(), ("signals",))
        if self._alerts:
            self._run("alerts", self._alerts.run(), ("alerts",))

    async def stop(self) -> None:
        """Stop watching and close every connection. Raises what a listener raised while the board ticked."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if self._notifying:
            self._notifying.cancel()
            self._notifying = None
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    def _run(self, name: str, source: Coroutine[Any, Any, None], parts: tuple[str, ...]) -> None:
        self._tasks.append(asyncio.create_task(self._guarded(source, parts), name=f"board {name}"))

    async def _guarded(self, source: Coroutine[Any, Any, None], parts: tuple[str, ...]) -> None:
        """Run a source. A defect in it ends that part, visibly, and not the cockpit in the middle of an incident."""
        try:
            await source
        except Exception as error:  # whatever it is, the other parts must go on
            if not parts:
                raise
            detail = f"a defect in the cockpit ended this source: {error!r}"
            fresh = Freshness("error", self._clock.now(), None, detail, "restart the cockpit, and report it")
            for part in parts:
                self._defects[part] = fresh
                self._touch(part)

    async def _ticking(self) -> None:
        """What depends on time alone: losses, and recoveries that must last."""
        while True:
            await self._clock.sleep(_TICK)
            self._settle()

    def _take(self, brought: Round) -> None:
        """A round of readings came."""
        for change in self._crossings.take(brought):
            self._tell(change)
        self._touch("signals")

    def _touch(self, part: str) -> None:
        """Something changed: count it, and call the subscribers soon."""
        self.versions[part] += 1
        if part not in self._seen and self.freshness(part).state == "live":
            self._seen.add(part)
            self._settle()  # what changes from now on is a change, however soon it comes
        if self._notifying is None:
            self._notifying = asyncio.get_running_loop().call_later(_SHORTEST_PAUSE, self._notify)

    def _notify(self) -> None:
        self._notifying = None
        self._settle()
        for callback in list(self._subscribers):
            callback()

    def _settle(self) -> None:
        """Fold what is known now into changes of state; what is not current says nothing about the cluster."""
        now = self._clock.now()
        changes: list[Change] = []
        cluster = self._cluster
        if cluster and self.freshness("rollout").state == "live" and cluster.deployment:
            changes += self._rollouts.step(cluster.deployment, now)
        if cluster and self.freshness("pods").state == "live":
            current = cluster.deployment if self.freshness("rollout").state == "live" else None
            numbers = {row.revision_hash: row.revision for row in cluster.revisions}
            changes += self._crashes.step(cluster.pods.values(), current.wanted if current else None, numbers, now)
        for part, loss in self._losses.items():
            fresh = self.freshness(part)
            if part == "rollout" and self.freshness("pods").state != "live":
                fresh = replace(
                    fresh, state="live", as_of=now
                )  # the whole cluster is lost: that is told once, by the pods
            changes += loss.step(fresh, now)
        changes += self._crossings.silent(self.freshness("signals").state == "live", now)
        for change in changes:
            self._tell(change)

    def _tell(self, change: Change) -> None:
        for callback in list(self._listeners):
            callback(change)
