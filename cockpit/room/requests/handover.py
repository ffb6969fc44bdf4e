"""Handing a role over: offered with a brief, accepted by whoever receives it, and only then another one's."""

from __future__ import annotations

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.ids import new_id
from cockpit.incident.matters import Handover
from cockpit.incident.state import State
from cockpit.incident.terms import Role
from cockpit.room.requests.desk import Desk, Refusal, handle, must_not_be_closed, optional
from cockpit.room.requests.people import role_of
from cockpit.scribe.brief import brief


class Offer(Struct, frozen=True):
    """Offer a role to somebody: whoever holds it can, and anybody while nobody does. An offer that still waits is
    withdrawn in the same act."""

    role: str
    handle: str
    why: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The offer with its brief; who holds the role goes on holding it."""
        must_not_be_closed(state)
        role, to = role_of(self.role), handle(self.handle)
        holder, waiting = state.roles.get(role), state.offered(role)
        if holder == to:
            raise Refusal(f"{to} holds {role.label} already")
        if holder not in (None, desk.actor):
            raise Refusal(
                f"{role.label} is held by {holder}, and only they can offer it; "
                f"`role {role.value} {to} --replace WHY` takes it where they cannot answer"
            )
        if waiting is not None and waiting.to == to:
            raise Refusal(f"{role.label} is offered to {to} already; `handover {role.value} --accept` is theirs")
        told = brief(state, label=desk.label, now=desk.now, policy=desk.policy).text()
        offered = kinds.Handover(
            handover=new_id(), role=role, giver=holder or "", to=to, state="offered", brief=told, why=optional(self.why)
        )
        before = [desk.draft(_settled(waiting, "withdrawn", "offered to another"))] if waiting else []
        return [*before, desk.draft(offered)]


class Accept(Struct, frozen=True):
    """Take over what was offered: only whom it was offered to can."""

    role: str

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Accepted, and the role is theirs: one set of entries."""
        must_not_be_closed(state)
        offer = _waiting(state, self.role)
        if offer.to != desk.actor:
            raise Refusal(f"{offer.role.label} is offered to {offer.to}, not to {desk.actor}: only they can accept it")
        taken = kinds.RoleChange(role=offer.role, handle=offer.to)
        return [desk.draft(_settled(offer, "accepted")), desk.draft(taken)]


class Decline(Struct, frozen=True):
    """Do not take over what was offered."""

    role: str
    why: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Declined; who held the role goes on."""
        must_not_be_closed(state)
        offer = _waiting(state, self.role)
        if offer.to != desk.actor:
            raise Refusal(f"{offer.role.label} is offered to {offer.to}, not {desk.actor}; `--withdraw` takes it back")
        return [desk.draft(_settled(offer, "declined", optional(self.why)))]


class Withdraw(Struct, frozen=True):
    """Take an offer back: who made it can, and who holds the role."""

    role: str
    why: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Withdrawn."""
        must_not_be_closed(state)
        offer = _waiting(state, self.role)
        if desk.actor not in (offer.offered.actor, offer.giver):
            raise Refusal(f"{offer.offered.actor} offered it; only they{_or(offer)} can withdraw it")
        return [desk.draft(_settled(offer, "withdrawn", optional(self.why)))]


def _or(offer: Handover) -> str:
    return f" or {offer.giver}" if offer.giver and offer.giver != offer.offered.actor else ""


def _waiting(state: State, role: str) -> Handover:
    offer = state.offered(role_of(role))
    if offer is None:
        open_ = [each for each in Role if state.offered(each)]
        named = ", ".join(each.value for each in open_)
        waiting = f"what is offered: {named}" if named else "no role is; whoever holds it offers it: handover ROLE @WHO"
        raise Refusal(f"{role_of(role).label} is offered to nobody; {waiting}")
    return offer


def _settled(offer: Handover, state: str, why: str = "") -> kinds.Handover:
    fields = {"handover": offer.id, "role": offer.role, "giver": offer.giver, "to": offer.to, "state": state}
    return kinds.Handover.model_validate(fields | {"why": why})
