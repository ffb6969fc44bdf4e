"""Amendments and redactions: what stands, what was, and that words which slipped in are gone."""

from __future__ import annotations

from datetime import timedelta

from cockpit.incident import kinds
from cockpit.incident.terms import Status
from cockpit.incident.timeline import Timeline
from cockpit.incident.wording import headline, shown, tag
from tests.stories import START, Writer


def test_an_amendment_stands_at_its_own_time_under_the_first_authors_name() -> None:
    writer = Writer()
    first = writer.write(kinds.Detected(source="customer", what="a call"), after=60)
    mended = writer.write(
        kinds.Detected(source="customer", what="two calls"), after=600, ago=900, actor="@bob", supersedes=first.id
    )
    timeline = Timeline([first, mended])
    state = timeline.state
    assert [entry.id for entry in timeline.entries] == [mended.id, first.id]
    assert state.detected is not None
    assert (state.detected.at, state.detected.actor) == (START - timedelta(seconds=240), "@alice")
    assert [shown(entry, state) for entry in timeline.entries] == [True, False]
    assert tag(mended, state) == "amended, was 02:01:00"
    assert headline(mended, state).text == "detected by customer: two calls"
    assert headline(mended, state).who == "@alice, amended by @bob"
    assert headline(first, state).text == "detected by customer: a call", "the original is kept"


def test_the_last_recorded_of_several_amendments_stands_whichever_it_amends() -> None:
    writer = Writer()
    note = writer.write(kinds.Decision(text="one"))
    second = writer.write(kinds.Decision(text="two"), after=1, supersedes=note.id)
    third = writer.write(kinds.Decision(text="three"), after=1, supersedes=second.id)
    fourth = writer.write(kinds.Decision(text="four"), after=1, supersedes=note.id)
    timeline = Timeline([third, fourth, second, note])
    assert [each.text for each, _ in timeline.state.decisions] == ["four"]
    assert [each.id for each in timeline.state.edits.versions(second)] == [note.id, second.id, third.id, fourth.id]
    assert [shown(entry, timeline.state) for entry in timeline.entries] == [False, False, False, True]


def test_an_amendment_of_another_kind_is_none() -> None:
    writer = Writer()
    declared = writer.write(kinds.Declared(name="x"))
    note = writer.write(kinds.Note(text="hm"), supersedes=declared.id)
    itself = writer.write(kinds.Note(text="me"), supersedes="nowhere")
    state = Timeline([declared, note, itself]).state
    assert state.declared is not None
    assert not state.edits.replaced(declared)
    assert shown(note, state)
    assert shown(itself, state)


def test_a_redaction_takes_the_words_and_leaves_the_state() -> None:
    writer = Writer()
    entries = [writer.write(kinds.Declared(name="mueller-cannot-pay", service="shop", policy="payment-service"))]
    entries.append(writer.write(kinds.StatusChange(status=Status.IDENTIFIED, text="card 4111 1111 1111 1111")))
    timeline = Timeline(entries)
    for entry in entries:
        timeline.add(writer.write(kinds.Redaction(entry=entry.id, why="a name", kept=dict(kinds.kept(entry)))))
    state = timeline.state
    assert (state.status, state.service, state.policy) == (Status.IDENTIFIED, "shop", "payment-service")
    assert state.name == "‹redacted›"
    assert all(entry.redacted for entry in timeline.entries[:2])
    said = " ".join(headline(entry, state).text for entry in timeline.entries)
    assert "4111" not in said
    assert "mueller" not in said
    assert "4111" not in repr(vars(state.edits)), "no copy is left in memory"
    assert [fact.actor for _, fact in state.redactions] == ["@alice", "@alice"]


def test_an_entry_that_comes_after_its_redaction_is_erased_at_once() -> None:
    writer = Writer()
    secret = writer.write(kinds.Note(text="the secret"))
    redaction = writer.write(kinds.Redaction(entry=secret.id, why="slipped in"))
    timeline = Timeline([redaction])
    timeline.add(secret)
    assert [entry.redacted for entry in timeline.entries] == [True, False]
