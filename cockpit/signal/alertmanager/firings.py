"""The fold over the alerts that an Alertmanager lists: told whenever another set of them fires."""

from __future__ import annotations

from datetime import datetime

from cockpit.signal.alertmanager.firing import Alert
from cockpit.signal.changes import AlertsChanged
from cockpit.signal.notice import notice_of


class Firings:
    """Remembers what fired. The first list is told in any case: the record may speak of alerts that are gone.

    Args:
        source: the Alertmanager's name.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._last: tuple[Alert, ...] | None = None
        self._fired: frozenset[tuple[str, datetime]] | None = None
        self._listed: frozenset[str] = frozenset()
        self._seen: set[str] = set()

    def step(self, alerts: tuple[Alert, ...], now: datetime) -> list[AlertsChanged]:
        """Take a list in; the same tuple again says nothing new. What is silenced or inhibited fires for nobody, and
        is not over either."""
        if alerts is self._last:
            return []
        self._last = alerts
        loud = [each for each in alerts if each.state == "active"]
        fired, listed = frozenset((each.id, each.since) for each in loud), frozenset(each.id for each in alerts)
        same = fired == self._fired and not (self._listed - listed)
        again = frozenset(each.id for each in loud) - self._listed if self._fired is not None else frozenset()
        self._fired, self._listed = fired, listed
        if same:
            return []
        seen = frozenset(self._seen)
        self._seen = (self._seen | {each.id for each in loud}) & listed
        return [AlertsChanged(self._source, tuple(map(notice_of, loud)), listed, seen, now, again)]
