"""The scribe's page beside the panes: written anew for what comes, one at a time, not once for each entry."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from conftest import eventually
from screen.flying import flown
from screen.staged import open_staged, stage, story

from cockpit.incident import kinds
from cockpit.screen.panes.scribe import ScribePane
from tests.stories import Writer

pytestmark = pytest.mark.anyio


async def test_a_burst_of_entries_is_exported_together(tmp_path: Path) -> None:
    entries = story()
    war = await open_staged(tmp_path, stage(), entries=entries)
    began, gate, export = 0, asyncio.Event(), war.papers.markdown

    async def held() -> str:
        nonlocal began
        began += 1
        await gate.wait()
        return await export()

    war.papers.markdown = held  # type: ignore[method-assign]
    writer = Writer("01950000-0000-7000-8000-00000000bbbb", entries[-1].occurred)
    async with flown(war, tmp_path, (200, 60)) as cockpit:
        pane = cockpit.app.screen.query_one(ScribePane)
        await eventually(lambda: began == 1)
        for number in range(20):
            war.room.timeline.add(writer.write(kinds.Note(text=f"burst {number}"), after=1))
            pane.update_from(war)
            await cockpit.settles()
        assert began == 1, "one at a time"
        war.room.timeline.add(writer.write(kinds.Note(text="the-very-last"), after=1))
        gate.set()
        await eventually(lambda: "the-very-last" in str(list(pane.rows)))
        assert began <= 2, "not once for each"
