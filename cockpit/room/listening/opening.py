"""Opening the intake: the journal, the services' settings, and the shared record where there is one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from cockpit.clock import Clock
from cockpit.config import Config
from cockpit.incident.entry import Entry
from cockpit.record.store import Store
from cockpit.room.listening.intake import Intake
from cockpit.room.options import Options
from cockpit.room.plans import setting_of
from cockpit.room.setting import Setting

HANDLE = "@listener"
"""Who the intake is at a shared record."""


@asynccontextmanager
async def opened(options: Options, config: Config, clock: Clock) -> AsyncIterator[Intake]:
    """An intake that writes into the journal of `options`, and keeps it together with the shared record.

    Raises:
        HouseError: a service's runbook is broken: that is said now, and not when an alert comes.
        JournalError: the journal cannot be opened.
    """
    known = await asyncio.to_thread(lambda: {name: setting_of(config, name) for name in config.services})

    def setting(service: str) -> Setting:
        return known.get(service) or setting_of(config, service)

    shared = config.record is not None or bool(options.shared_record)
    store = await Store.open(options.journal_path, clock, shared=shared)
    try:
        if not shared:
            yield Intake(store, clock, config, setting)
            return
        from cockpit.room.sharing import Sharing, dsn_of  # what speaks with PostgreSQL is not there for who has none

        sharing = Sharing(store, dsn_of(config, options.shared_record), clock, HANDLE)
        sharing.start(_nothing)
        try:
            await sharing.first()
            yield Intake(store, clock, config, setting, lambda _: sharing.replicator.wake())
        finally:
            await sharing.close()
    finally:
        await store.close()


async def _nothing(_: Sequence[Entry]) -> None:
    """What others wrote is in the journal: it is read there when the next delivery comes."""
