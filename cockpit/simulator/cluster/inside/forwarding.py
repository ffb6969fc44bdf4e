"""Forwarded ports (`kubectl port-forward`): pairs of a tunnel's streams, each a connection into a pod.

The protocol is Kubernetes' SPDY/3.1+portforward.k8s.io, which kubectl speaks. For each connection the client opens an
error stream and a data stream with the same `requestid` and `port`. What went wrong is written to the first, in
containerd's and the kubelet's words; the second carries the connection's bytes. Other clients speak v4.channel.k8s.io
(channels.py), a connection for each port that they ask for.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket as sockets
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol
from uuid import NAMESPACE_OID, uuid5

from starlette.websockets import WebSocket

from cockpit.simulator.cluster.inside import channels
from cockpit.simulator.cluster.inside.network import Listener, listener
from cockpit.simulator.cluster.inside.tunnel import CHUNK, Stream, Tunnel
from cockpit.simulator.cluster.kubelet.logs import LONGEST_NAP
from cockpit.simulator.cluster.kubelet.runs import Run
from cockpit.simulator.cluster.resources import PODS
from cockpit.simulator.cluster.status import ApiError, bad_request
from cockpit.simulator.cluster.store import Record
from cockpit.simulator.program import Serve

if TYPE_CHECKING:
    from cockpit.simulator.cluster.cluster import Cluster

PROTOCOL = "SPDY/3.1+portforward.k8s.io"

_ERROR, _DATA = "error", "data"
_REQUEST, _TYPE, _PORT = "requestid", "streamtype", "port"


def check(pod: Record, offered: list[str], ports: list[str]) -> None:
    """Check what a port-forward asks. Raises ApiError 400 without node or port, 403 for another protocol."""
    if not pod.obj["spec"].get("nodeName"):
        raise bad_request(f"pod {pod.name} does not have a host assigned")
    if PROTOCOL not in offered and channels.PROTOCOL not in offered:
        told = f"client supports [{' '.join(offered)}], server accepts [{PROTOCOL}]"
        raise ApiError(403, "Forbidden", f"unable to upgrade: unable to negotiate protocol: {told}", {})
    if PROTOCOL not in offered and not (ports and all(_is_port(port) for port in ports)):
        raise bad_request("unable to parse query parameter 'ports': it names no port")


async def forward(socket: WebSocket, cluster: Cluster, pod: Record) -> None:
    """Serve a tunnel into a pod until either side ends it."""
    if PROTOCOL not in socket.scope["subprotocols"]:
        async with asyncio.TaskGroup() as connections:
            await channels.serve(socket, _ports(socket), _Forwarding(cluster, pod, connections).connect)
        return
    await socket.accept(PROTOCOL)
    async with asyncio.TaskGroup() as connections:
        forwarding = _Forwarding(cluster, pod, connections)
        await Tunnel(socket, forwarding.admit, forwarding.opened).run()


class _Side(Protocol):
    """A stream or a channel of one forwarded connection."""

    headers: Mapping[str, str]
    reader: asyncio.StreamReader
    gone: asyncio.Event

    async def write(self, data: bytes) -> None:
        """Send bytes to the client."""

    async def close(self) -> None:
        """Say that nothing more comes."""


class _RefusedError(Exception):
    """A connection that cannot be made, and why."""


class _Forwarding:
    """All forwarded connections of one tunnel; `connections` is where they live."""

    def __init__(self, cluster: Cluster, pod: Record, connections: asyncio.TaskGroup) -> None:
        self._cluster = cluster
        self._pod = pod
        self._connections = connections
        self._waiting: dict[str, Stream] = {}

    def admit(self, headers: Mapping[str, str]) -> bool:
        """Whether a stream says what it is for, and is not the second of its type for one request."""
        kind, port = headers.get(_TYPE), headers.get(_PORT, "")
        if kind not in (_ERROR, _DATA) or not headers.get(_REQUEST):
            return False
        if not _is_port(port):
            return False
        other = self._waiting.get(headers[_REQUEST])
        return other is None or other.headers[_TYPE] != kind

    def opened(self, stream: Stream) -> None:
        """Keep the first stream of a request until the second comes, then connect."""
        other = self._waiting.pop(stream.headers[_REQUEST], None)
        if other is None:
            self._waiting[stream.headers[_REQUEST]] = stream
            return
        error, data = (stream, other) if stream.headers[_TYPE] == _ERROR else (other, stream)
        self._connections.create_task(self.connect(error, data))

    async def connect(self, error: _Side, data: _Side) -> None:
        """Connect a pair to whoever listens on its port, and carry its bytes until it is over."""
        port = int(data.headers[_PORT])
        try:
            found = self._listener(port)
        except _RefusedError as why:
            told = f"error forwarding port {port} to pod {_sandbox(self._pod)}, uid : {why}"
            await error.write(told.encode())
        else:
            await self._relay(data, found)
        await error.close()
        await data.close()

    def _listener(self, port: int) -> Listener:
        """Who listens on a port now, in any of the pod's containers: they share one network. Raises _RefusedError."""
        name, sandbox = self._pod.name, _sandbox(self._pod)
        pod = self._cluster.store.get(PODS.plural, self._pod.obj["metadata"]["namespace"], name)
        if pod is None or pod.uid != self._pod.uid:
            raise _RefusedError(f'failed to find sandbox "{sandbox}" in store: not found')
        if (found := listener(self._cluster, pod, port)) is not None:
            return found
        raise _RefusedError(
            f'failed to execute portforward in network namespace "/var/run/netns/cni-{uuid5(NAMESPACE_OID, pod.uid)}": '
            f'failed to connect to localhost:{port} inside namespace "{sandbox}", '
            f"IPv4: dial tcp4 127.0.0.1:{port}: connect: connection refused "
            f"IPv6 dial tcp6 [::1]:{port}: connect: connection refused "
        )

    async def _relay(self, data: _Side, found: Listener) -> None:
        """Carry bytes both ways until the program hangs up, its container ends, or the client resets the stream."""
        ours, its = sockets.socketpair()
        reader, writer = await asyncio.open_connection(sock=ours)
        serving = asyncio.create_task(_serve(found.serve, its))
        sending = asyncio.create_task(_send(data, writer))
        ends = [
            asyncio.create_task(_answer(reader, data)),
            asyncio.create_task(self._ended(found.run)),
            asyncio.create_task(data.gone.wait()),
        ]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            broken = serving.exception() if serving.done() and not serving.cancelled() else None
            for task in (serving, sending, *ends):
                task.cancel()
            await asyncio.gather(serving, sending, *ends, return_exceptions=True)
            writer.close()
        if broken is not None:
            raise broken  # a program that fails is a mistake in the simulator, not the client's

    async def _ended(self, run: Run) -> None:
        """Until a container has ended, or the server stops."""
        while run.running:
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_NAP):
                    await self._cluster.watches.closing.wait()
                    return


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text[:6]) < 2**16


def _ports(socket: WebSocket) -> list[int]:
    """The ports that a client of channels asks for."""
    return [int(port) for port in socket.query_params.getlist("ports")]


async def _serve(serve: Serve, its: sockets.socket) -> None:
    """The program's side of a connection."""
    reader, writer = await asyncio.open_connection(sock=its)
    try:
        with suppress(ConnectionError):  # the client hung up first
            await serve(reader, writer)
            await writer.drain()
    finally:
        writer.close()


async def _send(data: _Side, writer: asyncio.StreamWriter) -> None:
    """What the client sends, to the program."""
    with suppress(ConnectionError):  # the program hung up first, which the answer's end tells
        while chunk := await data.reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()


async def _answer(reader: asyncio.StreamReader, data: _Side) -> None:
    """What the program sends, to the client."""
    with suppress(ConnectionError):
        while chunk := await reader.read(CHUNK):
            await data.write(chunk)


def _sandbox(pod: Record) -> str:
    """The id of the pod's sandbox, as containerd would name it."""
    return hashlib.sha256(pod.uid.encode()).hexdigest()
