"""The list of incidents: what is due next stands first, and what is over comes after what is open."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.room.house import House
from cockpit.room.listing import listing
from cockpit.room.requests import Close, Request, Resolve, Start
from cockpit.room.room import Room, Setting
from tests.room.rooms import opened
from tests.stories import START

pytestmark = pytest.mark.anyio


async def lived(house: House, name: str, *requests: Request, policy: bool = True) -> None:
    """An incident of a service of its own."""
    setting = Setting(f"service-of-{name}", house.room.setting.policy if policy else None)
    room = Room(house.store, house.room.clock, "@bob", setting)
    await room.perform(Start(name, "p1"))
    for request in requests:
        await room.perform(request)


async def test_the_list_begins_with_what_is_due_next(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        await lived(house, "timeless", policy=False)
        await lived(house, "over", Resolve())
        await lived(house, "older")
        clock.advance(60)
        await lived(house, "newer")
        await lived(house, "ghost", Close(false_alarm="a test"))
        found = await listing(house.store, house.room.setting.clocks_of)
        assert [each.state.name for each in found] == ["older", "newer", "timeless", "ghost", "over"]
        assert [each.standing for each in found] == ["investigating"] * 3 + ["false alarm", "resolved"]
        assert [bool(each.waiting) for each in found] == [True, True, False, False, False]
        older, newer = found[:2]
        assert newer.waiting[0].due - older.waiting[0].due == timedelta(minutes=1)
        clock.advance(3540)
        assert [each.lasted(clock.now()) for each in found] == [
            timedelta(hours=1), timedelta(minutes=59), timedelta(hours=1), timedelta(), timedelta(),
        ]  # fmt: skip
