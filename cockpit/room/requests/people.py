"""Requests about who does what: roles and checklist items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cockpit.incident import kinds
from cockpit.incident.checklists import find
from cockpit.incident.entry import Draft
from cockpit.incident.state import State
from cockpit.incident.terms import Role
from cockpit.room.requests.desk import (
    Desk,
    Refusal,
    handle,
    must_be_declared,
    must_not_be_closed,
    worded,
)
from cockpit.text import clean, redact


@dataclass(frozen=True, slots=True)
class TakeRole:
    """Give a role to a responder, or release it (no handle)."""

    role: str
    handle: str | None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The role's change."""
        must_not_be_closed(state)
        try:
            role = Role(self.role.lower())
        except ValueError:
            raise Refusal(f"'{clean(self.role)}' is no role; it is one of {', '.join(Role)}") from None
        holder = handle(self.handle) if self.handle is not None else None
        if state.roles.get(role) == holder:
            who = f"held by {holder}" if holder else "held by nobody"
            raise Refusal(f"{role.label} is {who} already")
        return [desk.draft(kinds.RoleChange(role=role, handle=holder))]


@dataclass(frozen=True, slots=True)
class Check:
    """Tick a checklist item, open it again, or say that it does not apply."""

    item: str
    state: str = "done"
    why: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The item's new state."""
        must_be_declared(state)
        item = find(desk.checklists, self.item)
        if item is None:
            given = clean(self.item)[:60]
            raise Refusal(f"there is no checklist item '{given}'; `cockpit incident checklist` lists them")
        known = state.checklist.get(self.item)
        if (known[0].state if known else "open") == self.state:
            raise Refusal(f"'{item.text}' is {self.state} already")
        if self.state == "not-applicable":
            worded(self.why, "why it does not apply")
        fields: Mapping[str, Any] = {"item": item.id, "state": self.state, "text": item.text}
        return [desk.draft(kinds.ChecklistItem.model_validate({**fields, "why": redact(clean(self.why))}))]
