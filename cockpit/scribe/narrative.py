"""The timeline: every entry with both of its times, who, and what."""

from __future__ import annotations

from cockpit.incident.wording import headline, tag
from cockpit.scribe.escape import inline
from cockpit.scribe.parts import Case, by, heading, table

REF = 6
"""Digits of an entry's id by which people name it, as the cockpit shows it."""


def timeline(case: Case) -> str:
    """All entries in the record's order; none is left out."""
    day = f"All on {case.day.isoformat()}. " if case.day else ""
    intro = f"{day}*Occurred* is when it happened, *recorded* when it was written; what was added later says so."
    rows = []
    for entry in case.entries:
        line = headline(entry, case.state)
        late = tag(entry, case.state)
        recorded = case.clock(entry.recorded.at) + (f" ({late})" if late else "")
        what = inline(f"{line.glyph} {line.text}")
        if case.state.edits.replaced(entry):
            what = f"~~{what}~~ amended by {case.state.edits.standing(entry.id)[-REF:]}"
        rows.append((case.clock(entry.occurred), recorded, entry.id[-REF:], by(entry.actor, entry.role), what))
    return f"{heading(2, 'Timeline')}\n\n{intro}\n\n{table(('Occurred', 'Recorded', 'Entry', 'Who', 'What'), rows)}"
