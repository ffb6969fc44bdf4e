"""Ticking a checklist by id, by number and by words; what is not one item is refused with those that it may be."""

from __future__ import annotations

from pathlib import Path

import pytest
from room.rooms import opened

from cockpit.clock import ManualClock
from cockpit.room import grammar
from cockpit.room.house import House
from cockpit.room.requests import Refusal
from tests.stories import START

pytestmark = pytest.mark.anyio

NOTHING = {
    "check ic.initial.nothing": "no checklist item 'ic.initial.nothing'; `cockpit incident checklist` lists them",
    "check page": r"'page' is \d+ items: ic.initial.page \(.*write the id",
    "check 3": "item 3 of which list\\? as in `check ops 3`; there are: ic, ",
    "check king 3": "item 3 of which list",
    "check ic 0": "the list of ic has no item 0; it has 1 to ",
    "check ic 9999": "the list of ic has no item 9999",
    "check ''": "there is no checklist item ''",
}


async def ticked(house: House, line: str) -> tuple[str, str]:
    """Do what `line` says; gives the item's id and what it is now."""
    (entry,) = await house.room.perform(grammar.parse(line, house.room.clock.now))
    return str(entry.payload["item"]), str(entry.payload["state"])


async def test_an_item_is_named_by_id_number_or_words(tmp_path: Path) -> None:
    async with opened(tmp_path, clock=ManualClock(START)) as house:
        await house.room.perform(grammar.parse("start payment-failure p1", house.room.clock.now))
        items = {each.checklist.role: [tick.item for phase in each.phases for tick in phase.ticks]
                 for each in house.room.checklists()}  # fmt: skip
        first, third, last = items["ic"][0], items["ic"][2], items["ops"][-1]
        assert await ticked(house, f"check {first.id}") == (first.id, "done")
        assert await ticked(house, f"check {first.text.lower()} --undo") == (first.id, "open")
        assert await ticked(house, "check ic 3") == (third.id, "done")
        assert await ticked(house, f"check ops.{len(items['ops'])} --not-applicable nobody asked") == (
            last.id, "not-applicable",
        )  # fmt: skip
        with pytest.raises(Refusal, match="is done already"):
            await ticked(house, "check ic 3")
        await house.room.perform(grammar.parse("role ic @alice", house.room.clock.now))
        assert await ticked(house, "check 4") == (items["ic"][3].id, "done"), "the list of one's own role"


@pytest.mark.parametrize("line", NOTHING)
async def test_what_is_not_one_item_is_refused(line: str, tmp_path: Path) -> None:
    async with opened(tmp_path, clock=ManualClock(START)) as house:
        await house.room.perform(grammar.parse("start payment-failure p1", house.room.clock.now))
        with pytest.raises(Refusal, match=NOTHING[line]):
            await ticked(house, line)
