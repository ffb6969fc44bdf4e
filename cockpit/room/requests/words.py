"""Requests that put words into the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.state import State
from cockpit.room.requests.desk import (
    Desk,
    worded,
)


@dataclass(frozen=True, slots=True)
class Write:
    """A note or a decision, at the time of its first keystroke or at a time given."""

    text: str
    at: datetime | None = None
    decision: bool = False

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The words as they stand, cleaned and redacted."""
        what, model = ("the decision", kinds.Decision) if self.decision else ("the note", kinds.Note)
        return [desk.draft(model(text=worded(self.text, what)), at=self.at)]
