"""A step that takes minutes and only looks: it goes on when its screen is left, is found again, and can be ended."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import eventually
from screen.flying import flying

from tests.shop import shop, step

pytestmark = pytest.mark.anyio


async def test_a_watch_is_seen_found_again_and_cancelled(tmp_path: Path) -> None:
    """Whoever opens its step again sees the one that runs, and begins no second one."""
    watch = step("watch", {"kind": "wait", "duration": "15m"})
    async with flying(tmp_path, shop(tmp_path, watch)) as cockpit:
        await cockpit.press("a")
        await cockpit.goes_to("ActPage")
        await cockpit.press("enter")
        await cockpit.goes_to("RunScreen")
        await cockpit.sees("running", " left")
        await cockpit.press("escape")
        await cockpit.goes_to("ActPage")
        await cockpit.sees("… diagnose Watch")
        await cockpit.press("enter")
        await cockpit.goes_to("RunScreen")
        await cockpit.sees("running", " left")
        assert cockpit.kinds.count("run-intent") == 1
        await cockpit.press("escape")
        await cockpit.goes_to("ActPage")
        await cockpit.press("escape")
        await cockpit.goes_to("CockpitScreen")
        await cockpit.sees("▸ Watch · ", " left")
        await cockpit.press("X")
        result = await cockpit.records("run-result")
        assert result.payload["outcome"] == "cancelled"
        await eventually(lambda: not cockpit.war.under_way())
        await cockpit.press("X")
        await cockpit.sees("nothing is under way")
