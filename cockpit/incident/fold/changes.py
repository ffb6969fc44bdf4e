"""How what somebody else changed enters the state: the latest change of each thing."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.fact import Fact
from cockpit.incident.fold.registry import folds
from cockpit.incident.state import State


@folds(kinds.Changed)
def _changed(state: State, changed: kinds.Changed, entry: Entry) -> None:
    known = state.changes.get(changed.subject)
    if known is not None and changed.version and known[0].version == changed.version:
        state.echoes |= {entry.id}
    state.changes[changed.subject] = (changed, Fact.of(entry))
