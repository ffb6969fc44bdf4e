"""A wire between a cockpit and one source: besides holding, slowing and breaking it corrupts, cuts answers in mid-line,
and answers in the server's place."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.campaign.shared.wire import CHUNK, Wire

_METHODS = (b"GET ", b"POST ", b"HEAD ")


@dataclass(frozen=True, slots=True)
class Instead:
    """What is answered in the server's place to requests whose path holds `path`."""

    status: int
    path: str = "/"
    retry_after: int | None = None

    def to(self, request: bytes) -> bytes | None:
        """The answer to what begins a request; None for what goes to the server."""
        line = request.partition(b"\r\n")[0]
        if not request.startswith(_METHODS) or self.path.encode() not in line:
            return None
        wait = "" if self.retry_after is None else f"Retry-After: {self.retry_after}\r\n"
        body = f'{{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no","code":{self.status}}}'
        head = f"HTTP/1.1 {self.status} No\r\nContent-Type: application/json\r\n{wait}Connection: close\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


class SourceWire(Wire):
    """Carries connections to a server's port, or to its Unix socket."""

    def __init__(self, to: int | Path, chance: random.Random) -> None:
        super().__init__(to if isinstance(to, Path) else Path())
        self._to = to
        self._chance = chance
        self._corrupt = 0.0
        self._cut = 0.0
        self._instead: Instead | None = None
        self._clients: dict[asyncio.StreamReader, asyncio.StreamWriter] = {}

    def corrupt(self, share: float) -> None:
        """Spoil this share of the pieces of answers. A byte of 0xFF stands in no JSON, HTTP head or text, so whatever
        it hits can be seen to be wrong."""
        self._corrupt = share

    def cut_answers(self, share: float) -> None:
        """Break the connection in the midst of this share of the pieces of answers."""
        self._cut = share

    def answer(self, instead: Instead) -> None:
        """Answer in the server's place."""
        self._instead = instead

    def hang_up(self) -> None:
        """Break what is open now; new connections are carried."""
        self._break()

    def mend(self) -> None:
        """Carry everything again."""
        self._corrupt, self._cut, self._instead = 0.0, 0.0, None
        super().mend()

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._to, Path):
            return await asyncio.open_unix_connection(self._to)
        return await asyncio.open_connection("127.0.0.1", self._to)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients[reader] = writer
        try:
            await super()._take(reader, writer)
        finally:
            del self._clients[reader]

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await self._after_a_while(reader):
            said = self._instead.to(data) if self._instead else None
            if said is not None:
                client = self._clients[reader]
                client.write(said)
                await client.drain()
                client.write_eof()
                await reader.read(CHUNK)  # until it has read that: a reset would take the answer away
                return
            writer.write(data)
            await writer.drain()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await self._after_a_while(reader):
            if self._cut and self._chance.random() < self._cut:
                writer.write(data[: self._chance.randrange(len(data))])
                await writer.drain()
                return
            if self._corrupt and self._chance.random() < self._corrupt:
                at = self._chance.randrange(len(data))
                data = data[:at] + b"\xff" * min(self._chance.randint(1, 8), len(data) - at) + data[at + 8 :]
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def laid(to: int | Path, chance: random.Random) -> AsyncIterator[SourceWire]:
    """A wire at a port of this machine, until the end of the block."""
    wire = SourceWire(to, chance)
    wire.mend()
    server = await asyncio.start_server(wire.take, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        await wire.end()
