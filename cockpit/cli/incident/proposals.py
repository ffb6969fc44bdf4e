"""`cockpit incident proposals`: what fires, or was seen, while nobody has declared anything, and declaring from it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from cockpit.cli.context import options, run, say
from cockpit.clock import SystemClock
from cockpit.incident.times import echo
from cockpit.text import clean

if TYPE_CHECKING:
    from cockpit.incident.alerting import Standing
    from cockpit.room.facts.proposals import Proposed, Seen
    from cockpit.room.house import House
    from cockpit.room.views.signals import Proposal

NOTHING = "no alert proposes an incident, and no cockpit saw anything amiss"


@click.command(
    help="What proposes an incident while none is declared: alerts that fire, and what the cockpits saw by themselves. "
    "`start --from` declares one."
)
def proposals() -> None:
    """Print them."""
    run(_show)


async def _show() -> None:
    from cockpit.room.facts.proposals import proposals as waiting
    from cockpit.room.facts.proposals import seen_first
    from cockpit.room.facts.severities import severity_by
    from cockpit.room.house import reading
    from cockpit.room.plans import read_policies

    clock = SystemClock()
    async with reading(options(), clock) as (store, config):
        now, given = clock.now(), options().service
        policies = await asyncio.to_thread(read_policies, config)
        found = [
            (each, severity_by(each.best, policies.get(each.policy), config.alerts.words))
            for each in _of(await waiting(store, now), given)
        ]  # fmt: skip
        seen = [each for each in await seen_first(store, now) if given in ("", each.service) or not each.service]
    lines = [line for each, severity in found for line in _lines(each, severity, now)]
    lines += [line for each in seen for line in _seen_lines(each, now)]
    say("\n".join(lines) or NOTHING, lambda: [*(_data(*each) for each in found), *map(_seen_data, seen)])


def _lines(found: Proposed, severity: Proposal | None, now: datetime) -> list[str]:
    head = f"{found.service or '(no service)'}  {found.words(now)}"
    head += f"; {severity.level} is proposed: {severity.evidence}" if severity else ""
    return [head, *(f"  {each.fingerprint:<18} {each.severity or '-':<10} {_said(each)}" for each in found.alerts)]


def _seen_lines(seen: Seen, now: datetime) -> list[str]:
    head = f"{seen.service or '(no service)'}  {seen.words(now)}; `incident start NAME --from signals` declares it"
    others = seen.found[1:]
    return [head, *(f"  {echo(each.at)}  {clean(each.what)}" for each in others)]


def _said(alert: Standing) -> str:
    return f"{alert.name}: {alert.summary}" if alert.summary else alert.name


def _data(found: Proposed, severity: Proposal | None) -> Mapping[str, Any]:
    alerts = [
        {"fingerprint": each.fingerprint, "name": each.name, "severity": each.severity, "since": echo(each.fact.at),
         "recorded": echo(each.recorded), "summary": each.summary, "origin": each.origin, "link": each.link}
        for each in found.alerts
    ]  # fmt: skip
    proposed = {"level": severity.level, "evidence": severity.evidence} if severity else None
    return {"record": found.incident, "service": found.service, "severity": proposed, "alerts": alerts, "seen": []}


def _seen_data(seen: Seen) -> Mapping[str, Any]:
    found = [
        {"entry": each.entry, "at": echo(each.at), "began": echo(each.began), "what": each.what} for each in seen.found
    ]
    return {"record": seen.incident, "service": seen.service, "severity": None, "alerts": [], "seen": found}


def _of(found: Sequence[Proposed], service: str) -> list[Proposed]:
    """Those about a service, and about none: whoever declares from such a one says whose it is."""
    return [each for each in found if service in ("", each.service) or not each.service]


async def record_of(alert: str) -> str:
    """The id of the record that has the alert which is meant, whichever service's; empty where none proposes by it.

    Raises:
        HouseError: the configuration is broken.
        JournalError: the record cannot be read.
    """
    from cockpit.room.facts.proposals import proposals as waiting
    from cockpit.room.house import reading
    from cockpit.room.requests.from_alert import LAST

    clock, given = SystemClock(), options().service
    async with reading(options(), clock) as (store, _):
        found = _of(await waiting(store, clock.now()), given)
    if alert == LAST:
        found = [each for each in found if each.service] or found
        latest = max(found, key=lambda each: max(one.recorded for one in each.alerts), default=None)
        return latest.incident if latest else ""
    named = (
        each.incident for each in found for one in each.alerts if alert in (one.fingerprint[: len(alert)], one.name)
    )
    return next(named, "")


async def take_in(opened: House, alert: str) -> None:
    """Record what the service's Alertmanager says now, where the record does not know the alert that is meant yet."""
    from cockpit.room.facts.detecting import detections, file
    from cockpit.room.live.alerting import look
    from cockpit.room.requests.from_alert import LAST
    from cockpit.signal.notice import notice_of

    if alert != LAST and any(each.startswith(alert) for each in opened.room.state.alerts):
        return
    clock = opened.room.clock
    found = await look(opened, clock)
    if found is not None and found.source.trusted and not opened.store.read_only:
        firing = [notice_of(each) for each in found.rows if each.state == "active"]
        await file(opened.room, detections(firing, found.name, clock.now()))
