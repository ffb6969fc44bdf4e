"""How people name an entry: the last six digits of its id, a longer part of it, or the whole."""

from __future__ import annotations

from cockpit.incident.entry import Entry
from cockpit.incident.timeline import Timeline
from cockpit.room.refusal import Refusal
from cockpit.text import clean

LENGTH = 6
"""Digits of a ref: the id's random end, of which sixteen million are different."""


def ref(entry: Entry) -> str:
    """The short name of `entry`, as `incident timeline` shows it."""
    return entry.id[-LENGTH:]


def find_entry(timeline: Timeline, text: str) -> Entry:
    """The one entry of `timeline` that `text` names; raises Refusal when it names none or several."""
    given = text.strip().lower()
    found = [entry for entry in timeline.entries if _names(given, entry.id)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Refusal(f"there is no entry '{clean(text)[:40]}' here; `incident timeline` shows each with its ref")
    refs = ", ".join(entry.id for entry in found[:4])
    raise Refusal(f"'{clean(text)[:40]}' names {len(found)} entries; write more of the id: {refs}")


def _names(given: str, id: str) -> bool:
    return len(given) >= 4 and (id.endswith(given) or (len(given) >= 8 and id.startswith(given)))
