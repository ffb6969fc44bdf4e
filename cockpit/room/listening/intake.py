"""What becomes of alerts that were sent: entries of the service's record, durable before anybody is answered."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.config import Config
from cockpit.incident.entry import Entry
from cockpit.incident.terms import Status
from cockpit.record.store import Store
from cockpit.room.facts.detecting import detections, possible
from cockpit.room.journal.records import Records
from cockpit.room.listening.routing import service_of
from cockpit.room.room import Room
from cockpit.room.setting import Setting
from cockpit.signal.notice import Notice
from cockpit.values import replace

MOST_ROOMS = 100
"""Services whose records are kept at hand."""
MOST_NEW = 20
"""Services of which nobody knew that one delivery may begin a record for; what is of more goes to nobody's."""
MOST_UNKNOWN = 100
"""Services that the configuration does not have of which records may be open at a time: each cockpit looks at them."""


class Taken(Struct, frozen=True):
    """What came of a delivery: how many alerts it had, and how many entries they became."""

    alerts: int
    entries: int
    ahead: int = 0
    """How many were said to begin in the future."""

    @property
    def words(self) -> str:
        """As the sender is told."""
        if not self.alerts:
            return "nothing in it is about an alert that fires, or does no more"
        said = f"{self.entries} recorded" if self.entries else "known"
        ahead = f"{self.ahead} of {self.alerts} begin in the future, which counts as no start: check the sender's clock"
        return f"{said}; {ahead}" if self.ahead else said


class Intake:
    """Writes what is sent into the records of the services, one delivery after the other.

    Args:
        store: the journal; whoever made it closes it.
        setting_of: what the configuration has for a service, also for one that it does not know; it may read files.
        wrote: called when something was written.
    """

    def __init__(
        self, store: Store, clock: Clock, config: Config, setting_of: Callable[[str], Setting],
        wrote: Callable[[Sequence[Entry]], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._config = config
        self._setting_of = setting_of
        self._wrote = wrote
        self._rooms: OrderedDict[str, Room] = OrderedDict()
        self._records = Records(store)
        self._turn = asyncio.Lock()

    async def take(self, origin: str, notices: Sequence[Notice], service: str = "") -> Taken:
        """Record what is news in `notices`.

        Args:
            origin: which intake they came by.
            service: whose they are; empty: see `service_of`.

        Raises:
            JournalError: it could not be written; those of other services may have been, and are known next time.
        """
        by_service = defaultdict[str, list[Notice]](list)
        for notice in notices:
            by_service[service_of(notice, self._config, service)].append(notice)
        entries = 0
        async with self._turn:
            for name, some in (await self._bounded(by_service)).items():
                room = await self._room(name)
                written = await room.perform(detections(some, origin, self._clock.now()))
                entries += sum(entry.kind != "watching" for entry in written)
                if written:
                    self._wrote(written)
        now = self._clock.now()
        return Taken(len(notices), entries, sum(possible(each, now) is not each for each in notices))

    async def _bounded(self, by_service: Mapping[str, list[Notice]]) -> Mapping[str, list[Notice]]:
        """The same where few services are new; those of more are nobody's, and what is nobody's already stays so."""
        unknown = [name for name in by_service if name and name not in self._config.services]
        if not unknown:
            return by_service
        there = await self._records.services(self._clock.now())
        room = MOST_UNKNOWN - len(there - {"", *self._config.services})
        over = set([name for name in unknown if name not in there][max(0, min(room, MOST_NEW)) :])
        nobodys = {each.fingerprint for each in (await self._room("")).state.alerts.values() if each.fires}
        bounded = defaultdict[str, list[Notice]](list)
        for name, some in by_service.items():
            for each in some:
                stays = name in over or (name in unknown and each.fingerprint in nobodys)
                bounded["" if stays else name].append(each)
        return bounded

    async def _room(self, service: str) -> Room:
        """The service's present record: an incident that is open, else a watch, else none yet."""
        room = self._rooms.pop(service, None)
        if room is not None and room.incident:
            await room.refresh()
            await room.go_on()
            room = None if room.state.status is Status.CLOSED else room
        if room is None:
            setting = await asyncio.to_thread(self._setting_of, service)
            room = Room(self._store, self._clock, "cockpit", replace(setting, alone=True), records=self._records)
        if not room.incident:
            await room.adopt()
        self._rooms[service] = room
        while len(self._rooms) > MOST_ROOMS:
            self._rooms.popitem(last=False)
        return room
