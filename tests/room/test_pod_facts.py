"""What of pods that crash or do not serve goes into the record: each reason once, whoever saw it, and their end."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from scribe.story import START, Book
from scribe.test_markdown import document, section

from cockpit.incident import kinds
from cockpit.incident.phrases.signals import pods_words
from cockpit.room.facts.signals import told_by
from cockpit.signal.changes import PodCrashing, PodsRecovered, PodsUnready

WAITS = PodsUnready(("a",), 1, 5, "Unschedulable", "0/3 nodes are available", "bad", 43, "1.4.2", START, START)
CRASHES = PodCrashing(("b",), 2, 5, "CrashLoopBackOff", 1, "bad", 43, "1.4.2", 5, START, START)
WELL = PodsRecovered(5, 5, START)


def told(change: PodsUnready | PodCrashing | PodsRecovered, book: Book) -> list[kinds.Payload]:
    return [payload for payload, _ in told_by(change, book.timeline.state)]


def test_pods_that_do_not_serve_are_told_once_and_stand_beside_those_that_crash() -> None:
    book = Book()
    assert told(WELL, book) == [], "what nobody said was ill need not be said to be well"
    [waits] = told(WAITS, book)
    assert waits.fields()["detail"] == "0/3 nodes are available"
    book.add(waits, "0:00", "cockpit")
    assert told(WAITS, book) == [], "another cockpit saw the same"
    [crashes] = told(CRASHES, book)
    assert "detail" not in crashes.fields()
    book.add(crashes, "1:00", "cockpit")
    state = book.timeline.state
    assert (state.pods and state.pods[0].state, list(state.unready)) == ("crashing", ["Unschedulable"])
    assert told(WAITS, book) == []
    [well] = told(WELL, book)
    book.add(well, "9:00", "cockpit")
    assert book.timeline.state.unready == {}
    assert told(WELL, book) == []
    assert told(WAITS, book), "and again is news"


def test_many_more_are_told_again_and_what_began_before_all_was_well_is_not_dated_before_it() -> None:
    book = Book()
    book.add(told(CRASHES, book)[0], "0:00", "cockpit")
    later = msgspec.structs.replace(CRASHES, count=4, seen=START + timedelta(minutes=2))
    soon = msgspec.structs.replace(CRASHES, count=4, seen=START + timedelta(seconds=20))
    assert told(soon, book) == [], "another cockpit gathered for longer"
    assert told(msgspec.structs.replace(later, count=3), book) == []
    [(worse, at)] = told_by(later, book.timeline.state)
    assert (worse.fields()["count"], at) == (4, later.seen)
    book.add(worse, "2:00", "cockpit")
    assert told(later, book) == []
    book.add(told(WELL, book)[0], "3:00", "cockpit")
    [(waits, at)] = told_by(msgspec.structs.replace(WAITS, seen=START + timedelta(minutes=9)), book.timeline.state)
    assert at == START + timedelta(minutes=3)
    book.add(waits, "3:00", "cockpit")
    assert list(book.timeline.state.unready) == ["Unschedulable"]


def test_a_crash_loop_that_began_before_anybody_watched_says_at_least_since_when() -> None:
    book = Book()
    old = msgspec.structs.replace(CRASHES, at_least=True)
    [(crashes, at)] = told_by(old, book.timeline.state)
    assert at == START
    assert isinstance(crashes, kinds.Pods)
    assert pods_words(crashes)[2] == "2/5 pods crash: CrashLoopBackOff since 1.4.2, at least since 02:00:00Z"
    book.add(told(WAITS, book)[0], "0:30", "cockpit")
    book.add(told(WELL, book)[0], "3:00", "cockpit")
    [(crashes, at)] = told_by(old, book.timeline.state)
    assert (at, "detail" in crashes.fields()) == (START + timedelta(minutes=3), False), "it was well meanwhile"


def test_they_are_part_of_the_impact() -> None:
    book = Book()
    [waits], [crashes], [well] = (
        told(WAITS, book),
        told(CRASHES, book),
        [kinds.Pods(state="recovered", count=5, total=5)],
    )
    book.add(waits, "1:00", "cockpit")
    book.add(well, "3:00", "cockpit")
    rows = section(document(book), "Impact").splitlines()
    assert "| pods | not ready | 02:01:00 | 02:03:00 | 2 min | 1/5 Unschedulable |" in rows
    book.add(waits, "4:00", "cockpit")
    book.add(crashes, "5:00", "cockpit")
    assert any("| pods | crashing | 02:04:00 |" in row for row in section(document(book), "Impact").splitlines())
