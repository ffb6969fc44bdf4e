"""What the record itself finds for a review: what went well, what went wrong, each with the entry that shows it.

Blameless (payment-incident-management.md:75): people appear by the role in which they acted, never by name.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from cockpit.incident.clocks import clocks
from cockpit.incident.deliveries import FAILED, LOST, UNKNOWN
from cockpit.incident.measures import measures
from cockpit.incident.policies import Policy
from cockpit.incident.state import Run, State
from cockpit.incident.terms import TO_DO
from cockpit.incident.times import lasting
from cockpit.scribe.parts import Case

LATE = 300.0
"""Seconds after which an entry was written so late that the review should know."""


class Finding(Struct, frozen=True):
    """One thing that the record shows. `entry` is the id of the entry behind it, empty where there is none."""

    good: bool
    text: str
    entry: str = ""


def findings(case: Case, policy: Policy | None) -> list[Finding]:
    """Everything that the record finds, the good and the bad, in no order of blame."""
    state = case.state
    return [
        *_deadlines(case, policy), *_first_update(state, policy), *_promises(case), *_changes(state), *_asks(state),
        *_messages(state), *_glass(state), *_record(case),
    ]  # fmt: skip


def _deadlines(case: Case, policy: Policy | None) -> Iterator[Finding]:
    for due in clocks(case.state, policy):
        if due.done is None:
            continue
        took = lasting((due.done - due.since).total_seconds())
        target = lasting((due.due - due.since).total_seconds())
        met = due.done <= due.due
        whose = "to which it was put off" if due.snoozed_until else "of the policy"
        yield Finding(met, f"{due.title} after {took}, {'within' if met else 'beyond'} the {target} {whose}")


def _first_update(state: State, policy: Policy | None) -> Iterator[Finding]:
    """Whether customers heard of it as soon as the policy asks."""
    measure = next(each for each in measures(state) if each.name == "first-update")
    if measure.seconds is None or policy is None:
        return
    met = measure.seconds <= policy.first_update.total_seconds()
    target = lasting(policy.first_update.total_seconds())
    how = f"{'within' if met else 'beyond'} the {target} of the policy"
    yield Finding(met, f"the first public update after {lasting(measure.seconds)}, {how}", measure.entries[-1])


def _promises(case: Case) -> Iterator[Finding]:
    """Updates that were promised by a time, and came later or not at all while the incident went on."""
    state = case.state
    told = sorted((s for s in state.messages.values() if s.delivered), key=lambda sent: sent.fact.at)
    ended = state.resolved or state.closed
    end = ended.at if ended else case.now
    for number, sent in enumerate(told):
        promised, audience = sent.message.next_update, sent.message.audience
        if promised is None or promised >= end:
            continue
        later = [each for each in told[number + 1 :] if each.message.audience == audience]
        kept = bool(later) and later[0].delivered is not None and later[0].delivered.at <= promised
        if not kept:
            text = f"the update to {audience} that was promised by {case.clock(promised)} did not come by then"
            yield Finding(False, text, sent.fact.entry)


def _glass(state: State) -> Iterator[Finding]:
    """What was needed and no role of whoever was there let them do."""
    for broken, fact in state.broken_glass:
        what = f" ({broken.what})" if broken.what else ""
        text = f"the glass was broken to {TO_DO[broken.deed]}{what}: {broken.why}"
        yield Finding(False, text, fact.entry)


def _changes(state: State) -> Iterator[Finding]:
    for run in state.runs.values():
        if not run.changes:
            continue
        if run.outcome == "unknown":
            yield Finding(False, f"the outcome of “{run.intent.title}” is unknown", run.started.entry)
        elif run.outcome == "failed":
            yield Finding(False, f"“{run.intent.title}” ended with an error: {_error(run)}", run.started.entry)
        elif run.verified and run.verified.verdict == "verified":
            yield Finding(True, f"“{run.intent.title}” took hold and was verified", run.started.entry)
        elif run.verified and run.verified.verdict == "failed":
            yield Finding(False, f"“{run.intent.title}” was carried out and did not help", run.started.entry)


def _error(run: Run) -> str:
    result = run.result
    if result is None:
        return "no result"
    return result.error or (f"exit {result.exit}" if result.exit is not None else result.outcome)


def _asks(state: State) -> Iterator[Finding]:
    for ask in state.asks.values():
        if ask.settled is not None and ask.state == "answered" and ask.due is not None:
            in_time = ask.settled.at <= ask.due
            how = "in time" if in_time else "after its time"
            yield Finding(in_time, f"{ask.label} was answered {how}: {ask.text}", ask.settled.entry)
        elif ask.is_open:
            yield Finding(False, f"{ask.label} was never answered: {ask.text}", ask.opened.entry)


def _messages(state: State) -> Iterator[Finding]:
    for sent in state.messages.values():
        if sent.state in (FAILED, *LOST, UNKNOWN):
            words = "may not have been delivered" if sent.state == UNKNOWN else "was not delivered"
            yield Finding(
                False, f"the message to {sent.message.audience} “{sent.message.title}” {words}", sent.fact.entry
            )


def _record(case: Case) -> Iterator[Finding]:
    """What the record says of itself: sources that were lost, entries that were written late."""
    lost = {str(e.payload.get("source")): e for e in case.entries if e.kind == "source" and _is_lost(e.payload)}
    for source, entry in lost.items():
        yield Finding(False, f"{source} could not be read for a while", entry.id)
    edits = case.state.edits
    late = [e for e in case.entries if not e.supersedes and edits.late(e).total_seconds() > LATE]
    if late:
        most = lasting(max(edits.late(e).total_seconds() for e in late))
        yield Finding(False, f"{len(late)} entries were written later than they happened, up to {most}", late[0].id)


def _is_lost(payload: object) -> bool:
    return isinstance(payload, dict) and payload.get("state") == "lost"
