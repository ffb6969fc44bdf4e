"""Catching up as the room has it: up to where whoever sits here has seen the record, here and on other machines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cockpit.incident.entry import Entry
from cockpit.incident.terms import PROGRAM
from cockpit.incident.times import lasting
from cockpit.record.seen import Seen, SeenMarks
from cockpit.room.refusal import Refusal
from cockpit.room.room import Room
from cockpit.scribe.catch_up import CaughtUp, Group, Line, catch_up, count, since_words

if TYPE_CHECKING:
    from cockpit.record.shared.record import SharedRecord
    from cockpit.room.sharing import Sharing

__all__ = ["CatchingUp", "CaughtUp", "Group", "Line"]

PATIENCE = 3.0
"""Seconds that the start of a cockpit waits to hear what was seen on another machine."""
OFTEN = timedelta(seconds=30)
"""While nothing new comes, a key says again after so long that somebody is here."""
Key = tuple[str, str]
"""An incident and a handle."""


class CatchingUp:
    """What whoever sits at this room has missed. Only a person marks something as seen, never that a cockpit runs.

    Args:
        room: the incident, and who sits there.
        sharing: the shared record, where there is one.
        changed: called when the line for the screen says something else.
    """

    def __init__(self, room: Room, sharing: Sharing | None, changed: Callable[[], None] = lambda: None) -> None:
        self._room = room
        self._sharing = sharing
        self._changed = changed
        self._marks = SeenMarks.beside(room.store.path)
        self._known: dict[Key, Seen] = {}
        """What is known to be seen, here or elsewhere."""
        self._marked: tuple[Key, int] = (("", ""), -1)
        """Whose mark was made last, and at which version of the record."""
        self._asked = asyncio.Event()
        self._line: tuple[str, str] = ("", "")
        if sharing is not None:
            sharing.beside = self._beside

    @property
    def line(self) -> str:
        """`12 entries since you were here 37 min ago: C`; empty where there is nothing, or it was looked at."""
        incident, text = self._line
        return text if incident == self._room.incident else ""

    @property
    def _key(self) -> Key:
        return self._room.incident, self._room.actor

    async def begin(self) -> None:
        """Find out whether there is something to catch up with, once other machines were heard or it takes too long."""
        if self._sharing is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), PATIENCE)
        await self.look_for()

    async def look_for(self) -> None:
        """Make the line of the incident that is open now."""
        seen, key = await self._seen(), self._key
        missed, _ = self._missed(seen, None)
        number = count(missed, self._room.state, self._room.actor)
        others = any(entry.actor not in (PROGRAM, self._room.actor) for entry in missed)
        text = ""
        if number and self._room.state.declared is not None and (seen is not None or others):
            text = f"{number} {'entries' if number > 1 else 'entry'} {self._ago(seen)}: C"
        if key == self._key and (key[0], text) != self._line:
            self._line = (key[0], text)
            self._changed()

    def looked(self) -> None:
        """Somebody opened the page: the line has done its work."""
        if self.line:
            self._line = (self._room.incident, "")
            self._changed()

    async def told(self, since: datetime | None = None) -> CaughtUp:
        """What was missed, by what was seen; or what was written since an instant, whoever has seen it."""
        missed, words = self._missed(await self._seen(), since)
        return catch_up(self._room.state, missed, self._room.actor, words, self._room.clocks())

    async def mark(self) -> None:
        """Whoever sits here has seen all that the record has now.

        Raises:
            Refusal: this cockpit writes nothing; or nobody holds its keyboard; or the disk does not take it.
        """
        if self._room.store.read_only:
            raise Refusal("this cockpit was started with --read-only: it shows, and keeps nothing")
        self._room.keyboard.must_be_held()
        key, entries, now = self._key, self._room.timeline.entries, self._room.clock.now()
        known, version = self._known.get(key), (key, self._room.timeline.version)
        if not entries or (known is not None and version == self._marked and now - known.at < OFTEN):
            return
        self._marked, self._known[key] = version, Seen.of(entries, now).joined(known)
        self.looked()
        try:
            await asyncio.to_thread(self._marks.keep, *key, self._known[key])
        except OSError as error:
            raise Refusal(f"what was seen cannot be kept: {error.strerror or error}") from None
        if self._sharing is not None:
            self._sharing.replicator.wake()

    async def _seen(self) -> Seen | None:
        """What is known to be seen, read from the disk where it was not yet."""
        key = self._key
        kept = await asyncio.to_thread(self._marks.kept, *key)
        if kept is not None:
            self._known[key] = kept.joined(self._known.get(key))
        return self._known.get(key)

    def _missed(self, seen: Seen | None, since: datetime | None) -> tuple[Sequence[Entry], str]:
        """The entries, and where they begin in words. Where nothing was marked, one's own last entry shows that one was
        here then; else all is new."""
        entries, now = self._room.timeline.entries, self._room.clock.now()
        if since is not None:
            return [e for e in entries if e.recorded.at >= since], since_words(now, since, "since")
        if seen is not None:
            words = since_words(now, seen.at, "since you were here at")
            return [entry for entry in entries if not seen.has(entry)], words
        own = max((e.recorded for e in entries if e.actor == self._room.actor), default=None)
        if own is not None:
            words = since_words(now, own.at, "since your last entry at")
            return [entry for entry in entries if entry.recorded > own], words
        begun = since_words(now, entries[0].occurred, "; it began at") if entries else ""
        return entries, f"all of it, you have not been here before{begun}"

    def _ago(self, seen: Seen | None) -> str:
        if seen is None:
            return "before you came"
        return f"since you were here {lasting((self._room.clock.now() - seen.at).total_seconds())} ago"

    async def _beside(self, shared: SharedRecord) -> None:
        """Hear what was seen elsewhere, and tell what was here; may raise SharedError."""
        from cockpit.record.shared import seen as marks

        key = incident, handle = self._key
        if not incident or shared.version < marks.SINCE:
            return
        here, there = await self._seen(), await marks.marked(shared, handle, incident)
        if there is not None:
            self._known[key] = there.joined(here)
        if here is not None and here != there and shared.writable and not self._room.store.read_only:
            await marks.mark(shared, handle, incident, here)
        self._asked.set()
