"""The command about steps that are done by hand."""

from __future__ import annotations

from datetime import datetime

import click

from cockpit.room.grammar.params import STEP, at, incident, text_of
from cockpit.room.requests import DoneByHand, Request


@incident.command(help="A step of the runbook was done by hand: incident done gateway.vendor they are on it")
@at
@click.argument("step", type=STEP)
@click.argument("text", nargs=-1)
def done(at: datetime | None, step: str, text: tuple[str, ...]) -> Request:
    """Record a step that a person did."""
    return DoneByHand(step, text_of(text), at)
