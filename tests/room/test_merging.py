"""Merging a duplicate: one act in both records, and both ids lead to the incident that goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident.terms import Status
from cockpit.record.errors import JournalError
from cockpit.room.house import House
from cockpit.room.journal.listing import find_incident, listing
from cockpit.room.requests import Close, Merge, Refusal, Reopen, SetStatus, Start, Write
from cockpit.room.room import Room
from cockpit.room.setting import Setting
from cockpit.room.war_room import WarRoom
from tests.conftest import eventually
from tests.room.rooms import opened
from tests.stories import START

pytestmark = pytest.mark.anyio


async def another(house: House, name: str, *, drill: bool = False) -> str:
    """Declare a second incident, as another cockpit did that did not know of the first; gives its id."""
    setting = Setting(f"service-of-{name}", house.room.setting.policy)
    room = Room(house.store, house.room.clock, "@bob", setting)
    await room.perform(Start(name, "p2", drill=drill))
    return room.incident


async def test_both_records_say_so_in_one_act_and_both_ids_lead_to_one(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("payment-failure", "p1"))
        duplicate = await another(house, "checkout-errors")
        taken, into = await house.room.perform(Merge("INC-2026-002", "the same pool"))
        assert (taken.incident, taken.payload["direction"]) == (house.room.incident, "from")
        assert (into.incident, into.payload["direction"]) == (duplicate, "into")
        assert [entry.kind for entry in house.room.timeline.entries] == ["declared", "severity", "merge"]
        found = await find_incident(house.store, "INC-2026-002")
        assert (found.state.incident, found.label, found.merged) == (
            house.room.incident, "INC-2026-001", ("INC-2026-002",),
        )  # fmt: skip
        own = await find_incident(house.store, "inc-2026-002", unmerged=True)
        assert (own.state.incident, own.state.status, own.merged) == (duplicate, Status.CLOSED, ())
        assert own.state.statuses[-1].text == "merged into INC-2026-001"
        assert {each.label: each.state.over for each in await listing(house.store)} == {
            "INC-2026-001": False, "INC-2026-002": True,
        }  # fmt: skip
    async with opened(tmp_path, incident="INC-2026-002") as house:
        assert (house.room.label, house.merged) == ("INC-2026-001", ("INC-2026-002",))


async def test_an_incident_that_was_merged_on_leads_to_the_last(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("first"))
        second, third = await another(house, "second"), await another(house, "third")
        await house.room.perform(Merge("INC-2026-002"))
        first = house.room.incident
        await house.room.attach(third)
        with pytest.raises(Refusal, match="INC-2026-002 was merged into INC-2026-001 already"):
            await house.room.perform(Merge("INC-2026-002"))
        await house.room.perform(Merge("INC-2026-001"))
        for name in (second, first, third, "INC-2026-002"):
            assert (await find_incident(house.store, name)).state.incident == third
        assert (await find_incident(house.store, "INC-2026-002")).merged == ("INC-2026-002", "INC-2026-001")


async def test_what_cannot_be_merged_is_said_and_nothing_written(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("payment-failure"))
        await another(house, "game-day", drill=True)
        duplicate = await another(house, "checkout-errors")
        before = await house.store.position()
        for other, words in {
            "INC-2026-001": "is this incident",
            "INC-2026-002": "is a drill and this one is not",
            "INC-2026-009": "there is no incident 'INC-2026-009'",
            "": "there is no incident",
        }.items():
            with pytest.raises(Refusal, match=words):
                await house.room.perform(Merge(other))
        with closing(sqlite3.connect(tmp_path / "record.db", isolation_level=None)) as disk:
            disk.execute(
                f"CREATE TRIGGER refuse BEFORE INSERT ON entries WHEN new.incident = '{duplicate}'"
                " BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
            )
            with pytest.raises(JournalError):
                await house.room.perform(Merge("INC-2026-003"))
            disk.execute("DROP TRIGGER refuse")
        assert await house.store.position() == before
        await house.room.perform(Close(false_alarm="a test"))
        with pytest.raises(Refusal, match=r"INC-2026-003 is open and this one is closed.*merge this one into"):
            await house.room.perform(Merge("INC-2026-003"))


async def test_nothing_is_written_into_what_was_merged(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("payment-failure"))
        duplicate = await another(house, "checkout-errors")
        await house.room.perform(Merge("INC-2026-002"))
        await house.room.attach(duplicate)
        for request in (Write("x"), Reopen("x"), Close(), Merge("INC-2026-001")):
            with pytest.raises(Refusal, match="merged into INC-2026-001: write there"):
                await house.room.perform(request)


async def test_two_that_merge_each_other_at_once_leave_one_that_goes_on(tmp_path: Path) -> None:
    async with opened(tmp_path) as alice, opened(tmp_path, actor="@bob") as bob:
        await alice.room.perform(Start("payment-failure"))
        await bob.room.attach(await another(alice, "checkout-errors"))
        await alice.room.perform(Merge("INC-2026-002"))
        with pytest.raises(Refusal, match="merged into INC-2026-001"):
            await bob.room.perform(Merge("INC-2026-001"))


async def test_a_cockpit_on_the_duplicate_goes_on_in_the_one_that_took_it_in(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as alice, opened(tmp_path, actor="@bob", clock=clock) as bob:
        await alice.room.perform(Start("payment-failure"))
        await bob.room.attach(await another(alice, "checkout-errors"))
        war, told = WarRoom(bob, clock), list[tuple[str, str]]()
        war.on_merged = lambda was, now: told.append((was, now))
        await war.go_live()
        try:
            await alice.room.perform(Merge("INC-2026-002"))

            def moved() -> bool:
                clock.advance(1.0)
                return bob.room.incident == alice.room.incident

            await eventually(moved)
            await eventually(lambda: told)
            assert told == [("INC-2026-002", "INC-2026-001")]
            assert war.complete("merge ") == ["INC-2026-002"]
        finally:
            await war.close()


async def test_a_second_incident_of_a_service_is_declared_when_it_is_said_and_refused_when_not(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("payment-failure", "p1"))
        first = house.room.incident
        with pytest.raises(Refusal, match=r"already declared here .* or declare --another"):
            await house.room.perform(Start("refunds-fail"))
        with pytest.raises(Refusal, match="no severity"):
            await house.room.perform(Start("refunds-fail", "p9", another=True))
        assert (house.room.incident, house.room.state.name) == (first, "payment-failure"), "the open one stays"
        await house.room.perform(Start("refunds-fail", "p2", another=True))
        assert (house.room.label, house.room.state.name) == ("INC-2026-002", "refunds-fail")
        assert [entry.kind for entry in house.room.timeline.entries] == ["declared", "severity"]
        await house.room.perform(Merge("INC-2026-001"))
        assert {each.label: each.state.over for each in await listing(house.store)} == {
            "INC-2026-001": True, "INC-2026-002": False,
        }  # fmt: skip


async def test_a_drill_keeps_nobody_from_declaring_what_is_real(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("game-day", "p1", drill=True))
        with pytest.raises(Refusal, match="already declared here"):
            await house.room.perform(Start("second-drill", drill=True))
        await house.room.perform(Start("real-fire", "p0"))
        assert (house.room.state.name, house.room.state.drill) == ("real-fire", False)
        with pytest.raises(Refusal, match="already declared here"):
            await house.room.perform(Start("another-drill", drill=True))
        await house.room.perform(SetStatus("mitigating"))
        assert house.room.state.status is Status.MITIGATING, "a status alone is set, not said"
