"""What people ask of the room: each request decides, from the state, which entries it becomes, or says why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from cockpit.incident import kinds
from cockpit.incident.checklists import Checklist, find
from cockpit.incident.entry import Draft
from cockpit.incident.policies import Policy
from cockpit.incident.state import State
from cockpit.incident.terms import DETECTION_SOURCES, SETTABLE, Role, Status
from cockpit.text import clean, redact


class Refusal(Exception):  # noqa: N818  # an answer, not a failure of the program
    """A request that cannot be done; the message says why and what would work. Nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a request may look at while it decides: who asks, when, and what the house knows."""

    incident: str
    now: datetime
    actor: str
    role: str | None
    policy: Policy | None
    policy_name: str = ""
    service: str = ""
    target: kinds.Target | None = None
    checklists: Sequence[Checklist] = ()

    def draft(self, payload: kinds.Payload, *, at: datetime | None = None, actor: str = "") -> Draft:
        """An entry to be, by who asks, occurred now or at `at`."""
        return Draft(
            incident=self.incident,
            kind=payload.kind,
            payload=payload.fields(),
            occurred=at or self.now,
            actor=actor or self.actor,
            role=self.role if not actor else None,
            schema=payload.schema_version,
        )


class Request(Protocol):
    """A command, parsed."""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The entries that it becomes; raises Refusal."""


def worded(text: str, what: str) -> str:
    """`text` as it may be stored: cleaned and redacted; raises Refusal when nothing is left of it."""
    text = redact(clean(text, keep_newlines=True)).strip()
    if not text:
        raise Refusal(f"{what} is empty; say it in words")
    return text


def handle(text: str) -> str:
    """A responder's handle as the record keeps it: with its @, without spaces or controls; raises Refusal."""
    name = clean(text).strip().removeprefix("@")
    if not name or not all(c.isalnum() or c in "._-+" for c in name) or len(name) > 64:
        raise Refusal(f"'{clean(text)[:40]}' is no handle; write it like @alice (letters, digits, . _ -)")
    return f"@{name}"


def _must_be_declared(state: State) -> None:
    if state.declared is None:
        raise Refusal("no incident is declared here; start one with `incident start NAME` (D in the cockpit)")


def _must_not_be_closed(state: State) -> None:
    _must_be_declared(state)
    if state.status is Status.CLOSED:
        raise Refusal("the incident is closed; `incident reopen WHY` opens it again")


def severity_of(text: str, policy: Policy | None) -> str:
    """A severity as the policy writes it: `p1` is P1, `sev1` is SEV-1; raises Refusal naming the levels there are."""
    given = clean(text).strip().upper()
    levels = list(policy.levels) if policy else []
    plain = {level.replace("-", ""): level for level in levels}
    if not levels and given:
        return given[:16]
    if given.replace("-", "") not in plain:
        raise Refusal(f"'{clean(text)[:20]}' is no severity of this policy; it has {', '.join(levels)}")
    return plain[given.replace("-", "")]


@dataclass(frozen=True, slots=True)
class Start:
    """Declare the incident."""

    name: str
    severity: str = ""
    title: str = ""
    source: str = ""
    detected: datetime | None = None
    drill: bool = False

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Declared; detected, if its source or time is known; severity, if given."""
        if state.declared is not None:
            raise Refusal(f"an incident is already declared here ({state.name}); see `incident show`")
        name = "-".join(worded(self.name, "the name").lower().split())[:80]
        declared = kinds.Declared(
            name=name, title=redact(clean(self.title)), service=desk.service, policy=desk.policy_name,
            target=desk.target, drill=self.drill,
        )  # fmt: skip
        drafts = [desk.draft(declared)]
        if self.severity:
            drafts.append(desk.draft(kinds.Severity(severity=severity_of(self.severity, desk.policy))))
        if self.source or self.detected:
            if self.source and self.source not in DETECTION_SOURCES:
                raise Refusal(f"'{clean(self.source)}' is no source; it is one of {', '.join(DETECTION_SOURCES)}")
            noticed = kinds.Detected(source=self.source or "internal")
            drafts.insert(0, desk.draft(noticed, at=self.detected))
        return drafts


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Take the alert."""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Acknowledged, once."""
        _must_be_declared(state)
        if state.acknowledged is not None:
            raise Refusal(f"already acknowledged by {state.acknowledged.actor}")
        return [desk.draft(kinds.Acknowledged())]


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Say where the response stands; without a status the words alone are the update."""

    text: str
    to: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The status, with its text."""
        _must_not_be_closed(state)
        status = self._status(state)
        text = redact(clean(self.text, keep_newlines=True)).strip()
        if not text and status is state.status:
            raise Refusal(f"the status is {status.value} already; say what is new")
        return [desk.draft(kinds.StatusChange(status=status, text=text))]

    def _status(self, state: State) -> Status:
        if not self.to:
            if state.status is Status.RESOLVED:
                raise Refusal("the incident is resolved; `incident reopen WHY`, or `incident close`")
            return state.status
        allowed = [status.value for status in SETTABLE]
        if self.to not in allowed:
            raise Refusal(f"'{clean(self.to)}' is no status to set; it is one of {', '.join(allowed)}, or `resolve`")
        if state.status is Status.RESOLVED:
            raise Refusal("the incident is resolved; `incident reopen WHY` first")
        return Status(self.to)


@dataclass(frozen=True, slots=True)
class Mitigate:
    """Record what was done against the impact."""

    text: str

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """A mitigation; the fold moves the status on."""
        _must_not_be_closed(state)
        return [desk.draft(kinds.Mitigation(text=worded(self.text, "the mitigation")))]


@dataclass(frozen=True, slots=True)
class Resolve:
    """Say that the impact is over."""

    text: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The status resolved."""
        _must_not_be_closed(state)
        if state.status is Status.RESOLVED:
            raise Refusal("the incident is resolved already; `incident close` ends it")
        text = redact(clean(self.text, keep_newlines=True)).strip()
        return [desk.draft(kinds.StatusChange(status=Status.RESOLVED, text=text))]


@dataclass(frozen=True, slots=True)
class Close:
    """End the incident."""

    false_alarm: str | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Closed; a false alarm may be closed from any status."""
        _must_not_be_closed(state)
        if self.false_alarm is not None:
            return [desk.draft(kinds.Closed(false_alarm=worded(self.false_alarm, "why it was a false alarm")))]
        if state.status is not Status.RESOLVED:
            raise Refusal("it is not resolved yet; `incident resolve` first, or close with --false-alarm WHY")
        return [desk.draft(kinds.Closed())]


@dataclass(frozen=True, slots=True)
class Reopen:
    """It was not over."""

    why: str

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Reopened, with the reason."""
        if state.declared is None:
            raise Refusal("no incident is open; name a closed one with --incident: `cockpit incident list` shows them")
        if not state.over:
            raise Refusal(f"the incident is open: {state.status.value}")
        return [desk.draft(kinds.Reopened(why=worded(self.why, "the reason")))]


@dataclass(frozen=True, slots=True)
class SetSeverity:
    """Set or change the severity."""

    severity: str
    why: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The severity; a change says why."""
        _must_not_be_closed(state)
        severity = severity_of(self.severity, desk.policy)
        if severity == state.severity:
            raise Refusal(f"the severity is {severity} already")
        if state.severity is not None and not self.why.strip():
            raise Refusal(f"it is {state.severity} now; a change says why: --why TEXT")
        return [desk.draft(kinds.Severity(severity=severity, why=redact(clean(self.why))))]


@dataclass(frozen=True, slots=True)
class TakeRole:
    """Give a role to a responder, or release it (no handle)."""

    role: str
    handle: str | None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The role's change."""
        _must_not_be_closed(state)
        try:
            role = Role(self.role.lower())
        except ValueError:
            raise Refusal(f"'{clean(self.role)}' is no role; it is one of {', '.join(Role)}") from None
        holder = handle(self.handle) if self.handle is not None else None
        if state.roles.get(role) == holder:
            who = f"held by {holder}" if holder else "held by nobody"
            raise Refusal(f"{role.label} is {who} already")
        return [desk.draft(kinds.RoleChange(role=role, handle=holder))]


@dataclass(frozen=True, slots=True)
class Check:
    """Tick a checklist item, open it again, or say that it does not apply."""

    item: str
    state: str = "done"
    why: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The item's new state."""
        _must_be_declared(state)
        item = find(desk.checklists, self.item)
        if item is None:
            given = clean(self.item)[:60]
            raise Refusal(f"there is no checklist item '{given}'; `cockpit incident checklist` lists them")
        known = state.checklist.get(self.item)
        if (known[0].state if known else "open") == self.state:
            raise Refusal(f"'{item.text}' is {self.state} already")
        if self.state == "not-applicable":
            worded(self.why, "why it does not apply")
        fields: Mapping[str, Any] = {"item": item.id, "state": self.state, "text": item.text}
        return [desk.draft(kinds.ChecklistItem.model_validate({**fields, "why": redact(clean(self.why))}))]


@dataclass(frozen=True, slots=True)
class Write:
    """A note or a decision, at the time of its first keystroke or at a time given."""

    text: str
    at: datetime | None = None
    decision: bool = False

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The words as they stand, cleaned and redacted."""
        what, model = ("the decision", kinds.Decision) if self.decision else ("the note", kinds.Note)
        return [desk.draft(model(text=worded(self.text, what)), at=self.at)]


@dataclass(frozen=True, slots=True)
class Facts:
    """Entries that the program itself writes: what changed in a signal, what a run did."""

    payloads: Callable[[State], Sequence[tuple[kinds.Payload, datetime | None]]]
    actor: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The payloads that still say something new, each with when it occurred."""
        return [desk.draft(payload, at=at, actor=self.actor) for payload, at in self.payloads(state)]
