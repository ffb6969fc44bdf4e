"""Hostile entries at the shared record's own door, and those that an older cockpit let into a journal."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from cockpit.record.rows import row_of
from cockpit.record.schema import COLUMNS
from cockpit.record.shared.sending import REFUSALS
from tests.record.hostile import HOSTILE, ODD
from tests.record.shared.forging import forged, put
from tests.record.shared.journals import ids, journal, note, rows

pytestmark = pytest.mark.anyio

IN_NO_JOURNAL = frozenset({"no number", "a number below none", "words without salt"})
"""What a journal's own tables never took."""


async def made(dsn: str, folder: Path) -> None:
    """Make the tables."""
    async with journal(folder / "first.db", dsn) as (_, replicator):
        await replicator.once()


async def test_the_tables_refuse_all_that_a_journal_refuses_and_no_more(tmp_path: Path, dsn: str) -> None:
    await made(dsn, tmp_path)
    let_in, kept_out = [], []
    with psycopg.connect(dsn, autocommit=True) as client:
        for name, fields in HOSTILE.items():
            try:
                put(client, forged(**fields))
            except REFUSALS:
                continue
            let_in.append(name)
        for name, fields in ODD.items():
            try:
                put(client, forged(**fields))
            except REFUSALS as error:
                kept_out.append((name, str(error)))
    assert (let_in, kept_out) == ([], [])
    assert len(ids(dsn)) == len(ODD)


async def test_those_in_an_old_journal_are_told_and_hold_up_nothing(tmp_path: Path, dsn: str) -> None:
    await made(dsn, tmp_path)
    async with journal(tmp_path / "old.db", dsn) as (old, replicator):
        await old.append([note("before")])
        bad = [forged(**HOSTILE[name]) for name in HOSTILE if name not in IN_NO_JOURNAL]
        with closing(sqlite3.connect(tmp_path / "old.db")) as raw, raw:
            raw.executemany(
                f"INSERT INTO entries ({COLUMNS}) VALUES ({','.join('?' * 16)})", [row_of(each) for each in bad]
            )
        good = (await old.append([note("after")])).entries[0]
        await replicator.once()
        assert replicator.standing.state == "together"
        assert replicator.standing.waiting == 0
        assert good.id in ids(dsn)
        assert rows(dsn, "SELECT count(*) FROM cockpit.entries") == [(2,)]
        assert len(await old.call(lambda opened: opened.refused())) == len(bad)
