"""Writes the golden record of today's layout: `python -m tests.record.write_golden`, only while no release has it.

Those of earlier layouts stay as they are; what wrote them is gone. The same bytes of every entry at each run: the
clock is set by hand, ids and salts count.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.incident.edits import Edits
from cockpit.incident.entry import Draft, stamp
from cockpit.incident.state import State
from cockpit.incident.terms import Role, Status
from cockpit.incident.timeline import Timeline
from cockpit.record.journal import Journal, Mint
from cockpit.record.schema import VERSION
from cockpit.scribe.data import export_json
from cockpit.values import asdict, replace

GOLDEN = Path(__file__).with_name("golden")
START = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
INCIDENT = "01950000-0000-7000-8000-000000000001"
LABEL = "INC-2026-001"


def minting(letter: str) -> Mint:
    """Ids and salts that count."""
    ids, salts = count(1), count(1)
    return Mint(
        id=lambda: f"01950000-0000-7000-9000-{letter * 4}{next(ids):08}",
        salt=lambda: hashlib.sha256(f"{letter}{next(salts)}".encode()).digest()[:16],
    )


TARGET = kinds.Target(
    cluster="eu", context="prod-eu", namespace="production", server="https://10.0.0.1:6443", selector="app=payment",
    deployment="payment", production=True,
)  # fmt: skip
READING = kinds.Reading(id="error-rate", title="Error rate", unit="percent", value=8.4, state="breach", at=START)
UNKNOWN = kinds.Reading(id="p95", title="Response time", reason="empty answer")

STORY: tuple[kinds.Payload, ...] = (
    kinds.Watching(service="payment-service", policy="payment-service", target=TARGET),
    kinds.ThresholdCrossed(id="error-rate", title="Error rate", before="ok", state="breach", value=8.4, bound="> 5"),
    kinds.Rollout(state="began", deployment="payment", revision="3", release="1.4.2", cause="release 1.4.2"),
    kinds.Pods(state="crashing", count=3, total=5, reason="CrashLoopBackOff", revision="3", pods=("payment-a",)),
    kinds.Detected(source="monitoring", what="error rate"),
    kinds.Declared(name="payment-failure", title="Zahlungen schlagen fehl ‹é 語 😀›", service="payment-service"),
    kinds.Severity(severity="P1", why="checkout is down"),
    kinds.Snapshot(moment="declaration", readings=(READING, UNKNOWN), ready=2, wanted=5),
    kinds.Acknowledged(),
    kinds.RoleChange(role=Role.IC, handle="@alice"),
    kinds.RoleChange(role=Role.OPS, handle="@bob"),
    kinds.RoleChange(role=Role.OPS),
    kinds.ChecklistItem(item="ic.initial.page", state="done", text="Page required responders"),
    kinds.ChecklistItem(item="ic.initial.roles", state="not-applicable", why="alone"),
    kinds.Note(text="hostile: [/red] <b> | `x` {{ y }} \\ \" ' $(z)\nsecond line"),
    kinds.Decision(text="roll back"),
    kinds.Source(source="prometheus", state="lost", detail="refused"),
    kinds.RunIntent(
        run="run-1", title="Roll back", step="crash-loop.roll-back", risk="changing", command="kubectl rollout undo",
        before="revision 3", after="revision 2", change=("image: 1.4.2 → 1.4.1",), prior={"revision": "3"},
        mitigates=True,
    ),
    kinds.RunResult(run="run-1", outcome="succeeded", exit=0, seconds=1.25, output="rolled back", sha256="ab"),
    kinds.RunVerified(run="run-1", verdict="verified", checks=("rollout complete",)),
    kinds.Mitigation(text="rolled back to 1.4.1"),
    kinds.StatusChange(status=Status.MONITORING, text="watching"),
    kinds.Message(
        message="message-1", template="status-page-initial", audience="customers", channels=("paper",),
        title="Payments", status="Investigating", text="We look into it.", next_update=START + timedelta(hours=1),
    ),
    kinds.Delivery(message="message-1", channel="paper", state="sent", reference="line 1"),
    kinds.StatusChange(status=Status.RESOLVED),
    kinds.Reopened(why="again"),
    kinds.StatusChange(status=Status.RESOLVED, text="now it is over"),
    kinds.Closed(text="done"),
    kinds.Impact(text="one in eight", who="card payments", how_many="12 %", since=START, trend="worse", data=False),
    kinds.Affected(service="checkout", state="recovered", text="since the roll back"),
    kinds.Snooze(clock="update:customers", until=START + timedelta(hours=2), why="all are asleep"),
    kinds.Merge(direction="from", other="01950000-0000-7000-8000-000000000002", label="INC-2026-002", why="the same"),
    kinds.Handover(handover="handover-1", role=Role.IC, giver="@alice", to="@carol", state="offered", brief="quiet"),
    kinds.Handover(handover="handover-1", role=Role.IC, giver="@alice", to="@carol", state="accepted"),
    kinds.Ask(ask="ask-1", number=1, handle="@bob", text="is it the pool?", due=START + timedelta(minutes=10)),
    kinds.Page(target="database-team", handles=("@dee",), text="please join", by_hand="+49 30 1234"),
    kinds.ActionItem(item="item-1", number=1, text="alert on it", owner="@bob", due=START.date(), term="immediate"),
    kinds.KeyEvent(text="the pool ran dry"),
    kinds.Hypothesis(hypothesis="hypothesis-1", number=1, state="confirmed", text="the pool", evidence="0 idle"),
    kinds.Link(url="https://wiki.example/payments", title="wiki"),
    kinds.Attachment(name="pool.txt", title="the pool", bytes=6, sha256="cd" * 32, text="0 idle"),
    kinds.Review(section="lucky", text="it was Sunday"),
    kinds.RunEffect(run="run-1", readings=(READING, UNKNOWN), ready=2, wanted=5),
    kinds.RunEffect(run="run-1", after=1, ready=5, wanted=5, verdict="helped", findings=("pods 2/5 → 5/5 ready",)),
    kinds.StepDone(step="crash-loop.watch", title="Watch", text="for an hour", mitigates=True),
    kinds.MitigationLeft(run="run-1", title="Roll back"),
    kinds.BreakGlass(deed="severity", what="P2", why="nobody else is awake"),
    kinds.Contradiction(subject="role ic", first="01950000", second="01950001", lost="@alice", stands="@carol"),
    kinds.Detected(
        source="monitoring", what="one in eight fails",
        alert=kinds.AlertKey(fingerprints=("ac24efa8db5aac9d",), started=START, origin="main"),
        words=kinds.AlertWords(name="PaymentErrorRateHigh", severity="critical", link="https://prometheus.example/g"),
    ),
    kinds.Changed(
        object="deployment/payment", matter="scale", before="3", after="5", by="horizontal-pod-autoscaler",
        version="4711",
    ),
    kinds.Changed(
        object="configmap/payment-config", matter="data", by="kubectl-edit", detail="LOG_LEVEL: info → debug",
        version="4712", count=3, seconds=4.5,
    ),
    kinds.EndpointChanged(
        id="health", asked="GET http://payment:3006/health", before="ok", state="failing",
        reason="it answered 503, expected 200-299", latency=0.25,
    ),
    kinds.AlertResolved(name="PaymentErrorRateHigh", alert=kinds.AlertKey(fingerprints=("ac24efa8db5aac9d",))),
)  # fmt: skip
"""Every kind of version 1 but the redaction, at least once."""


def draft(kind: str, payload: Mapping[str, Any], at: datetime, **more: Any) -> Draft:
    """An entry to be, by @alice."""
    return Draft(INCIDENT, kind, payload, at, "@alice", **more)


def write(folder: Path) -> Path:
    """Write the journal: two writers, a late and an amended entry, a kind of tomorrow, a redaction; its path."""
    path, clock = folder / "record.db", ManualClock(START)
    journal = Journal.open(path, clock, mint=minting("a"))
    for payload in STORY:
        clock.advance(7.5)
        journal.append([draft(payload.kind, payload.fields(), clock.now(), role="ic")])
    late = journal.append([draft("note", {"text": "first alarm"}, START - timedelta(minutes=12))]).entries[0]
    clock.set_back(3600)  # the machine's clock was corrected; the record's does not go back
    journal.append([draft("note", {"text": "the first alarm, at 01:47"}, late.occurred, supersedes=late.id)])
    journal.append([draft("tomorrow", {"answer": 42, "list": [1, 2.5, None, True]}, clock.now(), schema=3)])
    secret = journal.append([draft("note", {"text": "was a secret"}, clock.now())]).entries[0]
    redaction = kinds.Redaction(entry=secret.id, why="a password", kept=dict(kinds.kept(secret)))
    journal.append([draft(redaction.kind, redaction.fields(), clock.now())])
    journal.close()
    _other_writer(folder / "other.db", path)
    return path


def _other_writer(other: Path, path: Path) -> None:
    """Bring in what a journal elsewhere wrote."""
    elsewhere = Journal.open(other, ManualClock(START + timedelta(seconds=30)), mint=minting("b"))
    notes = [draft("note", {"text": f"from elsewhere {n}"}, START + timedelta(seconds=20 + n)) for n in range(2)]
    written = elsewhere.append(notes).entries
    elsewhere.close()
    journal = Journal.open(path, ManualClock(START + timedelta(hours=1)))
    journal.adopt(written)
    journal.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM")
    other.unlink()


def state_data(state: State) -> Any:
    """A state as JSON values, to compare with one written by another version."""
    told = asdict(replace(state, edits=Edits()))
    del told["edits"]
    return json.loads(json.dumps(told, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, frozenset):
        return sorted(value)
    return stamp(value) if isinstance(value, datetime) else value.isoformat()


def exported(timeline: Timeline) -> str:
    """The record's JSON export."""
    return export_json(timeline, LABEL)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        made = write(Path(scratch))
        reader = Journal.open(made, ManualClock(START))
        record = Timeline(reader.read(INCIDENT))
        reader.close()
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / f"v{VERSION}.db").write_bytes(made.read_bytes())
    (GOLDEN / f"v{VERSION}.json").write_text(exported(record))
    (GOLDEN / f"v{VERSION}-state.json").write_text(json.dumps(state_data(record.state), indent=1) + "\n")
