"""What the actions that change a cluster begin with: the plan as far as it is known without looking, and the review."""

from __future__ import annotations

from dataclasses import dataclass

from cockpit.action.kubernetes.patience import TIMEOUT
from cockpit.action.kubernetes.reading import Heading, kubectl
from cockpit.action.model import VERIFY_TIMEOUT, Never, Plan, Risk, Situation
from cockpit.incident.ids import new_id
from cockpit.kube.access import Access
from cockpit.text import safe

NOT_ASKED = "not asked, because it cannot run"
"""What a preview says of a dry run that was not made."""


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for.

    Args:
        object: what it changes, as `deployment/payment-service`.
        arguments: kubectl's, for the same.
        risk: what it can do, unless the heading says more.
        undo_of: the run that this undoes.
        mitigates: it is there to make things better; what undoes something never is.
    """

    heading: Heading
    namespace: str
    object: str
    arguments: tuple[str, ...]
    risk: Risk = "changing"
    undo_of: str = ""
    mitigates: bool = True

    def plan(self, access: Access, situation: Situation, *, timeout: float = TIMEOUT) -> Plan:
        """The plan as far as it is known without looking; its command is redacted, as values may be secret."""
        heading = self.heading
        return Plan(
            run=new_id(),
            title=heading.title,
            risk=heading.risk or self.risk,
            command=safe(kubectl(situation, self.namespace, *self.arguments)),
            execution=Never(),
            step=heading.step,
            context=access.context,
            server=access.server,
            namespace=self.namespace,
            object=self.object,
            undo_of=self.undo_of,
            mitigates=self.mitigates and not self.undo_of,
            checks=heading.checks,
            timeout=timeout,
            verify_timeout=VERIFY_TIMEOUT if heading.timeout is None else heading.timeout,
        )

    async def denied(
        self, access: Access, verb: str, group: str, resource: str, name: str, subresource: str = ""
    ) -> tuple[str, ...]:
        """The refusal when the cluster does not let this user do `verb`, by an access review. Raises KubeError."""
        review = await access.allowed(verb, group, resource, self.namespace, name, subresource)
        if review.allowed:
            return ()
        why = review.reason or "no rule of the cluster's RBAC allows it"
        what = self.object + (f"/{subresource}" if subresource else "")
        return (f"you may not {verb} {what} in {self.namespace}: {why}",)

    async def denied_socket(self, access: Access, pod: str, subresource: str) -> tuple[str, ...]:
        """The refusal of a WebSocket to a pod: a GET opens it, and from Kubernetes 1.35 on `create` is asked for too.

        Raises:
            KubeError: the cluster cannot be asked.
        """
        for verb in ("create", "get"):
            if refusals := await self.denied(access, verb, "", "pods", pod, subresource):
                return refusals
        return ()


def reverted(by: str, what: str) -> tuple[str, ...]:
    """The warning that the GitOps controller `by` will take the change of `what` back; none without one."""
    return (f"{by} manages this {what} and will revert the change: change it there too, or suspend it",) if by else ()
