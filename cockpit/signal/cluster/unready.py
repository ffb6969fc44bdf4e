"""Pods that run and do not serve, or cannot be placed at all, folded into what a timeline says: once per revision and
reason, and again when they have become many more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from cockpit.kube.pods.fault import LOST, NOT_READY, WAITING
from cockpit.kube.pods.row import PodRow
from cockpit.signal.changes import PodsUnready
from cockpit.signal.cluster.extent import Extent, Key, Tellings

LASTING: Mapping[int, float] = {WAITING: 30.0, LOST: 30.0, NOT_READY: 300.0}
"""Seconds for which a pod must have been so, by its gravity: a scheduler waits a while for a new node as a matter of
course, and readiness comes and goes in every rollout."""
MOST_NAMES = 10
"""Pods whose names are told."""


def is_unready(row: PodRow) -> bool:
    """Whether it should serve and does not; one that is being deleted need not."""
    return row.gravity in LASTING and not row.deleting


class Unready:
    """Remembers since when which pods are unready, where Kubernetes does not say it, and what has been told."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[str, datetime]] = {}
        self._told = Tellings()

    @property
    def told(self) -> bool:
        """Whether pods were said to be unready, and not yet that they are well."""
        return bool(self._told)

    def well(self) -> None:
        """All is well again: what comes is news."""
        self._told.clear()

    def step(self, rows: Sequence[PodRow], revisions: Mapping[str, int], now: datetime) -> list[PodsUnready]:
        """What is new in the pods; `revisions` gives the revision's number by `pod-template-hash`."""
        since: dict[str, tuple[str, datetime]] = {}
        groups: dict[Key, list[PodRow]] = defaultdict(list)
        for row in rows:
            if not is_unready(row):
                continue
            began = since[row.uid] = self._began(row, now)
            if (now - began[1]).total_seconds() >= LASTING[row.gravity]:
                groups[row.revision_hash, row.reason].append(row)
        self._since = since
        total = sum(row.stays for row in rows)
        extents = {key: Extent(len(found), total) for key, found in groups.items()}
        news = {key: min(since[row.uid][1] for row in groups[key]) for key in groups if key not in self._told}
        news |= dict.fromkeys(self._told.worse(extents.items(), now), now)
        for key in news:
            self._told.tell(key, extents[key])
        return [_change(groups[key], total, revisions.get(key[0], 0), at, now) for key, at in news.items()]

    def _began(self, row: PodRow, now: datetime) -> tuple[str, datetime]:
        """Its reason, and since when it is so: by Kubernetes' word, which may be of a clock that is ahead, else since
        it was seen so."""
        if row.since is not None:
            return row.reason, min(row.since, now)
        known = self._since.get(row.uid)
        return known if known and known[0] == row.reason else (row.reason, now)


def _change(unready: list[PodRow], total: int, revision: int, at: datetime, now: datetime) -> PodsUnready:
    shown = sorted(unready, key=lambda row: row.name)
    first, names = shown[0], tuple(row.name for row in shown[:MOST_NAMES])
    return PodsUnready(
        names, len(shown), total, first.reason, first.why, first.revision_hash, revision, first.image, at, now
    )  # fmt: skip
