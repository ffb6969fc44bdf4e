"""One receiver and a client for it, as every test of a receiver wants them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.receivers import Receivers, receiving

START = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)


class Wall:
    """A wall clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        """What it shows."""
        return self.at

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


@asynccontextmanager
async def asking(
    name: str, wall: Wall | None = None, **options: Any
) -> AsyncIterator[tuple[Receivers, httpx.AsyncClient]]:
    """The receiver `name`, and a client that knows its address and carries its token."""
    now = {"now": wall.now} if wall else {}
    async with receiving(name, **now, **{name: options}) as receivers:
        url, headers = receivers.each[name].url, _headers(receivers, name)
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=5) as client:
            yield receivers, client


def _headers(receivers: Receivers, name: str) -> dict[str, str]:
    match name:
        case "slack":
            return {"Authorization": f"Bearer {receivers.slack.token}"}
        case "pagerduty":
            return {"Authorization": f"Token token={receivers.pagerduty.token}", "From": receivers.pagerduty.sender}
        case "opsgenie":
            return {"Authorization": f"GenieKey {receivers.opsgenie.key}"}
        case "statuspage":
            return {"Authorization": f"OAuth {receivers.statuspage.token}"}
        case _:
            return {}
