"""The scenarios and procedures of the shipped runbooks against the source documents: each instruction is a step, in
the document's order, and the words that the payment service and the common lists quote are whole sentences of it."""

from __future__ import annotations

import re

import pytest
from runbook.documents import bare, line

from cockpit.runbook.library import Library
from cockpit.runbook.model import Cited, Runbook, Rung, Sourced, Step

PROCESS, ORDERS, PAYMENTS, SERVICE, PLAN = (
    "incident-response-process.md", "order-service-playbook.md", "payment-incident-management.md",
    "payment-service-runbook.md", "production-incident-response-plan.md",
)  # fmt: skip
BOOKS = {name: Library().runbook(name) for name in Library().names()}
PAYMENT = BOOKS["payment-service"]

SCENARIOS = {
    # document, line of the heading: lines of the symptoms, lines of the instructions
    (PROCESS, 1): ([], [3, 5, 7]),
    (PROCESS, 9): ([], [12, 15]),
    (ORDERS, 19): ([22, 23, 24], [27, 30, 31, 36, 39, 42, 48, 52, 56]),
    (ORDERS, 61): ([64, 65, 66], [69, 72, 76, 82, 83, 86, 93]),
    (ORDERS, 98): ([101, 102], [107, 111, 120, 121, 122]),
    (ORDERS, 126): ([129, 130, 131], [136, 140, 148, 152, 155]),
    (SERVICE, 55): ([56], [58, 59, 60, 122, 125]),
    (SERVICE, 62): ([63], [65, 66, 67]),
    (SERVICE, 69): ([70], [72, 73, 74]),
    (SERVICE, 76): ([77], [79, 80, 81, 82]),
    (PLAN, 322): ([323], [326, 327, 328, 329, 334, 337, 340, 351, 352, 353, 354]),
    (PLAN, 356): ([357], [360, 361, 362, 363, 368, 371, 375, 385, 386, 387, 388]),
    (PLAN, 390): ([391], [394, 395, 396, 397, 402, 409, 417, 427, 428, 429, 430]),
    (PLAN, 432): ([433], [436, 437, 438, 439, 444, 445, 448, 451, 456, 457, 458, 459]),
}
"""Made by hand. A rollback is verified and watched as the procedure says (lines 122 and 125 of the service's)."""

PROCEDURES = {
    (PAYMENTS, 48): [50, 51, 52, 53, 54],
    (PAYMENTS, 63): [65, 66, 67, 68],
    (SERVICE, 109): [112, 117, 122, 125],
    (SERVICE, 127): [130, 135, 138],
    (SERVICE, 140): [143, 148],
    (SERVICE, 219): [224, 227, 230, 233, 239, 242, 248, 251],
    (PLAN, 101): [104, 105, 106],
    (PLAN, 118): [121, 124, 127],
    (PLAN, 132): [135, 138, 142],
    (PLAN, 145): [148, 151, 154],
    (PLAN, 199): [202, 203, 204, 207],
    (PLAN, 224): [227, 228, 230, 231, 233, 234, 237],
    (PLAN, 304): [307, 311],
}
HEALTH_CHECKS = {SERVICE: [31, 34, 37, 48, 49, 50, 51], PLAN: [265, 274, 278, 282, 286, 290]}


def lines(steps: tuple[Step, ...]) -> list[int]:
    """The lines of steps, each once: what takes a command back cites the same line."""
    return sorted({step.source.line for step in steps})


def test_the_scenarios_are_the_documents() -> None:
    found = {
        (each.source.file, each.source.line): ([s.source.line for s in each.symptoms], lines(each.steps))
        for book in BOOKS.values()
        for each in book.scenarios
        if each.source.file != PAYMENTS
    }
    assert found == SCENARIOS


def test_the_procedures_are_the_documents() -> None:
    procedures = [each for book in BOOKS.values() for each in book.procedures]
    assert {(each.source.file, each.source.line): lines(each.steps) for each in procedures} == PROCEDURES


def test_a_severity_of_the_platform_is_a_scenario_out_of_its_containment() -> None:
    """The document has no scenarios: those of its three grave severities take their steps from lines 50 to 68."""
    book = BOOKS["payment-platform"]
    found = {each.source.line: (each.severity, {s.source.line for s in each.symptoms}) for each in book.scenarios}
    assert found == {18: ("SEV-1", {18, 95}), 19: ("SEV-2", {19}), 20: ("SEV-3", {20})}
    known = set(PROCEDURES[PAYMENTS, 48]) | set(PROCEDURES[PAYMENTS, 63])
    assert all(set(lines(each.steps)) <= known for each in book.scenarios)


@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS)
def test_the_health_checks_are_the_documents(book: Runbook) -> None:
    assert lines(book.health_checks) == HEALTH_CHECKS.get(book.document, [])


@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS)
def test_what_suggests_a_scenario_is_known(book: Runbook) -> None:
    """Every scenario with symptoms can be suggested, and by nothing that the runbook does not have."""
    known = {each.id for each in book.thresholds}
    for scenario in book.scenarios:
        when = scenario.suggest_when
        assert set(when.thresholds) <= known
        assert not scenario.symptoms or when.thresholds or when.pods, scenario.id
        assert not scenario.severity or scenario.severity in {each.level for each in book.severities}


def parts(whole: Sourced) -> list[Sourced]:
    values = [getattr(whole, name) for name in type(whole).model_fields]
    inner = [each for value in values for each in (value if isinstance(value, tuple) else (value,))]
    return [whole, *(part for each in inner if isinstance(each, Sourced) for part in parts(each))]


@pytest.mark.parametrize("name", ["payment-service", "incident-response"])
def test_quoted_words_are_all_that_stands_on_their_line(documents: dict[str, list[str]], name: str) -> None:
    quoted = [part for part in parts(BOOKS[name]) if isinstance(part, Cited) and not isinstance(part, Rung)]
    assert quoted
    for part in quoted:
        text = bare(line(documents, part.source))
        words = re.escape(part.text)
        assert text == part.text or re.fullmatch(rf"[^:–]+(?::| –) {words}", text), f"{part.source} reads: {text}"


def test_numbers_of_a_severity_are_criteria_and_no_breach() -> None:
    criteria = [(s.level, i.threshold, str(i.bound)) for s in PAYMENT.severities for i in s.impact if i.bound]
    assert criteria == [("P1", "error-rate", "> 5"), ("P1", "p95", "> 3")]


def test_the_payment_service_has_no_bound_of_its_own() -> None:
    cited = {t.source.line for t in PAYMENT.thresholds if t.warning or t.breach or t.baseline}
    cited |= {t.breach_source.line for t in PAYMENT.thresholds if t.breach_source}
    assert cited == {41, 42, 43, 44, 45, 160, 161, 162, 163, 164}


def test_a_review_that_nobody_dated_is_known() -> None:
    assert PAYMENT.review
    assert PAYMENT.review.unfilled
    assert PAYMENT.review.due is None
