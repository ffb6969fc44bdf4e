"""What a command says after a declaration and after a resolution: where the papers are, how it went, what is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cockpit.incident.checklists import AFTER
from cockpit.incident.entry import Entry
from cockpit.incident.kinds import Declared, StatusChange
from cockpit.incident.measures import measures
from cockpit.incident.terms import Status
from cockpit.incident.times import span
from cockpit.room.facts.proposing import is_graver
from cockpit.room.facts.severities import proposed_by_alerts
from cockpit.room.requests import Convene, when
from cockpit.room.room import Room
from cockpit.room.views.signals import Proposal


def closing_lines(entries: Sequence[Entry], room: Room) -> Iterator[str]:
    """The lines for the entries that a command has written in the room's own incident."""
    own = [entry for entry in entries if entry.incident == room.incident]
    if any(entry.kind == Declared.kind for entry in own):
        yield f"the incident document, as it stands at any time: cockpit export --incident {room.label}"
        if (found := proposed_severity(entries, room)) is not None:
            yield f"{found.level} is proposed: {found.evidence}; cockpit incident severity {found.level} sets it"
    ends = [entry for entry in own if entry.kind == StatusChange.kind]
    if any(entry.payload.get("status") == Status.RESOLVED for entry in ends):
        yield from _resolved(room)


def proposed_severity(entries: Sequence[Entry], room: Room) -> Proposal | None:
    """The severity that the alerts propose from which an incident was just declared, where none as grave is set."""
    if not any(entry.kind == Declared.kind and entry.incident == room.incident for entry in entries):
        return None
    found = proposed_by_alerts(room.state, room.policy, room.setting.severities, room.clock.now())
    return found if found and is_graver(found, room.state, room.policy) else None


def _resolved(room: Room) -> Iterator[str]:
    """How it went, when it is looked back on, and what the checklists have for afterwards."""
    known = [f"{each.title.lower()} {span(each.seconds)}" for each in measures(room.state) if each.seconds is not None]
    if known:
        yield f"measures: {', '.join(known)}; cockpit measures {room.label}"
    if room.state.resolved is not None:
        ics = f"cockpit export --incident {room.label} --format ics"
        yield f"post-mortem: {when(*room.eve(Convene()))}; its invitation: {ics}"
    left = sum(len(phase.items) for each in room.setting.checklists if each.role == AFTER for phase in each.phases)
    if left:
        yield f"after the incident: {left} items; cockpit incident checklist --role {AFTER}"
