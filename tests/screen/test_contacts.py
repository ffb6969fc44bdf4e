"""Paging by keys: whoever is next on the ladder, a target of the configuration, anybody by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import eventually
from screen.flying import flown
from screen.staged import stage, staged, story
from screen.telling import say, telling, told

pytestmark = pytest.mark.anyio


async def test_enter_asks_and_y_pages_who_is_next(tmp_path: Path) -> None:
    async with telling(tmp_path) as cockpit:
        await cockpit.press("p")
        await cockpit.goes_to("ContactsPage")
        await cockpit.sees("▸ Primary", "next", "nobody was paged; Primary is next, if nobody", "within 30:00")
        await cockpit.press("enter")
        await cockpit.goes_to("PageDialog")
        await cockpit.sees("Page Primary?", "by hand  Check PagerDuty schedule: no channel reaches them")
        await cockpit.press("enter", "n")  # enter alone pages nobody
        await cockpit.goes_to("ContactsPage")
        assert "page" not in cockpit.kinds
        await cockpit.press("enter")
        await cockpit.goes_to("PageDialog")
        await cockpit.press("y")
        assert (await cockpit.records("page")).payload["target"] == "Primary"
        await cockpit.goes_to("ContactsPage")
        await cockpit.sees("called by hand 0:0", "▸ Secondary", "Primary was paged 0:0")


async def test_a_target_is_paged_by_its_channels_with_what_for(tmp_path: Path) -> None:
    async with telling(tmp_path) as cockpit:
        await cockpit.press("p")
        await cockpit.goes_to("ContactsPage")
        await cockpit.press("tab")
        await cockpit.type("database-team")
        await cockpit.press("enter")
        await cockpit.goes_to("PageDialog")
        await cockpit.sees("whom     database-team @dba", "by       paper", "@ada pages @dba to INC-")
        await cockpit.press("tab")
        await cockpit.type("is it the pool")
        await cockpit.sees("What for: is it the pool")
        await cockpit.press("enter", "y")
        page = await cockpit.records("page")
        assert (page.payload["target"], page.payload["text"]) == ("database-team", "is it the pool")
        await eventually(lambda: "What for: is it the pool" in told(tmp_path))
        await cockpit.sees("database-team", "paged 0:0")


async def test_a_page_that_no_channel_took_says_so(tmp_path: Path) -> None:
    async with telling(tmp_path, "page unreachable") as cockpit:
        await cockpit.records("delivery")
        await cockpit.press("p")
        await cockpit.goes_to("ContactsPage")
        seen = await cockpit.sees(" ago  blocked")
        assert "page failed, 0:0" in seen or "page given up, 0:0" in seen


async def test_a_page_that_only_a_file_took_says_so(tmp_path: Path) -> None:
    """A line in a file wakes nobody: it does not read as a page like any other."""
    async with telling(tmp_path, "page night-team", targets="  night-team: {channels: [blocked, paper]}\n") as cockpit:
        await eventually(lambda: "page:night-team" in told(tmp_path))
        await cockpit.press("p")
        await cockpit.goes_to("ContactsPage")
        await cockpit.sees("night-team", "page only in paper, 0:")


async def test_what_was_typed_survives_leaving_and_a_slip_pages_nobody(tmp_path: Path) -> None:
    async with telling(tmp_path) as cockpit:
        await cockpit.press("p", "tab")
        await cockpit.type("databse-team")
        await cockpit.press("enter")
        await cockpit.goes_to("PageDialog")
        await cockpit.sees("is it database-team?")
        await cockpit.press("y")
        await cockpit.settles()
        assert (cockpit.screen, "page" in cockpit.kinds) == ("PageDialog", False)
        await cockpit.press("escape", "tab", "g", "j", "enter", "tab")
        await cockpit.goes_to("PageDialog")
        await cockpit.type("urgent")
        await cockpit.press("escape", "enter")
        await cockpit.goes_to("PageDialog")
        await cockpit.sees("Page Secondary?", "urgent")


async def test_an_acknowledgement_ends_the_ladders_wait(tmp_path: Path) -> None:
    async with telling(tmp_path) as cockpit:
        await cockpit.press("p")
        await cockpit.sees("▸ Primary")
        await say(cockpit, "ack")
        seen = await cockpit.sees("acknowledged by @ada at ")
        assert "▸" not in seen


async def test_whom_nothing_says_how_to_reach_is_no_empty_line(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.press("p")
        seen = await cockpit.sees("Tertiary")
        assert "not in `targets`" in next(line for line in seen.splitlines() if "Tertiary" in line)
        assert "not in" not in next(line for line in seen.splitlines() if "Secondary" in line)
