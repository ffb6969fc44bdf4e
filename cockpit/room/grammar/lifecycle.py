"""The commands about the incident's life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
from msgspec import Struct

from cockpit.incident.terms import DETECTION_SOURCES, SETTABLE
from cockpit.room.grammar.params import AUDIENCE, SEVERITY, TARGET, WHEN, Said, at, incident, text_of
from cockpit.room.requests import (
    Acknowledge,
    Announce,
    Close,
    Convene,
    InviteAll,
    Mitigate,
    OpenRoom,
    Page,
    Reopen,
    Request,
    Resolve,
    SetSeverity,
    SetStatus,
    Several,
    Start,
    Tell,
    brought,
)
from cockpit.room.requests.in_place import ALL
from cockpit.room.requests.lifecycle import FIRST

SIGNALS = "signals"
"""What stands, in place of an alert, for what the record's own signals noticed first."""


def announced(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that tell others of what it does; it is then shown and asked before it is done."""
    options = (
        click.option("--announce", is_flag=True, help="Tell whom the policy wants told, by the templates that fit."),
        click.option("--tell", "told", type=AUDIENCE, multiple=True, metavar="AUDIENCE", help="Tell exactly these."),
        click.option("--set", "blanks", multiple=True, metavar="NAME=TEXT", callback=_blanks, help="Fill a blank."),
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option("--despite-warnings", "despite", is_flag=True, help="Publish what is not for the public, too."),
    )
    for option in reversed(options):
        command = option(command)
    return command


only = click.option("--alone", is_flag=True, help="Bring nothing along that is not named here.")
"""For deeds that are done in other places too, as far as the configuration has them."""

glass = click.option(
    "--break-glass", cls=Said, default="", metavar="WHY", help="Though your roles do not let you; the record says so."
)
"""For deeds that a role must be let do."""


def _blanks(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pairs = [blank.partition("=") for blank in given]
    if wrong := next((name for name, equals, _ in pairs if not equals), None):
        raise click.BadParameter(f"'{wrong}': write it as NAME=TEXT", ctx, param)
    return {name: value for name, _, value in pairs}


class _Telling(Struct, frozen=True):
    """What was said of telling others."""

    announce: bool
    told: tuple[str, ...]
    blanks: dict[str, str]
    yes: bool
    despite: bool
    alone: bool = True

    @classmethod
    def of(cls, given: dict[str, Any], *, alone: bool = True) -> _Telling:
        """From a command's parameters."""
        found = cls(
            given["announce"],
            tuple(dict.fromkeys(given["told"])),
            given["blanks"],
            given["yes"],
            given["despite"],
            alone,
        )
        if found.blanks and not (found.announce or found.told):
            raise click.UsageError("--set fills a blank of what --announce or --tell says; give both, or neither")
        return found

    def named(self) -> list[Request]:
        """Who is told by name."""
        return [Announce(self.blanks, self.told)] if self.announce or self.told else []

    def offered(self, *parts: Request) -> list[Request]:
        """What is brought along though nobody named it."""
        return [] if self.alone else list(parts)

    def several(self, *parts: Request) -> Request:
        """One set of entries, asked once."""
        return Several(parts, self.yes, self.despite) if len(parts) > 1 else parts[0]


@incident.command(help="Declare an incident, as in: incident start payment-failure p1")
@click.argument("name", default="")
@click.argument("severity", type=SEVERITY, default="")
@click.option(
    "--from",
    "alert",
    default="",
    metavar="ALERT",
    help="Declare what this alert says: a fingerprint, last; or signals: detected by what the cockpits saw first.",
)
@click.option("--title", default="", help="A sentence that says what is wrong.")
@click.option("--source", type=click.Choice(DETECTION_SOURCES), default=None, help="Who noticed it.")
@click.option("--detected", type=WHEN, default=None, help="When it was noticed: -12m, 03:41 or an ISO time.")
@click.option("--drill", is_flag=True, help="Not real: marked everywhere, counts in no measure.")
@click.option("--another", is_flag=True, help="Though one is open on this service already.")
@click.option("--page", "pages", type=TARGET, multiple=True, metavar="TARGET", help="Page these, too.")
@only
@announced
def start(
    name: str, severity: str, alert: str, title: str, source: str | None, detected: datetime | None, drill: bool,
    another: bool, pages: tuple[str, ...], alone: bool, **telling: Any,
) -> Request:  # fmt: skip
    """Declare, and do what the documents' bot does with it."""
    seen = FIRST if alert == SIGNALS else ""
    if not (name or (alert and not seen)):
        raise click.UsageError("Missing argument 'NAME': what is it called? Or --from ALERT, which has a name")
    declared, said = (
        Start(name, severity, title, source or "", detected, drill, another, "" if seen else alert, seen),
        _Telling.of(telling, alone=alone),
    )
    paged = [Page(target) for target in dict.fromkeys(pages)]
    if alone:
        return said.several(declared, *paged, *said.named())
    return said.several(*brought(declared, paged, said.named(), public=not said.yes))


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
def status(to: str | None, at: datetime | None, text: tuple[str, ...], **telling: Any) -> Request:
    """Set the status."""
    said = _Telling.of(telling)
    return said.several(SetStatus(text_of(text), to or "", at), *said.named())


@incident.command(help="Record what was done against the impact.")
@at
@click.argument("text", nargs=-1, required=True)
def mitigate(at: datetime | None, text: tuple[str, ...]) -> Request:
    """Record a mitigation."""
    return Mitigate(text_of(text), at)


@incident.command(help="The impact is over.")
@at
@click.option("--stays", is_flag=True, help="What was changed stays in place: do not ask about each change.")
@only
@announced
@glass
@click.argument("text", nargs=-1)
def resolve(
    at: datetime | None, stays: bool, alone: bool, break_glass: str, text: tuple[str, ...], **telling: Any
) -> Request:
    """Resolve, here and where it was paged; tell of it, and invite to the post-mortem."""
    said = _Telling.of(telling, alone=alone)
    resolved = Resolve(text_of(text), at, frozenset([ALL]) if stays or said.yes else frozenset(), break_glass)
    told = said.named() or said.offered(Tell(public=not said.yes))
    return said.several(resolved, *told, *said.offered(Convene()))


@incident.command(help="End the incident.")
@click.option("--false-alarm", cls=Said, default=None, metavar="WHY", help="It was none; say why.")
@glass
@at
def close(false_alarm: str | None, break_glass: str, at: datetime | None) -> Request:
    """Close."""
    return Close(false_alarm, at, break_glass)


@incident.command(help="It was not over; say why.")
@at
@only
@announced
@click.argument("why", nargs=-1, required=True)
def reopen(at: datetime | None, alone: bool, why: tuple[str, ...], **telling: Any) -> Request:
    """Reopen; tell those who heard that it is over, and open its channel again."""
    said = _Telling.of(telling, alone=alone)
    told = said.named() or said.offered(Tell(public=not said.yes, correcting=True))
    return said.several(
        Reopen(text_of(why), at),
        *said.offered(OpenRoom(again=True, beside=tuple(told))),
        *told,
        *said.offered(InviteAll()),
    )


@incident.command(help="Set or change the severity.")
@click.argument("severity", type=SEVERITY)
@click.option("--why", cls=Said, default="", help="Needed when it changes.")
@glass
@at
def severity(severity: str, why: str, break_glass: str, at: datetime | None) -> Request:
    """Set the severity."""
    return SetSeverity(severity, why, at, break_glass)
