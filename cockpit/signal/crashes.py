"""Pods that crash or do not serve, folded into what a timeline says: once per revision and reason, and once when all
is well again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from cockpit.kube.rows import PodRow
from cockpit.signal.changes import Change, PodCrashing, PodsRecovered
from cockpit.signal.unready import MOST_NAMES, Unready

STEADY = 30.0
"""Seconds that a container must have run since its last failure before its pod counts as recovered: a pod without a
readiness probe is ready for a moment in every turn of its crash loop."""
GATHER = 2.0
"""Seconds from the first crash to its telling: pods of a release crash together, and one line can say how many."""


class Crashes:
    """Remembers what has been told."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()
        self._began: dict[tuple[str, str], datetime] = {}
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
        reasons = {(revision, _reason(crashing)): crashing for revision, crashing in groups.items()}
        self._began = {news: self._began.get(news, now) for news in reasons if news not in self._told}
        changes: list[Change] = []
        for (revision, reason), at in list(self._began.items()):
            if (now - at).total_seconds() >= GATHER:
                self._told.add((revision, reason))
                crashing = reasons[revision, reason]
                changes.append(_crashing(crashing, reason, rows, revisions.get(revision, 0), at))
        changes += self._unready.step(rows, revisions, now)
        if (self._told or self._unready.told) and not groups and well(rows, wanted, now):
            self._told.clear()
            self._unready.well()
            ready = sum(row.ready_bool for row in rows)
            changes.append(PodsRecovered(ready, wanted if wanted is not None else ready, now))
        return changes


def _reason(crashing: list[PodRow]) -> str:
    """Why most of a revision's pods crash; running out of memory explains the others."""
    counts = Counter(row.crash_reason for row in crashing)
    return "OOMKilled" if "OOMKilled" in counts else counts.most_common(1)[0][0]


def _crashing(crashing: list[PodRow], reason: str, rows: list[PodRow], revision: int, at: datetime) -> PodCrashing:
    shown = sorted(crashing, key=lambda row: row.name)
    codes = [row.exit_code for row in shown if row.crash_reason == reason]
    return PodCrashing(
        pods=tuple(row.name for row in shown[:MOST_NAMES]),
        count=len(shown),
        total=sum(not row.deleting for row in rows),
        reason=reason,
        exit_code=codes[0] if codes else None,
        revision_hash=shown[0].revision_hash,
        revision=revision,
        release=shown[0].image,
        restarts=max(row.restarts for row in shown),
        at=at,
    )


def well(rows: list[PodRow], wanted: int | None, now: datetime) -> bool:
    """Whether all that are wanted are ready, and none has just come back from a failure."""
    staying = [row for row in rows if not row.deleting]
    ready = sum(row.ready_bool for row in staying)
    if not ready or ready < (len(staying) if wanted is None else wanted):
        return False
    return all(_steady(row, now) for row in staying)


def _steady(row: PodRow, now: datetime) -> bool:
    if not row.restarts or row.last_restart is None or row.started is None:
        return True
    return (now - row.started).total_seconds() >= STEADY
