"""Who is on call, as a pager says, and a copy of it beside the record for when no pager answers."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.config import ChannelConfig, OpsgenieConfig, PagerdutyConfig
from cockpit.text import clean
from cockpit.values import asdict


class OnCallPerson(Struct, frozen=True):
    """Somebody on call.

    Attributes:
        handle: what the pager calls them: their address' part before the `@`, with an `@` before it.
        rota: the schedule or escalation policy, with the level.
        until: when it ends, aware UTC; None where it has no end or the pager does not say.
    """

    name: str
    handle: str = ""
    phone: str = ""
    email: str = ""
    rota: str = ""
    until: datetime | None = None


class OnCallSource(Protocol):
    """A pager that knows who is on call."""

    @property
    def name(self) -> str:
        """The channel's name in the configuration."""

    async def on_call(self) -> tuple[OnCallPerson, ...]:
        """Who is on call now, who is called first first; raises ChannelError."""

    async def close(self) -> None:
        """Let connections go."""


def sources(channels: Mapping[str, ChannelConfig], clock: Clock, *, near: bool) -> list[OnCallSource]:
    """The pagers of a configuration that can be asked: PagerDuty with a `token`, Opsgenie with a `schedule`."""
    found: list[OnCallSource] = []
    for name, config in channels.items():
        if isinstance(config, PagerdutyConfig) and config.token is not None:
            from cockpit.message.pagerduty_rest import PagerdutyOnCall

            found.append(PagerdutyOnCall(name, config, clock, near=near))
        elif isinstance(config, OpsgenieConfig) and config.schedule:
            from cockpit.message.opsgenie_oncall import OpsgenieOnCall

            found.append(OpsgenieOnCall(name, config, clock, near=near))
    return found


class Fetched(Struct, frozen=True):
    """What one pager said, and when that was (aware UTC)."""

    people: tuple[OnCallPerson, ...]
    at: datetime


class OnCallCopy:
    """The copy, by pager: a file for its owner alone, replaced as a whole. Blocking, a few kilobytes a call.

    Args:
        path: made with the folder above it when the first answer is kept.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def beside(cls, journal: Path) -> OnCallCopy:
        """The copy that belongs to the journal at that path."""
        return cls(journal.with_name("oncall.json"))

    def read(self) -> dict[str, Fetched]:
        """What was kept, by pager; nothing where it cannot be read: it is only a copy."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            return {str(name): _fetched(each) for name, each in kept.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def keep(self, name: str, fetched: Fetched) -> None:
        """Put what `name` said in the place of what it said before; raises OSError."""
        every = self.read() | {name: fetched}
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
                json.dump({key: asdict(each) for key, each in every.items()}, file, default=datetime.isoformat)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        finally:
            fresh.unlink(missing_ok=True)


def _fetched(kept: Mapping[str, Any]) -> Fetched:
    people = tuple(_person(each) for each in kept["people"])
    return Fetched(people, datetime.fromisoformat(kept["at"]))


def _person(kept: Mapping[str, Any]) -> OnCallPerson:
    until = datetime.fromisoformat(kept["until"]) if kept.get("until") else None
    words = {name: str(kept.get(name, "")) for name in ("name", "handle", "phone", "email", "rota")}
    return OnCallPerson(**words, until=until)


def instant(value: object) -> datetime | None:
    """A time as APIs write it, aware; None where there is none, or none that can be read."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def told(value: object) -> str:
    """A text of an API, fit for a terminal; empty where it is none."""
    return " ".join(clean(value).split())[:200] if isinstance(value, str) else ""


def handle_of(email: str) -> str:
    """`@alice` of `alice@example.com`."""
    return f"@{email.partition('@')[0]}" if "@" in email else ""


def first(people: Sequence[OnCallPerson]) -> tuple[OnCallPerson, ...]:
    """Each person and rota once, in their order."""
    found: dict[tuple[str, str], OnCallPerson] = {}
    for each in people:
        found.setdefault((each.email or each.name, each.rota), each)
    return tuple(found.values())
