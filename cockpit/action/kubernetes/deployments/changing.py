"""What the actions that change one deployment have in common: where it is, what kubectl calls it, what undoes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar

from cockpit.action.kubernetes.deployments.change import Change, change_deployment
from cockpit.action.kubernetes.deployments.found import Found
from cockpit.action.kubernetes.order import Order
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.model import Plan, Risk, Situation
from cockpit.kube.access import Access


@dataclass(frozen=True, slots=True)
class ChangesDeployment(ABC):
    """A change of `deployment`.

    Args:
        undo_of: the run that this undoes.
        mitigates: it is there to make things better; what undoes something never is.
    """

    subresource: ClassVar[str] = ""
    """`scale` where the change goes there."""

    deployment: str
    namespace: str
    undo_of: str = field(default="", kw_only=True)
    mitigates: bool = field(default=True, kw_only=True)
    heading: Heading = field(kw_only=True)

    @property
    def risk(self) -> Risk:
        """What it can do, unless the heading says more."""
        return "changing"

    @abstractmethod
    def words(self, name: str) -> tuple[str, ...]:
        """kubectl's words for the same; `name` is the deployment as kubectl takes it."""

    @abstractmethod
    async def decide(self, access: Access, found: Found) -> Change:
        """What is to be changed of the deployment as it was found; may raise KubeError."""

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """Read, review the access, dry-run and compare; whatever stands against it is a refusal."""
        name = f"deployment/{self.deployment}"
        order = Order(
            self.heading,
            self.namespace,
            name,
            self.words(name),
            risk=self.risk,
            undo_of=self.undo_of,
            mitigates=self.mitigates,
        )
        return await change_deployment(
            order, self.deployment, access, situation, self.decide, subresource=self.subresource
        )
