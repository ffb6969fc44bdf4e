"""What shows that nobody changed the record: who wrote how much, the last hashes, and what was erased on purpose."""

from __future__ import annotations

from cockpit.scribe.escape import code, code_cell, inline
from cockpit.scribe.parts import Case, counted, facts, heading, table
from cockpit.scribe.tails import tails


def integrity(case: Case) -> str:
    """Entries, writers with their last hash, redactions, and kinds that this version does not know."""
    rows = [
        (code_cell(tail.writer), str(tail.entries), str(tail.seq), code_cell(tail.hash)) for tail in tails(case.entries)
    ]
    blocks = [
        heading(2, "Record integrity"),
        f"Incident {code(case.state.incident) or 'unknown'}, {counted(len(case.entries))}. Each entry's hash covers "
        "the one before it by the same writer; `cockpit incident verify` checks them all. That the end of a record was "
        "cut off, or all of it written anew, shows only beside these numbers and hashes: keep them elsewhere.",
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
    why = {redaction.entry: (redaction.why, fact) for redaction, fact in case.state.redactions}
    lines = []
    for entry in erased:
        said, fact = why.get(entry.id, ("", None))
        told = f"; by {inline(fact.actor)}, {case.clock(fact.at)}: {inline(said)}" if fact else "; no redaction says so"
        what = f"{inline(entry.kind)} by {inline(entry.actor)}, {case.clock(entry.occurred)}"
        lines.append(f"- {code(entry.id)}: {what}{told}")
    return f"Redacted; their content was erased, their hashes still hold:\n\n{facts(*lines)}"
