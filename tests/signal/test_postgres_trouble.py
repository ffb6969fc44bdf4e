"""A way to PostgreSQL that stalls, cuts, corrupts and refuses: what is shown is always true, or marked unknown."""

from __future__ import annotations

import asyncio
import random
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from conftest import eventually

from cockpit.clock import SystemClock
from cockpit.config import Secret
from cockpit.signal.plan import DatabasePlan, SqlPlan
from cockpit.signal.postgres.source import PostgresSource
from cockpit.signal.readings import Round
from tests.postgres import Server, running

pytestmark = pytest.mark.anyio
MODES = ("pass", "stall", "cut", "corrupt", "refuse")
LATEST = timedelta(seconds=4)
"""How old a value may be that counts as read now: as long as one answer may take."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as found:
        found.sql("CREATE TABLE counter (n int)", "INSERT INTO counter VALUES (0)")
        yield found


class Way:
    """A port that leads to the server, as well as `mode` lets it."""

    def __init__(self, server: Server, chance: random.Random) -> None:
        (self._socket,) = server.data.glob(".s.PGSQL.*[0-9]")
        self._chance = chance
        self._open: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self.mode = ""
        self.turn("pass")

    @asynccontextmanager
    async def port(self) -> AsyncIterator[int]:
        async with await asyncio.start_server(self._join, "127.0.0.1", 0) as listening:
            yield listening.sockets[0].getsockname()[1]
            self.turn("cut")
            await eventually(lambda: not self._open)

    def turn(self, mode: str) -> None:
        """From now on it is like this; a cut ends what is open."""
        self.mode = mode
        (self._flows.clear if mode == "stall" else self._flows.set)()
        if mode in ("cut", "refuse"):
            for writer in list(self._open):
                writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        ends = [writer]
        try:
            if self.mode not in ("cut", "refuse"):
                theirs, ours = await asyncio.open_unix_connection(str(self._socket))
                ends.append(ours)
                ways = [asyncio.create_task(self._passed(*way)) for way in ((reader, ours), (theirs, writer))]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        finally:
            for end in ends:
                end.transport.abort()
            await asyncio.gather(*(end.wait_closed() for end in ends), return_exceptions=True)
            self._open.discard(writer)

    async def _passed(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._flows.wait()
                if self.mode == "corrupt":
                    data = self._chance.randbytes(5) + data[5:]  # kind and length of a message: its frame
                writer.write(data)
                await writer.drain()


async def test_the_picture_is_true_or_marked_unknown(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    truth: list[tuple[datetime, int]] = [(datetime.now(UTC), 0)]
    checked = 0

    def at(moment: datetime) -> int:
        """What the counter was."""
        return truth[max(0, bisect_right(truth, (moment, 1 << 60)) - 1)][1]

    def take(brought: Round) -> None:
        nonlocal checked
        for sample in brought.samples.values():
            if sample.value is not None:
                assert at(sample.at - LATEST) <= sample.value <= at(sample.at) + 1
                checked += 1
            else:
                assert sample.reason

    way = Way(server, chance)
    async with way.port() as port, await psycopg.AsyncConnection.connect(server.dsn(), autocommit=True) as direct:
        dsn = f"postgresql://postgres@127.0.0.1:{port}/postgres?sslmode=disable&gssencmode=disable"
        monkeypatch.setenv("SHOP_RO", dsn)
        signal = SqlPlan("counter", "counter", "count", "SELECT n FROM counter", timeout=0.3)
        of = DatabasePlan("shop", Secret(env="SHOP_RO"), 0.1, 0.3, (signal,))
        source = PostgresSource(of, SystemClock(), take)
        watching = asyncio.create_task(source.run())
        counting = asyncio.create_task(_count(direct, truth))
        for mode in [*MODES, *chance.choices(MODES, k=10)]:
            way.turn(mode)
            await asyncio.sleep(chance.uniform(0.1, 0.8))
            assert not watching.done(), "nothing on the way ends it"
            _must_be_honest(source)
        way.turn("pass")
        seen = checked
        await eventually(lambda: source.freshness().state == "live" and checked > seen + 3)
        assert source.readings()[0].value is not None
        counting.cancel()
        watching.cancel()
        await asyncio.gather(counting, watching, return_exceptions=True)


async def _count(direct: psycopg.AsyncConnection[Any], truth: list[tuple[datetime, int]]) -> None:
    while True:
        n = truth[-1][1] + 1
        await direct.execute("UPDATE counter SET n = %s", (n,))
        truth.append((datetime.now(UTC), n))
        await asyncio.sleep(0.02)


def _must_be_honest(source: PostgresSource) -> None:
    """Live only while what is shown is young; a value never without its moment."""
    fresh, (reading,) = source.freshness(), source.readings()
    now = datetime.now(UTC)
    if fresh.state == "live":
        assert fresh.as_of is not None
        assert now - fresh.as_of < timedelta(seconds=source.parts["database"].grace) + LATEST
    else:
        assert fresh.detail or fresh.state == "loading"
    if reading.value is not None:
        assert reading.at is not None
        assert (now - reading.at).total_seconds() <= source.gap + 0.5
    else:
        assert reading.reason
