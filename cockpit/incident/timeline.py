"""One incident's entries in order and the state after them: cheap at the end, re-folded from a late entry's place."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import count

from cockpit.incident.edits import Edits, erased
from cockpit.incident.entry import Entry, Recorded
from cockpit.incident.fold import apply, is_telling
from cockpit.incident.kinds import Redaction
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
        self._added: list[tuple[datetime, Recorded, str, int]] = []
        """The order of those that came since the beginning: no words, which a redaction would have to reach."""
        self._edits = Edits()
        self._state = State(edits=self._edits)
        self._checkpoints: list[State] = []
        self.version = next(_VERSIONS)
        """Grows with each entry taken, and no two timelines ever have the same: what is drawn from one may be kept
        while it stands still."""
        self._take_all(entries)

    def _take_all(self, entries: Iterable[Entry]) -> None:
        """Take what there is from the beginning: all edits are known before the first entry is folded."""
        known = {entry.id: entry for entry in entries}
        for entry in known.values():
            self._edits.take(entry)
        for id, entry in known.items():
            if self._edits.is_erased(entry) and not entry.redacted:
                known[id] = erased(entry)
                self._edits.take(known[id])
        self._ids = set(known)
        self._entries = sorted(known.values(), key=lambda e: e.order)
        for entry in self._entries:
            self._take(entry)

    @property
    def entries(self) -> Sequence[Entry]:
        """The entries in the record's order. Not to be changed by the reader."""
        return self._entries

    @property
    def state(self) -> State:
        """The incident after all entries. Not to be changed by the reader."""
        return self._state

    def added(self, known: int) -> list[int]:
        """Where the entries stand now, first to last, that were added since there were `known` of them.

        Args:
            known: the timeline's length when the reader looked last.
        """
        first = len(self._added) - (len(self._entries) - known)
        return sorted(bisect_left(self._entries, order, key=lambda e: e.order) for order in self._added[first:])

    def place(self, entry: Entry) -> int:
        """Where `entry`, which is here, stands."""
        return bisect_left(self._entries, entry.order, key=lambda e: e.order)

    def still(self) -> Timeline:
        """A copy that stands still, to be read in another thread while this one goes on."""
        copy = Timeline()
        copy._entries, copy._edits, copy.version = list(self._entries), self._edits.copy(), self.version
        copy._state = self._state.copy()
        copy._state.edits = copy._edits
        return copy

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, id: object) -> bool:
        return id in self._ids

    def add(self, entry: Entry) -> bool:
        """Take `entry` in at its place; False when its id is already there.

        An amendment or a redaction also changes what an earlier entry says: all is folded again from the earlier one.
        """
        if entry.id in self._ids:
            return False
        if self._edits.is_erased(entry):
            entry = erased(entry)
        self._ids.add(entry.id)
        self._added.append(entry.order)
        self._edits.take(entry)
        self.version = next(_VERSIONS)
        place = bisect_right(self._entries, entry.order, key=lambda e: e.order)
        self._entries.insert(place, entry)
        first = min([place, *(self.place(each) for each in self._touched(entry))])
        if first == len(self._entries) - 1:
            self._take(entry)
        elif place and not is_telling(entry):
            self._count_in(place)
        else:
            self._refold(first)
        return True

    def _touched(self, entry: Entry) -> list[Entry]:
        """The entries that `entry` makes say something else; one that it erases is erased here too."""
        touched = [self._erase(str(entry.payload.get("entry")))] if entry.kind == Redaction.kind else []
        if entry.supersedes or self._edits.amended(entry):
            touched += [version for version in self._edits.versions(entry) if version.id in self._ids]
        return [each for each in touched if each is not None]

    def _erase(self, id: str) -> Entry | None:
        """Take the words out of the entry `id`, where it is here and a redaction says so."""
        index = next((i for i, each in enumerate(self._entries) if each.id == id), -1)
        if index < 0 or not self._edits.is_erased(self._entries[index]):
            return None
        self._entries[index] = erased(self._entries[index])
        self._edits.take(self._entries[index])
        return self._entries[index]

    def _take(self, entry: Entry) -> None:
        """Fold `entry`, the next one, and keep a checkpoint where one is due."""
        apply(self._state, entry)
        if self._state.entries - (self._checkpoints[-1].entries if self._checkpoints else 0) >= EVERY:
            self._checkpoints.append(self._state.copy())

    def _count_in(self, place: int) -> None:
        """Take in a late entry that only counts: nothing that comes after it is folded again."""
        self._state.entries += 1
        for checkpoint in self._checkpoints:
            checkpoint.entries += checkpoint.entries > place

    def _refold(self, place: int) -> None:
        """Fold again from the last checkpoint before `place`."""
        while self._checkpoints and self._checkpoints[-1].entries > place:
            self._checkpoints.pop()
        self._state = self._checkpoints[-1].copy() if self._checkpoints else State(edits=self._edits)
        for entry in self._entries[self._state.entries :]:
            self._take(entry)
