"""The scheduler backlog: a cron run that died half-way still holds the lock in a transaction that nobody ends."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import psycopg

from cockpit.simulator.churn.schema import JOB_BACKLOG
from cockpit.simulator.faults.fault import ChurnFault
from cockpit.simulator.postgres.server import APPLICATION

if TYPE_CHECKING:
    from cockpit.simulator.churn.application import Application
    from cockpit.simulator.churn.world import ChurnWorld
    from cockpit.simulator.postgres import Postgres

BEFORE = 2600.0
"""Seconds since the scheduler last came to its end."""


class SchedulerBacklog(ChurnFault):
    """Ending the session that holds the lock lets the next run go through."""

    name = "scheduler-backlog"
    description = "a dead cron run holds Churn Saver's scheduler lock: no reminder was sent for 43 minutes"

    def __init__(self) -> None:
        self._session: psycopg.AsyncConnection[tuple[object, ...]] | None = None

    async def prepare(self, postgres: Postgres, application: Application) -> None:
        """The run died three quarters of an hour ago."""
        dsn = postgres.dsn("churn", APPLICATION, application_name="cron reminders")
        self._session = session = await psycopg.AsyncConnection.connect(dsn)
        await session.execute(JOB_BACKLOG.encode())
        await session.commit()
        await session.execute("SELECT * FROM scheduler_lock WHERE name = 'reminders' FOR UPDATE")
        application.ran = time.time() - BEFORE

    async def begin(self, world: ChurnWorld) -> None:
        """It holds the lock until somebody ends its session."""
        try:
            await asyncio.Event().wait()
        finally:
            if self._session is not None:
                await self._session.close()
