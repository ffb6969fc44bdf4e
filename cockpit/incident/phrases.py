"""The words for each kind of entry: which glyph, which tone, which sentence. `wording` is the door to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar, cast

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.quantities import bound, quantity, took
from cockpit.incident.state import Run, State
from cockpit.incident.terms import Status

Tone = Literal["bad", "warn", "good", "quiet", "plain", "accent"]

BAD, GOOD, UNKNOWN, DECLARED, RUN, DONE = "▲", "●", "?", "◆", "▸", "✓"

Said = tuple[str, Tone, str]
"""Glyph, tone, words. The words may hold whatever the record holds: who shows them cleans them."""

P = TypeVar("P", bound=kinds.Payload)
Wording = Callable[[P, State, Entry], Said]
_WORDINGS: dict[str, Wording[kinds.Payload]] = {}


def phrase(payload: kinds.Payload, state: State, entry: Entry) -> Said:
    """How `entry`, whose payload is `payload`, reads, given the incident's `state` after all that is known."""
    return _WORDINGS[entry.kind](payload, state, entry)


def _words(model: type[P]) -> Callable[[Wording[P]], Wording[P]]:
    """Register how entries of `model`'s kind read."""

    def register(say: Wording[P]) -> Wording[P]:
        _WORDINGS[model.kind] = cast(Wording[kinds.Payload], say)
        return say

    return register


def _with(text: str, more: str, between: str = ": ") -> str:
    return f"{text}{between}{more}" if more else text


@_words(kinds.Watching)
def _watching(watching: kinds.Watching, _: State, __: Entry) -> Said:
    place = f"{watching.target.context}/{watching.target.namespace}" if watching.target else ""
    return "", "quiet", _with(f"watching {watching.service}", place, " in ")


@_words(kinds.Declared)
def _declared(declared: kinds.Declared, state: State, entry: Entry) -> Said:
    first = state.severities[0] if state.severities else None
    level = f"{first.value} " if first and state.declared and first.fact.at == state.declared.at else ""
    again = state.declared is not None and state.declared.entry != entry.id
    drill = "DRILL " if declared.drill else ""
    return DECLARED, "accent", f"{drill}declared {'' if again else level}{_with(declared.name, declared.title)}"


@_words(kinds.Detected)
def _detected(detected: kinds.Detected, _: State, __: Entry) -> Said:
    return "", "plain", _with(f"detected by {detected.source}", detected.what)


@_words(kinds.Acknowledged)
def _acknowledged(_: kinds.Acknowledged, __: State, ___: Entry) -> Said:
    return DONE, "plain", "acknowledged"


@_words(kinds.Severity)
def _severity(severity: kinds.Severity, _: State, __: Entry) -> Said:
    return DECLARED, "accent", _with(f"severity {severity.severity}", severity.why)


@_words(kinds.StatusChange)
def _status(change: kinds.StatusChange, _: State, __: Entry) -> Said:
    resolved = change.status is Status.RESOLVED
    return DONE if resolved else "", "good" if resolved else "plain", _with(change.status.value, change.text)


@_words(kinds.Closed)
def _closed(closed: kinds.Closed, _: State, __: Entry) -> Said:
    if closed.false_alarm is not None:
        return DONE, "good", f"closed as a false alarm: {closed.false_alarm}"
    return DONE, "good", _with("closed", closed.text)


@_words(kinds.Reopened)
def _reopened(reopened: kinds.Reopened, _: State, __: Entry) -> Said:
    return DECLARED, "accent", f"reopened: {reopened.why}"


@_words(kinds.RoleChange)
def _role(change: kinds.RoleChange, _: State, __: Entry) -> Said:
    return "", "plain", f"{change.role.short} {change.handle or 'released'}"


@_words(kinds.ChecklistItem)
def _checklist(item: kinds.ChecklistItem, _: State, __: Entry) -> Said:
    text = item.text or item.item
    if item.state == "done":
        return DONE, "quiet", text
    return "", "quiet", _with(f"{'open again' if item.state == 'open' else 'not applicable'}: {text}", item.why, " – ")


@_words(kinds.Note)
def _note(note: kinds.Note, _: State, __: Entry) -> Said:
    return "", "plain", note.text


@_words(kinds.Decision)
def _decision(decision: kinds.Decision, _: State, __: Entry) -> Said:
    return DECLARED, "plain", f"decided: {decision.text}"


@_words(kinds.Mitigation)
def _mitigation(mitigation: kinds.Mitigation, _: State, __: Entry) -> Said:
    return RUN, "plain", f"mitigation: {mitigation.text}"


_THRESHOLD: dict[str, tuple[str, Tone]] = {"breach": (BAD, "bad"), "warning": (BAD, "warn"), "ok": (GOOD, "good")}


@_words(kinds.ThresholdCrossed)
def _threshold(crossed: kinds.ThresholdCrossed, _: State, __: Entry) -> Said:
    if crossed.state not in _THRESHOLD:
        return UNKNOWN, "quiet", f"{crossed.title} {crossed.state}"
    glyph, tone = _THRESHOLD[crossed.state]
    reading = f"{crossed.title} {quantity(crossed.value, crossed.unit)}" if crossed.value is not None else crossed.title
    if crossed.state != "ok":
        return glyph, tone, f"{reading} {bound(crossed.bound, crossed.unit) or f'in {crossed.state}'}"
    return glyph, tone, f"{reading}, ok again" if crossed.before in ("warning", "breach") else f"{reading}, ok"


@_words(kinds.Pods)
def _pods(pods: kinds.Pods, _: State, __: Entry) -> Said:
    of = f"{pods.count}/{pods.total} pods" if pods.total else "pods"
    if pods.state == "recovered":
        return GOOD, "good", f"{of} ready again"
    return BAD, "bad", _with(_with(f"{of} crash", pods.reason), pods.release, " since ")


_ROLLOUT: dict[str, tuple[str, Tone]] = {"began": (RUN, "warn"), "finished": (GOOD, "good"), "stalled": (BAD, "bad")}


@_words(kinds.Rollout)
def _rollout(rollout: kinds.Rollout, _: State, __: Entry) -> Said:
    glyph, tone = _ROLLOUT[rollout.state]
    what = rollout.release or (f"rev {rollout.revision}" if rollout.revision else rollout.deployment)
    more = rollout.cause if rollout.state == "began" else rollout.detail
    return glyph, tone, _with(f"rollout {what} {rollout.state}", more)


@_words(kinds.Source)
def _source(source: kinds.Source, _: State, __: Entry) -> Said:
    if source.state == "back":
        return GOOD, "good", f"{source.source} back"
    return UNKNOWN, "quiet", _with(f"{source.source} lost", source.detail)


@_words(kinds.Snapshot)
def _snapshot(snapshot: kinds.Snapshot, _: State, __: Entry) -> Said:
    known = sum(reading.value is not None for reading in snapshot.readings)
    pods = f", {snapshot.ready}/{snapshot.wanted} ready" if snapshot.ready is not None else ""
    return "", "quiet", f"metrics at {snapshot.moment}: {known}/{len(snapshot.readings)} known{pods}"


def outcome(run: Run | None) -> tuple[Tone, str]:
    """How a run stands: `…` while it has no result, `exit 0`, `failed: why`, `cancelled`, `outcome unknown`."""
    result = run.result if run else None
    if run is None or result is None:
        return "accent", "…"
    if result.outcome == "unknown":
        return "warn", _with("outcome unknown", result.error)
    if result.outcome == "cancelled":
        return "quiet", "cancelled"
    exit = f"exit {result.exit}" if result.exit is not None else ""
    if result.outcome == "failed":
        return "bad", _with("failed", result.error or exit)
    return ("good" if run.changes else "plain"), f"{exit or 'done'}{', undone' if run.undone_by else ''}"


@_words(kinds.RunIntent)
def _intent(intent: kinds.RunIntent, state: State, _: Entry) -> Said:
    tone, how = outcome(state.runs.get(intent.run))
    arrow = f" → {intent.after}" if intent.after and intent.after not in intent.title else ""
    return RUN, tone, f"{intent.title}{arrow} {how}"


def _title(run: str, state: State) -> str:
    known = state.runs.get(run)
    return known.intent.title if known else f"run {run}"


@_words(kinds.RunResult)
def _result(result: kinds.RunResult, state: State, entry: Entry) -> Said:
    known = state.runs.get(result.run)
    run = Run(known.intent, known.started, result) if known else None
    tone, how = outcome(run) if run else ("plain", result.outcome)
    return RUN, tone, f"{_title(result.run, state)}: {how}, after {took(result.seconds)}"


_VERDICT: dict[str, tuple[str, Tone, str]] = {
    "verified": (DONE, "good", "verified"),
    "failed": (BAD, "bad", "did not help"),
    "unknown": (UNKNOWN, "warn", "not verified"),
}


@_words(kinds.RunVerified)
def _verified(verified: kinds.RunVerified, state: State, _: Entry) -> Said:
    glyph, tone, verdict = _VERDICT[verified.verdict]
    return glyph, tone, _with(f"{_title(verified.run, state)} {verdict}", "; ".join(verified.checks))


@_words(kinds.Message)
def _message(message: kinds.Message, state: State, _: Entry) -> Said:
    sent = state.messages.get(message.message)
    text = f"to {message.audience}: {message.title}"
    if sent is None or sent.state == "queued":
        return RUN, "accent", f"{text} …"
    through = {how: (channel, why) for channel, how, why in sent.deliveries}
    channel, why = through[sent.state]
    if sent.state == "sent":
        return DONE, "good", f"{text} sent by {channel}"
    if sent.state == "failed":
        return BAD, "bad", f"{text} failed: {channel}: {why}"
    return UNKNOWN, "warn", f"{text} {_with('delivery unknown', why)}"


@_words(kinds.Delivery)
def _delivery(delivery: kinds.Delivery, state: State, _: Entry) -> Said:
    sent = state.messages.get(delivery.message)
    to = f" to {sent.message.audience}" if sent else ""
    if delivery.state == "sent":
        return DONE, "good", _with(f"message{to} sent by {delivery.channel}", delivery.reference)
    glyph, tone = (BAD, "bad") if delivery.state == "failed" else (UNKNOWN, "warn")
    return glyph, cast(Tone, tone), _with(f"message{to} {delivery.state} on {delivery.channel}", delivery.reason)
