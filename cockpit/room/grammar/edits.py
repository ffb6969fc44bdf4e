"""The commands about what is there already: amend and redact an entry, merge a duplicate."""

from __future__ import annotations

from datetime import datetime

import click

from cockpit.room.grammar.lifecycle import glass
from cockpit.room.grammar.params import ENTRY, INCIDENT, WHEN, Said, incident, text_of
from cockpit.room.requests import Amend, Merge, Redact, Request


@incident.command(help="Correct an entry's text or time; the original stays. ENTRY as `timeline` shows it, or `last`.")
@click.option("--text", cls=Said, default=None, help="What it should say.")
@click.option("--at", "at", type=WHEN, default=None, help="When it was: -12m, 03:41 or an ISO time.")
@click.option("--why", cls=Said, default="", help="Why it is amended.")
@click.argument("entry", type=ENTRY)
def amend(text: str | None, at: datetime | None, why: str, entry: str) -> Request:
    """Amend an entry."""
    return Amend(entry, text, at, why)


@incident.command(help="Erase the words of an entry, in every copy, for good; that it was there stays to be seen.")
@click.option("--why", cls=Said, required=True, help="Why; without the words themselves.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.argument("entry", type=ENTRY)
def redact(why: str, yes: bool, entry: str) -> Request:
    """Redact an entry."""
    return Redact(entry, why, confirmed=yes)


@incident.command(help="Take a duplicate into this incident; both ids then lead here.")
@glass
@click.argument("other", type=INCIDENT)
@click.argument("why", nargs=-1)
def merge(break_glass: str, other: str, why: tuple[str, ...]) -> Request:
    """Merge a duplicate."""
    return Merge(other, text_of(why), break_glass=break_glass)
