"""The shipped runbooks against the source documents, item by item: what is cited stands on its line, and what stands
in the documents is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from runbook.documents import bare, line

from cockpit.runbook.library import Library
from cockpit.runbook.model import Cited, Item, Rung, Sourced

DOCUMENT = "payment-service-runbook.md"
PAYMENT = Library().runbook("payment-service")
COMMON = Library().runbook("incident-response")


def parts(whole: Sourced) -> Iterator[Sourced]:
    """Everything in a runbook that cites a line."""
    yield whole
    for name in type(whole).model_fields:
        value = getattr(whole, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Sourced):
                yield from parts(each)


EVERY = [part for runbook in (PAYMENT, COMMON) for part in parts(runbook)]
WORDS = [part for part in EVERY if isinstance(part, Cited) and not isinstance(part, Rung)]


def ids(part: Sourced) -> str:
    return f"{part.source}-{getattr(part, 'id', type(part).__name__)}"


@pytest.mark.parametrize("part", EVERY, ids=ids)
def test_every_part_cites_a_line_that_says_something(documents: dict[str, list[str]], part: Sourced) -> None:
    assert line(documents, part.source).strip()


@pytest.mark.parametrize("part", WORDS, ids=ids)
def test_quoted_words_stand_on_their_line(documents: dict[str, list[str]], part: Cited) -> None:
    text = bare(line(documents, part.source))
    words = re.escape(part.text)
    assert text == part.text or re.fullmatch(rf"[^:–]+(?::| –) {words}", text), f"{part.source} reads: {text}"


THRESHOLDS = [
    # id, line, warning, line of the alert, breach
    ("error-rate", 41, "> 1", None, None),
    ("p95", 42, "> 0.5", 161, "> 2"),
    ("throughput", 43, None, None, None),
    ("memory", 44, "> 80", 163, "> 85"),
    ("cpu", 45, "> 70", None, None),
    ("success-rate", 160, None, 160, "< 95"),
    ("restarts", 162, None, 162, "> 3"),
    ("db-connection-errors", 164, None, 164, "> 0"),
]


@pytest.mark.parametrize(("id", "number", "warning", "alert", "breach"), THRESHOLDS)
def test_thresholds(
    documents: dict[str, list[str]], id: str, number: int, warning: str | None, alert: int | None, breach: str | None
) -> None:
    threshold = next(each for each in PAYMENT.thresholds if each.id == id)
    assert (threshold.source.line, threshold.warning and str(threshold.warning)) == (number, warning)
    assert (threshold.breach and str(threshold.breach)) == breach
    assert alert in (None, (threshold.breach_source or threshold.source).line)
    assert threshold.healthy in documents[DOCUMENT][number - 1]


def test_no_metric_and_no_alert_of_the_document_is_missing() -> None:
    cited = {t.source.line for t in PAYMENT.thresholds}
    cited |= {t.breach_source.line for t in PAYMENT.thresholds if t.breach_source}
    assert cited == {41, 42, 43, 44, 45, 77, 160, 161, 162, 163, 164}


def test_the_baseline_of_throughput_is_no_bound() -> None:
    threshold = next(each for each in PAYMENT.thresholds if each.id == "throughput")
    assert (threshold.baseline, threshold.warning, threshold.breach) == (1000, None, None)


def test_the_severities_and_their_lines() -> None:
    found = [
        [s.source.line, *(i.source.line for i in s.impact), *(p.source.line for p in (s.response, s.escalation) if p)]
        for s in PAYMENT.severities
    ]
    assert found == [[5, 6, 7, 8, 9, 10], [12, 13, 14, 15, 16, 17], [19, 20, 21, 22, 23, 24]]
    assert [s.notification.source.line for s in PAYMENT.severities if s.notification] == [98, 99, 100]
    assert [s.update.source.line for s in PAYMENT.severities if s.update] == [103, 104, 105]


def test_numbers_of_a_severity_are_criteria_and_no_breach() -> None:
    criteria = [(s.level, i.threshold, str(i.bound)) for s in PAYMENT.severities for i in s.impact if i.bound]
    assert criteria == [("P1", "error-rate", "> 5"), ("P1", "p95", "> 3")]


def test_the_scenarios_with_their_steps_in_the_documents_order() -> None:
    own = [scenario for scenario in PAYMENT.scenarios if scenario.source.file == DOCUMENT]
    lines = {s.id: (s.source.line, s.symptoms[0].source.line, [t.source.line for t in s.steps]) for s in own}
    assert lines == {
        "crash-loop": (55, 56, [58, 59, 60, 122, 125]),
        "memory": (62, 63, [65, 66, 67]),
        "database": (69, 70, [72, 73, 74]),
        "gateway": (76, 77, [79, 80, 81, 82]),
    }


def test_contacts_that_nobody_filled_in_are_known() -> None:
    assert {c.source.line: c.unfilled for c in PAYMENT.contacts} == {
        209: False, 210: False, 211: False, 214: True, 215: True, 216: True, 217: True
    }  # fmt: skip
    assert PAYMENT.review
    assert PAYMENT.review.unfilled
    assert PAYMENT.review.due is None


@pytest.mark.parametrize("contact", PAYMENT.contacts, ids=ids)
def test_a_contact_stands_on_its_line(documents: dict[str, list[str]], contact: Sourced) -> None:
    assert bare(line(documents, contact.source)) == f"{contact.name}: {contact.how}"


@pytest.mark.parametrize("dashboard", PAYMENT.dashboards, ids=ids)
def test_a_dashboard_stands_on_its_line(documents: dict[str, list[str]], dashboard: Sourced) -> None:
    assert bare(line(documents, dashboard.source)) == f"{dashboard.tool}: {dashboard.title}"


def test_every_dashboard_of_the_document_is_there() -> None:
    assert [dashboard.source.line for dashboard in PAYMENT.dashboards] == [154, 155, 156, 157]


def test_every_box_of_the_document_is_an_item(documents: dict[str, list[str]]) -> None:
    boxes = {n: bare(text) for n, text in enumerate(documents[DOCUMENT], 1) if "- [ ]" in text}
    items = [part for part in EVERY if isinstance(part, Item) and part.source.file == DOCUMENT]
    assert boxes == {item.source.line: item.text for item in items if item.source.line in boxes}
    assert len(boxes) == 16
