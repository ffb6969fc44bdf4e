"""Which record a room writes to: two cockpits that begin at once come to one, and a closed incident is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.incident.terms import Status
from cockpit.record.store import Store
from cockpit.room.requests import Check, Close, Facts, Refusal, Request, Resolve, Start, Write
from cockpit.room.room import Room
from cockpit.room.setting import Setting

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
CRASHING = kinds.Pods(state="crashing", count=3, total=5, reason="CrashLoopBackOff")


def seen() -> Request:
    """What a cockpit writes by itself when pods begin to crash."""
    return Facts(lambda state: [] if state.pods else [(CRASHING, None)], actor="cockpit")


@asynccontextmanager
async def rooms(folder: Path, count: int) -> AsyncIterator[list[Room]]:
    """So many cockpits on one journal, each with a connection of its own."""
    clock = ManualClock(NOW)
    stores = [await Store.open(folder / "record.db", clock) for _ in range(count)]
    try:
        yield [Room(store, clock, "@ada", Setting("payment-service")) for store in stores]
    finally:
        for store in stores:
            await store.close()


async def test_cockpits_that_see_the_first_fault_at_once_come_to_one_record(tmp_path: Path) -> None:
    async with rooms(tmp_path, 6) as several:
        await asyncio.gather(*(room.perform(seen()) for room in several))
        for room in several:
            await room.refresh()
        assert len({room.incident for room in several}) == 1
        assert [entry.kind for entry in several[0].timeline.entries] == ["watching", "pods"]


async def test_what_was_refused_does_not_keep_a_cockpit_from_the_record_that_another_begins(tmp_path: Path) -> None:
    async with rooms(tmp_path, 2) as (here, there):
        with pytest.raises(Refusal):
            await here.perform(Check("ic.initial.page"))
        assert here.incident == ""
        await there.perform(Start("payment-failure"))
        assert await here.adopt()
        assert here.incident == there.incident


async def test_after_a_closed_incident_another_is_declared(tmp_path: Path) -> None:
    async with rooms(tmp_path, 1) as (room,):
        await room.perform(Start("first"))
        for request in (Resolve(), Close()):
            await room.perform(request)
        first, version = room.incident, room.timeline.version
        await room.perform(Start("second"))
        assert room.incident != first
        assert (room.state.name, room.state.status) == ("second", Status.INVESTIGATING)
        assert room.label.endswith("-002")
        assert room.timeline.version > version


async def test_a_note_on_a_closed_incident_stays_in_its_record(tmp_path: Path) -> None:
    async with rooms(tmp_path, 1) as (room,):
        await room.perform(Start("first"))
        await room.perform(Close(false_alarm="a test"))
        first = room.incident
        await room.perform(Write("it was the load test"))
        assert room.incident == first
