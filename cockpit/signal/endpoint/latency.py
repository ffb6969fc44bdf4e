"""How long endpoints take to answer, as signals that thresholds judge."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NoReturn

from cockpit.clock import Clock
from cockpit.signal.endpoint.course import EndpointState, Past
from cockpit.signal.endpoint.source import PART as ENDPOINTS
from cockpit.signal.endpoint.source import EndpointsSource
from cockpit.signal.freshness import Freshness
from cockpit.signal.plan import SignalPlan
from cockpit.signal.readings import HISTORY, STALE_AFTER, Round, SignalReading, Track, normals
from cockpit.signal.source import Part
from cockpit.signal.thresholds.threshold import Sample

LOOK = 0.5
"""Seconds between two looks whether an endpoint was asked again."""
_UNITS = {"seconds": 1.0, "milliseconds": 1000.0}


class Latencies:
    """Reads the latency of each check; made when a service has such signals.

    Args:
        plans: the `query` of each is the endpoint's name.
        endpoints: what asks them.
        changed: called on the event loop after each check. It must be quick.
    """

    def __init__(
        self, plans: Iterable[SignalPlan], endpoints: EndpointsSource, clock: Clock, changed: Callable[[Round], None]
    ) -> None:
        intervals = {each.id: each.interval for each in endpoints.endpoints()}
        given = list(plans)
        self.gap = STALE_AFTER * max(intervals[plan.query] for plan in given)
        """Seconds after which a reading no longer counts."""
        self.parts: Mapping[str, Part] = {"latencies": Part("latencies", under=ENDPOINTS)}
        self._endpoints = endpoints
        self._clock = clock
        self._changed = changed
        self._tracks = [Track(plan, math.ceil(HISTORY / intervals[plan.query])) for plan in given]
        self._taken: dict[str, datetime] = {}

    def freshness(self, _part: str = "latencies") -> Freshness:
        """As current as the endpoints are."""
        return self._endpoints.freshness()

    def readings(self) -> list[SignalReading]:
        """Every signal as it stands, in the plan's order."""
        now = self._clock.now()
        return [track.reading(now, self.gap) for track in self._tracks]

    async def run(self) -> NoReturn:
        """Take in each check once, until cancelled."""
        while True:
            states = {each.id: each for each in self._endpoints.endpoints()}
            taken = {
                track.plan.id: sample
                for track in self._tracks
                if (sample := self._sample(track, states[track.plan.query])) is not None
            }
            if taken:
                self._changed(Round({}, taken, normals(self._tracks, self._clock.now())))
            await self._clock.sleep(LOOK)

    def _sample(self, track: Track, state: EndpointState) -> Sample | None:
        """What the latest check says of a signal; None where that was taken already."""
        last = state.last
        if last is None or self._taken.get(track.plan.id) == last.at:
            return None
        self._taken[track.plan.id] = last.at
        besides = last.check.besides
        return track.take(_of(last, track.plan.unit), (f"measured with {besides}",) if besides else ())


def _of(past: Past, unit: str) -> Sample:
    """The latency of a check; one that gave no answer took no time that anybody could tell."""
    latency = past.check.latency
    if latency is None:
        return Sample(past.at, None, past.check.reason or "nobody measured")
    return Sample(past.at, latency * _UNITS[unit])
