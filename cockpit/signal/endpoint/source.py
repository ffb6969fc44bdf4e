"""All endpoints of a service as a source: each asked on its own clock, few at a time, none in another's way."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import NoReturn

from cockpit.clock import Clock
from cockpit.config import EndpointConfig
from cockpit.incident.quantities import took
from cockpit.signal.changes import Change, EndpointChanged
from cockpit.signal.cluster.source import ClusterSource
from cockpit.signal.endpoint.check import Asker, Check, Verdict
from cockpit.signal.endpoint.course import Course, EndpointState
from cockpit.signal.endpoint.direct import DirectHttp
from cockpit.signal.endpoint.in_pod import InPod
from cockpit.signal.endpoint.proxied import ProxiedHttp
from cockpit.signal.endpoint.statuspage import StatusPage
from cockpit.signal.endpoint.tcp import DirectTcp
from cockpit.signal.flapping import Flaps
from cockpit.signal.freshness import Freshness
from cockpit.signal.readings import HISTORY, STALE_AFTER
from cockpit.signal.source import Part
from cockpit.signal.thresholds.threshold import State
from cockpit.values import replace

PART = "endpoints"
_AT_ONCE = 8
"""Checks that are under way at the same time."""
_MOST_KEPT = 1800
_JITTER = 0.1
"""How much of an interval the time between two checks is drawn from, so that many cockpits do not ask in step."""
_LOOK = 0.2
"""Seconds between two looks whether the cluster is open."""
_LEVELS: Mapping[Verdict, State] = {"ok": "ok", "warning": "warning", "failing": "breach", "unknown": "unknown"}
"""The states of an endpoint as those of a threshold: what flaps is folded alike."""
_SOONER = 3
"""A check that disagrees with the state is repeated after this part of the interval."""


class EndpointsSource:
    """Asks every endpoint until cancelled.

    Args:
        wanted: the endpoints by name; at least one.
        cluster: through which those are asked that are not asked directly; None where the service has none.
        changed: called on the event loop after each check, with the changes of state that it brought. It must be quick.
    """

    def __init__(
        self,
        wanted: Mapping[str, EndpointConfig],
        clock: Clock,
        cluster: ClusterSource | None,
        changed: Callable[[Sequence[Change]], None],
    ) -> None:
        self.parts: Mapping[str, Part] = {PART: Part("endpoints")}
        self._clock = clock
        self._cluster = cluster
        self._changed = changed
        self._watched = [_Watched(name, each, asker(each, clock, cluster)) for name, each in wanted.items()]
        self._fresh = Freshness("loading", clock.now())
        self._few = asyncio.Semaphore(_AT_ONCE)

    def freshness(self, _part: str = PART) -> Freshness:
        """Whether the endpoints are asked: live as soon as one of them could be, whatever it answered."""
        return self._fresh

    def endpoints(self) -> list[EndpointState]:
        """Every endpoint as it stands, in the order of the configuration."""
        now = self._clock.now()
        return [each.shown(now) for each in self._watched]

    async def run(self) -> NoReturn:
        """Ask each again and again until cancelled; nothing that one of them does ends it or delays another."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for each in self._watched:
                    tasks.create_task(self._watch(each))
        finally:
            for each in self._watched:
                await each.asker.close()
        raise AssertionError("endpoints are watched until they are cancelled")

    async def _watch(self, each: _Watched) -> NoReturn:
        while each.through_cluster and self._cluster and self._cluster.freshness("pods").state == "loading":
            await self._clock.sleep(_LOOK)  # what is still being opened is neither well nor ill
        while True:
            async with self._few:
                check = await self._asked(each)
            now = self._clock.now()
            changes = each.take(now, check)
            self._refresh(now)
            self._changed(changes)
            await self._clock.sleep(each.pause())

    async def _asked(self, each: _Watched) -> Check:
        try:
            return await each.asker.ask()
        except Exception as error:  # noqa: BLE001 - whatever it is, the other endpoints must go on
            return Check("unknown", f"a defect in the cockpit: {error!r}", mend="restart the cockpit, and report it")

    def _refresh(self, now: datetime) -> None:
        """Whether anything could be asked lately; what could not be says why."""
        last = [each.course.past[-1] for each in self._watched if each.course.past]
        as_of = max((each.course.known for each in self._watched if each.course.known), default=None)
        blind = next((past.check for past in last if past.check.verdict == "unknown"), None)
        asked = [past for past in last if past.check.verdict != "unknown"]
        detail, mend = (blind.reason, blind.mend) if blind else ("", "")
        state = self._fresh.state
        if asked:
            state = "live"
        elif len(last) == len(self._watched):
            state = "error" if as_of is None else "stale"
        self._fresh = self._fresh.became(state, now, as_of, detail, mend)


def asker(wanted: EndpointConfig, clock: Clock, cluster: ClusterSource | None) -> Asker:
    """What asks an endpoint in the way that its configuration says."""
    if wanted.statuspage:
        return StatusPage(wanted, clock)
    if wanted.via == "direct" or cluster is None:
        return DirectHttp(wanted, clock) if wanted.http else DirectTcp(wanted, clock)
    return ProxiedHttp(wanted, clock, cluster) if wanted.via == "service-proxy" else InPod(wanted, clock, cluster)


class _Watched:
    """One endpoint: what it is, who asks it, what it has been through, and what of it was told."""

    def __init__(self, name: str, wanted: EndpointConfig, asker: Asker) -> None:
        self._name = name
        self._wanted = wanted
        self.through_cluster = wanted.via != "direct"
        self.asker = asker
        self.course = Course(wanted.failures, min(_MOST_KEPT, max(20, math.ceil(HISTORY / wanted.every))))
        self._told: Verdict | None = None
        self._flaps = Flaps()
        self._random = Random(name)

    def take(self, now: datetime, check: Check) -> list[Change]:
        """Take in a check; gives the change of state that it brought, if that is news.

        That all is well at the start is none, and what nobody could ask says nothing of the endpoint.
        """
        self.course.take(now, self._timed(check))
        state, before = self.course.state, self._told
        if state in ("unknown", before):
            return self._settled(now, check)
        self._told = state
        if before is None and state == "ok":
            return []
        told, folded = self._change(before or "unknown", check, self.course.since or now), self._flaps.crossed(now)
        if folded.began is None:
            self._flaps = folded
            return [told]
        tells = folded.tells(_LEVELS[state])
        self._flaps = folded.telling(_LEVELS[state]) if tells else folded
        return [replace(told, crossings=folded.count, lasted=folded.lasted)] if tells else []

    def _settled(self, now: datetime, check: Check) -> list[Change]:
        """Of one that flapped and has been still for a while, how it stands."""
        flaps = self._flaps
        if not flaps.settled(now):
            return []
        self._flaps = Flaps()
        worst: Verdict = "failing" if flaps.worst == "breach" else flaps.worst
        told = self._change(worst, check, flaps.recent[-1])
        return [replace(told, crossings=flaps.count, lasted=flaps.lasted, settled=True)]

    def _change(self, before: Verdict, check: Check, at: datetime) -> EndpointChanged:
        course = self.course
        return EndpointChanged(self._name, self.asker.asked, before, course.state, course.reason, check.latency, at)

    def _timed(self, check: Check) -> Check:
        """A good answer that took too long is a warning."""
        limit, latency = self._wanted.warning, check.latency
        if limit is None or latency is None or latency <= limit or check.verdict != "ok":
            return check
        lasted = took(latency) + (f" with {check.besides}" if check.besides else "")
        return replace(check, verdict="warning", reason=f"slow: {lasted}, expected at most {limit:g} s")

    def pause(self) -> float:
        """Seconds until the next check."""
        every = self._wanted.every * (1 + _JITTER * (self._random.random() - 0.5))
        return every if self.course.agreed else every / _SOONER

    def shown(self, now: datetime) -> EndpointState:
        """It as it stands; what was not asked for three intervals is unknown, whatever it was."""
        course, wanted = self.course, self._wanted
        shown = EndpointState(
            id=self._name,
            state=course.state,
            reason=course.reason,
            since=course.since,
            pending=course.pending,
            asked=self.asker.asked,
            via=self.asker.place,
            last_ok=course.last_ok,
            past=tuple(course.past),
            interval=wanted.every,
        )
        last = shown.last
        silent = (now - last.at).total_seconds() if last else 0.0
        if last is None or silent <= STALE_AFTER * wanted.every + wanted.timeout:
            return shown
        return replace(shown, state="unknown", reason=f"not asked for {silent:.0f} s", since=last.at, pending="")
