"""Merging a duplicate: written in both records at once, so that both ids lead to the one that goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.state import State
from cockpit.room.requests.desk import Desk, Refusal, must_not_be_closed, optional
from cockpit.text import clean


@dataclass(frozen=True, slots=True)
class Merge:
    """Take `other`, a duplicate, into this incident.

    Args:
        other: what people call it: label, id or name.
        why: may stay empty.
        found: its id, label and state, looked up by the room before it is decided.
    """

    other: str
    why: str = ""
    found: tuple[str, str, State] | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """`into` in the duplicate's record, `from` in this one's."""
        must_not_be_closed(state)
        if self.found is None:
            raise Refusal(f"there is no incident '{clean(self.other)[:40]}'; `incident list` shows them")
        id, label, other = self.found
        if id == desk.incident:
            raise Refusal(f"{label} is this incident; name the duplicate that it takes in")
        if other.declared is None:
            raise Refusal(f"{label or id} was never declared: there is nothing to merge")
        if other.merged_into:
            raise Refusal(f"{label} was {other.statuses[-1].text} already")
        if other.drill != state.drill:
            raise Refusal("a drill and a real incident are never one")
        why = optional(self.why)
        into = kinds.Merge(direction="into", other=desk.incident, label=desk.label, why=why)
        taken = kinds.Merge(direction="from", other=id, label=label, why=why)
        return [desk.draft(taken), replace(desk.draft(into), incident=id)]
