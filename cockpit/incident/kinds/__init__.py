"""The payload of each kind of entry, version 1 of each; the registry by which a kind is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from cockpit.incident.entry import Entry
from cockpit.incident.kinds.alerts import AlertKey, AlertResolved, AlertWords
from cockpit.incident.kinds.changes import Changed
from cockpit.incident.kinds.lifecycle import (
    Acknowledged,
    Affected,
    Closed,
    Contradiction,
    Declared,
    Detected,
    Impact,
    Merge,
    Reopened,
    Severity,
    Snooze,
    StatusChange,
    Target,
    Watching,
)
from cockpit.incident.kinds.messages import DEEDS, Deed, Delivery, Message
from cockpit.incident.kinds.payload import AMENDMENT, Payload
from cockpit.incident.kinds.people import ActionItem, Ask, BreakGlass, ChecklistItem, Handover, Page, RoleChange
from cockpit.incident.kinds.runs import MitigationLeft, RunEffect, RunIntent, RunResult, RunVerified, StepDone
from cockpit.incident.kinds.signals import EndpointChanged, Pods, Reading, Rollout, Snapshot, Source, ThresholdCrossed
from cockpit.incident.kinds.words import (
    SECTIONS,
    Attachment,
    Decision,
    Hypothesis,
    KeyEvent,
    Link,
    Mitigation,
    Note,
    Redaction,
    Review,
)
from cockpit.text import MASK

__all__ = [
    "AMENDMENT", "DEEDS", "KINDS", "SECTIONS", "Acknowledged", "ActionItem", "Affected", "AlertKey", "AlertResolved",
    "AlertWords", "Ask", "Attachment",
    "BreakGlass", "Changed", "ChecklistItem", "Closed", "Contradiction", "Decision", "Declared", "Deed", "Delivery",
    "Detected", "EndpointChanged", "Handover", "Hypothesis", "Impact", "KeyEvent", "Link", "Merge", "Message",
    "Mitigation",
    "MitigationLeft", "Note", "Page", "Payload", "Pods", "Reading", "Redaction", "Reopened", "Review", "RoleChange",
    "Rollout", "RunEffect", "RunIntent", "RunResult", "RunVerified", "Severity", "Snapshot", "Snooze", "Source",
    "StatusChange", "StepDone", "Target", "ThresholdCrossed", "Watching", "kept", "read", "restored",
]  # fmt: skip

KINDS: dict[str, type[Payload]] = {
    model.kind: model
    for model in (
        Watching, Declared, Detected, AlertResolved, Acknowledged, Severity, StatusChange, Closed, Reopened, Impact,
        Affected, Snooze, Merge, Contradiction, RoleChange, Handover, ChecklistItem, Ask, Page, ActionItem, Note,
        Decision, KeyEvent,
        Mitigation, BreakGlass, Hypothesis, Link, Attachment, Redaction, Review, ThresholdCrossed, Pods, Rollout,
        Source, Snapshot, RunIntent, RunResult, RunVerified, RunEffect, StepDone, MitigationLeft, Message, Delivery,
        Changed, EndpointChanged,
    )
}  # fmt: skip


def read(entry: Entry) -> Payload | None:
    """The entry's payload as its kind's model; None when the kind is unknown, redacted, or its fields do not fit."""
    model = KINDS.get(entry.kind)
    if model is None or entry.body is None:
        return None
    try:
        return model.model_validate_json(entry.body)
    except ValidationError:
        return None


def kept(entry: Entry) -> Mapping[str, Any]:
    """What a redaction keeps of an entry: the fields of its payload that are known to be no words."""
    model = KINDS.get(entry.kind)
    if model is None:
        return {}
    known = {field.alias or name for name, field in model.model_fields.items()} - {*model.free, AMENDMENT}
    return {name: value for name, value in entry.payload.items() if name in known}


def restored(kind: str, kept: Mapping[str, Any]) -> Payload | None:
    """A redacted entry's payload, as far as its redaction kept it: a mask stands where words must."""
    model = KINDS.get(kind)
    if model is None:
        return None
    masks = {name: MASK for name in model.free if _is_text(model, name)}
    try:
        return model.model_validate({**masks, **kept})
    except ValidationError:
        return None


def _is_text(model: type[Payload], name: str) -> bool:
    """Whether a field is text that is always there; of one that may be absent nobody knows whether it was."""
    field = model.model_fields.get(name)
    return field is not None and field.annotation is str
