"""A TCP endpoint connected to from this machine, and greeted where it says what it speaks."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from cockpit.clock import Clock
from cockpit.config import EndpointConfig
from cockpit.signal.endpoint.check import HERE, Check, broken, short
from cockpit.signal.endpoint.greeting import GREETINGS, Greeting
from cockpit.signal.endpoint.names import Names

_WITH_AN_ERROR = 300
"""Bytes that are read, so that an error is told whole."""


class DirectTcp:
    """Connects to a port.

    Args:
        wanted: an endpoint with `tcp`.
    """

    def __init__(self, wanted: EndpointConfig, clock: Clock) -> None:
        self._wanted = wanted
        self._clock = clock
        self._host, self._port = address(wanted.tcp or "")
        self.asked = connecting(wanted)
        self.place = HERE
        self._names = Names(self._host)

    async def ask(self) -> Check:
        """Connect once, and hang up."""
        began = self._clock.monotonic()
        try:
            async with asyncio.timeout(self._wanted.timeout):
                await self._names.resolved()
                reader, writer = await asyncio.open_connection(self._host, self._port)
                latency = self._clock.monotonic() - began
                try:
                    greeting = GREETINGS.get(self._wanted.speaks or "")
                    return await _greeted(reader, writer, greeting, latency) if greeting else _connected(latency)
                finally:
                    writer.close()
                    with suppress(OSError):
                        await writer.wait_closed()
        except OSError as error:
            return broken(error, self._wanted.timeout)

    async def close(self) -> None:
        """Nothing is open between two checks."""


def address(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`; an IPv6 address stands in brackets."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def connecting(wanted: EndpointConfig) -> str:
    """What is asked, for people."""
    return f"connect {wanted.tcp}" + (f", speaks {wanted.speaks}" if wanted.speaks else "")


def _connected(latency: float) -> Check:
    return Check("ok", latency=latency, came="connected")


async def _greeted(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, greeting: Greeting, latency: float
) -> Check:
    writer.write(greeting.says)
    await writer.drain()
    answer = b""
    while len(answer) < greeting.reads and (part := await reader.read(_WITH_AN_ERROR)):
        answer += part
    return greeted(greeting, answer, latency)


def greeted(greeting: Greeting, answer: bytes, latency: float | None) -> Check:
    """The check of what answered a greeting."""
    verdict, reason = greeting.judge(answer)
    return Check(verdict, reason, latency, f"answered {short(answer.decode('utf-8', 'replace'))}".strip())
