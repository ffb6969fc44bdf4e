"""One incident's entries in order and the state after them: cheap at the end, re-folded from a late entry's place."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from itertools import count

from cockpit.incident.entry import Entry
from cockpit.incident.fold import apply
from cockpit.incident.state import State

EVERY = 256
"""A checkpoint of the state is kept after each so many entries, which bounds what a late entry re-folds."""

_VERSIONS = count(1)


class Timeline:
    """The record of one incident in memory.

    Args:
        entries: in any order; doubled ids are taken once.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries: list[Entry] = []
        self._ids: set[str] = set()
        self._state = State()
        self._checkpoints: list[State] = []
        self.version = next(_VERSIONS)
        """Grows with each entry taken, and no two timelines ever have the same: what is drawn from one may be kept
        while it stands still."""
        for entry in sorted(entries, key=lambda e: e.order):
            self.add(entry)

    @property
    def entries(self) -> Sequence[Entry]:
        """The entries in the record's order. Not to be changed by the reader."""
        return self._entries

    @property
    def state(self) -> State:
        """The incident after all entries. Not to be changed by the reader."""
        return self._state

    def still(self) -> Timeline:
        """A copy that stands still, to be read in another thread while this one goes on."""
        copy = Timeline()
        copy._entries, copy._state, copy.version = list(self._entries), self._state.copy(), self.version
        return copy

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, id: object) -> bool:
        return id in self._ids

    def add(self, entry: Entry) -> bool:
        """Take `entry` in at its place; False when its id is already there."""
        if entry.id in self._ids:
            return False
        self._ids.add(entry.id)
        self.version = next(_VERSIONS)
        if self._entries and entry.order < self._entries[-1].order:
            place = bisect_right(self._entries, entry.order, key=lambda e: e.order)
            insort(self._entries, entry, key=lambda e: e.order)
            self._refold(place)
        else:
            self._entries.append(entry)
            self._take(entry, len(self._entries))
        return True

    def _take(self, entry: Entry, count: int) -> None:
        """Fold `entry`, the `count`-th, and keep a checkpoint where one is due."""
        apply(self._state, entry)
        if count % EVERY == 0:
            self._checkpoints.append(self._state.copy())

    def _refold(self, place: int) -> None:
        """Fold again from the last checkpoint before `place`."""
        kept = place // EVERY
        del self._checkpoints[kept:]
        self._state = self._checkpoints[-1].copy() if self._checkpoints else State()
        for index in range(kept * EVERY, len(self._entries)):
            self._take(self._entries[index], index + 1)
