"""What becomes of messages that were recorded: taken to their channels at once, again after a crash, and on request."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.kinds import Delivery, Message
from cockpit.message.channel import Channel
from cockpit.message.outbox import Outbox, Result, pending
from cockpit.room.requests import Facts, Refusal
from cockpit.room.room import Room
from cockpit.text import clean

LAST_MOMENT = 5.0
"""Seconds for which the end of a cockpit waits for messages on their way."""


class Delivering:
    """Delivers the messages that a room writes.

    Args:
        room: the record.
        channels: all that are configured.
    """

    def __init__(self, room: Room, channels: Iterable[Channel]) -> None:
        self._room = room
        self._outbox = Outbox(channels, self.record)
        self._incidents: dict[str, str] = {}
        """Which incident's record each message is in, of those that were written here."""
        self._deliveries: dict[str, asyncio.Task[Result]] = {}
        room.wrote = self.deliver

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Take the messages among `entries`, which are durable, to their channels."""
        for entry in entries:
            payload = kinds.read(entry)
            if isinstance(payload, Message):
                self._incidents[payload.message] = entry.incident
                self._deliveries[payload.message] = task = asyncio.create_task(self._outbox.deliver(payload))
                task.add_done_callback(_heard)

    async def delivered(self, entries: Sequence[Entry]) -> list[Result]:
        """What became of the messages among `entries`, once it is known.

        Raises:
            Refusal, JournalError: it could not be recorded; the message waits for `go_on`.
        """
        waiting = [self._deliveries.pop(str(e.payload["message"]), None) for e in entries if e.kind == Message.kind]
        return [await asyncio.shield(task) for task in waiting if task is not None]

    async def close(self) -> None:
        """Let what is on its way arrive, for a few seconds; what does not, waits in the record for `go_on`."""
        under_way = [task for task in self._deliveries.values() if not task.done()]
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=LAST_MOMENT)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def record(self, delivery: Delivery) -> object:
        """Record a delivery in the incident whose message it was, though another was taken up meanwhile."""
        incident = self._incidents.get(delivery.message, "")
        return await self._room.perform_in(incident, Facts(lambda _: [(delivery, None)]))

    async def go_on(self) -> list[Result]:
        """Deliver what a crash or a full disk left waiting."""
        return await self._outbox.go_on(self._room.state) if pending(self._room.state) else []

    async def retry(self, message: str) -> Result:
        """Try a message again that no channel took; raises Refusal."""
        sent = self._room.state.messages.get(message)
        if sent is None or sent.delivered is not None:
            raise Refusal(f"there is no undelivered message '{clean(message)[:40]}'")
        return await self._outbox.deliver(sent.message)


def _heard(task: asyncio.Task[Result]) -> None:
    """Take note of how a delivery ended, so that asyncio does not complain when nobody asks any more."""
    if not task.cancelled():
        task.exception()
