"""Messages in hand: one cockpit at a time sends a message, here and wherever else the record is shared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from cockpit.incident.ids import new_id
from cockpit.incident.kinds import Message
from cockpit.message.delivery.ports import UnrecordedError
from cockpit.record import leases
from cockpit.record.errors import JournalError
from cockpit.room.room import Room

if TYPE_CHECKING:
    from cockpit.room.sharing import Sharing


class Hands:
    """Leases on messages, for as long as an attempt lasts; a cockpit that died loses its own within leases.LASTS.

    Args:
        room: whose journal it is.
        sharing: the shared record, where there is one. While it is away, what was written here goes out all the same,
            and what another machine wrote does not.
    """

    def __init__(self, room: Room, sharing: Sharing | None) -> None:
        self._room = room
        self._sharing = sharing
        self._id = sharing.id if sharing else new_id()

    @asynccontextmanager
    async def holding(self, message: Message, foreign: bool) -> AsyncIterator[bool]:
        """Hold a message; gives whether it is ours, and no other cockpit has it in hand.

        Args:
            foreign: another machine wrote it.

        Raises:
            UnrecordedError: the journal cannot be written.
        """
        name = f"message:{message.message}"
        if not await self._take(name, message, foreign):
            yield False
            return
        keeping = asyncio.create_task(self._keep(name, message, foreign))
        try:
            yield True
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await self._free(name)

    async def _take(self, name: str, message: Message, foreign: bool) -> bool:
        words = f"{self._room.actor}: sends “{message.title}”"[:200]
        try:
            other = await self._room.store.call(lambda journal: leases.take(journal, name, self._id, words))
        except JournalError as error:
            raise UnrecordedError(str(error)) from error
        if other:
            return False
        if self._sharing is None or await self._take_there(name, message, foreign):
            return True
        await self._free_here(name)
        return False

    async def _take_there(self, name: str, message: Message, foreign: bool) -> bool:
        from cockpit.record.shared.errors import SharedError

        assert self._sharing is not None
        try:
            return await self._sharing.lease(name, self._room.actor, "sends a message") is None
        except SharedError:
            return not foreign

    async def _keep(self, name: str, message: Message, foreign: bool) -> None:
        """Take it anew for as long as it lasts."""
        while True:
            await self._room.clock.sleep(leases.LASTS / 3)
            with suppress(UnrecordedError):
                await self._take(name, message, foreign)

    async def _free_here(self, name: str) -> None:
        with suppress(JournalError):
            await self._room.store.call(lambda journal: leases.free(journal, name, self._id))

    async def _free(self, name: str) -> None:
        await self._free_here(name)
        if self._sharing is not None:
            await self._sharing.free(name)
