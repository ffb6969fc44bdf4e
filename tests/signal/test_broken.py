"""Connections that do not come about, or break: what failed, why and what to do, in words that are not a library's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cockpit.signal.alertmanager.api import AlertmanagerApi, AlertmanagerError
from cockpit.signal.prometheus.api import PrometheusApi
from cockpit.signal.prometheus.errors import PrometheusError

pytestmark = pytest.mark.anyio

LIBRARY = ("httpx", "Errno", "attempts failed", "peer closed", "Server disconnected", "[SSL", "ssl.c", "Error")
"""Words of the libraries between us and the wire."""


@asynccontextmanager
async def saying(answer: bytes) -> AsyncIterator[str]:
    """A listener that says `answer` to whoever asks, and hangs up."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"
GARBLED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"
CASES = [
    ("http://{}", HALF, "broke off before the answer was whole", "curl"),
    ("http://{}", b"", "broke off before the answer was whole", "curl"),
    ("http://{}", b"SSH-2.0-OpenSSH_9.6\r\n", "broke off before the answer was whole", "curl"),
    ("http://{}", GARBLED, "is not compressed as it says", "curl"),
    ("https://{}", b"HTTP/1.1 400 Bad Request\r\n\r\n", "no TLS came about", "curl"),
    ("http://127.0.0.1:1", b"", "the connection was refused", "nothing listens there"),
    ("http://no-such-host.invalid", b"", "its name does not resolve here", "check `"),
]
IDS = ["half", "nothing", "another protocol", "compressed", "no TLS", "refused", "no name"]


@pytest.mark.parametrize(("url", "answer", "words", "mend"), CASES, ids=IDS)
@pytest.mark.parametrize("what", ["prometheus", "alertmanager"])
async def test_a_broken_connection_is_told_in_plain_words(
    url: str, answer: bytes, words: str, mend: str, what: str
) -> None:
    error: PrometheusError | AlertmanagerError
    async with saying(answer) as place:
        if what == "prometheus":
            api = await PrometheusApi.open("main", url.format(place), None, 5.0)
            with pytest.raises(PrometheusError) as failed:
                await api.query("up")
            await api.close()
            error = failed.value
        else:
            manager = AlertmanagerApi("main", url.format(place), None)
            with pytest.raises(AlertmanagerError) as refused:
                await manager.alerts([])
            await manager.close()
            error = refused.value
    assert error.state == "unreachable"
    assert words in error.message
    assert not [each for each in LIBRARY if each in error.message], error.message
    assert mend in error.mend
