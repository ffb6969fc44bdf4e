"""`cockpit message meter`: what each audience really heard last, what it was promised, and what is overdue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import click

from cockpit.cli.context import house, run, say
from cockpit.incident.times import echo, span, time_of_day
from cockpit.room.messages.meter import Gauge, Meter
from cockpit.room.messages.meter import meter as read_meter


@click.command(name="meter", help="What each audience really heard last, what it was promised, and what is overdue.")
def meter() -> None:
    """Print it."""
    run(_meter)


async def _meter() -> None:
    async with house(read_only=True) as opened:
        room = opened.room
        found, now = read_meter(room, opened.messages.audiences()), room.clock.now()
        lines = list(_lines(found, now))
        say("\n".join(lines) or "no incident is declared: nobody is to be told", lambda: _data(found, now))


def _lines(found: Meter, now: datetime) -> Iterator[str]:
    if found.silence is not None:
        yield f"SILENT: {found.silence.words(now)}"
    for gauge in found.gauges:
        told = f"told {span((now - gauge.told).total_seconds())} ago" if gauge.told else "told nothing"
        tail = [
            f"told only by {gauge.fallen_to}" * bool(gauge.fallen_to),
            f"{gauge.waiting} waiting" if gauge.waiting else "",
            f"{gauge.undelivered} not delivered" * bool(gauge.undelivered),
        ]
        yield " · ".join(part for part in (f"{gauge.audience:<16} {told:<18} {_due(gauge, now)}", *tail) if part)


def _due(gauge: Gauge, now: datetime) -> str:
    """`due soon, by 02:15:00Z (in 1:12)`."""
    if gauge.due is None:
        return "nothing is due"
    standing, left = gauge.due.standing(now), span(gauge.due.left(now).total_seconds())
    if gauge.due.done is not None:
        return standing
    if gauge.due.snoozed(now):
        return f"snoozed until {time_of_day(gauge.due.due)}Z: {gauge.due.why}"
    return f"{standing}, by {time_of_day(gauge.due.due)}Z ({'for' if standing == 'overdue' else 'in'} {left})"


def _data(found: Meter, now: datetime) -> Mapping[str, Any]:
    """For programs; instants are UTC, null where there is none."""
    silence = found.silence
    return {
        "silence": None if silence is None else {"since": echo(silence.since), "why": silence.why},
        "audiences": [
            {
                "audience": gauge.audience, "told": _at(gauge.told), "title": gauge.title,
                "promised": _at(gauge.promised), "due": _at(gauge.due.due if gauge.due else None),
                "standing": gauge.standing(now), "waiting": gauge.waiting, "undelivered": gauge.undelivered,
                "fallen_to": gauge.fallen_to,
            }
            for gauge in found.gauges
        ],
    }  # fmt: skip


def _at(at: datetime | None) -> str | None:
    return echo(at) if at is not None else None
