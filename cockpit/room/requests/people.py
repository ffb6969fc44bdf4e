"""Requests about who does what: roles and checklist items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cockpit.incident import kinds
from cockpit.incident.checklists import find, tick
from cockpit.incident.entry import Draft
from cockpit.incident.state import State
from cockpit.incident.terms import Role
from cockpit.room.requests.desk import (
    Desk,
    Refusal,
    handle,
    must_be_declared,
    must_not_be_closed,
    optional,
    worded,
)
from cockpit.text import clean, redact


def role_of(text: str) -> Role:
    """A role as people write it; raises Refusal naming the seven."""
    try:
        return Role(text.strip().lower())
    except ValueError:
        raise Refusal(f"'{clean(text)[:40]}' is no role; it is one of {', '.join(Role)}") from None


@dataclass(frozen=True, slots=True)
class TakeRole:
    """Give a role to a responder, or release it (no handle). One that somebody holds is handed over, or taken from
    whoever cannot answer, with the reason."""

    role: str
    handle: str | None
    replace: str | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The role's change; an offer of it that waits is withdrawn."""
        must_not_be_closed(state)
        role = role_of(self.role)
        given = handle(self.handle) if self.handle is not None else None
        holder = state.roles.get(role)
        if holder == given:
            who = f"held by {given}" if given else "held by nobody"
            raise Refusal(f"{role.label} is {who} already")
        if holder and given and self.replace is None:
            raise Refusal(
                f"{role.label} is held by {holder}: `handover {role.value} {given}` offers it with a brief; "
                "`--replace WHY` takes it where they cannot answer"
            )
        change = kinds.RoleChange(role=role, handle=given, why=optional(self.replace or "") or None)
        offer = state.offered(role)
        fields = {"handover": offer.id, "role": role, "giver": offer.giver, "to": offer.to} if offer else {}
        withdrawn = [kinds.Handover.model_validate(fields | {"state": "withdrawn"})] if offer else []
        return [desk.draft(payload) for payload in (*withdrawn, change)]


@dataclass(frozen=True, slots=True)
class Check:
    """Tick a checklist item, open it again, or say that it does not apply. What is said stands, whatever fact ticks
    the item by itself."""

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
        standing = tick(item, state)
        if standing.state == self.state and not standing.answered:
            raise Refusal(f"'{item.text}' is {self.state} already")
        if self.state == "not-applicable":
            worded(self.why, "why it does not apply")
        fields: Mapping[str, Any] = {"item": item.id, "state": self.state, "text": item.text}
        return [desk.draft(kinds.ChecklistItem.model_validate({**fields, "why": redact(clean(self.why))}))]
