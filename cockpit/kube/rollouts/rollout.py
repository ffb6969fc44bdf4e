"""Rollouts: how far one is, which revisions there are, what going back to one changes, and the patch that does it."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec

from cockpit.kube.access import Access
from cockpit.kube.bounded import UNREADABLE
from cockpit.kube.errors import KubeError
from cockpit.kube.listing.paging import SMALL
from cockpit.kube.paths import resource_path
from cockpit.kube.rowparts import HASH
from cockpit.kube.rows import REVISION, DeploymentRow, deployment_row, replica_set_row
from cockpit.kube.shapes import Shape

HISTORY = "deployment.kubernetes.io/revision-history"
"""The numbers that a revision had before it came back."""
DESIRED = "deployment.kubernetes.io/desired-replicas"
OWN_ANNOTATIONS = (
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    HISTORY,
    DESIRED,
    "deployment.kubernetes.io/max-replicas",
)
"""Annotations that stay the deployment's own in a rollback, as `kubectl rollout undo` keeps them."""


@dataclass(frozen=True, slots=True)
class RolloutStatus:
    """How far a rollout is; `message` says it in a sentence, as `kubectl rollout status` does."""

    state: Literal["progressing", "complete", "stalled", "paused"]
    message: str


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a deployment: a replica set and the template it holds."""

    number: int
    change_cause: str
    image: str
    """The tag of its first container's image."""
    created: datetime | None
    replicas: int
    ready: int
    replica_set: str
    revision_hash: str
    current: bool
    """Whether the deployment's template is this one now."""
    template: dict[str, Any]
    """Without `pod-template-hash`: as the deployment would hold it. Text in it is not cleaned."""
    annotations: dict[str, str]


@dataclass(frozen=True, slots=True)
class Rollout:
    """A deployment as it is now, with its revisions, newest first."""

    deployment: DeploymentRow
    raw: dict[str, Any]
    """The deployment as the server sent it."""
    revisions: tuple[Revision, ...]

    def revision(self, number: int) -> Revision | None:
        """The revision with this number, when it is still kept."""
        return next((revision for revision in self.revisions if revision.number == number), None)


def status(row: DeploymentRow) -> RolloutStatus:
    """How far the rollout of `row` is; the rules and their order are those of `kubectl rollout status`."""
    if row.paused and not _complete(row):
        return RolloutStatus("paused", "paused: nothing rolls out until it is resumed")
    if row.observed_generation < row.generation:
        return RolloutStatus("progressing", "waiting for the controller to see the change")
    if row.progressing_reason == "ProgressDeadlineExceeded":
        return RolloutStatus("stalled", f"exceeded its progress deadline: {row.available}/{row.wanted} available")
    if row.updated < row.wanted:
        return RolloutStatus("progressing", f"{row.updated} of {row.wanted} new pods have been created")
    if row.replicas > row.updated:
        return RolloutStatus("progressing", f"{row.replicas - row.updated} old pods are still to end")
    if row.available < row.updated:
        return RolloutStatus("progressing", f"{row.available} of {row.updated} new pods are available")
    return RolloutStatus("complete", f"complete: {row.available}/{row.wanted} available")


def _complete(row: DeploymentRow) -> bool:
    seen = row.observed_generation >= row.generation
    return seen and row.updated >= row.wanted and row.replicas <= row.updated and row.available >= row.updated


async def read(access: Access, namespace: str, deployment: str) -> Rollout:
    """Read a deployment and its revisions as they are now. Raises KubeError."""
    answer = await access.call("GET", resource_path("apps/v1", "deployments", namespace, deployment))
    selected = access.decode(answer.body, _Selected).spec.selector.match_labels or {}
    query = {"labelSelector": ",".join(f"{key}={value}" for key, value in sorted(selected.items()))}
    listed = await access.call("GET", resource_path("apps/v1", "replicasets", namespace), query=query)
    if len(answer.body) + len(listed.body) <= SMALL:
        return _rollout(answer.body, listed.body, access)
    return await asyncio.to_thread(_rollout, answer.body, listed.body, access)


def _rollout(deployment: bytes, replica_sets: bytes, access: Access) -> Rollout:
    """A deployment and its revisions, from the raw answers. Raises KubeError."""
    raw = access.decode(deployment, dict[str, Any])
    try:
        row = deployment_row(deployment, access.ahead)
    except UNREADABLE as error:
        raise access.unreadable(error) from error
    items = access.decode(replica_sets, _Items).items or []
    template = _bare(raw.get("spec", {}).get("template") or {})
    found = [_revision(item, row.uid, template, access) for item in items]
    kept = sorted((one for one in found if one), key=lambda one: one.number, reverse=True)
    return Rollout(row, raw, tuple(kept))


class _Selected(Shape, frozen=True):
    """Only what is needed to ask for the replica sets."""

    class Spec(Shape, frozen=True):
        class Selector(Shape, frozen=True):
            match_labels: dict[str, str] | None = None

        selector: Selector = Selector()

    spec: Spec = Spec()


class _Items(msgspec.Struct, frozen=True):
    items: list[msgspec.Raw] | None = None


def _revision(item: msgspec.Raw, owner: str, current: dict[str, Any], access: Access) -> Revision | None:
    """The revision that a replica set holds; None when it is not the deployment's, or has no number."""
    try:
        row = replica_set_row(bytes(item), access.ahead)
    except UNREADABLE as error:
        raise access.unreadable(error) from error
    if row.owner_uid != owner or not row.revision:
        return None
    raw = access.decode(bytes(item), dict[str, Any])
    template = _bare(raw.get("spec", {}).get("template") or {})
    return Revision(
        number=row.revision,
        change_cause=row.change_cause,
        image=row.image,
        created=row.created,
        replicas=row.replicas,
        ready=row.ready,
        replica_set=row.name,
        revision_hash=row.revision_hash,
        current=template == current,
        template=template,
        annotations=raw["metadata"].get("annotations") or {},
    )


def _bare(template: dict[str, Any]) -> dict[str, Any]:
    """A template without the label that the controller adds to tell replica sets apart."""
    made = copy.deepcopy(template)
    (made.get("metadata", {}).get("labels") or {}).pop(HASH, None)
    return made


def rollback_patch(rollout: Rollout, number: int) -> list[dict[str, Any]]:
    """The JSON Patch that takes a deployment back to revision `number`, for `access.JSON_PATCH`.

    There is no API for it: as `kubectl rollout undo --to-revision` does, the revision's template and annotations are
    put into the deployment. The patch holds only for the deployment as it was read: a change meanwhile is a conflict.

    Raises:
        KubeError: "invalid" when the deployment is paused or has that template already, "not-found" when the
            revision is no longer kept.
    """
    row = rollout.deployment
    if row.paused:
        raise KubeError("invalid", f"deployment {row.name} is paused: a rollback would do nothing", "resume it first")
    wanted = rollout.revision(number)
    if wanted is None:
        kept = ", ".join(str(revision.number) for revision in rollout.revisions) or "none"
        raise KubeError("not-found", f"deployment {row.name} has no revision {number}; kept are: {kept}", "choose one")
    if wanted.current:
        raise KubeError("invalid", f"deployment {row.name} is at revision {number} already", "choose an earlier one")
    own = rollout.raw.get("metadata", {}).get("annotations")
    annotations = {key: value for key, value in (own or {}).items() if key in OWN_ANNOTATIONS}
    annotations |= {key: value for key, value in wanted.annotations.items() if key not in OWN_ANNOTATIONS}
    return [
        {"op": "test", "path": "/metadata/resourceVersion", "value": row.resource_version},
        {"op": "replace", "path": "/spec/template", "value": wanted.template},
        {"op": "replace" if own is not None else "add", "path": "/metadata/annotations", "value": annotations},
    ]
