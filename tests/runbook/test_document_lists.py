"""The checklists against the source documents, item by item: document, line, words, time boxes and dates."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from runbook.documents import bare

from cockpit.incident.answers import steps_of
from cockpit.incident.policies import Range
from cockpit.runbook.library import Library
from cockpit.runbook.model import Phase

DOCUMENT = "payment-service-runbook.md"
STEPS = list(Library().runbook("payment-service").steps())


def test_the_commanders_checklist_is_the_documents(documents: dict[str, list[str]]) -> None:
    """Its boxes, in order, under their headings, with their time boxes."""
    found: list[tuple[str, str, list[str]]] = []
    for text in documents["incident-response-process.md"][52:84]:
        if heading := re.fullmatch(r"## (\w+(?: Response)?)(?: Phase)?(?: \((.+)\))?", text):
            found.append((heading.group(1).casefold(), heading.group(2) or "", []))
        elif text.startswith("- [ ]"):
            found[-1][2].append(bare(text))
    commander = Library().checklist("ic")
    assert commander
    assert [(p.title.casefold(), p.box, [i.text for i in p.items]) for p in commander.phases] == found
    assert [(p.begins, p.ends) for p in commander.phases] == [(0, 5), (5, 15), (15, None), (None, None)]
    assert sum(len(items) for _, _, items in found) == 21


PLAN, PAYMENTS, PROCESS, ORDERS = (
    "production-incident-response-plan.md", "payment-incident-management.md", "incident-response-process.md",
    "order-service-playbook.md",
)  # fmt: skip
LISTED = {
    "ops": [
        (DOCUMENT, 28, [30, 33, 36]), (DOCUMENT, 40, [41, 42, 43, 44, 45]), (DOCUMENT, 47, [48, 49, 50, 51]),
        (DOCUMENT, 109, [110, 115, 120, 125]), (DOCUMENT, 127, [128, 133, 138]), (DOCUMENT, 140, [141, 146]),
    ],
    "comms": [
        (DOCUMENT, 86, [87, 96]), (DOCUMENT, 97, [98, 99, 100]), (DOCUMENT, 102, [103, 104, 105]),
        (PROCESS, 91, [93, 98, 103]), (PAYMENTS, 56, [57, 58, 59]), (PLAN, 503, [504, 505, 506]),
    ],
    "scribe": [
        (PROCESS, 49, [49]), (PLAN, 242, [243, 244, 245, 246]), (PLAN, 248, [249, 250, 251]),
        (PAYMENTS, 77, [78, 79, 80]),
    ],
    "tl": [
        (PAYMENTS, 49, [50, 51, 52, 53, 54]), (PLAN, 157, [159, 199]), (PLAN, 212, [213, 214, 215, 216]),
        (PLAN, 218, [219, 220, 221, 222]), (PAYMENTS, 64, [65, 66, 67, 68]),
    ],
    "oncall": [
        (PLAN, 77, [78, 79, 80, 81]), (PLAN, 95, [96, 97, 98, 99]), (PLAN, 109, [110, 111, 112]),
        (PAYMENTS, 39, [40, 41, 42, 43, 44]),
    ],
    "support": [
        (PAYMENTS, 37, [37]), (PAYMENTS, 8, [11, 12]), (PROCESS, 7, [7, 30]), (PLAN, 498, [499, 500, 501]),
    ],
    "after": [
        (PLAN, 543, [548, 549, 550, 551, 552]), (ORDERS, 180, [183]), (ORDERS, 180, [182, 184, 185, 186]),
        (PLAN, 253, [254, 255, 256, 257]), (PLAN, 559, [560, 561, 562, 563, 564]),
    ],
}  # fmt: skip
"""Of each list its phases: document, line of the heading, lines of the items."""


@pytest.mark.parametrize("role", LISTED)
def test_the_lists_of_the_documents_phase_by_phase(role: str) -> None:
    checklist = Library().checklist(role)
    assert checklist
    found = [(phase.source.file, phase.source.line, [i.source.line for i in phase.items]) for phase in checklist.phases]
    assert found == LISTED[role]
    assert all(item.source.file == phase.source.file for phase in checklist.phases for item in phase.items)


@pytest.mark.parametrize(("file", "heading"), [(file, line) for lists in LISTED.values() for file, line, _ in lists])
def test_no_item_between_the_lines_of_a_list_is_missing(
    documents: dict[str, list[str]], file: str, heading: int
) -> None:
    """Every dash, number or box from a list's first cited line to its last is cited by some list."""
    cited = [
        n for lists in LISTED.values() for each, line, lines in lists if (each, line) == (file, heading) for n in lines
    ]
    every = {n for lists in LISTED.values() for each, _, lines in lists if each == file for n in lines}
    marked = re.compile(r"(?:[-*•]|\d+\.|\d\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP}) ")
    items = [n for n in range(min(cited), max(cited) + 1) if marked.match(documents[file][n - 1].strip())]
    theirs = [n for n in items if (file, n) not in NO_ITEMS]
    assert set(theirs) <= every, f"{file}:{sorted(set(theirs) - every)}"


NO_ITEMS = {
    **{(PROCESS, n): "steps of a runbook's scenario, and the escalation's" for n in (11, 14, 20, 21, 22)},
}

TIME_BOXES = [
    # role, heading, where the document says so, minutes
    ("oncall", 77, 69, (0, 5)),
    ("oncall", 95, 88, (5, 15)),
    ("oncall", 109, 88, (5, 15)),
    ("tl", 157, 114, (15, 60)),
    ("tl", 212, 210, (60, 240)),
    ("tl", 218, 210, (60, 240)),
]


@pytest.mark.parametrize(("role", "heading", "number", "minutes"), TIME_BOXES)
def test_the_time_boxes_of_the_plan(
    documents: dict[str, list[str]], role: str, heading: int, number: int, minutes: tuple[float, float]
) -> None:
    phase = next(p for p in phases(role) if (p.source.file, p.source.line) == (PLAN, heading))
    assert (phase.begins, phase.ends) == minutes
    assert f"({phase.box})" in documents[PLAN][number - 1], f"{PLAN}:{number}"


DATES = [
    # service, document, line of the words, from, to
    ("payment-service", DOCUMENT, 168, timedelta(hours=2), timedelta(hours=2)),
    ("payment-service", DOCUMENT, 174, timedelta(hours=24), timedelta(hours=24)),
    ("payment-service", DOCUMENT, 180, timedelta(weeks=1), timedelta(weeks=1)),
    (None, PLAN, 543, timedelta(hours=24), timedelta(hours=48)),
    (None, ORDERS, 183, timedelta(hours=48), timedelta(hours=48)),
]


@pytest.mark.parametrize(("service", "file", "number", "first", "last"), DATES)
def test_the_dates_after_an_incident(
    documents: dict[str, list[str]], service: str | None, file: str, number: int, first: timedelta, last: timedelta
) -> None:
    dated = [phase for phase in phases("after", service) if phase.within]
    assert {(phase.source.file, phase.within) for phase in dated} >= {(file, Range(first, last))}
    phase = next(phase for phase in dated if phase.source.file == file and phase.within == Range(first, last))
    assert phase.box in documents[file][number - 1], f"{file}:{number}"


def test_only_what_the_documents_date_has_a_date() -> None:
    dated = [
        [phase.source.line for phase in phases("after", name) if phase.within] for name in ("payment-service", None)
    ]
    assert dated == [[168, 174, 180], [543, 180]]


def test_every_step_that_ticks_an_item_is_in_the_runbook() -> None:
    known = {step.id for step in STEPS}
    for phase in (phase for role in (*LISTED, "ic") for phase in phases(role)):
        for item in phase.items:
            assert set(steps_of(item.answered_by)) <= known, item.id


def phases(role: str, service: str | None = None) -> tuple[Phase, ...]:
    checklist = Library().checklist(role, service)
    assert checklist
    return checklist.phases


def test_every_item_names_its_role_and_phase() -> None:
    for checklist in Library().checklists():
        for phase in checklist.phases:
            assert phase.id.startswith(f"{checklist.role}.")
            assert all(item.id.startswith(f"{phase.id}.") for item in phase.items)
