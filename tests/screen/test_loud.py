"""A silent public page, and one that says otherwise than the record, are loud on every screen until that is mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen.flying import flown
from screen.staged import open_staged, stage, story
from scribe.story import at

from cockpit.incident.kinds import Delivery, Message
from cockpit.room.requests import Facts

pytestmark = pytest.mark.anyio

SILENT = "▲ the public page is silent for "
SCREENS = {
    "CockpitScreen": (), "MessagesPage": ("m",), "ContactsPage": ("p",), "UpdateScreen": ("u",), "ActPage": ("a",),
    "PeoplePage": ("r",), "HelpPage": ("question_mark",), "SeverityDialog": ("e",), "ScribePage": ("s",),
    "PageDialog": ("p", "enter"), "SendDialog": ("u", "x", "enter"), "EntryPage": ("4", "enter"),
}  # fmt: skip


async def test_a_silent_page_is_loud_on_every_screen(tmp_path: Path) -> None:
    entries = [entry for entry in story() if entry.kind not in ("message", "delivery")]
    war = await open_staged(tmp_path, stage(), entries=entries, now=at("9:30"))
    async with flown(war, tmp_path) as cockpit:
        for screen, keys in SCREENS.items():
            await cockpit.press(*keys)
            await cockpit.goes_to(screen)
            await cockpit.sees(SILENT, "nobody has told customers")
            for _ in range(4):
                if cockpit.screen != "CockpitScreen":
                    await cockpit.press("escape")
    await war.house.close()


async def test_it_is_quiet_before_the_page_is_due_and_once_it_spoke(tmp_path: Path) -> None:
    war = await open_staged(tmp_path, stage(), entries=story(at("6:00")), now=at("6:00"))
    async with flown(war, tmp_path) as cockpit:
        await cockpit.sees("P1 payment-failure")
        assert war.loud() == []
        assert SILENT not in cockpit.text
    await war.house.close()


async def test_a_page_that_says_otherwise_than_the_record_is_loud(tmp_path: Path) -> None:
    war = await open_staged(tmp_path, stage(), entries=story(at("41:00")), now=at("41:00"))
    told = Message(
        message="m-9", template="", audience="customers", channels=("status",), title="Down", text="We look into it.",
        standing="investigating",
    )  # fmt: skip
    taken = Delivery(message="m-9", channel="status", state="sent", attempt=1)
    async with flown(war, tmp_path) as cockpit:
        await war.room.perform(Facts(lambda _: [(told, None), (taken, None)]))
        await cockpit.sees("▲ the record is resolved, the public page says investigating")
    await war.house.close()
