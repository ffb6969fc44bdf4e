"""Catching up in the room: only a person marks what was seen, on any of their machines, and nothing late is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident.entry import Draft, Tail, seal
from cockpit.incident.ids import new_id
from cockpit.record.seen import Seen, SeenMarks
from cockpit.room.house import House
from cockpit.room.journal.catching_up import CatchingUp
from cockpit.room.refusal import Refusal
from cockpit.room.requests import Start, Write
from tests.conftest import eventually
from tests.postgres import Server, running
from tests.room.rooms import opened
from tests.room.test_shared_record import cockpit
from tests.stories import START

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A database server for this file."""
    with running() as found:
        yield found


@asynccontextmanager
async def incident(folder: Path, clock: ManualClock) -> AsyncIterator[House]:
    """An incident that @bob has declared."""
    async with opened(folder, actor="@bob", clock=clock) as bob:
        await bob.room.perform(Start("x", "p1"))
        yield bob


def caught(house: House) -> CatchingUp:
    return CatchingUp(house.room, house.sharing)


async def test_who_was_never_here_is_told_all_and_who_was_what_came_since(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with incident(tmp_path, clock) as bob, opened(tmp_path, actor="@ada", clock=clock) as ada:
        first = caught(ada)
        await first.look_for()
        assert first.line == "2 entries before you came: C" or first.line == "1 entry before you came: C"
        assert (await first.told()).since.startswith("all of it, you have not been here before")
        await first.mark()
        assert first.line == ""
        clock.advance(60 * 37)
        await bob.room.perform(Write("something new"))
        await ada.room.refresh()
        again = caught(ada)
        await again.look_for()
        assert again.line == "1 entry since you were here 37 min ago: C"
        told = await again.told()
        assert (told.since, told.entries) == ("since you were here at 02:00Z, 37 min ago", 1)
        again.looked()
        assert again.line == ""
        assert (await caught(ada).told()).entries == 1, "to look at it is not to have seen it"
        other = CatchingUp(bob.room, None)
        assert (await other.told()).entries == 0, "what he wrote himself is not news to him"


async def test_a_late_entry_of_another_writer_was_not_seen(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with incident(tmp_path, clock) as bob:
        clock.advance(600)
        mine = caught(bob)
        await mine.mark()
        draft = Draft(bob.room.incident, "note", {"text": "from elsewhere"}, START, "@eve")
        late, _ = seal(draft, Tail(new_id()), id=new_id(), now=START + timedelta(seconds=1))
        await bob.store.call(lambda journal: journal.adopt([late]))
        await bob.room.refresh()
        assert (await mine.told()).entries == 1


async def test_since_an_instant_and_after_ones_own_last_entry(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with incident(tmp_path, clock) as bob, opened(tmp_path, actor="@ada", clock=clock) as ada:
        await ada.room.perform(Write("ada was here"))
        clock.advance(300)
        await bob.room.perform(Write("later"))
        await ada.room.refresh()
        told = await caught(ada).told()
        assert (told.since, told.entries) == ("since your last entry at 02:00Z, 5 min ago", 1)
        assert (await caught(ada).told(START)).entries > 1
        assert (await caught(ada).told(clock.now() - timedelta(seconds=1))).entries == 1


async def test_a_cockpit_that_only_reads_keeps_nothing(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with incident(tmp_path, clock), opened(tmp_path, actor="@eve", clock=clock, read_only=True) as eve:
        with pytest.raises(Refusal, match="--read-only"):
            await caught(eve).mark()
    assert not (tmp_path / "seen").exists()


async def test_a_shared_keyboard_that_nobody_holds_marks_nothing(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with incident(tmp_path, clock) as bob:
        bob.room.keyboard.shared = True
        with pytest.raises(Refusal, match="nobody holds the keyboard"):
            await caught(bob).mark()


def test_a_mark_that_is_broken_is_none_and_marks_are_joined(tmp_path: Path) -> None:
    marks = SeenMarks.beside(tmp_path / "record.db")
    assert marks.kept("i", "@ada") is None
    marks.keep("i", "@ada", Seen(START, {"a": 3, "b": 1}))
    marks.keep("i", "@ada", Seen(START - timedelta(hours=1), {"a": 2, "c": 1}))
    assert marks.kept("i", "@ada") == Seen(START, {"a": 3, "b": 1, "c": 1})
    assert marks.kept("i", "@bob") is None
    (file,) = (tmp_path / "seen").iterdir()
    for broken in ("", "[]", '{"at": 1}', '{"at": "2026-03-14T02:00:00.000000Z", "upto": 3}'):
        file.write_text(broken)
        assert marks.kept("i", "@ada") is None


async def test_what_was_seen_on_one_machine_is_seen_on_the_other(tmp_path: Path, server: Server) -> None:
    dsn = server.database()
    async with cockpit(tmp_path / "b", dsn, "@bob") as bob:
        await bob.room.perform(Start("checkout", ""))
        async with cockpit(tmp_path / "a", dsn, "@ada") as ada:
            await eventually(lambda: ada.room.state.declared is not None)
            await ada.catching_up.mark()
            seen = "SELECT count(*) FROM cockpit.seen WHERE handle = '@ada'"
            await eventually(lambda: server.sql(seen, database=dsn.split("@/")[1].split("?")[0]) == [(1,)])
        await bob.room.perform(Write("while ada was away"))
        async with cockpit(tmp_path / "c", dsn, "@ada") as ada:
            await eventually(lambda: ada.catching_up.line.startswith("1 entry since you were here"), timeout=20)
            assert (await ada.catching_up.told()).entries == 1
