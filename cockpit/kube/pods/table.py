"""The pods that are watched: their restarts of late, what has lasted too long, and the counts that titles need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush

import msgspec

from cockpit.clock import Clock
from cockpit.kube.pods.restarts import Restarts
from cockpit.kube.pods.row import PodRow
from cockpit.kube.table import Table

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Tally:
    """Pods counted: all, those that serve, those that should; crashing and faulty ones by reason."""

    pods: int = 0
    ready: int = 0
    staying: int = 0
    crashing: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, rows: Iterable[PodRow]) -> Tally:
        """The tally of `rows`."""
        made = cls()
        for row in rows:
            made.count(row, 1)
        return made

    def count(self, row: PodRow, by: int) -> None:
        """Count a row in (1) or out (-1)."""
        self.pods += by
        self.ready += by * row.ready_bool
        self.staying += by * row.stays
        if row.crash_reason:
            _count(self.crashing, row.crash_reason, by)
        if row.faulty:
            _count(self.faults, row.reason, by)


def _count(counter: Counter[str], word: str, by: int) -> None:
    counter[word] += by
    if not counter[word]:
        del counter[word]


class PodTable(Table[PodRow]):
    """The pods by uid, each as it stands now; `step` is to be called about once a second.

    Rows of which only what the server prints is known are kept by their name, until the pod itself comes.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.tally = Tally()
        self._clock = clock
        self._restarts = Restarts()
        self._due: list[tuple[datetime, str]] = []
        self._uids: dict[str, str] = {}
        """Of the pods that have been read, by their names."""
        self._next: dict[str, datetime] = {}
        """By uid, when it is due next: each stands in `_due` about once, however often it changes."""

    def put(self, row: PodRow) -> None:
        """Take in a pod that has just come."""
        now = self._clock.now()
        if row.uid != row.name:
            self.drop(row.name)
        self._uids[row.name] = row.uid
        self._restarts.take(row, now)
        self._set(row, now)

    def show(self, printed: Iterable[PodRow]) -> None:
        """Take in pods of which only the server's table is known, where the pods themselves are not."""
        for row in printed:
            if row.name not in self._uids:
                self._keep(row)

    def _set(self, row: PodRow, now: datetime) -> None:
        """Keep a pod as it stands now."""
        lately, row = self._restarts.lately(row.uid, now), row.as_at(now)
        if (lately.number, lately.at_least) != (row.restarts_lately, row.lately_at_least):
            row = msgspec.structs.replace(row, restarts_lately=lately.number, lately_at_least=lately.at_least)
        for at in (row.later.at if row.later else None, lately.until):
            if at is not None and at < self._next.get(row.uid, _NEVER):
                self._next[row.uid] = at
                heappush(self._due, (at, row.uid))
        self._keep(row)

    def _keep(self, row: PodRow) -> None:
        if (was := self.rows.get(row.uid)) is not None:
            self.tally.count(was, -1)
        self.tally.count(row, 1)
        super().put(row)

    def drop(self, uid: str) -> None:
        """Forget a pod."""
        if (was := self.rows.get(uid)) is not None:
            self.tally.count(was, -1)
            self._restarts.forget(uid)
            self._next.pop(uid, None)
            if self._uids.get(was.name) == uid:
                del self._uids[was.name]
            super().drop(uid)

    def step(self) -> bool:
        """Look again at what has lasted long enough and at restarts of ten minutes ago; whether any pod changed."""
        now, before = self._clock.now(), self.version
        while self._due and self._due[0][0] <= now:
            at, uid = heappop(self._due)
            row = self.rows.get(uid)
            if row is not None and self._next.get(uid) == at:
                del self._next[uid]
                self._set(row, now)
        if len(self._due) > 2 * len(self._next) + 1000:  # pods that are long gone
            self._due = sorted((at, uid) for uid, at in self._next.items())
        return self.version != before
