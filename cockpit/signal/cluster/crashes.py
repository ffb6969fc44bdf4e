"""Pods that crash or do not serve, folded into what a timeline says: once per revision and reason, again when they have
become many more, and once when all is well again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from cockpit.kube.pods.fault import STEADY
from cockpit.kube.pods.row import PodRow
from cockpit.signal.changes import Change, PodCrashing, PodsRecovered
from cockpit.signal.cluster.extent import Extent, Key, Tellings
from cockpit.signal.cluster.unready import MOST_NAMES, Unready, is_unready

LATE = 30.0
"""Seconds before its first sight from which on a crash loop is said to have begun earlier: a watch that runs sees one
after the first restart."""
GATHER = 2.0
"""Seconds from the first crash to its telling: pods of a release crash together, and one line can say how many."""


class Crashes:
    """Remembers what has been told."""

    def __init__(self) -> None:
        self._told = Tellings()
        self._began: dict[Key, datetime] = {}
        self._unready = Unready()

    def step(
        self, pods: Iterable[PodRow], wanted: int | None, revisions: Mapping[str, int], now: datetime
    ) -> list[Change]:
        """What is new in `pods`.

        Args:
            wanted: how many there should be; None when no deployment says so.
            revisions: the revision's number by `pod-template-hash`.
        """
        rows = list(pods)
        groups: dict[str, list[PodRow]] = defaultdict(list)
        for row in rows:
            if row.crashing:
                groups[row.revision_hash].append(row)
        changes: list[Change] = [*self._crashing(groups, rows, revisions, now)]
        changes += self._unready.step(rows, revisions, now)
        if (self._told or self._unready.told) and not groups and well(rows, wanted, now):
            self._told.clear()
            self._unready.well()
            ready = sum(row.ready_bool for row in rows)
            changes.append(PodsRecovered(ready, wanted if wanted is not None else ready, now))
        return changes

    def _crashing(
        self, groups: Mapping[str, list[PodRow]], rows: list[PodRow], revisions: Mapping[str, int], now: datetime
    ) -> list[PodCrashing]:
        """What is new of those that crash: by the time at which they began, or at which they are many more."""
        total = sum(row.stays for row in rows)
        reasons = {(revision, _reason(crashing)): crashing for revision, crashing in groups.items()}
        self._began = {news: self._began.get(news, now) for news in reasons if news not in self._told}
        extents = {key: Extent(len(crashing), total) for key, crashing in reasons.items()}
        news = {key: at for key, at in self._began.items() if (now - at).total_seconds() >= GATHER}
        news |= dict.fromkeys(self._told.worse(extents.items(), now), now)
        for key in news:
            self._told.tell(key, extents[key])
        return [
            _told(reasons[key], key[1], extents[key], revisions.get(key[0], 0), at, now, first=key in self._began)
            for key, at in news.items()
        ]


def _reason(crashing: list[PodRow]) -> str:
    """Why most of a revision's pods crash; running out of memory explains the others."""
    counts = Counter(row.crash_reason for row in crashing)
    return "OOMKilled" if "OOMKilled" in counts else counts.most_common(1)[0][0]


def _told(
    crashing: list[PodRow], reason: str, extent: Extent, revision: int, at: datetime, now: datetime, *, first: bool
) -> PodCrashing:
    """What is told; the `first` time with when it had begun at the latest, where that is well before it was seen."""
    before = min((row.since for row in crashing if row.since), default=at) if first else at
    late = (at - before).total_seconds() >= LATE
    shown = sorted(crashing, key=lambda row: row.name)
    codes = [row.exit_code for row in shown if row.crash_reason == reason]
    return PodCrashing(
        pods=tuple(row.name for row in shown[:MOST_NAMES]),
        count=extent.count,
        total=extent.total,
        reason=reason,
        exit_code=codes[0] if codes else None,
        revision_hash=shown[0].revision_hash,
        revision=revision,
        release=shown[0].image,
        restarts=max(row.restarts for row in shown),
        at=before if late else at,
        seen=now,
        at_least=late,
    )


def well(rows: list[PodRow], wanted: int | None, now: datetime) -> bool:
    """Whether all that are wanted are ready, no other should be, and none has just come back from a failure."""
    staying = [row for row in rows if row.stays]
    if any(map(is_unready, staying)):
        return False
    ready = sum(row.ready_bool for row in staying)
    if not ready or ready < (len(staying) if wanted is None else wanted):
        return False
    return all(_steady(row, now) for row in staying)


def _steady(row: PodRow, now: datetime) -> bool:
    if not row.restarts or row.last_restart is None or row.started is None:
        return True
    return now - row.started >= STEADY
