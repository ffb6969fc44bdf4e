"""The command that calls somebody in."""

from __future__ import annotations

import click

from cockpit.room.grammar.params import TARGET, incident, text_of
from cockpit.room.requests import Page, Request


@incident.command(help="Call in a team or a person: incident page database-team the pool is exhausted")
@click.argument("target", type=TARGET)
@click.argument("text", nargs=-1)
def page(target: str, text: tuple[str, ...]) -> Request:
    """Page somebody."""
    return Page(target, text_of(text))
