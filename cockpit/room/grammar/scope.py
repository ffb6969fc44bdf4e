"""The commands about how far it reaches: detection, impact, affected services."""

from __future__ import annotations

from datetime import datetime

import click

from cockpit.incident.terms import DETECTION_SOURCES
from cockpit.room.grammar.params import SERVICE, WHEN, at, incident, text_of
from cockpit.room.requests import Affect, Detect, Request, SayImpact
from cockpit.room.requests.scope import TRENDS


@incident.command(help="When it was first noticed, and by whom: incident detected customer --at -12m two calls")
@at
@click.argument("source", type=click.Choice(DETECTION_SOURCES))
@click.argument("what", nargs=-1)
def detected(at: datetime | None, source: str, what: tuple[str, ...]) -> Request:
    """Record the detection."""
    return Detect(source, text_of(what), at)


@incident.command(help="What is known of the impact; what is left out stands as it was.")
@click.option("--who", default="", help="Whom it hits.")
@click.option("--how-many", default="", help="How many, as far as it is known.")
@click.option("--since", type=WHEN, default=None, help="Since when: -12m, 03:41 or an ISO time.")
@click.option("--trend", type=click.Choice(TRENDS), default=None, help="Which way it goes.")
@click.option("--data/--no-data", default=None, help="Whether data is lost, corrupted or disclosed.")
@click.option("--security/--no-security", default=None, help="Whether security is concerned.")
@click.option("--regulatory/--no-regulatory", default=None, help="Whether a regulator is concerned.")
@at
@click.argument("text", nargs=-1)
def impact(
    who: str, how_many: str, since: datetime | None, trend: str | None, data: bool | None, security: bool | None,
    regulatory: bool | None, at: datetime | None, text: tuple[str, ...],
) -> Request:  # fmt: skip
    """Record the impact."""
    return SayImpact(text_of(text), who, how_many, since, trend or "", data, security, regulatory, at)


@incident.command(help="A service is affected too, or has recovered: incident affected checkout --recovered")
@click.option("--recovered", is_flag=True, help="It works again.")
@at
@click.argument("service", type=SERVICE)
@click.argument("text", nargs=-1)
def affected(recovered: bool, at: datetime | None, service: str, text: tuple[str, ...]) -> Request:
    """Record an affected service."""
    return Affect(service, recovered, text_of(text), at)
