"""The cluster's order of events: timers on the wall clock, which can also be replayed from a moment in the past."""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections.abc import Callable, Hashable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Generic, TypeVar

from cockpit.simulator.pace import Pace

log = logging.getLogger(__name__)
Key = TypeVar("Key", bound=Hashable)


def parse_time(stamp: str) -> datetime:
    """Kubernetes' RFC 3339 time as aware UTC; raises ValueError."""
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).astimezone(UTC)


def format_time(moment: datetime) -> str:
    """Aware time as Kubernetes writes it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


STEP = 0.05
"""Seconds by which the wall clock must have been set, or have slept, before what happened gets other times."""


class Timer:
    """A call that is due at a moment; `cancel` it when it is no longer wanted."""

    __slots__ = ("call", "cancelled", "due")

    def __init__(self, due: float, call: Callable[[], None]) -> None:
        self.due = due
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        """Let it not happen; one that has happened stays so."""
        self.cancelled = True


class Timeline:
    """Runs what the controllers and kubelets do, each thing at its time.

    Everything happens in one thread and one heap, so a replay of the last hour is exact and takes milliseconds.
    """

    def __init__(self, pace: Pace, skew: Callable[[], float] = lambda: 0.0) -> None:
        """`skew` gives the seconds that the cluster's wall clock is ahead of the world's."""
        self.pace = pace
        self._skew = skew
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = count()
        self._replaying: float | None = None
        self._ahead = 0.0
        """Real seconds that have been skipped: what a replay lived through beyond the present."""
        self._zero: datetime | None = None
        """The wall-clock time of moment 0, kept so that whoever asks twice for a time gets the very same."""
        self._wake = asyncio.Event()

    def moment(self) -> float:
        """Real seconds on a clock that never jumps, except in a replay."""
        return time.monotonic() + self._ahead if self._replaying is None else self._replaying

    def now(self) -> datetime:
        """The cluster's wall clock, aware UTC; the replayed time in a replay, but never a time to come."""
        present = self.pace.now() + timedelta(seconds=self._skew())
        if self._replaying is None:
            return present
        return present + timedelta(seconds=min(0.0, self._replaying - time.monotonic() - self._ahead))

    def stamp(self) -> str:
        """Now, as Kubernetes writes it."""
        return format_time(self.now())

    def at(self, moment: float) -> datetime:
        """The wall-clock time of a `moment()`; the same one each time, until the wall clock is set."""
        zero = self.now() - timedelta(seconds=self.moment())
        if self._replaying is None:
            if self._zero is None or abs(zero - self._zero) > timedelta(seconds=STEP):
                self._zero = zero
            zero = self._zero
        return zero + timedelta(seconds=moment)

    def since(self, moment: float) -> float:
        """Simulated seconds that have passed since a `moment()`."""
        return self.pace.simulated(self.moment() - moment)

    def after(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call `call` in `seconds` of simulated time."""
        timer = Timer(self.moment() + self.pace.real(seconds), call)
        heapq.heappush(self._heap, (timer.due, next(self._order), timer))
        self._wake.set()
        return timer

    def jitter(self, low: float, high: float) -> float:
        """A seeded chance between two durations."""
        return self.pace.random.uniform(low, high)

    async def run(self) -> None:
        """Call what is due, when it is due, until cancelled."""
        while True:
            self._wake.clear()
            self._call_due()
            wait = None if not self._heap else max(0.0, self._heap[0][0] - self.moment())
            try:
                async with asyncio.timeout(wait):  # wait_for, before Python 3.12, may swallow a cancellation here
                    await self._wake.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(0)

    def replay(self, start: datetime, steady: Callable[[], bool], *, begin: Callable[[], None], beyond: float) -> None:
        """Live through the time from `start` to now at once, and on until `steady`, at most `beyond` simulated seconds.

        `begin` is called at the start. What happens after now is stamped with now: nothing gets a time in the future.
        """
        present = self.moment()
        limit = present + self.pace.real(beyond)
        self._replaying = present - max(0.0, (self.now() - start).total_seconds())
        try:
            begin()
            while self._heap and self._heap[0][0] <= limit:
                if self._heap[0][0] > present and steady():
                    break
                due, _, timer = heapq.heappop(self._heap)
                self._replaying = max(due, self._replaying)
                self._call(timer)
        finally:
            self._ahead += max(0.0, self._replaying - present)
            self._replaying = self._zero = None

    def _call_due(self) -> None:
        now = self.moment()
        while self._heap and self._heap[0][0] <= now:
            self._call(heapq.heappop(self._heap)[2])

    @staticmethod
    def _call(timer: Timer) -> None:
        if timer.cancelled:
            return
        try:
            timer.call()
        except (
            Exception
        ):  # one controller's mistake must not stop the whole cluster; it is reported and the rest goes on
            log.exception("the simulated cluster failed in %r", timer.call)


class WorkQueue(Generic[Key]):
    """What a controller still has to look at: each key at most once, soon after it changed."""

    def __init__(self, timeline: Timeline, handle: Callable[[Key], None], delay: float) -> None:
        self._timeline = timeline
        self._handle = handle
        self._delay = delay
        self._pending: dict[Key, Timer] = {}

    def add(self, key: Key, after: float | None = None) -> None:
        """Look at `key` in `after` simulated seconds (default: the queue's delay), or earlier where planned."""
        timer = self._timeline.after(self._delay if after is None else after, lambda: self._take(key, timer))
        planned = self._pending.get(key)
        if planned is not None and not planned.cancelled:
            if planned.due <= timer.due:
                timer.cancel()
                return
            planned.cancel()
        self._pending[key] = timer

    def _take(self, key: Key, timer: Timer) -> None:
        if self._pending.get(key) is timer:
            del self._pending[key]
        self._handle(key)
