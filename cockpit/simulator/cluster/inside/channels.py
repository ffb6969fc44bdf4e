"""Forwarded ports over v4.channel.k8s.io: two channels for each port that a client asks for, data and errors.

The first byte of a message is its channel: twice the place of the port for its data, one more for what went wrong. The
first message of each from here is the port's number, two bytes, the lower one first. None can be half closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.websockets import WebSocket, WebSocketDisconnect

PROTOCOL = "v4.channel.k8s.io"
_CHUNK = 32 * 1024


class Channel:
    """One channel: what the client sends on it, and bytes to it."""

    def __init__(self, socket: WebSocket, number: int, port: int) -> None:
        self.headers: Mapping[str, str] = {"port": str(port)}
        self.reader = asyncio.StreamReader()
        self.gone = asyncio.Event()
        self._socket = socket
        self._number = number

    async def write(self, data: bytes) -> None:
        """Send bytes to the client; to nowhere once it is gone."""
        for start in range(0, len(data), _CHUNK):
            if self.gone.is_set():
                return
            try:
                await self._socket.send_bytes(bytes([self._number]) + data[start : start + _CHUNK])
            except (WebSocketDisconnect, RuntimeError):  # starlette raises either, by when it was that the client left
                self.end()

    async def close(self) -> None:
        """Nothing more comes from here; the client learns it when the whole connection is closed."""

    def end(self) -> None:
        """The client is gone."""
        self.gone.set()
        self.reader.feed_eof()


async def serve(
    socket: WebSocket, ports: Sequence[int], connect: Callable[[Channel, Channel], Awaitable[None]]
) -> None:
    """Accept a client, and serve its ports until all are over or it goes away.

    Args:
        connect: carries one port's bytes until it is over, given its channel of errors and that of data.
    """
    await socket.accept(PROTOCOL)
    pairs = [(Channel(socket, 2 * at + 1, port), Channel(socket, 2 * at, port)) for at, port in enumerate(ports)]
    for port, pair in zip(ports, pairs, strict=True):
        for channel in reversed(pair):
            await channel.write(port.to_bytes(2, "little"))
    listening = asyncio.create_task(_listen(socket, [channel for pair in pairs for channel in reversed(pair)]))
    try:
        await asyncio.gather(*(connect(error, data) for error, data in pairs))
    finally:
        left = listening.done()
        listening.cancel()
        if not left:
            await socket.close()


async def _listen(socket: WebSocket, channels: Sequence[Channel]) -> None:
    """Hand out what the client sends, until it goes away."""
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        data = message.get("bytes") or b""
        if data and data[0] < len(channels):
            channels[data[0]].reader.feed_data(data[1:])
    for channel in channels:
        channel.end()
