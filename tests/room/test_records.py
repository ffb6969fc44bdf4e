"""Which records of a journal are read when somebody asks for the present one: few, and none twice."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident.entry import Entry
from cockpit.record.errors import JournalError
from cockpit.record.journal import Journal
from cockpit.record.store import Store
from cockpit.room.journal.records import Records
from cockpit.room.requests import Close, Request, Resolve, Start, Write
from cockpit.room.room import Room
from cockpit.room.setting import Setting
from cockpit.values import replace
from tests.stories import START

pytestmark = pytest.mark.anyio
OVER = (Start("past"), Resolve("done"), Close())


class Reads:
    """What was read of the journal: whole records, and courses."""

    def __init__(self) -> None:
        self.whole: list[str] = []
        self.courses: list[str] = []


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """Counts what is read; it is read all the same."""
    found, read = Reads(), Journal.read

    def counting(self: Journal, incident: str, *, since: int = 0, kinds: Sequence[str] = ()) -> list[Entry]:
        (found.courses if kinds else found.whole).append(incident)
        return read(self, incident, since=since, kinds=kinds)

    monkeypatch.setattr(Journal, "read", counting)
    return found


@asynccontextmanager
async def journal(folder: Path) -> AsyncIterator[Store]:
    store = await Store.open(folder / "record.db", ManualClock(START))
    try:
        yield store
    finally:
        await store.close()


async def record(store: Store, service: str, *requests: Request) -> str:
    """A record of its own; its id."""
    room = Room(store, ManualClock(START), "@ada", Setting(service))
    for number, request in enumerate(requests):
        await room.perform(replace(request, another=True) if isinstance(request, Start) and not number else request)
    return room.incident


async def test_of_many_that_are_over_none_is_read_whole_and_none_twice(tmp_path: Path, reads: Reads) -> None:
    async with journal(tmp_path) as store:
        for service in ("pay", "shop", "pay"):
            await record(store, service, *OVER)
        open_one = await record(store, "pay", Start("open"))
        records = Records(store)
        reads.whole.clear()
        reads.courses.clear()
        for _ in range(2):
            room = Room(store, ManualClock(START), "@bob", Setting("unheard-of"), records=records)
            assert not await room.adopt()
        assert (reads.whole, len(reads.courses)) == ([], 4)
        room = Room(store, ManualClock(START), "@bob", Setting("pay"), records=records)
        assert await room.adopt()
        assert (room.incident, reads.whole) == (open_one, [open_one])
        await room.perform(Write("news"))
        assert await Room(store, ManualClock(START), "@cy", Setting("pay"), records=records).adopt()
        assert len(reads.courses) == 5, "only the one that was written to"


async def test_where_the_latest_is_meant_the_others_are_not_read(tmp_path: Path, reads: Reads) -> None:
    async with journal(tmp_path) as store:
        for _ in range(3):
            await record(store, "pay", *OVER)
        latest = await record(store, "pay", Start("open"))
        reads.whole.clear()
        reads.courses.clear()
        assert await Room(store, ManualClock(START), "@bob", Setting("pay")).adopt()
        assert (reads.courses, reads.whole) == ([latest], [latest])


async def test_a_damaged_record_is_in_the_way_only_of_what_lies_behind_it(tmp_path: Path) -> None:
    async with journal(tmp_path) as store:
        behind = await record(store, "shop", Start("open"))
        damaged = await record(store, "pay", *OVER)
        latest = await record(store, "pay", Start("open"))
        await record(store, "other", Start("open"))
    with closing(sqlite3.connect(tmp_path / "record.db")) as connection, connection:
        connection.execute("DROP TRIGGER entries_keep")
        connection.execute("UPDATE entries SET occurred = 'never' WHERE incident = ? AND kind = 'declared'", (damaged,))
    async with journal(tmp_path) as store:
        records = Records(store)
        room = Room(store, ManualClock(START), "@bob", Setting("pay"), records=records)
        assert await room.adopt()
        assert room.incident == latest
        for _ in range(2):
            with pytest.raises(JournalError, match="damaged"):
                await Room(store, ManualClock(START), "@bob", Setting("shop"), records=records).adopt()
        assert await records.services(START) == {"pay", "other", "shop"}
        assert behind


async def test_what_is_open_for_long_is_found_and_an_old_watch_is_not(tmp_path: Path) -> None:
    async with journal(tmp_path) as store:
        watch = await record(store, "shop", Write("looks odd"))
        old = await record(store, "pay", Start("open"))
        records, later = Records(store), START + timedelta(days=40)

        async def present(service: str, *, today: bool = False) -> list[str]:
            return [each async for each in records.present(lambda found: found == service, later, today=today)]

        assert await present("pay") == [old]
        assert await present("pay", today=True) == await present("shop") == []
        assert [each async for each in records.present(lambda _: True, START)] == [old, watch], "the latest first"


async def test_who_went_to_a_record_about_something_else_stays_there(tmp_path: Path) -> None:
    """As to one of alerts that name no service, while his own has an incident."""
    async with journal(tmp_path) as store:
        nobodys = await record(store, "", Write("an alert"))
        await record(store, "pay", Start("open"))
        room = Room(store, ManualClock(START), "@bob", Setting("pay"))
        await room.attach(nobodys)
        assert not await room.go_on()
        assert not await room.join()
        await room.perform(Start("theirs"))
        assert (room.incident, room.state.service) == (nobodys, "pay")


async def test_only_who_has_no_service_at_all_takes_up_any_record(tmp_path: Path) -> None:
    async with journal(tmp_path) as store:
        await record(store, "pay", Start("open"))
        clock = ManualClock(START)
        assert not await Room(store, clock, "@bob", Setting("", alone=True)).adopt()
        nobodys = Room(store, clock, "@bob", Setting("", alone=True))
        assert not await nobodys.join()
        assert await Room(store, clock, "@bob", Setting("")).adopt()
