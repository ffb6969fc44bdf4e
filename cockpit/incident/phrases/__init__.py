"""The words for each kind of entry: which glyph, which tone, which sentence. `wording` is the door to them."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.phrases import alerts, changes, lifecycle, matters, messages, people, runs, signals, words
from cockpit.incident.phrases.registry import BAD, DECLARED, DONE, GOOD, RUN, UNKNOWN, WORDINGS, Said, Tone
from cockpit.incident.phrases.runs import outcome
from cockpit.incident.state import State

__all__ = ["BAD", "DECLARED", "DONE", "GOOD", "RUN", "UNKNOWN", "Said", "Tone", "outcome", "phrase"]

_ROOMS = (alerts, changes, lifecycle, matters, messages, people, runs, signals, words)
"""Imported so that each registers its kinds."""


def phrase(payload: kinds.Payload, state: State, entry: Entry) -> Said:
    """How `entry`, whose payload is `payload`, reads, given the incident's `state` after all that is known."""
    return WORDINGS[entry.kind](payload, state, entry)
