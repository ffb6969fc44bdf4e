"""The payload of each kind of entry, version 1 of each; the registry by which a kind is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cockpit.incident.entry import Entry
from cockpit.incident.terms import Role, Status


class Payload(BaseModel):
    """The fields of one kind. Fields of a later version are kept in the entry's bytes and ignored here."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: ClassVar[str]
    schema_version: ClassVar[int] = 1

    def fields(self) -> Mapping[str, Any]:
        """The payload as JSON values, without what is not set."""
        return self.model_dump(mode="json", exclude_none=True)


class Target(BaseModel):
    """What the incident is about in a cluster, pinned when the record begins.

    `cluster` is the configuration's name, `context` the kubeconfig's, `server` the API server's address.
    """

    model_config = ConfigDict(frozen=True)
    cluster: str
    context: str
    namespace: str
    server: str = ""
    selector: str = ""
    deployment: str = ""
    production: bool = False


class Watching(Payload):
    """A record begins, before anybody declared an incident, because a signal changed."""

    kind = "watching"
    service: str
    policy: str = ""
    target: Target | None = None


class Declared(Payload):
    """Somebody says: this is an incident."""

    kind = "declared"
    name: str
    title: str = ""
    service: str = ""
    policy: str = ""
    target: Target | None = None
    drill: bool = False


class Detected(Payload):
    """When, and by whom, it was first noticed; `occurred` is the moment."""

    kind = "detected"
    source: str
    what: str = ""


class Acknowledged(Payload):
    """A responder has taken the alert."""

    kind = "acknowledged"


class Severity(Payload):
    """The severity is set or changed."""

    kind = "severity"
    severity: str
    why: str = ""


class StatusChange(Payload):
    """The status is set, with what responders say of it."""

    kind = "status"
    status: Status
    text: str = ""


class Closed(Payload):
    """The incident is over; `false_alarm` says why it was none."""

    kind = "closed"
    text: str = ""
    false_alarm: str | None = None


class Reopened(Payload):
    """It was not over."""

    kind = "reopened"
    why: str


class RoleChange(Payload):
    """A role is taken or given (`handle`), or released (no handle)."""

    kind = "role"
    role: Role
    handle: str | None = None


class ChecklistItem(Payload):
    """A checklist item is ticked, opened again, or does not apply."""

    kind = "checklist"
    item: str
    state: Literal["done", "open", "not-applicable"]
    text: str = ""
    why: str = ""


class Note(Payload):
    """Free text; `occurred` is its first keystroke."""

    kind = "note"
    text: str


class Decision(Payload):
    """What was decided."""

    kind = "decision"
    text: str


class Mitigation(Payload):
    """What was done against the impact, in words."""

    kind = "mitigation"
    text: str


class ThresholdCrossed(Payload):
    """A threshold changed state. `value` is None when the reading is unknown."""

    kind = "threshold"
    id: str
    title: str
    before: str = Field(alias="from", default="unknown")
    state: str = Field(alias="to")
    value: float | None = None
    unit: str = ""
    bound: str = ""
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, serialize_by_alias=True)


class Pods(Payload):
    """Pods of the service began to crash, or all are ready again."""

    kind = "pods"
    state: Literal["crashing", "recovered"]
    count: int = 0
    total: int = 0
    reason: str = ""
    revision: str = ""
    release: str = ""
    pods: tuple[str, ...] = ()


class Rollout(Payload):
    """A rollout of the deployment began, finished or stalled."""

    kind = "rollout"
    state: Literal["began", "finished", "stalled"]
    deployment: str
    revision: str = ""
    release: str = ""
    cause: str = ""
    detail: str = ""


class Source(Payload):
    """A source of signals was lost, or is back."""

    kind = "source"
    source: str
    state: Literal["lost", "back"]
    detail: str = ""


class Reading(BaseModel):
    """One signal at one moment, as a snapshot keeps it."""

    model_config = ConfigDict(frozen=True)
    id: str
    title: str
    unit: str = ""
    value: float | None = None
    state: str = "unknown"
    reason: str = ""
    at: datetime | None = None


class Snapshot(Payload):
    """The signals and pods at a moment that the review will ask about."""

    kind = "snapshot"
    moment: Literal["declaration", "mitigation", "resolution"]
    readings: tuple[Reading, ...] = ()
    ready: int | None = None
    wanted: int | None = None


class RunIntent(Payload):
    """What is about to be executed, exactly, and where; written before it is executed.

    `prior` is the captured state to which an undo returns, in the action's own words.
    """

    kind = "run-intent"
    run: str
    title: str
    step: str = ""
    risk: str = "read-only"
    command: str
    request: str = ""
    context: str = ""
    server: str = ""
    namespace: str = ""
    object: str = ""
    before: str = Field(alias="from", default="")
    after: str = Field(alias="to", default="")
    change: tuple[str, ...] = ()
    undo_of: str = ""
    prior: dict[str, str] | None = None
    mitigates: bool = False
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, serialize_by_alias=True)


class RunResult(Payload):
    """How an execution ended. `output` is redacted and capped; `sha256` is of the whole redacted output."""

    kind = "run-result"
    run: str
    outcome: Literal["succeeded", "failed", "cancelled", "unknown"]
    exit: int | None = None
    seconds: float = 0.0
    output: str = ""
    sha256: str = ""
    bytes: int = 0
    error: str = ""


class RunVerified(Payload):
    """Whether a change did what it was made for: the checks afterwards, each with its verdict."""

    kind = "run-verified"
    run: str
    verdict: Literal["verified", "failed", "unknown"]
    checks: tuple[str, ...] = ()


class Message(Payload):
    """A message is put into the outbox: rendered text, audience, where it goes, what it promises.

    `status` is what the page says of the incident, in the template's words ("Identified / Working on Fix").
    """

    kind = "message"
    message: str
    template: str
    audience: str
    channels: tuple[str, ...]
    title: str
    status: str = ""
    text: str
    next_update: datetime | None = None


class Delivery(Payload):
    """What became of a message on one channel."""

    kind = "delivery"
    message: str
    channel: str
    state: Literal["sent", "failed", "unknown"]
    reference: str = ""
    reason: str = ""


KINDS: dict[str, type[Payload]] = {
    model.kind: model
    for model in (
        Watching, Declared, Detected, Acknowledged, Severity, StatusChange, Closed, Reopened, RoleChange,
        ChecklistItem, Note, Decision, Mitigation, ThresholdCrossed, Pods, Rollout, Source, Snapshot,
        RunIntent, RunResult, RunVerified, Message, Delivery,
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
