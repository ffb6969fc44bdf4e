"""The pods at work: each has sessions of its own in the real database, serves requests, and works off what came in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

import psycopg

from cockpit.simulator.orders.manifests import LEAKING
from cockpit.simulator.payments.counters import Histogram
from cockpit.simulator.payments.sight import Seen

EVERY = 0.4
"""Real seconds between two requests that a pod serves."""
PATIENCE = 2.5
"""Real seconds after which a customer has an error."""
LEAK_EVERY = 0.8
"""Real seconds in which the leaking release forgets to close one session."""

_ORDER = """
INSERT INTO orders (user_id, total_cents, stripe_payment_intent_id)
VALUES ((random() * 400)::int, 900 + (random() * 9000)::int, 'pi_' || md5(random()::text))
"""
_EVENT = "INSERT INTO webhook_events (type) VALUES ('payment_intent.succeeded')"
_WORK = (
    "UPDATE orders SET status = 'PAID' WHERE status = 'PENDING' AND created_at < now() - interval '1 second'",
    "UPDATE webhook_events SET processed_at = now() WHERE processed_at IS NULL",
)

Session: TypeAlias = "psycopg.AsyncConnection[tuple[object, ...]]"
Connect = Callable[[str], str]
"""The connection string with an application's name in it."""


@dataclass
class Counters:
    """What the gateway before the service counts."""

    codes: dict[int, int] = field(default_factory=lambda: dict.fromkeys((200, 500, 503), 0))
    durations: Histogram = field(
        default_factory=lambda: Histogram("http_request_duration_seconds", service="order-service")
    )

    def count(self, code: int, seconds: float) -> None:
        """One request."""
        self.codes[code] += 1
        self.durations.observe(seconds)


class Traffic:
    """All pods' sessions, begun and ended with them.

    Args:
        connect: the service's connection string.
        paused: whether a pod takes no new orders, by its name.
    """

    def __init__(self, connect: Connect, paused: Callable[[str], bool]) -> None:
        self.counters = Counters()
        self._connect = connect
        self._paused = paused
        self._pods: dict[str, asyncio.Task[None]] = {}

    def meet(self, pods: Mapping[str, Seen]) -> None:
        """Take the ready pods as they are, by the id of their running containers."""
        for run in [run for run in self._pods if run not in pods]:
            self._pods.pop(run).cancel()
        for run, pod in pods.items():
            if run not in self._pods or self._pods[run].done():
                self._pods[run] = asyncio.create_task(self._live(pod))

    async def close(self) -> None:
        """End all sessions."""
        for task in self._pods.values():
            task.cancel()
        await asyncio.gather(*self._pods.values(), return_exceptions=True)

    async def _live(self, pod: Seen) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._serve(pod.name))
            tasks.create_task(self._work(pod.name))
            if pod.image.endswith(f":{LEAKING}"):
                tasks.create_task(self._leak(pod.name))

    async def _serve(self, pod: str) -> None:
        """Take orders, one after the other, on the one session of this pod's pool."""
        session: Session | None = None
        try:
            while True:
                await asyncio.sleep(EVERY)
                if self._paused(pod):
                    self.counters.count(503, 0.01)
                else:
                    session = await self._order(pod, session)
        finally:
            await _closed(session)

    async def _order(self, pod: str, session: Session | None) -> Session | None:
        """Take one; gives the session for the next, None when it is broken."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                if session is None:
                    session = await self._session(f"{pod} web")
                await session.execute(_ORDER.encode())
                await session.execute(_EVENT.encode())
        except (TimeoutError, psycopg.Error):
            self.counters.count(500, time.monotonic() - began)
            await _closed(session)
            return None
        self.counters.count(200, time.monotonic() - began)
        return session

    async def _work(self, pod: str) -> None:
        """Work off what is pending, however long that takes."""
        while True:
            await asyncio.sleep(EVERY)
            with suppress(psycopg.Error):
                async with await self._session(f"{pod} worker") as session:
                    for statement in _WORK:
                        await session.execute(statement.encode())

    async def _leak(self, pod: str) -> None:
        """Begin transactions that nobody ends; the sessions go with the process."""
        kept: list[Session] = []
        try:
            while True:
                await asyncio.sleep(LEAK_EVERY)
                with suppress(psycopg.Error):
                    session = await self._session(f"{pod} web")
                    kept.append(session)
                    await session.set_autocommit(False)
                    await session.execute(b"SELECT 1")
        finally:
            for session in kept:
                await _closed(session)

    async def _session(self, name: str) -> Session:
        return await psycopg.AsyncConnection.connect(self._connect(name), autocommit=True)


async def _closed(session: Session | None) -> None:
    """End a session, whether it is well or not."""
    if session is not None:
        with suppress(psycopg.Error):
            await session.close()
