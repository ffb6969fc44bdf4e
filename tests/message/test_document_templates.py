"""The templates of the source documents say what the documents say, line by line, with the placeholders filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.incident import kinds
from cockpit.incident.state import State
from cockpit.incident.terms import Role
from cockpit.message.templates.context import context
from cockpit.message.templates.folder import load
from cockpit.message.templates.reading import read
from cockpit.message.templates.rendering import render
from cockpit.message.templates.template import Templates
from tests.conftest import ROOT
from tests.scribe.story import Book, at


@pytest.fixture(scope="module")
def shipped() -> Templates:
    """The templates of this repository."""
    return load([], ROOT / "templates")


@dataclass(frozen=True)
class Said:
    """What a template must say: the lines of its document, with each placeholder replaced by what was filled in."""

    template: str
    title: int | None
    """The line that is the title; None where the document gives none."""
    text: tuple[int, int]
    filled: Mapping[str, str]
    fields: Mapping[str, str] = field(default_factory=dict)
    service: str = "payment-service"
    strip: str = ""
    """What stands before the title or text and is a label of the document."""


CASES = (
    Said(
        "incident-declaration", 89, (90, 93),
        {"P0/P1/P2": "P1", "[Brief description]": "Cards are refused", "@username": "@ann",
         "Updated/Updating": "Not updated as of 02:15 UTC"},
        {"effect": "Cards are refused"},
    ),
    Said(
        "internal-alert", 163, (164, 168),
        {"SEV-X": "P1", "Investigating/Identified/Resolved": "Investigating",
         "[Description of user impact]": "Refunds fail", "[UTC timestamp]": "02:00 UTC",
         "[What's happening]": "The queue is replayed", "[When]": "02:45 UTC"},
        {"effect": "Refunds fail", "happening": "The queue is replayed"}, service="order-service",
    ),
    Said(
        "incident-update", 477, (478, 493),
        {"INC-2025-001": "INC-2026-001", "45 minutes": "15 min", "3:00 PM EST": "02:45 UTC", "@john.doe": "@ann"},
        {"what": "Webhook processing delayed", "effect": "~20% of webhooks delayed by 5-10 minutes",
         "users": "All customers",
         "doing": "Investigating database connection pool issues\nManual processing of critical webhooks\n"
                  "- Monitoring for further degradation"},
    ),
    Said(
        "service-update", 512, (513, 519), {"2:30 PM EST": "02:00 UTC"},
        {"issue": "Experiencing delays in webhook processing",
         "consequence": "Some webhook events may be delayed by up to 15 minutes"},
        service="churn-saver-webhook-processing",
    ),
    Said(
        "customer-email", 524, (525, 537), {},
        {"product": "Churn Saver", "system": "webhook processing",
         "may": "delays of up to 15 minutes for some events", "page": "https://status.churnsaver.com"},
        strip="Subject: ",
    ),
    Said("customer-communication", None, (173, 175), {}, service="order-service"),
    Said("status-page-short", None, (28, 28), {}, {"system": "payment processing system"}),
    Said(
        "customer-support", None, (32, 32),
        {"[alternative payment instructions if applicable]": "pay by bank transfer"},
        {"system": "payment system", "instead": "pay by bank transfer"},
    ),
    Said("status-page-initial", 94, (96, 96), {"[Service Name]": "pay", "[service name]": "pay"}, service="pay"),
    Said(
        "status-page-update", 99, (101, 101),
        {"[Service Name]": "pay", "[service name]": "pay",
         "[Optional: Add specific details about impact]": "One payment in eight fails"},
        {"details": "One payment in eight fails"}, service="pay",
    ),
    Said(
        "status-page-resolution", 104, (106, 106),
        {"[Service Name]": "pay", "[service name]": "pay", "[Brief explanation of what happened]": "A release was bad"},
        {"explanation": "A release was bad"}, service="pay",
    ),
)  # fmt: skip


def story(service: str) -> State:
    """An incident of severity P1 that @ann took at 02:00."""
    book = Book()
    book.add(kinds.Declared(name="pay", service=service), "0:00", "@ann")
    book.add(kinds.Severity(severity="P1"), "0:00", "@ann")
    book.add(kinds.RoleChange(role=Role.IC, handle="@ann"), "0:10", "@ann")
    book.add(kinds.RoleChange(role=Role.ONCALL, handle="@ann"), "0:10", "@ann")
    return book.timeline.state


def document(folder: Path, source: str) -> tuple[list[str], int, int]:
    """The lines of the document that a template cites, and the first and last of them."""
    name, _, lines = source.partition(":")
    first, _, last = lines.partition("-")
    return (folder / name).read_text(encoding="utf-8").splitlines(), int(first), int(last or first)


def as_meant(line: str) -> str:
    """A line as its author wrote it: some of the documents' emoji were read as Windows-1252 and written as UTF-8."""
    spoilt = re.search(r"ð\S{1,3}", line)
    if spoilt is None:
        return line
    mended = spoilt.group().encode("cp1252").decode("utf-8")
    return line.replace(spoilt.group(), mended)


@pytest.mark.parametrize("said", CASES, ids=lambda said: said.template)
def test_a_template_says_what_its_document_says(shared: Path, shipped: Templates, said: Said) -> None:
    """Title and text are the cited lines."""
    template = shipped.get(said.template)
    lines, first, last = document(shared / "source-documents", template.source)
    expected = [as_meant(line).strip() for line in lines]
    for placeholder, value in said.filled.items():
        expected = [line.replace(placeholder, value) for line in expected]
    promise = None if said.template.startswith("status-page-") else at("15:00") + timedelta(minutes=30)
    values = context(story(said.service), at("15:00"), promise, label="INC-2026-001")
    rendered = render(template, values, said.fields)
    begin, end = said.text
    wanted = [_unlabelled(line) for line in expected[begin - 1 : end]]
    if said.title is not None:
        assert rendered.title == _unlabelled(expected[said.title - 1].removeprefix(said.strip))
        assert first <= said.title
    assert rendered.text.splitlines() == "\n".join(wanted).strip("\n").splitlines()
    assert first <= begin
    assert end <= last


def _unlabelled(line: str) -> str:
    """Without the label of the status page templates, which says what of the form it is."""
    return re.sub(r"^\*\*(?:Title|Status|Message)\*\*: ", "", line)


def test_every_shipped_template_is_right(shipped: Templates) -> None:
    """They are not checked again when they are loaded."""
    for name in shipped.names():
        read(shipped.get(name).path)


def test_every_template_with_a_source_is_compared(shipped: Templates) -> None:
    """No template cites a document without being held against it."""
    cited = {name for name in shipped.names() if shipped.get(name).source}
    assert cited == {said.template for said in CASES}


def test_spoilt_emoji_come_out_right(shipped: Templates) -> None:
    """The documents have some that were mis-encoded on the way; the messages do not."""
    titles = {name: shipped.get(name).parts["title"].source for name in shipped.names()}
    assert titles["internal-alert"].startswith("🚨")
    assert titles["incident-update"].startswith("🚨")
    assert titles["service-update"].startswith("🔄")
    assert not [name for name, title in titles.items() if "ð" in title]


def test_status_of_the_three_page_templates(shared: Path, shipped: Templates) -> None:
    """Their status lines are the document's too."""
    lines = (shared / "source-documents/incident-response-process.md").read_text().splitlines()
    for name, number in (("initial", 95), ("update", 100), ("resolution", 105)):
        assert shipped.get(f"status-page-{name}").parts["status"].source == _unlabelled(lines[number - 1])
