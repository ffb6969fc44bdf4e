"""Journals with their replicators for tests of the shared record, and a clock that does not keep one waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg

from cockpit.clock import Clock, SystemClock
from cockpit.incident.entry import Draft
from cockpit.record.shared.replicator import Replicator
from cockpit.record.store import Store
from tests.conftest import eventually
from tests.stories import INCIDENT, START


class Hasty(SystemClock):
    """A clock on which waiting takes a twentieth of the time."""

    def monotonic(self) -> float:
        return super().monotonic() * 20

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 20)


def note(text: str, incident: str = INCIDENT) -> Draft:
    """Something to append."""
    return Draft(incident, "note", {"text": text}, START, "@alice")


@asynccontextmanager
async def journal(
    path: Path, dsn: str | Callable[[], str], clock: Clock | None = None
) -> AsyncIterator[tuple[Store, Replicator]]:
    """A journal with its replicator, not yet running."""
    clock = clock or SystemClock()
    store = await Store.open(path, clock, shared=True)
    try:
        yield store, Replicator(store, dsn if callable(dsn) else lambda: dsn, clock)
    finally:
        await store.close()


@asynccontextmanager
async def working(*replicators: Replicator) -> AsyncIterator[None]:
    """Replicators at work."""
    tasks = [asyncio.create_task(each.run()) for each in replicators]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(each, asyncio.CancelledError) for each in ended), ended


async def write(store: Store, replicator: Replicator, *texts: str) -> None:
    """Append notes, and let the replicator know."""
    for text in texts:
        await store.append([note(text)])
    replicator.wake()


async def record(store: Store) -> list[tuple[str, bytes, bool]]:
    """What a copy has, in the record's order."""
    entries = sorted(await store.read(INCIDENT), key=lambda entry: entry.order)
    return [(entry.id, entry.hash, entry.redacted) for entry in entries]


async def texts(store: Store) -> list[str]:
    """What a copy says, in the record's order."""
    entries = sorted(await store.read(INCIDENT), key=lambda entry: entry.order)
    return [str(entry.payload.get("text", "")) for entry in entries]


async def refused(store: Store) -> tuple[str, ...]:
    """What a copy tells of entries that did not come in, or were not taken."""
    return await store.call(lambda journal: journal.refused())


async def stands(replicator: Replicator, state: str, *words: str, waiting: int = 0) -> None:
    """Wait until the shared record stands so, and why says these words."""

    def so() -> bool:
        standing = replicator.standing
        return (standing.state, standing.waiting) == (state, waiting) and all(word in standing.why for word in words)

    try:
        await eventually(so)
    except AssertionError:
        raise AssertionError(f"not {state} {words} with {waiting} waiting, but {replicator.standing}") from None


def ids(dsn: str) -> list[str]:
    """The ids that the database has, as often as it has them, in the order of arrival."""
    return [str(id) for (id,) in rows(dsn, "SELECT id FROM cockpit.entries ORDER BY position")]


def rows(dsn: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements, and give the rows of the last."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []
