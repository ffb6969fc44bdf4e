"""The timeline pane over a long record: what is looked at is what is there, however long the record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import eventually
from screen.flying import Flown, flown
from screen.staged import open_staged, stage

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.screen.panes.timeline import TimelinePane
from tests.stories import START, Writer

pytestmark = pytest.mark.anyio

COUNT = 20_000


@pytest.fixture(scope="module")
def long_record() -> list[Entry]:
    writer = Writer()
    return [writer.write(kinds.Note(text=f"note number {n}"), after=1) for n in range(COUNT)]


def pane(cockpit: Flown) -> TimelinePane:
    return cockpit.app.screen.query_one(TimelinePane)


def seen(cockpit: Flown) -> list[int]:
    """The numbers of the notes that the pane shows, top to bottom."""
    region = pane(cockpit).content_region
    lines = (line[region.x : region.right] for line in cockpit.lines[region.y : region.bottom])
    return [int(found[1]) for line in lines if (found := re.search(r"(?:number|late|fresh) (\d+)", line))]


def numbers(first: int, cockpit: Flown) -> list[int]:
    """As many numbers from `first` on as the pane has lines."""
    return list(range(first, first + pane(cockpit).size.height))


async def test_scrolling_shows_the_right_lines_from_end_to_beginning(tmp_path: Path, long_record: list[Entry]) -> None:
    war = await open_staged(tmp_path, stage(), entries=long_record, now=long_record[-1].occurred)
    async with flown(war, tmp_path) as cockpit:
        await cockpit.sees(f"note number {COUNT - 1}")
        await cockpit.press("4")
        height = pane(cockpit).size.height
        assert seen(cockpit) == numbers(COUNT - height, cockpit)
        await eventually(lambda: len(pane(cockpit).rows) == COUNT)
        assert seen(cockpit) == numbers(COUNT - height, cockpit)
        await cockpit.press(*["ctrl+u"] * 4)
        at = COUNT - 1 - 4 * (height // 2)
        assert pane(cockpit).selected == long_record[at].id
        assert seen(cockpit) == numbers(at, cockpit)
        for goal in (12_345, 0, COUNT - height, 7):
            pane(cockpit).scroll_to(y=goal, animate=False, force=True)
            await cockpit.settles()
            assert seen(cockpit) == numbers(goal, cockpit)
        await cockpit.press("g")
        assert seen(cockpit) == numbers(0, cockpit)
        assert pane(cockpit).selected == long_record[0].id
        await cockpit.press("G")
        assert seen(cockpit) == numbers(COUNT - height, cockpit)


async def test_what_is_read_stays_in_view_when_a_late_entry_comes_above_it(
    tmp_path: Path, long_record: list[Entry]
) -> None:
    war = await open_staged(tmp_path, stage(), entries=long_record, now=long_record[-1].occurred)
    writer = Writer("01950000-0000-7000-8000-00000000bbbb", long_record[-1].occurred)
    async with flown(war, tmp_path) as cockpit:
        await cockpit.press("4")
        await eventually(lambda: len(pane(cockpit).rows) == COUNT)
        await cockpit.press(*["ctrl+u"] * 5)
        before, chosen = seen(cockpit), pane(cockpit).selected
        late = writer.write(kinds.Note(text="late 777777"), ago=(writer.now - START).total_seconds() - 10.5)
        war.room.timeline.add(late)
        war.room.timeline.add(writer.write(kinds.Note(text="fresh 888888"), after=1))
        await eventually(lambda: len(pane(cockpit).rows) > COUNT + 1)
        await cockpit.settles()
        assert (seen(cockpit), pane(cockpit).selected) == (before, chosen)
        pane(cockpit).scroll_to(y=8, animate=False, force=True)
        await cockpit.settles()
        assert seen(cockpit)[:4] == [8, 9, 777777, 10], "it stands at its own time"
        await cockpit.press("G")
        assert seen(cockpit)[-1] == 888888


async def test_a_filter_finds_what_is_far_back_and_keys_go_on(tmp_path: Path, long_record: list[Entry]) -> None:
    war = await open_staged(tmp_path, stage(), entries=long_record, now=long_record[-1].occurred)
    async with flown(war, tmp_path) as cockpit:
        await cockpit.press("4", "f")
        await cockpit.type("number 77")
        await cockpit.press("enter")
        expected = [n for n in range(COUNT) if f"number {n}".startswith("number 77")]
        await eventually(lambda: len(pane(cockpit).rows) == len(expected))
        await cockpit.press("g")
        await cockpit.settles()
        assert seen(cockpit) == expected[: len(seen(cockpit))]
        await cockpit.press("f", *["backspace"] * 2, "z", "z", "enter")
        await cockpit.sees("nothing matches")
        await cockpit.press("escape")
        await eventually(lambda: len(pane(cockpit).rows) == COUNT)
