"""The pods in the order in which they are shown: only those that changed are placed anew, however many there are."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cockpit.room.views.signals import PodRow, PodsView, Usage
from cockpit.screen.filtering import Filter

SORTS = ("faults", "name", "age", "restarts", "cpu", "memory", "node", "revision")
"""The orders, as `o` goes through them. By `revision`, the pods stand under one heading for each."""

_MANY = 8
"""When more than one in so many pods changed, sorting all costs less than placing each."""

Key = tuple[float | str, ...]
"""Where a pod stands; its last part is the uid, so that no two are equal."""


@dataclass(frozen=True, slots=True)
class Order:
    """How pods are laid out.

    Attributes:
        sort: one of `SORTS`.
        wanted: which of them are shown.
        revisions: the number of each revision, by the hash in its pods' labels.
    """

    sort: str
    wanted: Filter
    revisions: Mapping[str, int]


class PodIndex:
    """The pods that pass a filter, in an order. `take` brings it up to date.

    Args:
        noted: called with each pod that is new or has changed.
    """

    def __init__(self, noted: Callable[[PodRow], None] = lambda row: None) -> None:
        self._noted = noted
        self._rows: dict[str, PodRow] = {}
        self._table: Mapping[str, PodRow] | None = None
        self._version = 0
        self._order = Order(SORTS[0], Filter(), {})
        self._usage: Mapping[str, Usage] = {}
        self._keys: dict[str, Key] = {}
        self._places: list[Key] = []
        self._uids: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, place: int) -> PodRow:
        return self._rows[str(self._places[place][-1])]

    @property
    def total(self) -> int:
        """How many pods there are, those that the filter keeps out among them."""
        return len(self._rows)

    def place(self, name: str) -> int:
        """Where the pod called `name` stands; -1 when it is not shown."""
        key = self._keys.get(self._uids.get(name, ""))
        return -1 if key is None else bisect_left(self._places, key)

    def usage(self, row: PodRow) -> Usage | None:
        """What a pod uses; None where that is not known."""
        return self._usage.get(row.name)

    def groups(self) -> Sequence[tuple[int, int]]:
        """Each revision, newest first, with the place at which it begins; 0 for pods of none that is known."""
        if self._order.sort != "revision":
            return ()
        numbers = sorted({*self._order.revisions.values(), 0}, reverse=True)
        begins = [(number, bisect_left(self._places, (-number,))) for number in numbers]
        ends = [*(begin for _, begin in begins[1:]), len(self._places)]
        return [group for group, end in zip(begins, ends, strict=True) if group[1] < end]

    def take(self, view: PodsView, order: Order) -> None:
        """Bring the places up to date with `view`."""
        changed = self._changes(view)
        for uid, row in changed.items():
            self._note(uid, row)
        again = order != self._order or (order.sort in ("cpu", "memory") and view.usage != self._usage)
        self._order, self._usage = order, view.usage
        if again or len(changed) * _MANY > len(self._rows):
            self._place_all()
            return
        for uid, row in changed.items():
            self._settle(uid, row)

    def _changes(self, view: PodsView) -> dict[str, PodRow | None]:
        """The pods that changed since the last look, by uid; None for one that is gone.

        Who keeps the pods knows; else, or where another keeps them now, all are compared.
        """
        same, self._table = view.by_uid is self._table, view.by_uid
        known = view.changed_since(self._version) if same else None
        self._version = view.version
        if known is not None:
            return {uid: view.by_uid.get(uid) for uid in known}
        fresh = {row.uid: row for row in view.rows}
        found: dict[str, PodRow | None] = {uid: None for uid in self._rows if uid not in fresh}
        found.update((uid, row) for uid, row in fresh.items() if self._rows.get(uid) is not row)
        return found

    def _note(self, uid: str, row: PodRow | None) -> None:
        """Take in a pod as it is now, or that it is gone."""
        if row is not None:
            self._rows[uid] = row
            self._uids[row.name] = uid
            self._noted(row)
        elif (was := self._rows.pop(uid, None)) is not None and self._uids.get(was.name) == uid:
            del self._uids[was.name]

    def _place_all(self) -> None:
        """Lay all out anew; 20,000 pods are walked between two pictures, so it is spelled out."""
        key, wanted, all_pass = _KEYS[self._order.sort], self._wanted, self._order.wanted.all_pass
        self._keys = {uid: (*key(row, self), uid) for uid, row in self._rows.items() if all_pass or wanted(row)}
        self._places = sorted(self._keys.values())

    def _settle(self, uid: str, row: PodRow | None) -> None:
        """Put one pod where it belongs now."""
        key = self._key(row) if row is not None and self._wanted(row) else None
        if key == self._keys.get(uid):
            return
        self._remove(uid)
        if key is not None:
            self._keys[uid] = key
            insort(self._places, key)

    def _remove(self, uid: str) -> None:
        if (key := self._keys.pop(uid, None)) is not None:
            del self._places[bisect_left(self._places, key)]

    def _key(self, row: PodRow) -> Key:
        return (*_KEYS[self._order.sort](row, self), row.uid)

    def _wanted(self, row: PodRow) -> bool:
        wanted = self._order.wanted
        if wanted.all_pass:
            return True
        if wanted.faults and not row.faulty:
            return False
        revision = self._order.revisions.get(row.revision_hash, 0)
        said = f"{row.name} {row.reason} {row.status} {row.image} {row.node} {row.ip} rev {revision}"
        return wanted.holds(said, row.labels)

    def revision(self, row: PodRow) -> int:
        """The number of the pod's revision; 0 when it is of none that is known."""
        return self._order.revisions.get(row.revision_hash, 0)


def _faults(row: PodRow, index: PodIndex) -> Key:
    return (-row.gravity, row.name)


def _cpu(row: PodRow, index: PodIndex) -> Key:
    usage = index.usage(row)
    return (-usage.cpu_cores if usage else 1.0, row.name)


def _memory(row: PodRow, index: PodIndex) -> Key:
    usage = index.usage(row)
    return (-usage.memory_bytes if usage else 1.0, row.name)


def _age(at: datetime | None) -> float:
    return -at.timestamp() if at else 0.0


_KEYS: Mapping[str, Callable[[PodRow, PodIndex], Key]] = {
    "faults": _faults,
    "name": lambda row, index: (row.name,),
    "age": lambda row, index: (_age(row.created), row.name),
    "restarts": lambda row, index: (-(row.restarts_lately or 0), -row.restarts, row.name),
    "cpu": _cpu,
    "memory": _memory,
    "node": lambda row, index: (row.node, -row.gravity, row.name),
    "revision": lambda row, index: (-index.revision(row), -row.gravity, row.name),
}
