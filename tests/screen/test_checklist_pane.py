"""The checklist pane: whose list stands first, what facts have ticked, and what comes after the incident."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from screen.flying import Flown, flown
from screen.staged import stage, staged, story
from scribe.story import Book, at

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.terms import Role, Status

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def showing(
    folder: Path, entries: Sequence[Entry], now: datetime, *, size: tuple[int, int] = (80, 24), **more: object
) -> AsyncIterator[Flown]:
    """The cockpit over a record, standing still at `now`."""
    async with staged(folder, stage(), entries=entries, now=now, **more) as war, flown(war, folder, size) as cockpit:
        await cockpit.sees("3 Checklist ─ ")
        yield cockpit


def clock(cockpit: Flown) -> ManualClock:
    """The clock that only the test moves."""
    assert isinstance(cockpit.war.clock, ManualClock)
    return cockpit.war.clock


def pane(cockpit: Flown) -> list[str]:
    """The lines of the checklist pane, without its border; the first is its title."""
    top = next(number for number, line in enumerate(cockpit.lines) if "3 Checklist" in line)
    lines = cockpit.lines[top:]
    width = min(lines[0].find("╮"), lines[0].find("4 Timeline") - 2) if "4 Timeline" in lines[0] else len(lines[0])
    return [line[1:width].rstrip(" │") for line in lines]


def line(cockpit: Flown, words: str) -> str:
    """The pane's line that has `words`."""
    return next((each for each in pane(cockpit) if words in each), "")


def over(*, closed: bool = True, ago: timedelta = timedelta()) -> tuple[list[Entry], datetime]:
    """An incident that was resolved at 40:00, and perhaps closed; and the time so long after that."""
    book = Book()
    book.add(kinds.Declared(name="payment-failure", service="payment-service"), "0:00", "@oncall")
    book.add(kinds.RoleChange(role=Role.IC, handle="@oncall"), "0:10", "@oncall")
    book.add(kinds.StatusChange(status=Status.RESOLVED, text="payments are normal"), "40:00", "@oncall")
    if closed:
        book.add(kinds.Closed(), "41:00", "@oncall")
    return book.entries, at("40:00") + ago


async def test_a_fact_has_ticked_an_item_and_what_it_was_stands_beside_it(tmp_path: Path) -> None:
    """In words: an entry's name alone is taken for a person's."""
    entries = story(at("5:00"))
    taken = next(entry for entry in entries if entry.kind == "acknowledged")
    async with showing(tmp_path, entries, at("7:00")) as cockpit:
        ticked = line(cockpit, "Acknowledge the")
        assert ticked.startswith(" [✓] ")
        assert ticked.endswith(" · ack 02:03")
        assert line(cockpit, "Create incident channel").startswith(" [ ] ")
        assert "IC 3/21" in pane(cockpit)[0]
    async with showing(tmp_path, entries, at("7:00"), size=(160, 40)) as cockpit:
        assert line(cockpit, "Acknowledge the").endswith(f" by the ack at 02:03Z ({taken.id[-6:]})")


async def test_the_phase_that_is_now_is_at_the_top_until_somebody_goes_into_the_list(tmp_path: Path) -> None:
    async with showing(tmp_path, story(), at("11:00")) as cockpit:
        await cockpit.settles()
        assert pane(cockpit)[1].startswith(" Assessment  now, 7:12 left")
        await cockpit.press("3", "g")
        await cockpit.settles()
        assert pane(cockpit)[1].startswith(" Initial response  0–5 min")
        clock(cockpit).advance(60)
        await cockpit.sees("T+8:48")
        assert pane(cockpit)[1].startswith(" Initial response  0–5 min")
        await cockpit.press("1")
        clock(cockpit).advance(420)
        await cockpit.sees("Coordination  ongoing  now")
        assert pane(cockpit)[1].startswith(" Coordination  ongoing  now")


async def test_a_wide_pane_has_room_for_the_whole_item(tmp_path: Path) -> None:
    async with showing(tmp_path, story(), at("11:00"), size=(200, 60)) as cockpit:
        assert "Declare the incident and its severity level" in line(cockpit, "[✓] Declare")
        assert "5–15 min  now, 7:12 left" in line(cockpit, "Assessment")


@pytest.mark.parametrize(("actor", "title"), [("@oncall", "IC 3/21"), ("@dana", "Comms "), ("@nobody", "IC 3/21")])
async def test_the_first_list_is_that_of_ones_own_role(tmp_path: Path, actor: str, title: str) -> None:
    async with showing(tmp_path, story(), at("11:00"), actor=actor) as cockpit:
        assert f"3 Checklist ─ {title}" in pane(cockpit)[0]


async def test_a_list_that_somebody_turned_to_stays(tmp_path: Path) -> None:
    async with showing(tmp_path, story(), at("11:00"), actor="@dana") as cockpit:
        await cockpit.press("right_square_bracket")
        await cockpit.sees("Scribe 0/")
        await cockpit.settles()
        assert "3 Checklist ─ Scribe" in pane(cockpit)[0]


async def test_a_reason_is_asked_for_only_where_it_can_be_recorded(tmp_path: Path) -> None:
    async with showing(tmp_path, [], at("11:00")) as cockpit:
        await cockpit.sees("3 Checklist")
        await cockpit.press("1", "N")
        await cockpit.sees("go to the checklist (3)", "item first")
        await cockpit.press("3", "N")
        await cockpit.sees("no incident is declared yet")
        assert "why not applicable" not in cockpit.text


async def test_a_key_opens_again_what_a_fact_has_ticked_and_it_stays_open(tmp_path: Path) -> None:
    async with showing(tmp_path, [], at("11:00")) as cockpit:
        await cockpit.press("D")
        await cockpit.goes_to("DeclareDialog")
        await cockpit.press("enter")
        await cockpit.records("declared")
        await cockpit.goes_to("CockpitScreen")
        await cockpit.sees("[✓] Determine if")
        await cockpit.press("3", "j", "space")
        assert (await cockpit.records("checklist")).payload["state"] == "open"
        await cockpit.sees("[ ] Determine if")
        await cockpit.press("space")
        assert (await cockpit.records("checklist", 2)).payload["state"] == "done"
        await cockpit.sees("[x] Determine if")


async def test_what_comes_after_is_quiet_before_the_resolution_and_can_be_turned_to(tmp_path: Path) -> None:
    async with showing(tmp_path, story(), at("11:00"), size=(200, 60)) as cockpit:
        assert "After" not in pane(cockpit)[0]
        await cockpit.press(*["right_square_bracket"] * 7)
        await cockpit.sees("3 Checklist ─ After 0/12")
        assert "within 2 h" in line(cockpit, "Immediate")
        assert "due" not in "".join(pane(cockpit))


async def test_once_it_is_resolved_the_title_counts_what_comes_after(tmp_path: Path) -> None:
    entries, now = over(closed=False, ago=timedelta(minutes=48))
    async with showing(tmp_path, entries, now) as cockpit:
        title = pane(cockpit)[0]
        assert title.index("IC ") < title.index("After 1/12")


async def test_once_it_is_closed_the_list_for_afterwards_is_shown_with_its_dates(tmp_path: Path) -> None:
    entries, now = over(ago=timedelta(minutes=48))
    async with showing(tmp_path, entries, now) as cockpit:
        assert "After 1/12" in pane(cockpit)[0]
        assert "due in 1:12:00" in line(cockpit, "Immediate")
        assert line(cockpit, "Service fully").startswith(" [✓] ")
        await cockpit.press("3", "space")
        await cockpit.records("checklist")
        await cockpit.sees("[x] Incident channel", "After 2/12")


async def test_an_overdue_date_says_so_by_word_and_mark(tmp_path: Path) -> None:
    entries, now = over(ago=timedelta(hours=3))
    async with showing(tmp_path, entries, now) as cockpit:
        assert "overdue 1:00:00 ▲" in line(cockpit, "Immediate")
        assert "due in 21:00:00" in line(cockpit, "Within 24 hours")
