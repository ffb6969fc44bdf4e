"""Requests that need something read before they can be decided: a file, another incident's record."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from cockpit.record.store import Store
from cockpit.room.requests.desk import Request


@runtime_checkable
class Unready(Protocol):
    """A request that reads first. Deciding looks at nothing but the state and the desk, so that it can be repeated."""

    async def ready(self, store: Store) -> Request:
        """The request with what it read; raises Refusal or JournalError when that cannot be read."""


async def made_ready(request: Request, store: Store) -> Request:
    """`request`, with what it needs to be decided, read now."""
    return await request.ready(store) if isinstance(request, Unready) else request
