"""The incidents of a journal, and finding one by what people call it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.incident.clocks import Due, clocks
from cockpit.incident.policies import shipped
from cockpit.incident.state import State
from cockpit.incident.timeline import Timeline
from cockpit.record.store import Store
from cockpit.room.requests import Refusal
from cockpit.text import clean


@dataclass(frozen=True, slots=True)
class Listed:
    """One incident of the list."""

    label: str
    state: State
    clocks: Sequence[Due]


async def listing(store: Store) -> list[Listed]:
    """Every declared incident, the latest written to first; raises JournalError."""
    labels, found = await store.labels(), []
    for incident in reversed(await store.incidents()):
        state = Timeline(await store.read(incident)).state
        if state.declared is not None:
            due = clocks(state, shipped().get(state.policy))
            found.append(Listed(labels.get(incident, incident[:8]), state, due))
    return found


async def resolve(store: Store, name: str) -> str:
    """The id of the incident that `name` means: its label, its id, the start of it, or its name while it is open.

    Raises:
        Refusal: none or several are meant.
        JournalError: the record cannot be read.
    """
    labels = await store.labels()
    exact = [incident for incident, label in labels.items() if label.upper() == name.upper()]
    ids = await store.incidents()
    found = exact or [incident for incident in ids if len(name) >= 4 and incident.startswith(name.lower())]
    if not found:
        found = [
            each.state.incident for each in await listing(store) if each.state.name == name and not each.state.over
        ]
    if len(found) == 1:
        return found[0]
    known = ", ".join(sorted(labels.values())[-8:]) or "none"
    what = "several incidents match" if found else "there is no incident"
    raise Refusal(f"{what} '{clean(name)[:40]}'; there are {known}")
