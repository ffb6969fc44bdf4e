"""What becomes of messages that were recorded: taken to their channels at once, again after a failure or a crash, and
on request."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from cockpit.incident import kinds
from cockpit.incident.deliveries import OVER, UNKNOWN, Sent
from cockpit.incident.entry import Entry
from cockpit.incident.kinds import Delivery, Message
from cockpit.message.channel import Channel
from cockpit.message.delivery.outbox import Outbox
from cockpit.message.delivery.ports import UnrecordedError
from cockpit.message.delivery.result import Result
from cockpit.record.errors import JournalError
from cockpit.record.undelivered import undelivered as undelivered_in
from cockpit.room.messages.books import RecordBook
from cockpit.room.messages.holding import Hands
from cockpit.room.refusal import Refusal
from cockpit.room.requests.deliveries import RetryDelivery, SettleDelivery, undelivered
from cockpit.room.room import Room
from cockpit.text import clean

if TYPE_CHECKING:
    from cockpit.room.sharing import Sharing

LAST_MOMENT = 5.0
"""Seconds for which the end of a cockpit waits for messages on their way."""
LOOK = 5.0
"""Seconds between two looks at the other incidents of the journal."""
BACK = timedelta(hours=25)
"""How far back messages are looked for there: no longer than any is tried by itself."""
_TURNS = frozenset({kinds.StatusChange.kind, kinds.Closed.kind, kinds.Reopened.kind, kinds.Merge.kind})
"""What may make a message stale that waits."""


class Delivering:
    """Delivers the messages that a room writes; after `begin` also what others have left undelivered.

    Args:
        room: the record.
        channels: all that are configured.
        sharing: the shared record, where there is one.
        chance: jitters the gaps between attempts.
    """

    def __init__(
        self, room: Room, channels: Iterable[Channel], sharing: Sharing | None = None, *,
        chance: random.Random | None = None,
    ) -> None:  # fmt: skip
        self._room = room
        self._channels = tuple(channels)
        self._sharing = sharing
        hands = Hands(room, sharing)
        self._outbox = Outbox(self._channels, room.clock, hands.holding, chance=chance, hasty=True)
        self._outbox.takes_over = self._is_together
        self._books: dict[str, RecordBook] = {}
        self._awaited: dict[str, asyncio.Future[Result]] = {}
        self._following: asyncio.Task[None] | None = None
        self._looked = 0
        self._writer = ""
        room.wrote = self.deliver
        room.subscribe(self._heard_here)
        for message, sent in room.state.messages.items():
            if sent.state not in OVER:
                self._outbox.take(self._book(room.incident), message)

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Take the messages among `entries`, which are durable, to their channels."""
        for entry in entries:
            if entry.kind == Message.kind and isinstance(payload := kinds.read(entry), Message):
                book = self._book(entry.incident)
                self._outbox.take(book, payload.message, mine=True)
                if (future := self._outbox.outcome(payload.message)) is not None:
                    future.add_done_callback(_heard)
                    self._awaited[payload.message] = future

    async def delivered(self, entries: Sequence[Entry]) -> list[Result]:
        """What became of the messages among `entries`, as soon as something is known of each: a command has tried
        every channel then; a cockpit goes on trying what failed.

        Raises:
            Refusal, JournalError: it could not be recorded; the message waits for `go_on`.
        """
        waiting = [self._awaited.pop(str(e.payload["message"]), None) for e in entries if e.kind == Message.kind]
        return [await future for future in waiting if future is not None]

    def begin(self) -> None:
        """From now on, until `close`: try again what fails, and take up what a crash or another cockpit left, in this
        incident and in every other of the journal."""
        self._outbox.hasty = False
        self._outbox.reconsider()
        self._following = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Let what is on its way arrive, for a few seconds; what does not, waits in the record for `go_on`."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await self._outbox.close(LAST_MOMENT)
        for channel in self._channels:
            await channel.close()

    async def go_on(self) -> list[Result]:
        """Deliver what a crash or a full disk left waiting in the present incident; gives what became of each.

        Raises:
            Refusal, JournalError: it could not be recorded.
        """
        waiting = [id for id, sent in self._room.state.messages.items() if sent.state not in (*OVER, UNKNOWN)]
        return [result for id in waiting if (result := await self._tried(id)) is not None]

    async def retry(self, message: str) -> Result:
        """Try a message again that no channel took, from its first channel on; raises Refusal, JournalError."""
        id = undelivered(self._room.state, message).message.message
        await self._room.perform(RetryDelivery(id))
        result = await self._tried(id)
        return result or Result(id, (), self._room.state.messages[id].state)

    async def settle(self, message: str, *, arrived: bool) -> Result:
        """Say whether a message arrived of which nobody knows; one that did not is sent again. Raises Refusal,
        JournalError."""
        id = undelivered(self._room.state, message).message.message
        await self._room.perform(SettleDelivery(id, arrived))
        result = None if arrived else await self._tried(id)
        return result or Result(id, (), self._room.state.messages[id].state)

    def text_of(self, message: str) -> str:
        """What to paste where no channel works: whom it is for, its subject and its words; raises Refusal."""
        found = [s for id, s in self._room.state.messages.items() if message in (id, id[: max(8, len(message))])]
        if len(found) != 1:
            raise Refusal(f"there is no message '{clean(message)[:40]}'; `cockpit message list` shows them")
        return pasted(found[0])

    async def _tried(self, message: str) -> Result | None:
        """Take a message up at once, and wait for what is known of it next; None when it is over already."""
        self._outbox.take(self._book(self._room.incident), message, mine=True)
        future = self._outbox.outcome(message)
        return await future if future is not None else None

    def _book(self, incident: str) -> RecordBook:
        book = self._books.get(incident)
        if book is None:
            book = self._books[incident] = RecordBook(self._room, incident, self._heard)
            book.writer = self._writer
        return book

    def _heard_here(self, entries: Sequence[Entry]) -> None:
        if self._room.incident:
            self._heard(self._book(self._room.incident), entries)

    def _heard(self, book: RecordBook, entries: Sequence[Entry]) -> None:
        """Something was written, by whoever, into a record that has messages."""
        turned = False
        for entry in entries:
            if entry.kind in (Message.kind, Delivery.kind) and entry.body is not None:
                message = str(entry.payload.get("message", ""))
                if self._outbox.knows(message):
                    self._outbox.take(book, message)
                else:  # not before it is known whether it was written here; see `deliver`
                    asyncio.get_running_loop().call_soon(self._take_new, book, message)
            turned = turned or entry.kind in _TURNS
        if turned:
            self._outbox.reconsider(book)

    def _take_new(self, book: RecordBook, message: str) -> None:
        if not self._outbox.knows(message):
            self._outbox.take(book, message)

    def _is_together(self) -> bool:
        return self._sharing is not None and self._sharing.standing.state == "together"

    async def _follow(self) -> None:
        """Look for what is left in the whole journal, at first and again and again."""
        while True:
            with suppress(JournalError, UnrecordedError):  # it is said elsewhere that the record cannot be read
                await self._look()
            await self._room.clock.sleep(LOOK)

    async def _look(self) -> None:
        store, room = self._room.store, self._room
        if not self._writer:
            self._writer = await store.call(lambda journal: journal.writer)
            for book in self._books.values():
                book.writer = self._writer
            self._outbox.reconsider()
        position = await store.position()
        if position > self._looked:
            since = room.clock.now() - BACK
            found = await store.call(partial(undelivered_in, since=since, after=self._looked))
            self._looked = position
            for incident in found:
                await self._open(incident)
        for incident, book in tuple(self._books.items()):
            if incident != room.incident and not self._outbox.pending(book):
                del self._books[incident]

    async def _open(self, incident: str) -> None:
        """Take up what is left in one incident."""
        book = self._book(incident)
        book.writer = self._writer
        await book.refresh()
        for id, sent in tuple(book.state.messages.items()):
            if sent.state not in OVER and not self._outbox.knows(id):
                self._outbox.take(book, id)


def pasted(sent: Sent) -> str:
    """A message as somebody pastes it into a chat, a mail or a form."""
    message = sent.message
    status = f" [{message.status}]" if message.status else ""
    promised = f"\n\nNext update: {message.next_update:%Y-%m-%d %H:%M} UTC" if message.next_update else ""
    return f"To: {message.audience}\nSubject: {message.title}{status}\n\n{message.text}{promised}"


def _heard(future: asyncio.Future[Result]) -> None:
    """Take note of how it ended, so that asyncio does not complain when nobody asks any more."""
    if not future.cancelled():
        future.exception()
