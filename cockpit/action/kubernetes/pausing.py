"""`kubectl rollout pause` and `resume`: each undoes the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from cockpit.action.kubernetes.deployments import Change, change_deployment
from cockpit.action.kubernetes.found import Found
from cockpit.action.kubernetes.order import Order
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.model import Plan, Situation, Verdict
from cockpit.kube.access import Access


@dataclass(frozen=True, slots=True)
class Pause:
    """Pauses the rollout of `deployment`: changes of its template wait until it is resumed; its pods run on.

    Args:
        undo_of: the run that this undoes.
    """

    deployment: str
    namespace: str
    undo_of: str = ""
    mitigates: bool = True
    heading: Heading = field(default_factory=lambda: Heading("Pause the rollout"))

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """Read, review the access, dry-run; one that is paused already is a refusal."""
        order = _order("pause", self)
        return await change_deployment(order, self.deployment, access, situation, self._decide)

    async def _decide(self, access: Access, found: Found) -> Change:
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
class Resume:
    """Resumes the rollout of `deployment`: what was changed while it was paused rolls out now.

    Args:
        undo_of: the run that this undoes.
    """

    deployment: str
    namespace: str
    undo_of: str = ""
    mitigates: bool = True
    heading: Heading = field(default_factory=lambda: Heading("Resume the rollout"))

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """Read, review the access, dry-run; one that is not paused is a refusal."""
        order = _order("resume", self)
        return await change_deployment(order, self.deployment, access, situation, self._decide)

    async def _decide(self, access: Access, found: Found) -> Change:
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


def _order(verb: str, action: Pause | Resume) -> Order:
    name = f"deployment/{action.deployment}"
    return Order(
        action.heading,
        action.namespace,
        name,
        ("rollout", verb, name),
        undo_of=action.undo_of,
        mitigates=action.mitigates,
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
