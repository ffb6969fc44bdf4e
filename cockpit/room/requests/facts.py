"""What the program itself asks to have recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.state import State
from cockpit.room.requests.desk import (
    Desk,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Entries that the program itself writes: what changed in a signal, what a run did."""

    payloads: Callable[[State], Sequence[tuple[kinds.Payload, datetime | None]]]
    actor: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The payloads that still say something new, each with when it occurred."""
        return [desk.draft(payload, at=at, actor=self.actor) for payload, at in self.payloads(state)]
