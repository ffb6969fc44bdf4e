"""Pods that run and do not serve, or cannot be placed at all, folded into what a timeline says: once per revision and
reason, however many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from cockpit.kube.podfault import LOST, NOT_READY, WAITING
from cockpit.kube.rows import PodRow
from cockpit.signal.changes import PodsUnready

LASTING: Mapping[int, float] = {WAITING: 30.0, LOST: 30.0, NOT_READY: 300.0}
"""Seconds for which a pod must have been so, by its gravity: a scheduler waits a while for a new node as a matter of
course, and readiness comes and goes in every rollout."""
MOST_NAMES = 10
"""Pods whose names are told."""


class Unready:
    """Remembers since when which pods are unready, and what has been told."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[str, datetime]] = {}
        self._told: set[tuple[str, str]] = set()

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
        groups: dict[tuple[str, str], list[PodRow]] = defaultdict(list)
        for row in rows:
            if row.gravity not in LASTING:
                continue
            known = self._since.get(row.uid)
            since[row.uid] = known if known and known[0] == row.reason else (row.reason, now)
            if (now - since[row.uid][1]).total_seconds() >= LASTING[row.gravity]:
                groups[row.revision_hash, row.reason].append(row)
        self._since = since
        news = [key for key in groups if key not in self._told]
        self._told.update(news)
        total = sum(not row.deleting for row in rows)
        return [self._change(groups[key], key, total, revisions.get(key[0], 0)) for key in news]

    def _change(self, unready: list[PodRow], key: tuple[str, str], total: int, revision: int) -> PodsUnready:
        revision_hash, reason = key
        shown = sorted(unready, key=lambda row: row.name)
        began = min(self._since[row.uid][1] for row in unready)
        names = tuple(row.name for row in shown[:MOST_NAMES])
        return PodsUnready(
            names, len(shown), total, reason, shown[0].why, revision_hash, revision, shown[0].image, began
        )  # fmt: skip
