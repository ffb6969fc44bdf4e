"""Each entry reads in one line, as the mock-up has it; nothing in a record breaks a line."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from cockpit.incident import kinds
from cockpit.incident.entry import Draft, Entry, Tail, seal
from cockpit.incident.state import State
from cockpit.incident.terms import Role, Status
from cockpit.incident.timeline import Timeline
from cockpit.incident.wording import Headline, headline, late_tag, overtaken, shown, tag
from tests.scribe.story import Book, at, bad_release

ERROR_RATE = {"id": "error-rate", "title": "error rate", "unit": "percent"}
UNDO = kinds.RunIntent(run="r", title="rollback", risk="changing", command="kubectl rollout undo", after="rev 42")


def only(payload: kinds.Payload, actor: str = "@oncall") -> Headline:
    """The line of a record's only entry."""
    book = Book()
    entry = book.add(payload, "0:00", actor)
    return headline(entry, book.timeline.state)


@pytest.mark.parametrize(
    ("payload", "line"),
    [
        (kinds.ThresholdCrossed(**ERROR_RATE, state="breach", value=12.4, bound="> 5"), "▲ error rate 12.4 % over 5 %"),
        (kinds.ThresholdCrossed(**ERROR_RATE, state="warning", bound="> 1"), "▲ error rate over 1 %"),
        (kinds.ThresholdCrossed(**ERROR_RATE, before="breach", state="ok", value=0.3), "● error rate 0.3 %, ok again"),
        (kinds.ThresholdCrossed(**ERROR_RATE, before="unknown", state="ok", value=0.3), "● error rate 0.3 %, ok"),
        (kinds.ThresholdCrossed(**ERROR_RATE, state="unknown"), "? error rate unknown"),
        (kinds.ThresholdCrossed(**ERROR_RATE, state="breach", value=9, bound="> 5", far="+4 points"),
         "▲ error rate 9 % over 5 %"),
        (kinds.ThresholdCrossed(id="t", title="throughput", unit="per-minute", state="warning", value=612,
                                bound="< 80 % of normal", far="61 % of normal (1003/min, 1 d ago)"),
         "▲ throughput 612/min is 61 % of normal (1003/min, 1 d ago)"),
        (kinds.ThresholdCrossed(id="t", title="throughput", unit="per-minute", state="warning", value=612,
                                bound="< 80 % of normal"),
         "▲ throughput 612/min under 80 % of normal"),
        (kinds.ThresholdCrossed(**ERROR_RATE, state="warning", value=2, crossings=7, lasted=360.0),
         "▲ error rate flaps: 7 crossings in 6 min, now warning"),
        (kinds.ThresholdCrossed(**ERROR_RATE, state="unknown", crossings=7, lasted=360.0),
         "? error rate flaps: 7 crossings in 6 min, now unknown"),
        (kinds.ThresholdCrossed(**ERROR_RATE, before="warning", state="ok", value=0.3, crossings=12, lasted=540.0,
                                settled=True),
         "● error rate 0.3 %, settled: ok after 12 crossings in 9 min"),
        (kinds.Declared(name="payment-failure"), "◆ declared payment-failure"),
        (kinds.Declared(name="game-day", drill=True), "◆ DRILL declared game-day"),
        (kinds.Severity(severity="P0", why="all down"), "◆ severity P0: all down"),
        (kinds.RoleChange(role=Role.IC, handle="@oncall"), "IC @oncall"),
        (kinds.RoleChange(role=Role.COMMS), "Comms released"),
        (kinds.Rollout(state="finished", deployment="pay", release="1.4.1"), "● rollout 1.4.1 finished"),
        (kinds.Rollout(state="began", deployment="pay", revision="43"), "▸ rollout rev 43 began"),
        (
            kinds.Rollout(state="stalled", deployment="pay", detail="ProgressDeadlineExceeded"),
            "▲ rollout pay stalled: ProgressDeadlineExceeded",
        ),
        (kinds.Rollout(state="began", deployment="pay", release="1.4.2", cause="release", detail="image 1 → 2 by helm"),
         "▸ rollout 1.4.2 began: release; image 1 → 2 by helm"),
        (kinds.Changed(object="deployment/pay", matter="scale", before="3", after="5", by="kubectl"),
         "▸ pay scaled 3 → 5 by kubectl"),
        (kinds.Changed(object="deployment/pay", matter="pause", after="paused"), "▸ pay paused"),
        (kinds.Changed(object="deployment/pay", matter="template", by="helm", detail="image 1 → 2"),
         "▸ pay changed while paused by helm: image 1 → 2"),
        (kinds.Changed(object="deployment/pay", matter="remade"), "▸ pay deleted and made anew"),
        (kinds.Changed(object="deployment/pay", matter="remade", after="deleted"), "▸ pay deleted"),
        (kinds.Changed(object="deployment/pay", matter="remade", after="made"), "▸ pay made anew"),
        (kinds.Changed(object="horizontalpodautoscaler/pay", matter="bounds", before="2–10 pods", after="2–4 pods"),
         "▸ autoscaler pay bounds 2–10 pods → 2–4 pods"),
        (kinds.Changed(object="horizontalpodautoscaler/pay", matter="bounds", after="deleted"),
         "▸ autoscaler pay deleted"),
        (kinds.Changed(object="configmap/pay", matter="data", by="flux", detail="LEVEL: info → debug", count=57,
                       seconds=58),
         "▸ config map pay changed, 57 times in 58 s by flux: LEVEL: info → debug"),
        (kinds.Changed(object="secret/pay", matter="data"), "▸ secret pay changed"),
        (kinds.Changed(object="service/pay", matter="selector", before="app=a", after="app=b"),
         "▸ service pay selects app=a → app=b"),
        (kinds.EndpointChanged(id="redis", before="ok", state="failing", reason="the connection was refused"),
         "▲ endpoint redis failing: the connection was refused"),
        (kinds.EndpointChanged(id="health", before="ok", state="warning", reason="slow: 2 s"),
         "▲ endpoint health warning: slow: 2 s"),
        (kinds.EndpointChanged(id="health", before="failing", state="ok"), "● endpoint health ok again"),
        (kinds.EndpointChanged(id="health", state="ok"), "● endpoint health ok"),
        (kinds.EndpointChanged(id="health", before="ok", state="failing", crossings=5, lasted=240.0),
         "▲ endpoint health flaps: 5 times in 4 min, now failing"),
        (kinds.EndpointChanged(id="health", before="failing", state="ok", crossings=40, lasted=600.0, settled=True),
         "● endpoint health settled: ok after it changed 40 times in 10 min"),
        (kinds.Pods(state="crashing", count=3, total=5, reason="CrashLoopBackOff", release="1.4.2"),
         "▲ 3/5 pods crash: CrashLoopBackOff since 1.4.2"),
        (kinds.Pods(state="recovered", count=5, total=5), "● 5/5 pods ready again"),
        (kinds.Pods(state="unready", count=2, total=5, reason="Unschedulable", detail="0/3 nodes: 3 Insufficient cpu"),
         "▲ 2/5 pods cannot be scheduled: 0/3 nodes: 3 Insufficient cpu"),
        (kinds.Pods(state="unready", count=5000, total=5000, reason="NotReady", release="1.4.2"),
         "▲ 5000/5000 pods not ready since 1.4.2"),
        (kinds.Pods(state="unready", count=1, total=5, reason="ContainerCreating"),
         "▲ 1/5 pods do not serve (ContainerCreating)"),
        (kinds.StatusChange(status=Status.IDENTIFIED, text="release 1.4.2 is bad"), "identified: release 1.4.2 is bad"),
        (kinds.StatusChange(status=Status.RESOLVED), "✓ resolved"),
        (kinds.Closed(false_alarm="a test"), "✓ closed as a false alarm: a test"),
        (kinds.Reopened(why="it is back"), "◆ reopened: it is back"),
        (kinds.ChecklistItem(item="a", state="done", text="Page responders"), "✓ Page responders"),
        (kinds.ChecklistItem(item="a", state="not-applicable", text="Page", why="all here"),
         "not applicable: Page – all here"),
        (kinds.ChecklistItem(item="a", state="open", text="Page"), "open again: Page"),
        (kinds.Note(text="two\nlines"), "two lines"),
        (kinds.Source(source="prometheus", state="lost", detail="refused"), "? prometheus lost: refused"),
        (kinds.Source(source="prometheus", state="back"), "● prometheus back"),
        (kinds.Snapshot(moment="declaration", readings=(kinds.Reading(id="a", title="a"),), ready=2, wanted=5),
         "metrics at declaration: 0/1 known, 2/5 ready"),
        (kinds.RunResult(run="lost", outcome="failed"), "▸ run lost: failed, after 0 s"),
        (kinds.Watching(service="pay"), "watching pay"),
    ],
)  # fmt: skip
def test_a_kind_reads(payload: kinds.Payload, line: str) -> None:
    """What stands in the mock-up stands in the pane."""
    said = only(payload)
    assert f"{said.glyph} {said.text}".strip() == line


def test_declaration_says_its_severity() -> None:
    """`declared P1`, and then the severity's own entry needs no line; a later one does."""
    book = Book()
    declared = book.add(kinds.Declared(name="pay"), "0:00", "@a")
    first = book.add(kinds.Severity(severity="P1"), "0:00", "@a")
    later = book.add(kinds.Severity(severity="P0", why="worse"), "4:00", "@a")
    state = book.timeline.state
    assert headline(declared, state).text == "declared P1 pay"
    assert [shown(entry, state) for entry in (declared, first, later)] == [True, False, True]


@pytest.mark.parametrize(
    ("result", "tone", "how"),
    [
        (None, "accent", "…"),
        (kinds.RunResult(run="r", outcome="succeeded", exit=0), "good", "exit 0"),
        (kinds.RunResult(run="r", outcome="succeeded"), "good", "done"),
        (kinds.RunResult(run="r", outcome="failed", exit=1), "bad", "failed: exit 1"),
        (kinds.RunResult(run="r", outcome="failed", error="403: no"), "bad", "failed: 403: no"),
        (kinds.RunResult(run="r", outcome="cancelled"), "quiet", "cancelled"),
        (kinds.RunResult(run="r", outcome="unknown", error="cut off"), "warn", "outcome unknown: cut off"),
    ],
)  # fmt: skip
def test_run_shows_its_outcome(result: kinds.RunResult | None, tone: str, how: str) -> None:
    """The line of the intent tells how it ended, once that is known."""
    book = Book()
    intent = book.add(UNDO, "0:00", "@ops")
    if result:
        book.add(result, "0:09")
    said = headline(intent, book.timeline.state)
    assert (said.glyph, said.tone, said.text, said.who) == ("▸", tone, f"rollback → rev 42 {how}", "@ops")


def test_message_shows_its_deliveries() -> None:
    """Queued, then failed on one channel, then sent by the next; failed when none is left."""
    book = Book()
    message = kinds.Message(
        message="m", template="t", audience="customers", channels=("a", "b"), title="Down", text="x"
    )
    entry = book.add(message, "0:00", "@dana")
    assert headline(entry, book.timeline.state).text == "to customers: Down …"
    book.add(kinds.Delivery(message="m", channel="a", state="failed", reason="refused"), "0:01")
    assert headline(entry, book.timeline.state).text == "to customers: Down …"
    book.add(kinds.Delivery(message="m", channel="b", state="failed", reason="disk full"), "0:02")
    assert headline(entry, book.timeline.state).text == "to customers: Down given up: b: disk full"
    book.add(kinds.Delivery(message="m", channel="b", state="sent", reference="x"), "0:03")
    assert headline(entry, book.timeline.state).text == "to customers: Down sent by b"


def test_what_only_completes_has_no_line() -> None:
    """Results, deliveries, ticks and snapshots; but nothing redacted disappears."""
    book = bad_release()
    hidden = {entry.kind for entry in book.entries if not shown(entry)}
    assert hidden == {"run-result", "delivery", "snapshot", "checklist"}
    tick = next(entry for entry in book.entries if entry.kind == "checklist")
    book.redact(tick)
    again = next(entry for entry in book.entries if entry.id == tick.id)
    assert shown(again)
    assert headline(again, book.timeline.state).text == "checklist ‹redacted›"


def test_the_beginning_of_an_attempt_is_overtaken_by_its_end() -> None:
    message = kinds.Message(message="m", template="t", audience="internal", channels=("hook",), title="t", text="t")
    book = Book()
    book.add(message, "0:00", "@dana")
    begun = book.add(kinds.Delivery(message="m", channel="hook", state="sending", attempt=1), "0:01")
    assert not overtaken(begun, book.timeline.state)
    ended = book.add(kinds.Delivery(message="m", channel="hook", state="sent", attempt=1), "0:02")
    assert overtaken(begun, book.timeline.state)
    assert not overtaken(ended, book.timeline.state)


def test_unknown_and_unreadable_are_kept_and_said() -> None:
    """A kind of a later version, and a known kind whose fields do not fit."""
    book = Book()
    later = book.raw("hologram", {"colour": "blue"}, "0:00")
    broken = book.raw("note", {"txt": 1}, "0:01")
    said = [headline(entry, book.timeline.state) for entry in (later, broken)]
    assert [line.text for line in said] == [
        "unknown kind 'hologram' (kept)",
        "note whose fields cannot be read (kept)",
    ]


@pytest.mark.parametrize(
    ("occurred", "recorded", "tag"),
    [("0:00", "1:00", ""), ("0:00", "1:01", "added +1 m"), ("0:00", "17:30", "added +17 m"),
     ("0:00", "120:00", "added +2 h"), ("0:00", "4320:00", "added +3 d")],
)  # fmt: skip
def test_late_tag(occurred: str, recorded: str, tag: str) -> None:
    """More than a minute late is said."""
    assert late_tag(Book().add(kinds.Note(text="x"), occurred, recorded=recorded).late) == tag


def test_who_speaks() -> None:
    """A responder is named once, the program never."""
    assert only(kinds.Note(text="x")).who == "@oncall"
    assert only(kinds.Source(source="prometheus", state="back"), "cockpit").who == ""
    assert only(kinds.RoleChange(role=Role.IC, handle="@oncall")).who == ""
    assert only(kinds.RoleChange(role=Role.IC, handle="@dana")).who == "@oncall"


def test_every_kind_and_glyph() -> None:
    """The story of an incident has a line for each entry, with glyphs of one small set."""
    book = bad_release()
    lines = [headline(entry, book.timeline.state) for entry in book.timeline.entries]
    assert all(line.text for line in lines)
    assert {line.glyph for line in lines} <= set("▲●?◆▸✓") | {""}


def _built(model: type[BaseModel]) -> None:
    """Build what validates a model and all that are made of it: else what they need is known only when they are met."""
    for each in model.__subclasses__():
        _built(each)
    if model.__module__.startswith(kinds.__name__):
        model.model_rebuild()


@pytest.fixture(scope="module")
def built() -> None:
    """Every kind, and what kinds hold."""
    _built(BaseModel)


@pytest.mark.usefixtures("built")
@given(st.sampled_from(sorted(kinds.KINDS)), st.data())
def test_hostile_text_stays_one_line(kind: str, data: st.DataObject) -> None:
    """Whatever a field holds, a line has no control characters and there is one for every kind."""
    fields = {"kept": st.just({})} if kind == "redaction" else {}
    number = {"number": st.integers(1, 99)} if "number" in kinds.KINDS[kind].model_fields else {}
    payload = data.draw(st.builds(kinds.KINDS[kind], **fields, **number))
    book = Book()
    try:
        entry = book.add(payload, "0:00", data.draw(st.text(max_size=9)))
    except ValueError:
        return  # NaN or a lone surrogate: the record refuses it
    said = headline(entry, book.timeline.state)
    assert "\n" not in said.text
    assert not any(unicodedata.category(character) == "Cc" for character in said.text + said.who)


def test_empty_state_is_enough() -> None:
    """A line can be had before anything is folded."""
    entry = Book().add(UNDO, "0:00")
    assert headline(entry, State()).text == "rollback → rev 42 …"


def test_what_another_machines_clock_drags_along_is_not_late() -> None:
    def written(tail: Tail, occurred: str, now: str) -> Entry:
        draft = Draft("incident", "note", {"text": "x"}, at(occurred), "@ada")
        return seal(draft, tail, id=f"{tail.writer}-{occurred}", now=at(now))[0]

    ahead = written(Tail("b"), "60:00", "60:00")
    dragged = written(Tail("a", seen=ahead.recorded), "0:05", "0:05")
    back = written(Tail("c"), "0:06", "9:06")
    state = Timeline([ahead, dragged, back]).state
    assert dragged.late > timedelta(minutes=59)
    assert [tag(entry, state) for entry in (ahead, dragged, back)] == ["", "", "added +9 m"]
