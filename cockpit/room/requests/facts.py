"""What the program itself asks to have recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.state import State
from cockpit.room.requests.desk import Desk
from cockpit.values import replace


class Facts(Struct, frozen=True):
    """Entries that the program itself writes: what changed in a signal, what a run did."""

    payloads: Callable[[State], Sequence[tuple[kinds.Payload, datetime | None]]]
    actor: str = ""
    role: str | None = None
    """The actor's role, where an actor is named."""
    instead: Callable[[kinds.Payload, State], str | None] = lambda _, __: None
    """The id of the entry whose place a payload takes: of what flaps, one entry tells."""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The payloads that still say something new, each with when it occurred."""
        return [self._draft(payload, at, state, desk) for payload, at in self.payloads(state)]

    def _draft(self, payload: kinds.Payload, at: datetime | None, state: State, desk: Desk) -> Draft:
        draft = desk.draft(payload, at=at, actor=self.actor, role=self.role)
        return replace(draft, supersedes=self.instead(payload, state))
