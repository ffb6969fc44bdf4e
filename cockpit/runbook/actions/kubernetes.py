"""What a step can do to a cluster, without kubectl. Risk follows from the verb, of `exec` from its command."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from cockpit.config import Duration
from cockpit.runbook.actions.base import (
    SERVICE_DEPLOYMENT,
    SERVICE_NAMESPACE,
    ActionBase,
    Count,
    Reference,
    Risk,
)
from cockpit.runbook.parameters import as_text


class _Kubernetes(ActionBase):
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
    """`kubectl logs`: the last `tail` lines of one pod, or of each pod that a selector matches.

    Attributes:
        since: only lines of the last so many seconds.
        matching: a regular expression; only lines that hold it, as `| grep -E` would keep them.
    """

    verb: Literal["logs"]
    pod: str = ""
    selector: str = ""
    container: str = ""
    tail: Annotated[int, Field(ge=1, le=100_000)] | Reference = 100
    previous: bool = False
    since: Duration | None = None
    matching: str = ""
    ignore_case: bool = False


class Describe(_Kubernetes):
    """`kubectl describe RESOURCE NAME`, or of those that a selector matches."""

    verb: Literal["describe"]
    resource: str
    name: str = ""
    selector: str = ""


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
    revision: Annotated[int, Field(ge=1)] | Reference | None = None

    risk_of_verb: ClassVar[Risk] = "changing"


class Top(_Kubernetes):
    """`kubectl top`: CPU and memory of pods or nodes now."""

    verb: Literal["top"]
    resource: Literal["pods", "nodes"] = "pods"
    selector: str = ""
    name: str = ""


class LogPatterns(_Kubernetes):
    """How often each kind of line occurs in the logs of the selected pods: numbers, ids and addresses are left out of
    account, the most frequent first.

    Attributes:
        matching: a regular expression; only lines that hold it are counted.
        limit: how many patterns are shown.
    """

    verb: Literal["log-patterns"]
    selector: str = ""
    pod: str = ""
    container: str = ""
    tail: int = Field(default=5000, ge=1, le=100_000)
    since: Duration | None = None
    matching: str = "(?i)error|fatal|exception"
    limit: int = Field(default=20, ge=1, le=200)


class LogDurations(_Kubernetes):
    """Count, average, least, greatest and percentiles of the durations that log lines name.

    Attributes:
        matching: a regular expression whose group `value`, or whose first group, is the number; without one, numbers
            after `duration`, `took`, `elapsed` or `latency`, with their unit, are found.
    """

    verb: Literal["log-durations"]
    selector: str = ""
    pod: str = ""
    container: str = ""
    tail: int = Field(default=5000, ge=1, le=100_000)
    since: Duration | None = None
    matching: str = ""


class RolloutRestart(_Kubernetes):
    """`kubectl rollout restart`: new pods, one after the other."""

    verb: Literal["rollout-restart"]
    deployment: str = SERVICE_DEPLOYMENT

    risk_of_verb: ClassVar[Risk] = "changing"


class RolloutPause(_Kubernetes):
    """`kubectl rollout pause`."""

    verb: Literal["rollout-pause"]
    deployment: str = SERVICE_DEPLOYMENT

    risk_of_verb: ClassVar[Risk] = "changing"


class RolloutResume(_Kubernetes):
    """`kubectl rollout resume`."""

    verb: Literal["rollout-resume"]
    deployment: str = SERVICE_DEPLOYMENT

    risk_of_verb: ClassVar[Risk] = "changing"


class Scale(_Kubernetes):
    """`kubectl scale deployment --replicas`. To nothing is destructive: nobody answers any more."""

    verb: Literal["scale"]
    deployment: str = SERVICE_DEPLOYMENT
    replicas: Count

    @property
    def risk(self) -> Risk:
        """Changing; destructive to 0."""
        return "destructive" if self.replicas == 0 else "changing"


class SetEnv(_Kubernetes):
    """`kubectl set env deployment NAME=VALUE`; None takes a name away. It starts a rollout."""

    verb: Literal["set-env"]
    deployment: str = SERVICE_DEPLOYMENT
    container: str = ""
    env: dict[str, str | None] = Field(min_length=1)

    risk_of_verb: ClassVar[Risk] = "changing"

    @field_validator("env", mode="before")
    @classmethod
    def _as_text(cls, given: object) -> object:
        """YAML reads `true` and `5` as what they are; an environment knows text alone."""
        if not isinstance(given, dict):
            return given
        return {name: as_text(value) for name, value in given.items()}


class SetImage(_Kubernetes):
    """`kubectl set image deployment CONTAINER=IMAGE`. It starts a rollout."""

    verb: Literal["set-image"]
    deployment: str = SERVICE_DEPLOYMENT
    images: dict[str, str] = Field(min_length=1)

    risk_of_verb: ClassVar[Risk] = "changing"


class DeletePods(_Kubernetes):
    """`kubectl delete pods`: one by name, or all that a selector matches; their owner starts new ones."""

    verb: Literal["delete-pods"]
    pod: str = ""
    selector: str = ""

    risk_of_verb: ClassVar[Risk] = "destructive"

    @field_validator("selector")
    @classmethod
    def _one(cls, selector: str, info: object) -> str:
        if bool(selector) == bool(getattr(info, "data", {}).get("pod")):
            raise PydanticCustomError("pods", "needs a `pod` or a `selector`, and not both")
        return selector


class EditConfigMap(_Kubernetes):
    """Sets keys of a config map; without `data` an editor opens on them, and the difference is shown and asked for."""

    verb: Literal["edit-config-map"]
    name: str
    data: dict[str, str] = Field(default_factory=dict)

    risk_of_verb: ClassVar[Risk] = "changing"


class Exec(_Kubernetes):
    """`kubectl exec`: one command in a container, its output captured, nothing typed into it.

    Attributes:
        pod: the pod; without one, the first ready pod of `selector`, else of `deployment`.
    """

    verb: Literal["exec"]
    pod: str = ""
    selector: str = ""
    deployment: str = ""
    container: str = ""
    command: tuple[str, ...] = Field(min_length=1)

    @property
    def risk(self) -> Risk:
        """What the command can do where it runs."""
        from cockpit.runbook.risk import risk_of_argv

        return risk_of_argv(self.command)


class PortForward(_Kubernetes):
    """`kubectl port-forward`: a port of this machine leads to one of a pod, until it is stopped.

    Attributes:
        local: the port here; 0 takes a free one.
    """

    verb: Literal["port-forward"]
    resource: str
    local: int = Field(default=0, ge=0, le=65535)
    port: int = Field(ge=1, le=65535)

    risk_of_verb: ClassVar[Risk] = "interactive"


KubernetesAction = Annotated[
    Get | Logs | LogPatterns | LogDurations | Describe | Events | Top
    | RolloutHistory | RolloutStatus | RolloutUndo | RolloutRestart | RolloutPause | RolloutResume
    | Scale | SetEnv | SetImage | DeletePods | EditConfigMap | Exec | PortForward,
    Field(discriminator="verb"),
]  # fmt: skip
