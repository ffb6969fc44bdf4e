"""What shows that nobody changed the record: who wrote how much, the last hashes, and what was erased on purpose."""

from __future__ import annotations

from cockpit.incident.entry import Entry
from cockpit.scribe.escape import code, code_cell, inline
from cockpit.scribe.parts import Case, counted, facts, heading, table


def integrity(case: Case) -> str:
    """Entries, writers with their last hash, redactions, and kinds that this version does not know."""
    last: dict[str, Entry] = {}
    counts: dict[str, int] = {}
    for entry in case.entries:
        counts[entry.writer] = counts.get(entry.writer, 0) + 1
        if entry.writer not in last or entry.seq > last[entry.writer].seq:
            last[entry.writer] = entry
    rows = [
        (code_cell(writer), str(counts[writer]), str(entry.seq), code_cell(entry.hash.hex()))
        for writer, entry in sorted(last.items())
    ]
    blocks = [
        heading(2, "Record integrity"),
        f"Incident {code(case.state.incident) or 'unknown'}, {counted(len(case.entries))}. Each entry's hash covers "
        "the one before it by the same writer; `cockpit incident verify` checks them all.",
        table(("Writer", "Entries here", "Last number", "Last hash"), rows) if rows else "The record is empty.",
        _redacted(case),
    ]
    if case.state.unknown_kinds:
        blocks.append(f"Of a kind that this version does not know, and kept: {counted(case.state.unknown_kinds)}.")
    return "\n\n".join(blocks)


def _redacted(case: Case) -> str:
    erased = [entry for entry in case.entries if entry.redacted]
    if not erased:
        return "Nothing was redacted."
    lines = [f"- {code(e.id)}: {inline(e.kind)} by {inline(e.actor)}, {case.clock(e.occurred)}" for e in erased]
    return f"Redacted; their content was erased, their hashes still hold:\n\n{facts(*lines)}"
