"""One connection into a pod, over the WebSocket form of the port-forward protocol.

Source: k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go: with one port asked for, the first byte of a message
is its channel (0 data, 1 errors); the first message of each from the server is the port, two bytes, little-endian.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from cockpit.kube.access import Access
from cockpit.kube.paths import resource_path
from cockpit.text import safe

PROTOCOL = "v4.channel.k8s.io"
_DATA, _ERROR = 0, 1
_CHUNK = 32 * 1024
_GRACE = 10.0
"""Seconds without an answer after which a connection is over that this side has ended: it cannot be half closed."""


def forward_path(namespace: str, pod: str) -> str:
    """The path of forwarded ports of a pod. Raises KubeError("invalid") for what is no name."""
    return resource_path("v1", "pods", namespace, pod, "portforward")


async def carry(
    access: Access, namespace: str, pod: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> str:
    """Carry one connection's bytes to a port of a pod and back, until either side ends it.

    Gives what the cluster said went wrong, cleaned; empty when nothing did.

    Raises:
        KubeError: the cluster refused, or the connection to it broke.
    """
    async with access.socket(
        forward_path(namespace, pod), query=[("ports", str(port))], protocols=[PROTOCOL]
    ) as socket:
        sending = asyncio.create_task(_send(reader, socket))
        try:
            return await _receive(socket, writer, sending)
        finally:
            sending.cancel()
            await asyncio.wait({sending})


async def _send(reader: asyncio.StreamReader, socket: Any) -> None:
    """What comes here, to the pod."""
    with suppress(ConnectionError):
        while data := await reader.read(_CHUNK):
            await socket.send_bytes(bytes([_DATA]) + data)


async def _receive(socket: Any, writer: asyncio.StreamWriter, sending: asyncio.Task[None]) -> str:
    """What comes from the pod, to here; gives what was said on the channel of errors."""
    import aiohttp

    begun: set[int] = set()
    said = bytearray()
    while not said:
        message = await _next(socket, sending)
        if message is None or message.type is not aiohttp.WSMsgType.BINARY:
            break
        channel, data = message.data[0], message.data[1:]
        if channel not in begun:
            begun.add(channel)  # the port's number
        elif channel == _ERROR:
            said += data
        elif channel == _DATA:
            try:
                writer.write(data)
                await writer.drain()
            except ConnectionError:
                break
    return safe(said.decode("utf-8", "replace"))[:400]


async def _next(socket: Any, sending: asyncio.Task[None]) -> Any:
    """The next message; None when this side has ended and the other is silent."""
    receiving = asyncio.ensure_future(socket.receive())
    try:
        await asyncio.wait({receiving, sending}, return_when=asyncio.FIRST_COMPLETED)
        if not receiving.done():
            await asyncio.wait({receiving}, timeout=_GRACE)
        return receiving.result() if receiving.done() else None
    finally:
        receiving.cancel()
