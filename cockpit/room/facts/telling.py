"""What the program itself has to say, written in its order: signals that changed, and snapshots at the moments that
the review will ask about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from cockpit.clock import Clock
from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.record.errors import JournalError
from cockpit.room.facts.detecting import file, of_change
from cockpit.room.facts.signals import moment_of, snapshot, taken, told_by
from cockpit.room.facts.waiting import Waiting, Waits
from cockpit.room.requests import Facts, Refusal
from cockpit.room.room import Room
from cockpit.room.views.signals import PodsView, SignalView
from cockpit.signal.changes import AlertsChanged, Change
from cockpit.text import safe

RETRY = 5.0
"""Seconds before a fact that the journal refused is tried again."""

NEW = "new"
"""Stands for the present incident, or where that is closed for another: an alert that fires then is none of its own."""

Seen = Callable[[], tuple[Sequence[SignalView], PodsView] | None]
"""The signals and pods as they are known now; None before anything is watched."""


class Telling:
    """The queue of what is to be recorded by the program.

    Args:
        room: the record.
        clock: what time it is.
        seen: what a snapshot takes.
        watching: whether the signals that come in are about the present record.
        on_trouble: called when the journal refused.
        patience: seconds for which another cockpit's word of the same change is awaited first.
    """

    def __init__(
        self, room: Room, clock: Clock, seen: Seen, watching: Callable[[], bool], on_trouble: Callable[[], None],
        patience: Callable[[], float] = lambda: 0.0,
    ) -> None:  # fmt: skip
        self._room = room
        self._clock = clock
        self._seen = seen
        self._watching = watching
        self._on_trouble = on_trouble
        self._patience = patience
        self._facts = Waiting()
        self._opened = clock.now()

    def take(self, change: Change) -> None:
        """A state changed out there: to be recorded, unless it is about another place."""
        if self._watching() and isinstance(change, AlertsChanged):
            self._put(NEW, of_change(change), "list")
        elif self._watching():
            told = Facts(lambda state: told_by(change, state), actor="cockpit")
            self._put(self._room.incident, told, "change")

    def note_moments(self, entries: Sequence[Entry]) -> None:
        """Keep the signals at the moments that the review will ask about."""
        seen = self._seen() if self._watching() else None
        for entry in entries:
            moment = moment_of(entry, self._room.state)
            if seen and moment and entry.recorded.at >= self._opened:
                self._put(entry.incident, self._snapshot(moment, entry, snapshot(moment, *seen)), "moment")

    def _put(self, incident: str, fact: Facts, kind: Literal["change", "list", "moment"]) -> None:
        not_before = self._clock.monotonic() + self._patience()
        self._facts.put(Waits(incident, fact, self._clock.now(), not_before, kind, self._room.incident))

    def _snapshot(self, moment: str, entry: Entry, seen: kinds.Snapshot) -> Facts:
        return Facts(lambda state: () if taken(moment, entry, state) else ((seen, None),), actor="cockpit")

    @property
    def waiting(self) -> bool:
        """Whether something is still to be written."""
        return bool(self._facts)

    async def write(self) -> None:
        """Record facts in their order, for ever; one that the journal refuses waits until it can be written."""
        while True:
            told = await self._facts.get()
            incident, fact = told.incident, told.fact
            if (early := told.not_before - self._clock.monotonic()) > 0:
                await self._clock.sleep(early)
            while True:
                try:
                    await (file(self._room, fact) if incident == NEW else self._room.perform_in(incident, fact))
                    break
                except Refusal:
                    break
                except JournalError:
                    self._on_trouble()
                    await self._clock.sleep(RETRY)
                except Exception as error:  # noqa: BLE001 - whatever it is, what comes after it is recorded
                    self._room.trouble = safe(f"a defect in the cockpit: a change was not recorded ({error!r})")
                    self._on_trouble()
                    break
