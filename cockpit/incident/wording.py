"""How one entry reads in one line: for the timeline pane, the command line and the export. No styling, pure."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.deliveries import SENDING
from cockpit.incident.entry import Entry
from cockpit.incident.phrases import UNKNOWN, Said, Tone, phrase
from cockpit.incident.state import State
from cockpit.incident.terms import PROGRAM
from cockpit.incident.times import time_of_day
from cockpit.text import MASK, clean

LATE = 60.0
"""Seconds after which an entry was not recorded as it happened."""


class Headline(Struct, frozen=True):
    """One line: a glyph (or none), a tone, the words, and who it comes from (nobody when the program itself)."""

    glyph: str
    tone: Tone
    text: str
    who: str


def tag(entry: Entry, state: State) -> str:
    """What is to be known of an entry's times and text: `added +17 m`, `amended`, `amended, was 03:41:07`."""
    original = state.edits.original(entry)
    if original is None:
        return late_tag(state.edits.late(entry))
    moved = original.occurred != entry.occurred
    return f"amended, was {time_of_day(original.occurred)}" if moved else "amended"


def late_tag(late: timedelta) -> str:
    """`added +17 m` of what was recorded more than a minute after it occurred, else nothing."""
    seconds = late.total_seconds()
    if seconds <= LATE:
        return ""
    for limit, size, unit in ((7200, 60, "m"), (172800, 3600, "h")):
        if seconds < limit:
            return f"added +{int(seconds // size)} {unit}"
    return f"added +{int(seconds // 86400)} d"


_COMPLETING = frozenset(
    model.kind for model in (kinds.RunResult, kinds.Delivery, kinds.Snapshot, kinds.ChecklistItem)
)  # fmt: skip


def shown(entry: Entry, state: State | None = None) -> bool:
    """Whether the pane gives `entry` a line of its own; the export gives one to every entry.

    Results and deliveries show on the line of what they complete, ticks in the checklist, snapshots in the export.
    With `state`, neither has one that was amended (the version that stands has), nor one that says what was so
    already, nor a severity that the declaration's line already says.
    """
    if entry.kind in _COMPLETING and not entry.redacted:
        return False
    if state is not None and (state.edits.replaced(entry) or entry.id in state.echoes):
        return False
    return state is None or entry.kind != kinds.Severity.kind or not _said_by_declaration(entry, state)


def overtaken(entry: Entry, state: State) -> bool:
    """Whether `entry` is the beginning of an attempt to deliver a message, of which another entry says the end."""
    begun = kinds.read(entry) if entry.kind == kinds.Delivery.kind else None
    if not isinstance(begun, kinds.Delivery) or begun.state != SENDING:
        return False
    sent = state.messages.get(begun.message)
    last = sent.on(begun.channel) if sent is not None else None
    return last is not None and last.fact.entry != entry.id


def _said_by_declaration(entry: Entry, state: State) -> bool:
    first = state.severities[0].fact if state.severities else None
    declared = state.declared
    return first is not None and declared is not None and first.entry == entry.id and first.at == declared.at


def headline(entry: Entry, state: State) -> Headline:
    """How `entry` reads, given the incident's `state` after all that is known: a run's line shows how it ended."""
    glyph, tone, text = _said(entry, state)
    text = clean(text).strip()
    return Headline(glyph, tone, text, _who(entry, state, text))


def _said(entry: Entry, state: State) -> Said:
    payload = state.edits.payload(entry)
    if payload is not None:
        return phrase(payload, state, entry)
    if entry.redacted:
        return "", "quiet", f"{entry.kind} {MASK}"
    if entry.kind in kinds.KINDS:
        return UNKNOWN, "quiet", f"{entry.kind} whose fields cannot be read (kept)"
    return UNKNOWN, "quiet", f"unknown kind '{entry.kind}' (kept)"


def _who(entry: Entry, state: State, text: str) -> str:
    """The actor; not the program, and not the responder whose name a role's line already ends with.

    An amendment names who wrote the entry first, and who amended it where that is somebody else.
    """
    original = state.edits.original(entry)
    if original is not None and original.actor != entry.actor:
        return clean(f"{original.actor}, amended by {entry.actor}")
    taken = entry.kind == kinds.RoleChange.kind and text.split()[-1:] == [entry.actor]
    return "" if entry.actor == PROGRAM or taken else clean(entry.actor)
