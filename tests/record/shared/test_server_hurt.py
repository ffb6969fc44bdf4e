"""A server that is killed, stopped, paused or away for an hour: the journal acknowledges on, and all comes together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.record.shared import connection
from cockpit.record.shared.errors import SharedError
from tests.conftest import eventually
from tests.postgres import Server, running
from tests.record.shared.journals import Hasty, ids, journal, record, stands, texts, working, write

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A server that may be hurt."""
    with running() as found:
        yield found


HURTS: list[tuple[Callable[[Server], None], Callable[[Server], None]]] = [
    (Server.kill, Server.start),
    (Server.stop, Server.start),
    (Server.pause, Server.resume),
]


@pytest.mark.parametrize(("hurt", "heal"), HURTS, ids=lambda each: each.__name__)
async def test_what_was_written_meanwhile_is_everywhere_afterwards_and_once(
    hurt: Callable[[Server], None],
    heal: Callable[[Server], None],
    own: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.5)
    dsn = own.database()
    async with journal(tmp_path / "a.db", dsn, Hasty()) as (a, ra), journal(tmp_path / "b.db", dsn, Hasty()) as (b, rb):
        async with working(ra, rb):
            await write(a, ra, "before")
            await eventually(lambda: _same(a, b, 1))
            await stands(ra, "together")
            await stands(rb, "together")
            hurt(own)
            try:
                for n in range(3):
                    await write(a, ra, f"a{n}")  # acknowledged, though nobody answers
                    await write(b, rb, f"b{n}")
                assert len(await texts(a)) == 4
                await stands(ra, "away", "entries are kept here and sent when it is back", waiting=3)
                await stands(rb, "away", waiting=3)
            finally:
                heal(own)
            await stands(ra, "together")
            await stands(rb, "together")
            await eventually(lambda: _same(a, b, 7))
        assert sorted(ids(dsn)) == sorted(id for id, _, _ in await record(a))
        assert (await a.verify()).sound
        assert (await b.verify()).sound


async def _same(a: object, b: object, count: int) -> bool:
    return len(await record(a)) == count and await record(a) == await record(b)  # type: ignore[arg-type]


async def test_who_stops_while_nobody_answers_is_not_held_up(own: Server, tmp_path: Path) -> None:
    async with journal(tmp_path / "a.db", own.database()) as (a, ra):
        task = asyncio.create_task(ra.run())
        await write(a, ra, "before")
        await stands(ra, "together")
        await eventually(lambda: own.sql("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"))
        own.pause()
        try:
            await write(a, ra, "meanwhile")
            await asyncio.sleep(0.2)  # it is asking now, and has eight seconds of patience
            task.cancel()
            await asyncio.wait({task}, timeout=connection.PATIENCE / 2)
            assert task.cancelled()
        finally:
            own.resume()


async def test_a_command_whose_time_is_up_is_not_held_up_either(own: Server, tmp_path: Path) -> None:
    async with journal(tmp_path / "a.db", own.database()) as (a, ra):
        await write(a, ra, "before")
        await ra.once()
        own.pause()
        try:
            await write(a, ra, "meanwhile")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.wait_for(ra.once(), 0.3), connection.PATIENCE / 2)
        finally:
            own.resume()
        await ra.once()
        assert await texts(a) == ["before", "meanwhile"]
        assert ra.standing.waiting == 0


async def test_after_an_hour_away_it_says_since_when_and_comes_together_by_itself(own: Server, tmp_path: Path) -> None:
    began = datetime.now(UTC)
    clock = ManualClock(began)
    async with journal(tmp_path / "a.db", own.database(), clock) as (a, ra), working(ra):
        await write(a, ra, "before")
        await stands(ra, "together")
        own.stop()
        await stands(ra, "away")
        await write(a, ra, "meanwhile")
        await ra.count()
        for _ in range(360):
            clock.advance(10)
            await asyncio.sleep(0.002)
        assert (ra.standing.state, ra.standing.waiting) == ("away", 1)
        assert ra.standing.since <= began + timedelta(minutes=1)
        own.start()

        def moved_on() -> bool:
            clock.advance(1)
            return ra.standing.state == "together" and ra.standing.waiting == 0

        await eventually(moved_on)


async def test_a_server_that_is_starting_or_gone_is_told_in_words(own: Server, tmp_path: Path) -> None:
    dsn = own.database()
    async with journal(tmp_path / "a.db", dsn) as (a, ra):
        await write(a, ra, "one")
        own.stop()
        try:
            with pytest.raises(SharedError, match=r"it cannot be reached \(.*\); entries are kept here"):
                await ra.once()
        finally:
            own.start()
        await ra.once()
        assert len(ids(dsn)) == 1


async def test_who_stops_at_the_moment_in_which_a_connection_is_free_stops(own: Server, tmp_path: Path) -> None:
    async with journal(tmp_path / "a.db", own.database()) as (a, ra):
        task = asyncio.create_task(ra.run())
        await stands(ra, "together")
        await eventually(lambda: own.sql("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"))
        assert ra.shared is not None
        async with ra.shared.connection():
            async with ra.shared.connection():  # one listens, two are lent
                await write(a, ra, "waits for a connection")
                await asyncio.sleep(0.2)
            task.cancel()
        await asyncio.wait({task}, timeout=connection.PATIENCE)
        assert task.cancelled()


async def test_what_waits_is_counted_at_once_and_not_with_the_next_attempt(tmp_path: Path) -> None:
    """Nothing moves the clock, so that no attempt follows the first: whoever writes sees it counted all the same."""
    nobody, clock = "postgresql://me@127.0.0.1:1/record", ManualClock(datetime.now(UTC))
    async with journal(tmp_path / "a.db", nobody, clock) as (a, ra), working(ra):
        await stands(ra, "away")
        told = list[int]()
        ra.changed = lambda: told.append(ra.standing.waiting)
        for count in (1, 2):
            await write(a, ra, f"meanwhile {count}")
            await stands(ra, "away", waiting=count)
        assert [count for count in told if count] == [1, 2], "each is told once"
