"""What an action is made of: the plan that a preview shows and that will be executed, progress, and its outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from cockpit.action.live import Live
from cockpit.incident.kinds import RunIntent, Target
from cockpit.incident.state import Run
from cockpit.kube.access import Access
from cockpit.runbook.actions import Risk as Risk
from cockpit.runbook.model import Check as Check
from cockpit.text import safe

ALL_CHECKS: tuple[Check, ...] = ("rollout-complete", "thresholds-back")
"""What is verified after a change, unless its step names less."""

EXECUTE_TIMEOUT = 30.0
"""Seconds that an execution may take, unless its step says otherwise."""
VERIFY_TIMEOUT = 300.0
"""Seconds that a change may take to do what it was made for, unless its step says otherwise."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """What a person must answer before a plan is executed. The default of every question is *cancel*.

    `kind` is none (runs on one key), yes (y/n), or name (the target's `name` must be typed). `extra`, when not
    empty, is a second question with an answer of its own.
    """

    kind: Literal["none", "yes", "name"] = "none"
    name: str = ""
    extra: str = ""

    def missing(self, given: Confirmation) -> str:
        """What `given` lacks, as a sentence; empty when it suffices."""
        if self.kind == "yes" and not given.yes:
            return "it changes something and was not confirmed"
        if self.kind == "name" and given.name != self.name:
            return f"it is destructive, and wants the target's name: {self.name}"
        if self.extra and not given.again:
            return f"not confirmed again: {self.extra}"
        return ""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a person answered: yes to the first question, the target's name, yes to the second question; and why it is
    done, where their roles do not let them."""

    yes: bool = False
    name: str = ""
    again: bool = False
    break_glass: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an execution ended, with the exit status that kubectl would have given."""

    outcome: Literal["succeeded", "failed", "cancelled", "unknown"]
    exit: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a change took hold: what was checked, each with its finding."""

    verdict: Literal["verified", "failed", "unknown"]
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """What the room knows when an action is prepared.

    Args:
        target: where the incident's actions go, pinned when its record began.
        runs: the runs of the record so far, by id.
        drill: the incident is a drill.
        drill_cluster: the target's cluster is marked `drill: true`.
        read_only: the cockpit was started with --read-only.
        forbidden: why the operator's roles do not let them, by the risk of what is to be done; nothing where they do.
    """

    target: Target
    runs: Mapping[str, Run] = field(default_factory=dict)
    drill: bool = False
    drill_cluster: bool = False
    read_only: bool = False
    forbidden: Mapping[str, str] = field(default_factory=dict)


class Execution(Protocol):
    """What was captured while preparing, ready to be executed once."""

    async def run(self, live: Live) -> Outcome:
        """Do it. Sets `live.sent` when something that changes is on its way. Raises KubeError."""

    async def settle(self, live: Live) -> Outcome:
        """Find out what became of a change that was sent, and whose answer was not seen. Raises KubeError."""

    async def verify(self, live: Live, timeout: float) -> Verdict:
        """Watch, for `timeout` seconds at most, whether the change takes hold."""


class ReadOnly:
    """The parts of an execution that one which only reads does not need."""

    async def settle(self, live: Live) -> Outcome:
        """There is nothing to settle: reading again is harmless."""
        return Outcome("unknown", None, "its answer was not seen")

    async def verify(self, live: Live, timeout: float) -> Verdict:
        """Reading needs no verification."""
        return Verdict("verified")


class Never(ReadOnly):
    """The execution of a plan that could not be prepared to its end."""

    async def run(self, live: Live) -> Outcome:
        """Do nothing; such a plan carries refusals, so nobody comes here."""
        return Outcome("failed", 1, "it was not prepared to its end")


@dataclass(frozen=True, slots=True)
class Plan:
    """One execution, prepared: what the preview shows is what will be executed.

    Attributes:
        command: the kubectl command that does the same, context and namespace pinned.
        request: the API call that will be made.
        object: what it acts on, as `deployment/payment-service`.
        before: what is there now; `after` what will be; `change` the difference, lines `what: from → to`.
        warnings: what a person should know first; `refusals` why it cannot run: one is enough.
        forbidden: why the operator's roles do not let them; it is executed all the same for a reason that is recorded.
        dry_run: what the server said to the same request as a dry run.
        last: who ran the same last, and when.
        undo: what would undo it; `undo_of` the run that this one undoes; `prior` the state to which an undo returns.
        checks: what is verified after it.
        timeout: seconds for the execution; `verify_timeout` for the verification.
        interactive: how it is done when it is not simply executed: `stream` goes on until it is stopped, `terminal`
            gets the whole screen, `forward` holds a port open.
        copy: the text to copy where it cannot run here.
        rehearsed: it can be done in a drill on any cluster, because nobody outside is reached by it then.
        beyond: why it would change something in a drill that no mark of a cluster covers; empty where it would not.
    """

    run: str
    title: str
    risk: Risk
    command: str
    execution: Execution = field(repr=False, compare=False)
    step: str = ""
    request: str = ""
    context: str = ""
    server: str = ""
    namespace: str = ""
    object: str = ""
    before: str = ""
    after: str = ""
    change: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    forbidden: str = ""
    dry_run: str = ""
    last: str = ""
    undo: str = ""
    undo_of: str = ""
    prior: Mapping[str, str] | None = None
    mitigates: bool = False
    confirm: Confirm = Confirm()
    checks: tuple[Check, ...] = ALL_CHECKS
    timeout: float = EXECUTE_TIMEOUT
    verify_timeout: float = VERIFY_TIMEOUT
    interactive: Literal["", "stream", "terminal", "forward"] = ""
    copy: str = ""
    rehearsed: bool = False
    beyond: str = ""

    @property
    def changes(self) -> bool:
        """Whether it changes something, so that it is confirmed, runs alone and is verified."""
        return self.risk in ("changing", "destructive")

    @property
    def amounts_to(self) -> Risk:
        """The risk that whoever runs it takes: a terminal of one's own can change whatever is there, while what is only
        followed, or held open, reads."""
        if self.risk != "interactive":
            return self.risk
        return "read-only" if self.interactive in ("stream", "forward") else "changing"

    def intent(self) -> RunIntent:
        """The intent as the record keeps it: cleaned and redacted, while what is executed stays as it is."""
        fields = {
            "run": self.run,
            "title": safe(self.title),
            "step": self.step,
            "risk": self.risk,
            "command": safe(self.command),
            "request": safe(self.request),
            "context": self.context,
            "server": safe(self.server),
            "namespace": self.namespace,
            "object": self.object,
            "from": safe(self.before),
            "to": safe(self.after),
            "change": [safe(line) for line in self.change],
            "undo_of": self.undo_of,
            "prior": self.prior,
            "mitigates": self.mitigates,
        }
        return RunIntent.model_validate(fields)


def needs_cluster(action: object) -> bool:
    """Whether `action` is done through the cluster; a class that is not says `needs_cluster = False`."""
    return bool(getattr(action, "needs_cluster", True))


class Action(Protocol):
    """One thing that can be done, not yet looked at: preparing it reads, and changes nothing."""

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """Give the plan; what stands against it is among its refusals, so that a preview can show it."""
