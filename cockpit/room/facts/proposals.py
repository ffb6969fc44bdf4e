"""Incidents that are proposed: an alert fires, or the cockpits saw something amiss, and nobody has declared anything.

A person declares, never this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.incident.alerting import WORTH, Standing
from cockpit.incident.entry import Entry
from cockpit.incident.kinds import Detected, EndpointChanged, Pods, ThresholdCrossed
from cockpit.incident.noticed import Noticed, noticed
from cockpit.incident.state import State
from cockpit.incident.timeline import Timeline
from cockpit.incident.times import echo, time_of_day
from cockpit.record.store import Store
from cockpit.record.undeclared import undeclared
from cockpit.room.views.signals import Alert
from cockpit.text import clean
from cockpit.values import replace

AGAIN = timedelta(seconds=30)
"""After so long what was proposed may have become old though nothing was written."""
_TOLD_BY_COCKPITS = (ThresholdCrossed.kind, EndpointChanged.kind, Pods.kind)
_GRAVE = {"critical": 0, "page": 0, "emergency": 0, "error": 1, "high": 1, "warning": 2, "warn": 2}


class Proposed(Struct, frozen=True):
    """One record that waits for somebody to declare.

    Attributes:
        incident: the record's id; `service` what it is about, `policy` the name of its policy.
        alerts: those that speak for an incident, the gravest first, of them the oldest.
    """

    incident: str
    service: str
    alerts: tuple[Standing, ...]
    policy: str = ""

    @property
    def best(self) -> Standing:
        """The alert that it is proposed by."""
        return self.alerts[0]

    def short(self, now: datetime) -> str:
        """The same where there is less room: `PaymentErrorRateHigh +2 since 02:00Z`."""
        began = self.best.fact.at
        more = f" +{len(self.alerts) - 1}" if len(self.alerts) > 1 else ""
        at = f"{time_of_day(began)[:5]}Z" if began.date() == now.date() else echo(began)
        return f"{self.best.name}{more} since {at}"

    def words(self, now: datetime) -> str:
        """`PaymentErrorRateHigh fires since 02:00:07Z and 2 more`, with the day where it was another one than `now`."""
        began = self.best.fact.at
        more = f" and {len(self.alerts) - 1} more" if len(self.alerts) > 1 else ""
        return f"{self.best.name} fires since {_at(began, now)}{more}"


class Seen(Struct, frozen=True):
    """One record in which the cockpits saw something amiss before any alert told of it.

    Attributes:
        incident: the record's id; `service` what it is about.
        found: what is amiss by its last word, what was seen first first.
    """

    incident: str
    service: str
    found: tuple[Noticed, ...]

    def words(self, now: datetime) -> str:
        """`a cockpit saw it first at 02:00:07Z: Error rate 12.4 % over 5 % and 2 more`, with the day of another day."""
        first, more = self.found[0], f" and {len(self.found) - 1} more" if len(self.found) > 1 else ""
        return f"a cockpit saw it first at {_at(first.at, now)}: {clean(first.what)}{more}"


def proposed(state: State, now: datetime, silent: frozenset[str] = frozenset()) -> Proposed | None:
    """What the alerts of a record propose; None where an incident is declared, or nothing speaks for one. What fires
    during a drill may be real.

    Args:
        silent: fingerprints of alerts that are known to be silenced or inhibited by now.
    """
    if state.declared is not None and (not state.drill or state.over):
        return None
    loud = [each for each in state.alerts.values() if each.is_loud(now) and each.fingerprint not in silent]
    loud.sort(key=_gravity)
    return Proposed(state.incident, state.service, tuple(loud), state.policy) if loud else None


async def proposals(store: Store, now: datetime) -> list[Proposed]:
    """What the alerts of all records propose, the gravest first. Raises JournalError."""
    known = [each for state in await _undeclared(store, now, (Detected.kind,)) if (each := proposed(state, now))]
    return sorted(known, key=lambda each: _gravity(each.best))


async def seen_first(store: Store, now: datetime) -> list[Seen]:
    """What the cockpits saw by themselves in all records, what was seen first first. Raises JournalError."""
    states = await _undeclared(store, now, _TOLD_BY_COCKPITS)
    known = [Seen(state.incident, state.service, tuple(noticed(state))) for state in states]
    return sorted((each for each in known if each.found), key=lambda each: each.found[0].at)


async def _undeclared(store: Store, now: datetime, kinds: Sequence[str]) -> list[State]:
    found = await store.call(partial(undeclared, since=now - WORTH, kinds=kinds))
    return [await asyncio.to_thread(_state, await store.read(incident)) for incident in found]


def _at(moment: datetime, now: datetime) -> str:
    return f"{time_of_day(moment)}Z" if moment.date() == now.date() else echo(moment)


def _gravity(alert: Standing) -> tuple[int, datetime, str]:
    """The gravest first, of them the oldest."""
    return _GRAVE.get(alert.severity.lower(), 3), alert.fact.at, alert.fingerprint


def again(state: State, now: datetime) -> Standing | None:
    """The gravest alert that fires since an incident was resolved, which may not be over; None where none does."""
    if state.resolved is None or state.closed is not None:
        return None
    since = [each for each in state.alerts.values() if each.is_loud(now) and each.fact.at > state.resolved.at]
    return min(since, key=_gravity, default=None)


class Waiting:
    """What alerts propose in a journal, looked up again only when something was written, or has become old.

    Args:
        store: the journal.
        clock: what time it is.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._looked: tuple[int, datetime] | None = None
        self.found: tuple[Proposed, ...] = ()
        """All, the gravest first, as they were at the last look."""

    async def look(self) -> bool:
        """Look again, if there may be news; gives whether there are. Raises JournalError."""
        now, position = self._clock.now(), await self._store.position()
        if self._looked is not None and self._looked[0] == position and now - self._looked[1] < AGAIN:
            return False
        before, self.found = self.found, tuple(await proposals(self._store, now))
        self._looked = position, now
        return self.found != before

    def of(self, service: str, but: str = "", silent: frozenset[str] = frozenset()) -> Proposed | None:
        """The gravest about a service; about any where none is configured.

        Args:
            but: a record that is looked at itself.
            silent: fingerprints of alerts that are known to be silenced or inhibited by now.
        """
        for each in self.found:
            if each.incident != but and service in ("", each.service):
                loud = tuple(alert for alert in each.alerts if alert.fingerprint not in silent)
                if loud:
                    return replace(each, alerts=loud)
        return None

    def nobodys(self, but: str) -> Proposed | None:
        """The gravest about no service at all, in another record than `but`."""
        return next((each for each in self.found if not each.service and each.incident != but), None)


def _state(entries: Sequence[Entry]) -> State:
    return Timeline(entries).state


def silent(alerts: Sequence[Alert]) -> frozenset[str]:
    """The fingerprints of those that tell nobody."""
    return frozenset(each.id for each in alerts if each.state in ("silenced", "inhibited", "muted"))
