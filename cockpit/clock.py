"""The injected clock: aware UTC time, a monotonic reading, and sleep, so that no test waits for real seconds."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the cockpit asks about time. Everything that needs "now" is given one of these."""

    def now(self) -> datetime:
        """The current instant, aware UTC."""

    def monotonic(self) -> float:
        """Seconds that only ever grow, for ages and durations."""

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current instant, aware UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """The machine's monotonic clock, in seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of real time."""
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that moves only when told to; sleepers wake when it has passed their time.

    Args:
        start: the first instant, aware UTC.
    """

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at an aware instant")
        self._now = start.astimezone(UTC)
        self._monotonic = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """The instant it was last set to."""
        return self._now

    def monotonic(self) -> float:
        """Seconds advanced so far; `set_back` does not lower it."""
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        """Wait until `advance` has moved the clock by `seconds`."""
        waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._monotonic + seconds, waker))
        await waker

    def advance(self, seconds: float) -> None:
        """Move both readings on by `seconds` and wake who waited for it."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds
        due = [waker for at, waker in self._sleepers if at <= self._monotonic]
        self._sleepers = [(at, waker) for at, waker in self._sleepers if at > self._monotonic]
        for waker in due:
            if not waker.done():
                waker.set_result(None)

    def set_back(self, seconds: float) -> None:
        """Move wall time back, as a corrected or broken machine clock does; the monotonic reading stays."""
        self._now -= timedelta(seconds=seconds)
