"""The deployment controller: rolls out new templates at the pace that surge, unavailability and readiness allow.

The rules are those of Kubernetes' own controller (pkg/controller/deployment), step by step.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from cockpit.simulator.cluster.controllers.controller import Controller, Key
from cockpit.simulator.cluster.controllers.replicasets import owner_reference
from cockpit.simulator.cluster.controllers.revisions import (
    REVISION,
    equal_template,
    max_revision,
    revision_of,
    set_replicas_annotations,
    synced_annotations,
    template_hash,
)
from cockpit.simulator.cluster.controllers.rollout import (
    created,
    desired_of,
    down_scaling,
    is_saturated,
    limits,
    new_replicas,
    proportional,
    removable,
    unhealthy_first,
)
from cockpit.simulator.cluster.controllers.rolloutstatus import (
    DeploymentStatus,
    condition_of,
    deadline_left,
    with_condition,
)
from cockpit.simulator.cluster.events import Events
from cockpit.simulator.cluster.objects.objects import Objects
from cockpit.simulator.cluster.resources import REPLICASETS
from cockpit.simulator.cluster.status import ApiError
from cockpit.simulator.cluster.store import Change, Record, Store
from cockpit.simulator.cluster.timeline import Timeline

Obj = dict[str, Any]

DELAY = 0.04


class DeploymentController(Controller):
    """Makes and scales replica sets for deployments, and keeps their status, conditions and revisions."""

    def __init__(self, store: Store, objects: Objects, events: Events, timeline: Timeline) -> None:
        super().__init__("deployments", store, timeline, DELAY)
        self._objects = objects
        self._events = events

    def observe(self, change: Change) -> None:
        """Take note of a change in the store; what follows from it is done a moment later."""
        if change.plural == "deployments":
            self._look_at(change.record)
        elif change.plural == "replicasets":
            self._notice_owner(change.record)
        elif change.plural == "pods" and change.type == "DELETED":
            # a Recreate rollout waits for the last old pod's end, of which the replica set may have nothing to tell
            for owner in change.record.obj["metadata"].get("ownerReferences", ()):
                replica_set = self._store.get("replicasets", change.record.namespace, owner["name"])
                if replica_set is not None:
                    self._notice_owner(replica_set)

    def _notice_owner(self, replica_set: Record) -> None:
        for owner in replica_set.obj["metadata"].get("ownerReferences", ()):
            if owner["kind"] == "Deployment":
                self._queue.add((replica_set.namespace, owner["name"]))

    def _sync(self, key: Key) -> None:
        record = self._store.get("deployments", *key)
        if record is None:
            return
        deployment = record.obj
        sets = sorted((each.obj for each in self._store.owned(record.uid, "replicasets")), key=created)
        if "deletionTimestamp" in deployment["metadata"]:
            self._keep_status(deployment, sets)
        elif deployment["spec"].get("paused"):
            deployment = self._note_pause(deployment)
            deployment, sets = self._revise(deployment, sets, create=False)
            self._keep_status(deployment, self._scale_all(deployment, sets))
        elif any(desired_of(each) not in (None, deployment["spec"]["replicas"]) for each in sets if _active(each)):
            deployment, sets = self._revise(self._note_pause(deployment), sets, create=False)
            self._keep_status(deployment, self._scale_all(deployment, sets))
        elif deployment["spec"]["strategy"]["type"] == "Recreate":
            self._recreate(self._note_pause(deployment), sets)
        else:
            self._roll(self._note_pause(deployment), sets)

    def _roll(self, deployment: Obj, sets: list[Obj]) -> None:
        deployment, sets = self._revise(deployment, sets, create=True)
        new = equal_template(deployment, sets)
        if new is None:
            return
        wanted = min(new_replicas(deployment, sets, new), deployment["spec"]["replicas"])
        if wanted != new["spec"]["replicas"]:
            sets = self._scale(deployment, sets, new, wanted)
        else:
            sets = self._scale_down_old(deployment, sets, new)
        self._finish(deployment, sets)

    def _scale_down_old(self, deployment: Obj, sets: list[Obj], new: Obj) -> list[Obj]:
        if removable(deployment, sets, new) <= 0:
            return sets
        for old, replicas in unhealthy_first(deployment, sets, new):
            sets = self._scale(deployment, sets, old, replicas)
        for old, replicas in down_scaling(deployment, sets, new):
            sets = self._scale(deployment, sets, old, replicas)
        return sets

    def _recreate(self, deployment: Obj, sets: list[Obj]) -> None:
        deployment, sets = self._revise(deployment, sets, create=False)
        new = equal_template(deployment, sets)
        old = [each for each in sets if each is not new]
        running = [each for each in old if _active(each)]
        for each in running:
            sets = self._scale(deployment, sets, each, 0)
        if running or any(self._has_pods(each) for each in old):
            self._keep_status(deployment, sets)
            return
        deployment, sets = self._revise(deployment, sets, create=True)
        new = equal_template(deployment, sets)
        if new is not None and new["spec"]["replicas"] != deployment["spec"]["replicas"]:
            sets = self._scale(deployment, sets, new, deployment["spec"]["replicas"])
        self._finish(deployment, sets)

    def _has_pods(self, replica_set: Obj) -> bool:
        pods = self._store.owned(replica_set["metadata"]["uid"], "pods")
        return any(pod.obj["status"].get("phase") not in ("Succeeded", "Failed") for pod in pods)

    def _scale_all(self, deployment: Obj, sets: list[Obj]) -> list[Obj]:
        """Spread a changed number of replicas over the replica sets, in proportion in the middle of a rollout."""
        wanted, new = deployment["spec"]["replicas"], equal_template(deployment, sets)
        old = [each for each in sets if each is not new]
        active = [each for each in sets if _active(each)]
        if len(active) <= 1:
            latest = active[0] if active else new or (old[-1] if old else None)
            return sets if latest is None else self._scale(deployment, sets, latest, wanted)
        if new is not None and is_saturated(deployment, new):
            for each in [each for each in old if _active(each)]:
                sets = self._scale(deployment, sets, each, 0)
            return sets
        if deployment["spec"]["strategy"]["type"] == "RollingUpdate":
            for each, replicas in proportional(deployment, active):
                sets = self._scale(deployment, sets, each, replicas)
        return sets

    def _revise(self, deployment: Obj, sets: list[Obj], *, create: bool) -> tuple[Obj, list[Obj]]:
        """Give the newest template its replica set (the old one where it is an old template) and its revision."""
        new = equal_template(deployment, sets)
        revision = max_revision([each for each in sets if each is not new]) + 1
        if new is None:
            if not create:
                return deployment, sets
            return self._create_set(deployment, sets, revision)
        annotations, changed = synced_annotations(deployment, new, revision)
        if changed:
            stored = self._put("replicasets", {**new, "metadata": {**new["metadata"], "annotations": annotations}})
            sets = _replaced(sets, stored)
            new = stored
        conditions = deployment.get("status", {}).get("conditions", [])
        if condition_of(conditions, "Progressing") is None:
            text = f'Found new replica set "{new["metadata"]["name"]}"'
            conditions = self._condition(conditions, "True", "FoundNewReplicaSet", text)
        return self._note(deployment, str(revision_of(new)), conditions), sets

    def _create_set(self, deployment: Obj, sets: list[Obj], revision: int) -> tuple[Obj, list[Obj]]:
        template = deepcopy(deployment["spec"]["template"])
        digest = template_hash(template, deployment.get("status", {}).get("collisionCount", 0))
        template["metadata"].setdefault("labels", {})["pod-template-hash"] = digest
        metadata, spec = deployment["metadata"], deployment["spec"]
        selector = deepcopy(spec["selector"])
        selector.setdefault("matchLabels", {})["pod-template-hash"] = digest
        body: Obj = {
            "metadata": {
                "name": f"{metadata['name']}-{digest}",
                "namespace": metadata["namespace"],
                "labels": template["metadata"]["labels"],
                "ownerReferences": [owner_reference(deployment)],
            },
            "spec": {"replicas": 0, "selector": selector, "template": template},
        }
        if spec.get("minReadySeconds"):
            body["spec"]["minReadySeconds"] = spec["minReadySeconds"]
        body["metadata"]["annotations"] = synced_annotations(deployment, body, revision)[0]
        set_replicas_annotations(body, spec["replicas"], limits(deployment)[0])
        replicas = new_replicas(deployment, sets, body)
        body["spec"]["replicas"] = replicas
        try:
            made = self._objects.create(REPLICASETS, metadata["namespace"], body)
        except ApiError as refused:
            return self._not_created(deployment, refused), sets
        if replicas:
            self._say_scaled(deployment, made["metadata"]["name"], 0, replicas)
        conditions = deployment.get("status", {}).get("conditions", [])
        text = f'Created new replica set "{made["metadata"]["name"]}"'
        conditions = self._condition(conditions, "True", "NewReplicaSetCreated", text)
        return self._note(deployment, str(revision), conditions), [*sets, made]

    def _not_created(self, deployment: Obj, refused: ApiError) -> Obj:
        """Try another hash where the name is taken; say in a condition what else is wrong."""
        status = deployment.get("status", {})
        if refused.code == 409:
            collisions = status.get("collisionCount", 0) + 1
            return self._put("deployments", {**deployment, "status": {**status, "collisionCount": collisions}})
        conditions = self._condition(
            status.get("conditions", []),
            "False",
            "ReplicaSetCreateError",
            f"Failed to create new replica set: {refused}",
        )
        return self._put("deployments", {**deployment, "status": {**status, "conditions": conditions}})

    def _scale(self, deployment: Obj, sets: list[Obj], replica_set: Obj, replicas: int) -> list[Obj]:
        """Set a replica set's size and what it says of its deployment's size."""
        before = replica_set["spec"]["replicas"]
        metadata = {**replica_set["metadata"], "annotations": dict(replica_set["metadata"].get("annotations", {}))}
        changed: Obj = {**replica_set, "metadata": metadata, "spec": {**replica_set["spec"], "replicas": replicas}}
        set_replicas_annotations(changed, deployment["spec"]["replicas"], limits(deployment)[0])
        if replicas != before:
            metadata["generation"] = metadata.get("generation", 1) + 1
        if changed == replica_set:
            return sets
        stored = self._put("replicasets", changed)
        if replicas != before:
            self._say_scaled(deployment, metadata["name"], before, replicas)
        return _replaced(sets, stored)

    def _say_scaled(self, deployment: Obj, name: str, before: int, after: int) -> None:
        way = "up" if after > before else "down"
        text = f"Scaled {way} replica set {name} from {before} to {after}"
        self._events.record(deployment, "Normal", "ScalingReplicaSet", text, "deployment-controller")

    def _finish(self, deployment: Obj, sets: list[Obj]) -> None:
        deployment = self._keep_status(deployment, sets, progress=True)
        progressing = condition_of(deployment["status"].get("conditions", []), "Progressing")
        if progressing is not None and progressing["reason"] == "NewReplicaSetAvailable":
            self._forget_oldest(deployment, sets)

    def _forget_oldest(self, deployment: Obj, sets: list[Obj]) -> None:
        """Delete the empty replica sets beyond `revisionHistoryLimit`."""
        new = equal_template(deployment, sets)
        old = sorted((each for each in sets if each is not new), key=revision_of)
        surplus = len(old) - deployment["spec"]["revisionHistoryLimit"]
        for each in old[: max(0, surplus)]:
            if each["spec"]["replicas"] == 0 and each.get("status", {}).get("replicas", 0) == 0:
                self._store.remove("replicasets", each["metadata"]["namespace"], each["metadata"]["name"])

    def _keep_status(self, deployment: Obj, sets: list[Obj], *, progress: bool = False) -> Obj:
        status = DeploymentStatus(deployment, sets, self._timeline).make(progress=progress)
        if status != deployment.get("status"):
            deployment = self._put("deployments", {**deployment, "status": status})
        left = deadline_left(deployment, self._timeline)
        if progress and left is not None:
            key = (deployment["metadata"]["namespace"], deployment["metadata"]["name"])
            self._queue.add(key, after=max(0.0, left) + 1.0)
        return deployment

    def _note(self, deployment: Obj, revision: str, conditions: list[Obj]) -> Obj:
        metadata, status = deployment["metadata"], deployment.get("status", {})
        annotations = {**metadata.get("annotations", {}), REVISION: revision}
        if conditions:
            status = {**status, "conditions": conditions}
        changed = {**deployment, "metadata": {**metadata, "annotations": annotations}, "status": status}
        return deployment if changed == deployment else self._put("deployments", changed)

    def _note_pause(self, deployment: Obj) -> Obj:
        conditions = deployment.get("status", {}).get("conditions", [])
        progressing = condition_of(conditions, "Progressing")
        paused, noted = bool(deployment["spec"].get("paused")), (progressing or {}).get("reason") == "DeploymentPaused"
        if (progressing or {}).get("reason") == "ProgressDeadlineExceeded" or paused == noted:
            return deployment
        reason, text = ("DeploymentPaused", "Deployment is paused") if paused else (
            "DeploymentResumed", "Deployment is resumed")  # fmt: skip
        conditions = self._condition(conditions, "Unknown", reason, text)
        return self._put("deployments", {**deployment, "status": {**deployment["status"], "conditions": conditions}})

    def _condition(self, conditions: list[Obj], status: str, reason: str, message: str) -> list[Obj]:
        return with_condition(conditions, "Progressing", status, reason, message, self._timeline.stamp())

    def _put(self, plural: str, obj: Obj) -> Obj:
        return self._store.put(plural, obj).obj


def _active(replica_set: Obj) -> bool:
    return bool(replica_set["spec"]["replicas"] > 0)


def _replaced(sets: list[Obj], stored: Obj) -> list[Obj]:
    return [stored if each["metadata"]["uid"] == stored["metadata"]["uid"] else each for each in sets]
