"""How the incident's own life changes its state."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.fact import Fact
from cockpit.incident.fold.alerts import declared_from
from cockpit.incident.fold.registry import folds
from cockpit.incident.state import Said, State
from cockpit.incident.terms import Status


@folds(kinds.Watching)
def _watching(state: State, watching: kinds.Watching, entry: Entry) -> None:
    state.service = state.service or watching.service
    state.policy = state.policy or watching.policy
    state.target = state.target or watching.target


@folds(kinds.Declared)
def _declared(state: State, declared: kinds.Declared, entry: Entry) -> None:
    if state.declared is not None:
        return  # declared twice at the same time by two cockpits: the first one stands
    state.declared = Fact.of(entry)
    state.name, state.title, state.drill = declared.name, declared.title, declared.drill
    state.service = declared.service or state.service
    state.policy = declared.policy or state.policy
    state.target = state.target or declared.target
    declared_from(state, declared.alert)
    if state.status is Status.WATCHING:
        set_status(state, kinds.StatusChange(status=Status.INVESTIGATING), entry)


@folds(kinds.Acknowledged)
def _acknowledged(state: State, _: kinds.Acknowledged, entry: Entry) -> None:
    state.acknowledged = state.acknowledged or Fact.of(entry)


@folds(kinds.Severity)
def _severity(state: State, severity: kinds.Severity, entry: Entry) -> None:
    state.severity = severity.severity
    state.severities += (Said(severity.severity, severity.why, Fact.of(entry)),)


@folds(kinds.StatusChange)
def set_status(state: State, change: kinds.StatusChange, entry: Entry) -> None:
    """Take a status; also one that another kind brings with it."""
    state.status = change.status
    state.statuses += (Said(change.status.value, change.text, Fact.of(entry)),)
    if change.status in (Status.MITIGATING, Status.MONITORING) and state.mitigated is None:
        state.mitigated = Fact.of(entry)
    state.resolved = Fact.of(entry) if change.status is Status.RESOLVED else None


@folds(kinds.Closed)
def _closed(state: State, closed: kinds.Closed, entry: Entry) -> None:
    state.status, state.closed, state.false_alarm = Status.CLOSED, Fact.of(entry), closed.false_alarm
    text = closed.text if closed.false_alarm is None else f"false alarm: {closed.false_alarm}"
    state.statuses += (Said(Status.CLOSED.value, text, Fact.of(entry)),)


@folds(kinds.Reopened)
def _reopened(state: State, reopened: kinds.Reopened, entry: Entry) -> None:
    state.closed = state.resolved = state.false_alarm = None
    set_status(state, kinds.StatusChange(status=Status.INVESTIGATING, text=f"reopened: {reopened.why}"), entry)


@folds(kinds.Impact)
def _impact(state: State, impact: kinds.Impact, entry: Entry) -> None:
    known = state.impact or kinds.Impact()
    said = {name: value for name in kinds.Impact.model_fields if (value := getattr(impact, name)) not in (None, "")}
    state.impact = known.model_copy(update=said)
    state.impacts += ((impact, Fact.of(entry)),)


@folds(kinds.Affected)
def _affected(state: State, affected: kinds.Affected, entry: Entry) -> None:
    state.affected[affected.service] = (affected, Fact.of(entry))


@folds(kinds.Snooze)
def _snooze(state: State, snooze: kinds.Snooze, entry: Entry) -> None:
    state.snoozes[snooze.clock] = (snooze, Fact.of(entry))


@folds(kinds.Merge)
def _merge(state: State, merge: kinds.Merge, entry: Entry) -> None:
    if merge.direction == "from":
        state.merged += ((merge, Fact.of(entry)),)
        return
    state.merged_into, state.status, state.closed = merge.other, Status.CLOSED, Fact.of(entry)
    state.statuses += (Said(Status.CLOSED.value, f"merged into {merge.label or merge.other}", Fact.of(entry)),)
