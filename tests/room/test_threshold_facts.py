"""What of a threshold goes into the record: each crossing, a flapping once in a window, and nothing twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scribe.story import Book

from cockpit.incident import kinds
from cockpit.room.facts.signals import told_by
from cockpit.signal.changes import EndpointChanged, ThresholdChanged
from cockpit.values import replace

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


def test_crossings_that_another_cockpit_has_not_seen_enough_of_stay_folded() -> None:
    """A younger cockpit counts from its own start: what flaps by the record does so for both, while that is fresh."""
    book = Book()
    began = book.add(
        kinds.ThresholdCrossed(id="p95", title="p95", state="ok", crossings=5, lasted=60), "0:00", "cockpit"
    ).occurred
    soon = replace(CROSSED, at=began + timedelta(minutes=3))
    [worse] = told(replace(soon, after="breach"), book)
    assert isinstance(worse, kinds.ThresholdCrossed)
    assert (worse.state, worse.crossings, worse.lasted) == ("breach", 6, 240), "as one more of what flaps"
    book.add(worse, "3:00", "cockpit")
    for after in ("ok", "warning", "unknown", "breach"):
        assert told(replace(soon, after=after), book) == []
    [plain] = told(replace(CROSSED, after="ok", at=began + timedelta(minutes=19)), book)
    assert isinstance(plain, kinds.ThresholdCrossed)
    assert plain.crossings is None, "whoever folded it is gone"
    assert told(replace(soon, after="ok", crossings=8, lasted=200.0, settled=True), book)


def test_what_flaps_and_became_worse_at_its_very_next_crossing_is_told() -> None:
    book = Book()
    book.add(kinds.ThresholdCrossed(id="p95", title="p95", state="ok", crossings=5, lasted=60), "0:00", "cockpit")
    again = replace(CROSSED, crossings=6, lasted=70.0)
    assert told(replace(again, after="unknown"), book) == []
    [worse] = told(replace(again, after="breach"), book)
    assert isinstance(worse, kinds.ThresholdCrossed)
    assert worse.state == "breach"


def test_an_endpoint_that_flaps_is_folded_alike() -> None:
    book = Book()
    flapping = kinds.EndpointChanged(id="health", state="warning", crossings=5, lasted=60)
    began = book.add(flapping, "0:00", "cockpit").occurred
    change = EndpointChanged("health", "GET /", "warning", "ok", "", 0.1, began + timedelta(minutes=1))
    assert not told_by(change, book.timeline.state)
    [(worse, _)] = told_by(replace(change, before="ok", after="failing"), book.timeline.state)
    assert isinstance(worse, kinds.EndpointChanged)
    assert (worse.state, worse.crossings) == ("failing", 6)
