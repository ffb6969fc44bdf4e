"""The webhook backlog: a maintenance turned webhook processing off, and nobody turned it on again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from cockpit.simulator.churn.schema import LATE_EVENTS, RECENT_JOBS
from cockpit.simulator.faults.fault import ChurnFault
from cockpit.simulator.postgres.server import APPLICATION

if TYPE_CHECKING:
    from cockpit.simulator.churn.world import ChurnWorld
    from cockpit.simulator.postgres import Postgres


class WebhookBacklog(ChurnFault):
    """Turning it on lets new events through; those that wait go with process-backlog alone.

    Both are steps of production-incident-response-plan.md:353-354.
    """

    name = "webhook-backlog"
    description = "webhook processing of churn-saver was left turned off: events pile up"

    async def prepare(self, postgres: Postgres) -> None:
        """Events have come for twenty minutes; the scheduler ran well."""
        async with await psycopg.AsyncConnection.connect(postgres.dsn("churn", APPLICATION)) as session:
            await session.execute(LATE_EVENTS + RECENT_JOBS)

    async def begin(self, world: ChurnWorld) -> None:
        """The setting is as the maintenance left it."""
        world.platform.settings["WEBHOOK_PROCESSING_ENABLED"] = "false"
