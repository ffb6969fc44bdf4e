"""The connection of a watched PostgreSQL: it only reads, and nobody waits on it for ever.

libpq waits as long as the operating system keeps a socket, and psycopg asks the server to cancel what is abandoned,
which a server that is stopped does not answer either: so who gives up here drops the connection.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, TypeVar

from psycopg import AsyncConnection, OperationalError, waiting
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo

APPLICATION = "cockpit"
CONNECT_TIMEOUT = 5
_OURS = "-c default_transaction_read_only=on"

T = TypeVar("T")

logging.getLogger("psycopg").addHandler(logging.NullHandler())  # else its warnings would be printed over the screen


class Connection(AsyncConnection[tuple[Any, ...]]):
    """A connection that ends when whoever waits on it goes away."""

    async def wait(self, gen: PQGen[T], interval: float = 0.1, *more: Any, **named: Any) -> T:
        """As psycopg's."""
        try:
            return await waiting.wait_async(gen, self.pgconn.socket, interval, *more, **named)
        except (asyncio.CancelledError, KeyboardInterrupt):
            self.pgconn.finish()
            raise


async def connected(dsn: str) -> Connection:
    """A connection in which every transaction is READ ONLY. Raises psycopg.Error."""
    parts = conninfo_to_dict(dsn)
    options = f"{parts.get('options') or ''} {_OURS}".strip()
    try:
        return await _connected(make_conninfo(dsn, options=options))
    except OperationalError as error:
        # A pooler before the server may take no options; each transaction is begun READ ONLY in any case.
        if "unsupported startup parameter" not in str(error):
            raise
    return await _connected(dsn)


async def _connected(dsn: str) -> Connection:
    """TCP itself notices within half a minute that the other side is gone without a word."""
    connection = await Connection.connect(
        dsn,
        connect_timeout=CONNECT_TIMEOUT,
        application_name=APPLICATION,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
    )
    await connection.set_read_only(True)
    return connection
