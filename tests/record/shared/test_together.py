"""Journals and a shared record that come together: all entries everywhere, each once, in one order."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from cockpit.clock import SystemClock
from cockpit.incident import kinds
from cockpit.incident.entry import Draft, Entry
from cockpit.incident.ids import new_id
from cockpit.record.shared.replicator import Replicator
from cockpit.record.store import Store
from tests.conftest import eventually
from tests.postgres import Server
from tests.record.shared.journals import journal, note, record, working
from tests.stories import INCIDENT, START

pytestmark = pytest.mark.anyio


async def test_what_one_writes_every_other_has(tmp_path: Path, dsn: str) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra), journal(tmp_path / "b.db", dsn) as (b, rb):
        async with working(ra), working(rb):
            for n in range(5):
                await a.append([note(f"a{n}")])
                await b.append([note(f"b{n}")])
                ra.wake()
                rb.wake()
            await eventually(lambda: ra.standing.state == rb.standing.state == "together")

            async def same() -> bool:
                return len(await record(a)) == 10 and await record(a) == await record(b)

            await eventually(same)
        assert (await a.verify()).sound
        assert (ra.standing.waiting, rb.standing.waiting) == (0, 0)


async def test_ten_that_start_at_once_make_one_record(tmp_path: Path, dsn: str, server: Server) -> None:
    async def one(n: int) -> None:
        async with journal(tmp_path / f"{n}.db", dsn) as (store, replicator):
            await store.append([note(f"from {n}")])
            await replicator.once()

    await asyncio.gather(*(one(n) for n in range(10)))
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT writer) FROM cockpit.entries").fetchone() == (10, 10)
        assert connection.execute("SELECT array_agg(version ORDER BY version) FROM cockpit.migrations").fetchone() == (
            [1, 2, 3, 4, 5],
        )


async def test_what_was_sent_and_not_answered_is_no_second_entry(tmp_path: Path, dsn: str) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra):
        await a.append([note("one"), note("two")])
        await ra.once()
        with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
            connection.execute("DELETE FROM meta WHERE name LIKE 'sent:%' OR name LIKE 'read:%'")
        await a.append([note("three")])
        await ra.once()
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*) FROM cockpit.entries").fetchone() == (3,)


async def test_journals_that_were_apart_come_to_one_story(tmp_path: Path, dsn: str) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra), journal(tmp_path / "b.db", dsn) as (b, rb):
        for n in range(300):  # more than one batch
            await (a if n % 2 else b).append([note(f"{n}")])
        for replicator in (ra, rb, ra):
            await replicator.once()
        assert len(await record(a)) == 300
        assert await record(a) == await record(b)


async def test_what_is_redacted_on_one_side_is_erased_on_every_side(tmp_path: Path, dsn: str) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra), journal(tmp_path / "b.db", dsn) as (b, rb):
        early = (await a.append([note("hunter2 slipped in")])).entries[0]
        await ra.once()
        await rb.once()
        await redact(b, early)
        unsent = (await b.append([note("hunter2 again")])).entries[0]
        await redact(b, unsent)
        await rb.once()
        await ra.once()
        assert await record(a) == await record(b)
        assert [redacted for _, _, redacted in await record(a)].count(True) == 2
        for store in (a, b):
            assert (await store.verify()).problems == []
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*) FROM cockpit.entries WHERE payload IS NULL").fetchone() == (2,)
    assert b"hunter2" not in (tmp_path / "a.db").read_bytes() + (tmp_path / "b.db").read_bytes()


async def redact(store: Store, entry: Entry) -> None:
    redaction = kinds.Redaction(entry=entry.id, why="a password", kept=dict(kinds.kept(entry)))
    await store.append([Draft(INCIDENT, redaction.kind, redaction.fields(), START, "@alice")])


async def test_the_shared_record_gives_the_labels(tmp_path: Path, dsn: str) -> None:
    first, second = new_id(), new_id()
    async with journal(tmp_path / "a.db", dsn) as (a, ra), journal(tmp_path / "b.db", dsn) as (b, rb):
        await a.append([Draft(first, "declared", {"name": "x"}, START, "@alice")])
        await b.append([Draft(second, "declared", {"name": "y"}, START, "@bob")])
        assert await a.labels() == {first: "INC-2026-L01"}
        await ra.once()
        await rb.once()
        await ra.once()
        await rb.once()
        assert await a.labels() == await b.labels() == {first: "INC-2026-001", second: "INC-2026-002"}
        assert await b.call(lambda journal: journal.former_labels()) == {"INC-2026-L01": second}


async def test_a_copy_of_a_journal_that_went_on_twice_loses_nothing_more(tmp_path: Path, dsn: str) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra):
        await a.append([note("before the copy")])
        await ra.once()
    (tmp_path / "copy.db").write_bytes((tmp_path / "a.db").read_bytes())
    async with journal(tmp_path / "a.db", dsn) as (a, ra), journal(tmp_path / "copy.db", dsn) as (copy, rc):
        await a.append([note("here")])
        forked = (await copy.append([note("there, away from the record")])).entries[0]
        await ra.once()
        await rc.once()
        assert [each.entry for each in await copy.call(_refusals)][-1] == forked.id
        await copy.append([note("there, afterwards")])
        await rc.once()
        await ra.once()
        texts = [str(entry.payload["text"]) for entry in await a.read(INCIDENT)]
        assert sorted(texts) == ["before the copy", "here", "there, afterwards"]


def _refusals(journal: object) -> tuple[object, ...]:
    from cockpit.record.outgoing import refusals

    return refusals(journal)  # type: ignore[arg-type]


async def test_how_far_the_clocks_are_apart_is_measured(tmp_path: Path, dsn: str) -> None:
    class Ahead(SystemClock):
        def now(self):  # type: ignore[no-untyped-def]
            return super().now() + timedelta(hours=1)

    store = await Store.open(tmp_path / "a.db", Ahead(), shared=True)
    replicator = Replicator(store, lambda: dsn, Ahead())
    async with working(replicator):
        await eventually(lambda: replicator.standing.skew is not None)
    assert replicator.standing.skew is not None
    assert abs(replicator.standing.skew - timedelta(hours=1)) < timedelta(minutes=1)
    await store.close()


async def test_who_only_observes_reads_and_cannot_write(tmp_path: Path, dsn: str) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra):
        await a.append([note("one")])
        await ra.once()
    store = await Store.open(tmp_path / "none.db", SystemClock(), read_only=True, shared=True)
    observer = Replicator(store, lambda: dsn, SystemClock(), "cockpit observing @eve", read_only=True)
    await observer.once()
    assert [entry.payload["text"] for entry in await store.read(INCIDENT)] == ["one"]
    assert observer.standing.state == "reading"
    async with observer._open() as shared, shared.connection() as connection:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await connection.execute("DELETE FROM cockpit.presence")
    await store.close()
    assert not (tmp_path / "none.db").exists()
