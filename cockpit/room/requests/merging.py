"""Merging a duplicate: written in both records at once, so that both ids lead to the one that goes on."""

from __future__ import annotations

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.record.store import Store
from cockpit.room.journal.listing import Listed, find_incident
from cockpit.room.requests.deeds import answered, archived
from cockpit.room.requests.desk import Desk, Refusal, must_be_declared, optional
from cockpit.values import replace


class Merge(Struct, frozen=True):
    """Take `other`, a duplicate, into this incident.

    Args:
        other: what people call it: label, id or name.
        why: may stay empty.
        found: the duplicate as its record has it, made by `ready`.
        break_glass: why it is closed by somebody whose roles do not let him; see `cockpit.room.permission`.
    """

    other: str
    why: str = ""
    found: Listed | None = None
    break_glass: str = ""

    async def ready(self, store: Store) -> Merge:
        """The same with the duplicate looked up; raises Refusal when there is none, JournalError."""
        return replace(self, found=await find_incident(store, self.other, unmerged=True))

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """`from` in this record, `into` in the duplicate's, whose pages are resolved and whose channel is archived."""
        must_be_declared(state)
        assert self.found is not None, "a request is made ready before it decides"
        _must_be_mergeable(self.found, state, desk)
        duplicate, why = self.found, optional(self.why, "the reason")
        taken = kinds.Merge(direction="from", other=duplicate.state.incident, label=duplicate.label, why=why)
        into = kinds.Merge(direction="into", other=desk.incident, label=desk.label, why=why)
        theirs = replace(desk, incident=duplicate.state.incident, label=duplicate.label)
        elsewhere = answered("resolve", duplicate.state, theirs, f"merged into {desk.label}")
        elsewhere += archived(duplicate.state, theirs)
        return [desk.draft(taken), *(theirs.draft(each) for each in (into, *elsewhere))]


def _must_be_mergeable(duplicate: Listed, state: State, desk: Desk) -> None:
    label, other = duplicate.label, duplicate.state
    if other.incident == desk.incident:
        raise Refusal(f"{label} is this incident; name the duplicate that it takes in")
    if other.declared is None:
        raise Refusal(f"{label} was never declared: there is nothing to merge")
    if other.merged_into:
        raise Refusal(f"{label} was {other.statuses[-1].text} already")
    if other.drill != state.drill:
        raise Refusal(f"{label} is {'a drill' if other.drill else 'real'} and this one is not; they are never one")
    if state.status is Status.CLOSED and not other.over:
        raise Refusal(f"{label} is open and this one is closed: `reopen WHY` first, or merge this one into {label}")
