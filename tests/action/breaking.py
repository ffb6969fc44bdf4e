"""A proxy between client and cluster that can lose a change's request, or its answer, or keep the answer back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal


@dataclass
class Proxy:
    """What happens to a PATCH or DELETE that is no dry run; all else passes. `then_dead`, nothing passes any more.

    `what` is pass, lose-request (closed before the server sees it), lose-answer (closed once the server has
    answered), or hold (the answer is kept back for good).
    """

    what: Literal["pass", "lose-request", "lose-answer", "hold"] = "pass"
    then_dead: bool = False
    dead: bool = False
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server has answered the change, or the request was lost."""
    gate: asyncio.Event | None = None
    """A server that takes long: while this is not set, no request reaches it."""
    asked: int = 0
    """Requests that have come."""
    overtake: Callable[[], object] | None = None
    """Called before each change reaches the server: what somebody else does first."""

    @asynccontextmanager
    async def before(self, port: int) -> AsyncIterator[int]:
        """Listen on a free port in front of `port`, and give it."""
        serving: set[asyncio.Task[None]] = set()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            serving.add(asyncio.ensure_future(self._serve(reader, writer, port)))

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while not self.dead:
                    request = await _message(reader)
                    if not await self._forward(request, writer, port):
                        break
        finally:
            writer.close()

    async def _forward(self, request: bytes, writer: asyncio.StreamWriter, port: int) -> bool:
        """Pass one request on in a connection of its own; gives whether the client's connection stays open."""
        self.asked += 1
        if self.gate is not None:
            await self.gate.wait()
        change = request.startswith((b"PATCH", b"DELETE")) and b"dryRun" not in request.partition(b"\r\n")[0]
        what = self.what if change else "pass"
        if change and self.overtake is not None:
            self.overtake()
        if what == "lose-request":
            self._done()
            return False
        answer = await _ask(request, port)
        if what == "pass":
            writer.write(answer)
            await writer.drain()
            return True
        self._done()
        if what == "hold":
            await asyncio.sleep(3600)
        return False

    def _done(self) -> None:
        self.taken.set()
        self.dead = self.then_dead


async def _ask(request: bytes, port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return await _message(reader)
    finally:
        writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One HTTP message with a content length."""
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + (await reader.readexactly(int(lengths[0].split(b":")[1])) if lengths else b"")


@dataclass
class Wire:
    """A connection that carries bytes both ways, whatever they are, until it is cut."""

    open: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        """Close every connection that goes through it now."""
        for writer in self.open:
            writer.transport.abort()

    @asynccontextmanager
    async def before(self, port: int) -> AsyncIterator[int]:
        """Listen on a free port in front of `port`, and give it."""
        serving: set[asyncio.Task[None]] = set()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            serving.add(asyncio.ensure_future(self._serve(reader, writer, port)))

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        onward, back = await asyncio.open_connection("127.0.0.1", port)
        self.open |= {writer, back}
        try:
            await asyncio.gather(_carry(reader, back), _carry(onward, writer))
        finally:
            self.open -= {writer, back}
            writer.close()
            back.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
