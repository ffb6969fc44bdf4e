"""Incidents for tests of the measures: a few payloads after each other, and what the record makes of them."""

from __future__ import annotations

from datetime import datetime

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.incident.timeline import Timeline
from tests.stories import START, Writer

Step = tuple[kinds.Payload, float]

MESSAGE = kinds.Message(message="m", template="t", audience="customers", channels=("paper",), title="", text="")
POLICY = "incident-response-plan"
FULL: tuple[Step, ...] = (
    (kinds.ThresholdCrossed(id="e", title="errors", state="breach", value=9.0), 0),
    (kinds.Detected(source="monitoring"), 60),
    (kinds.Declared(name="pay", service="shop", policy=POLICY), 60),
    (kinds.Severity(severity="P1"), 0),
    (kinds.Acknowledged(), 30),
    (MESSAGE, 90),
    (kinds.Delivery(message="m", channel="paper", state="sent"), 0),
    (kinds.Mitigation(text="rolled back"), 300),
    (kinds.StatusChange(status=Status.RESOLVED), 600),
    (kinds.Closed(), 60),
    (kinds.Review(section="severity", text="P1"), 3600),
)
"""All that a measure can stand on: detected after 1 minute, acknowledged 1.5, mitigated 8, resolved 18 after that."""


def told(*steps: Step, start: datetime = START) -> tuple[State, dict[str, Entry]]:
    """The state after payloads that follow each other by so many seconds, and the entries by their id."""
    writer = Writer(start=start)
    entries = [writer.write(payload, after=after) for payload, after in steps]
    return Timeline(entries).state, {entry.id: entry for entry in entries}


def without(kind: type[kinds.Payload]) -> list[Step]:
    """`FULL` with one kind left out; the others at their times."""
    steps, waited = list[Step](), 0.0
    for payload, after in FULL:
        waited += after
        if not isinstance(payload, kind):
            steps.append((payload, waited))
            waited = 0.0
    return steps
