"""A lost notification loses nothing, and a kept one brings an entry at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from tests.conftest import eventually
from tests.postgres import Server
from tests.record.shared.journals import journal, stands, texts, working, write
from tests.record.shared.logins import database_of

pytestmark = pytest.mark.anyio
WAITERS = "FROM pg_stat_activity WHERE datname = '{}' AND state = 'idle' AND application_name = 'cockpit'"


async def test_a_notification_brings_an_entry_without_waiting_for_the_next_look(dsn: str, tmp_path: Path) -> None:
    still = ManualClock(datetime.now(UTC))  # on which the next look never comes
    async with (
        journal(tmp_path / "a.db", dsn, still) as (a, ra),
        journal(tmp_path / "b.db", dsn) as (b, rb),
        working(ra),
    ):
        await stands(ra, "together")
        for n in range(3):
            await write(b, rb, f"{n}")
            await rb.once()
            await eventually(lambda n=n: _has(a, n + 1))  # type: ignore[misc]


async def _has(store: object, count: int) -> bool:
    return len(await texts(store)) == count  # type: ignore[arg-type]


async def test_what_was_written_while_nobody_listened_is_read_on_reconnecting(
    dsn: str, server: Server, tmp_path: Path
) -> None:
    still = ManualClock(datetime.now(UTC))
    waiters = WAITERS.format(database_of(dsn))
    async with (
        journal(tmp_path / "a.db", dsn, still) as (a, ra),
        journal(tmp_path / "b.db", dsn) as (b, rb),
        working(ra),
    ):
        await stands(ra, "together")
        await eventually(lambda: server.sql(f"SELECT 1 {waiters} AND query LIKE 'LISTEN%'"))
        server.sql(f"SELECT pg_terminate_backend(pid) {waiters}")
        await write(b, rb, "one", "two")
        await rb.once()
        await stands(ra, "away")

        async def has_both() -> bool:
            still.advance(1)
            await asyncio.sleep(0)
            return await texts(a) == ["one", "two"]

        await eventually(has_both)
        await stands(ra, "together")


async def test_what_no_notification_told_is_read_at_the_next_look(dsn: str, server: Server, tmp_path: Path) -> None:
    still = ManualClock(datetime.now(UTC))
    async with (
        journal(tmp_path / "a.db", dsn, still) as (a, ra),
        journal(tmp_path / "b.db", dsn) as (b, rb),
        working(ra),
    ):
        await stands(ra, "together")
        server.sql("ALTER TABLE cockpit.entries DISABLE TRIGGER e_tell", database=database_of(dsn))
        await write(b, rb, "unheard")
        await rb.once()
        assert await texts(a) == []

        async def has_it() -> bool:
            still.advance(1)
            return await texts(a) == ["unheard"]

        await eventually(has_it)
