"""The list of incidents: what is due next stands first, and what is over comes after what is open."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.incident.entry import Draft, Entry
from cockpit.incident.ids import new_id
from cockpit.incident.terms import Status
from cockpit.record.store import Store
from cockpit.room.house import House
from cockpit.room.journal.listing import Listed, listing
from cockpit.room.requests import Close, Request, Resolve, Start
from cockpit.room.room import Room
from cockpit.room.setting import Setting
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


async def test_of_what_is_over_the_course_tells_what_the_whole_record_tells(tmp_path: Path) -> None:
    chance = random.Random(4)
    async with opened(tmp_path, clock=ManualClock(START)) as house:
        for _ in range(120):
            await lived_somehow(house.store, chance)
        whole = await listing(house.store, house.room.setting.clocks_of)
        course = await listing(house.store, house.room.setting.clocks_of, whole=False)
    assert [shown(each) for each in course] == [shown(each) for each in whole]
    assert 20 < sum(each.state.over for each in whole) < 100
    assert [each.state for each in course if not each.state.over] == [e.state for e in whole if not e.state.over]


def shown(listed: Listed) -> tuple[object, ...]:
    """What a list shows of an incident."""
    state = listed.state
    said = (state.incident, state.name, state.service, state.severity, state.drill, state.merged_into, state.statuses)
    return (listed.label, listed.standing, listed.lasted(START + timedelta(days=9)), listed.waiting, state.over, *said)


async def lived_somehow(store: Store, chance: random.Random) -> None:
    """An incident in which things happen in any order: also amended, redacted, and dated back."""
    incident, entries = new_id(), list[Entry]()
    for _ in range(chance.randint(2, 16)):
        payload = chance.choice(HAPPENINGS)
        before = chance.choice(entries) if entries and chance.random() < 0.3 else None
        if before is not None and chance.random() < 0.4 and before.kind != "redaction" and not before.redacted:
            payload = kinds.Redaction(entry=before.id, why="a name", kept=dict(kinds.kept(before)))
            before = None
        occurred = START + timedelta(minutes=chance.randrange(90))
        supersedes = before.id if before else None
        draft = Draft(incident, payload.kind, payload.fields(), occurred, "@alice", supersedes=supersedes)
        entries += (await store.append([draft])).entries


HAPPENINGS: list[kinds.Payload] = [
    kinds.Watching(service="shop"),
    kinds.Declared(name="slow", service="shop", policy="payment-service"),
    kinds.Declared(name="broken", drill=True),
    kinds.Severity(severity="P1"),
    kinds.Severity(severity="P2", why="fewer are hit"),
    kinds.StatusChange(status=Status.MITIGATING, text="rolled back"),
    kinds.StatusChange(status=Status.RESOLVED, text="it holds"),
    kinds.Closed(text="reviewed"),
    kinds.Closed(false_alarm="a test"),
    kinds.Reopened(why="again"),
    kinds.Merge(other="01950000-0000-7000-8000-000000000099", label="INC-2026-099", direction="into", why="the same"),
    kinds.Note(text="a note"),
    kinds.Mitigation(text="more pods"),
]
