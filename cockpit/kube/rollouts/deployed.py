"""What a deployment says of itself beyond its counts: its conditions, its template, and who set what of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from cockpit.kube.managers import Setter, setter_of, utc
from cockpit.kube.shapes import OwnedMeta, Shape
from cockpit.kube.skew import NONE, ours
from cockpit.text import clean, safe


class ConditionRow(msgspec.Struct, frozen=True, gc=False):
    """A condition of a deployment: Available, Progressing, ReplicaFailure."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    since: datetime | None = None
    """When it last went from one status to another."""
    updated: datetime | None = None
    """When it was last confirmed; of Progressing, when the rollout last got on."""

    @property
    def holds(self) -> bool:
        """Whether it is true."""
        return self.status == "True"


class DeploymentDetail(msgspec.Struct, frozen=True, gc=False):
    """The rest of a deployment.

    Attributes:
        deadline: seconds without progress after which a rollout counts as stalled (progressDeadlineSeconds).
        template: the pod template as raw JSON; text in it is not cleaned.
        released: who set the template last, and when; `scaled` and `paused` the same of those fields.
    """

    deadline: int = 600
    conditions: tuple[ConditionRow, ...] = ()
    template: bytes = b""
    released: Setter = Setter()
    scaled: Setter = Setter()
    paused: Setter = Setter()

    def condition(self, type: str) -> ConditionRow | None:
        """The condition of that type, where there is one."""
        return next((each for each in self.conditions if each.type == type), None)


class _Condition(Shape, frozen=True):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_update_time: datetime | None = None
    last_transition_time: datetime | None = None


class _Spec(Shape, frozen=True):
    progress_deadline_seconds: int | None = None
    template: msgspec.Raw = msgspec.Raw(b"{}")


class _Status(Shape, frozen=True):
    conditions: list[_Condition] | None = None


class _Deployment(Shape, frozen=True):
    metadata: OwnedMeta = OwnedMeta()
    spec: _Spec = _Spec()
    status: _Status = _Status()


_DEPLOYMENT = msgspec.json.Decoder(_Deployment)


def deployment_detail(raw: bytes, ahead: timedelta = NONE) -> DeploymentDetail:
    """The detail of a deployment's raw JSON. Raises msgspec.DecodeError.

    Its times are of our clock, which the cluster's is `ahead` of.
    """
    read = ours(_DEPLOYMENT.decode(raw), ahead)
    managed, deadline = read.metadata.managed_fields, read.spec.progress_deadline_seconds
    return DeploymentDetail(
        deadline=600 if deadline is None else deadline,
        conditions=tuple(_row(each) for each in read.status.conditions or ()),
        template=bytes(read.spec.template),
        released=setter_of(managed, "template"),
        scaled=setter_of(managed, "replicas"),
        paused=setter_of(managed, "paused"),
    )


def _row(condition: _Condition) -> ConditionRow:
    return ConditionRow(
        clean(condition.type),
        clean(condition.status),
        clean(condition.reason),
        safe(condition.message),
        utc(condition.last_transition_time),
        utc(condition.last_update_time),
    )
