"""The fold and the timeline: the same state whatever the order of arrival, and late entries in their place."""

from __future__ import annotations

from random import Random
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.incident import kinds
from cockpit.incident import timeline as timeline_module
from cockpit.incident.edits import Edits
from cockpit.incident.entry import Entry
from cockpit.incident.fold import fold
from cockpit.incident.terms import Role, Status
from cockpit.incident.timeline import EVERY, Timeline
from tests.stories import Writer

PAYLOADS: tuple[kinds.Payload, ...] = (
    kinds.Declared(name="x", service="s"),
    kinds.Severity(severity="P1"),
    kinds.Severity(severity="P2", why="smaller"),
    kinds.StatusChange(status=Status.IDENTIFIED, text="it is the release"),
    kinds.StatusChange(status=Status.RESOLVED),
    kinds.Reopened(why="back"),
    kinds.Closed(),
    kinds.RoleChange(role=Role.IC, handle="@a"),
    kinds.RoleChange(role=Role.IC, handle=None),
    kinds.ChecklistItem(item="ic.a", state="done"),
    kinds.ChecklistItem(item="ic.a", state="open"),
    kinds.RunIntent(run="r1", title="t", command="c", risk="changing", mitigates=True),
    kinds.RunResult(run="r1", outcome="succeeded", exit=0),
    kinds.RunVerified(run="r1", verdict="verified"),
    kinds.RunEffect(run="r1"),
    kinds.RunEffect(run="r1", after=1, verdict="helped"),
    kinds.StepDone(step="s.one", title="one", mitigates=True),
    kinds.MitigationLeft(run="r1", title="t"),
    kinds.Message(message="m1", template="t", audience="customers", channels=("paper",), title="", text=""),
    kinds.Delivery(message="m1", channel="paper", state="sent"),
    kinds.ThresholdCrossed(id="e", title="errors", state="breach", value=12.0),
    kinds.Note(text="hm"),
)

story = st.lists(
    st.tuples(
        st.sampled_from(PAYLOADS), st.sampled_from([0, 0, 0, 1, 5, 90]), st.integers(0, 400), st.integers(0, 1),
        st.sampled_from(["", "", "", "amend", "redact"]), st.integers(0, 40),
    ),
    max_size=40,
)  # fmt: skip

Steps = list[tuple[kinds.Payload, int, int, int, str, int]]


def told(steps: Steps) -> list[Entry]:
    writers = [Writer(), Writer("01950000-0000-7000-8000-00000000bbbb")]
    entries: list[Entry] = []
    for payload, after, ago, who, edit, which in steps:
        target = entries[which % len(entries)] if entries else None
        if edit == "redact" and target is not None:
            payload = kinds.Redaction(entry=target.id, why="slipped in", kept=dict(kinds.kept(target)))
            target = None
        elif edit == "amend" and target is not None:
            payload = kinds.KINDS[target.kind].model_validate(target.payload)
        supersedes = target.id if edit == "amend" and target is not None else None
        entries.append(writers[who].write(payload, after=after, ago=ago, supersedes=supersedes))
    return entries


@given(story, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_arrival_does_not_matter(steps: Steps, random: Random) -> None:
    entries = told(steps)
    expected = Timeline(entries)
    random.shuffle(entries)
    timeline = Timeline()
    for entry in [*entries, *entries[:3]]:
        timeline.add(entry)
    assert timeline.state == expected.state
    assert list(timeline.entries) == list(expected.entries)
    assert [entry.id for entry in timeline.entries] == [e.id for e in sorted(entries, key=lambda e: e.order)]
    assert fold(timeline.entries) == expected.state


@given(story, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_arrival_does_not_matter_between_checkpoints_either(steps: Steps, random: Random) -> None:
    entries = told(steps)
    with patch.object(timeline_module, "EVERY", 3):
        expected = Timeline(entries)
        random.shuffle(entries)
        timeline = Timeline(entries[:20])
        for entry in entries[20:]:
            timeline.add(entry)
            assert timeline.state.entries == len(timeline)
    assert timeline.state == expected.state
    assert timeline.added(20) == sorted(timeline.place(entry) for entry in entries[20:])


def test_a_late_note_leaves_what_came_after_it_alone() -> None:
    """However long the record: nothing of it is folded again, and what is later folded again is right."""
    writer = Writer()
    timeline = Timeline([writer.write(kinds.Severity(severity=f"P{n % 4}"), after=1) for n in range(3 * EVERY)])
    told = timeline.state.severities
    for ago in (2 * EVERY, EVERY, 5):
        timeline.add(writer.write(kinds.Note(text="late"), ago=ago))
    assert timeline.state.severities is told, "the very same, not one made again"
    timeline.add(writer.write(kinds.Severity(severity="P9"), ago=2 * EVERY + 1))
    assert timeline.state == Timeline(timeline.entries).state


def test_a_late_entry_is_folded_from_its_place_beyond_checkpoints() -> None:
    writer = Writer()
    entries = [writer.write(kinds.Declared(name="x"))]
    entries += [writer.write(kinds.Note(text=str(n)), after=1) for n in range(3 * EVERY)]
    entries.append(writer.write(kinds.Severity(severity="P2")))
    late = writer.write(kinds.Severity(severity="P0"), ago=2 * EVERY)
    timeline = Timeline(entries)
    timeline.add(late)
    assert timeline.state.severity == "P2", "the later severity still stands last"
    assert [said.value for said in timeline.state.severities] == ["P0", "P2"]
    assert timeline.state.entries == len(entries) + 1


def test_an_unknown_kind_and_a_broken_payload_are_kept_and_left_alone() -> None:
    class FromTheFuture(kinds.Payload):
        kind = "telepathy"
        thought: str = "?"

    class Broken(kinds.Payload):
        kind = "severity"

    writer = Writer()
    timeline = Timeline([writer.write(FromTheFuture()), writer.write(Broken()), writer.write(kinds.Note(text="n"))])
    assert len(timeline) == 3
    assert timeline.state.unknown_kinds == 1
    assert timeline.state.severity is None


def test_an_intent_without_result_is_an_unknown_outcome() -> None:
    writer = Writer()
    intent = writer.write(kinds.RunIntent(run="r", title="rollback", command="c", risk="changing"))
    state = Timeline([intent]).state
    assert state.runs["r"].outcome == "unknown"
    result = writer.write(kinds.RunResult(run="r", outcome="failed", exit=1), after=2)
    assert Timeline([intent, result]).state.runs["r"].outcome == "failed"


def test_an_undo_marks_what_it_undid() -> None:
    writer = Writer()
    entries = [
        writer.write(kinds.RunIntent(run="a", title="rollback", command="c", risk="changing", mitigates=True)),
        writer.write(kinds.RunResult(run="a", outcome="succeeded", exit=0), after=1),
        writer.write(kinds.RunIntent(run="b", title="undo", command="c", risk="changing", undo_of="a"), after=1),
        writer.write(kinds.RunResult(run="b", outcome="succeeded", exit=0), after=1),
    ]
    state = Timeline(entries).state
    assert state.runs["a"].undone_by == "b"
    assert state.mitigated is not None
    assert state.mitigated.entry == entries[1].id


def test_a_mitigation_that_failed_gives_way_to_the_one_that_came_after_it() -> None:
    """The first was executed and did not hold; what was done meanwhile is when the impact began to end."""
    writer = Writer()
    mitigating = {"command": "c", "risk": "changing", "mitigates": True}
    entries = [
        writer.write(kinds.RunIntent(run="a", title="restart", **mitigating)),
        writer.write(kinds.RunResult(run="a", outcome="succeeded", exit=0), after=1),
        writer.write(kinds.RunIntent(run="b", title="rollback", **mitigating), after=1),
        writer.write(kinds.RunResult(run="b", outcome="succeeded", exit=0), after=1),
        writer.write(kinds.Mitigation(text="traffic is elsewhere"), after=1),
        writer.write(kinds.RunVerified(run="a", verdict="failed"), after=1),
    ]
    state = Timeline(entries).state
    assert state.mitigated is not None
    assert state.mitigated.entry == entries[3].id
    failed = Timeline([*entries, writer.write(kinds.RunVerified(run="b", verdict="failed"), after=1)]).state
    assert failed.mitigated is not None
    assert failed.mitigated.entry == entries[4].id
    assert Timeline([*entries[:2], entries[5]]).state.mitigated is None
    assert Timeline([*entries[:2], entries[4], entries[5]]).state.mitigated.entry == entries[4].id


def test_of_two_corrections_at_the_same_instant_the_same_one_stands_everywhere() -> None:
    alice, bob = Writer(), Writer("01950000-0000-7000-8000-00000000bbbb")
    first = alice.write(kinds.Note(text="five pods"))
    entries = [
        first,
        alice.write(kinds.Note(text="six pods"), after=5, supersedes=first.id),
        bob.write(kinds.Note(text="seven pods"), after=5, supersedes=first.id),
        bob.write(kinds.Redaction(entry=first.id, why="a name", kept={}), after=1),
        alice.write(kinds.Redaction(entry=first.id, why="a number", kept={}), after=1),
    ]
    there, here = Edits(entries), Edits(entries[::-1])
    assert there.standing(first.id) == here.standing(first.id) != first.id
    assert there.versions(first) == here.versions(first)
    assert Timeline(entries).state == Timeline(entries[::-1]).state


def test_of_two_clocks_at_the_same_instant_neither_is_borrowed() -> None:
    """Who wrote on an instant that both clocks showed is as late as he says, whichever entry came first."""
    alice, bob = Writer(), Writer("01950000-0000-7000-8000-00000000bbbb")
    entries = [each.write(kinds.Note(text=str(n)), ago=60) for n in range(3) for each in (alice, bob)]
    for order in (entries, entries[::-1]):
        assert {Edits(order).late(each).total_seconds() for each in entries} == {60.0}
