"""Facts that tick items: each with the deed that answers it, with what only looks like the deed, and taken back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cockpit.incident import kinds
from cockpit.incident.answered import DEEDS
from cockpit.incident.answers import ANSWERS, answer_of
from cockpit.incident.entry import Entry
from cockpit.incident.fact import Fact
from cockpit.incident.fold import fold
from cockpit.incident.kinds import Deed, Payload
from cockpit.incident.terms import Role, Status
from tests.stories import START, Writer

Deeds = tuple[Payload, ...]
"""What is written, one minute after the other, after a declaration at START."""

DECLARED = kinds.Declared(name="payment-failure", service="payment-service")
RESOLVED = kinds.StatusChange(status=Status.RESOLVED, text="it works")
CLOSED = kinds.Closed()


def written(*deeds: Payload) -> list[Entry]:
    writer = Writer()
    return [writer.write(deed, after=60 if number else 0) for number, deed in enumerate((DECLARED, *deeds))]


def answered(name: str, *deeds: Payload) -> int | None:
    """Which of the deeds answers, counted from 1; 0 is the declaration, None when none does."""
    entries = written(*deeds)
    answer = answer_of(name)
    assert answer is not None
    fact = answer(fold(entries))
    if fact is None:
        return None
    entry = next(entry for entry in entries if entry.id == fact.entry)
    assert fact == Fact.of(entry)
    return entries.index(entry)


def held(role: Role, handle: str | None = "@bob") -> Payload:
    return kinds.RoleChange(role=role, handle=handle)


def message(audience: str = "customers", *, id: str = "m", status: str = "Investigating") -> Deeds:
    """A message that its channel took."""
    return queued(audience, id=id, status=status), kinds.Delivery(message=id, channel="paper", state="sent")


def queued(audience: str = "customers", *, id: str = "m", status: str = "Investigating") -> Payload:
    return kinds.Message(
        message=id, template="t", audience=audience, channels=("paper",), title="t", text="t", status=status
    )


def done(deed: Deed, *, id: str = "m") -> Deeds:
    """A message that does something where it arrives, and its channel did it."""
    asked = kinds.Message(message=id, template="", audience="x", channels=("c",), title="t", text="", deed=deed)
    return asked, kinds.Delivery(message=id, channel="c", state="sent")


def refused(id: str = "m") -> Payload:
    return kinds.Delivery(message=id, channel="paper", state="failed", reason="disk full")


def threshold(before: str, after: str, id: str = "p95") -> Payload:
    return kinds.ThresholdCrossed(id=id, title=id, before=before, state=after)


def run(
    step: str = "crash-loop.roll-back", *, outcome: str = "succeeded", risk: str = "changing", id: str = "r",
    undo_of: str = "", command: str = "kubectl rollout undo deployment/x", mitigates: bool = True,
) -> Deeds:  # fmt: skip
    intent = kinds.RunIntent(
        run=id, title="t", step=step, risk=risk, command=command, mitigates=mitigates, undo_of=undo_of
    )
    return intent, kinds.RunResult.model_validate({"run": id, "outcome": outcome})


def checked(verdict: str = "verified", id: str = "r") -> Payload:
    return kinds.RunVerified.model_validate({"run": id, "verdict": verdict})


def item(number: int = 1, **more: object) -> Payload:
    given = {"item": f"i{number}", "number": number, "text": "add an alert", "owner": "@bob", "due": date(2026, 4, 1)}
    return kinds.ActionItem.model_validate(given | more)


def hypothesis(state: str = "open") -> Payload:
    return kinds.Hypothesis.model_validate({"hypothesis": "h", "number": 1, "state": state, "text": "the release"})


def handover(state: str) -> Payload:
    return kinds.Handover.model_validate({"handover": "o", "role": "ic", "giver": "@a", "to": "@b", "state": state})


LOG = {"step": "", "risk": "read-only", "mitigates": False}
READ = "kubectl --context eu -n production logs payment-1 --tail=500"
ALL_HELD = (held(Role.COMMS), held(Role.OPS), held(Role.SCRIBE))
MITIGATED = kinds.Mitigation(text="traffic to the other region")

ANSWERED: list[tuple[str, Deeds, int]] = [
    ("acknowledged", (kinds.Acknowledged(),), 1),
    ("declared", (), 0),
    ("declared-with-severity", (kinds.Severity(severity="P1"), kinds.Severity(severity="P0")), 1),
    ("severity-changed", (kinds.Severity(severity="P2"), kinds.Severity(severity="P1")), 2),
    ("severity-explained", (kinds.Severity(severity="P2", why="12 % of payments fail"),), 1),
    ("commander-assigned", (held(Role.IC),), 1),
    ("roles-assigned", ALL_HELD, 3),
    ("roles-assigned", (*ALL_HELD, held(Role.OPS, None), held(Role.OPS, "@cara")), 5),
    ("paged", (kinds.Page(target="dba", by_hand="+1 555 0100"),), 1),
    ("paged", (kinds.Page(target="dba", message="m"), *message("page:dba")), 3),
    ("affected", (kinds.Affected(service="orders"), kinds.Affected(service="mail")), 1),
    ("impact", (kinds.Impact(text="bad"), kinds.Impact(how_many="one in eight")), 2),
    ("impact-since", (kinds.Impact(since=START - timedelta(minutes=5)),), 1),
    ("impact-trend", (kinds.Impact(trend="worse"),), 1),
    ("log-read", run(**LOG, command=READ), 2),  # type: ignore[arg-type]  # one mapping for several fields
    ("hypothesis", (hypothesis(),), 1),
    ("cause-confirmed", (hypothesis(), hypothesis("confirmed")), 2),
    ("decision", (kinds.Decision(text="roll back"),), 1),
    ("mitigated", (MITIGATED,), 1),
    ("mitigated", run(), 2),
    ("verified", (*run(), checked()), 3),
    ("verified", (threshold("ok", "breach"), MITIGATED, threshold("breach", "ok")), 3),
    ("verified", (*run(), checked(), threshold("ok", "breach"), threshold("breach", "ok")), 5),
    ("told-internal", message("internal"), 2),
    ("channel-opened", done("open"), 2),
    ("channel-archived", (RESOLVED, CLOSED, *done("archive")), 4),
    ("post-mortem-scheduled", (RESOLVED, *done("meeting")), 3),
    ("told-customers", (*message(id="1"), *message(id="2")), 2),
    ("told-customers-again", (*message(id="1"), *message(id="2")), 4),
    ("resolved", (RESOLVED,), 1),
    ("restored", (threshold("ok", "breach"), threshold("breach", "ok"), RESOLVED), 3),
    ("resolution-told", (RESOLVED, *message("internal", status="Resolved")), 3),
    ("resolution-told-customers", (RESOLVED, *message(status="Resolved")), 3),
    ("closed", (RESOLVED, kinds.Closed()), 2),
    ("handed-over", (handover("offered"), handover("accepted")), 2),
    ("action-items-assigned", (item(1), item(2)), 2),
    ("action-items-assigned", (item(1, owner=""), item(2), item(1)), 3),
    ("action-items-done", (item(1), item(2), item(1, state="done"), item(2, state="dropped", why="no")), 3),
    ("ran:health.pods,crash-loop.roll-back", run(), 2),
    ("verified:crash-loop.roll-back", (*run(), checked()), 3),
    ("review:impact", (kinds.Review(section="impact", text="an hour"),), 1),
    ("review:impact,lucky", (kinds.Review(section="lucky", text="x"), kinds.Review(section="impact", text="x")), 2),
]

NOT_ANSWERED: list[tuple[str, Deeds]] = [
    ("acknowledged", (kinds.Severity(severity="P1"), held(Role.ONCALL))),
    ("declared-with-severity", ()),
    ("severity-changed", (kinds.Severity(severity="P2"), kinds.Severity(severity="P2", why="as before"))),
    ("severity-explained", (kinds.Severity(severity="P2", why="x"), kinds.Severity(severity="P1"))),
    ("commander-assigned", (held(Role.IC), held(Role.IC, None))),
    ("roles-assigned", ALL_HELD[:2]),
    ("roles-assigned", (*ALL_HELD, held(Role.SCRIBE, None))),
    ("paged", ()),
    ("paged", (kinds.Page(target="dba", message="m"), queued("page:dba"), refused())),
    ("paged", (kinds.Page(target="dev"), kinds.Page(target="dba", message="m"), queued("page:dba"))),
    ("affected", (kinds.Impact(who="merchants"),)),
    ("impact", (kinds.Impact(text="bad", trend="worse", since=START),)),
    ("impact-since", (kinds.Impact(who="merchants"),)),
    ("impact-trend", (kinds.Impact(who="merchants"),)),
    ("log-read", run(**LOG, command=READ, outcome="failed")),  # type: ignore[arg-type]
    ("log-read", run(**LOG, command="kubectl get pods -l app=logs-reader")),  # type: ignore[arg-type]
    ("log-read", run(**LOG, command="kubectl logs 'cut off")),  # type: ignore[arg-type]
    ("cause-confirmed", (hypothesis(), hypothesis("eliminated"))),
    ("cause-confirmed", (hypothesis("confirmed"), hypothesis())),
    ("mitigated", (kinds.StatusChange(status=Status.MITIGATING),)),
    ("mitigated", (*run(), checked("failed"))),
    ("mitigated", (*run(), *run(id="u", undo_of="r", mitigates=False))),
    ("mitigated", run(outcome="unknown")),
    ("verified", run()),
    ("verified", (*run(), checked("unknown"))),
    ("verified", (*run(risk="read-only"), checked())),
    ("verified", (*run(), checked(), *run(id="u", undo_of="r"))),
    ("verified", (*run(), checked(), threshold("ok", "breach"))),
    ("verified", (*run(), checked(), kinds.Pods(state="crashing", count=1))),
    ("verified", (threshold("ok", "breach"), threshold("breach", "ok"), MITIGATED)),
    ("verified", (threshold("ok", "breach"), MITIGATED, threshold("breach", "unknown"))),
    ("verified", (threshold("ok", "breach"), threshold("ok", "breach", "b"), MITIGATED, threshold("breach", "ok"))),
    ("told-internal", message()),
    ("channel-opened", (done("open")[0], refused())),
    ("channel-opened", message()),
    ("channel-archived", (*done("archive"), RESOLVED, CLOSED)),
    ("post-mortem-scheduled", (*done("meeting"), RESOLVED)),
    ("told-customers", (queued(), refused())),
    ("told-customers", message(status="Resolved")),
    ("told-customers-again", (*message(id="1"), RESOLVED, *message(id="2", status="Resolved"))),
    ("resolved", (RESOLVED, kinds.Reopened(why="it is back"))),
    ("restored", (threshold("ok", "breach"), RESOLVED)),
    ("restored", (kinds.Pods(state="crashing", count=1), RESOLVED)),
    ("restored", (kinds.Affected(service="orders"), RESOLVED)),
    ("resolution-told", (queued(status="Resolved"), RESOLVED, kinds.Delivery(message="m", channel="c", state="sent"))),
    ("resolution-told", (RESOLVED, *message())),
    ("resolution-told", (RESOLVED, *message("page:dba", status="Resolved"))),
    ("resolution-told", (RESOLVED, *message(status="Resolved"), kinds.Reopened(why="it is back"), RESOLVED)),
    ("resolution-told-customers", (RESOLVED, *message("internal", status="Resolved"))),
    ("closed", (RESOLVED, kinds.Closed(), kinds.Reopened(why="it is back"))),
    ("handed-over", (handover("offered"), handover("declined"))),
    ("action-items-assigned", ()),
    ("action-items-assigned", (item(1), item(2, owner=""))),
    ("action-items-assigned", (item(1, due=None),)),
    ("action-items-done", (item(1), item(2), item(1, state="done"))),
    ("action-items-done", (item(1), item(1, state="dropped", why="no"))),
    ("ran:health.pods", run()),
    ("ran:crash-loop.roll-back", run(outcome="cancelled")),
    ("ran:crash-loop.roll-back", (*run(), *run("", id="u", undo_of="r"))),
    ("verified:crash-loop.roll-back", (*run(), checked("failed"))),
    ("review:impact,lucky", (kinds.Review(section="lucky", text="x"),)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "deeds", "which"), ANSWERED)
def test_the_deed_answers_and_its_entry_is_named(name: str, deeds: Deeds, which: int) -> None:
    assert answered(name, *deeds) == which


@pytest.mark.parametrize(("name", "deeds"), NOT_ANSWERED)
def test_what_only_looks_like_the_deed_does_not_answer(name: str, deeds: Deeds) -> None:
    assert answered(name, *deeds) is None


def test_every_answer_is_tried_both_ways() -> None:
    assert {name for name, _, _ in ANSWERED} >= set(ANSWERS)
    assert set(DEEDS) == set(ANSWERS), "each has a word for people"
    single = {"declared", "hypothesis", "decision"}  # the deed is its only entry; the declaration is in each story
    assert {name for name, _ in NOT_ANSWERED} >= set(ANSWERS) - single
    for name in single - {"declared"}:
        assert answered(name, kinds.Note(text="perhaps the release; let us roll back")) is None


@pytest.mark.parametrize("name", ["", "done", "ran:", "ran:Not A Step", "ran:a,,b", "review:praise", "told:customers"])
def test_what_is_no_answer_is_none(name: str) -> None:
    assert answer_of(name) is None


def test_an_amended_time_moves_the_answer_with_it() -> None:
    writer = Writer()
    first = writer.write(DECLARED)
    taken = writer.write(kinds.Acknowledged(), after=300)
    moved = writer.write(kinds.Acknowledged(), after=60, ago=240, supersedes=taken.id)
    fact = ANSWERS["acknowledged"](fold([first, moved, taken]))
    assert fact is not None
    assert fact.at == START + timedelta(seconds=120)
