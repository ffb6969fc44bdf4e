"""`kubectl rollout pause` and `resume`: each undoes the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from cockpit.action.kubernetes.deployments.change import Change
from cockpit.action.kubernetes.deployments.changing import ChangesDeployment
from cockpit.action.kubernetes.deployments.found import Found
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.model import Verdict
from cockpit.kube.access import Access


@dataclass(frozen=True, slots=True)
class Pause(ChangesDeployment):
    """Pauses the rollout of a deployment: changes of its template wait until it is resumed; its pods run on."""

    heading: Heading = field(default_factory=lambda: Heading("Pause the rollout"), kw_only=True)

    def words(self, name: str) -> tuple[str, ...]:
        """As kubectl pauses."""
        return "rollout", "pause", name

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
class Resume(ChangesDeployment):
    """Resumes the rollout of a deployment: what was changed while it was paused rolls out now."""

    heading: Heading = field(default_factory=lambda: Heading("Resume the rollout"), kw_only=True)

    def words(self, name: str) -> tuple[str, ...]:
        """As kubectl resumes."""
        return "rollout", "resume", name

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
