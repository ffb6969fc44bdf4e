"""The words for how an incident lives."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.phrases.registry import BAD, DECLARED, DONE, GOOD, Said, joined, words
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.incident.times import echo


@words(kinds.Watching)
def _watching(watching: kinds.Watching, _: State, __: Entry) -> Said:
    place = f"{watching.target.context}/{watching.target.namespace}" if watching.target else ""
    return "", "quiet", joined(f"watching {watching.service}", place, " in ")


@words(kinds.Declared)
def _declared(declared: kinds.Declared, state: State, entry: Entry) -> Said:
    first = state.severities[0] if state.severities else None
    level = f"{first.value} " if first and state.declared and first.fact.at == state.declared.at else ""
    again = state.declared is not None and state.declared.entry != entry.id
    drill = "DRILL " if declared.drill else ""
    return DECLARED, "accent", f"{drill}declared {'' if again else level}{joined(declared.name, declared.title)}"


@words(kinds.Acknowledged)
def _acknowledged(_: kinds.Acknowledged, __: State, ___: Entry) -> Said:
    return DONE, "plain", "acknowledged"


@words(kinds.Severity)
def _severity(severity: kinds.Severity, _: State, __: Entry) -> Said:
    return DECLARED, "accent", joined(f"severity {severity.severity}", severity.why)


@words(kinds.StatusChange)
def _status(change: kinds.StatusChange, _: State, __: Entry) -> Said:
    resolved = change.status is Status.RESOLVED
    return DONE if resolved else "", "good" if resolved else "plain", joined(change.status.value, change.text)


@words(kinds.Closed)
def _closed(closed: kinds.Closed, _: State, __: Entry) -> Said:
    if closed.false_alarm is not None:
        return DONE, "good", f"closed as a false alarm: {closed.false_alarm}"
    return DONE, "good", joined("closed", closed.text)


@words(kinds.Reopened)
def _reopened(reopened: kinds.Reopened, _: State, __: Entry) -> Said:
    return DECLARED, "accent", f"reopened: {reopened.why}"


_FLAGS = {"data": "data", "security": "security", "regulatory": "regulatory"}


@words(kinds.Impact)
def _impact(impact: kinds.Impact, _: State, __: Entry) -> Said:
    parts = [impact.text, impact.who, impact.how_many]
    parts += [f"since {echo(impact.since)}"] if impact.since else []
    parts += [f"getting {impact.trend}" if impact.trend != "stable" else "stable"] if impact.trend else []
    for name, word in _FLAGS.items():
        said = getattr(impact, name)
        parts += [] if said is None else [f"{word} {'concerned' if said else 'not concerned'}"]
    grave = impact.data or impact.security or impact.regulatory
    return BAD if grave else "", "bad" if grave else "plain", f"impact: {', '.join(part for part in parts if part)}"


@words(kinds.Affected)
def _affected(affected: kinds.Affected, _: State, __: Entry) -> Said:
    if affected.state == "recovered":
        return GOOD, "good", joined(f"{affected.service} recovered", affected.text)
    return BAD, "warn", joined(f"{affected.service} affected", affected.text)


@words(kinds.Snooze)
def _snooze(snooze: kinds.Snooze, _: State, __: Entry) -> Said:
    return "", "quiet", f"snoozed {snooze.clock} until {echo(snooze.until)}: {snooze.why}"


@words(kinds.Merge)
def _merge(merge: kinds.Merge, _: State, __: Entry) -> Said:
    other = merge.label or merge.other
    if merge.direction == "into":
        return DECLARED, "accent", joined(f"merged into {other}", merge.why)
    return DECLARED, "accent", joined(f"{other} merged into this one", merge.why)


@words(kinds.Contradiction)
def _contradiction(told: kinds.Contradiction, _: State, __: Entry) -> Said:
    lost, stands = told.lost or "nobody", told.stands or "nobody"
    return BAD, "warn", f"decided apart: {told.subject}: {lost} and {stands}; the later stands: {stands}"
