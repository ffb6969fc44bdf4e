"""Lanes: one queue for each channel, so that one that is slow or dead holds up nobody else's messages."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import count

from cockpit.clock import Clock

Rank = tuple[int, datetime]
"""What goes first: pages, then what was written first."""


class Pace:
    """Keeps the least time between two attempts at one provider, whichever of its channels they are on."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._last = float("-inf")
        self._turn = asyncio.Lock()

    async def turn(self) -> None:
        """Wait until the provider may be asked."""
        async with self._turn:
            early = self._last + self._seconds - self._clock.monotonic()
            if early > 0:
                await self._clock.sleep(early)
            self._last = self._clock.monotonic()


class Lane:
    """The messages that wait for one channel; one at a time is under way.

    Args:
        work: does what is to be done about a message; raises nothing.
        pace: of the channel's provider.
    """

    def __init__(self, work: Callable[[str], Awaitable[None]], pace: Pace | None = None) -> None:
        self._work = work
        self._pace = pace
        self._heap: list[tuple[Rank, int, str]] = []
        self._waiting: set[str] = set()
        self._count = count()
        self._task: asyncio.Task[None] | None = None

    def put(self, message: str, rank: Rank) -> None:
        """Let `message` have its turn."""
        if message in self._waiting:
            return
        self._waiting.add(message)
        heapq.heappush(self._heap, (rank, next(self._count), message))
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    @property
    def task(self) -> asyncio.Task[None] | None:
        """What works through the queue; None while it is empty."""
        return self._task

    async def _run(self) -> None:
        try:
            while self._heap:
                if self._pace is not None:
                    await self._pace.turn()
                _, _, message = heapq.heappop(self._heap)
                self._waiting.discard(message)
                await self._work(message)
        except asyncio.CancelledError:
            self._heap.clear()
            raise
        finally:  # also after a fault of our own, which must not stop those behind it
            self._task = asyncio.create_task(self._run()) if self._heap else None


class Lanes:
    """All lanes, by the channel's name; the one called "" is for what needs no channel.

    Args:
        work: what is done about a message in the lane of a name.
    """

    def __init__(self, clock: Clock, work: Callable[[str, str], Awaitable[None]]) -> None:
        self._clock = clock
        self._work = work
        self._lanes: dict[str, Lane] = {}
        self._paces: dict[object, Pace] = {}

    def put(self, name: str, message: str, rank: Rank, pace: float, provider: object) -> None:
        """Let `message` have its turn in the lane `name`.

        Args:
            pace: the least seconds between two attempts at `provider`.
        """
        lane = self._lanes.get(name)
        if lane is None:

            async def work(message: str) -> None:
                await self._work(name, message)

            kept = self._paces.setdefault(provider, Pace(self._clock, pace)) if pace > 0 else None
            lane = self._lanes[name] = Lane(work, kept)
        lane.put(message, rank)

    def under_way(self) -> list[asyncio.Task[None]]:
        """The lanes that have something to do."""
        return [lane.task for lane in self._lanes.values() if lane.task is not None]
