"""The incidents of a journal, the most urgent first, and finding one by what people call it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.clocks import Due, clocks
from cockpit.incident.entry import Entry
from cockpit.incident.policies import shipped
from cockpit.incident.state import State
from cockpit.incident.timeline import Timeline
from cockpit.record.journal import Journal
from cockpit.record.store import Store
from cockpit.room.refusal import Refusal
from cockpit.text import clean

AT_ONCE = 20
"""Incidents that are read and folded at a time: whoever appends waits for no more than these."""
COURSE = tuple(
    each.kind
    for each in (
        kinds.Watching, kinds.Declared, kinds.Severity, kinds.StatusChange, kinds.Closed, kinds.Reopened, kinds.Merge,
        kinds.Mitigation, kinds.Redaction,
    )
)  # fmt: skip
"""The kinds that tell what an incident is called, how severe it is, and whether and how it ended."""
Clocks = Callable[[State], Sequence[Due]]
"""Gives the clocks of any incident."""


class Listed(Struct, frozen=True):
    """One incident of the list. `merged` names those that lead to it, where it was asked for by one of them."""

    label: str
    state: State
    clocks: Sequence[Due] = ()
    merged: tuple[str, ...] = ()

    @property
    def waiting(self) -> list[Due]:
        """The clocks that still run, what is due first before the others; none when it is over."""
        running = [clock for clock in self.clocks if clock.done is None]
        return [] if self.state.over else sorted(running, key=lambda clock: clock.due)

    @property
    def standing(self) -> str:
        """Its status in a word or two: also that it was merged, or none."""
        if self.state.merged_into:
            return "merged"
        return "false alarm" if self.state.false_alarm is not None else self.state.status.value

    def lasted(self, now: datetime) -> timedelta:
        """From its declaration until it was resolved or closed, or until `now`."""
        end = (self.state.resolved or self.state.closed) if self.state.over else None
        began = self.state.declared
        return (end.at if end else now) - began.at if began else timedelta()


def shipped_clocks(state: State) -> Sequence[Due]:
    """The clocks of an incident by the policy that its record names, of those that are shipped."""
    return clocks(state, shipped().get(state.policy))


async def listing(store: Store, clocks: Clocks = shipped_clocks, *, whole: bool = True) -> list[Listed]:
    """Every declared incident: the open ones first, by what is due next, then the others, the latest written to first.

    Args:
        whole: read all of those that are over too. Without, of these only their course is read (COURSE), which is
            what a list shows, and they have no clocks: a thousand of them take a fraction of a second.

    Raises:
        JournalError: the record cannot be read.
    """
    labels, found = await store.labels(), list[Listed]()
    latest_first = (await store.incidents())[::-1]
    for first in range(0, len(latest_first), AT_ONCE):
        some = latest_first[first : first + AT_ONCE]
        states = {} if whole else await _over(store, some)
        states |= await _folded(store, [each for each in some if each not in states])
        for incident in (each for each in some if states[each].declared is not None):
            state = states[incident]
            found.append(Listed(labels.get(incident, incident[:8]), state, _clocks(state, clocks, whole=whole)))
    return sorted(found, key=_urgency)


def _clocks(state: State, clocks: Clocks, *, whole: bool) -> Sequence[Due]:
    return clocks(state) if whole or not state.over else ()


async def _over(store: Store, incidents: Sequence[str]) -> dict[str, State]:
    """Those that are over, as far as their course tells; not those of which only the whole record can tell."""
    records = await store.call(partial(_records, incidents=incidents, kinds=COURSE))
    telling = {each: record for each, record in records.items() if not amends_something_else(record)}
    states = await asyncio.to_thread(_fold, telling)
    return {incident: state for incident, state in states.items() if state.over}


async def _folded(store: Store, incidents: Sequence[str]) -> dict[str, State]:
    """The state of each incident after all its entries."""
    return await asyncio.to_thread(_fold, await store.call(partial(_records, incidents=incidents)))


def _records(journal: Journal, incidents: Sequence[str], kinds: Sequence[str] = ()) -> dict[str, list[Entry]]:
    return {each: journal.read(each, kinds=kinds) for each in incidents}


def _fold(records: Mapping[str, Iterable[Entry]]) -> dict[str, State]:
    return {incident: Timeline(entries).state for incident, entries in records.items()}


def amends_something_else(record: Sequence[Entry]) -> bool:
    """Whether an entry names one to amend that is not among them: what stands then depends on what that one is."""
    known = {entry.id for entry in record}
    return any(entry.supersedes and entry.supersedes not in known for entry in record)


def _urgency(listed: Listed) -> tuple[bool, bool, float]:
    """Open before over, with something due before without, then by what is due; else as they were."""
    due = next(iter(listed.waiting), None)
    return listed.state.over, due is None, due.due.timestamp() if due else 0.0


async def _state(store: Store, incident: str) -> State:
    entries = await store.read(incident)
    return (await asyncio.to_thread(Timeline, entries)).state


async def find_incident(store: Store, name: str, *, unmerged: bool = False) -> Listed:
    """The incident that `name` means: its label, its id, the start of it, or its name while it is open.

    One that was merged leads to the one in which it goes on, however often that was merged itself; `unmerged` gives
    the duplicate's own record.

    Raises:
        Refusal: none or several are meant.
        JournalError: the record cannot be read.
    """
    labels = await store.labels()
    incident, passed = await _named(store, name, labels), list[str]()
    state = await _state(store, incident)
    known = set(await store.incidents())
    while not unmerged and state.merged_into in known - {incident, *passed}:
        passed.append(incident)
        incident, state = state.merged_into, await _state(store, state.merged_into)
    merged = tuple(labels.get(each, each[:8]) for each in passed)
    return Listed(labels.get(incident, incident[:8]), state, merged=merged)


async def _named(store: Store, name: str, labels: Mapping[str, str]) -> str:
    exact = [incident for incident, label in labels.items() if label.upper() == name.upper()]
    if not exact and (former := (await store.former_labels()).get(name.upper())):
        exact = [former]
    ids = await store.incidents()
    found = exact or [incident for incident in ids if len(name) >= 4 and incident.startswith(name.lower())]
    if not found:
        present = [each.state for each in await listing(store, whole=False) if not each.state.over]
        found = [state.incident for state in present if state.name == name]
    if len(found) == 1:
        return found[0]
    known = ", ".join(sorted(labels.values())[-8:]) or "none"
    what = "several incidents match" if found else "there is no incident"
    raise Refusal(f"{what} '{clean(name)[:40]}'; there are {known}")
