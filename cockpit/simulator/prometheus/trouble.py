"""Ways for Prometheus itself to be in trouble, so that what reads it can be seen to cope."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(slots=True)
class Trouble:
    """What is wrong with the server now; with nothing set, nothing is."""

    answer: int | None = None
    """Every request gets this status instead of an answer."""

    delay: float = 0.0
    """Every answer waits for so many real seconds."""

    garbage: bool = False
    """Every answer is 200 with a body that is no JSON, as from a proxy's login page."""


class Troubled:
    """Puts `trouble` before an application."""

    def __init__(self, app: ASGIApp, trouble: Trouble) -> None:
        self._app = app
        self._trouble = trouble

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the trouble of the moment says, or let the application answer."""
        if self._trouble.delay:
            await asyncio.sleep(self._trouble.delay)
        app = self._app
        if self._trouble.answer is not None:
            app = PlainTextResponse("Service Unavailable", status_code=self._trouble.answer)
        elif self._trouble.garbage:
            app = PlainTextResponse("<html><title>Sign in</title>", media_type="text/html")
        await app(scope, receive, send)
