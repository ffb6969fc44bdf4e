"""Turns: one changing step is run by one cockpit at a time, here and wherever else the record is shared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from cockpit.incident.ids import new_id
from cockpit.record import leases
from cockpit.record.errors import JournalError
from cockpit.room.refusal import Refusal
from cockpit.room.room import Room

if TYPE_CHECKING:
    from cockpit.room.sharing import Sharing

FREED = f"if that cockpit died, it is free again within {leases.LASTS:.0f} s"


class Turns:
    """Who may change something now.

    A lease is kept for the journal (cockpits on one machine) and, where the record is shared, in the database. While
    that is away, nobody elsewhere can be asked: the change goes on, and its output says so.

    Args:
        room: whose incident it is.
        sharing: the shared record, where there is one.
    """

    def __init__(self, room: Room, sharing: Sharing | None) -> None:
        self._room = room
        self._sharing = sharing
        self._id = sharing.id if sharing else new_id()

    @asynccontextmanager
    async def holding(self, what: str) -> AsyncIterator[str]:
        """Hold the turn of this incident while a change is made; gives what is to be said about it, if anything.

        Args:
            what: the change, for whoever is refused meanwhile.

        Raises:
            Refusal: somebody else is changing something now.
        """
        name = f"change:{self._room.incident}"
        told = await self._take(name, what)
        keeping = asyncio.create_task(self._keep(name, what))
        try:
            yield told
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await self._free(name)

    async def _take(self, name: str, what: str) -> str:
        words, other = f"{self._room.actor}: {what}", ""
        with suppress(JournalError):  # acting while the journal cannot be written is a choice of its own
            other = await self._room.store.call(lambda journal: leases.take(journal, name, self._id, words))
        if other:
            raise Refusal(f"{other} is being executed now; wait for its end; {FREED}")
        return await self._take_there(name, what)

    async def _take_there(self, name: str, what: str) -> str:
        if self._sharing is None:
            return ""
        from cockpit.record.shared.errors import SharedError

        try:
            held = await self._sharing.lease(name, self._room.actor, what)
        except SharedError:
            return "the shared record is away: whether somebody elsewhere is changing something cannot be known"
        if held is None:
            return ""
        with suppress(JournalError):
            await self._room.store.call(lambda journal: leases.free(journal, name, self._id))
        raise Refusal(f"{held.handle}: {held.what} is being executed now; wait for its end; {FREED}")

    async def _keep(self, name: str, what: str) -> None:
        """Take it anew for as long as it lasts."""
        while True:
            await self._room.clock.sleep(leases.LASTS / 3)
            with suppress(Refusal):
                await self._take(name, what)

    async def _free(self, name: str) -> None:
        with suppress(JournalError):
            await self._room.store.call(lambda journal: leases.free(journal, name, self._id))
        if self._sharing is not None:
            await self._sharing.free(name)
