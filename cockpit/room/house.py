"""Opening the house: configuration, runbook, record and templates, each refused with a sentence when it is broken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.config import Config
from cockpit.message.audiences import Audiences
from cockpit.message.channels import build
from cockpit.record.errors import JournalError
from cockpit.record.store import Store
from cockpit.record.verify import Verdict
from cockpit.room.contacts import Contacts
from cockpit.room.journal.listing import find_incident
from cockpit.room.messages.composing import Means
from cockpit.room.messages.delivering import Delivering
from cockpit.room.messages.sending import Messages
from cockpit.room.options import Options
from cockpit.room.plans import Plans, read_config, read_plans
from cockpit.room.room import Room
from cockpit.runbook.model import Runbook

if TYPE_CHECKING:
    from cockpit.room.sharing import Sharing


class House(Struct, frozen=True):
    """Everything that a room stands on; closed by who opened it."""

    plans: Plans
    store: Store
    room: Room
    messages: Messages
    delivering: Delivering
    contacts: Contacts
    merged: tuple[str, ...] = ()
    """The labels by which the incident was asked for and which were merged into it."""
    unmerged: bool = False
    """A duplicate's own record was asked for, though it was merged."""
    sharing: Sharing | None = None
    """The shared record, where there is one."""
    apart: str = ""
    """Why what others wrote could not be read first."""
    near: bool = False
    """A demo: nothing but this machine is written to."""

    @property
    def runbook(self) -> Runbook | None:
        """The service's runbook."""
        return self.plans.runbook

    async def close(self) -> None:
        """Let what is on its way arrive, and the record go."""
        await self.delivering.close()
        await self.contacts.close()
        if self.sharing is not None:
            await self.sharing.close()
        await self.store.close()


async def open_house(options: Options, clock: Clock, *, sync: bool = False, reads: bool = False) -> House:
    """Read the configuration and what it names, open the record, and take up the incident that is meant.

    Args:
        sync: read what others wrote to a shared record first, as far as it answers.
        reads: nothing will be asked that writes; what others wrote to a shared record is kept all the same.

    Raises:
        HouseError: what was read is broken or missing.
        Refusal: the incident that was asked for is not there.
        JournalError: the record cannot be opened or read.
    """
    config = await asyncio.to_thread(read_config, options)
    # Without an incident to look up first, what is broken is said before the record is touched.
    read = None if options.incident else await asyncio.to_thread(read_plans, options, None, config)
    shared = config.record is not None or bool(options.shared_record)
    store = await _store(options, clock, shared=shared, reads=reads)
    sharing = _sharing(store, config, options, clock) if shared else None
    try:
        apart = await sharing.sync() if sharing and (sync or options.incident) else ""
        named = await find_incident(store, options.incident, unmerged=options.unmerged) if options.incident else None
        record = named.state if named else None
        plans = read if read is not None else await asyncio.to_thread(read_plans, options, record, config)
        room = Room(store, clock, options.handle, plans.setting, role=options.role)
        room.keyboard.shared = options.shared
        if sharing is not None:
            room.others = sharing.others
        await (room.attach(record.incident) if record else room.adopt())
    except BaseException:  # cancelled too: the journal would stay open; raised again
        await store.close()
        raise
    merged = named.merged if named else ()
    delivering = _delivering(plans, room, sharing, near=options.near)
    means = Means(plans.templates, Audiences(config.audiences), config.channels)
    messages = Messages(room, means, delivering)
    contacts = Contacts(room, config, near=options.near)
    room.addresses, room.on_call = contacts.addresses, contacts.first
    return House(
        plans, store, room, messages, delivering, contacts, merged, options.unmerged, sharing, apart, options.near
    )


async def _store(options: Options, clock: Clock, *, shared: bool, reads: bool) -> Store:
    if reads and shared and not options.read_only:
        with suppress(JournalError):  # on a disk that cannot be written it can be read all the same
            return await Store.open(options.journal_path, clock, shared=True)
    return await Store.open(options.journal_path, clock, read_only=reads or options.read_only, shared=shared)


def _sharing(store: Store, config: Config, options: Options, clock: Clock) -> Sharing:
    from cockpit.room.sharing import Sharing, dsn_of  # what speaks with PostgreSQL is not there for who has none

    return Sharing(store, dsn_of(config, options.shared_record), clock, options.handle)


@asynccontextmanager
async def reading(options: Options, clock: Clock) -> AsyncIterator[tuple[Store, Config]]:
    """The record for reading, with what others wrote to a shared one as far as it answers, and the configuration.

    Raises:
        HouseError: the configuration is broken.
        JournalError: the record cannot be opened or read.
    """
    config = await asyncio.to_thread(read_config, options)
    shared = config.record is not None or bool(options.shared_record)
    store = await _store(options, clock, shared=shared, reads=True)
    try:
        if shared:
            await _sharing(store, config, options, clock).sync()
        yield store, config
    finally:
        await store.close()


async def verify_record(options: Options, clock: Clock) -> Verdict:
    """Check every chain of the record; needs no configuration, and reads past entries that are damaged.

    Raises:
        JournalError: the record cannot be opened or read.
    """
    store = await Store.open(options.journal_path, clock, read_only=True)
    try:
        return await store.verify()
    finally:
        await store.close()


def _delivering(plans: Plans, room: Room, sharing: Sharing | None, *, near: bool) -> Delivering:
    return Delivering(room, build(plans.config.channels, room.clock, room.store.path.parent, near=near), sharing)
