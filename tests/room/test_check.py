"""Ticking by request: what a person says of an item stands, whatever fact ticks it by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.incident.checklists import Tick
from cockpit.incident.wording import headline
from cockpit.room import grammar
from cockpit.room.house import House
from cockpit.room.requests import Acknowledge, Check, DoneByHand, Refusal, Start
from tests.room.rooms import opened

pytestmark = pytest.mark.anyio

ACKNOWLEDGE = "ic.initial.acknowledge"


def tick(house: House, item: str = ACKNOWLEDGE) -> Tick:
    """The item as the room has it."""
    lists = house.room.checklists()
    return next(t for each in lists for phase in each.phases for t in phase.ticks if t.item.id == item)


async def test_an_item_that_a_fact_ticked_is_opened_again_and_stays_open(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("payment-failure", "P1"))
        (taken,) = await house.room.perform(Acknowledge())
        assert (tick(house).state, tick(house).answered, tick(house).ref) == ("done", True, taken.id[-6:])
        (opened_again,) = await house.room.perform(Check(ACKNOWLEDGE, "open"))
        assert opened_again.payload["state"] == "open"
        assert (tick(house).state, tick(house).answered) == ("open", False)
        with pytest.raises(Refusal, match="is open already"):
            await house.room.perform(Check(ACKNOWLEDGE, "open"))


async def test_a_person_may_say_what_a_fact_said_before_and_only_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("payment-failure", "P1"))
        await house.room.perform(Acknowledge())
        await house.room.perform(Check(ACKNOWLEDGE))
        assert (tick(house).state, tick(house).answered) == ("done", False)
        with pytest.raises(Refusal, match="is done already"):
            await house.room.perform(Check(ACKNOWLEDGE))


async def test_an_item_that_nobody_touched_is_open_already(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("payment-failure", "P1"))
        with pytest.raises(Refusal, match="is open already"):
            await house.room.perform(Check("ic.initial.page", "open"))


async def test_ticks_of_facts_are_computed_and_no_entry_is_written(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("payment-failure", "P1"))
        assert tick(house, "ic.initial.declare").answered
        assert [entry.kind for entry in house.room.timeline.entries if entry.kind == "checklist"] == []
    async with opened(tmp_path) as house:
        await house.room.adopt()
        assert tick(house, "ic.initial.declare").answered


async def test_a_step_done_by_hand_ticks_what_waits_for_it_and_mitigates(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("x", "p1"))
        with pytest.raises(Refusal, match=r"no step 'gateway.vendr'; did you mean `gateway.vendor`"):
            await house.room.perform(DoneByHand("gateway.vendr"))
        (entry,) = await house.room.perform(
            grammar.parse("done gateway.fallback they route around it", house.room.clock.now)
        )
        assert entry.payload == {
            "step": "gateway.fallback", "title": "Enable fallback", "text": "they route around it", "mitigates": True,
        }  # fmt: skip
        assert house.room.state.mitigated is not None
        assert headline(entry, house.room.state).text == "Enable fallback, done by hand: they route around it"
