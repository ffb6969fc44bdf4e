"""What a step can run, as data: in this version, Kubernetes actions. Risk follows from the verb alone."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from cockpit.config import Strict

Risk = Literal["read-only", "changing", "destructive", "interactive"]
RISKS: tuple[Risk, ...] = ("read-only", "interactive", "changing", "destructive")
"""From the least to the greatest."""

SERVICE_NAMESPACE, SERVICE_SELECTOR, SERVICE_DEPLOYMENT, SELECTED_POD = "$namespace", "$selector", "$deployment", "$pod"
"""Placeholders: the first three come from the service's configuration, the last is the selected pod (fill.py)."""


class _Kubernetes(Strict):
    """What all Kubernetes actions have. The context is the incident's, never the runbook's."""

    kind: Literal["kubernetes"]
    namespace: str = SERVICE_NAMESPACE

    risk_of_verb: ClassVar[Risk] = "read-only"

    @property
    def risk(self) -> Risk:
        """What running it can do."""
        return self.risk_of_verb


class Get(_Kubernetes):
    """`kubectl get RESOURCE`: one object by name, those that a selector matches, or all."""

    verb: Literal["get"]
    resource: str
    name: str = ""
    selector: str = ""
    sort_by: str = ""


class Logs(_Kubernetes):
    """`kubectl logs`: the last `tail` lines of one pod, or of each pod that a selector matches."""

    verb: Literal["logs"]
    pod: str = ""
    selector: str = ""
    container: str = ""
    tail: int = Field(default=100, ge=1, le=100_000)
    previous: bool = False


class Describe(_Kubernetes):
    """`kubectl describe RESOURCE NAME`."""

    verb: Literal["describe"]
    resource: str
    name: str


class Events(_Kubernetes):
    """`kubectl get events`, the newest last; of one object where `name` is given."""

    verb: Literal["events"]
    name: str = ""


class RolloutHistory(_Kubernetes):
    """`kubectl rollout history`: the revisions of a deployment."""

    verb: Literal["rollout-history"]
    deployment: str = SERVICE_DEPLOYMENT


class RolloutStatus(_Kubernetes):
    """`kubectl rollout status`: follows a rollout to its end."""

    verb: Literal["rollout-status"]
    deployment: str = SERVICE_DEPLOYMENT


class RolloutUndo(_Kubernetes):
    """`kubectl rollout undo`, its revision pinned: the one named, else the newest good one when it is prepared."""

    verb: Literal["rollout-undo"]
    deployment: str = SERVICE_DEPLOYMENT
    revision: int | None = Field(default=None, ge=1)

    risk_of_verb: ClassVar[Risk] = "changing"


KubernetesAction = Annotated[
    Get | Logs | Describe | Events | RolloutHistory | RolloutStatus | RolloutUndo, Field(discriminator="verb")
]
Action = KubernetesAction
"""Told apart by `kind`, and within a kind by its verb."""


def greater(one: Risk, other: Risk) -> Risk:
    """The greater of two risks."""
    return max(one, other, key=RISKS.index)
