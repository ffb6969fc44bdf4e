"""One Alertmanager as a source: which alerts of the service fire, and how fresh that is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NoReturn

from cockpit.clock import Clock
from cockpit.runbook.matchers import equals
from cockpit.signal.alertmanager.api import AlertmanagerApi, AlertmanagerError
from cockpit.signal.alertmanager.firing import Alert, AlertState
from cockpit.signal.alertmanager.gettable import GettableAlert
from cockpit.signal.freshness import Freshness
from cockpit.signal.plan import AlertsPlan
from cockpit.signal.readings import STALE_AFTER
from cockpit.signal.source import Part
from cockpit.text import clean, safe

_FEW = 20
"""Alerts that are cleaned on the event loop: some 5 ms."""
_LABEL, _WORDS = 2000, 500
"""Characters of a label, which silences must fit, and of what is only shown."""
_READ = 4
"""Times as many are looked at of what is only shown, for some may be taken out: an answer may have 16 MB."""
_MOST_LABELS = 64
_KNOWN_BY = ("alertname", "severity", "service")
"""Labels that are looked at however many there are."""
_SMALL = 20_000
"""Characters of theirs that are cleaned on the event loop."""


class AlertsSource:
    """Asks for the service's alerts until cancelled.

    Args:
        changed: called on the event loop after each look. It must be quick.
    """

    def __init__(self, plan: AlertsPlan, clock: Clock, changed: Callable[[], None]) -> None:
        self.plan = plan
        self.gap = plan.interval * STALE_AFTER
        """Seconds after which what was seen no longer counts."""
        self.parts: Mapping[str, Part] = {
            "alerts": Part("alertmanager", f"Alertmanager {plan.name}", max(self.gap, 1.0))
        }
        self._fresh = Freshness("loading", clock.now())
        self.alerts: tuple[Alert, ...] = ()
        """What fired at `freshness("alerts").as_of`, in order."""
        self._clock = clock
        self._changed = changed

    def freshness(self, _part: str = "alerts") -> Freshness:
        """How current the alerts are."""
        return self._fresh

    async def run(self) -> NoReturn:
        """Ask, wait, ask again until cancelled; nothing that the source does ends it."""
        api = AlertmanagerApi(self.plan.name, self.plan.url, self.plan.token)
        try:
            while True:
                began = self._clock.monotonic()
                await self.look(api)
                spent = self._clock.monotonic() - began
                await self._clock.sleep(max(0.05, self.plan.interval - spent))
        finally:
            await api.close()

    async def look(self, api: AlertmanagerApi) -> None:
        """Ask once, and take in what came."""
        began = self._clock.monotonic()
        try:
            told = await api.alerts(list(map(str, equals(self.plan.match))))
        except AlertmanagerError as error:
            self._failed(error)
        else:
            now, took = self._clock.now(), self._clock.monotonic() - began
            self.alerts = _in_order(told) if _are_few(told) else await asyncio.to_thread(_in_order, told)
            self._fresh = self._fresh.became("live", now, now, took=took)
        self._changed()

    def _failed(self, error: AlertmanagerError) -> None:
        """What was seen stays for a while; then whether anything fires is unknown."""
        was, now = self._fresh, self._clock.now()
        age = was.age(now)
        refused = error.state in ("unauthorized", "forbidden")
        state = error.state if refused or age is None else ("stale" if age > self.gap else was.state)
        self._fresh = was.became(state, now, was.as_of, error.message, error.mend)


def _are_few(told: list[GettableAlert]) -> bool:
    """Whether they are cleaned before anybody notices."""
    texts = (text for each in told for text in (*each.labels.values(), *each.annotations.values(), each.generatorURL))
    return len(told) <= _FEW and sum(map(len, texts)) <= _SMALL


def _in_order(told: list[GettableAlert]) -> tuple[Alert, ...]:
    return tuple(sorted(map(alert_of, told), key=lambda each: each.order))


def alert_of(told: GettableAlert) -> Alert:
    """An alert, cleaned of what a rule or a label could do to a terminal."""
    first = sorted(told.labels.items(), key=lambda each: (each[0] not in _KNOWN_BY, each[0]))[:_MOST_LABELS]
    labels = {clean(name[:_LABEL]): safe(value[:_LABEL]) for name, value in sorted(first)}
    notes = told.annotations
    state: AlertState = "active"
    if told.status.silencedBy:
        state = "silenced"
    elif told.status.inhibitedBy:
        state = "inhibited"
    elif told.status.mutedBy:
        state = "muted"
    elif told.status.state == "unprocessed":
        state = "unprocessed"
    return Alert(
        id=clean(told.fingerprint[:_WORDS]),
        name=labels.get("alertname", "") or "(no alertname)",
        state=state,
        since=_utc(told.startsAt),
        summary=_shown(notes.get("summary") or notes.get("description") or notes.get("message") or ""),
        severity=labels.get("severity", ""),
        labels=labels,
        silenced_by=tuple(map(clean, told.status.silencedBy)),
        link=_shown(told.generatorURL),
    )


def _shown(text: str) -> str:
    return safe(text[: _WORDS * _READ])[:_WORDS]


def _utc(at: datetime) -> datetime:
    """The instant in UTC; at the ends of the calendar, where no alert began, as near as there is one."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return at.replace(tzinfo=UTC)
