"""The records that the outbox works in: that of the present incident, and those of others that have messages left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from cockpit.incident.entry import Entry
from cockpit.incident.kinds import Delivery, Message
from cockpit.incident.state import State
from cockpit.message.delivery.ports import UnrecordedError
from cockpit.record.errors import JournalError
from cockpit.room.refusal import Refusal
from cockpit.room.requests import Facts
from cockpit.room.room import Room

Heard = Callable[["RecordBook", Sequence[Entry]], None]


class RecordBook:
    """One incident's record. While it is the present one it is the room's; else a room of its own reads and writes it.

    Args:
        main: the room of the present incident.
        heard: called with what is written into this record while it is not the present one.
    """

    def __init__(self, main: Room, incident: str, heard: Heard) -> None:
        self.incident = incident
        self.writer = ""
        """Whose journal this is; empty before that is known."""
        self._main = main
        self._heard = heard
        self._aside: Room | None = None
        self._state = main.state if main.incident == incident else State(incident=incident)
        self._label = main.labels.get(incident, "")
        self._writers: dict[str, str] = {}

    @property
    def _room(self) -> Room | None:
        if self._main.incident == self.incident:
            self._aside = None
            return self._main
        return self._aside

    @property
    def state(self) -> State:
        """The incident as it was last read."""
        if (room := self._room) is not None:
            self._state = room.state
        return self._state

    @property
    def label(self) -> str:
        """The incident's label, for people."""
        self._label = self._main.labels.get(self.incident, self._label)
        return self._label

    def foreign(self, message: str) -> bool:
        """Whether a journal elsewhere has it as its own; so it is while nobody knows which journal this is."""
        sent, room = self.state.messages.get(message), self._room
        if sent is None or not self.writer:
            return sent is not None
        if sent.fact.entry not in self._writers and room is not None:
            self._writers = {entry.id: entry.writer for entry in room.timeline.entries if entry.kind == Message.kind}
        return self._writers.get(sent.fact.entry, self.writer) != self.writer

    async def refresh(self) -> None:
        """Read what others wrote; raises UnrecordedError."""
        try:
            await (await self._there()).refresh()
        except JournalError as error:
            raise UnrecordedError(str(error)) from error

    async def record(self, delivery: Delivery) -> object:
        """Make a delivery an entry; raises UnrecordedError."""
        try:
            while True:
                room = await self._there()
                if entries := await room.perform(Facts(lambda state: self._payloads(delivery, state), actor="cockpit")):
                    return entries
                if room.state.incident == self.incident:
                    return ()
        except (JournalError, Refusal) as error:
            raise UnrecordedError(str(error)) from error

    def _payloads(self, delivery: Delivery, state: State) -> list[tuple[Delivery, datetime | None]]:
        """The delivery, never before what is known of the message: another machine's clock may be ahead. Nothing in
        a record that was taken up in the place of this one."""
        sent = state.messages.get(delivery.message)
        if state.incident != self.incident or sent is None:
            return []
        known = max((attempt.fact.at for attempt in sent.attempts), default=sent.fact.at)
        return [(delivery, known if known > self._main.clock.now() else None)]

    async def _there(self) -> Room:
        if (room := self._room) is not None:
            return room
        main = self._main
        aside = Room(main.store, main.clock, main.keyboard.own, main.setting)
        aside.keyboard, aside.others = main.keyboard, main.others
        await aside.attach(self.incident)
        aside.subscribe(lambda entries: self._heard(self, entries))
        self._aside = aside
        return aside
