"""What the program records by itself: a fact that cannot be one takes no other with it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest
from conftest import eventually

from cockpit.clock import SystemClock
from cockpit.incident.entry import Entry
from cockpit.record.errors import JournalError
from cockpit.room.facts import telling as telling_module
from cockpit.room.facts import waiting as waiting_facts
from cockpit.room.facts.telling import Telling
from cockpit.room.requests import Facts
from cockpit.signal.changes import Change, EndpointChanged
from tests.room.rooms import START, opened

pytestmark = pytest.mark.anyio


async def test_after_a_defect_in_one_fact_the_others_are_recorded(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        troubled = list[str]()
        telling = Telling(
            house.room, house.room.clock, lambda: None, lambda: True, lambda: troubled.append(house.room.trouble)
        )
        writing = asyncio.create_task(telling.write())
        telling.take(cast(Change, object()))
        telling.take(EndpointChanged("health", "GET http://shop/health", "ok", "failing", "503", None, START))
        await eventually(lambda: house.room.state.endpoints)
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
    [trouble] = troubled
    assert "a defect in the cockpit" in trouble


async def test_what_a_refusing_journal_makes_wait_is_bounded_and_what_is_left_out_is_counted_in_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_facts, "MOST", 3)
    monkeypatch.setattr(telling_module, "RETRY", 0.02)
    async with opened(tmp_path, clock=SystemClock()) as house:
        refused = list[str]()
        telling = Telling(house.room, house.room.clock, lambda: None, lambda: True, lambda: refused.append("refused"))
        perform = house.room.perform_in

        async def refuses(*_: object) -> tuple[Entry, ...]:
            raise JournalError("the disk is full", "make room")

        monkeypatch.setattr(house.room, "perform_in", refuses)
        writing = asyncio.create_task(telling.write())
        for number in range(1, 10):
            telling.take(
                EndpointChanged(
                    f"e{number}", "GET http://shop/health", "ok", "failing", "503", None, house.room.clock.now()
                )
            )
            await eventually(lambda: refused)
        monkeypatch.setattr(house.room, "perform_in", perform)
        await eventually(lambda: len(house.room.state.endpoints) == 4)
        assert list(house.room.state.endpoints) == ["e1", "e7", "e8", "e9"], "the one in hand, and the latest"
        [note] = [entry for entry in house.room.timeline.entries if entry.kind == "note"]
        assert note.actor == "cockpit"
        assert str(note.payload["text"]).startswith("5 changes were not recorded between ")
        assert not telling.waiting
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing


async def test_a_moment_and_the_latest_list_of_alerts_are_never_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting_facts, "MOST", 2)
    waiting = waiting_facts.Waiting()
    for number, kind in enumerate(("list", "moment", "list", "change", "moment", "change")):
        fact = Facts(lambda _: (), actor=f"{number}")
        waiting.put(waiting_facts.Waits("i", fact, START, 0.0, kind, "i"))
    told = [await waiting.get() for _ in range(4)]
    assert [each.fact.actor for each in told] == ["cockpit", "1", "2", "4"], "and the latest list of all alerts"
    assert not waiting
