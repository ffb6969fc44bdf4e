"""A fuller story: the bad release once more, with a handover of the command half-way and everything else that a record
can hold. The pictures and golden files of the shorter one stay as they are."""

from __future__ import annotations

from datetime import date
from functools import cache

from cockpit.incident import kinds
from cockpit.incident.policies import shipped
from cockpit.incident.terms import Role, Status
from cockpit.scribe.brief import brief
from cockpit.scribe.review import review
from tests.scribe.story import IC, TARGET, Book, at

LABEL = "INC-2026-001"
OFFER = {"handover": "ho-1", "role": Role.IC, "giver": "@oncall", "to": "@bob"}


@cache
def handed_over(*, drill: bool = False) -> Book:
    """Two hours: declared, handed over at the 40th minute, mitigated at the second try, reviewed."""
    book = Book()
    _begun(book, drill)
    _looked_into(book)
    _handed(book)
    _mended(book)
    _after(book)
    return book


def _begun(book: Book, drill: bool) -> None:
    book.add(kinds.Watching(service="payment-service", policy="incident-response-plan", target=TARGET), "0:00")
    rate = {"id": "error-rate", "title": "error rate", "unit": "percent"}
    book.add(kinds.ThresholdCrossed(**rate, before="ok", state="breach", value=12.4, bound="> 5"), "2:00")
    book.add(kinds.Detected(source="monitoring", what="error rate over 5 %"), "2:00", "@oncall", recorded="3:10")
    declared = kinds.Declared(
        name="payment-failure", service="payment-service", policy="incident-response-plan", target=TARGET, drill=drill
    )
    book.add(declared, "3:10", "@oncall")
    book.add(kinds.Severity(severity="P2"), "3:10", "@oncall")
    book.add(kinds.RoleChange(role=Role.IC, handle="@oncall"), "3:20", "@oncall")
    book.add(kinds.Acknowledged(), "3:30", "@oncall", **IC)
    book.add(kinds.Impact(text="cards are refused", who="customers in the EU", trend="worse"), "5:00", "@oncall", **IC)
    book.add(kinds.Severity(severity="P1", why="one payment in eight fails"), "5:30", "@oncall", **IC)
    book.add(kinds.Affected(service="checkout"), "6:00", "@oncall", **IC)
    book.add(
        kinds.Page(target="database-team", handles=("@dba",), text="is it the pool?", by_hand="+1 555 0100"),
        "6:30", "@oncall", **IC,
    )  # fmt: skip
    page = kinds.Message(
        message="m-1", template="status-page-initial", audience="customers", channels=("paper",),
        title="payment-service - Service Disruption", status="Investigating", text="We are investigating.",
        next_update=at("36:00"),
    )  # fmt: skip
    book.add(page, "7:00", "@dana", role="comms")
    book.add(kinds.Delivery(message="m-1", channel="paper", state="sent"), "7:01")


def _looked_into(book: Book) -> None:
    first = {"hypothesis": "hy-1", "number": 1}
    book.add(kinds.Hypothesis(**first, text="the database pool is exhausted"), "9:00", "@oncall", **IC)
    second = {"hypothesis": "hy-2", "number": 2}
    book.add(kinds.Hypothesis(**second, text="release 1.4.2 starts without PAYMENT_DSN"), "10:00", "@oncall", **IC)
    ask = {"ask": "as-1", "number": 1, "handle": "@dba"}
    book.add(kinds.Ask(**ask, text="is the pool full", due=at("15:00")), "10:30", "@oncall", **IC)
    book.add(kinds.Ask(**ask, state="acknowledged"), "11:00", "@dba")
    book.add(kinds.Ask(**ask, state="overdue"), "15:00")
    book.add(kinds.Ask(**ask, state="answered", answer="it is at 20 %"), "17:00", "@dba")
    book.add(kinds.Hypothesis(**first, state="eliminated", evidence="pool at 20 %"), "17:30", "@oncall", **IC)
    book.add(kinds.Link(url="https://grafana.example/d/1", title="the dashboard"), "18:00", "@oncall", **IC)
    attached = kinds.Attachment(name="pod.log", bytes=52, sha256="ab" * 32, text="panic: PAYMENT_DSN is not set\n```\n")
    book.add(attached, "18:30", "@oncall", **IC)
    book.add(kinds.Snooze(clock="update:internal", until=at("45:00"), why="all are in the room"), "19:00", "@oncall")
    first_try = {"run": "r-1", "title": "Restart the pods", "risk": "changing", "mitigates": True, "context": "prod-eu"}
    book.add(
        kinds.RunIntent(**first_try, command="kubectl rollout restart deployment/payment"), "20:00", "@oncall", **IC
    )
    book.add(kinds.RunResult(run="r-1", outcome="succeeded", exit=0, seconds=30), "20:30", "@oncall", **IC)
    book.add(kinds.RunVerified(run="r-1", verdict="failed", checks=("error rate: still 12 %",)), "25:00")


def _handed(book: Book) -> None:
    told = brief(book.timeline.state, label=LABEL, now=at("40:00"), policy=None).text()
    offered = kinds.Handover(**OFFER, state="offered", brief=told, why="end of my shift")
    book.add(offered, "40:00", "@oncall", **IC)
    book.add(kinds.Handover(**OFFER, state="accepted"), "41:00", "@bob")
    book.add(kinds.RoleChange(role=Role.IC, handle="@bob"), "41:00", "@bob")
    book.add(
        kinds.Ask(ask="as-2", number=2, handle="@net", text="is the firewall open", due=at("60:00")),
        "42:00",
        "@bob",
        **IC,
    )
    said = book.add(kinds.Decision(text="roll back to 1.4.0"), "43:00", "@bob", **IC)
    book.add(kinds.Decision(text="roll back to 1.4.1"), "43:00", "@oncall", recorded="44:00", supersedes=said.id)
    slipped = book.add(kinds.Note(text="Frau Lindqvist, card 4111"), "44:30", "@dana", role="comms")
    book.redact(slipped)
    book.add(kinds.Redaction(entry=slipped.id, why="a customer's name"), "45:00", "@bob", **IC)
    book.add(kinds.KeyEvent(text="the release is the cause"), "46:00", "@bob", **IC)
    cause = {"hypothesis": "hy-2", "number": 2, "state": "confirmed"}
    book.add(kinds.Hypothesis(**cause, evidence="the log says so"), "46:30", "@bob", **IC)


def _mended(book: Book) -> None:
    undo = kinds.RunIntent(
        run="r-2", title="Roll back", risk="changing", command="kubectl rollout undo deployment/payment",
        mitigates=True, context="prod-eu", before="rev 43 (1.4.2)", after="rev 42 (1.4.1)",
    )  # fmt: skip
    book.add(undo, "47:00", "@bob", **IC)
    book.add(kinds.RunResult(run="r-2", outcome="succeeded", exit=0, seconds=40), "47:40", "@bob", **IC)
    book.add(kinds.RunVerified(run="r-2", verdict="verified", checks=("5/5 ready",)), "50:00")
    book.add(kinds.Mitigation(text="traffic is back on the old release"), "51:00", "@bob", **IC)
    book.add(kinds.Affected(service="checkout", state="recovered"), "52:00", "@bob", **IC)
    book.add(
        kinds.Merge(direction="from", other="01950000-0000-7000-8000-0000000000ff", label="INC-2026-002"),
        "53:00",
        "@bob",
    )
    book.add(
        kinds.Impact(how_many="about 1,200 payments", trend="better", data=False, regulatory=True), "55:00", "@bob"
    )


def _after(book: Book) -> None:
    book.add(kinds.StatusChange(status=Status.RESOLVED, text="payments are normal"), "70:00", "@bob", **IC)
    item = {"item": "ai-1", "number": 1, "text": "alert on missing environment", "owner": "@oncall"}
    book.add(kinds.ActionItem(**item, due=date(2026, 2, 10), term="immediate"), "75:00", "@bob", **IC)
    more = {"item": "ai-2", "number": 2, "text": "stage releases", "term": "long-term"}
    book.add(kinds.ActionItem(**more), "76:00", "@bob", **IC)
    book.add(kinds.ActionItem(**item | {"state": "done"}), "90:00", "@oncall")
    for section, text in (("went-well", "the handover took a minute"), ("severity", "P1"), ("lucky", "it was Sunday")):
        book.add(kinds.Review.model_validate({"section": section, "text": text}), "95:00", "@dana")
    book.add(kinds.Closed(), "96:00", "@bob", **IC)


def reviewed(book: Book, minute: str = "120:00") -> str:
    """The review of a book."""
    return review(book.timeline, label=LABEL, now=at(minute), policy=shipped()["incident-response-plan"])
