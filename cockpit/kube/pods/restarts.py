"""How often pods restarted lately: Kubernetes keeps a count and the last end, so the times are noted while watching."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from cockpit.kube.pods.row import PodRow, Restarted

LATELY = timedelta(minutes=10)
_MOST = 100
"""Restarts of one container that are kept; the kubelet's back-off allows fewer in ten minutes."""


class Lately(NamedTuple):
    """Restarts within `LATELY`; whether there may have been more; and when that will have changed by itself."""

    number: int
    at_least: bool
    until: datetime | None


class _Container:
    """One container: when it restarted, and for which time that is not all."""

    def __init__(self) -> None:
        self.count = 0
        self.times: list[datetime] = []
        self.unsure: tuple[datetime, datetime] | None = None
        """Between these two instants, restarts of unknown time may lie within the last ten minutes."""

    def rise(self, to: Restarted, earliest: datetime | None, now: datetime) -> None:
        """The count rose. Of several at once, only the last one's time is known; none is before `earliest`."""
        more, self.count = to.count - self.count, to.count
        if more <= 0:  # a status that was lost began anew
            return
        last = [to.last] if to.last and to.last < now + LATELY else []
        others = more - len(last)
        self.times = sorted([*self.times, *last, *([earliest] * min(others, _MOST) if earliest else ())])[-_MOST:]
        if others:
            latest = last[0] if last else now
            begin = earliest + LATELY if earliest else latest
            self.unsure = (min(begin, self.unsure[0]) if self.unsure else begin, latest + LATELY)

    def lately(self, now: datetime) -> Lately:
        """What is known of the last ten minutes before `now`."""
        self.times = [at for at in self.times if at > now - LATELY]
        turns = [at + LATELY for at in self.times[:1]]
        if self.unsure and self.unsure[1] <= now:
            self.unsure = None
        turns += [at for at in self.unsure or () if at > now]
        return Lately(len(self.times), self.unsure is not None and self.unsure[0] <= now, min(turns, default=None))


class Restarts:
    """The restarts of every pod that is watched."""

    def __init__(self) -> None:
        self._pods: dict[str, dict[str, _Container]] = {}
        self._seen: dict[str, datetime] = {}

    def take(self, row: PodRow, now: datetime) -> None:
        """Note what `row`, which has just come, tells.

        At the first sight of a pod that is younger than ten minutes all its restarts lie within them; of an older one
        only the last one's time is known.
        """
        earliest = self._seen.get(row.uid, row.created)
        self._seen[row.uid] = now
        if row.restarted:
            known = self._pods.setdefault(row.uid, {})
            for each in row.restarted:
                known.setdefault(each.container, _Container()).rise(each, earliest, now)

    def lately(self, uid: str, now: datetime) -> Lately:
        """What is known of a pod as of `now`."""
        found = [each.lately(now) for each in self._pods[uid].values()] if uid in self._pods else ()
        turns = [each.until for each in found if each.until]
        return Lately(
            sum(each.number for each in found), any(each.at_least for each in found), min(turns, default=None)
        )  # fmt: skip

    def forget(self, uid: str) -> None:
        """The pod is gone."""
        self._pods.pop(uid, None)
        self._seen.pop(uid, None)
