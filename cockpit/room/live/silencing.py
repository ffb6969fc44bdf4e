"""Silences as the room has them: the service's Alertmanager for the actions, and what people type to ask for one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from msgspec import Struct

from cockpit.action.ports import Firing, SilencerError, StandingSilence
from cockpit.clock import Clock
from cockpit.config import AlertmanagerConfig, Config
from cockpit.incident.times import TimeError, duration
from cockpit.message.reach import is_loopback
from cockpit.room.refusal import Refusal
from cockpit.runbook.matchers import Matcher, MatcherError, equals, matcher
from cockpit.signal.alertmanager.api import AlertmanagerApi, AlertmanagerError, NewSilence
from cockpit.signal.alertmanager.firing import Alert
from cockpit.signal.alertmanager.source import alert_of
from cockpit.text import clean

USAGE = "write: silence MATCHER… DURATION [WHY], as in silence alertname=HighLatency pod=~pay.* 1h the rollback runs"
_LABELS = ("service", "pod", "instance", "severity")
"""Labels that tell alerts of one name apart, in a title."""


class Wanted(Struct, frozen=True):
    """A silence that somebody asked for: of what, for how many seconds, why."""

    matchers: tuple[Matcher, ...]
    seconds: float
    why: str = ""


def wanted(words: Sequence[str]) -> Wanted:
    """Read `alertname=HighLatency pod=~pay.* 1h the rollback runs`: matchers, a duration, and in words why.

    Raises:
        Refusal: it is not written so.
    """
    matchers: list[Matcher] = []
    for number, word in enumerate(words):
        if matchers and (seconds := _seconds(word)) is not None:
            return Wanted(tuple(matchers), seconds, clean(" ".join(words[number + 1 :])))
        try:
            matchers.append(matcher(word))
        except MatcherError as error:
            raise Refusal(f"{clean(str(error))} · {USAGE}") from None
    raise Refusal(f"a silence needs a duration, as 1h · {USAGE}" if matchers else USAGE)


def _seconds(word: str) -> float | None:
    try:
        return duration(word).total_seconds()
    except TimeError:
        return None


def asked_for(alert: Alert) -> str:
    """The words that ask for a silence of one alert, begun: the duration and the reason are still to be typed."""
    names = ["alertname", *(name for name in sorted(alert.labels) if name not in ("alertname", "prometheus"))]
    return f"silence {' '.join(_word(name, alert.labels[name]) for name in names if alert.labels.get(name))} "


def _word(name: str, value: str) -> str:
    """A matcher as one word of the command line, in quotes where it must be.

    A value that holds the quote itself becomes a pattern with any character in its place; the preview shows what that
    covers.
    """
    if not any(character in value for character in " \"'\\\n") and not value.startswith("~"):
        return f"{name}={value}"
    if "'" not in value:
        return f"'{Matcher(name, '=', value)}'"
    return f"{name}=~{''.join(c if c.isalnum() or c in '_-' else '.' for c in value)}"


@dataclass(frozen=True, slots=True)
class RoomSilencer:
    """The Alertmanager `name` of a service. Each call has a connection of its own: silences are rare.

    Args:
        by: who silences; `label` the incident's.
        match: by which labels the service's alerts are known.
        demo: nothing but this machine may be reached.
    """

    name: str
    config: AlertmanagerConfig
    by: str
    label: str
    clock: Clock
    match: tuple[Matcher, ...] = ()
    demo: bool = False
    url: str = field(default="", init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", self.config.url.rstrip("/"))

    @property
    def near(self) -> bool:
        """Whether it is this machine."""
        return is_loopback(urlsplit(self.url).hostname or "")

    @property
    def forbidden(self) -> str:
        """Why nothing may be silenced in it."""
        if self.demo and not self.near:
            return f"{self.url} is not this machine, and a demo reaches nothing else"
        return ""

    async def covered(self, matchers: Sequence[Matcher]) -> list[Firing]:
        """The alerts that fire now and fit all matchers, the loudest first."""
        return [_firing(each) for each in await self._alerts(matchers)]

    async def silenced_by(self, id: str) -> list[Firing]:
        """The service's alerts that this silence alone keeps quiet."""
        return [_firing(each) for each in await self._alerts(self.match) if each.silenced_by == (id,)]

    async def make(self, matchers: Sequence[Matcher], begins: datetime, ends: datetime, comment: str) -> str:
        """Make a silence and give its id."""
        async with self._asking() as api:
            return clean(await api.silence(NewSilence(matchers, begins, ends, self.by, comment)))

    async def marked(self, mark: str) -> StandingSilence | None:
        """The silence in whose comment `mark` stands; of several the one that ends last."""
        async with self._asking() as api:
            found = [each for each in await api.silences() if mark in each.comment]
        last = max(found, key=lambda each: (each.status.state != "expired", each.endsAt), default=None)
        return StandingSilence(clean(last.id), clean(last.status.state), last.endsAt) if last else None

    async def expire(self, id: str) -> None:
        """End a silence now."""
        async with self._asking() as api:
            await api.expire(id)

    async def _alerts(self, matchers: Sequence[Matcher]) -> list[Alert]:
        async with self._asking() as api:
            told = await api.alerts(list(map(str, matchers)))
        return sorted(map(alert_of, told), key=lambda each: each.order)

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[AlertmanagerApi]:
        """One exchange; raises SilencerError for whatever fails in it."""
        if self.forbidden:
            raise SilencerError(self.forbidden)
        api = AlertmanagerApi(self.name, self.url, self.config.token)
        try:
            yield api
        except AlertmanagerError as error:
            said = "; ".join(filter(None, (error.message, error.mend)))
            raise SilencerError(said, sent=error.sent) from None
        finally:
            await api.close()


def silencer_of(
    config: Config, service: str, *, by: str, label: str, clock: Clock, demo: bool = False
) -> RoomSilencer | None:
    """The service's Alertmanager; None where none is configured."""
    known = config.services.get(service)
    if known is None or known.alertmanager is None:
        return None
    name, match = known.alertmanager.source, equals(known.alertmanager.match)
    return RoomSilencer(name, config.alertmanager[name], by, label, clock, match, demo)


def title(alert: Alert) -> str:
    """One alert in a line: its name, and what tells it from others of that name."""
    told = [f"{name}={alert.labels[name]}" for name in _LABELS if alert.labels.get(name)]
    return " ".join([alert.name, *told])


def _firing(alert: Alert) -> Firing:
    state = "" if alert.state == "active" else f" ({alert.state})"
    return Firing(f"{title(alert)}{state}", alert.severity, alert.state == "active")
