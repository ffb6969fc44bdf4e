"""What an execution tells while it runs leaves the keys their turn."""

from __future__ import annotations

import asyncio

import pytest

from cockpit.action.live import Live, Progress
from cockpit.clock import SystemClock

pytestmark = pytest.mark.anyio


async def test_a_flood_of_output_comes_in_pieces() -> None:
    """Between two pieces whatever else waits on the loop runs."""
    turns: list[str] = []
    live = Live(SystemClock(), lambda progress: turns.append(f"{len(progress.lines)} lines"))
    over = asyncio.Event()

    async def write() -> None:
        await live.write("x" * 4000 for _ in range(100))
        over.set()

    async def keys() -> None:
        while not over.is_set():
            turns.append("key")
            await asyncio.sleep(0)

    await asyncio.gather(write(), keys())
    assert turns.count("key") > 15
    assert live.output.bytes == 100 * 4001 - 1


async def test_what_it_says_is_safe() -> None:
    """Progress quotes errors and names from outside."""
    said: list[Progress] = []
    Live(SystemClock(), said.append).say("waits for \x1b[2Jpassword=hunter2")
    assert "\x1b" not in said[0].text
    assert "hunter2" not in said[0].text
