"""The scheduler backlog: a run died half-way in its transaction, whose session holds the scheduler's lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from cockpit.simulator.churn.schema import LATE_JOBS, RECENT_EVENTS
from cockpit.simulator.faults.fault import ChurnFault
from cockpit.simulator.postgres.server import APPLICATION

if TYPE_CHECKING:
    from cockpit.simulator.churn.world import ChurnWorld
    from cockpit.simulator.postgres import Postgres


class SchedulerBacklog(ChurnFault):
    """Ending the idle transaction clears the lock (production-incident-response-plan.md:387), and the cron goes on.

    What does not help: starting the scheduler by hand, or pausing and resuming its cron.
    """

    name = "scheduler-backlog"
    description = "a dead run of churn-saver's scheduler holds its lock: jobs pile up, no reminder is sent"

    def __init__(self) -> None:
        self._session: psycopg.AsyncConnection[tuple[object, ...]] | None = None

    async def prepare(self, postgres: Postgres) -> None:
        """Jobs have fallen due for forty minutes; webhooks went well."""
        async with await psycopg.AsyncConnection.connect(postgres.dsn("churn", APPLICATION)) as session:
            await session.execute(LATE_JOBS + RECENT_EVENTS)
        dsn = postgres.dsn("churn", APPLICATION, application_name="churn-saver cron")
        self._session = held = await psycopg.AsyncConnection.connect(dsn)
        await held.execute("SELECT name FROM scheduler_lock FOR UPDATE")

    async def begin(self, world: ChurnWorld) -> None:
        """The session stands as it was left, until somebody ends it or the world ends."""
