"""The exported document: true to the record, complete, and of the same structure whatever text stands in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cockpit.incident import kinds
from cockpit.incident.timeline import Timeline
from cockpit.scribe.markdown import export
from cockpit.text import clean
from tests.scribe.story import Book, Item, List, Phase, at, bad_release
from tests.scribe.test_escape import HOSTILE, visible, walk
from tests.scribe.write_golden import GOLDEN, written

PARSER = MarkdownIt("commonmark").enable("table")


def document(book: Book, text: Callable[[], str] = lambda: "x") -> str:
    """The export of a book, with a label and a checklist of any text."""
    checklist = List("ic", text(), (Phase(text(), (Item("ic.ack", text()), Item("open", text()))),))
    return export(book.timeline, label=text(), now=at("41:20"), checklists=[checklist])


def section(text: str, title: str) -> str:
    """One part of the document."""
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_story_reads_as_written() -> None:
    """The golden document (see write_golden), which a person has read."""
    assert written(bad_release()) == GOLDEN.read_text()


def test_every_part_is_there_also_when_nothing_is_known() -> None:
    """An empty record and a watch without an incident say what is not recorded; neither invents anything."""
    headings = [line for line in written(bad_release()).splitlines() if line.startswith("## ")]
    empty = export(Timeline(), label="", now=at("0:00"))
    assert [line for line in empty.splitlines() if line.startswith("## ")] == [h for h in headings if h != "## Clocks"]
    assert "No incident was declared" in empty
    assert "- **Duration:** not computable: neither a detection nor a declaration is recorded" in empty
    assert "- **Severity:** not recorded" in empty


def test_a_run_without_a_result_is_unknown() -> None:
    """Also after a crash: nothing is said that nobody knows; an undo names what it undid."""
    book = Book()
    undo = kinds.RunIntent(
        run="a", title="Roll back", risk="changing", command="kubectl rollout undo", context="prod-eu"
    )
    book.add(undo, "0:00", "@ops")
    assert "- **Outcome:** outcome unknown: the record holds no result" in document(book)
    book.add(kinds.RunResult(run="a", outcome="succeeded", seconds=2), "0:02")
    again = undo.model_copy(update={"run": "b", "title": "Undo of roll back", "undo_of": "a"})
    book.add(again, "1:00", "@ops")
    book.add(kinds.RunResult(run="b", outcome="succeeded", exit=0, seconds=95.0), "2:35")
    text = document(book)
    assert "- **Undone by:** run 2" in text
    assert "- **Undoes:** run 1" in text
    assert "succeeded, exit 0, after 1 min, at 02:02:35" in text


def test_an_output_that_was_cut_says_so() -> None:
    """What was kept of how much, with the hash of the whole."""
    book = Book()
    book.add(kinds.RunIntent(run="a", title="log", command="kubectl logs x"), "0:00")
    book.add(
        kinds.RunResult(run="a", outcome="failed", exit=1, output="abc", bytes=900, sha256="ff", error="gone"), "0:01"
    )
    assert "(3 of 900 bytes kept), SHA-256 of the whole `ff`" in document(book)
    assert "failed, exit 1, after 0 s, at 02:00:01; gone" in document(book)


def test_impact_knows_what_is_not_over_and_which_side_is_worse() -> None:
    """A threshold below which it alarms has its lowest value as worst; unknown does not end an episode."""
    book = Book()
    rate = {"id": "webhook", "title": "webhook success", "unit": "percent", "bound": "< 90"}
    book.add(kinds.ThresholdCrossed(**rate, before="ok", state="breach", value=85), "1:00")
    book.add(kinds.ThresholdCrossed(**rate, before="breach", state="unknown"), "2:00")
    book.add(kinds.ThresholdCrossed(**rate, before="unknown", state="breach", value=40), "3:00")
    book.add(kinds.ThresholdCrossed(**rate, before="breach", state="warning", value=88), "4:00")
    rows = section(document(book), "Impact").splitlines()
    assert "| webhook success | breach (under 90 %) | 02:01:00 | not over |  | 40 % |" in rows
    assert sum("webhook" in row for row in rows) == 1


def test_impact_tells_of_an_endpoint_how_long_it_failed_and_why() -> None:
    book = Book()
    slow = {"id": "health", "before": "ok", "state": "warning", "reason": "slow: 2 s"}
    book.add(kinds.EndpointChanged(**slow), "1:00")
    book.add(kinds.EndpointChanged(id="health", before="warning", state="failing", reason="it answered 503"), "2:00")
    book.add(kinds.EndpointChanged(id="health", before="failing", state="ok"), "4:00")
    rows = section(document(book), "Impact").splitlines()
    assert "| endpoint health | failing | 02:01:00 | 02:04:00 | 3 min | it answered 503 |" in rows


def test_two_days_have_dates() -> None:
    """Over midnight, times of day would lie."""
    book = Book()
    book.add(kinds.Note(text="early"), "0:00", "@a")
    book.add(kinds.Note(text="late"), "1380:00", "@a", recorded="1381:30")
    text = section(document(book), "Timeline")
    assert "All on" not in text
    assert "| 2026-02-04 01:00:00Z | 2026-02-04 01:01:30Z (added +1 m) | 000002 | @a | late |" in text


def test_a_drill_and_a_false_alarm_say_so() -> None:
    """At the top, where nobody can miss it."""
    book = Book()
    book.add(kinds.Declared(name="game-day", drill=True), "0:00", "@a")
    book.add(kinds.Closed(false_alarm="a test | of alerts"), "1:00", "@a")
    text = document(book)
    assert text.startswith("# DRILL: x: game-day\n\n**This was a drill.**")
    assert "- **Status:** closed as a false alarm: a test \\| of alerts" in text


KEPT = {"to", "from", "state", "moment", "status", "outcome", "verdict", "role", "run", "message", "undo_of",
        "next_update", "id", "at", "bound", "item", "sha256", "channel"}  # fmt: skip
"""Fields whose values are a vocabulary, or tie entries together."""


def rewritten(book: Book, text: Callable[[], str]) -> Book:
    """The same record with every free text replaced."""

    def change(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: change(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [change(item, key) for item in value]
        return text() if isinstance(value, str) and key not in KEPT else value

    other = Book()
    for entry in book.entries:
        clock = f"{int((entry.occurred - at('0:00')).total_seconds() // 60)}:{entry.occurred.second}"
        kind = entry.kind if entry.kind in kinds.KINDS else text() or "x"
        copied = other.raw(kind, change(dict(entry.payload)), clock, text(), role=entry.role and text())
        if entry.redacted:
            other.redact(copied)
    return other


def outline(text: str) -> tuple[list[str], int]:
    """The block structure, but for what stands inside quotes, and how much of it is set bold."""
    types: list[str] = []
    quoted = False
    for token in PARSER.parse(text):
        quoted = token.type == "blockquote_open" or (quoted and token.type != "blockquote_close")
        if not quoted and token.type != "inline":
            types.append(f"{token.type} {token.tag}")
    return types, sum(token.type == "strong_open" for token in walk(PARSER.parse(text)))


PLAIN = outline(document(rewritten(bad_release(), lambda: "x")))
OURS = {"text", "code_inline", "strong_open", "strong_close", "em_open", "em_close", "hardbreak"}


@settings(max_examples=40, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=12))
@example(["- "])
@example(["# ", "1. ", "> ", "| ", "```", "<b>"])
def test_structure_is_ours_whatever_the_record_holds(texts: list[str]) -> None:
    """Headings, lists, tables and fences are exactly those of the harmless record; no link, image or HTML appears."""
    turn = iter(range(10_000))

    def hostile() -> str:
        return texts[next(turn) % len(texts)] + "\nx"  # whatever the text cuts off, something is left

    text = document(rewritten(bad_release(), hostile), hostile)
    assert outline(text) == PLAIN
    assert {child.type for token in PARSER.parse(text) for child in token.children or []} <= OURS


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_texts_read_back(note: str, said: str, command: str) -> None:
    """What a reader sees is what was recorded: a note in its cell, a message in its quote, a command in its block."""
    book = Book()
    book.add(kinds.Note(text=note), "0:00", "@a")
    page = kinds.Message(message="m", template="t", audience="all", channels=("c",), title="T", text=said)
    book.add(page, "0:01", "@a")
    book.add(kinds.RunIntent(run="r", title="run", command=command), "0:02", "@a")
    tokens = PARSER.parse(document(book))
    texts = [visible(token) for token in tokens]
    assert clean(note).strip() in texts
    lines = "\n".join(part.strip() for part in clean(said, keep_newlines=True).split("\n"))
    begin = next(i for i, token in enumerate(tokens) if token.type == "blockquote_open")
    end = next(i for i, token in enumerate(tokens) if token.type == "blockquote_close")
    quoted = "\n".join(visible(token) for token in tokens[begin:end] if token.type == "inline")
    assert quoted == "\n".join(part for part in lines.split("\n") if part)
    (fenced,) = (token for token in tokens if token.type == "fence")
    assert fenced.content.removesuffix("\n") == clean(command, keep_newlines=True).removesuffix("\n")


@pytest.mark.parametrize("kind", sorted(kinds.KINDS))
def test_a_payload_that_does_not_fit_is_kept(kind: str) -> None:
    """A record with a broken entry of any kind still exports, and says so."""
    book = Book()
    book.raw(kind, {"nonsense": json.loads("1e300")}, "0:00")
    text = document(book)
    assert f"{kind} whose fields cannot be read" in text or kind in ("acknowledged", "closed", "impact")


def test_the_worst_is_that_of_every_reading_that_the_record_keeps() -> None:
    """A crossing is one moment of a breach: what was read around a change, or at a moment, may be worse."""
    book = Book()
    rate = {"id": "errors", "title": "errors", "unit": "percent", "bound": "> 5"}
    webhook = {"id": "webhook", "title": "webhook", "unit": "percent", "bound": "< 90"}
    book.add(kinds.ThresholdCrossed(**rate, before="ok", state="breach", value=21.5), "1:00")
    book.add(kinds.ThresholdCrossed(**webhook, before="ok", state="breach", value=85), "1:00")
    low = kinds.Reading(**webhook, value=60, state="breach")
    book.add(kinds.RunEffect(run="a", readings=(kinds.Reading(**rate, value=29.4, state="breach"), low)), "2:00")
    unknown = kinds.Reading(**rate, value=None)
    book.add(kinds.Snapshot(moment="mitigation", readings=(unknown, low)), "2:30")
    book.add(kinds.ThresholdCrossed(**rate, before="breach", state="ok", value=0.5), "3:00")
    after = (kinds.Reading(**rate, value=99, state="ok"), kinds.Reading(id="new", title="new", value=1, state="breach"))
    book.add(kinds.RunEffect(run="a", after=1, readings=after), "4:00")
    rows = section(document(book), "Impact").splitlines()
    assert "| errors | breach (over 5 %) | 02:01:00 | 02:03:00 | 2 min | 29.4 % |" in rows
    assert "| webhook | breach (under 90 %) | 02:01:00 | not over |  | 60 % |" in rows
    assert not any(row.startswith("| new ") for row in rows), "a reading is no crossing"


def test_a_message_of_no_template_names_none() -> None:
    book = Book()
    said = {"audience": "responders", "channels": (), "title": "severity P1", "text": "P1"}
    book.add(kinds.Message(message="a", template="", **said), "1:00", "@a")
    book.add(kinds.Message(message="b", template="incident-update", **said), "2:00", "@a")
    text = section(document(book), "Messages")
    assert "02:01:00Z by @a\n" in text
    assert "02:02:00Z by @a, template incident-update\n" in text


def test_what_flaps_is_one_stretch_until_it_has_settled() -> None:
    """Told well while it goes to and fro it is not over, and told not well it may be well by now."""
    rate = {"id": "errors", "title": "errors", "unit": "percent", "bound": "> 5"}

    def flapping(state: str, crossings: int, *, settled: bool | None = None) -> kinds.ThresholdCrossed:
        return kinds.ThresholdCrossed(
            **rate, before="ok", state=state, value=9, crossings=crossings, lasted=60, settled=settled
        )

    book = Book()
    book.add(kinds.ThresholdCrossed(**rate, before="ok", state="warning", value=7), "1:00")
    book.add(kinds.ThresholdCrossed(**rate, before="warning", state="ok", value=1), "1:30")
    book.add(flapping("ok", 5), "2:00")
    book.add(flapping("breach", 7), "3:00")
    rows = [row for row in section(document(book), "Impact").splitlines() if row.startswith("| errors")]
    assert rows == ["| errors | breach (over 5 %), flapping | 02:01:00 | flapping |  | 9 % |"]
    book.add(flapping("ok", 9, settled=True), "9:00")
    book.add(kinds.ThresholdCrossed(**rate, before="ok", state="breach", value=8), "20:00")
    rows = [row for row in section(document(book), "Impact").splitlines() if row.startswith("| errors")]
    assert rows == [
        "| errors | breach (over 5 %), flapping | 02:01:00 | 02:09:00 | 8 min | 9 % |",
        "| errors | breach (over 5 %) | 02:20:00 | not over |  | 8 % |",
    ]
