"""The record that is open here: read as it grows, and left for another one where that is the present one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from cockpit.clock import Clock
from cockpit.incident.entry import Entry
from cockpit.incident.ids import new_id
from cockpit.incident.state import State
from cockpit.incident.timeline import Timeline
from cockpit.record.store import Store
from cockpit.room.journal.present import goes_on
from cockpit.room.journal.records import Records
from cockpit.room.setting import Setting

Listener = Callable[[Sequence[Entry]], None]


class OpenRecord:
    """One record of a journal, or none yet.

    Args:
        store: the journal; whoever made it closes it.
        clock: what time it is.
        setting: the service that it is about, and its place.
        records: what is known of the journal's records, where several share it.
    """

    def __init__(self, store: Store, clock: Clock, setting: Setting, records: Records | None = None) -> None:
        self.store = store
        self.clock = clock
        self.setting = setting
        self.incident = ""
        """The id of the record; empty where none is open."""
        self.label = ""
        self.labels: Mapping[str, str] = {}
        """The label of every incident of the journal by its id, as it was last read."""
        self.timeline = Timeline()
        self.position = 0
        """How far the journal was read for it."""
        self.turn = asyncio.Lock()
        """Held by who reads on, writes, or takes up another record."""
        self._records = records or Records(store)
        self._looked = -1
        """How far the journal reached when nothing was found in it to take up."""
        self._passed = -1
        """How far the journal reached when nothing was found in it to go on with."""
        self._listeners: list[Listener] = []

    @property
    def state(self) -> State:
        """The incident as its record tells it."""
        return self.timeline.state

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` on the loop with every new entry, whoever wrote it; gives what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def attach(self, incident: str) -> None:
        """Take up the record of `incident`; raises JournalError."""
        async with self.turn:
            await self._take_up(incident, *await self._read(incident))

    async def _read(self, incident: str) -> tuple[Timeline, int]:
        """The record of `incident`, and the position read up to; folded in a thread, however long it is."""
        entries, position = await self.store.catch_up(incident, 0)
        return await asyncio.to_thread(Timeline, entries), position

    async def _take_up(self, incident: str, timeline: Timeline, position: int) -> None:
        self.incident, self.timeline, self.position = incident, timeline, position
        await self.read_labels()
        self._tell(tuple(timeline.entries))

    async def adopt(self) -> bool:
        """Take up what the journal already has for this service: an open incident, else a recent watch.

        Gives whether there was one. Two cockpits on one journal so come to one record. Where no service is configured,
        any will do.
        """
        async with self.turn:
            return await self._adopt()

    async def _adopt(self) -> bool:
        position = await self.store.position()
        if position == self._looked:
            return False
        if await self._taken_up(lambda _: True):
            return True
        self._looked = position
        return False

    async def _taken_up(self, wanted: Callable[[State], bool], *, today: bool = False) -> bool:
        """Take up the latest other record about this service that goes on and is wanted; gives whether there is one.
        Who has gone to a record about something else stays there."""
        if len(self.timeline) and not self.setting.is_about(self.state.service):
            return False
        async for incident in self._records.present(self.setting.is_about, self.clock.now(), today=today):
            if incident == self.incident:
                continue
            timeline, read_to = await self._read(incident)
            if self._goes_on(timeline.state) and wanted(timeline.state):
                await self._take_up(incident, timeline, read_to)
                return True
        return False

    async def go_on(self) -> bool:
        """Where only a watch is here: take up what was declared meanwhile on this journal, or another watch where this
        one has become old. Gives whether there was something; what was written to before today is not looked at."""
        if self.state.declared is not None or (position := await self.store.position()) == self._passed:
            return False
        async with self.turn:
            self._passed = position
            old = not self._goes_on(self.state)
            return await self._taken_up(lambda state: state.declared is not None or old, today=True)

    async def join(self) -> bool:
        """Where only a watch is open here, or nothing: take up the incident that others have declared meanwhile."""
        async with self.turn:
            if self.state.declared is not None:
                return False
            return await self._taken_up(lambda state: state.declared is not None)

    def _goes_on(self, state: State) -> bool:
        return goes_on(state, self.setting, self.clock.now())

    async def have_one(self, *, apart: bool) -> None:
        """Where none is open, take up what the journal has for this service, else begin one. For who holds `turn`.

        Args:
            apart: begin one whatever there is.
        """
        if len(self.timeline):
            return
        if apart:
            self.incident, self.position = new_id(), await self.store.position()
        elif not await self._adopt():
            self.incident, self.position = new_id(), self._looked

    @contextmanager
    def beginning(self, *, anew: bool, apart: bool) -> Iterator[None]:
        """While something is written that may begin a record: one of which nothing came is none.

        Args:
            anew: let the one that is open be, since another one begins.
            apart: take it up again where nothing came of the other.
        """
        before = (self.incident, self.label, self.timeline, self.position)
        if anew:
            self.incident, self.label, self.timeline, self.position = "", "", Timeline(), 0
        try:
            yield
        finally:
            if not len(self.timeline):
                self.incident = ""
                if apart:
                    self.incident, self.label, self.timeline, self.position = before

    async def refresh(self) -> None:
        """Read what other cockpits on this journal have written since; raises JournalError."""
        if self.incident:
            async with self.turn:
                await self.catch_up()

    async def relabel(self) -> None:
        """Read the labels anew: a shared record has given some; raises JournalError."""
        async with self.turn:
            await self.read_labels()

    async def catch_up(self) -> None:
        """As `refresh`, for who holds `turn`."""
        before = self.position
        entries, self.position = await self.store.catch_up(self.incident, before)
        if self.position > before:  # somebody wrote, here or in another incident: one may have been declared
            await self.read_labels()
        self.take(entries)

    async def read_labels(self) -> None:
        """As `relabel`, for who holds `turn`."""
        self.labels = await self.store.labels()
        self.label = self.labels.get(self.incident, "")

    def take(self, entries: Sequence[Entry]) -> None:
        """Take new entries of the record in, and tell who listens."""
        for entry in entries:
            self.timeline.add(entry)
        if entries:
            self._tell(entries)

    def _tell(self, entries: Sequence[Entry]) -> None:
        for listener in tuple(self._listeners):
            listener(entries)
