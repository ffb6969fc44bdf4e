"""The commands about the incident's life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from cockpit.incident.terms import DETECTION_SOURCES, SETTABLE
from cockpit.room.grammar.params import SEVERITY, TARGET, WHEN, Said, at, incident, text_of
from cockpit.room.requests import (
    Acknowledge,
    Announce,
    Close,
    Mitigate,
    Page,
    Reopen,
    Request,
    Resolve,
    SetSeverity,
    SetStatus,
    Several,
    Start,
)
from cockpit.room.requests.staying import ALL


def announced(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that tell others of what it does; it is then shown and asked before it is done."""
    options = (
        click.option("--announce", is_flag=True, help="Tell the audience, by the template that fits."),
        click.option("--set", "blanks", multiple=True, metavar="NAME=TEXT", callback=_blanks, help="Fill a blank."),
        click.option("--yes", is_flag=True, help="Do not ask."),
    )
    for option in reversed(options):
        command = option(command)
    return command


glass = click.option(
    "--break-glass", cls=Said, default="", metavar="WHY", help="Though your roles do not let you; the record says so."
)
"""For deeds that a role must be let do."""


def _blanks(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pairs = [blank.partition("=") for blank in given]
    if wrong := next((name for name, equals, _ in pairs if not equals), None):
        raise click.BadParameter(f"'{wrong}': write it as NAME=TEXT", ctx, param)
    return {name: value for name, _, value in pairs}


def _with(request: Request, announce: bool, blanks: dict[str, str], yes: bool, pages: tuple[str, ...] = ()) -> Request:
    """`request` with what it brings along: one set of entries, asked once."""
    if blanks and not announce:
        raise click.UsageError("--set fills a blank of what --announce tells; give both, or neither")
    told = [Announce(blanks)] if announce else []
    more: list[Request] = [*(Page(target) for target in dict.fromkeys(pages)), *told]
    return Several((request, *more), confirmed=yes) if more else request


@incident.command(help="Declare an incident, as in: incident start payment-failure p1")
@click.argument("name")
@click.argument("severity", type=SEVERITY, default="")
@click.option("--title", default="", help="A sentence that says what is wrong.")
@click.option("--source", type=click.Choice(DETECTION_SOURCES), default=None, help="Who noticed it.")
@click.option("--detected", type=WHEN, default=None, help="When it was noticed: -12m, 03:41 or an ISO time.")
@click.option("--drill", is_flag=True, help="Not real: marked everywhere, counts in no measure.")
@click.option("--another", is_flag=True, help="Though one is open on this service already.")
@click.option("--page", "pages", type=TARGET, multiple=True, metavar="TARGET", help="Page these, too.")
@announced
def start(
    name: str, severity: str, title: str, source: str | None, detected: datetime | None, drill: bool, another: bool,
    pages: tuple[str, ...], announce: bool, blanks: dict[str, str], yes: bool,
) -> Request:  # fmt: skip
    """Declare."""
    declared = Start(name, severity, title, source or "", detected, drill, another)
    return _with(declared, announce, blanks, yes, pages)


@incident.command(help="Acknowledge: somebody is on it.")
@at
def ack(at: datetime | None) -> Request:
    """Acknowledge."""
    return Acknowledge(at)


@incident.command(help="Say where the response stands.")
@click.option("--to", "to", type=click.Choice([s.value for s in SETTABLE]), default=None, help="The new status.")
@at
@announced
@click.argument("text", nargs=-1)
def status(
    to: str | None, at: datetime | None, announce: bool, blanks: dict[str, str], yes: bool, text: tuple[str, ...]
) -> Request:
    """Set the status."""
    return _with(SetStatus(text_of(text), to or "", at), announce, blanks, yes)


@incident.command(help="Record what was done against the impact.")
@at
@click.argument("text", nargs=-1, required=True)
def mitigate(at: datetime | None, text: tuple[str, ...]) -> Request:
    """Record a mitigation."""
    return Mitigate(text_of(text), at)


@incident.command(help="The impact is over.")
@at
@click.option("--stays", is_flag=True, help="What was changed stays in place: do not ask about each change.")
@announced
@glass
@click.argument("text", nargs=-1)
def resolve(
    at: datetime | None, stays: bool, announce: bool, blanks: dict[str, str], yes: bool, break_glass: str,
    text: tuple[str, ...],
) -> Request:  # fmt: skip
    """Resolve."""
    resolved = Resolve(text_of(text), at, frozenset([ALL]) if stays or yes else frozenset(), break_glass)
    return _with(resolved, announce, blanks, yes)


@incident.command(help="End the incident.")
@click.option("--false-alarm", cls=Said, default=None, metavar="WHY", help="It was none; say why.")
@glass
@at
def close(false_alarm: str | None, break_glass: str, at: datetime | None) -> Request:
    """Close."""
    return Close(false_alarm, at, break_glass)


@incident.command(help="It was not over; say why.")
@at
@click.argument("why", nargs=-1, required=True)
def reopen(at: datetime | None, why: tuple[str, ...]) -> Request:
    """Reopen."""
    return Reopen(text_of(why), at)


@incident.command(help="Set or change the severity.")
@click.argument("severity", type=SEVERITY)
@click.option("--why", cls=Said, default="", help="Needed when it changes.")
@glass
@at
def severity(severity: str, why: str, break_glass: str, at: datetime | None) -> Request:
    """Set the severity."""
    return SetSeverity(severity, why, at, break_glass)
