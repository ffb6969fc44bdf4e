"""Who is to be told now, as each document says; pure: a record in, a yes or no with the document's line out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cockpit.incident import kinds
from cockpit.incident.policies import shipped
from cockpit.incident.terms import Status
from cockpit.message.wanted import Wanted, wanted
from tests.scribe.story import Book, at

PAYMENTS, PLAN, MANAGEMENT, ORDERS = (
    "payment-service",
    "incident-response-plan",
    "payment-incident-management",
    "order-service",
)


def record(severity: str = "P1", **impact: Any) -> Book:
    """An incident that was declared at 0:00."""
    book = Book()
    book.add(kinds.Declared(name="pay", service="pay"), "0:00", "@ann")
    book.add(kinds.Severity(severity=severity), "0:00", "@ann")
    if impact:
        book.add(kinds.Impact(**impact), "0:30", "@ann")
    return book


def tell(book: Book, audience: str, clock: str) -> None:
    """A message to `audience` that was delivered."""
    message = kinds.Message(
        message=f"{audience}{clock}", template="", audience=audience, channels=("a",), title="T", text="x"
    )
    book.add(message, clock, "@ann")
    book.add(kinds.Delivery(message=message.message, channel="a", state="sent"), clock)


def say(book: Book, audience: str, policy: str, clock: str = "2:00") -> Wanted:
    """What is said of `audience` at `clock`."""
    found = wanted(audience, book.timeline.state, shipped()[policy], at(clock))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("policy", "severity", "audience", "now", "line"),
    [
        (PAYMENTS, "P0", "customers", True, "payment-service-runbook.md:96"),
        (PAYMENTS, "P0", "stakeholders", True, "payment-service-runbook.md:98"),
        (PAYMENTS, "P0", "executives", True, "payment-service-runbook.md:98"),
        (PAYMENTS, "P1", "stakeholders", True, "payment-service-runbook.md:99"),
        (PAYMENTS, "P2", "stakeholders", False, "payment-service-runbook.md:100"),
        (PAYMENTS, "P1", "internal", True, "payment-service-runbook.md:104"),
        (PLAN, "P0", "stakeholders", True, "production-incident-response-plan.md:26"),
        (PLAN, "P0", "executives", True, "production-incident-response-plan.md:26"),
        (PLAN, "P1", "executives", False, "production-incident-response-plan.md:504"),
        (PLAN, "P1", "stakeholders", True, "production-incident-response-plan.md:39"),
        (PLAN, "P1", "product", True, "production-incident-response-plan.md:505"),
        (PLAN, "P3", "product", False, "production-incident-response-plan.md:505"),
        (PLAN, "P0", "customer-email", False, "production-incident-response-plan.md:499"),
        (PLAN, "P2", "customer-email", False, "production-incident-response-plan.md:499"),
        (PLAN, "P1", "support", True, "production-incident-response-plan.md:506"),
        (PLAN, "P2", "support", False, "production-incident-response-plan.md:506"),
        (MANAGEMENT, "SEV-1", "executives", True, "payment-incident-management.md:24"),
        (MANAGEMENT, "SEV-1", "merchants", False, "payment-incident-management.md:58"),
        (ORDERS, "SEV-1", "internal", True, "they hear of every update"),
    ],
)
def test_each_document_says_whom_it_wants_told(policy: str, severity: str, audience: str, now: bool, line: str) -> None:
    """At its severities, with nothing else said."""
    found = say(record(severity), audience, policy)
    assert (found.now, line in found.why) == (now, True), found.why


def test_every_line_that_is_cited_is_there(shared: Path) -> None:
    """A reason names a document and a line of it that says something."""
    books = [record("P0"), record("SEV-1"), record("P1", data=True, security=True, regulatory=True, who="merchants")]
    over = record("P0")
    over.add(kinds.StatusChange(status=Status.RESOLVED), "9:00", "@ann")
    names = ("customers", "customer-email", "internal", "stakeholders", "executives", "support", "product", "merchants",
             "regulators", "security")  # fmt: skip
    whys = [
        found.why
        for book in (*books, over)
        for policy in (PAYMENTS, PLAN, MANAGEMENT, ORDERS)
        for name in names
        if (found := wanted(name, book.timeline.state, shipped()[policy], at("9:30"))) is not None
    ]
    cited = {found for why in whys for found in re.findall(r"([\w-]+\.md):(\d+)", why)}
    assert len(cited) > 10
    for name, number in cited:
        assert (shared / "source-documents" / name).read_text().splitlines()[int(number) - 1].strip()


def test_an_outage_is_mailed_after_thirty_minutes() -> None:
    """Status page and e-mail, once it has lasted that long; once."""
    book = record("P0")
    assert not say(book, "customer-email", PLAN, "29:59").now
    found = say(book, "customer-email", PLAN, "30:00")
    assert (found.now, found.by) == (True, at("30:00"))
    tell(book, "customer-email", "31:00")
    assert not say(book, "customer-email", PLAN, "32:00").now


def test_data_is_told_at_once_and_security_is_coordinated() -> None:
    """Data impact: page and e-mail now; a security incident: nobody outside until it is agreed, even with data."""
    data = record("P2", data=True)
    assert say(data, "customer-email", PLAN).why.endswith("(production-incident-response-plan.md:500)")
    assert say(data, "customers", PAYMENTS).now
    tell(data, "customer-email", "1:30")
    assert not say(data, "customer-email", PLAN).now
    breach = record("P0", data=True, security=True)
    for audience in ("customers", "customer-email", "merchants", "partners"):
        assert say(breach, audience, PLAN) == Wanted(
            False, "a security incident: disclosure is coordinated (production-incident-response-plan.md:501)"
        )
    assert say(breach, "security", PLAN).now
    assert say(breach, "internal", PLAN).now


def test_regulatory_impact_goes_to_leadership_and_to_a_regulator_only_by_decision() -> None:
    """ "Escalate to leadership (for SEV-1 / regulatory impact)"; a notice to a regulator is nobody's default."""
    book = record("SEV-3", regulatory=True)
    assert say(book, "executives", MANAGEMENT).now
    assert not say(book, "regulators", MANAGEMENT).now
    assert not say(record("SEV-3"), "regulators", MANAGEMENT).now


def test_support_hears_of_all_that_customers_see() -> None:
    """Whether an impact was stated, customers reported it, or the page has spoken."""
    assert not say(record("P2"), "support", PAYMENTS).now
    assert say(record("P2", text="refunds fail"), "support", PAYMENTS).now
    reported = record("P2")
    reported.add(kinds.Detected(source="customer"), "0:00", "@ann")
    assert say(reported, "support", PLAN).now
    seen = record("P2")
    tell(seen, "customers", "1:00")
    assert say(seen, "support", PLAN).now


def test_merchants_are_told_if_they_are_affected() -> None:
    assert say(record("SEV-2", who="Merchants in Europe"), "merchants", MANAGEMENT).now
    assert not say(record("SEV-2", who="Merchants in Europe"), "partners", MANAGEMENT).now


def test_who_was_told_is_told_that_it_is_over_and_stakeholders_of_every_status() -> None:
    """One notice is enough for those without a cadence; the end is told to all who heard of the beginning."""
    book = record("P0")
    for audience in ("stakeholders", "executives"):
        tell(book, audience, "1:00")
    assert say(book, "stakeholders", PAYMENTS).why.endswith("(incident-response-process.md:127)")
    assert not say(book, "executives", PAYMENTS).now
    book.add(kinds.StatusChange(status=Status.RESOLVED), "9:00", "@ann")
    assert say(book, "executives", PAYMENTS, "10:00") == Wanted(True, "they were told of it, and it is over")
    assert say(book, "customers", PAYMENTS, "10:00").now
    assert not say(book, "merchants", PAYMENTS, "10:00").now


def test_of_others_nothing_is_said() -> None:
    """An audience of a team's own is no document's business."""
    assert wanted("night-shift", record().timeline.state, shipped()[PAYMENTS], at("2:00")) is None
