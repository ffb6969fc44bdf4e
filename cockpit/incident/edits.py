"""What entries say about other entries: which one an amendment replaces, and what a redaction has left of one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from cockpit.incident import kinds
from cockpit.incident.entry import Entry, Recorded
from cockpit.values import replace


class Edits:
    """The amendments and redactions of one record, whatever the order in which its entries come.

    An amendment is an entry of the same kind that `supersedes` another: it stands in its place, at its own time. Of
    several that amend the same entry, at once or one after the other, the last recorded one stands. The original and
    every version stay in the record.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._known: dict[str, Entry] = {}
        self._amendments: dict[str, Entry] = {}
        self._amended: set[str] = set()
        self._standing: dict[str, str] = {}
        self._settled = True
        """Whether `_standing` knows of all that was taken: it is found when asked for, once for a whole record."""
        self._redactions: dict[str, Entry] = {}
        self._walls: dict[datetime, tuple[str, ...]] = {}
        """Whose clocks showed each instant at which something was recorded."""
        for entry in entries:
            self.take(entry)

    def copy(self) -> Edits:
        """One that stands still while this one takes more."""
        other = Edits()
        self._settle()
        other._known, other._amendments = dict(self._known), dict(self._amendments)
        other._walls = dict(self._walls)
        other._amended, other._standing, other._redactions = (
            set(self._amended),
            dict(self._standing),
            dict(self._redactions),
        )
        return other

    def take(self, entry: Entry) -> None:
        """Take note of `entry`."""
        self._known[entry.id] = entry
        if not entry.recorded.counter and entry.writer not in (clocks := self._walls.get(entry.recorded.at, ())):
            self._walls[entry.recorded.at] = (*clocks, entry.writer)
        if entry.kind == kinds.Redaction.kind:
            self._take_redaction(entry)
        if entry.supersedes:
            self._amendments[entry.id] = entry
            self._amended.add(entry.supersedes)
        if entry.supersedes or entry.id in self._amended:
            self._settled = False

    def _take_redaction(self, entry: Entry) -> None:
        """Of several redactions of one entry, the last recorded one says what is left."""
        payload = kinds.read(entry)
        if isinstance(payload, kinds.Redaction):
            before = self._redactions.get(payload.entry)
            if before is None or _recorded(before) < _recorded(entry):
                self._redactions[payload.entry] = entry

    def _settle(self) -> None:
        """Find which version of each amended entry stands, where that may be another one than before."""
        if self._settled:
            return
        self._settled = True
        last: dict[str, Entry] = {}
        for entry in self._amendments.values():
            root = self._root(entry)
            if root == entry.id:
                continue
            if root not in last or _recorded(last[root]) < _recorded(entry):
                last[root] = entry
        self._standing = {root: entry.id for root, entry in last.items()}
        for entry in self._amendments.values():
            root = self._root(entry)
            if root != entry.id:
                self._standing[entry.id] = last[root].id

    def _root(self, entry: Entry) -> str:
        """The id of what was amended first; the entry's own when what it names is of another kind, or names itself."""
        seen = {entry.id}
        while entry.supersedes:
            before = self._known.get(entry.supersedes)
            if before is None:
                return entry.supersedes
            if before.id in seen or before.kind != entry.kind:
                return entry.id
            seen.add(before.id)
            entry = before
        return entry.id

    def entry(self, id: str) -> Entry | None:
        """The entry with this id, if it is known."""
        return self._known.get(id)

    def standing(self, id: str) -> str:
        """The id of the version that stands for the entry `id`: its own while nobody has amended it."""
        self._settle()
        return self._standing.get(id, id)

    def replaced(self, entry: Entry) -> bool:
        """Whether another version stands for `entry`."""
        return self.standing(entry.id) != entry.id

    def amended(self, entry: Entry) -> bool:
        """Whether some entry says that it amends `entry`."""
        return entry.id in self._amended

    def original(self, entry: Entry) -> Entry | None:
        """What `entry` amends, as it was first written; None when it amends nothing that is known."""
        root = self._root(entry) if entry.supersedes else entry.id
        return self._known.get(root) if root != entry.id else None

    def versions(self, entry: Entry) -> list[Entry]:
        """Every version of `entry`, as they were recorded: the original first."""
        root = self._root(entry) if entry.supersedes else entry.id
        amended = [each for each in self._amendments.values() if self._root(each) == root and each.id != root]
        known = [self._known[root]] if root in self._known else []
        return [*known, *sorted(amended, key=_recorded)]

    def late(self, entry: Entry) -> timedelta:
        """How long after it occurred it was recorded, as far as its writer's own clock says.

        An entry is recorded after all that its writer has seen: after one from a machine whose clock is an hour ahead,
        it carries that machine's hour. Nothing is late by that.
        """
        borrowed = entry.writer not in self._walls.get(entry.recorded.at, (entry.writer,))
        return timedelta() if borrowed and entry.recorded.counter else entry.late

    def erased_by(self, entry: Entry) -> Entry | None:
        """The entry that `entry`, a redaction, erases; None when it is none, or that one is not known."""
        return self._known.get(str(entry.payload.get("entry"))) if entry.kind == kinds.Redaction.kind else None

    def is_erased(self, entry: Entry) -> bool:
        """Whether a redaction erases `entry`. A redaction itself stays: it is what says that something was erased."""
        return entry.id in self._redactions and entry.kind != kinds.Redaction.kind

    def payload(self, entry: Entry) -> kinds.Payload | None:
        """What `entry` says, as far as a redaction has left it; None when that is nothing."""
        if not entry.redacted:
            return kinds.read(entry)
        by = self._redactions.get(entry.id)
        redaction = kinds.read(by) if by is not None else None
        return kinds.restored(entry.kind, redaction.kept) if isinstance(redaction, kinds.Redaction) else None

    def as_written(self, entry: Entry) -> Entry:
        """`entry` under the name of who wrote it first: correcting a time does not make it somebody else's deed."""
        original = self.original(entry)
        return replace(entry, actor=original.actor, role=original.role) if original else entry


def _recorded(entry: Entry) -> tuple[Recorded, str, int]:
    """Where `entry` stands among all as they were recorded: two machines may have done it at the same instant."""
    return (entry.recorded, entry.writer, entry.seq)


def erased(entry: Entry) -> Entry:
    """`entry` without its payload and salt; the digest goes on to hold the chain."""
    return replace(entry, body=None, salt=None)
