"""One Prometheus as a source: asks all its queries on one clock, keeps an hour of each, and says how fresh it is."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NoReturn

from cockpit.clock import Clock
from cockpit.signal.freshness import Freshness
from cockpit.signal.plan import MetricsPlan
from cockpit.signal.promapi import PrometheusApi, PrometheusError, Undefined
from cockpit.signal.readings import HISTORY, STALE_AFTER, Round, SignalReading, Track
from cockpit.signal.source import Part
from cockpit.signal.threshold import Sample

_MOST_POINTS = 1800
_LONGEST_CALL = 10.0
_SHORTEST_LIMIT = 5.0
"""Seconds that a call may take at least, also at short intervals: the first one asks for an hour of every signal."""


class PrometheusSource:
    """Reads the signals of a plan until cancelled.

    Args:
        changed: called on the event loop after each round. It must be quick.
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

    def freshness(self, _part: str = "signals") -> Freshness:
        """How current the signals are."""
        return self._fresh

    def readings(self) -> list[SignalReading]:
        """Every signal as it stands, in the plan's order."""
        now = self._clock.now()
        return [track.reading(now, self.gap) for track in self._tracks.values()]

    async def run(self) -> NoReturn:
        """Ask, wait, ask again until cancelled; nothing that the source does ends it."""
        timeout = max(_SHORTEST_LIMIT, min(self.plan.interval, _LONGEST_CALL))
        api = await PrometheusApi.open(self.plan.name, self.plan.url, self.plan.token, timeout)
        try:
            while True:
                began = self._clock.monotonic()
                await self._round(api)
                spent = self._clock.monotonic() - began
                await self._clock.sleep(max(0.05, self.plan.interval - spent))
        finally:
            await api.close()

    async def _round(self, api: PrometheusApi) -> None:
        """Ask every query once and take in what came."""
        pasts = await self._pasts(api)
        tracks = list(self._tracks.values())
        answers = await asyncio.gather(*(self._ask(api, track) for track in tracks))
        now = self._clock.now()
        failure = next((answer for answer in answers if isinstance(answer, PrometheusError)), None)
        answered = any(not isinstance(answer, PrometheusError) for answer in answers)
        samples: dict[str, Sample] = {}
        for track, answer in zip(tracks, answers, strict=True):
            sample = self._sample(track, answer, now)
            if sample:
                track.take(sample)
                samples[track.plan.id] = sample
        self._refresh(now, answered, failure)
        self._changed(Round(pasts, samples))

    async def _pasts(self, api: PrometheusApi) -> dict[str, list[Sample]]:
        """Ask once for each signal's past, so that sparklines and `for` know what was before."""
        unknown = [track for track in self._tracks.values() if not track.past_known]
        end = self._clock.now()
        start = end - timedelta(seconds=HISTORY)
        found = await asyncio.gather(*(self._past(api, track, start, end) for track in unknown))
        return {track.plan.id: list(track.samples) for track, told in zip(unknown, found, strict=True) if told}

    async def _past(self, api: PrometheusApi, track: Track, start: datetime, end: datetime) -> bool:
        """Ask for one signal's past; a source that cannot answer is asked again in the next round."""
        try:
            past = await api.query_range(track.plan.query, start, end, self._step)
        except Undefined:
            track.past_known = True
            return False
        except PrometheusError:
            return False
        track.past_known = True
        if past:
            track.begin([Sample(point.at, point.value) for point in past])
        return bool(past)

    async def _ask(self, api: PrometheusApi, track: Track) -> float | Undefined | PrometheusError:
        try:
            return await api.query(track.plan.query)
        except (Undefined, PrometheusError) as error:
            return error

    def _sample(self, track: Track, answer: float | Undefined | PrometheusError, now: datetime) -> Sample | None:
        """What an answer says of a signal; None while a source that fails has not failed for too long."""
        if isinstance(answer, float):
            return Sample(now, answer)
        if isinstance(answer, Undefined):
            return Sample(now, None, str(answer))
        last = track.samples[-1] if track.samples else None
        old = None if last is None else (now - last.at).total_seconds()
        if track.reason or old is None or old > self.gap:
            return Sample(now, None, answer.message)
        return None

    def _refresh(self, now: datetime, answered: bool, failure: PrometheusError | None) -> None:
        """The source's freshness after a round."""
        was = self._fresh
        if answered or failure is None:
            detail = failure.message if failure else ""
            self._fresh = was.became("live", now, now, detail, failure.mend if failure else "")
            return
        age = was.age(now)
        if failure.state in ("unauthorized", "forbidden") or age is None:
            self._fresh = was.became(failure.state, now, was.as_of, failure.message, failure.mend)
        else:
            state = "stale" if age > self.gap else was.state
            self._fresh = was.became(state, now, was.as_of, failure.message, failure.mend)
