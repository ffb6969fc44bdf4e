"""Requests about who does what: roles that are taken, given and released."""

from __future__ import annotations

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.state import State
from cockpit.incident.terms import Role
from cockpit.room.requests.deeds import heard, invited
from cockpit.room.requests.desk import Desk, Refusal, handle, must_not_be_closed, optional
from cockpit.text import clean


def role_of(text: str) -> Role:
    """A role as people write it; raises Refusal naming the seven."""
    try:
        return Role(text.strip().lower())
    except ValueError:
        raise Refusal(f"'{clean(text)[:40]}' is no role; it is one of {', '.join(Role)}") from None


class TakeRole(Struct, frozen=True):
    """Give a role to a responder, or release it (no handle). One that somebody holds is handed over, or taken from
    whoever cannot answer, with the reason."""

    role: str
    handle: str | None
    replace: str | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The change; an offer of the role that waits is withdrawn. The incident's own channel has the holder in it."""
        must_not_be_closed(state)
        role = role_of(self.role)
        given = handle(self.handle) if self.handle is not None else None
        holder = state.roles.get(role)
        if holder == given:
            if not given:
                raise Refusal(f"nobody is {role.label.lower()}: `role {role.value} {desk.actor}` takes it")
            raise Refusal(f"{role.label} is held by {given} already")
        if holder and given and self.replace is None:
            raise Refusal(
                f"{role.label} is held by {holder}: `handover {role.value} {given}` offers it with a brief; "
                "`--replace WHY` takes it where they cannot answer"
            )
        change = kinds.RoleChange(role=role, handle=given, why=optional(self.replace or "") or None)
        offer = state.offered(role)
        fields = {"handover": offer.id, "role": role, "giver": offer.giver, "to": offer.to} if offer else {}
        withdrawn = [kinds.Handover.model_validate(fields | {"state": "withdrawn"})] if offer else []
        elsewhere = invited([given], state, desk) if given else []
        if role is Role.IC and given:
            elsewhere += heard(f"the incident commander is {given}", state, desk)
        return [desk.draft(payload) for payload in (*withdrawn, change, *elsewhere)]
