"""Signals that SQL reads: one row, one number, each with its own timeout; a slow one does not hold the others.

All are asked one after the other on the connection that is kept, each for a second at most. One that takes longer goes
into the slow lane: a connection of its own, with the whole of its timeout.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cockpit.clock import Clock
from cockpit.signal.plan import SqlPlan
from cockpit.signal.postgres.failures import PostgresError
from cockpit.signal.readings import Round, SignalReading, Track, normals
from cockpit.signal.thresholds.threshold import Sample

if TYPE_CHECKING:
    from cockpit.signal.postgres.api import PostgresApi
    from cockpit.signal.postgres.wire import Connection

QUICK = 1.0
"""Seconds that a signal may take among the others."""
_BACK = 0.5
"""Seconds below which one of the slow lane goes back to the others."""

_PER_SECOND = {"seconds": 1.0, "milliseconds": 1000.0}


class SqlSignals:
    """The SQL signals of one database.

    Args:
        gap: seconds after which a reading no longer counts.
        points: how many samples are kept of each.
    """

    def __init__(self, plans: tuple[SqlPlan, ...], clock: Clock, gap: float, points: int) -> None:
        self._clock = clock
        self._gap = gap
        self._tracks = {plan.id: Track(plan, points) for plan in plans}
        self._plans = {plan.id: plan for plan in plans}
        self._slow: set[str] = set()
        self._refused: Mapping[str, str] | None = None

    def readings(self) -> list[SignalReading]:
        """Every signal as it stands, in the plan's order."""
        now = self._clock.now()
        return [track.reading(now, self._gap) for track in self._tracks.values()]

    async def quick(self, api: PostgresApi) -> Round:
        """Ask all but the slow ones. Raises PostgresError when the server itself is lost."""
        taken: dict[str, Sample] = {}
        for id, plan in self._plans.items():
            if id in self._slow:
                continue
            sample = await self._sample(api, plan, min(plan.timeout, QUICK))
            if sample is not None:
                taken[id] = self._taken(id, sample)
        return Round({}, taken, normals(self._tracks.values(), self._clock.now()))

    def lost(self, why: str) -> Round:
        """Nothing can be asked: what was read lasts for its time, and is then unknown."""
        now = self._clock.now()
        silent = {id: track for id, track in self._tracks.items() if self._is_over(track)}
        return Round({}, {id: self._taken(id, Sample(now, None, why)) for id in silent})

    async def slow(self, api: PostgresApi) -> AsyncIterator[Round]:
        """Ask the slow ones, one after the other, each with its whole timeout."""
        for id in sorted(self._slow):
            sample = await self._slow_sample(api, self._plans[id])
            if sample is not None:
                yield Round({}, {id: self._taken(id, sample)})

    async def slowly(self, api: PostgresApi, interval: float, changed: Callable[[Round], None]) -> None:
        """Ask the slow ones again and again until cancelled."""
        while True:
            began = self._clock.monotonic()
            async for brought in self.slow(api):
                changed(brought)
            if not self._slow:
                await api.close()
            await self._clock.sleep(max(0.05, interval - (self._clock.monotonic() - began)))

    async def _slow_sample(self, api: PostgresApi, plan: SqlPlan) -> Sample | None:
        began = self._clock.monotonic()
        try:
            sample = await self._sample(api, plan, plan.timeout)
        except PostgresError:
            return None  # the server is lost, which the other lane says
        if self._clock.monotonic() - began < _BACK:
            self._slow.discard(plan.id)
        return sample

    async def _sample(self, api: PostgresApi, plan: SqlPlan, timeout: float) -> Sample | None:
        """What a signal says now; None when it was too slow for the quick lane, and goes to the other."""
        if why := (await self._judged()).get(plan.id):
            return Sample(self._clock.now(), None, why)
        try:
            rows = await api.ask(lambda connection: _two_rows(connection, plan.query), timeout)
        except PostgresError as error:
            if not error.refused:
                raise
            if error.slow and timeout < plan.timeout:
                self._slow.add(plan.id)
                return None
            return Sample(self._clock.now(), None, error.message)
        return _read(rows, plan.unit, self._clock)

    async def _judged(self) -> Mapping[str, str]:
        """Why some are never asked: what they do is not known to be reading alone. Judged once, in a thread."""
        if self._refused is None:
            self._refused = await asyncio.to_thread(_refusals, tuple(self._plans.values()))
        return self._refused

    def _taken(self, id: str, sample: Sample) -> Sample:
        return self._tracks[id].take(sample)

    def _is_over(self, track: Track) -> bool:
        last = track.samples[-1] if track.samples else None
        return bool(track.reason) or last is None or (self._clock.now() - last.at).total_seconds() > self._gap


def _refusals(plans: tuple[SqlPlan, ...]) -> dict[str, str]:
    """Why SQL is not asked, by the signal's id; in a thread, where also the slow import happens."""
    from cockpit.runbook.risk import judge_sql

    judged = {plan.id: judge_sql(plan.query) for plan in plans}
    return {id: f"its SQL is not asked: {each.why}" for id, each in judged.items() if each.risk != "read-only"}


async def _two_rows(connection: Connection, sql: str) -> list[tuple[Any, ...]]:
    """The first row, and whether there are more; a cursor in the server takes one query and never sends all of it."""
    async with connection.cursor(name="signal") as cursor:
        await cursor.execute(sql.encode())
        return await cursor.fetchmany(2)


def _read(rows: list[tuple[Any, ...]], unit: str, clock: Clock) -> Sample:
    value = _number(rows, unit)
    return Sample(clock.now(), None, value) if isinstance(value, str) else Sample(clock.now(), value)


def _number(rows: list[tuple[Any, ...]], unit: str) -> float | str:
    """The number, else why there is none."""
    if not rows:
        return "the SQL gives no row"
    if len(rows) > 1:
        return "the SQL gives more than one row"
    if len(rows[0]) != 1:
        return f"the SQL gives {len(rows[0])} columns, and one is wanted"
    value = rows[0][0]
    if isinstance(value, timedelta) and unit in _PER_SECOND:
        return value.total_seconds() * _PER_SECOND[unit]
    if value is None:
        return "the SQL gives NULL"
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return f"the SQL gives no number but {type(value).__name__}"
    number = float(value)
    return number if math.isfinite(number) else f"the SQL gives {number}"
