"""What Redis, RabbitMQ and PostgreSQL answer to whoever greets them without credentials."""

from __future__ import annotations

from asyncio import StreamReader, StreamWriter

from cockpit.simulator.program import Serve

_START = b"\x00\x0a\x00\x0a\x00\x09" + bytes(4) + b"\x00\x00\x00\x0ePLAIN AMQPLAIN" + b"\x00\x00\x00\x05en_US"
"""Connection.Start of AMQP 0-9-1: no server properties, two mechanisms, one locale."""


async def redis(reader: StreamReader, writer: StreamWriter) -> None:
    """Redis 7 with a password set: it wants one for everything."""
    while line := await reader.readline():
        if line.strip().upper() == b"QUIT":
            writer.write(b"+OK\r\n")
            return
        writer.write(b"-NOAUTH Authentication required.\r\n")
        await writer.drain()


async def rabbitmq(reader: StreamReader, writer: StreamWriter) -> None:
    """RabbitMQ: it begins a handshake, or tells the version that it would have."""
    header = await reader.read(8)
    if header != b"AMQP\x00\x00\x09\x01":
        writer.write(b"AMQP\x00\x00\x09\x01")
        return
    writer.write(b"\x01\x00\x00" + len(_START).to_bytes(4, "big") + _START + b"\xce")
    await writer.drain()
    await reader.read()


async def postgresql(reader: StreamReader, writer: StreamWriter) -> None:
    """PostgreSQL without TLS: it says so, and waits for a start-up that does not come."""
    if await reader.read(8):
        writer.write(b"N")
        await writer.drain()
        await reader.read()


ON_PORT: dict[int, Serve] = {6379: redis, 5672: rabbitmq, 5432: postgresql}
"""By the port that each is known by."""
