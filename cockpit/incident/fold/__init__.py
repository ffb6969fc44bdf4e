"""The fold: from entries, in the record's order, to the incident's state. Pure; total over any record."""

from __future__ import annotations

from collections.abc import Iterable

from cockpit.incident import kinds
from cockpit.incident.edits import Edits
from cockpit.incident.entry import Entry
from cockpit.incident.fact import Fact
from cockpit.incident.fold import alerts, changes, contests, lifecycle, matters, messages, people, runs, signals, words
from cockpit.incident.fold.registry import STEPS
from cockpit.incident.state import State

__all__ = ["apply", "fold", "is_telling"]

_ROOMS = (alerts, changes, contests, lifecycle, matters, messages, people, runs, signals, words)
"""Imported so that each registers its kinds."""


def apply(state: State, entry: Entry) -> None:
    """Take `entry`, the next in the record's order, into `state`.

    An entry that was amended says nothing more: the version that stands does, at its own time. Of a redacted entry
    what its redaction kept is taken. Unknown kinds are counted, else left alone.
    """
    state.entries += 1
    if not state.incident:
        state.incident, state.began = entry.incident, Fact.of(entry)
    edits = state.edits
    if not is_telling(entry) or edits.replaced(entry):
        return
    payload = edits.payload(entry)
    if payload is None:
        state.unknown_kinds += entry.kind not in kinds.KINDS
        return
    step = STEPS.get(entry.kind)
    if step is not None:
        written = edits.as_written(entry)
        contests.contest(state, payload, written)
        step(state, payload, written)


def is_telling(entry: Entry) -> bool:
    """Whether an entry of this kind changes the state; a note, which does not, is only counted."""
    return entry.kind in STEPS or entry.kind not in kinds.KINDS


def fold(entries: Iterable[Entry], state: State | None = None) -> State:
    """The state after all of `entries`, which are in the record's order, starting from `state` or from nothing."""
    entries = list(entries)
    state = state or State(edits=Edits(entries))
    for entry in entries:
        apply(state, entry)
    return state
