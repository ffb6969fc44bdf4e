"""One Prometheus as a source: asks all its queries on one clock, keeps an hour of each, and says how fresh it is."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import NoReturn

from cockpit.clock import Clock
from cockpit.config import Earlier
from cockpit.signal.freshness import Freshness, of_clock
from cockpit.signal.plan import MetricsPlan
from cockpit.signal.prometheus.api import PrometheusApi, PrometheusError
from cockpit.signal.prometheus.asking import Answers, Asking
from cockpit.signal.prometheus.history import History
from cockpit.signal.readings import HISTORY, STALE_AFTER, Round, SignalReading, Track
from cockpit.signal.source import Part
from cockpit.signal.thresholds.threshold import Normal, Sample
from cockpit.values import replace

_MOST_POINTS = 1800
_LONGEST_CALL = 10.0
_SHORTEST_LIMIT = 5.0
"""Seconds that a call may take at least, also at short intervals: the first one asks for an hour of every signal."""
_AT_ONCE = 2
"""Signals whose past is judged in one go: an hour of one is 720 steps or more, and keys wait no longer than for two."""
_HELD = 1.0
"""Seconds that readings wait for their past, so that what they begin is told with its true beginning."""
PAST_RETRY = 15.0
"""Seconds after which the past is asked for again, when that failed while the readings of now came."""
NORMAL_FOR, NORMAL_RETRY = 300.0, 60.0
"""Seconds after which what is normal is asked again; where it is not known yet, sooner."""


class PrometheusSource:
    """Reads the signals of a plan until cancelled.

    Args:
        changed: called on the event loop with what came, some times in a round. It must be quick.
    """

    def __init__(self, plan: MetricsPlan, clock: Clock, changed: Callable[[Round], None]) -> None:
        self.plan = plan
        self.gap = plan.interval * STALE_AFTER
        """Seconds after which a reading no longer counts."""
        self.parts: Mapping[str, Part] = {
            "signals": Part("prometheus", f"Prometheus {plan.name}", max(self.gap, 1.0), "prom")
        }
        self._fresh = Freshness("loading", clock.now())
        self._clock = clock
        self._changed = changed
        points = min(_MOST_POINTS, max(2, math.ceil(HISTORY / plan.interval)))
        self._tracks = {signal.id: Track(signal, points) for signal in plan.signals}
        self._step = HISTORY / points
        self._timeout = max(_SHORTEST_LIMIT, min(plan.interval, _LONGEST_CALL))
        self._normals_due = self._past_due = -math.inf
        self._errand: asyncio.Task[None] | None = None

    def freshness(self, _part: str = "signals") -> Freshness:
        """How current the signals are; data that grew old while an answer is awaited is stale."""
        fresh, age = self._fresh, self._fresh.age(self._clock.now())
        if fresh.state != "live" or age is None or age <= self.gap + self._timeout:
            return fresh
        since = (fresh.as_of or fresh.since) + timedelta(seconds=self.gap)
        return replace(fresh, state="stale", since=since, detail=fresh.detail or f"no answer for {age:.0f} s")

    def readings(self) -> list[SignalReading]:
        """Every signal as it stands, in the plan's order."""
        now = self._clock.now()
        return [track.reading(now, self.gap) for track in self._tracks.values()]

    async def run(self) -> NoReturn:
        """Ask, wait, ask again until cancelled; nothing that the source does ends it."""
        plan, queries = self.plan, {signal.id: signal.query for signal in self.plan.signals}
        api = await PrometheusApi.open(
            plan.name, plan.url, plan.token, self._timeout,
            basic=plan.basic, headers=plan.headers, clock=self._clock,
        )  # fmt: skip
        asking = Asking(api, self._clock, queries)
        try:
            while True:
                began = self._clock.monotonic()
                wait = await self._round(api, asking)
                spent = self._clock.monotonic() - began
                await self._clock.sleep(max(0.05, self.plan.interval - spent, wait))
        finally:
            if self._errand:
                self._errand.cancel()
                await asyncio.gather(self._errand, return_exceptions=True)
            await api.close()

    async def _round(self, api: PrometheusApi, asking: Asking) -> float:
        """Ask every query once and take in what came; gives the seconds that the source wants to be left alone."""
        began = self._clock.monotonic()
        answers = await asking.now()
        took = self._clock.monotonic() - began
        failure = next((each for each in answers.said.values() if isinstance(each, PrometheusError)), None)
        self._refresh(answers, failure, api.skew, took)
        free = failure is None and self._is_free()
        held = self._lacking_past(answers, asking) if free else set()
        if len(held) < len(self._tracks) or not self._tracks:
            self._bring({}, answers, [id for id in self._tracks if id not in held])
        if held or (free and self._clock.monotonic() >= self._normals_due):
            self._errand = asyncio.create_task(self._errands(History(api, asking), held, answers))
            await self._hold(held, answers)
        return failure.wait if failure else 0.0

    def _is_free(self) -> bool:
        """Whether nothing is being asked of the past, nor has just failed; raises what ended that unexpectedly."""
        if self._errand and self._errand.done():
            ended, self._errand = self._errand, None
            ended.result()
        return self._errand is None and self._clock.monotonic() >= self._past_due

    def _lacking_past(self, answers: Answers, asking: Asking) -> set[str]:
        """The signals that have a hole in their past, and whose query can be asked."""
        found = (id for id, track in self._tracks.items() if track.missing_from is not None)
        return {id for id in found if isinstance(answers.said[id], Sample) and id not in asking.refused}

    async def _hold(self, held: set[str], answers: Answers) -> None:
        """Give readings a moment to come with their past; a past that takes longer comes later."""
        if held and self._errand:
            await asyncio.wait({self._errand}, timeout=_HELD)
        if held:
            late = sorted(held)
            held.clear()
            self._bring({}, answers, late)

    async def _errands(self, history: History, held: set[str], answers: Answers) -> None:
        """What no round waits for: what is normal, then the past, with the readings that are still `held`."""
        try:
            if self._clock.monotonic() >= self._normals_due:
                await self._ask_normals(history)
        except PrometheusError:  # so long ago it may keep nothing, or answer too slowly
            self._normals_due = self._clock.monotonic() + NORMAL_RETRY
        try:
            if held:
                await self._ask_pasts(history, held, answers)
        except PrometheusError:
            self._past_due = self._clock.monotonic() + PAST_RETRY

    async def _ask_pasts(self, history: History, held: set[str], answers: Answers) -> None:
        pending = [id for id in self._tracks if id in held]
        end = self._clock.now()
        start = end - timedelta(seconds=HISTORY)
        start = max(start, min(self._tracks[id].missing_from or start for id in pending))
        async for pasts in history.pasts(pending, start, end, self._step):
            every = list(pasts)
            for ids in (every[at : at + _AT_ONCE] for at in range(0, len(every), _AT_ONCE)):
                self._bring({id: pasts[id] for id in ids}, answers, [id for id in ids if id in held])
                held.difference_update(ids)
                await asyncio.sleep(0)  # keys first

    def _bring(self, pasts: Mapping[str, list[Sample]], answers: Answers, ids: Iterable[str]) -> None:
        """Take in pasts and samples, and tell."""
        for id, past in pasts.items():
            self._tracks[id].begin(past)
        known = {id: list(self._tracks[id].samples) for id, past in pasts.items() if past}
        samples: dict[str, Sample] = {}
        for id in ids:
            track, said = self._tracks[id], answers.said[id]
            sample = said if isinstance(said, Sample) else self._lost(track, said)
            if sample:
                track.take(sample, answers.remarks.get(id, ()))
                samples[id] = sample
        self._changed(Round(known, samples))

    def _lost(self, track: Track, failure: PrometheusError) -> Sample | None:
        """What a failing source says of a signal: nothing, until it has failed for too long."""
        now, last = self._clock.now(), track.samples[-1] if track.samples else None
        if last and not track.reason and (now - last.at).total_seconds() <= self.gap:
            return None
        if last and not track.reason:
            track.missing_from = track.missing_from or last.at
        return Sample(now, None, failure.message)

    async def _ask_normals(self, history: History) -> None:
        """What is normal for the signals whose bounds depend on it; what was known holds until then."""
        groups: dict[Earlier, list[str]] = {}
        for signal in self.plan.signals:
            if signal.baseline:
                groups.setdefault(signal.baseline, []).append(signal.id)
        found: dict[str, Normal] = {}
        for how, ids in groups.items():
            found |= await history.normals(ids, how, self._clock.now())
        known = all(normal.value is not None for normal in found.values())
        self._normals_due = self._clock.monotonic() + (NORMAL_FOR if known else NORMAL_RETRY)
        if found:
            self._changed(Round({}, {}, found))

    def _refresh(self, answers: Answers, failure: PrometheusError | None, skew: float, took: float) -> None:
        """The source's freshness after a round."""
        was, now = self._fresh, self._clock.now()
        if failure is None or answers.living:
            detail, mend = (failure.message, failure.mend) if failure else of_clock(skew)
            self._fresh = was.became("live", now, now, detail, mend, took)
            return
        age = was.age(now)
        if failure.state in ("unauthorized", "forbidden") or age is None:
            self._fresh = was.became(failure.state, now, was.as_of, failure.message, failure.mend)
        else:
            state = "stale" if age > self.gap else was.state
            self._fresh = was.became(state, now, was.as_of, failure.message, failure.mend)
