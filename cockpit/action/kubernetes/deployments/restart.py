"""`kubectl rollout restart`: new pods of the same template, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from cockpit.action.kubernetes.deployments.change import Change
from cockpit.action.kubernetes.deployments.changing import ChangesDeployment
from cockpit.action.kubernetes.deployments.found import Found, Raw
from cockpit.action.kubernetes.reading import Heading
from cockpit.kube.access import Access

RESTARTED = "kubectl.kubernetes.io/restartedAt"
"""The annotation of the pod template that `kubectl rollout restart` sets, too."""


@dataclass(frozen=True, slots=True)
class Restart(ChangesDeployment):
    """Restarts the pods of `deployment` by a rollout. There is nothing to undo afterwards."""

    heading: Heading = field(default_factory=lambda: Heading("Restart"), kw_only=True)

    def words(self, name: str) -> tuple[str, ...]:
        """As kubectl restarts."""
        return "rollout", "restart", name

    async def decide(self, access: Access, found: Found) -> Change:
        """Another template by an annotation; what is paused would not roll out."""
        now = access.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        row = found.row
        paused = (f"deployment/{row.name} is paused, and a restart of it would do nothing: resume it first",)
        return Change(
            matter="template",
            patch=[_stamped(found.template, now)],
            done=f"deployment.apps/{row.name} restarted",
            before=f"{row.ready} of {row.wanted} pods ready, {found.release}",
            after=f"{row.wanted} new pods, {found.release}",
            refusals=paused if row.paused else (),
            warnings=("it wants no pods, so none will be made",) if row.wanted == 0 else (),
            undo="nothing to undo: the new pods have the same template",
        )


def _stamped(template: Raw, now: str) -> Raw:
    """The operation that sets the annotation, whatever of the way to it is there."""
    metadata = template.get("metadata") or {}
    if metadata.get("annotations"):
        return {"op": "add", "path": f"/spec/template/metadata/annotations/{_escaped(RESTARTED)}", "value": now}
    return {"op": "add", "path": "/spec/template/metadata/annotations", "value": {RESTARTED: now}}


def _escaped(key: str) -> str:
    """A key as a part of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
