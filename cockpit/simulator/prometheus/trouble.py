"""Ways for Prometheus itself to be in trouble, so that what reads it can be seen to cope."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(slots=True)
class Trouble:
    """What is wrong with the server now; with nothing set, nothing is."""

    answer: int | None = None
    """Every request gets this status instead of an answer."""

    retry_after: int | None = None
    """With `answer`, the seconds that it asks to wait."""

    delay: float = 0.0
    """Every answer waits for so many real seconds."""

    garbage: bool = False
    """Every answer is 200 with a body that is no JSON, as from a proxy's login page."""

    login: str = ""
    """Every answer is a redirect to this address, as from a proxy that wants a login."""

    only_get: bool = False
    """POST is not allowed, as by a proxy that only lets people read."""

    truncated: bool = False
    """Every answer ends in its middle."""

    warnings: tuple[str, ...] = ()
    """Every good answer comes with these warnings, as from a remote store that is partly away."""

    skew: float = 0.0
    """Seconds that its clock is ahead of the world's."""


class Troubled:
    """Puts `trouble` before an application."""

    def __init__(self, app: ASGIApp, trouble: Trouble) -> None:
        self._app = app
        self._trouble = trouble

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the trouble of the moment says, or let the application answer."""
        trouble = self._trouble
        if trouble.delay:
            await asyncio.sleep(trouble.delay)
        if instead := self._instead(scope):
            await instead(scope, receive, send)
        elif trouble.truncated or trouble.warnings:
            await self._app(scope, receive, _Spoiled(trouble, send))
        else:
            await self._app(scope, receive, send)

    def _instead(self, scope: Scope) -> Response | None:
        """What is answered in the application's place."""
        trouble = self._trouble
        if trouble.answer is not None:
            wait = {} if trouble.retry_after is None else {"Retry-After": str(trouble.retry_after)}
            return PlainTextResponse("Service Unavailable", status_code=trouble.answer, headers=wait)
        if trouble.garbage:
            return PlainTextResponse("<html><title>Sign in</title>", media_type="text/html")
        if trouble.login:
            return RedirectResponse(trouble.login, status_code=302)
        if trouble.only_get and scope.get("method") == "POST":
            return PlainTextResponse("Method Not Allowed", status_code=405)
        return None


class _Spoiled:
    """Sends an answer on when it is whole, changed as the trouble says."""

    def __init__(self, trouble: Trouble, send: Send) -> None:
        self._trouble = trouble
        self._send = send
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = self._changed()
        headers = [(name, value) for name, value in self._start["headers"] if name.lower() != b"content-length"]
        length = (b"content-length", str(len(body)).encode())
        await self._send({**self._start, "headers": [*headers, length]})
        await self._send({"type": "http.response.body", "body": body})

    def _changed(self) -> bytes:
        body = self._body
        if self._trouble.warnings and self._start["status"] == 200:
            body = json.dumps(json.loads(body) | {"warnings": list(self._trouble.warnings)}).encode()
        return body[: len(body) // 2] if self._trouble.truncated else body
