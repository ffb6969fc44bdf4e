"""A fact: when something became so, who said it, which entry holds it, and when that was written."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from cockpit.incident.entry import Entry


class Fact(Struct, frozen=True):
    """When something became so, who said it, which entry holds it, and when that was written."""

    at: datetime
    actor: str
    entry: str
    recorded: datetime | None = None
    """None where nothing was written."""

    @classmethod
    def of(cls, entry: Entry) -> Fact:
        """The fact that `entry` states."""
        return cls(entry.occurred, entry.actor, entry.id, entry.recorded.at)
