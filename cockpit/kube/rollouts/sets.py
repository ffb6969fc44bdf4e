"""The revisions of stateful sets and daemon sets, which ControllerRevisions keep, and how far their rollout is.

Sources: kubernetes.io, "StatefulSet" and "DaemonSet", and the ControllerRevision of apps/v1; the words of a rollout are
those of `kubectl rollout status` (k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec

from cockpit.kube.access import Access
from cockpit.kube.bounded import UNREADABLE
from cockpit.kube.listing.paging import SMALL
from cockpit.kube.managers import utc
from cockpit.kube.paths import resource_path
from cockpit.kube.rowparts import tag
from cockpit.kube.rows import CHANGE_CAUSE
from cockpit.kube.shapes import Meta, Shape
from cockpit.kube.skew import ours
from cockpit.text import clean, safe

SetKind = Literal["StatefulSet", "DaemonSet"]
RESOURCES: Mapping[str, str] = {"StatefulSet": "statefulsets", "DaemonSet": "daemonsets"}
HASH = "controller-revision-hash"
"""The label by which pods say their revision: of a stateful set its whole name, of a daemon set the end of it."""
_MOST = 100
"""Revisions that are read; ten are kept unless somebody wants more (`revisionHistoryLimit`)."""


@dataclass(frozen=True, slots=True)
class SetRevision:
    """One revision of a set.

    Attributes:
        name: of its ControllerRevision; `hashed` what the pods' label has for it.
        image: the tag of the first container's image.
        current: whether it is the one that the set brings now.
        template: as the set would hold it. Text in it is not cleaned.
    """

    number: int
    name: str
    hashed: str
    image: str
    created: datetime | None
    change_cause: str
    current: bool
    template: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SetRollout:
    """A set as it is now: how far its rollout is, in a sentence, and its revisions, the newest first."""

    kind: SetKind
    name: str
    done: bool
    message: str
    revisions: tuple[SetRevision, ...]


class _Selector(Shape, frozen=True):
    match_labels: dict[str, str] | None = None


class _Rolling(Shape, frozen=True):
    partition: int | None = None


class _Strategy(Shape, frozen=True):
    type: str = "RollingUpdate"
    rolling_update: _Rolling | None = None


class _Spec(Shape, frozen=True):
    selector: _Selector = _Selector()
    replicas: int | None = None
    update_strategy: _Strategy = _Strategy()


class _Status(Shape, frozen=True):
    observed_generation: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    desired_number_scheduled: int = 0
    updated_number_scheduled: int = 0
    number_available: int = 0


class _Set(Shape, frozen=True):
    metadata: Meta = Meta()
    spec: _Spec = _Spec()
    status: _Status = _Status()


class _Items(msgspec.Struct, frozen=True):
    items: list[msgspec.Raw] | None = None


class _Kept(Shape, frozen=True):
    """A ControllerRevision."""

    metadata: Meta = Meta()
    revision: int = 0
    data: msgspec.Raw = msgspec.Raw(b"{}")


_KEPT = msgspec.json.Decoder(_Kept)


async def read(access: Access, namespace: str, kind: SetKind, name: str) -> SetRollout:
    """Read a set and its revisions as they are now. Raises KubeError."""
    answer = await access.call("GET", resource_path("apps/v1", RESOURCES[kind], namespace, name))
    owner = access.decode(answer.body, _Set)
    labels = owner.spec.selector.match_labels or {}
    selector = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    query = {"limit": str(_MOST)} | ({"labelSelector": selector} if selector else {})
    listed = await access.call("GET", resource_path("apps/v1", "controllerrevisions", namespace), query=query)
    if len(listed.body) <= SMALL:
        return _rollout(kind, owner, listed.body, access)
    return await asyncio.to_thread(_rollout, kind, owner, listed.body, access)


def _rollout(kind: SetKind, owner: _Set, listed: bytes, access: Access) -> SetRollout:
    items = access.decode(listed, _Items).items or []
    try:
        kept = [_KEPT.decode(bytes(item)) for item in items]
    except UNREADABLE as error:
        raise access.unreadable(error) from error
    owners = ((each, {ref.uid for ref in each.metadata.owner_references or ()}) for each in kept)
    own = sorted((each for each, uids in owners if owner.metadata.uid in uids), key=lambda each: -each.revision)
    brought = owner.status.update_revision or (own[0].metadata.name if own else "")
    done, message = status_of(kind, owner)
    revisions = tuple(_revision(each, brought, access) for each in own)
    return SetRollout(kind, clean(owner.metadata.name), done, message, revisions)


def _revision(kept: _Kept, brought: str, access: Access) -> SetRevision:
    data = access.decode(bytes(kept.data), dict[str, Any])
    template = _part(_part(data, "spec"), "template")
    template.pop("$patch", None)  # with which it replaces the set's own
    containers = _part(template, "spec").get("containers")
    first = containers[0] if isinstance(containers, list) and containers else {}
    meta = kept.metadata
    name = clean(meta.name)
    return SetRevision(
        number=kept.revision,
        name=name,
        hashed=clean((meta.labels or {}).get(HASH, "")) or name,
        image=tag(str(first.get("image", ""))) if isinstance(first, dict) else "",
        created=utc(ours(meta.creation_timestamp, access.ahead)),
        change_cause=safe((meta.annotations or {}).get(CHANGE_CAUSE, "")),
        current=meta.name == brought,
        template=template,
    )


def _part(value: dict[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def status_of(kind: SetKind, owner: _Set) -> tuple[bool, str]:
    """Whether the rollout is complete, and how far it is in a sentence."""
    spec, status = owner.spec, owner.status
    if owner.metadata.generation > status.observed_generation:
        return False, "waiting for the controller to see the change"
    if spec.update_strategy.type != "RollingUpdate":
        return True, f"{spec.update_strategy.type}: a pod takes a new template when somebody deletes it"
    return _stateful(spec, status) if kind == "StatefulSet" else _daemon(status)


def _stateful(spec: _Spec, status: _Status) -> tuple[bool, str]:
    wanted = 1 if spec.replicas is None else spec.replicas
    if status.ready_replicas < wanted:
        return False, f"{wanted - status.ready_replicas} of {wanted} pods are not ready yet"
    kept = (spec.update_strategy.rolling_update or _Rolling()).partition or 0
    if kept:
        new = max(0, wanted - kept)
        if status.updated_replicas < new:
            return False, f"{status.updated_replicas} of {new} pods from ordinal {kept} on have been updated"
        return True, f"complete down to its partition: {status.updated_replicas} of {wanted} pods updated"
    if status.update_revision != status.current_revision:
        return False, f"{status.updated_replicas} of {wanted} pods have been updated"
    return True, f"complete: {status.ready_replicas}/{wanted} ready"


def _daemon(status: _Status) -> tuple[bool, str]:
    wanted = status.desired_number_scheduled
    if status.updated_number_scheduled < wanted:
        return False, f"{status.updated_number_scheduled} of {wanted} pods have been updated"
    if status.number_available < wanted:
        return False, f"{status.number_available} of {wanted} updated pods are available"
    return True, f"complete: {status.number_available}/{wanted} available"
