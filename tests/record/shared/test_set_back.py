"""A shared record that was restored from a backup, or a standby that took over: what it lost is sent to it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres import Server
from tests.record.shared.journals import Hasty, ids, journal, record, stands, texts, working, write
from tests.record.shared.logins import database_of

pytestmark = pytest.mark.anyio


def restore(server: Server, dsn: str, backup: str) -> None:
    """Put a copy in a database's place, ending every connection."""
    name = database_of(dsn)
    server.sql(f"DROP DATABASE {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {backup}")


@pytest.fixture
async def backup(server: Server, dsn: str, tmp_path: Path) -> str:
    """A copy of the record with one entry, of two that it gets."""
    name = f"{database_of(dsn)}_backup"
    async with journal(tmp_path / "a.db", dsn) as (a, ra), journal(tmp_path / "b.db", dsn) as (b, rb):
        await write(a, ra, "in the backup")
        await ra.once()
        await rb.once()
        server.sql(f"CREATE DATABASE {name} TEMPLATE {database_of(dsn)}")
        await write(a, ra, "after the backup")
        for replicator in (ra, rb, ra):
            await replicator.once()
        assert len(await texts(b)) == 2
    return name


@pytest.mark.parametrize("path", ["a.db", "b.db"], ids=["from its writer", "from who had read it"])
async def test_what_was_lost_there_comes_back(path: str, backup: str, dsn: str, server: Server, tmp_path: Path) -> None:
    restore(server, dsn, backup)
    async with journal(tmp_path / path, dsn) as (a, ra), journal(tmp_path / "new.db", dsn) as (c, rc):
        await ra.once()
        await rc.once()
        assert sorted(await texts(c)) == ["after the backup", "in the backup"]
        assert len(ids(dsn)) == 2
        assert await a.call(lambda journal: journal.refused()) == ()


async def test_what_others_write_in_the_place_of_what_was_lost_is_read(
    backup: str, dsn: str, server: Server, tmp_path: Path
) -> None:
    restore(server, dsn, backup)
    async with journal(tmp_path / "new.db", dsn) as (c, rc):
        await write(c, rc, "at a position that was taken", "and on")
        await rc.once()
        async with journal(tmp_path / "b.db", dsn, Hasty()) as (b, rb), working(rb):
            await stands(rb, "together")
            await rc.once()
            assert len(await texts(b)) == 4
            assert await record(b) == await record(c)
        assert len(ids(dsn)) == len(set(ids(dsn))) == 4


async def test_a_record_that_lost_nothing_is_not_sent_anything_again(backup: str, dsn: str, tmp_path: Path) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra):
        await ra.once()
        known = await a.call(lambda journal: journal.select("SELECT name FROM meta WHERE name LIKE 'restored:%'"))
        assert known == []
