"""The shared record as one cockpit reaches it: entries in, entries out, labels, and how far apart the clocks are."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from cockpit.clock import Clock
from cockpit.incident.entry import Entry
from cockpit.record.rows import row_of
from cockpit.record.schema import COLUMNS
from cockpit.record.shared.arrivals import entries_of
from cockpit.record.shared.errors import SharedError, explain
from cockpit.record.shared.migrate import migrate, migrations, version

PATIENCE = 8.0
"""Seconds after which a database that does not answer is taken for one that is away."""
BATCH = 200
"""Entries that are sent or read at a time."""
CHANNEL = "cockpit_entries"

_MARKS = ", ".join(["%s"] * 16)
_INSERT = f"INSERT INTO cockpit.entries ({COLUMNS}) VALUES ({_MARKS}) ON CONFLICT (id) DO NOTHING"
_PULL = f"SELECT position, {COLUMNS} FROM cockpit.entries WHERE position > %s ORDER BY position LIMIT {BATCH}"
_KNOWN = "SELECT id, hash FROM cockpit.entries WHERE id = ANY(%s)"
_LABELS = "SELECT incident, label FROM cockpit.labels WHERE incident = ANY(%s)"
_SETTINGS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "statement_timeout": "8s",
        "lock_timeout": "6s",
        "idle_in_transaction_session_timeout": "5s",  # a cockpit that stops in mid-sentence lets the others speak
        "client_encoding": "UTF8",
    }.items()
)
_WIRE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15000}
REFUSALS = (psycopg.IntegrityError, psycopg.DataError)
"""How the database says that an entry is none: the others may be."""
# What fails is told by `SharedError`; the library would write it across the screen as well.
logging.getLogger("psycopg").setLevel(logging.CRITICAL)
Connection = AsyncConnection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of sending entries: how many the record has now, and those that it refuses for good, with why."""

    there: int
    refused: tuple[tuple[Entry, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pulled:
    """Entries after a position, as they lie there; `read` is how far this reaches. Damaged rows are told in words."""

    entries: tuple[Entry, ...]
    read: int
    labels: Mapping[str, str]
    damaged: tuple[str, ...] = ()


class SharedRecord:
    """An open shared record. Made by `open`.

    Attributes:
        id: its identity, whatever it is called by.
        version: the version of its tables.
        writable: whether entries can be sent to it; `why` says why not.
    """

    def __init__(self, pool: AsyncConnectionPool[Connection], clock: Clock, id: str, version: int, why: str) -> None:
        self._pool = pool
        self._clock = clock
        self.id = id
        self.version = version
        self.why = why
        self._used: set[Connection] = set()

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
        more: dict[str, Any] = {
            "options": options,
            "application_name": name[:63],
            "connect_timeout": 5,
            "keepalives_idle": "10",
        }
        more |= {"keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "15000"}
        pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            dsn,
            min_size=0,
            max_size=3,
            open=False,
            kwargs={"autocommit": True, **more},
            timeout=PATIENCE,
            num_workers=1,
        )
        try:
            # Once without the pool, which would say only that it waited in vain.
            async with await AsyncConnection.connect(dsn, autocommit=True, **more) as connection:
                late = asyncio.get_running_loop().call_later(PATIENCE, cut, connection)
                found = await _usable(connection, read_only=read_only)
                late.cancel()
            await pool.open()
            opened = cls(pool, clock, *found)
            yield opened
            opened.abandon()
        except (psycopg.Error, OSError) as error:
            raise explain(error) from error
        finally:
            await pool.close(timeout=1)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for a moment; raises SharedError for whatever fails inside."""
        try:
            async with self._pool.connection() as connection, self._answering(connection):
                yield connection
        except (psycopg.Error, OSError) as error:
            raise explain(error) from error

    @asynccontextmanager
    async def _answering(self, connection: Connection) -> AsyncIterator[None]:
        """What does not answer for too long is away: a stopped server keeps its connections open."""
        self._used.add(connection)
        late = asyncio.get_running_loop().call_later(PATIENCE, cut, connection)
        try:
            yield
        finally:
            late.cancel()
            self._used.discard(connection)

    def abandon(self) -> None:
        """Let every connection go at once, also one whose answer somebody waits for."""
        for connection in tuple(self._used):
            cut(connection)

    async def send(self, entries: Sequence[Entry]) -> Sent:
        """Write entries that it does not have yet, all at once where it takes all; raises SharedError.

        What is there is asked for afterwards: an answer that was lost, or an entry that somebody else sent, is no
        second one.
        """
        if self.why:
            raise SharedError("read-only", self.why)
        refused: list[tuple[Entry, str]] = []
        async with self.connection() as connection:
            try:
                await _write(connection, entries)
            except REFUSALS:
                refused = await _one_by_one(connection, entries)
            known = dict(await (await connection.execute(_KNOWN, ([entry.id for entry in entries],))).fetchall())
        said = {entry.id for entry, _ in refused}
        for entry in entries:
            if entry.id not in said and known.get(entry.id) != entry.hash:
                refused.append((entry, "another entry there has its id"))
        return Sent(len(entries) - len(refused), tuple(refused))

    async def read(self, since: int) -> Pulled:
        """The next entries after a position; raises SharedError."""
        async with self.connection() as connection:
            rows = await (await connection.execute(_PULL.encode(), (since,))).fetchall()
            incidents = sorted({str(row[2]) for row in rows if row[3] == "declared"})
            labels = await _labels(connection, incidents)
        entries, damaged = await asyncio.to_thread(entries_of, rows)
        return Pulled(entries, int(rows[-1][0]) if rows else since, labels, damaged)

    async def labels(self, incidents: Sequence[str]) -> Mapping[str, str]:
        """The labels of incidents, of those that have one; raises SharedError."""
        async with self.connection() as connection:
            return await _labels(connection, incidents)

    async def skew(self) -> timedelta:
        """How far this machine's clock is ahead of the record's; negative: behind. Raises SharedError."""
        async with self.connection() as connection:
            before = self._clock.now()
            row = await (await connection.execute("SELECT clock_timestamp()")).fetchone()
            after = self._clock.now()
        assert row is not None
        theirs: datetime = row[0].astimezone(UTC)
        return before + (after - before) / 2 - theirs

    async def listen(self) -> AsyncIterator[None]:
        """Each time that somebody may have written; raises SharedError when the connection is lost."""
        try:
            async with self._pool.connection() as connection:
                self._used.add(connection)
                await connection.execute(f"LISTEN {CHANNEL}".encode())
                yield
                while True:
                    async for _ in connection.notifies(timeout=30.0, stop_after=1):
                        yield
                    async with self._answering(connection):  # a connection that died in silence says so now
                        await connection.execute("SELECT 1")
                    self._used.add(connection)
        except (psycopg.Error, OSError) as error:
            raise explain(error) from error


def cut(connection: Connection) -> None:
    """Break a connection: whoever waits on it is told that it is lost.

    To cancel the waiting task is not enough: psycopg then asks the server to cancel the query, and a server that is
    stopped does not answer that either.
    """
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(connection.pgconn.socket)) as wire:
        wire.shutdown(socket.SHUT_RDWR)


async def _usable(connection: Connection, *, read_only: bool) -> tuple[str, int, str]:
    """Its id, the version of its tables, and why nothing can be written to it; raises SharedError, psycopg.Error."""
    newest = max(migrations())
    found = await version(connection)
    if found < newest and not read_only:
        found = await migrate(connection)
    if not found:
        raise SharedError("unusable", "it has no tables yet; start a cockpit without --read-only once")
    row = await (await connection.execute("SELECT value FROM cockpit.meta WHERE name = 'record'")).fetchone()
    may = await (await connection.execute("SELECT has_any_column_privilege('cockpit.entries', 'INSERT')")).fetchone()
    standby = await (await connection.execute("SELECT pg_is_in_recovery()")).fetchone()
    why = "this cockpit was started with --read-only" if read_only else ""
    if found > newest:
        why = f"it is of a newer cockpit (tables {found}, this one knows {newest}): read here, written by that one"
    elif standby and standby[0]:
        why = "it is a standby: read-only"
    elif not (may and may[0]):
        why = "this login may read it only; grant it cockpit_responder"
    return str(row[0]) if row else "", found, why


async def _write(connection: Connection, entries: Sequence[Entry]) -> None:
    async with connection.transaction(), connection.cursor() as cursor:
        await cursor.executemany(_INSERT.encode(), [row_of(entry) for entry in entries])


async def _one_by_one(connection: Connection, entries: Sequence[Entry]) -> list[tuple[Entry, str]]:
    """Write each that the record takes, and tell why it does not take the others; raises psycopg.Error."""
    refused: list[tuple[Entry, str]] = []
    erased = [entry for entry in entries if entry.redacted or entry.kind == "redaction"]
    for group in ([each] for each in entries if each not in erased):
        refused += await _tried(connection, group)
    for group in [erased] if erased else []:  # what is erased and what says so belong together
        if found := await _tried(connection, group):
            refused += found if len(group) == 1 else [(each, found[0][1]) for each in group]
    return refused


async def _tried(connection: Connection, group: list[Entry]) -> list[tuple[Entry, str]]:
    try:
        await _write(connection, group)
    except REFUSALS as error:
        said = error.diag.message_primary or str(error)
        why = f"the shared record refuses it: {said}"
        return [(group[0], why)]
    return []


async def _labels(connection: Connection, incidents: Sequence[str]) -> dict[str, str]:
    if not incidents:
        return {}
    return dict(await (await connection.execute(_LABELS, (list(incidents),))).fetchall())
