"""A connection to PostgreSQL on which nobody waits for ever: silence breaks it, and so does a caller who goes away.

libpq waits as long as the operating system keeps the socket, and a server that is stopped keeps it for hours. To
cancel the waiting task is not enough: psycopg then asks the server to cancel the query, which does not answer either.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection, waiting
from psycopg.abc import PQGen

PATIENCE = 8.0
"""Seconds without a byte from the server, or taken by it, after which it counts as away. A slow one may take longer."""

T = TypeVar("T")


class Connection(AsyncConnection[tuple[Any, ...]]):
    """A connection that breaks when the server says nothing for PATIENCE seconds while something is asked of it.

    Attributes:
        listening: it waits for what others say: silence is no sign then.
    """

    listening = False

    async def wait(self, gen: PQGen[T], interval: float = 0.1, *more: Any, **named: Any) -> T:
        """As psycopg's; raises psycopg.OperationalError when it took too long."""
        silence = _Silence(self)
        try:
            watched = gen if self.listening else _watched(gen, silence.heard)
            return await waiting.wait_async(watched, self.pgconn.socket, interval, *more, **named)
        except (asyncio.CancelledError, KeyboardInterrupt):
            # What was asked for may still be done; whoever comes next must not read its answer.
            self.pgconn.finish()
            raise
        finally:
            silence.end()


class _Silence:
    """The time since the server was last heard; ends the connection when it grows too long."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def heard(self) -> None:
        """Begin to count anew."""
        self.end()
        self._timer = self._loop.call_later(PATIENCE, self._break)

    def end(self) -> None:
        """Nobody waits any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _break(self) -> None:
        """Shut the socket: whoever waits on it is told that the connection is lost."""
        with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(self._connection.pgconn.socket)) as wire:
            wire.shutdown(socket.SHUT_RDWR)


def _watched(gen: PQGen[T], heard: Callable[[], None]) -> PQGen[T]:
    """The same, which tells each time that the socket took or gave something."""
    heard()
    try:
        wants = next(gen)
        while True:
            ready = yield wants
            if ready:
                heard()
            wants = gen.send(ready)
    except StopIteration as done:
        result: T = done.value
        return result
