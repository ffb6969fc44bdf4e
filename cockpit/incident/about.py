"""What an entry is about: the entries about the same thing read differently when one more of them comes. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.state import State

_DECLARATION = "declaration"

_BY_FIELD: dict[str, tuple[str, str]] = {
    kinds.RunIntent.kind: ("run", "run"),
    kinds.RunResult.kind: ("run", "run"),
    kinds.RunVerified.kind: ("run", "run"),
    kinds.RunEffect.kind: ("run", "run"),
    kinds.MitigationLeft.kind: ("run", "run"),
    kinds.Message.kind: ("message", "message"),
    kinds.Delivery.kind: ("message", "message"),
    kinds.Page.kind: ("message", "message"),
    kinds.Hypothesis.kind: ("hypothesis", "hypothesis"),
    kinds.Ask.kind: ("ask", "ask"),
    kinds.ActionItem.kind: ("action item", "item"),
}
"""Of which thing an entry of each kind tells a part, and the field that names it."""


def about(entry: Entry, state: State) -> tuple[str, ...]:
    """The things that `entry` tells of, beside itself; none for most kinds.

    An undo is about the run that it undoes too, whose line says so once the undo's result is there.
    """
    if entry.kind in (kinds.Declared.kind, kinds.Severity.kind):
        return (_DECLARATION,)
    thing, field = _BY_FIELD.get(entry.kind, ("", ""))
    if not thing:
        return ()
    id = getattr(state.edits.payload(entry), field, "") or ""
    run = state.runs.get(id) if thing == "run" else None
    undone = run.intent.undo_of if run else ""
    return tuple(f"{thing} {each}" for each in (id, undone) if each)


def versions(entry: Entry, state: State) -> Iterator[Entry]:
    """The other entries whose own words `entry` changes: all versions of what it amends, or of what it erases."""
    erased = state.edits.erased_by(entry)
    for root in (entry, erased):
        if root is not None and (root.supersedes or state.edits.amended(root)):
            yield from (version for version in state.edits.versions(root) if version.id != entry.id)
    if erased is not None:
        yield erased
