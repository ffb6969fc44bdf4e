"""A cockpit that ends, or a wire that breaks, at any point between journal and database: each entry there, once."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cockpit.record.shared import connection, record
from cockpit.record.shared.errors import SharedError
from tests.campaign.shared.checking import check
from tests.campaign.shared.wire import Wire, laid
from tests.conftest import ROOT, eventually
from tests.postgres import Server
from tests.record.shared.journals import ids, journal, rows, write
from tests.record.shared.journals import record as copy
from tests.record.shared.logins import database_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def wire(server: Server) -> AsyncIterator[Wire]:
    """A wire to the server."""
    async with laid(server.data / ".s.PGSQL.5432") as found:
        yield found


def through(wire: Wire, dsn: str) -> str:
    """The connection string over a wire."""
    return f"postgresql://postgres@127.0.0.1:{wire.port}/{database_of(dsn)}?sslmode=disable&gssencmode=disable"


async def test_a_wire_that_breaks_after_any_byte_loses_and_doubles_nothing(
    wire: Wire, dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "REACHING", 1.0)
    chance, broken = random.Random("cut"), 0
    async with journal(tmp_path / "a.db", through(wire, dsn)) as (a, ra):
        await ra.once()
        for n in range(25):
            await write(a, ra, f"{n}", f"{n} again")
            wire.cut_after(chance.randrange(1, 4000))
            try:
                await ra.once()
            except SharedError:
                broken += 1
            wire.mend()
        await ra.once()
        assert ra.standing.waiting == 0
        assert sorted(ids(dsn)) == sorted(id for id, _, _ in await copy(a))
        assert len(ids(dsn)) == 50
        assert (await a.verify()).refused == ()
    assert broken > 5


async def test_what_was_taken_and_never_answered_is_there_once(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra):
        await ra.once()
        rows(
            dsn,
            "CREATE FUNCTION public.late() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_sleep(0.6); RETURN NULL; END $$",
            "CREATE TRIGGER z_late AFTER INSERT ON cockpit.entries FOR EACH STATEMENT EXECUTE FUNCTION public.late()",
        )
        monkeypatch.setattr(connection, "PATIENCE", 0.3)
        await write(a, ra, "one", "two")
        with pytest.raises(SharedError):
            await ra.once()
        assert ra.standing.waiting == 2
        await eventually(lambda: len(ids(dsn)) == 2)
        rows(dsn, "DROP TRIGGER z_late ON cockpit.entries")
        await ra.once()
        assert ra.standing.waiting == 0
        assert len(ids(dsn)) == 2
        assert (await a.verify()).refused == ()


async def test_a_process_killed_at_any_moment_has_each_acknowledged_entry_in_both_once(
    dsn: str, tmp_path: Path
) -> None:
    chance = random.Random("kill")
    path, acknowledged = tmp_path / "w.db", tmp_path / "w.acks"
    for life in range(3):
        words = ("-m", "tests.campaign.shared.writing", str(path), f"life{life}", dsn, "0")
        writer = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT)
        before, more = lines(acknowledged), chance.randrange(1, 12)
        await eventually(lambda before=before, more=more: lines(acknowledged) >= before + more)  # type: ignore[misc]
        writer.kill()
        await writer.wait()
    async with journal(path, dsn) as (_, replicator):
        await replicator.once()
        await replicator.once()
    found = check(tmp_path, dsn)
    assert (found.lost, found.doubled, found.problems) == (0, 0, [])
    assert found.entries >= found.acknowledged > 3


def lines(path: Path) -> int:
    """How many whole ones there are."""
    return path.read_bytes().count(b"\n") if path.exists() else 0
