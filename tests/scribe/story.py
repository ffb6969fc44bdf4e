"""Records for tests: a book that seals entries the same way every time, and the story of one bad release in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cockpit.incident import kinds
from cockpit.incident.entry import Draft, Entry, Recorded, Tail, seal
from cockpit.incident.terms import PROGRAM, Role, Status
from cockpit.incident.timeline import Timeline
from cockpit.values import replace

START = datetime(2026, 2, 3, 2, 0, tzinfo=UTC)
INCIDENT = "01950000-0000-7000-8000-000000000001"


def at(clock: str) -> datetime:
    """`12:41` is 12 minutes and 41 seconds after the story's start."""
    minutes, seconds = clock.split(":")
    return START + timedelta(minutes=int(minutes), seconds=int(seconds))


class Book:
    """A record that grows; ids, salts and so hashes are the same at every run."""

    def __init__(self, writer: str = "writer-a") -> None:
        self.entries: list[Entry] = []
        self._tail = Tail(writer)

    def raw(
        self, kind: str, payload: Mapping[str, Any], clock: str, actor: str = PROGRAM, *,
        role: str | None = None, recorded: str | None = None, supersedes: str | None = None, schema: int = 1,
    ) -> Entry:  # fmt: skip
        """Add an entry of any kind, which occurred at `clock` and was recorded at `recorded` (else at once)."""
        number = self._tail.seq + 1
        draft = Draft(INCIDENT, kind, payload, at(clock), actor, role, supersedes, schema)
        sealed, tail = seal(draft, self._tail, id=f"01950000-0000-7000-9000-{number:012}", now=at(recorded or clock))
        salt = hashlib.sha256(f"{tail.writer}{number}".encode()).digest()[:16]
        assert sealed.body is not None
        salted = replace(sealed, salt=salt, digest=hashlib.sha256(salt + sealed.body).digest())
        entry = replace(salted, hash=salted.true_hash())
        self._tail = replace(tail, hash=entry.hash)
        self.entries.append(entry)
        return entry

    def add(self, payload: kinds.Payload, clock: str, actor: str = PROGRAM, **more: Any) -> Entry:
        """Add an entry of a known kind."""
        return self.raw(payload.kind, payload.fields(), clock, actor, **more)

    def redact(self, entry: Entry) -> None:
        """Erase an entry's payload, as redaction does: the digest stays."""
        self.entries[self.entries.index(entry)] = replace(entry, body=None, salt=None)

    @property
    def timeline(self) -> Timeline:
        """The record in order."""
        return Timeline(self.entries)

    @property
    def last(self) -> Recorded:
        """When the last entry was recorded."""
        return self._tail.seen


@dataclass(frozen=True)
class Item:
    """A checklist item."""

    id: str
    text: str
    answered_by: str = ""


@dataclass(frozen=True)
class Phase:
    """A phase of a checklist, in minutes after the declaration."""

    title: str
    items: tuple[Item, ...]
    begins: float | None = None
    ends: float | None = None
    within: float | None = None


@dataclass(frozen=True)
class List:
    """A role's checklist."""

    role: str
    title: str
    phases: tuple[Phase, ...]


INITIAL = Phase("Initial response", (Item("ic.ack", "Acknowledge the alert"), Item("ic.declare", "Declare it")), 0, 5)
REST = Phase("Coordination", (Item("ic.channel", "Create incident channel"), Item("ic.track", "Track action items")))
COMMANDER = List("ic", "Incident commander", (INITIAL, REST))

TARGET = kinds.Target(
    cluster="prod", context="prod-eu", namespace="production", server="https://10.20.0.1:6443",
    selector="app=payment-service", deployment="payment-service", production=True,
)  # fmt: skip

IC = {"role": "ic"}
COMMAND = "kubectl --context prod-eu -n production rollout undo deployment/payment-service --to-revision=42"
PAGE = (
    "We are investigating reports of issues with payment-service. We will provide updates as we learn more. "
    "Next update by 02:36 UTC."
)


def readings(rate: float | None, p95: float | None, throughput: float | None) -> tuple[kinds.Reading, ...]:
    """The three signals of the story; what is None could not be read."""
    rows = (("error-rate", "error rate", "percent", rate, 5.0), ("p95", "p95", "seconds", p95, 2.0))
    known = [
        kinds.Reading(
            id=id, title=title, unit=unit, value=value,
            state="unknown" if value is None else "breach" if value > limit else "ok",
            reason="prometheus did not answer within 5 s" if value is None else "",
        )
        for id, title, unit, value, limit in rows
    ]  # fmt: skip
    return (*known, kinds.Reading(id="throughput", title="throughput", unit="per-minute", value=throughput, state="ok"))


def bad_release() -> Book:
    """Forty minutes of a bad release: noticed, declared, rolled back, verified, told, resolved."""
    book = Book()
    _it_breaks(book)
    _it_is_declared(book)
    _it_is_rolled_back(book)
    _it_is_over(book)
    return book


def _it_breaks(book: Book) -> None:
    book.add(kinds.Watching(service="payment-service", policy="incident-response-plan", target=TARGET), "0:00")
    cause = "kubectl set image deployment/payment-service app=registry.example/payment:1.4.2"
    rollout = kinds.Rollout(state="began", deployment="payment-service", revision="43", release="1.4.2", cause=cause)
    book.add(rollout, "0:02")
    rate = {"id": "error-rate", "title": "error rate", "unit": "percent"}
    book.add(kinds.ThresholdCrossed(**rate, before="ok", state="warning", value=1.8, bound="> 1"), "1:07")
    crashing = kinds.Pods(
        state="crashing", count=3, total=5, reason="CrashLoopBackOff", revision="43", release="1.4.2",
        pods=("payment-service-7599565f95-4kgb8", "payment-service-7599565f95-9xw2p"),
    )  # fmt: skip
    book.add(crashing, "1:40")
    book.add(kinds.ThresholdCrossed(**rate, before="warning", state="breach", value=12.4, bound="> 5"), "2:20")
    slow = kinds.ThresholdCrossed(
        id="p95", title="p95", before="ok", state="breach", value=3.1, unit="seconds", bound="> 2"
    )
    book.add(slow, "2:25")


def _it_is_declared(book: Book) -> None:
    book.add(kinds.Detected(source="monitoring", what="error rate over 5 %"), "2:20", "@oncall", recorded="3:12")
    declared = kinds.Declared(
        name="payment-failure", title="Payments fail at checkout", service="payment-service",
        policy="incident-response-plan", target=TARGET,
    )  # fmt: skip
    book.add(declared, "3:12", "@oncall")
    book.add(kinds.Severity(severity="P2"), "3:12", "@oncall")
    book.add(kinds.Snapshot(moment="declaration", readings=readings(12.4, 3.1, 612), ready=2, wanted=5), "3:12")
    book.add(kinds.RoleChange(role=Role.IC, handle="@oncall"), "3:30", "@oncall")
    book.add(kinds.Acknowledged(), "3:50", "@oncall", **IC)
    tick = kinds.ChecklistItem(item="ic.ack", state="done", text="Acknowledge the alert/incident")
    book.add(tick, "3:51", "@oncall", **IC)
    book.add(kinds.Severity(severity="P1", why="one payment in eight fails | and *rising*"), "5:10", "@oncall", **IC)
    book.add(kinds.RoleChange(role=Role.COMMS, handle="@dana"), "5:40", "@oncall", **IC)
    page = kinds.Message(
        message="m-1", template="status-page-initial", audience="customers", channels=("status", "paper"),
        title="payment-service - Service Disruption", status="Investigating", text=PAGE, next_update=at("36:00"),
    )  # fmt: skip
    book.add(page, "6:02", "@dana", role="comms")
    book.add(kinds.Delivery(message="m-1", channel="status", state="failed", reason="no answer within 5 s"), "6:07")
    book.add(kinds.Delivery(message="m-1", channel="paper", state="sent", reference="/home/ops/messages.txt:1"), "6:08")


def _it_is_rolled_back(book: Book) -> None:
    log = kinds.RunIntent(
        run="r-1", title="log 4kgb8", risk="read-only", context="prod-eu", server=TARGET.server,
        namespace="production", object="pod/payment-service-7599565f95-4kgb8",
        command="kubectl --context prod-eu -n production logs payment-service-7599565f95-4kgb8 --previous",
    )  # fmt: skip
    book.add(log, "7:02", "@oncall", **IC)
    output = "config: PAYMENT_DSN is not set\n```\npanic: no dsn\n```\nPASSWORD=‹redacted›"
    book.add(
        kinds.RunResult(run="r-1", outcome="succeeded", exit=0, seconds=0.4, output=output, sha256="ab" * 32, bytes=91),
        "7:03",
    )
    said = kinds.StatusChange(status=Status.IDENTIFIED, text="release 1.4.2 is bad: it starts without PAYMENT_DSN")
    book.add(said, "9:40", "@oncall", **IC)
    book.add(kinds.Decision(text="roll back to 1.4.1; fix forward tomorrow"), "10:05", "@oncall", **IC)
    undo = kinds.RunIntent(
        run="r-2", title="Roll back", step="crashloop/rollback", risk="changing", command=COMMAND,
        request="PATCH /apis/apps/v1/namespaces/production/deployments/payment-service", context="prod-eu",
        server=TARGET.server, namespace="production", object="deployment/payment-service",
        before="rev 43 (1.4.2)", after="rev 42 (1.4.1)", mitigates=True,
        change=("-        image: registry.example/payment:1.4.2", "+        image: registry.example/payment:1.4.1"),
    )  # fmt: skip
    book.add(undo, "11:15", "@oncall", **IC)
    done = "deployment.apps/payment-service rolled back"
    book.add(
        kinds.RunResult(run="r-2", outcome="succeeded", exit=0, seconds=43, output=done, sha256="cd" * 32, bytes=43),
        "11:58",
    )
    book.add(kinds.Snapshot(moment="mitigation", readings=readings(None, None, 640), ready=4, wanted=5), "11:58")
    book.add(kinds.Source(source="prometheus", state="lost", detail="connection refused"), "12:00")
    book.add(kinds.Rollout(state="finished", deployment="payment-service", revision="44", release="1.4.1"), "12:40")
    book.add(kinds.Pods(state="recovered", count=5, total=5, release="1.4.1"), "12:41")
    book.add(kinds.Source(source="prometheus", state="back"), "13:30")


def _it_is_over(book: Book) -> None:
    rate = {"id": "error-rate", "title": "error rate", "unit": "percent"}
    book.add(kinds.ThresholdCrossed(**rate, before="breach", state="ok", value=0.3, bound="> 5"), "15:10")
    p95 = {"id": "p95", "title": "p95", "unit": "seconds", "bound": "> 2"}
    book.add(kinds.ThresholdCrossed(**p95, before="breach", state="ok", value=0.42), "15:12")
    checks = ("rollout complete: 5/5 ready", "error rate: back to ok, 0.3 %")
    book.add(kinds.RunVerified(run="r-2", verdict="verified", checks=checks), "15:15")
    book.add(kinds.StatusChange(status=Status.MONITORING, text="watching for 20 minutes"), "16:00", "@oncall", **IC)
    note = "the gateway's team saw <b>nothing</b> on their side\nasked at the bridge"
    book.add(kinds.Note(text=note), "8:30", "@dana", role="comms", recorded="25:30")
    secret = book.add(kinds.Note(text="the token is hunter2"), "26:00", "@dana", role="comms")
    book.redact(secret)
    skipped = kinds.ChecklistItem(
        item="ic.channel", state="not-applicable", text="Create incident channel", why="all in one room"
    )
    book.add(skipped, "27:00", "@oncall", **IC)
    book.raw("hologram", {"colour": "blue", "depth": [1, 2.5, None]}, "28:00", "@later", schema=3)
    over = kinds.StatusChange(status=Status.RESOLVED, text="payments are normal for 20 minutes")
    book.add(over, "40:00", "@oncall", **IC)
    book.add(kinds.Snapshot(moment="resolution", readings=readings(0.2, 0.41, 1013), ready=5, wanted=5), "40:00")
