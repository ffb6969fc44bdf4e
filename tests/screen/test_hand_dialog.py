"""A step whose tool is missing: said before anything runs, its text copied, and recorded once it was done by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import eventually
from screen.flying import Flown, flying

from tests.shop import Step, program, script, shop, step

pytestmark = pytest.mark.anyio

PAUSE = "vercel cron pause --scope 'the shop'"
SCHEDULER = step(
    "pause", program("vercel", "cron", "pause", "--scope", "the shop"), kind="mitigate", expected="No job runs."
)
VENDOR = step("vendor", manual="Ask the vendor", command="mail support@vendor.example", risk="read-only")


@asynccontextmanager
async def opened(
    folder: Path, mend: Step, patch: pytest.MonkeyPatch, *, declared: bool = True, **more: object
) -> AsyncIterator[Flown]:
    """A machine without `vercel`, on which the step was opened."""
    patch.setenv("PATH", "/usr/bin:/bin")
    async with flying(folder, shop(folder, mend), **more) as cockpit:
        if declared:
            await cockpit.press("D", "enter")
            await cockpit.records("declared")
            await cockpit.goes_to("CockpitScreen")
        await cockpit.press("a")
        await cockpit.goes_to("ActPage")
        await cockpit.press("enter")
        yield cockpit


async def test_what_is_missing_is_said_copied_and_marked_as_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The preflight names the tool; `y` runs nothing; the entry says who did it and when, and ticks the step."""
    async with opened(tmp_path, SCHEDULER, monkeypatch) as cockpit:
        await cockpit.goes_to("RunScreen")
        await cockpit.sees(
            "cannot run", "`vercel` is not installed here", "Y copy the command", "space it was done by hand"
        )
        await cockpit.press("y", "enter")
        await cockpit.settles()
        assert "run-intent" not in cockpit.kinds
        await cockpit.press("Y")
        await eventually(lambda: cockpit.app.clipboard == PAUSE)
        await cockpit.press("space")
        await cockpit.goes_to("HandDialog")
        await cockpit.sees("By hand: Pause", "`vercel` is not installed here", PAUSE, "No job runs.")
        before = datetime.now(UTC)
        await cockpit.type("paused in the console")
        await cockpit.press("enter")
        done = await cockpit.records("step-done")
        assert (done.actor, done.payload["step"], done.payload["title"]) == ("@ada", "pause", "Pause")
        assert done.payload["text"] == "paused in the console"
        assert timedelta(0) <= done.occurred - before.replace(microsecond=0) < timedelta(minutes=5)
        assert "run-intent" not in cockpit.kinds, "nobody claims that it was run from here"
        for _ in range(3):
            await cockpit.press("escape")
            await cockpit.settles()
        await cockpit.goes_to("CockpitScreen")
        await cockpit.sees("Pause, done by hand:", "paused in the console")
        await cockpit.press("a")
        await cockpit.sees("✓ mitigate")
        assert cockpit.war.room.state.mitigated is not None, "a mitigation that was done by hand mitigates"


async def test_ctrl_y_copies_in_the_dialog_and_escape_records_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was typed is not sent by leaving."""
    async with opened(tmp_path, VENDOR, monkeypatch) as cockpit:
        await cockpit.goes_to("HandDialog")
        await cockpit.sees("what to do", "Ask the vendor", "mail support@vendor.example", "ctrl+y copies")
        await cockpit.press("ctrl+y")
        await eventually(lambda: cockpit.app.clipboard == "mail support@vendor.example")
        await cockpit.type("half")
        await cockpit.press("escape")
        await cockpit.settles()
        assert cockpit.screen != "HandDialog"
        assert "step-done" not in cockpit.kinds


async def test_a_tool_that_a_script_calls_is_missed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text to copy is what can be typed elsewhere, the values in it."""
    text = "vercel logs --since 10m | sort > found"
    async with opened(tmp_path, step("logs", script(text)), monkeypatch) as cockpit:
        await cockpit.goes_to("RunScreen")
        await cockpit.sees("cannot run", "`vercel`", "not installed here")
        await cockpit.press("Y")
        await eventually(lambda: text in cockpit.app.clipboard)


async def test_nothing_is_marked_before_an_incident_is_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dialog stays, with what was typed, and says what to do."""
    async with opened(tmp_path, SCHEDULER, monkeypatch, declared=False) as cockpit:
        await cockpit.goes_to("RunScreen")
        await cockpit.sees("not installed here")
        await cockpit.press("space")
        await cockpit.goes_to("HandDialog")
        await cockpit.type("paused")
        await cockpit.press("enter")
        seen = await cockpit.sees("declare")
        assert "paused" in seen
        assert "step-done" not in cockpit.kinds


async def test_a_reader_marks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cockpit that was started to look offers the text, and no dialog."""
    config = shop(tmp_path, SCHEDULER)
    async with flying(tmp_path, config) as cockpit:
        await cockpit.press("D", "enter")
        await cockpit.records("declared")
    async with opened(tmp_path, SCHEDULER, monkeypatch, declared=False, read_only=True) as cockpit:
        await cockpit.goes_to("RunScreen")
        await cockpit.sees("cannot run")
        await cockpit.press("space")
        await cockpit.settles()
        assert cockpit.screen == "RunScreen"
