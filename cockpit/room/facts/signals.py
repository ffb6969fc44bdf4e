"""What the signals report, as entries: each says something that the record does not hold yet, whoever saw it first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.fact import Fact
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.room.facts.foreign import ours, payload_of, told_already
from cockpit.room.facts.pods import pods_told
from cockpit.room.views.signals import PodsView, SignalView
from cockpit.signal.changes import (
    AlertsChanged,
    Change,
    EndpointChanged,
    PodCrashing,
    PodsRecovered,
    PodsUnready,
    RolloutBegan,
    RolloutFinished,
    RolloutStalled,
    SourceBack,
    SourceLost,
    ThresholdChanged,
)
from cockpit.signal.flapping import QUIET, WINDOW
from cockpit.signal.foreign.change import ForeignChange

Told = tuple[kinds.Payload, datetime | None]


def told_by(change: Change, state: State) -> Sequence[Told]:
    """The payload of `change`, unless the record says so already: two cockpits see the same thing and tell it once.

    Alerts are another room's: see `cockpit.room.facts.detecting`.
    """
    if isinstance(change, AlertsChanged):
        return ()
    if isinstance(change, ForeignChange) and ours(change, state):
        return ()
    if isinstance(change, PodCrashing | PodsUnready | PodsRecovered):
        return pods_told(change, state)
    payload = _folded(_payload(change), change.at, state)
    return () if _known(payload, state) else ((payload, change.at),)


def _payload(change: Change) -> kinds.Payload:
    assert not isinstance(change, AlertsChanged | PodCrashing | PodsUnready | PodsRecovered)
    if isinstance(change, ForeignChange):
        return payload_of(change)
    if isinstance(change, ThresholdChanged):
        fields = {"id": change.id, "title": change.title, "from": change.before, "to": change.after}
        return kinds.ThresholdCrossed.model_validate(
            fields
            | {"value": change.value, "unit": change.unit, "bound": change.bound, "far": change.far or None}
            | _flapping(change)
        )
    if isinstance(change, EndpointChanged):
        fields = {"id": change.id, "asked": change.asked, "from": change.before, "to": change.after}
        answer = {"reason": change.reason, "latency": change.latency}
        return kinds.EndpointChanged.model_validate(fields | answer | _flapping(change))
    if isinstance(change, SourceLost | SourceBack):
        detail = change.detail if isinstance(change, SourceLost) else ""
        lost = isinstance(change, SourceLost)
        return kinds.Source(source=change.source, state="lost" if lost else "back", detail=detail)
    return _rollout(change)


def _flapping(change: ThresholdChanged | EndpointChanged) -> dict[str, Any]:
    """How often it crossed, of what flaps; else nothing."""
    if not change.crossings:
        return {}
    often = {"crossings": change.crossings, "lasted": change.lasted}
    return {**often, "settled": True} if change.settled else often


def _rollout(change: RolloutBegan | RolloutFinished | RolloutStalled) -> kinds.Rollout:
    detail = ""
    if isinstance(change, RolloutStalled):
        detail = change.detail
    elif isinstance(change, RolloutBegan):
        detail = " ".join(filter(None, (change.changed, f"by {change.changed_by}" if change.changed_by else "")))
    state = {RolloutBegan: "began", RolloutFinished: "finished", RolloutStalled: "stalled"}[type(change)]
    fields = {"state": state, "deployment": change.deployment, "revision": str(change.revision or "")}
    return kinds.Rollout.model_validate(
        fields | {"release": change.release, "cause": change.change_cause, "detail": detail}
    )


def _known(payload: kinds.Payload, state: State) -> bool:
    """Whether the record's latest word on the same thing is this one."""
    if isinstance(payload, kinds.ThresholdCrossed):
        known = state.thresholds.get(payload.id)
        if payload.crossings:
            return known is not None and _flaps_so(known[0], payload)
        return known[0].state == payload.state if known else payload.state == "ok"
    if isinstance(payload, kinds.Changed):
        return told_already(payload, state)
    if isinstance(payload, kinds.Rollout):
        rollout = state.rollout[0] if state.rollout else None
        return rollout is not None and (rollout.state, rollout.revision) == (payload.state, payload.revision)
    if isinstance(payload, kinds.EndpointChanged):
        said_of_it = state.endpoints.get(payload.id)
        if payload.crossings:
            return said_of_it is not None and _flaps_so(said_of_it[0], payload)
        return said_of_it[0].state == payload.state if said_of_it else payload.state == "ok"
    if isinstance(payload, kinds.Source):
        standing = state.sources.get(payload.source)
        return standing[0] == payload.state if standing else payload.state == "back"
    return False


_Flapping = kinds.ThresholdCrossed | kinds.EndpointChanged
_WORSE = {"warning": 1, "breach": 2, "failing": 2}


def _flaps_so(known: _Flapping, told: _Flapping) -> bool:
    """Whether the record has it that one flaps, or settled, as often and as bad; two cockpits may miss one crossing."""
    before, now = known.crossings or 0, told.crossings or 0
    worse = _WORSE.get(told.state, 0) > _WORSE.get(known.state, 0)
    return known.settled == told.settled and before > 0 and now <= before + 1 and not worse


def _folded(payload: kinds.Payload, at: datetime | None, state: State) -> kinds.Payload:
    """A plain crossing of what flaps by the record's own word, as one more of those: a cockpit that came later has not
    seen enough of them to know. After a while without such a word whoever folded it is gone."""
    if isinstance(payload, kinds.ThresholdCrossed):
        said: tuple[_Flapping, Fact] | None = state.thresholds.get(payload.id)
    elif isinstance(payload, kinds.EndpointChanged):
        said = state.endpoints.get(payload.id)
    else:
        return payload
    if said is None or at is None or payload.crossings or not said[0].crossings or said[0].settled:
        return payload
    known, fact = said
    since = max(0.0, (at - fact.at).total_seconds())
    if since >= WINDOW + QUIET:
        return payload
    return payload.model_copy(update={"crossings": (known.crossings or 0) + 1, "lasted": (known.lasted or 0.0) + since})


def seen(signals: Sequence[SignalView], pods: PodsView) -> dict[str, object]:
    """The readings and pods as they are, as fields; what is unknown is kept as unknown, with its reason."""
    readings = [
        kinds.Reading(
            id=s.id, title=s.title, unit=s.unit, value=s.value, state=s.state, bound=s.bound, reason=s.reason, at=s.at
        )
        for s in signals
    ]
    trusted = pods.source.trusted
    return {"readings": readings, "ready": pods.ready if trusted else None, "wanted": pods.wanted if trusted else None}


def snapshot(moment: str, signals: Sequence[SignalView], pods: PodsView) -> kinds.Snapshot:
    """All of it at a moment that the review will ask about."""
    return kinds.Snapshot.model_validate({"moment": moment, **seen(signals, pods)})


def moment_of(entry: Entry, state: State) -> str:
    """Which moment of the incident `entry` makes, if it is one that the review will ask about; else nothing.

    The mitigation is the moment at which a mitigating run was seen to take hold, or at which somebody says so.
    """
    if entry.kind == kinds.Declared.kind:
        return "declaration"
    if entry.kind == kinds.Mitigation.kind:
        return "mitigation"
    if entry.kind == kinds.RunVerified.kind:
        run = state.runs.get(str(entry.payload.get("run")))
        held = entry.payload.get("verdict") == "verified"
        return "mitigation" if held and run is not None and run.intent.mitigates else ""
    resolved = entry.kind == kinds.StatusChange.kind and entry.payload.get("status") == Status.RESOLVED
    return "resolution" if resolved else ""


def taken(moment: str, entry: Entry, state: State) -> bool:
    """Whether some cockpit has kept a snapshot of that moment already."""
    return any(each.moment == moment and fact.at >= entry.occurred for each, fact in state.snapshots)
