"""Signals that the service's pods give without any query: restarts of late, how many crash, how many serve."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import NoReturn, Protocol

from cockpit.clock import Clock
from cockpit.kube.pods.row import PodRow
from cockpit.kube.pods.table import PodTable
from cockpit.kube.rows import DeploymentRow
from cockpit.signal.freshness import Freshness
from cockpit.signal.plan import SignalPlan
from cockpit.signal.readings import HISTORY, STALE_AFTER, Round, SignalReading, Track, normals
from cockpit.signal.source import Part
from cockpit.signal.thresholds.threshold import Sample

EVERY = 2.0
_SOON = 0.1
"""Seconds between two readings: the pods are there anyway."""
_GRACE = 30.0


class Pods(Protocol):
    """What is read: the pods of a service as its cluster's watch keeps them."""

    @property
    def table(self) -> PodTable:
        """The pods and their tally."""

    @property
    def deployment(self) -> DeploymentRow | None:
        """The deployment that wants them, if one is configured and there."""

    def freshness(self, part: str) -> Freshness:
        """How current `pods` or `rollout` is."""


class PodSignals:
    """Reads the pods again and again; made when a service has such signals.

    Args:
        plans: the `query` of each is what is read: restarts, crashing or ready-percent.
        changed: called on the event loop after each reading. It must be quick.
    """

    def __init__(self, plans: Iterable[SignalPlan], pods: Pods, clock: Clock, changed: Callable[[Round], None]) -> None:
        self.gap = EVERY * STALE_AFTER
        """Seconds after which a reading no longer counts."""
        self.parts: Mapping[str, Part] = {"pod-signals": Part("pod signals", grace=_GRACE, under="pods")}
        self._pods = pods
        self._clock = clock
        self._changed = changed
        self._tracks = {plan.id: Track(plan, math.ceil(HISTORY / EVERY)) for plan in plans}

    def freshness(self, _part: str = "pod-signals") -> Freshness:
        """As current as the pods are."""
        return self._pods.freshness("pods")

    def readings(self) -> list[SignalReading]:
        """Every signal as it stands, in the plan's order."""
        now = self._clock.now()
        return [track.reading(now, self.gap) for track in self._tracks.values()]

    async def run(self) -> NoReturn:
        """Read until cancelled; while the pods are not current, nothing is known."""
        while True:
            if self.freshness().state == "loading":  # that is no reading yet, not even of something unknown
                await self._clock.sleep(_SOON)
                continue
            taken = {id: self._take(track) for id, track in self._tracks.items()}
            self._changed(Round({}, taken, normals(self._tracks.values(), self._clock.now())))
            await self._clock.sleep(EVERY)

    def _take(self, track: Track) -> Sample:
        fresh = self.freshness()
        if fresh.state != "live":
            sample = Sample(self._clock.now(), None, f"the pods are {fresh.state}: {fresh.detail}".removesuffix(": "))
        else:
            sample = self._read(track.plan.query)
        return track.take(sample)

    def _read(self, reading: str) -> Sample:
        now, table = self._clock.now(), self._pods.table
        if reading == "restarts":
            value, floor = restarts(table.rows.values())
            return Sample(now, value, floor=floor)
        if reading == "crashing":
            return Sample(now, float(sum(table.tally.crashing.values())))
        current = self._pods.deployment if self._pods.freshness("rollout").state == "live" else None
        wanted = current.wanted if current else table.tally.staying
        if not wanted:
            return Sample(now, None, "no pod is wanted")
        return Sample(now, 100.0 * table.tally.ready / wanted)


def restarts(rows: Iterable[PodRow]) -> tuple[float, str]:
    """The most that one pod restarted within the last ten minutes, and why there may have been more; empty when not."""
    most, unsure = 0, False
    for row in rows:
        most = max(most, row.restarts_lately or 0)
        unsure = unsure or row.lately_at_least or row.partial
    return float(most), "at least so many: nobody has watched for ten minutes yet" if unsure else ""
