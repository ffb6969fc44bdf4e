"""One PostgreSQL as a source: its sessions and its SQL signals on one clock, and how fresh they are."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from cockpit.clock import Clock
from cockpit.signal.freshness import Freshness
from cockpit.signal.plan import DatabasePlan
from cockpit.signal.postgres.failures import PostgresError
from cockpit.signal.postgres.look import look
from cockpit.signal.postgres.sessions import Sessions
from cockpit.signal.postgres.signals import SqlSignals
from cockpit.signal.readings import HISTORY, STALE_AFTER, Round, SignalReading
from cockpit.signal.source import Part

if TYPE_CHECKING:
    from cockpit.signal.postgres.api import PostgresApi

_MOST_POINTS = 1800


class PostgresSource:
    """Looks at the sessions of a database, and reads its signals, until cancelled.

    Args:
        changed: called on the event loop after each round. It must be quick.
    """

    def __init__(self, plan: DatabasePlan, clock: Clock, changed: Callable[[Round], None]) -> None:
        self.plan = plan
        longest = max([plan.interval, *(signal.timeout for signal in plan.signals)])
        self.gap = longest * STALE_AFTER
        """Seconds after which a reading no longer counts."""
        grace = max(plan.interval * STALE_AFTER, 1.0)
        self.parts: Mapping[str, Part] = {"database": Part("postgresql", f"PostgreSQL {plan.name}", grace, "pg")}
        self.sessions: Sessions | None = None
        """What the last look found; None before the first."""
        points = min(_MOST_POINTS, max(2, math.ceil(HISTORY / plan.interval)))
        self._fresh = Freshness("loading", clock.now())
        self._clock = clock
        self._changed = changed
        self._signals = SqlSignals(plan.signals, clock, self.gap, points)

    def freshness(self, _part: str = "database") -> Freshness:
        """How current sessions and signals are."""
        return self._fresh

    def readings(self) -> list[SignalReading]:
        """Every signal as it stands, in the plan's order."""
        return self._signals.readings()

    async def run(self) -> NoReturn:
        """Look, wait, look again until cancelled; nothing that the server does ends it."""
        api, slow = await self._api(), await self._api()
        lane = asyncio.create_task(self._signals.slowly(slow, self.plan.interval, self._changed))
        try:
            while True:
                began = self._clock.monotonic()
                await self._round(api)
                if lane.done():
                    lane.result()  # a defect: it is told as every other
                await self._clock.sleep(max(0.05, self.plan.interval - (self._clock.monotonic() - began)))
        finally:
            lane.cancel()
            await asyncio.gather(lane, return_exceptions=True)
            await api.close()
            await slow.close()

    async def once(self) -> None:
        """One look, on a connection of its own; signals that are slow are waited for."""
        api = await self._api()
        try:
            await self._round(api)
            async for brought in self._signals.slow(api):
                self._changed(brought)
        finally:
            await api.close()

    async def _round(self, api: PostgresApi) -> None:
        """Look and take in what came."""
        began = self._clock.monotonic()
        try:
            self.sessions = await api.ask(look, self.plan.statement_timeout)
            self._answered(self.sessions, self._clock.monotonic() - began)
            self._changed(await self._signals.quick(api))
        except PostgresError as error:
            self._failed(error)
            self._changed(self._signals.lost(error.message))

    async def _api(self) -> PostgresApi:
        """psycopg takes its time to be imported."""
        module = await asyncio.to_thread(import_module, "cockpit.signal.postgres.api")
        api: PostgresApi = module.PostgresApi(self.plan.name, self.plan.dsn)
        return api

    def _answered(self, sessions: Sessions, took: float) -> None:
        now = self._clock.now()
        detail, mend = "", ""
        if sessions.hidden:
            detail = f"{sessions.hidden} sessions of others are hidden from {sessions.user}"
            mend = f"GRANT pg_monitor TO {sessions.user}"
        self._fresh = self._fresh.became("live", now, now, detail, mend, took)

    def _failed(self, error: PostgresError) -> None:
        """A login that is refused is so at once; anything else may be a blip while what is known is young."""
        now, was = self._clock.now(), self._fresh
        age = was.age(now)
        if error.state in ("unauthorized", "forbidden") or age is None:
            state = error.state
        else:
            state = "stale" if age > self.parts["database"].grace else was.state
        self._fresh = was.became(state, now, was.as_of, error.message, error.mend)
