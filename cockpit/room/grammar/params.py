"""What the commands of the grammar take: times, days, names of things, words; and the group that they all belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import Any

import click
from click.shell_completion import CompletionItem
from msgspec import Struct

from cockpit.incident.times import TimeError, duration, when

NOW: ContextVar[Callable[[], datetime]] = ContextVar("now", default=lambda: datetime.now(UTC))
"""What "now" is for times such as `-12m`; set by `parse`."""


class Known(Struct, frozen=True):
    """The names that completion may offer, as the record and the configuration have them."""

    items: Sequence[str] = ()
    """Ids of checklist items."""
    entries: Sequence[str] = ()
    """Refs of entries, the latest first."""
    labels: Sequence[str] = ()
    """What is open by its label: H1, A1, AI1."""
    incidents: Sequence[str] = ()
    handles: Sequence[str] = ()
    clocks: Sequence[str] = ()
    services: Sequence[str] = ()
    targets: Sequence[str] = ()
    audiences: Sequence[str] = ()
    severities: Sequence[str] = ()
    steps: Sequence[str] = ()
    """Ids of the runbook's steps."""
    sessions: Sequence[str] = ()
    """Pids of the database's sessions."""


KNOWN: ContextVar[Known] = ContextVar("known", default=Known())  # noqa: B039  # frozen
"""What completion knows; set by whoever knows it."""


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


class Day(click.ParamType[date]):
    """A day to come: `2026-03-20`, or how far it is: `5d`."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read it; a value that is no day, or a day that is over, is a usage error."""
        if isinstance(value, date):
            return value
        today = NOW.get()().astimezone(UTC).date()
        try:
            day = self._read(str(value))
        except (ValueError, OverflowError):
            self.fail(f"'{value}' is no day; write it like 2026-03-20, or 5d from today", param, ctx)
        if day < today:
            self.fail(f"{day} is over; name a day to come, as in 5d", param, ctx)
        return day

    def _read(self, text: str) -> date:
        if text[-1:] in ("d", "h", "m", "s"):
            return (NOW.get()().astimezone(UTC) + duration(text)).date()
        return date.fromisoformat(text)


class Word(click.ParamType[str]):
    """One word that the record or the configuration knows; any is taken, and the room says whether there is such.

    Args:
        name: what the usage calls it.
        known: which names completion offers.
    """

    def __init__(self, name: str, known: Callable[[Known], Iterable[str]]) -> None:
        self.name = name
        self._known = known

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """As it stands."""
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The names that begin so, in any case."""
        begin = incomplete.lower()
        return [CompletionItem(name) for name in self._known(KNOWN.get()) if name.lower().startswith(begin)]


def _labels(letters: str) -> Callable[[Known], Iterable[str]]:
    return lambda known: (label for label in known.labels if label.rstrip("0123456789") == letters)


def _handles(known: Known) -> Iterable[str]:
    """With the @, and without for whoever began without."""
    return (*known.handles, *(handle.removeprefix("@") for handle in known.handles))


def text_of(words: tuple[str, ...]) -> str:
    """The words of a command's end as one text."""
    return " ".join(words)


WHEN, DAY = When(), Day()
ITEM = Word("item", lambda known: known.items)
ENTRY = Word("entry", lambda known: ("last", *known.entries))
HYPOTHESIS, ASK, ACTION_ITEM = Word("text", _labels("H")), Word("ask", _labels("A")), Word("text", _labels("AI"))
HANDLE = Word("handle", _handles)
CLOCK = Word("clock", lambda known: known.clocks)
SERVICE = Word("service", lambda known: known.services)
TARGET = Word("target", lambda known: known.targets)
INCIDENT = Word("incident", lambda known: known.incidents)
AUDIENCE = Word("audience", lambda known: known.audiences)
SEVERITY = Word("severity", lambda known: known.severities)
STEP = Word("step", lambda known: known.steps)

at = click.option("--at", "at", type=WHEN, default=None, help="When it happened: -12m, 03:41 or an ISO time.")
"""The option of every command whose entry may be late."""


class Said(click.Option):
    """An option whose value is what somebody says: behind all that the command needs it goes on to the next option, so
    that nobody has to quote: `redact 4ec318 --why a name slipped in`."""


class Spoken(click.Command):
    """A command of people who type, with `Said` options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Join what is said, then parse as always."""
        said = {name for param in self.params if isinstance(param, Said) for name in param.opts}
        arguments = [param for param in self.params if isinstance(param, click.Argument)]
        needed = sum(param.nargs == 1 or param.required for param in arguments)
        return super().parse_args(ctx, _joined(args, said, needed, self._flags()))

    def _flags(self) -> set[str]:
        """The options that take no value."""
        options = [param for param in self.params if isinstance(param, click.Option)]
        return {name for param in options if param.is_flag for name in (*param.opts, *param.secondary_opts)}


def _joined(args: list[str], said: set[str], needed: int, flags: set[str]) -> list[str]:
    """`args` with the words behind a said option made one, where `needed` words stand before it already."""
    found: list[str] = []
    words = number = 0
    while number < len(args):
        word = args[number]
        number += 1
        found.append(word)
        if not word.startswith("--"):
            words += 1
        elif word not in flags and "=" not in word and number < len(args):
            end = number + 1
            while word in said and words >= needed and end < len(args) and not args[end].startswith("--"):
                end += 1
            found.append(" ".join(args[number:end]))
            number = end
    return found


@click.group(name="incident", help="Everything about the incident: declare it, say what happens, end it.")
def incident() -> None:
    """The group that every command below belongs to."""


incident.command_class = Spoken
