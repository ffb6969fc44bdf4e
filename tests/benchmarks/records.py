"""Long records for the benchmarks: what a cockpit writes in a long incident, in the proportions in which it comes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, islice
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.terms import Role
from cockpit.record.journal import Journal
from tests.stories import INCIDENT, START

EVERY = timedelta(seconds=4)
"""Between two entries: 20,000 are nearly a day."""


def payloads() -> Iterator[kinds.Payload]:
    """An incident without end: of ten entries four notes, two signals, a run with its result, a message delivered."""
    yield kinds.Declared(name="payments-fail", service="payment-service", policy="incident-response-plan")
    yield kinds.Severity(severity="P1")
    yield kinds.RoleChange(role=Role.IC, handle="@alice")
    for n in count():
        run, message, breach = f"run-{n}", f"message-{n}", n % 2 == 0
        yield kinds.ThresholdCrossed(id="error-rate", title="Error rate", state="breach" if breach else "ok", value=n)
        yield kinds.Note(text=f"{n}: the pool of payments-db is exhausted again, and the queue behind it grows")
        yield kinds.RunIntent(run=run, title=f"Restart worker {n}", command="kubectl rollout restart", risk="changing")
        yield kinds.Note(text=f"{n}: looking at the logs")
        yield kinds.RunResult(run=run, outcome="succeeded", exit=0, seconds=2.5, output="restarted\n" * 10)
        yield kinds.Pods(state="recovered" if breach else "crashing", count=5, total=5)
        yield kinds.Message(
            message=message, template="update", audience="customers", channels=("paper",), title=f"Update {n}", text="x"
        )
        yield kinds.Delivery(message=message, channel="paper", state="sent")
        yield kinds.Note(text=f"{n}: no customer calls since the last restart")
        yield kinds.Note(text=f"{n}: the queue is at {n * 7 % 1000}")


def drafts(entries: int, start: datetime = START) -> Iterator[Draft]:
    """The first `entries` of such an incident; the first occurred at `start`."""
    for number, payload in enumerate(islice(payloads(), entries)):
        yield Draft(INCIDENT, payload.kind, payload.fields(), start + number * EVERY, "@alice")


def filled(path: Path, entries: int) -> Journal:
    """A journal with one incident of so many entries; whoever asked for it closes it."""
    journal = Journal.open(path, SystemClock())
    coming = drafts(entries)
    while batch := list(islice(coming, 1000)):
        journal.append(batch)
    return journal
