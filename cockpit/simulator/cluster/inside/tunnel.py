"""The server's side of SPDY/3.1 inside a WebSocket: the streams that a client opens, and bytes both ways on them.

Neither kubectl nor a kubelet does SPDY's flow control (moby/spdystream has none): windows are never updated, so keeping
to them would stop a stream after 64 KiB. What holds a fast sender back is, as there, the connection underneath.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from cockpit.simulator.cluster.inside import spdy
from cockpit.simulator.cluster.inside.spdy import (
    Data,
    Frame,
    FrameReader,
    FrameWriter,
    GoAway,
    Ping,
    RstStream,
    SpdyError,
    SynReply,
    SynStream,
)

WAITING = 256 * 1024
"""Bytes that may wait in a stream before its tunnel takes no more of any: half of what it may come to hold."""
CHUNK = 32 * 1024
"""Bytes in the longest data frame that is sent."""

_PROTOCOL_ERROR = 1002
"""The status with which a WebSocket is closed after the peer broke the protocol."""


class _Flow(asyncio.ReadTransport):
    """Lets the reader of a stream hold the tunnel back while nobody takes what it has."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()
        self.open.set()

    def pause_reading(self) -> None:
        """The reader is full."""
        self.open.clear()

    def resume_reading(self) -> None:
        """The reader has room again."""
        self.open.set()


class Stream:
    """One stream that the client opened: what it said of it, and bytes both ways.

    `reader` gives what the client sends until its end; `gone` is set once the stream was reset or its tunnel ended.
    """

    def __init__(self, tunnel: Tunnel, number: int, headers: Mapping[str, str]) -> None:
        self.number = number
        self.headers = headers
        self.reader = asyncio.StreamReader(WAITING)
        self.gone = asyncio.Event()
        self.heard_all = False
        self.said_all = False
        self._tunnel = tunnel
        self._flow = _Flow()
        self.reader.set_transport(self._flow)

    async def write(self, data: bytes) -> None:
        """Send bytes to the client; to nowhere once the stream is closed."""
        for start in range(0, len(data), CHUNK):
            if self.said_all:
                return
            await self._tunnel.send(Data(self.number, data[start : start + CHUNK]))

    async def close(self) -> None:
        """Say that nothing more comes from here, and listen no longer."""
        if self.said_all:
            return
        self.said_all = True
        self._flow.open.set()
        await self._tunnel.send(Data(self.number, b"", fin=True))
        await self._tunnel.finished(self)

    async def take(self, frame: Data) -> None:
        """What the client sent; waits while too much is unread."""
        if frame.data and not self.said_all:
            self.reader.feed_data(frame.data)
        if frame.fin:
            self.hear_no_more()
        if not self.said_all:
            await self._flow.open.wait()

    def hear_no_more(self) -> None:
        """The client has sent its last byte."""
        self.heard_all = True
        self.reader.feed_eof()

    def end(self) -> None:
        """It is over in both directions."""
        self.said_all = True
        self.hear_no_more()
        self._flow.open.set()
        self.gone.set()


class Tunnel:
    """One SPDY session.

    Args:
        socket: the accepted WebSocket; its binary messages, one after the other, are the session's bytes.
        admit: whether a stream with these headers may be opened.
        opened: told of each stream once it has been accepted.
    """

    def __init__(
        self, socket: WebSocket, admit: Callable[[Mapping[str, str]], bool], opened: Callable[[Stream], None]
    ) -> None:
        self._socket = socket
        self._admit = admit
        self._opened = opened
        self._streams: dict[int, Stream] = {}
        self._last = 0
        self._leaving = False
        self._over = False
        self._writer = FrameWriter()
        self._sending = asyncio.Lock()

    async def run(self) -> None:
        """Serve the session until either side ends it; all its streams have ended then."""
        reader = FrameReader()
        try:
            while (data := await self._receive()) is not None:
                for frame in reader.read(data):
                    await self._handle(frame)
        except SpdyError:
            await self.send(GoAway(self._last, spdy.PROTOCOL_ERROR))
            await self._close(_PROTOCOL_ERROR)
        finally:
            self._over = True
            for stream in self._streams.values():
                stream.end()

    async def send(self, frame: Frame) -> None:
        """Send a frame; to nowhere once the session is over."""
        async with self._sending:  # compressed headers must go out in the order in which they were made
            if self._over:
                return
            try:
                await self._socket.send_bytes(self._writer.write(frame))
            except WebSocketDisconnect:
                self._over = True

    async def finished(self, stream: Stream) -> None:
        """Forget a stream that is closed on both sides; the last one of a client that is leaving ends the session."""
        if stream.heard_all and stream.said_all:
            self._streams.pop(stream.number, None)
        if self._leaving and not self._streams:
            await self._close()

    async def _receive(self) -> bytes | None:
        """The next message's bytes; None when there will be none."""
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        data = message.get("bytes")
        if not isinstance(data, bytes):
            raise SpdyError("a text message has no place in a tunnel")
        return data

    async def _handle(self, frame: Frame) -> None:
        match frame:
            case SynStream():
                await self._open(frame)
            case Data():
                await self._data(frame)
            case RstStream(number):
                if (stream := self._streams.pop(number, None)) is not None:
                    stream.end()
                    await self.finished(stream)
            case Ping(number):
                if number % 2:  # ours would be even, and we send none
                    await self.send(frame)
            case GoAway():
                self._leaving = True
                if not self._streams:
                    await self._close()
            case _:
                pass  # settings, windows, replies and later headers say nothing that a server of ports acts on

    async def _open(self, frame: SynStream) -> None:
        number = frame.stream
        if number % 2 == 0 or number <= self._last:
            await self.send(RstStream(number, spdy.PROTOCOL_ERROR))
            return
        self._last = number
        if self._leaving or frame.unidirectional or not self._admit(frame.headers):
            await self.send(RstStream(number, spdy.REFUSED_STREAM))
            return
        stream = self._streams[number] = Stream(self, number, frame.headers)
        if frame.fin:
            stream.hear_no_more()
        await self.send(SynReply(number, {}))
        self._opened(stream)

    async def _data(self, frame: Data) -> None:
        stream = self._streams.get(frame.stream)
        if stream is None:
            if frame.stream > self._last or frame.stream % 2 == 0:  # others were open: their last bytes are late
                await self.send(RstStream(frame.stream, spdy.INVALID_STREAM))
        elif stream.heard_all:
            await self.send(RstStream(frame.stream, spdy.STREAM_ALREADY_CLOSED))
        else:
            await stream.take(frame)
            await self.finished(stream)

    async def _close(self, code: int = 1000) -> None:
        async with self._sending:
            if not self._over:
                self._over = True
                with suppress(WebSocketDisconnect):  # the client was faster
                    await self._socket.close(code)
