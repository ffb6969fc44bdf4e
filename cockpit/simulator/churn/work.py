"""What Churn Saver does: take webhooks, process what is left of them, and run the jobs that are due."""

from __future__ import annotations

import time
from typing import TypeAlias

import psycopg

from cockpit.simulator.churn.platform import Platform
from cockpit.simulator.payments.counters import Histogram

Session: TypeAlias = "psycopg.AsyncConnection[tuple[object, ...]]"
BATCH = 40
"""How many events or jobs one run takes."""

_PROCESS = """
UPDATE events SET processed_at = now()
WHERE id IN (SELECT id FROM events WHERE processed_at IS NULL ORDER BY id LIMIT %s)
"""
_LOCK = "SELECT name FROM scheduler_lock WHERE name = 'reminders' FOR UPDATE NOWAIT"
_RUN = """
UPDATE job_queue SET status = %s, finished_at = now()
WHERE id IN (SELECT id FROM job_queue WHERE status = 'pending' ORDER BY id LIMIT %s)
"""


class RefusedError(Exception):
    """It cannot be done now; says why. `status` is what HTTP answers."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Work:
    """The application's work, on sessions of its own.

    Args:
        dsn: of its database.
        platform: whose settings it obeys.
    """

    def __init__(self, dsn: str, platform: Platform) -> None:
        self._dsn = dsn
        self._platform = platform
        self.codes = dict.fromkeys((200, 500, 503), 0)
        self.durations = Histogram("http_request_duration_seconds", service="churn-saver")

    async def session(self) -> Session:
        """A new session; raises psycopg.Error."""
        return await psycopg.AsyncConnection.connect(self._dsn, connect_timeout=3)

    async def receive(self, kind: str) -> int:
        """One webhook of Whop; gives the status that it gets."""
        began = time.monotonic()
        code = await self._receive(kind)
        self.codes[code] += 1
        self.durations.observe(time.monotonic() - began)
        return code

    async def _receive(self, kind: str) -> int:
        if self._platform.on("READ_ONLY_MODE"):
            self._platform.say("ERROR", "webhook refused: read-only mode")
            return 503
        processing = self._platform.on("WEBHOOK_PROCESSING_ENABLED")
        try:
            async with await self.session() as session:
                at = "now()" if processing else "NULL"
                await session.execute(f"INSERT INTO events (type, processed_at) VALUES (%s, {at})".encode(), (kind,))
        except psycopg.Error as error:
            self._platform.say("ERROR", f"webhook failed: {error}")
            return 500
        level, done = ("INFO", "processed") if processing else ("WARN", "stored, processing is disabled")
        self._platform.say(level, f"webhook {kind}: signature valid, {done}")
        return 200

    async def process_backlog(self) -> int:
        """Process events that wait, some at a time; gives how many. Raises RefusedError, psycopg.Error."""
        self._writable()
        async with await self.session() as session:
            done = (await session.execute(_PROCESS.encode(), (BATCH,))).rowcount
        self._platform.say("INFO", f"webhook backlog: {done} events processed")
        return done

    async def remind(self) -> int:
        """Run jobs that are due, some at a time; gives how many. Raises RefusedError, psycopg.Error."""
        self._writable()
        if not self._platform.on("SCHEDULER_ENABLED"):
            raise RefusedError(503, "the scheduler is disabled (SCHEDULER_ENABLED)")
        status = "done" if self._platform.on("NOTIFICATIONS_ENABLED") else "skipped"
        try:
            async with await self.session() as session:
                await session.execute(_LOCK.encode())
                done = (await session.execute(_RUN.encode(), (status, BATCH))).rowcount
                await session.execute(b"INSERT INTO scheduler_runs (jobs) VALUES (%s)", (done,))
        except psycopg.errors.LockNotAvailable:
            why = "another run holds the scheduler's lock"
            self._platform.say("ERROR", f"cron reminders: {why}")
            raise RefusedError(409, why) from None
        self._platform.say("INFO", f"cron reminders: {done} jobs {status}")
        return done

    def _writable(self) -> None:
        if self._platform.on("READ_ONLY_MODE"):
            raise RefusedError(503, "the application is in read-only mode (READ_ONLY_MODE)")
