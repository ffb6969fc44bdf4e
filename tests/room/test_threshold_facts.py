"""What of a threshold goes into the record: each crossing, a flapping once in a window, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from scribe.story import Book

from cockpit.incident import kinds
from cockpit.room.facts import told_by
from cockpit.signal.changes import ThresholdChanged

AT = datetime(2026, 11, 21, 2, tzinfo=UTC)
CROSSED = ThresholdChanged("p95", "p95", "ok", "warning", 0.9, "> 0.5", "seconds", AT, far="1.8 × the bound")


def told(change: ThresholdChanged, book: Book) -> list[kinds.Payload]:
    return [payload for payload, _ in told_by(change, book.timeline.state)]


def test_a_crossing_says_how_far_and_an_ordinary_one_no_more() -> None:
    [payload] = told(CROSSED, Book())
    assert payload.fields() == {
        "id": "p95", "title": "p95", "from": "ok", "to": "warning", "value": 0.9, "unit": "seconds", "bound": "> 0.5",
        "far": "1.8 × the bound",
    }  # fmt: skip


def test_what_flaps_is_told_although_its_state_is_known_and_only_once() -> None:
    book = Book()
    book.add(kinds.ThresholdCrossed(id="p95", title="p95", state="warning", value=0.9), "0:00", "cockpit")
    assert told(CROSSED, book) == []
    flapping = replace(CROSSED, crossings=5, lasted=75.0)
    [payload] = told(flapping, book)
    entry = book.add(payload, "1:00", "cockpit")
    assert entry.id not in book.timeline.state.echoes
    assert told(flapping, book) == []
    assert told(replace(flapping, crossings=6), book) == []  # another cockpit, which saw one more
    assert told(replace(flapping, crossings=40), book)
    [settled] = told(replace(flapping, after="ok", crossings=6, settled=True), book)
    book.add(settled, "9:00", "cockpit")
    assert told(replace(flapping, after="ok", crossings=6, settled=True), book) == []
    assert told(replace(CROSSED, before="ok", after="ok"), book) == []
    assert told(CROSSED, book)
