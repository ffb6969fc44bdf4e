"""Declaring before any alert has fired: what the cockpits saw first is offered as the detection, and may be changed.

After a change that is meant: `pytest tests/screen/test_seen_first.py --snapshot-update`, and look at the new picture.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from screen.flying import flown
from screen.looking import Compare, drawn, looks
from screen.staged import NOW, open_staged, stage, staged
from textual.pilot import Pilot

from cockpit.incident import kinds
from cockpit.room.requests import Facts
from cockpit.room.war_room import WarRoom


async def noticing(war: WarRoom) -> None:
    """The record's own signals tell of a breach that began before anybody looked."""
    crossed = kinds.ThresholdCrossed(
        id="error-rate", title="Error rate", before="ok", state="breach", value=12.4, unit="percent", bound="> 5",
    )  # fmt: skip
    began = NOW - timedelta(minutes=3)
    await war.room.perform(Facts(lambda _: [(crossed, began)], actor="cockpit"))


@pytest.mark.anyio
async def test_before_any_alert_the_signals_that_were_seen_first_are_offered(tmp_path: Path) -> None:
    async with staged(tmp_path, stage()) as war, flown(war, tmp_path) as cockpit:
        await noticing(war)
        await cockpit.press("D")
        await cockpit.sees(
            "as a cockpit saw first (may stay empty): Error", "rate 12.4 % over 5 %", "2026-02-03 02:11:00Z"
        )
        await cockpit.press("tab", "tab", *["backspace"] * 20, *"yesterday", "enter")
        await cockpit.sees("'yesterday' is no time")
        await cockpit.press(*["backspace"] * 9, *"-1m", "enter")
        await cockpit.records("declared")
        state, found = war.room.state, next(each for each in cockpit.entries if each.kind == "detected")
        assert state.detected is not None
        assert (state.detected.at, state.detected_by) == (NOW - timedelta(minutes=1), "monitoring")
        assert found.payload["what"] == "Error rate 12.4 % over 5 %"
        assert found.payload["seen"] in {each.id for each in cockpit.entries if each.kind == "threshold"}


@pytest.mark.anyio
async def test_what_was_seen_first_is_not_recorded_where_its_time_is_taken_away(tmp_path: Path) -> None:
    async with staged(tmp_path, stage()) as war, flown(war, tmp_path) as cockpit:
        await noticing(war)
        await cockpit.press("D")
        await cockpit.sees("as a cockpit saw first")
        await cockpit.press("tab", "tab", *["backspace"] * 20, "enter")
        await cockpit.records("declared")
        assert war.room.state.detected is None


def test_looks(snap_compare: Compare, tmp_path: Path) -> None:
    async def opened() -> Any:
        war = await open_staged(tmp_path, stage())
        await noticing(war)
        return war

    war = asyncio.run(opened())
    war.room.store.path = Path("/home/oncall/.local/state/cockpit/record.db")

    async def fly(pilot: Pilot[int]) -> None:
        await drawn(pilot, "nothing suggested")
        await pilot.press("D")
        await drawn(pilot, "saw first")

    looks(snap_compare, war, fly)
