"""Revisions: which replica set belongs to which template, and the annotations that number them."""

from __future__ import annotations

import json
from typing import Any

from cockpit.simulator.cluster.names import ALPHABET

Obj = dict[str, Any]

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
_NOT_COPIED = {
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    HISTORY,
    DESIRED,
    MAXIMUM,
    "deprecated.deployment.rollback.to",
}


def template_hash(template: Obj, collisions: int) -> str:
    """The pod-template-hash: FNV-1a in 32 bits, its digits written in the alphabet of random names."""
    text = json.dumps(template, sort_keys=True) + (str(collisions) if collisions else "")
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return "".join(ALPHABET[ord(digit) % len(ALPHABET)] for digit in str(value))


def equal_template(deployment: Obj, sets: list[Obj]) -> Obj | None:
    """The oldest replica set with the deployment's template: the one that a rollback wakes."""
    wanted = deployment["spec"]["template"]
    return next((each for each in sets if _without_hash(each["spec"]["template"]) == wanted), None)


def _without_hash(template: Obj) -> Obj:
    metadata = template.get("metadata", {})
    labels = {key: value for key, value in metadata.get("labels", {}).items() if key != "pod-template-hash"}
    plain = {key: value for key, value in metadata.items() if key != "labels"}
    return {**template, "metadata": {**plain, "labels": labels} if labels else plain}


def revision_of(obj: Obj) -> int:
    """The revision of a deployment or replica set, 0 when it has none."""
    text = obj["metadata"].get("annotations", {}).get(REVISION, "0")
    return int(text) if text.isdecimal() else 0


def max_revision(sets: list[Obj]) -> int:
    """The highest revision that any of the replica sets has; 0 for none."""
    return max((revision_of(each) for each in sets), default=0)


def synced_annotations(deployment: Obj, replica_set: Obj, revision: int) -> tuple[Obj, bool]:
    """The annotations that a replica set should have as the deployment's newest, and whether it lacks them.

    The deployment's own are copied (the change-cause among them); an old revision that comes back is remembered.
    """
    present = replica_set["metadata"].get("annotations", {})
    wanted = dict(present)
    for key, value in deployment["metadata"].get("annotations", {}).items():
        if key not in _NOT_COPIED:
            wanted[key] = value
    before = revision_of(replica_set)
    if before < revision:
        wanted[REVISION] = str(revision)
        if before:
            wanted[HISTORY] = ",".join(filter(None, (present.get(HISTORY), str(before))))
    return wanted, wanted != present


def set_replicas_annotations(replica_set: Obj, desired: int, surge: int) -> None:
    """Write what the deployment wanted when this replica set was last scaled; in place."""
    annotations = replica_set["metadata"].setdefault("annotations", {})
    annotations[DESIRED] = str(desired)
    annotations[MAXIMUM] = str(desired + surge)
