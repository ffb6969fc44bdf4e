"""The rows of stateful sets and daemon sets: how far each is, its revisions, and what changed between two of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cockpit.room.views.pods import PodsView
from cockpit.room.views.sets import SetView
from cockpit.screen.rollout.changes import difference_rows, revision_rows
from cockpit.screen.rollout.pair import Pair
from cockpit.screen.spans import Row, Span, wrap
from cockpit.screen.terminal.glyphs import Glyphs


def set_rows(
    view: SetView, pair: Pair, pods: PodsView, now: datetime, width: int, glyphs: Glyphs
) -> Iterator[Row]:  # fmt: skip
    """One set. It is shown and not rolled back: the last line says what does."""
    yield Row("", ())
    yield Row(f"set {view.owner}", (Span(f" {view.owner}", "accent"),))
    if view.trouble:
        for line in wrap(f"unknown: {view.trouble}", width - 3):
            yield Row("", (Span(f"   {line}", "bad"),))
        return
    mark = glyphs.good if view.done else glyphs.pending
    for number, line in enumerate(wrap(view.message, width - 5)):
        yield Row("", (Span(f" {mark if number == 0 else ' '} {line}", "good" if view.done else "warn"),))
    old, new = pair.of(view.revisions)
    runs = [(each, view.runs(each, pods)) for each in view.revisions]
    yield from revision_rows(runs, old, new, now, width, praised=False)
    yield from difference_rows(old, new, pair.differences(view.revisions), width)
    if old is not None:
        for line in wrap(f"shown only; `{view.undo}{old.number}` goes back", width - 3):
            yield Row("", (Span(f"   {line}", "quiet"),))
