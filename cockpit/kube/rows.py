"""Slim frozen rows of what the cockpit shows of a cluster, made from raw JSON; all text in them is cleaned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from cockpit.kube import podstatus
from cockpit.kube.deployed import DeploymentDetail, deployment_detail
from cockpit.kube.managers import utc as _utc
from cockpit.kube.shapes import NO_STATE, Deployment, Event, Meta, Named, Pod, ReplicaSet
from cockpit.text import clean, safe

REVISION = "deployment.kubernetes.io/revision"
CHANGE_CAUSE = "kubernetes.io/change-cause"
HASH = "pod-template-hash"
DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"

# No reference cycles are possible in rows, so the collector need not look at them: 5,000 stop nothing.


class PodRow(msgspec.Struct, frozen=True, gc=False):
    """One pod as the pods pane shows it."""

    uid: str
    name: str
    namespace: str
    status: str
    """What kubectl's STATUS column says; `Unreadable` when the server sent what is not a pod."""
    ready_count: int = 0
    containers: int = 0
    restarts: int = 0
    last_restart: datetime | None = None
    last_end: str = ""
    """What the life before that restart ended by, in Kubernetes' words: OOMKilled, Error, Completed, …"""
    created: datetime | None = None
    started: datetime | None = None
    """When the youngest of its running containers started."""
    node: str = ""
    ip: str = ""
    revision_hash: str = ""
    """The label `pod-template-hash`: which replica set's template it was made from."""
    image: str = ""
    """The tag (or short digest) of its default container's image."""
    owner: str = ""
    deleting: bool = False
    crash_reason: str = ""
    """Empty, or why it does not stay up: CrashLoopBackOff, OOMKilled, ImagePullBackOff, …"""
    exit_code: int | None = None
    ready_condition: bool = False

    @property
    def ready(self) -> str:
        """kubectl's READY column, as `0/1`."""
        return f"{self.ready_count}/{self.containers}"

    @property
    def crashing(self) -> bool:
        """Whether it does not stay up."""
        return self.crash_reason != ""

    @property
    def ready_bool(self) -> bool:
        """Whether it serves: its Ready condition holds and it is not being deleted."""
        return self.ready_condition and not self.deleting


class DeploymentRow(msgspec.Struct, frozen=True, gc=False):
    """A deployment as far as a rollout is concerned."""

    uid: str
    name: str
    namespace: str
    resource_version: str = ""
    generation: int = 0
    observed_generation: int = 0
    revision: int = 0
    change_cause: str = ""
    image: str = ""
    paused: bool = False
    wanted: int = 1
    replicas: int = 0
    updated: int = 0
    ready: int = 0
    available: int = 0
    progressing_reason: str = ""
    """The reason of its Progressing condition: NewReplicaSetCreated, ProgressDeadlineExceeded, …"""
    changed_by: str = ""
    """The field manager that last set the pod template: a program's name, as `kubectl-set` or `helm`, no person's."""
    gitops: str = ""
    """`Argo CD` or `Flux` when labels or annotations say that one of them owns it: they revert what others change."""
    created: datetime | None = None
    detail: DeploymentDetail = DeploymentDetail()


class ReplicaSetRow(msgspec.Struct, frozen=True, gc=False):
    """A replica set: one revision of a deployment."""

    uid: str
    name: str
    owner_uid: str = ""
    revision: int = 0
    revision_hash: str = ""
    change_cause: str = ""
    image: str = ""
    wanted: int = 0
    replicas: int = 0
    ready: int = 0
    created: datetime | None = None
    available: int = 0


class EventRow(msgspec.Struct, frozen=True, gc=False):
    """An event: something that a controller or kubelet reported of an object."""

    uid: str
    at: datetime | None
    """When it was last seen."""
    type: str
    reason: str
    message: str
    kind: str = ""
    name: str = ""
    count: int = 1
    source: str = ""


_POD = msgspec.json.Decoder(Pod)
_DEPLOYMENT = msgspec.json.Decoder(Deployment)
_REPLICA_SET = msgspec.json.Decoder(ReplicaSet)
_EVENT = msgspec.json.Decoder(Event)
_NAMED = msgspec.json.Decoder(Named)


def tag(image: str) -> str:
    """What tells one release of an image from another: its tag, else the start of its digest, else `latest`."""
    name, _, digest = image.partition("@")
    version = name.rpartition("/")[2].partition(":")[2]
    if version or not digest:
        return clean(version or "latest") if image else ""
    return clean(digest[:19])


def pod_row(raw: bytes) -> PodRow:
    """The row of a pod. One that is not as the API promises gets the status `Unreadable`.

    Raises:
        msgspec.DecodeError: not even its name can be read.
    """
    try:
        pod = _POD.decode(raw)
    except msgspec.DecodeError:
        meta = _NAMED.decode(raw).metadata
        return PodRow(_key(meta), clean(meta.name), clean(meta.namespace), "Unreadable")
    return _pod_row(pod)


def _pod_row(pod: Pod) -> PodRow:
    meta, labels = pod.metadata, pod.metadata.labels or {}
    seen, crash = podstatus.seen(pod), podstatus.crash(pod)
    conditions = pod.status.conditions or ()
    owner = next((owner for owner in meta.owner_references or () if owner.controller), None)
    return PodRow(
        uid=_key(meta),
        name=clean(meta.name),
        namespace=clean(meta.namespace),
        status=clean(seen.status) or "Unknown",
        ready_count=seen.ready,
        containers=seen.containers,
        restarts=seen.restarts,
        last_restart=_utc(seen.last_restart),
        last_end=clean(seen.last_end),
        created=_utc(meta.creation_timestamp),
        started=_started(pod),
        node=clean(pod.spec.node_name),
        ip=clean(pod.status.pod_ip),
        revision_hash=clean(labels.get(HASH, "")),
        image=tag(_default_image(pod)),
        owner=clean(f"{owner.kind}/{owner.name}") if owner else "",
        deleting=meta.deletion_timestamp is not None,
        crash_reason=crash.reason if crash else "",
        exit_code=crash.exit_code if crash else None,
        ready_condition=any(c.type == "Ready" and c.status == "True" for c in conditions),
    )


def deployment_row(raw: bytes) -> DeploymentRow:
    """The row of a deployment. Raises msgspec.DecodeError."""
    read, detail = _DEPLOYMENT.decode(raw), deployment_detail(raw)
    meta, status = read.metadata, read.status
    annotations = meta.annotations or {}
    containers = read.spec.template.spec.containers or ()
    progressing = next((c for c in status.conditions or () if c.type == "Progressing"), None)
    return DeploymentRow(
        uid=_key(meta),
        name=clean(meta.name),
        namespace=clean(meta.namespace),
        resource_version=meta.resource_version,
        generation=meta.generation,
        observed_generation=status.observed_generation,
        revision=_revision(annotations),
        change_cause=safe(annotations.get(CHANGE_CAUSE, "")),
        image=tag(containers[0].image) if containers else "",
        paused=read.spec.paused,
        wanted=1 if read.spec.replicas is None else read.spec.replicas,
        replicas=status.replicas,
        updated=status.updated_replicas,
        ready=status.ready_replicas,
        available=status.available_replicas,
        progressing_reason=clean(progressing.reason) if progressing else "",
        changed_by=detail.released.name,
        gitops=gitops(meta.labels or {}, annotations),
        created=_utc(meta.creation_timestamp),
        detail=detail,
    )


def replica_set_row(raw: bytes) -> ReplicaSetRow:
    """The row of a replica set. Raises msgspec.DecodeError."""
    read = _REPLICA_SET.decode(raw)
    meta, annotations = read.metadata, read.metadata.annotations or {}
    containers = read.spec.template.spec.containers or ()
    return ReplicaSetRow(
        uid=_key(meta),
        name=clean(meta.name),
        owner_uid=next((owner.uid for owner in meta.owner_references or () if owner.controller), ""),
        revision=_revision(annotations),
        revision_hash=clean((meta.labels or {}).get(HASH, "")),
        change_cause=safe(annotations.get(CHANGE_CAUSE, "")),
        image=tag(containers[0].image) if containers else "",
        wanted=read.spec.replicas or 0,
        replicas=read.status.replicas,
        ready=read.status.ready_replicas,
        created=_utc(meta.creation_timestamp),
        available=read.status.available_replicas,
    )


def event_row(raw: bytes) -> EventRow:
    """The row of an event. Raises msgspec.DecodeError."""
    read = _EVENT.decode(raw)
    series = read.series
    last = series.last_observed_time if series else None
    at = last or read.last_timestamp or read.event_time or read.first_timestamp or read.metadata.creation_timestamp
    return EventRow(
        uid=_key(read.metadata),
        at=_utc(at),
        type=clean(read.type),
        reason=clean(read.reason),
        message=safe(read.message),
        kind=clean(read.involved_object.kind),
        name=clean(read.involved_object.name),
        count=(series.count if series else read.count) or 1,
        source=clean(read.source.component or read.reporting_component),
    )


def gitops(labels: Mapping[str, str], annotations: Mapping[str, str]) -> str:
    """Which GitOps controller says, by its own labels and annotations, that an object is its own; empty for none."""
    keys = [*labels, *annotations]
    if any(key.startswith("argocd.argoproj.io/") for key in keys):
        return "Argo CD"
    return "Flux" if any(".toolkit.fluxcd.io/" in key for key in keys) else ""


def _key(meta: Meta) -> str:
    """What an object is known by: its uid, else (a server that sends none) its name."""
    if not (meta.uid or meta.name):
        raise msgspec.ValidationError("an object without uid and name")
    return meta.uid or meta.name


def _revision(annotations: Mapping[str, str]) -> int:
    """The revision that the deployment controller counted, 0 when it has not yet."""
    text = annotations.get(REVISION, "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _started(pod: Pod) -> datetime | None:
    states = [(container.state or NO_STATE).running for container in pod.status.container_statuses or ()]
    return _utc(max((state.started_at for state in states if state and state.started_at), default=None))


def _default_image(pod: Pod) -> str:
    """The image of the container that the pod calls its default, else of its first."""
    containers = pod.spec.containers or ()
    wanted = (pod.metadata.annotations or {}).get(DEFAULT_CONTAINER)
    named = [container.image for container in containers if container.name == wanted]
    return (named or [container.image for container in containers] or [""])[0]
