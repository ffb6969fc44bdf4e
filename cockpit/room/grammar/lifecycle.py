"""The commands about the incident's life."""

from __future__ import annotations

from datetime import datetime

import click

from cockpit.incident.terms import DETECTION_SOURCES, SETTABLE
from cockpit.room.grammar.params import WHEN, incident, text_of
from cockpit.room.requests import (
    Acknowledge,
    Close,
    Mitigate,
    Reopen,
    Request,
    Resolve,
    SetSeverity,
    SetStatus,
    Start,
)


@incident.command(help="Declare an incident, as in: incident start payment-failure p1")
@click.argument("name")
@click.argument("severity", default="")
@click.option("--title", default="", help="A sentence that says what is wrong.")
@click.option("--source", type=click.Choice(DETECTION_SOURCES), default=None, help="Who noticed it.")
@click.option("--detected", type=WHEN, default=None, help="When it was noticed: -12m, 03:41 or an ISO time.")
@click.option("--drill", is_flag=True, help="Not real: marked everywhere, counts in no measure.")
def start(name: str, severity: str, title: str, source: str | None, detected: datetime | None, drill: bool) -> Request:
    """Declare."""
    return Start(name, severity, title, source or "", detected, drill)


@incident.command(help="Acknowledge: somebody is on it.")
def ack() -> Request:
    """Acknowledge."""
    return Acknowledge()


@incident.command(help="Say where the response stands.")
@click.option("--to", "to", type=click.Choice([s.value for s in SETTABLE]), default=None, help="The new status.")
@click.argument("text", nargs=-1)
def status(to: str | None, text: tuple[str, ...]) -> Request:
    """Set the status."""
    return SetStatus(text_of(text), to or "")


@incident.command(help="Record what was done against the impact.")
@click.argument("text", nargs=-1, required=True)
def mitigate(text: tuple[str, ...]) -> Request:
    """Record a mitigation."""
    return Mitigate(text_of(text))


@incident.command(help="The impact is over.")
@click.argument("text", nargs=-1)
def resolve(text: tuple[str, ...]) -> Request:
    """Resolve."""
    return Resolve(text_of(text))


@incident.command(help="End the incident.")
@click.option("--false-alarm", default=None, metavar="WHY", help="It was none; say why.")
def close(false_alarm: str | None) -> Request:
    """Close."""
    return Close(false_alarm)


@incident.command(help="It was not over; say why.")
@click.argument("why", nargs=-1, required=True)
def reopen(why: tuple[str, ...]) -> Request:
    """Reopen."""
    return Reopen(text_of(why))


@incident.command(help="Set or change the severity.")
@click.argument("severity")
@click.option("--why", default="", help="Needed when it changes.")
def severity(severity: str, why: str) -> Request:
    """Set the severity."""
    return SetSeverity(severity, why)
