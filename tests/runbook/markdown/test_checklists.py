"""Checklists: every box and every listed deed, its role, its time box or date, and ids that stay."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runbook.documents import bare
from runbook.markdown.reading import DOCUMENTS, corpus, expected, markdown, read

from cockpit.runbook.checklists import Phases
from cockpit.runbook.markdown.boxes import box_of, without_box
from cockpit.runbook.markdown.checklists import Checklists, read_checklists

DAY = timedelta(days=1)


@pytest.mark.parametrize("file", DOCUMENTS)
def test_the_checklists_of_each_document(shared: Path, file: str) -> None:
    found, wanted = read_checklists(read(shared, file)).things, expected(file)
    assert {
        each.role: [
            [p.source.line, p.begins, p.ends, p.box, [item.source.line for item in p.items]] for p in each.phases
        ]
        for each in found.checklists
    } == wanted["checklists"]
    after = found.post_incident.phases if found.post_incident else ()
    assert [[p.source.line, *dates(p.within), [item.source.line for item in p.items]] for p in after] == wanted["after"]


def dates(within: object) -> list[float | None]:
    return [getattr(within, side) / DAY for side in ("lower", "upper")] if within else [None, None]


@pytest.mark.parametrize("file", DOCUMENTS)
def test_no_box_of_a_document_is_left_out_and_its_words_stay(shared: Path, file: str) -> None:
    document = read(shared, file)
    found = {
        item.source.line: item.text for phases in lists(read_checklists(document).things) for item in items(phases)
    }
    boxes = [number for number, line in enumerate(document.lines, 1) if re.match(r"\s*[-*] \[[ xX]\] ", line)]
    assert set(boxes) <= set(found)
    for line, text in found.items():
        assert text == bare(document.lines[line - 1]), line


def lists(found: Checklists) -> list[Phases]:
    return [*found.checklists, *([found.post_incident] if found.post_incident else [])]


def items(phases: Phases) -> list[object]:
    return [item for phase in phases.phases for item in phase.items]


def of(text: str) -> Checklists:
    return read_checklists(markdown(text)).things


@pytest.mark.parametrize(
    ("heading", "begins", "ends"),
    [
        ("Initial Response (First 5 Minutes)", 0, 5),
        ("Assessment (5-15 Minutes)", 5, 15),
        ("Phase 3: Containment (1–4 hours)", 60, 240),
        ("Immediate (0–2 hours)", 0, 120),
        ("Phase 5: Afterwards (4+ hours)", 240, None),
        ("First 10 minutes", 0, 10),
        ("Within 24 hours", 0, 1440),
        ("Triage (30 min)", 0, 30),
    ],
)
def test_time_boxes_of_headings(heading: str, begins: float, ends: float | None) -> None:
    found = box_of(heading, after=False)
    assert found
    assert (found.begins, found.ends, found.within) == (begins, ends, None)


@pytest.mark.parametrize("heading", ["Latency (>16ms)", "P0 (Critical)", "Section 5", "Scale to 3 replicas"])
def test_headings_without_a_time_box(heading: str) -> None:
    assert box_of(heading, after=False) is None


def test_after_an_incident_within_runs_from_the_resolution() -> None:
    found = box_of("Within 24-48 hours", after=True)
    assert found
    assert found.within
    assert (found.begins, found.within.lower, found.within.upper) == (None, DAY, 2 * DAY)


def test_titles_lose_their_number_and_their_box() -> None:
    assert without_box("🚨 **2.1 Phase: Triage** (5-15 min)") == "Phase: Triage"
    assert without_box("Phase 1: Detection & Alert (0-5 minutes)") == "Detection & Alert"
    assert without_box("Payments (EU)") == "Payments (EU)"


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("Incident Commander Checklist", "ic"),
        ("Communications Lead checklist", "comms"),
        ("Scribe checklist", "scribe"),
        ("On-call checklist", "oncall"),
        ("Customer Support checklist", "support"),
        ("Technical lead checklist", "tl"),
    ],
)
def test_the_role_follows_from_the_heading(heading: str, role: str) -> None:
    (found,) = of(f"# R\n## {heading}\n### Phase: resolution\n- [ ] Do it\n").checklists
    assert found.role == role


def test_without_an_owner_the_subject_decides_and_else_it_is_operations() -> None:
    text = "# R\n## Deployment checklist\n- [ ] Do it\n## Root cause analysis checklist\n- [ ] Do it\n"
    assert [(each.role, each.source.line) for each in of(text).checklists] == [("ops", 2), ("tl", 4)]


def test_lists_that_are_no_checklists() -> None:
    text = "## Background\n1. It was slow\n2. It is fast\n\n## Phase 1 (0-5 minutes)\n- Monitoring: tells\n- P0: all\n"
    assert of(text) == Checklists()


def test_a_deed_with_a_date_of_its_own_is_dated_apart() -> None:
    post = of("## Post-incident\n1. Write the ticket\n2. Hold the post-mortem within 48 hours\n").post_incident
    assert post
    assert [(phase.within is not None, [item.text for item in phase.items]) for phase in post.phases] == [
        (False, ["Write the ticket"]),
        (True, ["Hold the post-mortem within 48 hours"]),
    ]


def test_ids_are_made_of_the_words_and_stay_where_lines_move() -> None:
    before = of("## Checklist\n- [ ] Page the team\n- [ ] Tell support\n").checklists[0]
    after = of(
        "# New title\n\ntext\n\n## Checklist\n- [ ] Look around\n- [ ] Page the team\n- [ ] Tell support\n"
    ).checklists[0]
    ids = [item.id for phase in before.phases for item in phase.items]
    assert ids == ["ops.list.page-team", "ops.list.tell-support"]
    assert [item.id for phase in after.phases for item in phase.items][1:] == ids


@given(st.lists(st.text(max_size=60), min_size=1, max_size=4), st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_no_text_crashes_and_ids_are_unique(texts: list[str], heading: str) -> None:
    body = "\n".join(f"- [ ] {text}\n1. {text}" for text in texts)
    found = of(f"## Checklist {heading}\n{body}\n## Post-incident ({heading})\n{body}\n")
    ids = [item.id for phases in lists(found) for phase in phases.phases for item in phase.items]
    assert len(ids) == len(set(ids))


def test_the_corpus_is_read_without_a_crash_and_keeps_every_box(shared: Path) -> None:
    for document in corpus(shared):
        found = read_checklists(document).things
        texts = [item.text for phases in lists(found) for phase in phases.phases for item in phase.items]
        tasks = [block for block in document.blocks if block.kind == "task" and block.text.strip()]
        assert len(texts) >= len(tasks), document.file
