"""A record that refuses is shown and loses nothing: requests are whole or not there, facts, drafts, messages wait."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident.kinds import Delivery
from cockpit.incident.terms import Status
from cockpit.record.errors import JournalError
from cockpit.room.facts import telling
from cockpit.room.house import House
from cockpit.room.messages.sending import INITIAL, Update
from cockpit.room.requests import Refusal, Start, Write
from cockpit.room.war_room import WarRoom
from cockpit.signal.changes import SourceBack, SourceLost
from tests.conftest import eventually
from tests.room.rooms import opened
from tests.stories import START

pytestmark = pytest.mark.anyio


@contextmanager
def refusing(folder: Path) -> Iterator[None]:
    """A journal in which no entry can be written, as on a broken disk."""
    with closing(sqlite3.connect(folder / "record.db", isolation_level=None)) as other:
        other.execute("CREATE TRIGGER refuse BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
        try:
            yield
        finally:
            other.execute("DROP TRIGGER refuse")


def kinds_of(house: House) -> Counter[str]:
    return Counter(entry.kind for entry in house.room.timeline.entries)


async def test_trouble_is_shown_and_clears_and_nothing_is_half_written(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("payment-failure"))
        with refusing(tmp_path):
            with pytest.raises(JournalError, match="full"):
                await house.room.perform(Write("lost"))
            assert "not recorded" in house.room.trouble
            assert kinds_of(house) == {"declared": 1}
        (entry,) = await house.room.perform(Write("kept"))
        assert house.room.trouble == ""
        assert entry.payload["text"] == "kept"
        assert len(await house.store.read(house.room.incident)) == 2


async def test_a_declaration_of_several_entries_is_whole_or_not_there(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        with closing(sqlite3.connect(tmp_path / "record.db", isolation_level=None)) as other:
            other.execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON entries WHEN new.kind = 'severity'"
                " BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
            )
        with pytest.raises(JournalError):
            await house.room.perform(Start("payment-failure", "p1", source="customer", detected=START))
        assert await house.store.incidents() == []
        assert await house.store.labels() == {}
        assert house.room.state.declared is None


async def test_facts_wait_for_the_disk_and_are_written_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "RETRY", 1.0)
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        war = WarRoom(house, clock)
        await war.go_live()
        try:
            await house.room.perform(Start("payment-failure"))
            with refusing(tmp_path):
                war._telling.take(SourceLost("prometheus", "refused", START))
                war._telling.take(SourceBack("prometheus", START + timedelta(seconds=9)))
                await eventually(lambda: house.room.trouble)
                assert kinds_of(house)["source"] == 0

            def written() -> bool:
                clock.advance(1.0)
                return kinds_of(house)["source"] == 2

            await eventually(written)
            said = [e.payload["state"] for e in house.room.timeline.entries if e.kind == "source"]
            assert said == ["lost", "back"]
            assert house.room.trouble == ""
        finally:
            await war.close()


async def test_drafts_survive_the_cockpit_that_typed_them(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        await house.room.perform(Start("payment-failure"))
        WarRoom(house, clock).keep_draft("note", "half a sen", START)
    async with opened(tmp_path, clock=clock, actor="@alice") as house:
        war = WarRoom(house, clock)
        draft = war.draft("note")
        assert draft is not None
        assert (draft.text, draft.began) == ("half a sen", START)
        assert war.draft("status") is None
        war.drop_draft("note")
        assert war.draft("note") is None
    async with opened(tmp_path, clock=clock, read_only=True) as house:
        WarRoom(house, clock).keep_draft("note", "x", START)
        assert WarRoom(house, clock).draft("note") is None


def update(house: House) -> Update:
    return Update(house.messages.compose(INITIAL, {}, Status.IDENTIFIED), Status.IDENTIFIED, "it is the pool")


async def test_a_status_update_is_one_set_of_entries(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("payment-failure"))
        entries = await house.room.perform(update(house))
        assert [entry.kind for entry in entries] == ["status", "message"]
        with refusing(tmp_path), pytest.raises(JournalError):
            await house.room.perform(update(house))
        assert kinds_of(house)["message"] == 1


async def test_what_a_crash_left_waiting_is_delivered_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("payment-failure"))
        house.room.wrote = lambda _: None  # recorded; and then the process is gone
        await house.room.perform(update(house))
        message = next(iter(house.room.state.messages))
    async with opened(tmp_path) as alice, opened(tmp_path, actor="@bob") as bob:
        for each in (alice, bob, alice):
            await each.delivering.go_on()
            await each.room.refresh()
        assert (tmp_path / "messages.txt").read_text().count(f"=== message {message}") == 1
        assert alice.room.state.messages[message].state == "sent"
        with pytest.raises(Refusal, match="no undelivered message"):
            await alice.delivering.retry(message)


async def test_a_delivery_that_was_made_and_not_recorded_is_not_made_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("payment-failure"))
        house.room.wrote = lambda _: None  # recorded; and then the process is gone
        made = update(house)
        await house.room.perform(made)
        assert made.composed is not None
        with refusing(tmp_path), pytest.raises(JournalError):
            await house.delivering.go_on()
    text = (tmp_path / "messages.txt").read_text()
    assert text.count("=== message ") == 1
    async with opened(tmp_path) as house:
        (result,) = await house.delivering.go_on()
        assert isinstance(result.sent, Delivery)
        assert (tmp_path / "messages.txt").read_text() == text
        assert kinds_of(house)["delivery"] == 1
        assert await house.delivering.go_on() == []
