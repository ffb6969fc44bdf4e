"""What a superuser put into the shared record past its rules: no cockpit takes it, each tells it, the rest is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from cockpit.incident.entry import Entry, canonical
from cockpit.incident.ids import new_id
from cockpit.values import replace
from tests.record.shared.forging import at, forged, put, sealed
from tests.record.shared.journals import ids, journal, record, refused, rows, texts, write

pytestmark = pytest.mark.anyio
OFF = "SET session_replication_role = replica"
NO_RULES = """
DO $$ DECLARE rule text; BEGIN
    FOR rule IN SELECT conname FROM pg_constraint WHERE conrelid = 'cockpit.entries'::regclass AND contype = 'c' LOOP
        EXECUTE format('ALTER TABLE cockpit.entries DROP CONSTRAINT %I', rule);
    END LOOP;
    FOR rule IN SELECT attname FROM pg_attribute
        WHERE attrelid = 'cockpit.entries'::regclass AND attnum > 1 AND attname <> 'arrived' LOOP
        EXECUTE format('ALTER TABLE cockpit.entries ALTER %I DROP NOT NULL', rule);
    END LOOP;
END $$
"""
FALSE = "it is not what its hash says"
DAMAGED = "it lies damaged in the shared record"
CASES: dict[str, tuple[Entry, dict[str, Any], str]] = {
    "another hash": (forged(), {"hash": b"0" * 32}, FALSE),
    "another digest": (forged(), {"digest": b"0" * 32}, FALSE),
    "words put into a mouth": (forged(), {"payload": canonical({"text": "all is well"})}, FALSE),
    "another actor": (forged(), {"actor": "@alice"}, FALSE),
    "no number": (forged(seq=0), {}, DAMAGED),
    "the last number": (forged(seq=2**63 - 1), {}, DAMAGED),
    "no hash at all": (forged(), {"hash": None}, DAMAGED),
    "no digest, nothing before": (forged(), {"digest": None, "previous": None}, DAMAGED),
    "no id": (forged(), {"id": None}, DAMAGED),
    "a time that is none": (forged(), {"occurred": "half past two"}, DAMAGED),
    "a clock that is none": (forged(), {"recorded": "2026-13-45T99:99:99.000000Z+000000"}, DAMAGED),
    "a clock that would drag all along": (forged(recorded=at("9999-01-01T00:00:00Z")), {}, "far ahead of the record"),
    "a clock that is full": (forged(recorded=at("2026-03-14T02:00:00Z", 999_999)), {}, "clock"),
    "no JSON": (forged(body=b"text"), {}, "its payload cannot be read"),
    "no object": (forged(body=b"[]"), {}, "its payload is no object"),
    "half of a character": (forged(body=b'{"text":"\\ud800"}'), {}, "its payload cannot be read"),
    "a number beyond all bounds": (forged(body=b'{"n":1e999}'), {}, "its payload cannot be read"),
    "a key twice": (forged(body=b'{"a":1,"a":2}'), {}, "its payload is not in the record's form"),
    "too deep": (forged(body=b'{"text":' + b"[" * 50_000 + b"]" * 50_000 + b"}"), {}, "its payload cannot be read"),
    "half erased": (forged(salt=None), {}, "half of it is erased"),
}


@pytest.mark.parametrize(("entry", "changed", "why"), CASES.values(), ids=CASES.keys())
async def test_it_is_told_and_what_came_before_and_after_is_read(
    entry: Entry, changed: dict[str, Any], why: str, dsn: str, tmp_path: Path
) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra), journal(tmp_path / "b.db", dsn) as (b, rb):
        await write(a, ra, "before")
        await ra.once()
        with psycopg.connect(dsn, autocommit=True) as superuser:
            superuser.execute(OFF)
            superuser.execute(NO_RULES.encode())
            put(superuser, entry, **changed)
        await write(a, ra, "after")
        await ra.once()
        await rb.once()
        for store, replicator in ((a, ra), (b, rb)):
            assert await texts(store) == ["before", "after"]
            [told] = await refused(store)
            assert why in told
            assert str(changed.get("id", entry.id)) in told
            verdict = await store.verify()
            assert (verdict.sound, verdict.refused) == (True, (told,))
            assert replicator.standing.state == "together"
        await write(b, rb, "and on")
        await rb.once()
        assert len(ids(dsn)) == 4


async def test_an_entry_that_was_altered_there_is_told_to_who_comes_later(dsn: str, tmp_path: Path) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra), journal(tmp_path / "b.db", dsn) as (b, rb):
        await write(a, ra, "one", "two", "three")
        await ra.once()
        two = (await record(a))[1][0]
        rows(dsn, OFF, NO_RULES, f"UPDATE cockpit.entries SET actor = '@eve' WHERE id = '{two}'")
        await rb.once()
        assert await texts(b) == ["one", "three"]
        assert FALSE in (await refused(b))[0]
        verdict = await b.verify()
        assert [each.what for each in verdict.problems] == ["follows seq 1: 1 missing"]
        assert (await a.verify()).sound  # who had it has it still


async def test_an_entry_that_was_erased_there_without_a_word_is_named_by_verify(dsn: str, tmp_path: Path) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra), journal(tmp_path / "b.db", dsn) as (b, rb):
        await write(a, ra, "one")
        await ra.once()
        rows(dsn, OFF, "UPDATE cockpit.entries SET payload = NULL, salt = NULL")
        await rb.once()
        [problem] = (await b.verify()).problems
        assert problem.what == "erased, and no redaction says so"


async def test_a_second_entry_at_one_place_of_a_chain_is_told(dsn: str, tmp_path: Path) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra), journal(tmp_path / "b.db", dsn) as (b, rb):
        await write(a, ra, "one")
        await ra.once()
        [mine] = [entry for incident in await a.incidents() for entry in await a.read(incident)]
        rows(dsn, "ALTER TABLE cockpit.entries DROP CONSTRAINT entries_writer_seq_key")
        with psycopg.connect(dsn, autocommit=True) as superuser:
            superuser.execute(OFF)
            put(superuser, sealed(replace(mine, id=new_id(), body=canonical({"text": "another"}))))
        await ra.once()
        await rb.once()
        assert await texts(a) == await texts(b) == ["one"]
        assert "has its place in the chain" in (await refused(a))[0]
        assert "has its place in the chain" in (await refused(b))[0]


async def test_an_id_that_another_entry_took_there_is_told_to_who_comes_with_his(dsn: str, tmp_path: Path) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra):
        await ra.once()
        await write(a, ra, "mine")
        mine = (await record(a))[0][0]
        with psycopg.connect(dsn, autocommit=True) as client:
            put(client, forged(id=mine))
        await ra.once()
        assert await texts(a) == ["mine"]
        assert any("its id" in each for each in await refused(a))
        await write(a, ra, "and on")
        await ra.once()
        assert len(ids(dsn)) == 2
