"""What two people decided apart from each other: found by what each decision says that it was decided upon.

A decision names the entry that last said the same thing where it was made (`over`). Where another entry stands there
by the record's order, and says something else, the two were made apart: by cockpits that did not hear each other. The
rule is the same for all subjects: the later one in the record's order stands.
"""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.fact import Fact
from cockpit.incident.fold.registry import folds
from cockpit.incident.state import Decided, State


def subject_of(payload: kinds.Payload) -> tuple[str, str] | None:
    """The subject that a payload decides and the value that it gives it; None for kinds that decide nothing."""
    match payload:
        case kinds.RoleChange():
            return f"role {payload.role.value}", payload.handle or ""
        case kinds.ChecklistItem():
            return f"item {payload.item}", payload.state
        case kinds.StatusChange():
            return "status", payload.status.value
        case kinds.Severity():
            return "severity", payload.severity
    return None


def contest(state: State, payload: kinds.Payload, entry: Entry) -> None:
    """Take note of what `payload` decides, and of the entry that it contradicts, if it does."""
    if (found := subject_of(payload)) is None:
        return
    subject, value = found
    line, over, id = state.decided.get(subject, ()), getattr(payload, "over", None), Fact.of(entry).entry
    grounded = over is not None and (not over or any(each.entry == over for each in line))
    now = Decided(id, value, over, grounded)
    if line and grounded and over != line[-1].entry:
        before = line[-1]
        if before.grounded and before.value != value and before.over != id:
            said = kinds.Contradiction(subject=subject, first=before.entry, second=id, lost=before.value, stands=value)
            state.contradictions += (said,)
    state.decided[subject] = (*line, now)


def untold(state: State) -> list[kinds.Contradiction]:
    """The contradictions of which no entry tells yet."""
    told = {(each.first, each.second) for each in state.contradictions_told}
    return [each for each in state.contradictions if (each.first, each.second) not in told]


@folds(kinds.Contradiction)
def _told(state: State, told: kinds.Contradiction, entry: Entry) -> None:
    state.contradictions_told += (told,)
