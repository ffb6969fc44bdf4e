"""A fact: when something became so, who said it, and which entry holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cockpit.incident.entry import Entry


@dataclass(frozen=True, slots=True)
class Fact:
    """When something became so, who said it, and which entry holds it."""

    at: datetime
    actor: str
    entry: str

    @classmethod
    def of(cls, entry: Entry) -> Fact:
        """The fact that `entry` states."""
        return cls(entry.occurred, entry.actor, entry.id)
