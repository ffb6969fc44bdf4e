"""The commands that put words into the record."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from cockpit.incident.kinds import SECTIONS
from cockpit.room.grammar.params import at, incident, text_of
from cockpit.room.requests import AddLink, Attach, Mark, Request, Write, WriteReview


@incident.command(help="Write a note.")
@at
@click.option("--mirror", is_flag=True, help="Also at the pager and on the ticket.")
@click.argument("text", nargs=-1, required=True)
def note(at: datetime | None, mirror: bool, text: tuple[str, ...]) -> Request:
    """Write a note."""
    return Write(text_of(text), at, mirror=mirror)


@incident.command(help="Record a decision.")
@at
@click.argument("text", nargs=-1, required=True)
def decide(at: datetime | None, text: tuple[str, ...]) -> Request:
    """Record a decision."""
    return Write(text_of(text), at, decision=True)


@incident.command(name="key-event", help="Mark a turn of the incident that the review must not miss.")
@at
@click.argument("text", nargs=-1, required=True)
def key_event(at: datetime | None, text: tuple[str, ...]) -> Request:
    """Mark a key event."""
    return Mark(text_of(text), at)


@incident.command(help="Keep an address with the incident: incident link https://grafana/d/1 the dashboard")
@click.argument("url")
@click.argument("title", nargs=-1)
def link(url: str, title: tuple[str, ...]) -> Request:
    """Keep a link."""
    return AddLink(url, text_of(title))


@incident.command(help="Keep a text file with the record, redacted, up to 256 KB.")
@click.option("--title", default="", help="What it is.")
@click.argument("file", type=click.Path(path_type=Path))
def attach(title: str, file: Path) -> Request:
    """Keep a file."""
    return Attach(file.expanduser(), title)


@incident.command(help="Write a part of the review: incident review went-well the rollback took two minutes")
@click.argument("section", type=click.Choice(SECTIONS))
@click.argument("text", nargs=-1, required=True)
def review(section: str, text: tuple[str, ...]) -> Request:
    """Write a part of the review."""
    return WriteReview(section, text_of(text))
