"""What the fold computes from a record: the incident as it stands. Values are immutable, copies cheap."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.alerting import Standing
from cockpit.incident.deliveries import Sent
from cockpit.incident.edits import Edits
from cockpit.incident.fact import Fact
from cockpit.incident.kinds import (
    ChecklistItem,
    Pods,
    Rollout,
    RunEffect,
    RunIntent,
    RunResult,
    RunVerified,
    Snapshot,
    StepDone,
    Target,
    ThresholdCrossed,
)
from cockpit.incident.matters import ActionItem, Ask, Handover, Hypothesis
from cockpit.incident.terms import Role, Status
from cockpit.values import replace

__all__ = ["Decided", "Run", "Said", "Sent", "State"]


class Said(Struct, frozen=True):
    """One step of a history: a value, what was said with it, and the fact behind it."""

    value: str
    text: str
    fact: Fact


class Run(Struct, frozen=True):
    """One execution of an action. Without a result its outcome is unknown, also after a crash."""

    intent: RunIntent
    started: Fact
    result: RunResult | None = None
    ended: Fact | None = None
    verified: RunVerified | None = None
    checked: Fact | None = None
    """When the verification spoke."""
    undone_by: str = ""
    effects: tuple[tuple[RunEffect, Fact], ...] = ()
    """The signals as it began, and some minutes after its end."""
    left: Fact | None = None
    """When somebody said that it stays in place after the incident."""

    @property
    def outcome(self) -> str:
        """succeeded, failed, cancelled, or unknown."""
        return self.result.outcome if self.result else "unknown"

    @property
    def changes(self) -> bool:
        """Whether it was made to change something."""
        return self.intent.risk in ("changing", "destructive")

    @property
    def ends(self) -> datetime | None:
        """When what it made ends by itself, as a silence does."""
        said = (self.intent.prior or {}).get("ends", "")
        try:
            return datetime.fromisoformat(said) if said else None
        except ValueError:
            return None

    @property
    def in_place(self) -> bool:
        """Whether what it changed is still so, as far as the record knows: it may be, too, when nobody knows how it
        ended."""
        ended = self.outcome in ("succeeded", "unknown")
        return self.changes and ended and not self.undone_by and not self.intent.undo_of

    def effect(self, after: int) -> RunEffect | None:
        """What was seen `after` minutes."""
        return next((effect for effect, _ in self.effects if effect.after == after), None)


class Decided(Struct, frozen=True):
    """What one entry said of a subject that has one value at a time.

    `over` is the entry that it was decided upon; `grounded` whether that one comes before it: of an entry that was
    dated back it may come after.
    """

    entry: str
    value: str
    over: str | None
    grounded: bool


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
    first_alarm: Fact | None = None
    """The first signal in breach, pods that crash too; what was over before the declaration does not count."""
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
    endpoints: dict[str, tuple[kinds.EndpointChanged, Fact]] = field(default_factory=dict)
    alerts: dict[str, Standing] = field(default_factory=dict)
    """Every alert by which something was detected, by its fingerprint, as it stands."""
    pods: tuple[Pods, Fact] | None = None
    """The latest word on pods that crash."""
    unready: dict[str, tuple[Pods, Fact]] = field(default_factory=dict)
    """Pods that do not serve, by the reason, until all are ready again."""
    rollout: tuple[Rollout, Fact] | None = None
    changes: dict[str, tuple[kinds.Changed, Fact]] = field(default_factory=dict)
    """The latest change by somebody else, of each matter of each object."""
    runs: dict[str, Run] = field(default_factory=dict)
    steps_done: dict[str, tuple[StepDone, Fact]] = field(default_factory=dict)
    """The runbook's steps that somebody did by hand, the latest of each."""
    messages: dict[str, Sent] = field(default_factory=dict)
    snapshots: tuple[tuple[Snapshot, Fact], ...] = ()
    impact: kinds.Impact | None = None
    """All that was said of the impact, the latest word of each field."""
    impacts: tuple[tuple[kinds.Impact, Fact], ...] = ()
    affected: dict[str, tuple[kinds.Affected, Fact]] = field(default_factory=dict)
    key_events: tuple[tuple[kinds.KeyEvent, Fact], ...] = ()
    decisions: tuple[tuple[kinds.Decision, Fact], ...] = ()
    mitigations: tuple[tuple[kinds.Mitigation, Fact], ...] = ()
    hypotheses: dict[str, Hypothesis] = field(default_factory=dict)
    asks: dict[str, Ask] = field(default_factory=dict)
    action_items: dict[str, ActionItem] = field(default_factory=dict)
    handovers: dict[str, Handover] = field(default_factory=dict)
    pages: tuple[tuple[kinds.Page, Fact], ...] = ()
    broken_glass: tuple[tuple[kinds.BreakGlass, Fact], ...] = ()
    """What was done though the roles of whoever did it do not let them."""
    snoozes: dict[str, tuple[kinds.Snooze, Fact]] = field(default_factory=dict)
    """The last snooze of each clock, by the clock's name."""
    links: tuple[tuple[kinds.Link, Fact], ...] = ()
    attachments: tuple[tuple[kinds.Attachment, Fact], ...] = ()
    reviews: dict[str, tuple[kinds.Review, Fact]] = field(default_factory=dict)
    """What people wrote of the review, the latest of each section."""
    redactions: tuple[tuple[kinds.Redaction, Fact], ...] = ()
    merged_into: str = ""
    """The id of the incident in which this one goes on."""
    merged: tuple[tuple[kinds.Merge, Fact], ...] = ()
    """The duplicates that were merged into this one."""
    decided: dict[str, tuple[Decided, ...]] = field(default_factory=dict)
    """What was said of each subject that has one value at a time, in the record's order."""
    contradictions: tuple[kinds.Contradiction, ...] = ()
    """What was decided apart and differs, as the record shows it now."""
    contradictions_told: tuple[kinds.Contradiction, ...] = ()
    """Those of which an entry tells."""
    echoes: frozenset[str] = frozenset()
    """Entries that say what was so already: cockpits that did not hear each other told of the same change."""
    unknown_kinds: int = 0
    entries: int = 0
    edits: Edits = field(default_factory=Edits, compare=False, repr=False)
    """What amends and erases what; shared by all copies of one timeline's state."""

    def copy(self) -> State:
        """An independent copy; cheap, since only the dictionaries are copied."""
        return replace(
            self,
            roles=dict(self.roles),
            checklist=dict(self.checklist),
            thresholds=dict(self.thresholds),
            sources=dict(self.sources),
            endpoints=dict(self.endpoints),
            changes=dict(self.changes),
            alerts=dict(self.alerts),
            unready=dict(self.unready),
            runs=dict(self.runs),
            steps_done=dict(self.steps_done),
            messages=dict(self.messages),
            affected=dict(self.affected),
            hypotheses=dict(self.hypotheses),
            asks=dict(self.asks),
            action_items=dict(self.action_items),
            handovers=dict(self.handovers),
            snoozes=dict(self.snoozes),
            reviews=dict(self.reviews),
            decided=dict(self.decided),
        )

    @property
    def over(self) -> bool:
        """Whether its clocks have stopped: resolved or closed."""
        return self.status in (Status.RESOLVED, Status.CLOSED)

    def in_place(self) -> list[Run]:
        """The changes that are still in place, the latest first: what an undo would take back next."""
        return [run for run in reversed(self.runs.values()) if run.in_place]

    def roles_of(self, handle: str) -> tuple[Role, ...]:
        """The roles that `handle` holds now."""
        return tuple(role for role, holder in self.roles.items() if holder == handle)

    def offered(self, role: Role) -> Handover | None:
        """The handover of `role` that waits for an answer."""
        waiting = (each for each in self.handovers.values() if each.role is role and each.state == "offered")
        return next(waiting, None)

    def open_asks(self) -> list[Ask]:
        """The asks that nobody has answered, the most urgent first."""
        waiting = [ask for ask in self.asks.values() if ask.is_open]
        return sorted(waiting, key=lambda ask: (ask.due is None, ask.due or ask.opened.at))

    def last_message(self, audience: str) -> Sent | None:
        """The latest message to `audience` that some channel took."""
        taken = [sent for sent in self.messages.values() if sent.message.audience == audience and sent.delivered]
        return max(taken, key=lambda sent: sent.fact.at, default=None)
