"""Somebody on call, and a pager that tells who is; with what pagers write of people read alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from cockpit.text import clean


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
