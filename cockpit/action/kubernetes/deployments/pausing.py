"""`kubectl rollout pause` and `resume`: each undoes the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar

from cockpit.action.kubernetes.deployments.change import Change, change_deployment
from cockpit.action.kubernetes.deployments.found import Found
from cockpit.action.kubernetes.order import Order
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.model import Plan, Situation, Verdict
from cockpit.kube.access import Access


@dataclass(frozen=True, slots=True)
class _Pausing(ABC):
    """What pausing and resuming have in common: they act on the rollout of `deployment`.

    Args:
        undo_of: the run that this undoes.
    """

    verb: ClassVar[str]

    deployment: str
    namespace: str
    undo_of: str = ""
    mitigates: bool = True
    heading: Heading = field(kw_only=True)

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """Read, review the access, dry-run; one that is so already is a refusal."""
        name = f"deployment/{self.deployment}"
        order = Order(
            self.heading,
            self.namespace,
            name,
            ("rollout", self.verb, name),
            undo_of=self.undo_of,
            mitigates=self.mitigates,
        )
        return await change_deployment(order, self.deployment, access, situation, self.decide)

    @abstractmethod
    async def decide(self, access: Access, found: Found) -> Change:
        """What is to be changed of the deployment as it was found."""


@dataclass(frozen=True, slots=True)
class Pause(_Pausing):
    """Pauses the rollout of a deployment: changes of its template wait until it is resumed; its pods run on."""

    verb = "pause"

    heading: Heading = field(default_factory=lambda: Heading("Pause the rollout"), kw_only=True)

    async def decide(self, access: Access, found: Found) -> Change:
        """One that is paused already is a refusal."""
        return Change(
            matter="paused",
            patch=[{"op": "add", "path": "/spec/paused", "value": True}],
            wanted=True,
            done=f"deployment.apps/{found.row.name} paused",
            before=f"rolling out: {found.progress}",
            after="paused: nothing rolls out until it is resumed, a rollback neither",
            change=("paused: false → true",),
            refusals=(f"deployment/{found.row.name} is paused already",) if found.row.paused else (),
            undo="resume the rollout",
            prior={"verb": "rollout-pause"},
            judge=_paused,
        )


@dataclass(frozen=True, slots=True)
class Resume(_Pausing):
    """Resumes the rollout of a deployment: what was changed while it was paused rolls out now."""

    verb = "resume"

    heading: Heading = field(default_factory=lambda: Heading("Resume the rollout"), kw_only=True)

    async def decide(self, access: Access, found: Found) -> Change:
        """One that is not paused is a refusal."""
        return Change(
            matter="paused",
            patch=[{"op": "add", "path": "/spec/paused", "value": False}],
            wanted=False,
            done=f"deployment.apps/{found.row.name} resumed",
            before=f"paused, {found.release}",
            after="rolling out what was changed while it was paused",
            change=("paused: true → false",),
            refusals=() if found.row.paused else (f"deployment/{found.row.name} is not paused",),
            undo="pause the rollout",
            prior={"verb": "rollout-resume"},
            judge=_resumed,
        )


def _paused(found: Found) -> Verdict | None:
    row = found.row
    if not row.paused:
        return Verdict("failed", ("the deployment was resumed meanwhile",))
    seen = row.observed_generation >= row.generation
    return Verdict("verified", (f"paused at {found.release}",)) if seen else None


def _resumed(found: Found) -> Verdict | None:
    state = found.status.state
    if found.row.paused:
        return Verdict("failed", ("the deployment was paused again meanwhile",))
    if state == "stalled":
        return Verdict("failed", (f"rollout {state}: {found.progress}",))
    return Verdict("verified", (f"rollout {found.status.message}",)) if state == "complete" else None
