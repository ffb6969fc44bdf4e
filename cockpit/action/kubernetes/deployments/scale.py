"""`kubectl scale deployment --replicas`: more pods, fewer, or none."""

from __future__ import annotations

from dataclasses import dataclass, field

from cockpit.action.kubernetes.deployments.change import Change
from cockpit.action.kubernetes.deployments.changing import ChangesDeployment
from cockpit.action.kubernetes.deployments.found import Found, pods
from cockpit.action.kubernetes.deployments.watching import Judge
from cockpit.action.kubernetes.meanwhile import conflict, making
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.model import Risk, Verdict
from cockpit.kube.access import Access
from cockpit.kube.around.autoscalers import autoscaler_of
from cockpit.kube.errors import KubeError


@dataclass(frozen=True, slots=True)
class Scale(ChangesDeployment):
    """Scales `deployment` to `replicas` pods. To none is destructive: nobody answers any more.

    Args:
        made: what the run which this undoes had scaled to, when it is known: another number is somebody else's.
    """

    subresource = "scale"

    replicas: int
    made: int | None = None
    heading: Heading = field(default_factory=lambda: Heading("Scale"), kw_only=True)

    @property
    def risk(self) -> Risk:
        """Changing; destructive to none."""
        return "destructive" if self.replicas == 0 else "changing"

    def words(self, name: str) -> tuple[str, ...]:
        """As kubectl scales."""
        return "scale", name, f"--replicas={self.replicas}"

    async def decide(self, access: Access, found: Found) -> Change:
        """The number of pods, with what an autoscaler would do about it."""
        row, wanted = found.row, self.replicas
        refusals: tuple[str, ...] = ()
        if row.wanted == wanted:
            refusals = (f"deployment/{row.name} wants {pods(wanted)} already",)
        elif self.made not in (None, row.wanted):
            refusals = (conflict(f"deployment/{row.name}", pods(row.wanted), pods(self.made or 0)),)
        return Change(
            matter="replicas",
            patch=[{"op": "add", "path": "/spec/replicas", "value": wanted}],
            wanted=wanted,
            done=f"deployment.apps/{row.name} scaled",
            before=f"{pods(row.wanted)}, {row.ready} ready",
            after=pods(wanted),
            change=(f"replicas: {row.wanted} → {wanted}",),
            warnings=await self._scaled_back(access),
            refusals=refusals,
            undo=f"scale to {pods(row.wanted)}",
            prior={"verb": "scale", "replicas": str(row.wanted), **making({"replicas": str(wanted)})},
            judge=_reached(wanted),
        )

    async def _scaled_back(self, access: Access) -> tuple[str, ...]:
        """The warning that an autoscaler sets its own number."""
        try:
            found = await autoscaler_of(access, self.namespace, self.deployment)
        except KubeError as error:
            if error.status == 404:  # a cluster that has no autoscaling/v2 has no autoscaler of it
                return ()
            return (f"whether an autoscaler sets its own number is unknown: {error.message}",)
        if found is None:
            return ()
        if self.replicas == 0:
            return (f"autoscaler {found.said} stops while it is at 0, and will not bring it back by itself",)
        return (f"autoscaler {found.said} will scale it back to what its metrics ask for: change its bounds instead",)


def _reached(wanted: int) -> Judge:
    def judge(found: Found) -> Verdict | None:
        row = found.row
        if row.wanted != wanted:
            return Verdict("failed", (f"it was scaled meanwhile, to {pods(row.wanted)}",))
        if found.status.state == "stalled":
            return Verdict("failed", (f"rollout stalled: {found.progress}",))
        seen = row.observed_generation >= row.generation
        reached = seen and row.replicas == wanted and row.ready >= wanted
        return Verdict("verified", (f"{pods(row.ready)} ready, {wanted} wanted",)) if reached else None

    return judge
