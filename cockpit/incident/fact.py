"""A fact: when something became so, who said it, and which entry holds it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from cockpit.incident.entry import Entry


class Fact(Struct, frozen=True):
    """When something became so, who said it, and which entry holds it."""

    at: datetime
    actor: str
    entry: str

    @classmethod
    def of(cls, entry: Entry) -> Fact:
        """The fact that `entry` states."""
        return cls(entry.occurred, entry.actor, entry.id)
