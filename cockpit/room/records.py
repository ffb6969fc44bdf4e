"""Whose each record of a journal is and whether it is over: read once, and anew only where something was appended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from msgspec import Struct

from cockpit.incident.entry import Entry
from cockpit.incident.terms import Status
from cockpit.incident.timeline import Timeline
from cockpit.record.journal import Journal
from cockpit.record.lately import lately
from cockpit.record.store import Store
from cockpit.room.listing import AT_ONCE, COURSE, amends_something_else

WITHIN = timedelta(hours=24)
"""A watch that nobody wrote to for longer is past."""
_LATEST = "SELECT incident, max(position) FROM entries GROUP BY incident ORDER BY max(position) DESC"


class Known(Struct, frozen=True):
    """What is known of one record without reading it whole.

    Attributes:
        position: of the entry that was appended to it last.
        over: whether it is closed for certain; what only the whole record can tell is not.
    """

    position: int
    service: str
    declared: bool
    over: bool


class Records:
    """The records of a journal by what their course tells.

    Args:
        store: the journal; whoever made it closes it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Known] = {}

    async def present(
        self, fits: Callable[[str], bool], now: datetime, *, today: bool = False
    ) -> AsyncIterator[str]:  # fmt: skip
        """The ids of records that may be the present one, the latest written to first: incidents that are not closed,
        and watches that were written to within a day. No more of them is read than is asked for.

        Args:
            fits: whether a record about this service is meant.
            today: also of the incidents only those that were written to within a day.

        Raises:
            JournalError: the journal cannot be read.
        """
        async for incident, _ in self._present(fits, now, today=today):
            yield incident

    async def services(self, now: datetime) -> frozenset[str]:
        """What the records that may be present ones are about; raises JournalError."""
        return frozenset([known.service async for _, known in self._present(lambda _: True, now)])

    async def _present(
        self, fits: Callable[[str], bool], now: datetime, *, today: bool = False
    ) -> AsyncIterator[tuple[str, Known]]:
        latest = [(str(each), int(last)) for each, last in await self._store.call(lambda one: one.select(_LATEST))]
        recent = set(await self._store.call(partial(lately, since=now - WITHIN)))
        for some in (latest[:1], *(latest[first : first + AT_ONCE] for first in range(1, len(latest), AT_ONCE))):
            await self._look(some)
            for incident, _ in some:
                known = self._known[incident]
                lasts = incident in recent or (known.declared and not today)
                if lasts and not known.over and fits(known.service):
                    yield incident, known

    async def _look(self, some: Sequence[tuple[str, int]]) -> None:
        """Read the course of those to which something was appended since."""
        stale = {
            incident: last for incident, last in some
            if incident not in self._known or self._known[incident].position != last
        }  # fmt: skip
        if stale:
            courses = await self._store.call(partial(_read, incidents=tuple(stale)))
            self._known |= await asyncio.to_thread(_told, courses, stale)


def _read(journal: Journal, incidents: Sequence[str]) -> Mapping[str, Sequence[Entry]]:
    return {each: journal.read(each, kinds=COURSE) for each in incidents}


def _told(courses: Mapping[str, Sequence[Entry]], last: Mapping[str, int]) -> dict[str, Known]:
    return {incident: _known(course, last[incident]) for incident, course in courses.items()}


def _known(course: Sequence[Entry], position: int) -> Known:
    state = Timeline(course).state
    over = state.status is Status.CLOSED and not amends_something_else(course)
    return Known(position, state.service, state.declared is not None, over)
