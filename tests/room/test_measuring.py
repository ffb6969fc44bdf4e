"""The measures of a journal: what is chosen of it, and what its drills and duplicates do not change."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.room.house import House
from cockpit.room.journal.measuring import Choice, Measured, measure_journal, measure_one, read_cases
from cockpit.room.options import Options
from cockpit.room.requests import Acknowledge, Close, Merge, Refusal, Resolve, Start
from cockpit.room.room import Room
from cockpit.room.setting import Setting
from tests.room.rooms import opened
from tests.stories import START

pytestmark = pytest.mark.anyio


async def resolved(house: House, clock: ManualClock, service: str, minutes: float, *, drill: bool = False) -> Room:
    """An incident of `service`, detected at once, acknowledged a minute later, resolved after so many."""
    setting = Setting(service, house.plans.setting.policies["incident-response-plan"])
    room = Room(house.store, clock, "@bob", setting)
    await room.perform(Start("outage", "p1", source="monitoring", drill=drill))
    clock.advance(60)
    await room.perform(Acknowledge())
    clock.advance(minutes * 60 - 60)
    await room.perform(Resolve())
    await room.perform(Close())
    return room


def options(folder: Path) -> Options:
    """What `cockpit measures` is started with in `folder`."""
    return Options({}, folder, actor="@alice", journal=folder / "record.db")


async def test_a_drill_and_a_merged_duplicate_leave_every_number_as_it_was(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        first = await resolved(house, clock, "shop", 30)
        await resolved(house, clock, "till", 50)
        before = await read_cases(house.store, house.room.setting.policies, clock.now())
        await resolved(house, clock, "shop", 400, drill=True)
        await resolved(house, clock, "shop", 500)
        await first.refresh()
        await first.perform(Merge("INC-2026-004", "the same"))
        assert await read_cases(house.store, house.room.setting.policies, clock.now()) == before
    measured = await measure_journal(options(tmp_path), clock, Choice(("service",)))
    assert [(group.key, group.spreads["resolve"].mean) for group in measured.groups] == [
        (("shop",), 1800.0), (("till",), 3000.0)
    ]  # fmt: skip
    drill = await measure_one(options(tmp_path), clock, "INC-2026-003")
    assert drill.apart == "a drill: it counts in no measure"
    duplicate = await measure_one(options(tmp_path), clock, "INC-2026-004")
    assert duplicate.label == "INC-2026-001"


async def test_days_and_services_are_chosen_and_the_goals_still_look_at_the_quarter_before(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        await resolved(house, clock, "shop", 30)
        clock.advance(timedelta(days=60).total_seconds())
        await resolved(house, clock, "shop", 15)
        await resolved(house, clock, "till", 15)
        every = await read_cases(house.store, house.room.setting.policies, clock.now())
    since = (START + timedelta(days=30)).date()
    recent = Measured.of(every, Choice(("month",), since, ("shop",)), clock.now())
    assert [case.label for case in recent.cases] == ["INC-2026-002"]
    mttr = next(goal for goal in recent.goals if goal.name == "mttr")
    assert (mttr.value, mttr.text) == (-0.5, "2026-Q1 (n 1) to 2026-Q2 so far (n 1)")
    with pytest.raises(Refusal, match="no incident that counts was declared on 'fleet'; there are shop, till"):
        Measured.of(every, Choice(services=("fleet",)), clock.now())
