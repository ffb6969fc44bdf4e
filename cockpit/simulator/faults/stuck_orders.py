"""Stuck orders: a report holds the orders' lock for an hour, and everything that writes waits behind it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg

from cockpit.simulator.faults.fault import OrdersFault
from cockpit.simulator.orders.schema import BACKLOG
from cockpit.simulator.postgres.server import APPLICATION

if TYPE_CHECKING:
    from cockpit.simulator.orders.world import OrdersWorld
    from cockpit.simulator.postgres import Postgres

_REPORT = "SELECT count(*), sum(total_cents), pg_sleep(3600) FROM orders"


class StuckOrders(OrdersFault):
    """Ending the report's session ends it (order-service-playbook.md:152); nothing else does."""

    name = "stuck-orders"
    description = "a report locks the orders table: orders stay PENDING, webhooks pile up, requests time out"

    def __init__(self) -> None:
        self._session: psycopg.AsyncConnection[tuple[object, ...]] | None = None

    async def prepare(self, postgres: Postgres) -> None:
        """Orders have come in while the report was waited for; now it has its lock."""
        dsn = postgres.dsn("orders", APPLICATION, application_name="quarterly-report")
        self._session = session = await psycopg.AsyncConnection.connect(dsn)
        await session.execute(BACKLOG)
        await session.commit()
        await session.execute("LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE")

    async def begin(self, world: OrdersWorld) -> None:
        """The report runs, until somebody ends it."""
        assert self._session is not None
        try:
            with suppress(psycopg.Error):  # somebody ended it
                await self._session.execute(_REPORT.encode())
        finally:
            await self._session.close()
