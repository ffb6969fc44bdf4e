"""The fold: from entries, in the record's order, to the incident's state. Pure; total over any record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar, cast

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.state import Fact, Run, Said, Sent, State
from cockpit.incident.terms import Status

P = TypeVar("P", bound=kinds.Payload)
Step = Callable[[State, kinds.Payload, Entry], None]
_STEPS: dict[str, Step] = {}


def _folds(model: type[P]) -> Callable[[Callable[[State, P, Entry], None]], Callable[[State, P, Entry], None]]:
    """Register how entries of `model`'s kind change the state."""

    def register(step: Callable[[State, P, Entry], None]) -> Callable[[State, P, Entry], None]:
        _STEPS[model.kind] = cast(Step, step)
        return step

    return register


def apply(state: State, entry: Entry) -> None:
    """Take `entry`, the next in the record's order, into `state`. Unknown kinds are counted, else left alone."""
    state.entries += 1
    if not state.incident:
        state.incident, state.began = entry.incident, Fact.of(entry)
    payload = kinds.read(entry)
    if payload is None:
        state.unknown_kinds += entry.kind not in kinds.KINDS
        return
    step = _STEPS.get(entry.kind)
    if step is not None:
        step(state, payload, entry)


def fold(entries: Iterable[Entry], state: State | None = None) -> State:
    """The state after all of `entries`, which are in the record's order, starting from `state` or from nothing."""
    state = state or State()
    for entry in entries:
        apply(state, entry)
    return state


@_folds(kinds.Watching)
def _watching(state: State, watching: kinds.Watching, entry: Entry) -> None:
    state.service = state.service or watching.service
    state.policy = state.policy or watching.policy
    state.target = state.target or watching.target


@_folds(kinds.Declared)
def _declared(state: State, declared: kinds.Declared, entry: Entry) -> None:
    if state.declared is not None:
        return  # declared twice at the same time by two cockpits: the first one stands
    state.declared = Fact.of(entry)
    state.name, state.title, state.drill = declared.name, declared.title, declared.drill
    state.service = declared.service or state.service
    state.policy = declared.policy or state.policy
    state.target = state.target or declared.target
    if state.status is Status.WATCHING:
        _status(state, kinds.StatusChange(status=Status.INVESTIGATING), entry)


@_folds(kinds.Detected)
def _detected(state: State, detected: kinds.Detected, entry: Entry) -> None:
    if state.detected is None:
        state.detected, state.detected_by = Fact.of(entry), detected.source


@_folds(kinds.Acknowledged)
def _acknowledged(state: State, _: kinds.Acknowledged, entry: Entry) -> None:
    state.acknowledged = state.acknowledged or Fact.of(entry)


@_folds(kinds.Severity)
def _severity(state: State, severity: kinds.Severity, entry: Entry) -> None:
    state.severity = severity.severity
    state.severities += (Said(severity.severity, severity.why, Fact.of(entry)),)


@_folds(kinds.StatusChange)
def _status(state: State, change: kinds.StatusChange, entry: Entry) -> None:
    state.status = change.status
    state.statuses += (Said(change.status.value, change.text, Fact.of(entry)),)
    if change.status in (Status.MITIGATING, Status.MONITORING) and state.mitigated is None:
        state.mitigated = Fact.of(entry)
    state.resolved = Fact.of(entry) if change.status is Status.RESOLVED else None


@_folds(kinds.Closed)
def _closed(state: State, closed: kinds.Closed, entry: Entry) -> None:
    state.status, state.closed, state.false_alarm = Status.CLOSED, Fact.of(entry), closed.false_alarm
    text = closed.text if closed.false_alarm is None else f"false alarm: {closed.false_alarm}"
    state.statuses += (Said(Status.CLOSED.value, text, Fact.of(entry)),)


@_folds(kinds.Reopened)
def _reopened(state: State, reopened: kinds.Reopened, entry: Entry) -> None:
    state.closed = state.resolved = state.false_alarm = None
    _status(state, kinds.StatusChange(status=Status.INVESTIGATING, text=f"reopened: {reopened.why}"), entry)


@_folds(kinds.RoleChange)
def _role(state: State, change: kinds.RoleChange, entry: Entry) -> None:
    state.role_history += ((change.role, change.handle, Fact.of(entry)),)
    if change.handle is None:
        state.roles.pop(change.role, None)
    else:
        state.roles[change.role] = change.handle


@_folds(kinds.ChecklistItem)
def _checklist(state: State, item: kinds.ChecklistItem, entry: Entry) -> None:
    state.checklist[item.item] = (item, Fact.of(entry))


@_folds(kinds.Mitigation)
def _mitigation(state: State, mitigation: kinds.Mitigation, entry: Entry) -> None:
    state.mitigated = state.mitigated or Fact.of(entry)
    if state.status in (Status.INVESTIGATING, Status.IDENTIFIED):
        _status(state, kinds.StatusChange(status=Status.MITIGATING, text=mitigation.text), entry)


@_folds(kinds.ThresholdCrossed)
def _threshold(state: State, crossed: kinds.ThresholdCrossed, entry: Entry) -> None:
    state.thresholds[crossed.id] = (crossed, Fact.of(entry))


@_folds(kinds.Pods)
def _pods(state: State, pods: kinds.Pods, entry: Entry) -> None:
    state.pods = (pods, Fact.of(entry))


@_folds(kinds.Rollout)
def _rollout(state: State, rollout: kinds.Rollout, entry: Entry) -> None:
    state.rollout = (rollout, Fact.of(entry))


@_folds(kinds.Source)
def _source(state: State, source: kinds.Source, entry: Entry) -> None:
    state.sources[source.source] = (source.state, Fact.of(entry))


@_folds(kinds.Snapshot)
def _snapshot(state: State, snapshot: kinds.Snapshot, entry: Entry) -> None:
    state.snapshots += ((snapshot, Fact.of(entry)),)


@_folds(kinds.RunIntent)
def _intent(state: State, intent: kinds.RunIntent, entry: Entry) -> None:
    if intent.run not in state.runs:
        state.runs[intent.run] = Run(intent, Fact.of(entry))


@_folds(kinds.RunResult)
def _result(state: State, result: kinds.RunResult, entry: Entry) -> None:
    run = state.runs.get(result.run)
    if run is None or (run.result is not None and run.result.outcome != "unknown"):
        return
    state.runs[result.run] = replace(run, result=result, ended=Fact.of(entry))
    if result.outcome != "succeeded":
        return
    undone = state.runs.get(run.intent.undo_of)
    if undone is not None:
        state.runs[run.intent.undo_of] = replace(undone, undone_by=result.run)
    elif run.intent.mitigates:
        state.mitigated = state.mitigated or Fact.of(entry)


@_folds(kinds.RunVerified)
def _verified(state: State, verified: kinds.RunVerified, entry: Entry) -> None:
    run = state.runs.get(verified.run)
    if run is None:
        return
    state.runs[verified.run] = replace(run, verified=verified)
    if verified.verdict == "failed" and state.mitigated is not None and state.mitigated == run.ended:
        state.mitigated = None  # it was executed, and did not do what it was made for


@_folds(kinds.Message)
def _message(state: State, message: kinds.Message, entry: Entry) -> None:
    if message.message not in state.messages:
        state.messages[message.message] = Sent(message, Fact.of(entry))


@_folds(kinds.Delivery)
def _delivery(state: State, delivery: kinds.Delivery, entry: Entry) -> None:
    sent = state.messages.get(delivery.message)
    if sent is None:
        return
    others = tuple(known for known in sent.deliveries if known[0] != delivery.channel)
    told = Fact.of(entry) if delivery.state == "sent" else None
    state.messages[delivery.message] = replace(
        sent,
        deliveries=(*others, (delivery.channel, delivery.state, delivery.reference or delivery.reason)),
        delivered=sent.delivered or told,
    )
