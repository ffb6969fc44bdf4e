"""The one grammar of `incident`: what the shell and the cockpit's `/` line both understand, parsed into requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import click
from click.shell_completion import ShellComplete

from cockpit.incident.terms import DETECTION_SOURCES, SETTABLE, Role
from cockpit.incident.times import TimeError, when
from cockpit.room.requests import (
    Acknowledge,
    Check,
    Close,
    Mitigate,
    Refusal,
    Reopen,
    Request,
    Resolve,
    SetSeverity,
    SetStatus,
    Start,
    TakeRole,
    Write,
)

NOW: ContextVar[Callable[[], datetime]] = ContextVar("now", default=lambda: datetime.now(UTC))
"""What "now" is for times such as `-12m`; set by `parse`."""

ITEMS: ContextVar[Sequence[str]] = ContextVar("items", default=())
"""The ids of the checklist items there are, for completion; set by whoever knows them."""


class When(click.ParamType[datetime]):
    """A time in the past: `-12m`, `03:41` (UTC) or ISO."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it; a value that is no such time is a usage error."""
        if isinstance(value, datetime):
            return value
        try:
            return when(str(value), NOW.get()())
        except TimeError as error:
            self.fail(str(error), param, ctx)


class ItemId(click.ParamType[str]):
    """A checklist item's id."""

    name = "item"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Any text; the room says whether there is such an item."""
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        """The items that begin so."""
        return [click.shell_completion.CompletionItem(i) for i in ITEMS.get() if i.startswith(incomplete)]


def _text(words: tuple[str, ...]) -> str:
    return " ".join(words)


WHEN, ITEM = When(), ItemId()


@click.group(name="incident", help="Everything about the incident: declare it, say what happens, end it.")
def incident() -> None:
    """The group that every command below belongs to."""


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
    return SetStatus(_text(text), to or "")


@incident.command(help="Record what was done against the impact.")
@click.argument("text", nargs=-1, required=True)
def mitigate(text: tuple[str, ...]) -> Request:
    """Record a mitigation."""
    return Mitigate(_text(text))


@incident.command(help="The impact is over.")
@click.argument("text", nargs=-1)
def resolve(text: tuple[str, ...]) -> Request:
    """Resolve."""
    return Resolve(_text(text))


@incident.command(help="End the incident.")
@click.option("--false-alarm", default=None, metavar="WHY", help="It was none; say why.")
def close(false_alarm: str | None) -> Request:
    """Close."""
    return Close(false_alarm)


@incident.command(help="It was not over; say why.")
@click.argument("why", nargs=-1, required=True)
def reopen(why: tuple[str, ...]) -> Request:
    """Reopen."""
    return Reopen(_text(why))


@incident.command(help="Set or change the severity.")
@click.argument("severity")
@click.option("--why", default="", help="Needed when it changes.")
def severity(severity: str, why: str) -> Request:
    """Set the severity."""
    return SetSeverity(severity, why)


@incident.command(help="Give a role to a responder: incident role ic @alice. Without a handle it is released.")
@click.argument("role", type=click.Choice(list(Role), case_sensitive=False))
@click.argument("handle", default="")
def role(role: str, handle: str) -> Request:
    """Assign or release a role."""
    return TakeRole(role, handle or None)


@incident.command(help="Write a note.")
@click.option("--at", "at", type=WHEN, default=None, help="When it happened: -12m, 03:41 or an ISO time.")
@click.argument("text", nargs=-1, required=True)
def note(at: datetime | None, text: tuple[str, ...]) -> Request:
    """Write a note."""
    return Write(_text(text), at)


@incident.command(help="Record a decision.")
@click.option("--at", "at", type=WHEN, default=None, help="When it was made: -12m, 03:41 or an ISO time.")
@click.argument("text", nargs=-1, required=True)
def decide(at: datetime | None, text: tuple[str, ...]) -> Request:
    """Record a decision."""
    return Write(_text(text), at, decision=True)


@incident.command(help="Tick a checklist item by its id.")
@click.argument("item", type=ITEM)
@click.option("--undo", is_flag=True, help="Open it again.")
@click.option("--not-applicable", default=None, metavar="WHY", help="It does not apply; say why.")
def check(item: str, undo: bool, not_applicable: str | None) -> Request:
    """Tick an item."""
    if not_applicable is not None:
        return Check(item, "not-applicable", not_applicable)
    return Check(item, "open" if undo else "done")


def split(line: str) -> list[str]:
    """Split a typed line into words. A quote counts only where a word begins, so that "it's down" is what it says."""
    words, rest = [], line.strip()
    while rest:
        quote = rest[0] if rest[0] in "'\"" else ""
        end = rest.find(quote, 1) if quote else -1
        if quote and end > 0 and (end + 1 == len(rest) or rest[end + 1].isspace()):
            words.append(rest[1:end])
            rest = rest[end + 1 :].lstrip()
        else:
            word, _, rest = rest.partition(" ")
            words.append(word)
            rest = rest.lstrip()
    return words


def parse(line: str, now: Callable[[], datetime]) -> Request:
    """A line typed after `/` as a request. `incident` in front may be left out.

    Raises:
        Refusal: it is no command; the message says what is wrong and what would be right.
    """
    words = split(line)
    if words and words[0] == "incident":
        words = words[1:]
    if not words:
        raise Refusal("type a command, as in: note the rollback has begun")
    token = NOW.set(now)
    try:
        # Without --help, which would print on the screen's terminal; the refusal says how a command is written.
        request = incident.main(words, prog_name="", standalone_mode=False, help_option_names=[])
    except click.ClickException as error:
        raise Refusal(explain(error)) from None
    except click.exceptions.Exit:
        request = None
    finally:
        NOW.reset(token)
    if not hasattr(request, "decide"):
        raise Refusal(usage(words[0]))
    return request  # type: ignore[no-any-return]  # click gives what the command's function gave


def explain(error: click.ClickException) -> str:
    """A usage error in one line: what, and how it is written."""
    text = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    if context is not None and context.command is not incident:
        text = f"{text} · {usage(context.command.name or '')}"
    return text


def usage(name: str) -> str:
    """How a command is written, in one line."""
    command = incident.commands.get(name)
    if command is None:
        return f"commands: {', '.join(sorted(incident.commands))}"
    context = click.Context(command, info_name=name)
    return " ".join(["write:", name, *command.collect_usage_pieces(context)])


def complete(line: str) -> list[str]:
    """What the last word of `line` may become."""
    words = split(line)
    incomplete = "" if line.endswith(" ") or not words else words.pop()
    if words and words[0] == "incident":
        words = words[1:]
    found = ShellComplete(incident, {}, "incident", "_INCIDENT").get_completions(words, incomplete)
    return [item.value for item in found]
