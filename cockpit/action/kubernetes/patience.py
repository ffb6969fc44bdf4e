"""How long a cluster is waited for: one that is in trouble answers late, and what it says then is as true."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cockpit.action.live import Live
from cockpit.kube.access import ANSWER_SECONDS

TIMEOUT = 4 * ANSWER_SECONDS
"""Seconds for an execution that asks the API server: several answers one after the other, each as late as may be."""
SLOW = 5.0
"""Seconds without an answer after which it is said that it is waited for."""
WAITING = "waiting for a slow server"


@asynccontextmanager
async def patiently(live: Live) -> AsyncIterator[None]:
    """Say that a server is slow while nothing comes from it inside."""
    telling = asyncio.create_task(_tell(live))
    try:
        yield
    finally:
        telling.cancel()


async def _tell(live: Live) -> None:
    while True:
        before = live.said, live.output.bytes
        await live.clock.sleep(SLOW)
        if before == (live.said, live.output.bytes) and live.said != WAITING:
            live.say(WAITING)
