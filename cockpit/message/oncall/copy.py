"""A copy of who is on call, kept beside the record for when no pager answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from cockpit.files import replace_privately
from cockpit.message.oncall.person import OnCallPerson
from cockpit.values import asdict


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
        kept = {key: asdict(each) for key, each in every.items()}
        replace_privately(self._path, json.dumps(kept, default=datetime.isoformat), durable=True)


def _fetched(kept: Mapping[str, Any]) -> Fetched:
    people = tuple(_person(each) for each in kept["people"])
    return Fetched(people, datetime.fromisoformat(kept["at"]))


def _person(kept: Mapping[str, Any]) -> OnCallPerson:
    until = datetime.fromisoformat(kept["until"]) if kept.get("until") else None
    words = {name: str(kept.get(name, "")) for name in ("name", "handle", "phone", "email", "rota")}
    return OnCallPerson(**words, until=until)
