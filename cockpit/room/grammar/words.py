"""The commands that put words into the record."""

from __future__ import annotations

from datetime import datetime

import click

from cockpit.room.grammar.params import WHEN, incident, text_of
from cockpit.room.requests import (
    Request,
    Write,
)


@incident.command(help="Write a note.")
@click.option("--at", "at", type=WHEN, default=None, help="When it happened: -12m, 03:41 or an ISO time.")
@click.argument("text", nargs=-1, required=True)
def note(at: datetime | None, text: tuple[str, ...]) -> Request:
    """Write a note."""
    return Write(text_of(text), at)


@incident.command(help="Record a decision.")
@click.option("--at", "at", type=WHEN, default=None, help="When it was made: -12m, 03:41 or an ISO time.")
@click.argument("text", nargs=-1, required=True)
def decide(at: datetime | None, text: tuple[str, ...]) -> Request:
    """Record a decision."""
    return Write(text_of(text), at, decision=True)
