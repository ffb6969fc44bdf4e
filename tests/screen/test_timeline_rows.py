"""The timeline's lines, whatever comes in whatever order: the same as if all had been there from the beginning."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.timeline import Timeline
from cockpit.incident.wording import shown
from cockpit.screen.panes.timeline_rows import TimelineRows
from cockpit.screen.spans import Row
from tests.incident.test_timeline import PAYLOADS, Steps, told
from tests.stories import Writer

ABOUT: tuple[kinds.Payload, ...] = (
    kinds.RunIntent(run="r2", title="undo it", command="c", risk="changing", undo_of="r1"),
    kinds.RunResult(run="r2", outcome="succeeded", exit=0),
    kinds.RunResult(run="r1", outcome="failed", error="no connection to the server, and nothing was changed by it"),
    kinds.Page(target="dba", text="the pool is exhausted", message="m1"),
    kinds.Delivery(message="m1", channel="paper", state="failed", reason="no such folder"),
    kinds.Hypothesis(hypothesis="h", number=1, text="the release lacks a setting that was there before"),
    kinds.Hypothesis(hypothesis="h", number=1, state="confirmed", evidence="a log"),
    kinds.Ask(ask="a", number=1, handle="@bob", text="is the database well?"),
    kinds.Ask(ask="a", number=1, handle="@bob", state="answered", answer="it is"),
    kinds.ActionItem(item="i", number=1, text="alert on it", owner="@bob"),
    kinds.ActionItem(item="i", number=1, state="done"),
    kinds.Note(text="a long note that takes several lines in a narrow pane, and is cut after the third of them, " * 3),
    kinds.Note(text="宽字符 and ‎right-to-left‏ marks, которые бывают шире"),
)

story = st.lists(
    st.tuples(
        st.sampled_from(PAYLOADS + ABOUT), st.integers(0, 90), st.integers(0, 400), st.integers(0, 1),
        st.sampled_from(["", "", "", "", "amend", "redact"]), st.integers(0, 40),
    ),
    max_size=30,
)  # fmt: skip


def all_rows(timeline: Timeline, width: int = 40, needle: str = "") -> list[Row]:
    """The lines of a timeline that stands still."""
    rows = TimelineRows(timeline, width, needle)
    rows.count_on(len(timeline))
    assert rows.complete
    return list(rows)


@given(story, st.randoms(use_true_random=False), st.sampled_from(["", "RELEASE", "@alice", "nowhere"]))
@settings(max_examples=150, deadline=None)
def test_lines_kept_are_lines_made_anew(steps: Steps, random: Random, needle: str) -> None:
    """However entries come, and however far they were counted when they came, every line says what it would say."""
    entries = told(steps)
    random.shuffle(entries)
    known = random.randint(0, len(entries))
    timeline = Timeline(entries[:known])
    rows = TimelineRows(timeline, 40, needle)
    for entry in entries[known:]:
        timeline.add(entry)
        list(rows)  # drawn before it was taken in: the pane may be asked at any time
        if random.random() < 0.7:
            rows.take_new()
            rows.count_on(random.randint(0, 5))
            list(rows)  # looked at, so that what is kept of it could be kept too long
    rows.take_new()
    rows.count_on(len(entries))
    assert list(rows) == all_rows(timeline, needle=needle)


@given(story, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_every_entry_stands_in_the_records_order_and_is_found_there(steps: Steps, random: Random) -> None:
    entries = told(steps)
    random.shuffle(entries)
    timeline = Timeline()
    rows = TimelineRows(timeline, 60)
    for entry in entries:
        timeline.add(entry)
        rows.take_new()
    expected = [entry.id for entry in sorted(timeline.entries, key=lambda e: e.order) if shown(entry, timeline.state)]
    assert [row.key for row in rows if row.key] == expected
    assert [rows[rows.place(id)].key for id in expected] == expected
    hidden = {entry.id for entry in entries} - set(expected)
    assert {rows.place(id) for id in (*hidden, "nobody's")} == {-1}


@given(story, st.sampled_from([12, 30, 100]), st.sampled_from(["", "undo"]))
@settings(max_examples=60, deadline=None)
def test_another_width_or_filter_lays_out_the_same_words_anew(steps: Steps, width: int, needle: str) -> None:
    timeline = Timeline(told(steps))
    rows = TimelineRows(timeline, 40, "release")
    rows.count_on(7)
    rows.lay_out(width, needle)
    rows.count_on(len(timeline))
    assert list(rows) == all_rows(timeline, width, needle)


def notes(count: int) -> list[Entry]:
    writer = Writer()
    return [writer.write(kinds.Note(text=f"note {n}"), after=60) for n in range(count)]


def test_lines_are_counted_from_the_end_backwards_and_grow_upwards() -> None:
    timeline = Timeline(notes(50))
    rows = TimelineRows(timeline, 40)
    assert (len(rows), rows.complete) == (0, False)
    rows.count_on(10)
    assert [row.key for row in rows] == [entry.id for entry in timeline.entries[40:]]
    assert rows.place(timeline.entries[39].id) == -1
    rows.count_on(100)
    assert (len(rows), rows.complete) == (50, True)


def test_one_entry_more_is_the_only_one_that_is_worded() -> None:
    """Also a late one; and of a run's result, the run."""
    writer = Writer()
    intent = writer.write(kinds.RunIntent(run="r", title="Roll back", command="c"))
    timeline = Timeline([intent, *(writer.write(kinds.Note(text=f"note {n}"), after=60) for n in range(100))])
    rows = TimelineRows(timeline, 40)
    rows.count_on(200)
    before = {row.key: row for row in rows if row.key}
    late = writer.write(kinds.Note(text="late"), after=60, ago=3000)
    ended = writer.write(kinds.RunResult(run="r", outcome="succeeded", exit=0), after=1)
    for entry in (late, ended):
        timeline.add(entry)
    rows.take_new()
    after = {row.key: row for row in rows if row.key}
    changed = {key for key, row in after.items() if before.get(key) is not row}
    assert changed == {late.id, intent.id}
    assert "exit 0" in "".join(span.text for span in after[intent.id].spans)
    place = rows.place(late.id)
    times = [row.spans[0].text for row in rows[place - 1 : place + 2]]
    assert times == sorted(times)


def said(rows: TimelineRows, entry: Entry) -> str:
    return "".join(span.text for span in rows[rows.place(entry.id)].spans)


def test_what_was_undone_and_how_severe_it_was_declared_is_said_where_it_stands() -> None:
    """By entries that name neither: the undo's result names the undo, the severity nothing."""
    writer = Writer()
    declared = writer.write(kinds.Declared(name="pay"))
    run = writer.write(kinds.RunIntent(run="r1", title="Scale", command="c", risk="changing"), after=5)
    parts = [
        writer.write(kinds.RunResult(run="r1", outcome="succeeded", exit=0), after=1),
        writer.write(
            kinds.RunIntent(run="r2", title="Scale back", command="c", risk="changing", undo_of="r1"), after=1
        ),
        writer.write(kinds.RunResult(run="r2", outcome="succeeded", exit=0), after=1),
    ]
    severity = writer.write(kinds.Severity(severity="P1"), ago=8)
    timeline = Timeline([declared, run])
    rows = TimelineRows(timeline, 60)
    rows.count_on(2)
    seen = [(said(rows, declared), said(rows, run))]
    for entry in (*parts, severity):
        timeline.add(entry)
        rows.take_new()
        seen.append((said(rows, declared), said(rows, run)))
    assert ["undone" in of_run for _, of_run in seen] == [False, False, False, True, True]
    assert ["declared P1 pay" in of_declaration for of_declaration, _ in seen] == [False] * 4 + [True]


def test_a_note_of_a_megabyte_takes_three_lines() -> None:
    writer = Writer()
    timeline = Timeline([writer.write(kinds.Note(text="word " * 200_000)), writer.write(kinds.Note(text="x" * 10**6))])
    rows = all_rows(timeline)
    assert len(rows) == 6
    for last in (rows[2], rows[5]):
        assert "".join(span.text for span in last.spans).rstrip().endswith("…"), last
