"""What the fold computes from a record: the incident as it stands. Values are immutable, copies cheap."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from cockpit.incident.entry import Entry
from cockpit.incident.kinds import (
    ChecklistItem,
    Message,
    Pods,
    Rollout,
    RunIntent,
    RunResult,
    RunVerified,
    Snapshot,
    Target,
    ThresholdCrossed,
)
from cockpit.incident.terms import Role, Status


@dataclass(frozen=True, slots=True)
class Fact:
    """When something became so, who said it, and which entry holds it."""

    at: datetime
    actor: str
    entry: str

    @classmethod
    def of(cls, entry: Entry) -> Fact:
        """The fact that `entry` states."""
        return cls(entry.occurred, entry.actor, entry.id)


@dataclass(frozen=True, slots=True)
class Said:
    """One step of a history: a value, what was said with it, and the fact behind it."""

    value: str
    text: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of an action. Without a result its outcome is unknown, also after a crash."""

    intent: RunIntent
    started: Fact
    result: RunResult | None = None
    ended: Fact | None = None
    verified: RunVerified | None = None
    undone_by: str = ""

    @property
    def outcome(self) -> str:
        """succeeded, failed, cancelled, or unknown."""
        return self.result.outcome if self.result else "unknown"

    @property
    def changes(self) -> bool:
        """Whether it was made to change something."""
        return self.intent.risk in ("changing", "destructive")


@dataclass(frozen=True, slots=True)
class Sent:
    """A message, and what became of it on each channel."""

    message: Message
    fact: Fact
    deliveries: tuple[tuple[str, str, str], ...] = ()
    """(channel, state, reference or reason), the latest of each channel."""
    delivered: Fact | None = None
    """The first delivery anywhere: when its audience was really told."""

    @property
    def state(self) -> str:
        """sent when any channel took it, failed when all refused it, unknown, else queued."""
        states = {state for _, state, _ in self.deliveries}
        for state in ("sent", "unknown"):
            if state in states:
                return state
        return "failed" if len(self.deliveries) >= len(self.message.channels) > 0 else "queued"


@dataclass(slots=True)
class State:
    """The incident as its record tells it. Made by `fold` only; read by everybody."""

    incident: str = ""
    name: str = ""
    title: str = ""
    service: str = ""
    policy: str = ""
    target: Target | None = None
    drill: bool = False
    status: Status = Status.WATCHING
    severity: str | None = None
    began: Fact | None = None
    detected: Fact | None = None
    detected_by: str = ""
    declared: Fact | None = None
    acknowledged: Fact | None = None
    mitigated: Fact | None = None
    resolved: Fact | None = None
    closed: Fact | None = None
    false_alarm: str | None = None
    statuses: tuple[Said, ...] = ()
    severities: tuple[Said, ...] = ()
    roles: dict[Role, str] = field(default_factory=dict)
    role_history: tuple[tuple[Role, str | None, Fact], ...] = ()
    checklist: dict[str, tuple[ChecklistItem, Fact]] = field(default_factory=dict)
    thresholds: dict[str, tuple[ThresholdCrossed, Fact]] = field(default_factory=dict)
    sources: dict[str, tuple[str, Fact]] = field(default_factory=dict)
    pods: tuple[Pods, Fact] | None = None
    rollout: tuple[Rollout, Fact] | None = None
    runs: dict[str, Run] = field(default_factory=dict)
    messages: dict[str, Sent] = field(default_factory=dict)
    snapshots: tuple[tuple[Snapshot, Fact], ...] = ()
    unknown_kinds: int = 0
    entries: int = 0

    def copy(self) -> State:
        """An independent copy; cheap, since only the dictionaries are copied."""
        return replace(
            self,
            roles=dict(self.roles),
            checklist=dict(self.checklist),
            thresholds=dict(self.thresholds),
            sources=dict(self.sources),
            runs=dict(self.runs),
            messages=dict(self.messages),
        )

    @property
    def over(self) -> bool:
        """Whether its clocks have stopped: resolved or closed."""
        return self.status in (Status.RESOLVED, Status.CLOSED)

    def roles_of(self, handle: str) -> tuple[Role, ...]:
        """The roles that `handle` holds now."""
        return tuple(role for role, holder in self.roles.items() if holder == handle)

    def last_message(self, audience: str) -> Sent | None:
        """The latest message to `audience` that some channel took."""
        taken = [sent for sent in self.messages.values() if sent.message.audience == audience and sent.delivered]
        return max(taken, key=lambda sent: sent.fact.at, default=None)
