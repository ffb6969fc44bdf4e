"""Presence: those elsewhere read what is looked at now, and of whom nobody knows whether he still sits there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from screen.flying import flown
from screen.staged import NOW, stage, staged, story

from cockpit.room.views.signals import PersonView, SharedView

pytestmark = pytest.mark.anyio


async def test_a_page_is_told_while_it_stands_there(tmp_path: Path) -> None:
    """What the last key was pressed on is not what it has opened."""
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees("1 Pods")
        assert war.looking() == "pods", "before any key"
        await cockpit.press("4")
        assert war.looking() == "timeline"
        await cockpit.press("m")
        await cockpit.goes_to("MessagesPage")
        assert war.looking() == "messages"
        await cockpit.press("escape")
        await cockpit.goes_to("CockpitScreen")
        assert war.looking() == "timeline"


def person(handle: str, idle: float | None, **more: object) -> PersonView:
    """Somebody who pressed the last key so many seconds ago."""
    given = {"handle": handle, "role": "ops", "incident": "", "looking": "log", "machine": "laptop",
             "keyed": NOW - timedelta(seconds=idle) if idle is not None else None, "own": False, "observer": False,
             "skewed": ""}  # fmt: skip
    return PersonView(**(given | more))  # type: ignore[arg-type]


async def test_who_pressed_no_key_for_long_may_have_left(tmp_path: Path) -> None:
    here = (person("@ada", 12), person("@bob", 1500), person("@cem", None, looking=""), person("@eve", None,
            looking="", machine="", role="", observer=True))  # fmt: skip
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        war.shared = lambda: SharedView("together", NOW, "", (), 0, here)  # type: ignore[method-assign]
        await cockpit.press("r")
        shown = await cockpit.sees("Here now")
        lines = {line.split()[0]: line for line in shown.splitlines() if line.strip().startswith("@")}
        assert "log on laptop, last key 12s ago" in lines["@ada"]
        assert "no key for 25m, log on laptop" in lines["@bob"]
        assert "the cockpit on laptop, no key yet" in lines["@cem"]
        assert "observes" in lines["@eve"]
