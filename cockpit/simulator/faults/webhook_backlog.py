"""The webhook backlog: one webhook that cannot be read stops the worker, and all others wait behind it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import psycopg

from cockpit.simulator.churn.schema import WEBHOOK_BACKLOG
from cockpit.simulator.faults.fault import ChurnFault
from cockpit.simulator.postgres.server import APPLICATION

if TYPE_CHECKING:
    from cockpit.simulator.churn.application import Application
    from cockpit.simulator.churn.world import ChurnWorld
    from cockpit.simulator.postgres import Postgres

BEFORE = 1200.0
"""Seconds for which the worker has been standing still."""


class WebhookBacklog(ChurnFault):
    """Processing the backlog by hand takes the unreadable one out of the way; then the worker goes on by itself."""

    name = "webhook-backlog"
    description = "a webhook that cannot be read stops Churn Saver's worker: 300 wait behind it"

    async def prepare(self, postgres: Postgres, application: Application) -> None:
        """It has been so for twenty minutes."""
        dsn = postgres.dsn("churn", APPLICATION)
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as session:
            await session.execute(WEBHOOK_BACKLOG.encode())
        application.worked = time.time() - BEFORE

    async def begin(self, world: ChurnWorld) -> None:
        """It is there already."""
        await asyncio.Event().wait()
