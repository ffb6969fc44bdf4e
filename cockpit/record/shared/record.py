"""The shared record as one cockpit reaches it: entries in, entries out, labels, and how far apart the clocks are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import psycopg
from msgspec import Struct
from psycopg_pool import AsyncConnectionPool

from cockpit.clock import Clock
from cockpit.incident.entry import Entry
from cockpit.record.adopt import Refused
from cockpit.record.schema import COLUMNS
from cockpit.record.shared.arrivals import entries_of
from cockpit.record.shared.connection import Connection
from cockpit.record.shared.errors import HERE, SharedError, explain
from cockpit.record.shared.migrate import migrate, migrations, version
from cockpit.record.shared.sending import Sent, send

REACHING = 15.0
"""Seconds that a new connection may take: with TLS and a password it is seven answers, over a bad link."""
BATCH = 200
"""Entries that are sent or read at a time."""
CHANNEL = "cockpit_entries"

_PULL = f"""
SELECT position, clock_timestamp(), {COLUMNS} FROM cockpit.entries WHERE position > %s ORDER BY position LIMIT {BATCH}
"""
_HAS = """
SELECT (SELECT count(*) FROM cockpit.entries WHERE id = ANY(%s)),
    %s <= (SELECT coalesce(max(position), 0) FROM cockpit.entries)
"""
_LABELS = "SELECT incident, label FROM cockpit.labels WHERE incident = ANY(%s)"
_STATE = """
SELECT (SELECT value FROM cockpit.meta WHERE name = 'record'),
    (SELECT coalesce(max(version), 0) FROM cockpit.migrations),
    has_any_column_privilege('cockpit.entries', 'INSERT'), pg_is_in_recovery(),
    current_setting('transaction_read_only') = 'on', clock_timestamp()
"""
_SETTINGS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "statement_timeout": "8s",
        "lock_timeout": "6s",
        "idle_in_transaction_session_timeout": "8s",  # who stops in the middle of a migration lets the others go on
        "client_encoding": "UTF8",
    }.items()
)
_WIRE: Mapping[str, Any] = {
    "connect_timeout": int(REACHING),
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15000,
}
# What fails is told by `SharedError`; the library would write it across the screen as well.
logging.getLogger("psycopg").setLevel(logging.CRITICAL)


class Pulled(Struct, frozen=True):
    """Entries after a position, as they lie there; `read` is how far this reaches. `damaged` are rows that are none."""

    entries: tuple[Entry, ...]
    read: int
    labels: Mapping[str, str]
    damaged: tuple[Refused, ...] = ()


class SharedRecord:
    """An open shared record. Made by `open`.

    Attributes:
        id: its identity, whatever it is called by.
        version: the version of its tables.
        why: why no entries can be sent to it; empty while they can.
        standby: it follows another server, and can only be read.
        skew: how far this machine's clock was ahead of the record's when it was asked last; negative: behind.
    """

    def __init__(self, pool: AsyncConnectionPool[Connection], clock: Clock, *, read_only: bool) -> None:
        self._pool = pool
        self._clock = clock
        self._read_only = read_only
        self.id = ""
        self.version = 0
        self.why = ""
        self.standby = False
        self.skew = timedelta()

    @property
    def writable(self) -> bool:
        """Whether entries can be sent to it."""
        return not self.why

    @classmethod
    @asynccontextmanager
    async def open(cls, dsn: str, clock: Clock, name: str, *, read_only: bool = False) -> AsyncIterator[Self]:
        """Reach it, and bring its tables to what this program knows.

        Args:
            name: what the server calls this cockpit's connections: `cockpit @ada ic`.
            read_only: open connections that cannot write, by the server's own word.

        Raises:
            SharedError: it cannot be reached or used.
        """
        options = f"{_SETTINGS} -c default_transaction_read_only=on" if read_only else _SETTINGS
        how: dict[str, Any] = {**_WIRE, "autocommit": True, "options": options, "application_name": name[:63]}
        size: dict[str, Any] = {"min_size": 0, "max_size": 3, "timeout": REACHING, "num_workers": 1}
        pool = AsyncConnectionPool(dsn, connection_class=Connection, kwargs=how, open=False, **size)
        opened = cls(pool, clock, read_only=read_only)
        try:
            # Once without the pool, which would say only that it waited in vain.
            async with await Connection.connect(dsn, **how) as connection:
                await opened._prepare(connection)
            await pool.open()
            yield opened
        except (psycopg.Error, OSError) as error:
            raise explain(error) from error
        finally:
            await pool.close(timeout=1)

    async def _prepare(self, connection: Connection) -> None:
        """Bring the tables on, and ask how it stands; raises SharedError, psycopg.Error."""
        found = await version(connection)
        if found < max(migrations()) and not self._read_only:
            found = await migrate(connection)
        if not found:
            raise SharedError("unusable", "it has no tables yet; start a cockpit without --read-only once")
        await self._ask(connection)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for a moment; raises SharedError for whatever fails inside."""
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (psycopg.Error, OSError) as error:
            raise explain(error) from error

    async def look(self) -> None:
        """Ask anew how it stands: `version`, `why`, `skew`; raises SharedError."""
        async with self.connection() as connection:
            await self._ask(connection)

    async def _ask(self, connection: Connection) -> None:
        before = self._clock.now()
        row = await (await connection.execute(_STATE)).fetchone()
        after = self._clock.now()
        assert row is not None
        self.id, self.version = str(row[0] or ""), int(row[1])
        self.standby = bool(row[3])
        self.why = self._objection(may=bool(row[2]), read_only=bool(row[4]))
        theirs: datetime = row[5].astimezone(UTC)
        self.skew = before + (after - before) / 2 - theirs

    def _objection(self, *, may: bool, read_only: bool) -> str:
        """Why nothing can be sent to it."""
        newest = max(migrations())
        if self._read_only:
            return "this cockpit was started with --read-only"
        if self.version > newest:
            tables = f"tables {self.version}, this one knows {newest}"
            return f"it is of a newer cockpit ({tables}): read here, written by that one; update this one"
        if self.standby:
            return f"it is a standby: read-only; {HERE}"
        if read_only:
            return f"it is read-only now; {HERE}"
        return "" if may else f"this login may read it only; {HERE}; grant it cockpit_responder"

    async def send(self, entries: Sequence[Entry]) -> Sent:
        """Write entries that it does not have yet, all at once where it takes all; raises SharedError."""
        if self.why:
            raise SharedError("read-only", self.why)
        if not entries:
            return Sent(0)
        async with self.connection() as connection:
            return await send(connection, entries)

    async def read(self, since: int) -> Pulled:
        """The next entries after a position; raises SharedError."""
        async with self.connection() as connection:
            rows = await (await connection.execute(_PULL.encode(), (since,))).fetchall()
            incidents = sorted({str(row[3]) for row in rows if row[4] == "declared"})
            labels = await _labels(connection, incidents)
        if not rows:
            return Pulled((), since, labels)
        position, now, *_ = rows[-1]
        entries, damaged = await asyncio.to_thread(entries_of, [row[2:] for row in rows], now)
        return Pulled(entries, int(position), labels, damaged)

    async def has(self, ids: Sequence[str], position: int) -> bool:
        """Whether it still has those entries, and reaches that position; raises SharedError."""
        async with self.connection() as connection:
            row = await (await connection.execute(_HAS, (list(ids), position))).fetchone()
        return row is not None and int(row[0]) == len(ids) and bool(row[1])

    async def labels(self, incidents: Sequence[str]) -> Mapping[str, str]:
        """The labels of incidents, of those that have one; raises SharedError."""
        async with self.connection() as connection:
            return await _labels(connection, incidents)

    async def listen(self) -> AsyncIterator[None]:
        """Each time that somebody may have written; raises SharedError when the connection is lost.

        A standby lets nobody listen (PostgreSQL 17, 26.4.1): there it says nothing more after the first time.
        """
        if self.standby:
            yield
            await asyncio.Event().wait()
        async with self.connection() as connection:
            await connection.execute(f"LISTEN {CHANNEL}".encode())
            yield
            while True:
                connection.listening, heard = True, False
                try:
                    async for _ in connection.notifies(timeout=30.0, stop_after=1):
                        heard = True
                        yield
                finally:
                    connection.listening = False
                if not heard:
                    await connection.execute("SELECT 1")  # a connection that died in silence says so now


async def _labels(connection: Connection, incidents: Sequence[str]) -> dict[str, str]:
    if not incidents:
        return {}
    return dict(await (await connection.execute(_LABELS, (list(incidents),))).fetchall())
