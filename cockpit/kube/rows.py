"""Slim frozen rows of what the cockpit shows of a cluster, made from raw JSON; all text in them is cleaned.

Their times are of our clock, which the cluster's is `ahead` of.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from cockpit.kube.managers import utc
from cockpit.kube.rollouts.deployed import DeploymentDetail, deployment_detail
from cockpit.kube.rowparts import HASH, key_of, tag
from cockpit.kube.shapes import Deployment, Event, ReplicaSet
from cockpit.kube.skew import NONE, ours
from cockpit.text import clean, safe

REVISION = "deployment.kubernetes.io/revision"
CHANGE_CAUSE = "kubernetes.io/change-cause"

# No reference cycles are possible in rows, so the collector need not look at them: 5,000 stop nothing.


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


_DEPLOYMENT = msgspec.json.Decoder(Deployment)
_REPLICA_SET = msgspec.json.Decoder(ReplicaSet)
_EVENT = msgspec.json.Decoder(Event)


def deployment_row(raw: bytes, ahead: timedelta = NONE) -> DeploymentRow:
    """The row of a deployment. Raises msgspec.DecodeError."""
    read, detail = ours(_DEPLOYMENT.decode(raw), ahead), deployment_detail(raw, ahead)
    meta, status = read.metadata, read.status
    annotations = meta.annotations or {}
    containers = read.spec.template.spec.containers or ()
    progressing = next((c for c in status.conditions or () if c.type == "Progressing"), None)
    return DeploymentRow(
        uid=key_of(meta),
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
        created=utc(meta.creation_timestamp),
        detail=detail,
    )


def replica_set_row(raw: bytes, ahead: timedelta = NONE) -> ReplicaSetRow:
    """The row of a replica set. Raises msgspec.DecodeError."""
    read = ours(_REPLICA_SET.decode(raw), ahead)
    meta, annotations = read.metadata, read.metadata.annotations or {}
    containers = read.spec.template.spec.containers or ()
    return ReplicaSetRow(
        uid=key_of(meta),
        name=clean(meta.name),
        owner_uid=next((owner.uid for owner in meta.owner_references or () if owner.controller), ""),
        revision=_revision(annotations),
        revision_hash=clean((meta.labels or {}).get(HASH, "")),
        change_cause=safe(annotations.get(CHANGE_CAUSE, "")),
        image=tag(containers[0].image) if containers else "",
        wanted=read.spec.replicas or 0,
        replicas=read.status.replicas,
        ready=read.status.ready_replicas,
        created=utc(meta.creation_timestamp),
        available=read.status.available_replicas,
    )


def event_row(raw: bytes, ahead: timedelta = NONE) -> EventRow:
    """The row of an event. Raises msgspec.DecodeError."""
    read = ours(_EVENT.decode(raw), ahead)
    series = read.series
    last = series.last_observed_time if series else None
    at = last or read.last_timestamp or read.event_time or read.first_timestamp or read.metadata.creation_timestamp
    return EventRow(
        uid=key_of(read.metadata),
        at=utc(at),
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


def _revision(annotations: Mapping[str, str]) -> int:
    """The revision that the deployment controller counted, 0 when it has not yet."""
    text = annotations.get(REVISION, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
