"""Catching up on the screen: a line at the start, a page on `C`, and seen only by a key at the timeline's end."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import eventually
from screen.flying import Flown, flying, housed, options

from cockpit.room.requests import Start, Write

pytestmark = pytest.mark.anyio


async def writes(folder: Path, *texts: str) -> None:
    """What @bob does meanwhile, at the same journal."""
    async with housed(options(folder, actor="@bob")) as house:
        if house.room.state.declared is None:
            await house.room.perform(Start("checkout", "p1"))
        for text in texts:
            await house.room.perform(Write(text))


async def reads_to_the_end(cockpit: Flown) -> None:
    """Go to the timeline, and to its end."""
    await cockpit.press("4")
    await cockpit.settles()
    await cockpit.press("G")


async def test_who_comes_back_sees_what_came_and_marks_it_by_a_key(tmp_path: Path) -> None:
    await writes(tmp_path, "first")
    marks = tmp_path / "seen"
    async with flying(tmp_path) as cockpit:
        await cockpit.sees("before you came: C")
        await cockpit.press("1", "j", "2", "k")
        await cockpit.settles()
        assert not marks.exists(), "nothing is seen by keys elsewhere"
        await reads_to_the_end(cockpit)
        await eventually(marks.exists)
        await eventually(lambda: "before you came" not in cockpit.text)
    await writes(tmp_path, "second", "third")
    async with flying(tmp_path) as cockpit:
        await cockpit.sees("2 entries since you were here", "ago: C")
        await cockpit.press("C")
        await cockpit.goes_to("CatchUpPage")
        await cockpit.sees("2 entries by others", "2 notes, the last: third")
        await cockpit.press("j", "enter")
        await cockpit.goes_to("EntryPage")
        await cockpit.press("escape")
        await cockpit.goes_to("CatchUpPage")
        await cockpit.press("escape")
        await cockpit.goes_to("CockpitScreen")
        await eventually(lambda: "since you were here" not in cockpit.text)
    async with flying(tmp_path) as cockpit:
        await cockpit.sees("2 entries since you were here")
        await cockpit.press("C")
        await cockpit.goes_to("CatchUpPage")
        await cockpit.sees("2 entries by others")
        await cockpit.press("S")
        await cockpit.sees("nothing new")
    async with flying(tmp_path) as cockpit:
        await cockpit.sees("4 Timeline")
        await cockpit.settles()
        assert "since you were here" not in cockpit.text


async def test_whoever_is_not_at_the_end_has_not_read_it(tmp_path: Path) -> None:
    await writes(tmp_path, *(f"note {number}" for number in range(40)))
    async with flying(tmp_path) as cockpit:
        await cockpit.sees("note 39")
        await cockpit.press("4", "g", "j")
        await cockpit.settles()
        assert not (tmp_path / "seen").exists()
        await cockpit.press("G")
        await eventually((tmp_path / "seen").exists)
