"""A rollback as one edit of a deployment: what it holds on to between its preview and its execution."""

from __future__ import annotations

from dataclasses import dataclass, field

from cockpit.action.kubernetes.deployments.found import Found, Raw, deployment_path, read_found, release
from cockpit.kube.access import Access
from cockpit.kube.rollouts.rollout import Revision, Rollout, rollback_patch


@dataclass(frozen=True, slots=True)
class Pin:
    """The edit that takes a deployment to the revision `wanted`.

    Args:
        before: the deployment as the preview saw it.
        revisions: those that were kept then.
        after: the pod template that the server made of the wanted one in its dry run.
    """

    namespace: str
    before: Found
    wanted: Revision
    revisions: tuple[Revision, ...]
    after: Raw = field(default_factory=dict)
    noun: str = "deployment"

    @property
    def path(self) -> str:
        """Where the patch goes."""
        return deployment_path(self.namespace, self.before.row.name)

    @property
    def done(self) -> list[str]:
        """What was done, and from what to what."""
        said = f"{self.before.release} → {release(self.wanted.number, self.wanted.image)}"
        return [f"deployment.apps/{self.before.row.name} rolled back", said]

    async def look(self, access: Access) -> Found:
        """The deployment as it is now. Raises KubeError."""
        return await read_found(access, self.namespace, self.before.row.name)

    def version(self, seen: Found) -> str:
        """Its resourceVersion."""
        return seen.row.resource_version

    def changed(self, seen: Found) -> str:
        """How `seen` differs from what the preview saw, in what matters; empty when it does not."""
        if changed := seen.remade(self.before) or seen.retemplated(self.before):
            return changed
        if seen.row.revision != self.before.row.revision:
            return f"deployment {seen.row.name} was changed since the preview: it is now at {seen.release}"
        return f"deployment {seen.row.name} was paused since the preview" if seen.row.paused else ""

    def arrived(self, seen: Found) -> bool:
        """Whether the deployment has the wanted template."""
        return seen.template == self.after

    def operations(self, seen: Found) -> list[Raw]:
        """The revision's template and annotations into the deployment. Raises KubeError."""
        return rollback_patch(Rollout(seen.row, seen.raw, self.revisions), self.wanted.number)[1:]
