"""The signals of the service for one command: opened, followed while it looks, and closed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cockpit.cli.context import Wrong, house
from cockpit.clock import Clock
from cockpit.room.live.live import Live


@asynccontextmanager
async def opened_live(clock: Clock) -> AsyncIterator[Live]:
    """The board over cluster and Prometheus, its first readings still to come; raises Wrong without a service."""
    async with house(read_only=True) as opened:
        live = await Live.open(opened, clock, lambda: None, lambda _: None)
        if live is None:
            raise Wrong("no service is configured; `cockpit init` writes a configuration, or give --context")
        try:
            yield live
        finally:
            await live.close()
