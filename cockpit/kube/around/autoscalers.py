"""Horizontal pod autoscalers (autoscaling/v2): which one decides how many pods a deployment has."""

from __future__ import annotations

from cockpit.kube.access import Access
from cockpit.kube.paths import resource_path
from cockpit.kube.shapes import Meta, Shape
from cockpit.text import clean


class Autoscaler(Shape, frozen=True):
    """An autoscaler, as far as it matters to somebody who scales by hand."""

    class Spec(Shape, frozen=True):
        """Its bounds and its target."""

        class Target(Shape, frozen=True):
            """What it scales."""

            kind: str = ""
            name: str = ""

        scale_target_ref: Target = Target()
        min_replicas: int = 1
        max_replicas: int = 0

    metadata: Meta = Meta()
    spec: Spec = Spec()

    @property
    def said(self) -> str:
        """Its name and bounds, as `payment-service (2 to 10 pods)`."""
        return f"{clean(self.metadata.name)} ({self.spec.min_replicas} to {self.spec.max_replicas} pods)"


class _Autoscalers(Shape, frozen=True):
    items: list[Autoscaler] | None = None


async def autoscaler_of(access: Access, namespace: str, deployment: str) -> Autoscaler | None:
    """The autoscaler that scales a deployment; None when there is none. Raises KubeError."""
    answer = await access.call("GET", resource_path("autoscaling/v2", "horizontalpodautoscalers", namespace))
    found = access.decode(answer.body, _Autoscalers).items or ()
    targets = ((one, one.spec.scale_target_ref) for one in found)
    return next((one for one, target in targets if (target.kind, target.name) == ("Deployment", deployment)), None)
