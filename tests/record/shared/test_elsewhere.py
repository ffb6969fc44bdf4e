"""A bundle that came in on one machine: what it left out is missed on no other, and what is missing is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from cockpit.clock import SystemClock
from cockpit.record.bundle.read import Bundle
from cockpit.record.bundle.take import import_bundle
from cockpit.record.bundle.write import write_bundle
from cockpit.record.journal import Journal
from cockpit.record.store import Store
from tests.postgres import Server
from tests.record.bundles import OTHER, said
from tests.record.shared.journals import journal, note, record, rows
from tests.record.shared.logins import login
from tests.stories import INCIDENT

pytestmark = pytest.mark.anyio
KNOWN = "SELECT first, last FROM cockpit.elsewhere ORDER BY first, last"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A bundle of entries 3, 6 and 7 of a writer whose others are of another incident."""
    there = Journal.open(tmp_path / "there" / "record.db", SystemClock())
    for n, incident in enumerate((OTHER, OTHER, INCIDENT, OTHER, OTHER, INCIDENT, INCIDENT), 1):
        there.append([said(f"{n}", incident)])
    write_bundle(there, INCIDENT, tmp_path / "one.bundle")
    write_bundle(there, OTHER, tmp_path / "other.bundle")
    there.close()
    return tmp_path / "one.bundle"


async def take(path: Path, store: Store) -> None:
    with Bundle.open(path) as bundle:
        came = await store.call(lambda opened: import_bundle(bundle, opened, SystemClock()))
    assert came.added


async def problems(store: Store) -> list[str]:
    return [each.what for each in (await store.verify()).problems]


async def test_what_one_took_in_is_sound_on_every_machine(tmp_path: Path, dsn: str, file: Path) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra), journal(tmp_path / "b.db", dsn) as (b, rb):
        await b.append([note("theirs")])
        await rb.once()
        await take(file, a)
        await ra.once()
        await rb.once()
        assert len(await record(b)) == 4
        for store in (a, b):
            verdict = await store.verify()
            assert (verdict.problems, list(verdict.elsewhere.values())) == ([], [4])
    assert rows(dsn, KNOWN) == [(1, 2), (4, 5)]


async def test_what_is_really_missing_is_named(tmp_path: Path, dsn: str, file: Path) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra), journal(tmp_path / "b.db", dsn) as (b, rb):
        await take(file, a)
        await ra.once()
        await rb.once()
        with closing(sqlite3.connect(tmp_path / "b.db")) as raw, raw:
            raw.execute("DROP TRIGGER entries_stay")
            raw.execute("DELETE FROM entries WHERE seq = 6")
        assert await problems(b) == ["follows seq 3: 3 missing"]
        await rb.once()  # and no round makes that good in silence
        assert await problems(b) == ["follows seq 3: 3 missing"]
        assert await problems(a) == []


async def test_what_came_later_is_elsewhere_no_more(tmp_path: Path, dsn: str, file: Path) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra), journal(tmp_path / "b.db", dsn) as (b, rb):
        await take(file, a)
        await ra.once()
        await rb.once()
        await take(tmp_path / "other.bundle", b)
        await rb.once()
        await ra.once()
        for store, name in ((a, "a.db"), (b, "b.db")):
            verdict = await store.verify()
            assert (verdict.problems, verdict.elsewhere, verdict.entries) == ([], {}, 7)
            with closing(sqlite3.connect(tmp_path / name)) as raw, raw:
                raw.execute("DROP TRIGGER entries_stay")
                raw.execute("DELETE FROM entries WHERE seq = 4")
            assert await problems(store) == ["follows seq 3: 1 missing"]


async def test_it_is_told_once(tmp_path: Path, dsn: str, file: Path) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra), journal(tmp_path / "b.db", dsn) as (b, rb):
        await take(file, a)
        for replicator in (ra, rb, ra, rb):
            await replicator.once()
        await take(file.with_name("other.bundle"), b)
        for replicator in (rb, ra, rb):
            await replicator.once()
    assert rows(dsn, KNOWN) == [(1, 2), (4, 5)]
    assert rows(dsn, "SELECT max(position) FROM cockpit.elsewhere") == [(2,)]


async def test_a_journal_that_was_written_to_by_hand_holds_up_nothing(tmp_path: Path, dsn: str) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra):
        with closing(sqlite3.connect(tmp_path / "a.db")) as raw, raw:
            raw.execute("INSERT INTO meta VALUES ('elsewhere:mallory', '[[1, 2]]'), ('elsewhere:x', 'no JSON')")
            raw.execute("INSERT INTO meta VALUES (?, ?)", (f"elsewhere:{INCIDENT}", f"[[0, 5], [9, 7], [1, {2**70}]]"))
        await a.append([note("ours")])
        await ra.once()
    assert rows(dsn, KNOWN) == []
    assert rows(dsn, "SELECT count(*) FROM cockpit.entries") == [(1,)]


async def test_who_responds_adds_to_it_and_nobody_changes_it(
    tmp_path: Path, dsn: str, server: Server, file: Path
) -> None:
    async with journal(tmp_path / "first.db", dsn) as (_, first):
        await first.once()
    ours = login(server, dsn, "cockpit_responder")
    async with journal(tmp_path / "a.db", ours) as (a, ra):
        await take(file, a)
        await ra.once()
    observer = login(server, dsn, "cockpit_observer")
    assert rows(observer, KNOWN) == rows(ours, KNOWN) == [(1, 2), (4, 5)]
    add = f"INSERT INTO cockpit.elsewhere (writer, first, last) VALUES ('{INCIDENT}', 1, 2)"
    for who, statement in (
        (observer, add), (ours, "DELETE FROM cockpit.elsewhere"), (ours, "UPDATE cockpit.elsewhere SET last = 9"),
        (ours, "TRUNCATE cockpit.elsewhere"), (dsn, "DELETE FROM cockpit.elsewhere"),
        (dsn, "UPDATE cockpit.elsewhere SET last = 9"), (dsn, "TRUNCATE cockpit.elsewhere"),
        (ours, add.replace("1, 2", "2, 1")), (ours, add.replace("1, 2", "0, 1")), (ours, add.replace(INCIDENT, "x")),
    ):  # fmt: skip
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.CheckViolation)):
            rows(who, statement)
