"""The slim shapes that API objects are decoded into: only the fields that rows need, in the API's own names.

Names are the Kubernetes API's (core/v1, apps/v1, meta/v1), hence camelCase. Every list may be null, as Go encodes a nil
slice, and everything may be absent.
"""

from __future__ import annotations

from datetime import datetime

import msgspec


class Shape(msgspec.Struct, frozen=True, rename="camel"):
    """Snake-case fields here, camelCase on the wire."""


class Owner(Shape, frozen=True):
    """metav1.OwnerReference."""

    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class FieldOwner(Shape, frozen=True):
    """metav1.ManagedFieldsEntry: who last set which fields, and when."""

    manager: str = ""
    time: datetime | None = None
    subresource: str = ""
    fields_v1: dict[str, msgspec.Raw] | None = msgspec.field(name="fieldsV1", default=None)


class Meta(Shape, frozen=True):
    """metav1.ObjectMeta."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    finalizers: list[str] | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: list[Owner] | None = None


class OwnedMeta(Meta, frozen=True):
    """The same with who set its fields; only deployments are asked, because it doubles an object's size."""

    managed_fields: list[FieldOwner] | None = None


class Condition(Shape, frozen=True):
    """A condition of a pod or a deployment."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: datetime | None = None


class Resources(Shape, frozen=True):
    """core/v1.ResourceRequirements: quantities by the resource's name."""

    limits: dict[str, str] | None = None
    requests: dict[str, str] | None = None


class Probe(Shape, frozen=True):
    """core/v1.Probe, as far as it says how long it may take; the defaults are the API's."""

    initial_delay_seconds: int = 0
    period_seconds: int = 10
    failure_threshold: int = 3


class Container(Shape, frozen=True):
    """core/v1.Container."""

    name: str = ""
    image: str = ""
    restart_policy: str | None = None
    resources: Resources | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None


class ReadinessGate(Shape, frozen=True):
    """core/v1.PodReadinessGate."""

    condition_type: str = ""


class PodSpec(Shape, frozen=True):
    """core/v1.PodSpec."""

    containers: list[Container] | None = None
    init_containers: list[Container] | None = None
    node_name: str = ""
    restart_policy: str = "Always"
    resources: Resources | None = None
    overhead: dict[str, str] | None = None
    readiness_gates: list[ReadinessGate] | None = None


class Waiting(Shape, frozen=True):
    """core/v1.ContainerStateWaiting."""

    reason: str = ""
    message: str = ""


class Running(Shape, frozen=True):
    """core/v1.ContainerStateRunning."""

    started_at: datetime | None = None


class Terminated(Shape, frozen=True):
    """core/v1.ContainerStateTerminated."""

    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None


class State(Shape, frozen=True):
    """core/v1.ContainerState: at most one is set."""

    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


NO_STATE = State()


class ContainerStatus(Shape, frozen=True):
    """core/v1.ContainerStatus."""

    name: str = ""
    state: State | None = None
    last_state: State | None = None
    ready: bool = False
    restart_count: int = 0
    started: bool | None = None


class PodStatus(Shape, frozen=True):
    """core/v1.PodStatus."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    pod_ip: str = msgspec.field(name="podIP", default="")


class Pod(Shape, frozen=True):
    """core/v1.Pod."""

    metadata: Meta = Meta()
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


class TemplateSpec(Shape, frozen=True):
    """core/v1.PodTemplateSpec."""

    spec: PodSpec = PodSpec()


class WorkloadSpec(Shape, frozen=True):
    """What DeploymentSpec and ReplicaSetSpec share, and `paused`."""

    replicas: int | None = None
    paused: bool = False
    template: TemplateSpec = TemplateSpec()


class WorkloadStatus(Shape, frozen=True):
    """What DeploymentStatus and ReplicaSetStatus have of each other's fields."""

    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    conditions: list[Condition] | None = None


class Deployment(Shape, frozen=True):
    """apps/v1.Deployment."""

    metadata: OwnedMeta = OwnedMeta()
    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()


class ReplicaSet(Shape, frozen=True):
    """apps/v1.ReplicaSet."""

    metadata: Meta = Meta()
    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()


class Involved(Shape, frozen=True):
    """core/v1.ObjectReference."""

    kind: str = ""
    name: str = ""


class Series(Shape, frozen=True):
    """core/v1.EventSeries."""

    count: int = 0
    last_observed_time: datetime | None = None


class Source(Shape, frozen=True):
    """core/v1.EventSource."""

    component: str = ""


class Event(Shape, frozen=True):
    """core/v1.Event."""

    metadata: Meta = Meta()
    involved_object: Involved = Involved()
    reason: str = ""
    message: str = ""
    type: str = ""
    count: int | None = None
    first_timestamp: datetime | None = None
    last_timestamp: datetime | None = None
    event_time: datetime | None = None
    series: Series | None = None
    source: Source = Source()
    reporting_component: str = ""


class ListMeta(Shape, frozen=True):
    """metav1.ListMeta."""

    resource_version: str = ""
    continue_: str = msgspec.field(name="continue", default="")


class Page(Shape, frozen=True):
    """One page of a list; items stay raw, so that one bad object cannot spoil the page."""

    metadata: ListMeta = ListMeta()
    items: list[msgspec.Raw] | None = None


class WatchEvent(Shape, frozen=True):
    """metav1.WatchEvent."""

    type: str = ""
    object: msgspec.Raw = msgspec.Raw(b"{}")


class Named(Shape, frozen=True):
    """The least that an object is known by."""

    metadata: Meta = Meta()
