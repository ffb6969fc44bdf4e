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
from cockpit.record.errors import JournalError
from cockpit.record.journal import Journal
from cockpit.record.lately import lately
from cockpit.record.store import Store
from cockpit.room.journal.listing import AT_ONCE, COURSE, amends_something_else

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

    def may_go_on(self, recent: bool, *, today: bool = False) -> bool:
        """Whether it may be a present one; see `Records.present`. `recent`: it was written to within a day."""
        return not self.over and (recent or (self.declared and not today))


class Records:
    """The records of a journal by what their course tells.

    Args:
        store: the journal; whoever made it closes it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Known | JournalError] = {}

    async def present(
        self, fits: Callable[[str], bool], now: datetime, *, today: bool = False
    ) -> AsyncIterator[str]:  # fmt: skip
        """The ids of records that may be the present one, the latest written to first: incidents that are not closed,
        and watches that were written to within a day. No more of them is read than is asked for.

        Args:
            fits: whether a record about this service is meant.
            today: also of the incidents only those that were written to within a day.

        Raises:
            JournalError: the journal cannot be read; a record that is damaged is said where it is reached.
        """
        async for incident, known, recent in self._latest(now):
            if isinstance(known, JournalError):
                raise known
            if fits(known.service) and known.may_go_on(recent, today=today):
                yield incident

    async def services(self, now: datetime) -> frozenset[str]:
        """What the records that may be present ones are about, but for those that are damaged; raises JournalError."""
        return frozenset([
            known.service async for _, known, recent in self._latest(now)
            if isinstance(known, Known) and known.may_go_on(recent)
        ])  # fmt: skip

    async def _latest(self, now: datetime) -> AsyncIterator[tuple[str, Known | JournalError, bool]]:
        """Each record with what is known of it, and whether it was written to within a day; the latest first."""
        latest = [(str(each), int(last)) for each, last in await self._store.call(lambda one: one.select(_LATEST))]
        recent = set(await self._store.call(partial(lately, since=now - WITHIN)))
        for some in (latest[:1], *(latest[first : first + AT_ONCE] for first in range(1, len(latest), AT_ONCE))):
            await self._look(some)
            for incident, _ in some:
                yield incident, self._known[incident], incident in recent

    async def _look(self, some: Sequence[tuple[str, int]]) -> None:
        """Read the course of those to which something was appended since."""
        stale = {incident: last for incident, last in some if not self._is_known(incident, last)}
        if stale:
            courses = await self._store.call(partial(_read, incidents=tuple(stale)))
            self._known |= await asyncio.to_thread(_told, courses, stale)

    def _is_known(self, incident: str, last: int) -> bool:
        known = self._known.get(incident)
        return isinstance(known, Known) and known.position == last


Course = Sequence[Entry] | JournalError
"""The entries that tell whose a record is and whether it is over, or why they cannot be read."""


def _read(journal: Journal, incidents: Sequence[str]) -> Mapping[str, Course]:
    return {each: _course(journal, each) for each in incidents}


def _course(journal: Journal, incident: str) -> Course:
    try:
        return journal.read(incident, kinds=COURSE)
    except JournalError as error:
        return error


def _told(courses: Mapping[str, Course], last: Mapping[str, int]) -> dict[str, Known | JournalError]:
    return {incident: _known(course, last[incident]) for incident, course in courses.items()}


def _known(course: Course, position: int) -> Known | JournalError:
    if isinstance(course, JournalError):
        return course
    state = Timeline(course).state
    over = state.status is Status.CLOSED and not amends_something_else(course)
    return Known(position, state.service, state.declared is not None, over)
