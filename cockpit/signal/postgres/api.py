"""One PostgreSQL as signals need it: one connection that is kept, read-only transactions, failures told for people.

It imports psycopg, which takes its time: import it in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict

from cockpit.config import Secret, SecretError
from cockpit.signal.postgres.failures import PostgresError, explain, no_connection_string, unreadable
from cockpit.signal.postgres.wire import CONNECT_TIMEOUT, Connection, connected

LOCK_TIMEOUT = 0.8
"""Seconds that a read may wait for a lock: it waits in a queue in which others stand behind it."""
_MARGIN = 3.0
"""Seconds beyond the server's own limit after which it counts as gone."""

_SETTINGS = (
    "SELECT set_config('statement_timeout', %s, true), set_config('lock_timeout', %s, true), "
    "set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true)"
)

T = TypeVar("T")


class PostgresApi:
    """The server behind a connection string.

    Args:
        name: as the configuration calls it.
        dsn: where the connection string comes from; it is fetched for each new connection, as it may be renewed.
    """

    def __init__(self, name: str, dsn: Secret) -> None:
        self._name = name
        self._dsn = dsn
        self._connection: Connection | None = None
        self._parts: dict[str, Any] = {}

    async def ask(self, work: Callable[[Connection], Awaitable[T]], timeout: float) -> T:
        """Do `work` in one READ ONLY transaction, each statement of which may take `timeout` seconds.

        It connects when there is no connection, and anew when the one that was kept had ended meanwhile; it keeps the
        one on which the server itself refused a statement.

        Raises:
            PostgresError: the server cannot be asked, or refused.
        """
        kept = self._connection is not None
        try:
            return await self._ask(work, timeout)
        except PostgresError as error:
            if not kept or error.refused or error.slow:
                raise
        return await self._ask(work, timeout)

    async def _ask(self, work: Callable[[Connection], Awaitable[T]], timeout: float) -> T:
        try:
            connection = await self._connected()
            async with asyncio.timeout(timeout + _MARGIN):
                await connection.execute(_SETTINGS, (f"{timeout * 1000:.0f}ms", f"{LOCK_TIMEOUT * 1000:.0f}ms"))
                found = await work(connection)
                await connection.rollback()
                return found
        except SecretError as error:
            raise no_connection_string(self._name, error) from None
        except (TimeoutError, psycopg.Error) as error:
            await self._after(error)
            raise explain(error, self._parts, timeout) from None
        except (ValueError, LookupError, TypeError) as error:  # what came over the wire is not what was asked for
            await self.close()
            raise unreadable(error) from None
        except BaseException:  # somebody went away: what is under way must not answer the next who asks; raised again
            await self.close()
            raise

    async def close(self) -> None:
        """Let the connection go; the next `ask` makes a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            dsn = await asyncio.to_thread(self._dsn.resolve)
            try:
                self._parts = dict(conninfo_to_dict(dsn))
            except psycopg.ProgrammingError as error:
                raise no_connection_string(self._name, error) from None
            async with asyncio.timeout(CONNECT_TIMEOUT + _MARGIN):
                self._connection = await connected(dsn)
        return self._connection

    async def _after(self, error: Exception) -> None:
        """Go on with the connection when the server refused a statement on it; any other is in doubt."""
        connection = self._connection
        if connection is not None and not connection.closed and getattr(error, "sqlstate", None):
            try:
                async with asyncio.timeout(_MARGIN):
                    await connection.rollback()
                return
            except (TimeoutError, psycopg.Error):
                pass  # it is broken: as below
        await self.close()
