"""TCP endpoints connected to from this machine, and what answers their greetings."""

from __future__ import annotations

from typing import Any

import pytest

from cockpit.clock import ManualClock
from cockpit.config import EndpointConfig
from cockpit.signal.endpoint.check import Check
from cockpit.signal.endpoint.tcp import DirectTcp, address
from tests.listeners import listening, refusing, saying, silent
from tests.signal.endpoint.test_direct import NOW

pytestmark = pytest.mark.anyio

START = b"\x01\x00\x00\x00\x00\x01\xf0\x00\x0a\x00\x0a\x00\x09" + b"x" * 40
"""The beginning of a RabbitMQ's Connection.Start."""


async def asked(at: str, **wanted: Any) -> Check:
    return await DirectTcp(EndpointConfig.model_validate({"tcp": at, **wanted}), ManualClock(NOW)).ask()


async def test_a_port_that_listens_is_ok_whatever_it_would_say() -> None:
    async with listening(silent) as port:
        assert await asked(f"127.0.0.1:{port}") == Check("ok", latency=0.0, came="connected")


async def test_a_port_that_does_not_refuses() -> None:
    check = await asked(f"127.0.0.1:{refusing()}")
    assert (check.verdict, check.reason) == ("failing", "the connection was refused")


async def test_a_name_that_cannot_be_one_fails_like_one_that_does_not_resolve() -> None:
    assert (await asked("redis.invalid:6379")).reason == "its name does not resolve here"
    assert (await asked("x" * 64 + ":6379")).verdict == "failing"


@pytest.mark.parametrize(
    ("speaks", "answer", "verdict"),
    [
        ("redis", b"+PONG\r\n", "ok"),
        ("redis", b"-NOAUTH Authentication required.\r\n", "ok"),
        ("redis", b"-LOADING Redis is loading the dataset in memory\r\n", "failing"),
        ("redis", b"HTTP/1.1 400 Bad Request\r\n\r\n", "failing"),
        ("redis", b"", "failing"),
        ("amqp", START, "ok"),
        ("amqp", b"AMQP\x00\x01\x00\x00", "failing"),
        ("amqp", b"\x15\x03\x01\x00\x02\x02\x50", "failing"),
        ("postgresql", b"S", "ok"),
        ("postgresql", b"N", "ok"),
        ("postgresql", b"E\x00\x00\x00\x20SFATAL\x00", "failing"),
        ("postgresql", b"+PONG\r\n", "failing"),
    ],
)
async def test_a_greeting_proves_the_protocol(speaks: str, answer: bytes, verdict: str) -> None:
    async with listening(saying(answer)) as port:
        check = await asked(f"127.0.0.1:{port}", speaks=speaks)
    assert check.verdict == verdict
    assert bool(check.reason) == (verdict == "failing")
    assert "\x00" not in check.came + check.reason


async def test_an_answer_in_pieces_is_put_together() -> None:
    async def serve(reader: Any, writer: Any) -> None:
        assert await reader.read(100) == b"PING\r\n"
        for part in (b"+P", b"ON", b"G\r\n"):
            writer.write(part)
            await writer.drain()
        await reader.read(1)

    async with listening(serve) as port:
        assert (await asked(f"127.0.0.1:{port}", speaks="redis")).verdict == "ok"


async def test_a_port_that_accepts_and_says_nothing_fails_in_time() -> None:
    async with listening(silent) as port:
        check = await asked(f"127.0.0.1:{port}", speaks="redis", timeout="0.2s")
    assert (check.verdict, check.reason) == ("failing", "no answer within 0.2 s")


def test_an_address_may_be_of_ipv6() -> None:
    assert address("[::1]:6379") == ("::1", 6379)
    assert address("redis.cache.svc:6379") == ("redis.cache.svc", 6379)
