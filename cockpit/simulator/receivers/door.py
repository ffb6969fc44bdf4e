"""One loopback port of a receiver, which can be shut and opened again, and through which its trouble comes in."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from cockpit.simulator.receivers.trouble import Asked, Fault, Trouble

if TYPE_CHECKING:
    from asyncio import Protocol, Server, Transport

_LOGIN = "<html><head><title>Sign in</title></head><body>Sign in to go on</body></html>"


class Port(ABC):
    """A free loopback port, the same each time it is opened. `protocol` makes one for each connection."""

    def __init__(self, trouble: Trouble) -> None:
        self.number = 0
        self._trouble = trouble
        self._server: Server | None = None
        self._turn = asyncio.Lock()
        self._changing: set[asyncio.Task[None]] = set()
        trouble.changed = self._change

    @abstractmethod
    def protocol(self) -> Protocol:
        """What serves a connection."""

    @abstractmethod
    def drop(self) -> None:
        """End every connection at once."""

    async def settle(self) -> None:
        """Open or shut it as its trouble wants."""
        async with self._turn:
            if self._trouble.refusing and self._server is not None:
                await self._shut()
            elif not self._trouble.refusing and self._server is None:
                loop = asyncio.get_running_loop()
                self._server = await loop.create_server(self.protocol, "127.0.0.1", self.number, reuse_address=True)
                self.number = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Serve nobody any more."""
        self._trouble.changed = lambda: None
        await asyncio.gather(*self._changing)
        async with self._turn:
            await self._shut()

    async def _shut(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        self.drop()
        await asyncio.sleep(0)

    def _change(self) -> None:
        """Trouble may be set from anywhere; the port follows within the same turn of the loop but one."""
        task = asyncio.get_running_loop().create_task(self.settle())
        self._changing.add(task)
        task.add_done_callback(self._changing.discard)


class _Connection(H11Protocol):
    """uvicorn's connection, whose transport the application can reach: as `state["transport"]` of its scope."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        self.app_state = {"transport": transport}
        super().connection_made(transport)


class Door(Port):
    """A port that serves an application over HTTP."""

    def __init__(self, app: ASGIApp, trouble: Trouble) -> None:
        super().__init__(trouble)
        self._config = uvicorn.Config(
            _Troubled(app, trouble), log_config=None, access_log=False, lifespan="off", ws="none", proxy_headers=False
        )
        self._config.load()
        self._state = ServerState()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.number}"

    def protocol(self) -> Protocol:
        """A connection of uvicorn's."""
        return _Connection(self._config, self._state, {})

    def drop(self) -> None:
        """End every connection; requests under way see their client gone."""
        for connection in list(self._state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()

    async def close(self) -> None:
        """Serve nobody any more, when every request has ended."""
        await super().close()
        if self._state.tasks:
            await asyncio.wait(list(self._state.tasks), timeout=5)


@contextlib.asynccontextmanager
async def opened(port: Port) -> AsyncIterator[None]:
    """A port that is open until the block ends. Raises OSError."""
    await port.settle()
    try:
        yield
    finally:
        await port.close()


class _Troubled:
    """Notes each request, and lets the trouble of the moment befall it or the application answer."""

    def __init__(self, app: ASGIApp, trouble: Trouble) -> None:
        self._app = app
        self._trouble = trouble

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        asked = Asked(scope["method"], scope["path"])
        self._trouble.asked.append(asked)
        fault = self._trouble.befalls(scope["path"])
        if fault is None:
            await self._app(scope, receive, _noting(send, asked))
            return
        asked.fault = fault.kind
        if fault.kind == "revoked":
            await self._app({**scope, "revoked": True}, receive, _noting(send, asked))
            return
        answer = await self._taken(scope, receive) if fault.takes or fault.kind == "cut" else None
        await self._fail(fault, answer, scope, receive, _noting(send, asked))

    async def _taken(self, scope: Scope, receive: Receive) -> Response:
        """What the application answers; it is kept from the client."""
        status, headers, parts = 200, dict[bytes, bytes](), list[bytes]()

        async def keep(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers.update(message["headers"])
            else:
                parts.append(message.get("body", b""))

        await self._app(scope, receive, keep)
        return Response(b"".join(parts), status, media_type=headers.get(b"content-type", b"text/plain").decode())

    async def _fail(self, fault: Fault, answer: Response | None, scope: Scope, receive: Receive, send: Send) -> None:
        transport: Transport = scope["state"]["transport"]
        if fault.kind == "reset":
            transport.abort()
        elif fault.kind == "cut" and answer is not None:
            await _begin(answer, send)
            transport.close()
        elif fault.kind in ("answer", "garbage"):
            await _said(fault)(scope, receive, send)
            return
        while (await receive())["type"] != "http.disconnect":
            pass


async def _begin(answer: Response, send: Send) -> None:
    """The head of an answer and the first half of its body, which is not empty."""
    body = bytes(answer.body) or b"{}"
    headers = [(b"content-length", str(len(body) + 16).encode()), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})


def _said(fault: Fault) -> Response:
    if fault.kind == "garbage":
        return HTMLResponse(_LOGIN)
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else None
    if isinstance(fault.body, str) or fault.body is None:
        return PlainTextResponse(fault.body or "", fault.status, headers)
    return JSONResponse(fault.body, fault.status, headers)


def _noting(send: Send, asked: Asked) -> Send:
    async def noted(message: Any) -> None:
        if message["type"] == "http.response.start":
            asked.status = message["status"]
        await send(message)

    return noted
