"""Machines whose clocks are apart: one order in every copy, and a clock from far ahead drags nobody along."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.incident.entry import Draft
from cockpit.record.shared.errors import SharedError
from cockpit.record.store import Store
from tests.record.shared.journals import ids, journal, record, stands, texts, working, write
from tests.stories import INCIDENT

pytestmark = pytest.mark.anyio


class Ahead(SystemClock):
    """A clock that is wrong by so much."""

    def __init__(self, by: timedelta) -> None:
        self.by = by

    def now(self) -> datetime:
        return super().now() + self.by


async def say(store: Store, text: str, clock: SystemClock) -> None:
    """A note that occurs now, as its machine has it."""
    await store.append([Draft(INCIDENT, "note", {"text": text}, clock.now().astimezone(UTC), "@alice")])


async def test_two_clocks_an_hour_apart_come_to_one_order_and_sound_chains(dsn: str, tmp_path: Path) -> None:
    ahead, right = Ahead(timedelta(hours=1)), SystemClock()
    async with journal(tmp_path / "a.db", dsn, ahead) as (a, ra), journal(tmp_path / "b.db", dsn, right) as (b, rb):
        for n in range(3):
            await say(a, f"a{n}", ahead)
            await say(b, f"b{n}", right)
            for replicator in (ra, rb, ra):
                await replicator.once()
            assert await record(a) == await record(b)
        assert await texts(a) == ["b0", "b1", "b2", "a0", "a1", "a2"]
        later = [entry.recorded for entry in sorted(await b.read(INCIDENT), key=lambda each: each.seq)]
        assert max(later) > min(later)
        for store in (a, b):
            assert (await store.verify()).sound
        assert ra.standing.skew is not None
        assert timedelta(minutes=59) < ra.standing.skew < timedelta(minutes=61)


async def test_entries_of_a_clock_two_days_ahead_wait_and_say_why(dsn: str, tmp_path: Path) -> None:
    ahead = Ahead(timedelta(days=2))
    async with journal(tmp_path / "a.db", dsn, ahead) as (a, ra), journal(tmp_path / "b.db", dsn) as (b, rb):
        await write(b, rb, "of one who knows the time")
        await rb.once()
        await write(a, ra, "of one who does not")
        async with working(ra):
            await stands(
                ra, "reading", "more than a day ahead of the record's clock", "set this machine's clock", waiting=1
            )
        assert len(await texts(a)) == 2
        assert ra.standing.skew is not None
        assert ra.standing.skew > timedelta(hours=47)
        with pytest.raises(SharedError, match="more than a day ahead"):
            await ra.once()
        assert await a.call(lambda journal: journal.refused()) == ()  # it is taken when the record's clock comes there
    assert len(ids(dsn)) == 1
