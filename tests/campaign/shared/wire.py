"""A wire between a cockpit and PostgreSQL: a small TCP proxy that cuts, holds, slows down and loses what it carries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path

CHUNK = 65536


class Wire:
    """Carries every connection to `socket`, a server's Unix socket. Made by `laid`."""

    def __init__(self, socket: Path) -> None:
        self.port = 0
        self._socket = socket
        self._whole = True
        self._flowing = asyncio.Event()
        self._delay = 0.0
        self._deaf = False
        self._left: int | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._taking: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """Break every connection, and let none through until `mend`."""
        self._whole = False
        self._break()

    def cut_after(self, bytes: int) -> None:
        """Cut it when so many bytes more have gone to the server: in the midst of whatever is being said."""
        self._left = bytes

    def hold(self) -> None:
        """Carry nothing until `mend`; nothing is lost either, as where packets are sent again."""
        self._flowing.clear()

    def slow(self, seconds: float) -> None:
        """Let everything take so much longer, each way."""
        self._delay = seconds

    def lose_answers(self) -> None:
        """Carry what is asked, and nothing that is answered; `mend` breaks what then hangs."""
        self._deaf = True

    def mend(self) -> None:
        """Carry everything again."""
        if self._deaf:
            self._break()
        self._whole, self._deaf, self._delay, self._left = True, False, 0.0, None
        self._flowing.set()

    def _break(self) -> None:
        for end in tuple(self._ends):
            end.transport.abort()

    def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry a connection from now on, until either side ends it."""
        taking = asyncio.create_task(self._take(reader, writer))
        self._taking.add(taking)
        taking.add_done_callback(self._taking.discard)

    async def end(self) -> None:
        """Carry nothing any more."""
        for each in tuple(self._taking):
            each.cancel()
        await asyncio.gather(*self._taking, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        try:
            if self._whole:
                with suppress(OSError):  # the server is away, which the other side is told by the end
                    there, back = await self._opened()
                    self._ends.add(back)
                    try:
                        await self._both(self._carry(reader, back), self._answer(there, writer))
                    finally:
                        self._ends.discard(back)
                        back.transport.abort()
        finally:
            self._ends.discard(writer)
            writer.transport.abort()

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_unix_connection(self._socket)

    async def _both(self, *ways: Coroutine[None, None, None]) -> None:
        """Carry both ways until one ends, or is cut."""
        going = [asyncio.ensure_future(way) for way in ways]
        try:
            await asyncio.wait(going, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in going:
                each.cancel()
            await asyncio.gather(*going, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await self._after_a_while(reader):
            if self._left is not None:
                data, self._left = data[: self._left], max(0, self._left - len(data))
            writer.write(data)
            await writer.drain()
            if self._left == 0:
                await asyncio.sleep(0)
                self.cut()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await self._after_a_while(reader):
            if not self._deaf:
                writer.write(data)
                await writer.drain()

    async def _after_a_while(self, reader: asyncio.StreamReader) -> bytes:
        data = await reader.read(CHUNK)
        await asyncio.sleep(self._delay)
        await self._flowing.wait()
        return data


@asynccontextmanager
async def laid(socket: Path) -> AsyncIterator[Wire]:
    """A wire to `socket`, at a port of this machine, until the end of the block."""
    wire = Wire(socket)
    wire.mend()
    server = await asyncio.start_server(wire.take, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        await wire.end()
