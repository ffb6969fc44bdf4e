"""Forwarded ports: with the stock kubectl, and the tunnel underneath with frames of our own."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from conftest import eventually
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator.cluster.scenes import ECHO, PODS, Scene, healthy_cluster, pod, scene
from simulator.cluster.stock import WEBSOCKETS, Forward, lacking, port_forward
from simulator.servers import ADMIN, VIEWER

from cockpit.simulator.cluster.inside.forwarding import PROTOCOL
from cockpit.simulator.cluster.inside.spdy import (
    INVALID_STREAM,
    PROTOCOL_ERROR,
    REFUSED_STREAM,
    STREAM_ALREADY_CLOSED,
    Data,
    Frame,
    FrameReader,
    FrameWriter,
    GoAway,
    Ping,
    RstStream,
    Settings,
    SynReply,
    SynStream,
    WindowUpdate,
)

pytestmark = pytest.mark.anyio

needs_kubectl = pytest.mark.skipif(bool(lacking(WEBSOCKETS)), reason=lacking(WEBSOCKETS))


@asynccontextmanager
async def forwarding(home: Path, *ports: int) -> AsyncIterator[tuple[Scene, Forward]]:
    """A healthy service, and kubectl forwarding free local ports to the first of its pods."""
    async with scene(healthy_cluster()) as here:
        name = here.pods()[0]["metadata"]["name"]
        line = f"kubectl port-forward {name} {' '.join(f':{port}' for port in ports)} -n production"
        async with port_forward(line, here.served.kubeconfig(home), home) as forward:
            yield here, forward


async def echoed(port: int, data: bytes) -> bytes:
    """What comes back of `data` until the other side hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def say() -> None:
        writer.write(data)
        await writer.drain()
        writer.write_eof()

    saying = asyncio.create_task(say())
    found = await asyncio.wait_for(reader.read(), 30)
    await saying
    writer.close()
    return found


@needs_kubectl
async def test_several_connections_at_once_carry_every_byte(tmp_path: Path) -> None:
    sent = [os.urandom(1_000_000) for _ in range(5)]
    async with forwarding(tmp_path, ECHO) as (_, forward):
        (port,) = forward.ports
        assert await asyncio.gather(*(echoed(port, each) for each in sent)) == sent
    assert forward.process.returncode == 0
    assert forward.out.count(f"Handling connection for {port}") == 5


@needs_kubectl
async def test_a_port_where_nobody_listens_is_refused_as_by_a_real_kubelet(tmp_path: Path) -> None:
    async with forwarding(tmp_path, 9999, ECHO) as (_, forward):
        local, other = forward.ports
        assert await echoed(other, b"still fine") == b"still fine"
        assert await echoed(local, b"") == b""
        code, said = await forward.ended()
    assert code == 1
    assert re.search(
        rf"an error occurred forwarding {local} -> 9999: error forwarding port 9999 to pod [0-9a-f]{{64}}, uid : "
        r"failed to execute portforward in network namespace .* dial tcp4 127\.0\.0\.1:9999: connect: connection "
        r"refused IPv6 dial tcp6 \[::1\]:9999: connect: connection refused",
        said,
    )
    assert said.endswith("error: lost connection to pod\n")


@needs_kubectl
async def test_a_pod_that_is_deleted_hangs_up_and_takes_no_more(tmp_path: Path) -> None:
    async with forwarding(tmp_path, ECHO) as (here, forward):
        (port,) = forward.ports
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello")
        assert await asyncio.wait_for(reader.readexactly(5), 30) == b"hello"
        name = here.pods()[0]["metadata"]["name"]
        here.cluster.delete("pods", "production", name)
        assert await asyncio.wait_for(reader.read(), 30) == b""
        writer.close()
        await eventually(lambda: here.cluster.get("pods", "production", name) is None)
        assert await echoed(port, b"") == b""
        code, said = await forward.ended()
    assert code == 1
    assert re.search(rf"forwarding port {ECHO} to pod .* failed to find sandbox .* in store: not found", said)
    assert said.endswith("error: lost connection to pod\n")


class Raw:
    """A client of the tunnel that says what it likes."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._writer, self._reader = FrameWriter(), FrameReader()
        self._heard: list[Frame] = []

    async def say(self, *frames: Frame) -> None:
        await self.socket.send_bytes(b"".join(map(self._writer.write, frames)))

    async def hear(self) -> Frame | None:
        """The next frame; None once the tunnel is closed."""
        while not self._heard:
            message = await self.socket.receive(30)
            if message.type is not aiohttp.WSMsgType.BINARY:
                return None
            self._heard += self._reader.read(message.data)
        return self._heard.pop(0)

    async def hear_data(self, stream: int) -> bytes:
        """All that comes on one stream until its end."""
        found = b""
        while (frame := await self.hear()) is not None:
            if isinstance(frame, Data) and frame.stream == stream:
                found += frame.data
                if frame.fin:
                    return found
        raise AssertionError(f"the tunnel ended within stream {stream}")

    async def connect(self, port: int, request: int = 1, first: int = 1) -> None:
        """Open the two streams of a connection: `first` for errors, the next one for data."""
        headers = {"requestid": str(request), "port": str(port)}
        await self.say(SynStream(first, {**headers, "streamtype": "error"}), Data(first, b"", fin=True))
        await self.say(SynStream(first + 2, {**headers, "streamtype": "data"}))
        assert await self.hear() == SynReply(first, {})
        assert await self.hear() == SynReply(first + 2, {})


def path(here: Scene) -> str:
    """Where the first pod's ports are."""
    return f"{PODS}/{here.pods()[0]['metadata']['name']}/portforward"


@asynccontextmanager
async def raw() -> AsyncIterator[Raw]:
    """A tunnel into the first pod of a healthy service."""
    headers = {"authorization": f"Bearer {ADMIN}"}
    async with (
        scene(healthy_cluster()) as here,
        aiohttp.ClientSession(here.served.url, headers=headers) as session,
        session.ws_connect(path(here), protocols=[PROTOCOL]) as socket,
    ):
        assert socket.protocol == PROTOCOL
        yield Raw(socket)


async def test_bytes_go_there_and_back_and_both_sides_close() -> None:
    async with raw() as client:
        await client.connect(ECHO)
        await client.say(Data(3, b"to be "), Data(3, b"echoed", fin=True))
        assert await client.hear_data(3) == b"to be echoed"
        await client.say(GoAway(0))
        assert await client.hear() is None
        assert client.socket.close_code == 1000


async def test_a_refusal_goes_to_the_error_stream() -> None:
    async with raw() as client:
        await client.connect(81, first=7)
        assert (await client.hear_data(7)).startswith(b"error forwarding port 81 to pod ")
        assert await client.hear() == Data(9, b"", fin=True)


async def test_a_reset_stream_leaves_the_others_alone() -> None:
    async with raw() as client:
        await client.connect(ECHO, request=1, first=1)
        await client.connect(ECHO, request=2, first=5)
        await client.say(RstStream(3, 5), Data(3, b"too late"), Data(7, b"fine", fin=True))
        assert await client.hear_data(7) == b"fine"


DATA = {"streamtype": "data", "port": "1", "requestid": "1"}


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (Ping(7), Ping(7)),
        (SynStream(2, DATA), RstStream(2, PROTOCOL_ERROR)),
        (SynStream(1, DATA, unidirectional=True), RstStream(1, REFUSED_STREAM)),
        (SynStream(1, {**DATA, "port": "0"}), RstStream(1, REFUSED_STREAM)),
        (SynStream(1, {**DATA, "port": "65536"}), RstStream(1, REFUSED_STREAM)),
        (SynStream(1, {**DATA, "port": "\u00b2"}), RstStream(1, REFUSED_STREAM)),
        (SynStream(1, {**DATA, "streamtype": "other"}), RstStream(1, REFUSED_STREAM)),
        (SynStream(1, {**DATA, "requestid": ""}), RstStream(1, REFUSED_STREAM)),
        (Data(5, b"on no stream"), RstStream(5, INVALID_STREAM)),
    ],
)
async def test_what_a_client_may_not_do_is_answered(said: Frame, answer: Frame) -> None:
    async with raw() as client:
        # of the first three nothing is answered
        await client.say(Ping(2), Settings(((7, 65536),)), WindowUpdate(0, 10), said, Ping(9))
        assert await client.hear() == answer
        assert await client.hear() == Ping(9)


async def test_bytes_after_the_last_one_and_a_second_stream_of_a_type_are_refused() -> None:
    async with raw() as client:
        await client.say(SynStream(1, DATA, fin=True), Data(1, b"more"), SynStream(3, DATA))
        assert await client.hear() == SynReply(1, {})
        assert await client.hear() == RstStream(1, STREAM_ALREADY_CLOSED)
        assert await client.hear() == RstStream(3, REFUSED_STREAM)


FEW = st.integers(1, 7)
WORDS = st.sampled_from(["error", "data", str(ECHO), "8080", "1", "2", ""])
NOISE = st.one_of(
    st.builds(SynStream, FEW, st.fixed_dictionaries({"streamtype": WORDS, "port": WORDS, "requestid": WORDS})),
    st.builds(Data, FEW, st.binary(max_size=50), st.booleans()),
    st.builds(RstStream, FEW, FEW),
    st.builds(Ping, FEW),
    st.builds(GoAway, FEW),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(NOISE, max_size=12), st.binary(max_size=40))
async def test_whatever_comes_ends_in_a_closed_tunnel_not_in_a_broken_server(frames: list[Frame], junk: bytes) -> None:
    async with raw() as client:
        await client.say(*frames)
        await client.socket.send_bytes(junk)
        await client.socket.send_str("no text belongs here")
        while await client.hear() is not None:
            pass
        assert client.socket.close_code in (1000, 1002)  # a server that fell over would just hang up


@pytest.mark.parametrize(
    ("token", "protocol", "name", "code", "told"),
    [
        ("nobody", PROTOCOL, "", 401, "Unauthorized"),
        (VIEWER, PROTOCOL, "", 403, 'cannot create resource "pods/portforward"'),
        (ADMIN, PROTOCOL, "nope", 404, 'pods "nope" not found'),
        (ADMIN, PROTOCOL, "homeless", 400, "pod homeless does not have a host assigned"),
        (ADMIN, "v3.channel.k8s.io", "", 403, f"client supports [v3.channel.k8s.io], server accepts [{PROTOCOL}]"),
        (ADMIN, "v4.channel.k8s.io", "", 400, "it names no port"),
    ],
)
async def test_a_tunnel_is_refused_before_it_is_opened(
    token: str, protocol: str, name: str, code: int, told: str
) -> None:
    async with scene(healthy_cluster()) as here:
        first = path(here)
        for node in here.cluster.list("nodes"):
            here.cluster.patch_merge("nodes", None, node["metadata"]["name"], {"spec": {"unschedulable": True}})
        here.cluster.create(pod("homeless"))
        handshake = {
            "authorization": f"Bearer {token}",
            "connection": "Upgrade",
            "upgrade": "websocket",
            "sec-websocket-version": "13",
            "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
            "sec-websocket-protocol": protocol,
        }
        where = f"{PODS}/{name}/portforward" if name else first
        answer = await here.http.get(where, headers=handshake)
    assert answer.status_code == code
    assert told in answer.json()["message"]


async def test_an_older_kubectl_is_told_what_it_lacks() -> None:
    async with scene(healthy_cluster()) as here:
        answer = await here.http.post(path(here), headers={"connection": "upgrade", "upgrade": "SPDY/3.1"})
    assert answer.status_code == 501
    assert "only over WebSocket (kubectl 1.31 or newer)" in answer.json()["message"]
