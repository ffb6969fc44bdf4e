"""A deployment's status: its counts, and the conditions that say whether it is available and getting on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cockpit.simulator.cluster.controllers.revisions import equal_template
from cockpit.simulator.cluster.controllers.rollout import available, limits, total_replicas
from cockpit.simulator.cluster.timeline import Timeline, parse_time

Obj = dict[str, Any]

_FINISHED = "NewReplicaSetAvailable"
_TIMED_OUT = "ProgressDeadlineExceeded"


def condition_of(conditions: list[Obj], kind: str) -> Obj | None:
    """The condition of that type; None where the status has none."""
    return next((each for each in conditions if each["type"] == kind), None)


def with_condition(conditions: list[Obj], kind: str, status: str, reason: str, message: str, now: str) -> list[Obj]:
    """The conditions with this one set; unchanged where status and reason are what they were."""
    present = condition_of(conditions, kind)
    if present is not None and (present["status"], present["reason"]) == (status, reason):
        return conditions
    since = present["lastTransitionTime"] if present is not None and present["status"] == status else now
    made = {
        "type": kind,
        "status": status,
        "lastUpdateTime": now,
        "lastTransitionTime": since,
        "reason": reason,
        "message": message,
    }
    return [*(each for each in conditions if each["type"] != kind), made]


def deadline_left(deployment: Obj, timeline: Timeline) -> float | None:
    """Simulated seconds until a rollout that does not get on counts as failed; None when none is under way."""
    progressing = condition_of(deployment.get("status", {}).get("conditions", []), "Progressing")
    if progressing is None or progressing["reason"] in (_FINISHED, _TIMED_OUT) or deployment["spec"].get("paused"):
        return None
    # times are written to the second: counting from the end of that second, the deadline is never early
    waited = timeline.now() - parse_time(progressing["lastUpdateTime"]) - timedelta(seconds=1)
    left: float = deployment["spec"]["progressDeadlineSeconds"] - timeline.pace.simulated(waited.total_seconds())
    return left


class DeploymentStatus:
    """Computes the status of one deployment from its replica sets."""

    def __init__(self, deployment: Obj, sets: list[Obj], timeline: Timeline) -> None:
        self._deployment = deployment
        self._sets = sets
        self._timeline = timeline
        self._new = equal_template(deployment, sets)
        self._before: Obj = deployment.get("status", {})

    def make(self, *, progress: bool) -> Obj:
        """The status now; with `progress` the Progressing condition is judged too (not while paused or scaling)."""
        running = available(self._sets)
        conditions = self._availability(list(self._before.get("conditions", [])), running)
        counts = {
            "replicas": self._sum("replicas"),
            "updatedReplicas": (self._new or {}).get("status", {}).get("replicas", 0),
            "readyReplicas": self._sum("readyReplicas"),
            "availableReplicas": running,
            "unavailableReplicas": max(0, total_replicas(self._sets) - running),
        }
        if progress:
            conditions = self._progress(conditions, counts)
        collisions = self._before.get("collisionCount", 0)
        return {
            "observedGeneration": self._deployment["metadata"].get("generation", 1),
            **{name: number for name, number in counts.items() if number},
            "terminatingReplicas": self._sum("terminatingReplicas"),
            "conditions": conditions,
            **({"collisionCount": collisions} if collisions else {}),
        }

    def _sum(self, name: str) -> int:
        return sum(each.get("status", {}).get(name, 0) for each in self._sets)

    def _availability(self, conditions: list[Obj], running: int) -> list[Obj]:
        now = self._timeline.stamp()
        if running >= self._deployment["spec"]["replicas"] - limits(self._deployment)[1]:
            text = "Deployment has minimum availability."
            return with_condition(conditions, "Available", "True", "MinimumReplicasAvailable", text, now)
        text = "Deployment does not have minimum availability."
        return with_condition(conditions, "Available", "False", "MinimumReplicasUnavailable", text, now)

    def _progress(self, conditions: list[Obj], counts: dict[str, int]) -> list[Obj]:
        present = condition_of(conditions, "Progressing")
        reason = (present or {}).get("reason")
        if counts["replicas"] == counts["updatedReplicas"] and reason == _FINISHED:
            return conditions
        name = (self._new or self._deployment)["metadata"]["name"]
        what = "ReplicaSet" if self._new is not None else "Deployment"
        now = self._timeline.stamp()
        if self._complete(counts):
            text = f'{what} "{name}" has successfully progressed.'
            return with_condition(conditions, "Progressing", "True", _FINISHED, text, now)
        if self._gets_on(counts):
            if present is not None and present["status"] == "True":  # seen again: the clock of the deadline restarts
                rest = [each for each in conditions if each is not present]
                again = {**present, "reason": "ReplicaSetUpdated", "lastUpdateTime": now}
                return [*rest, {**again, "message": f'{what} "{name}" is progressing.'}]
            text = f'{what} "{name}" is progressing.'
            return with_condition(conditions, "Progressing", "True", "ReplicaSetUpdated", text, now)
        left = deadline_left(self._deployment, self._timeline)
        if left is not None and left <= 0:
            text = f'{what} "{name}" has timed out progressing.'
            return with_condition(conditions, "Progressing", "False", _TIMED_OUT, text, now)
        return conditions

    def _complete(self, counts: dict[str, int]) -> bool:
        wanted = self._deployment["spec"]["replicas"]
        return bool(counts["updatedReplicas"] == counts["replicas"] == counts["availableReplicas"] == wanted)

    def _gets_on(self, counts: dict[str, int]) -> bool:
        def before(name: str) -> int:
            return int(self._before.get(name, 0))

        old = counts["replicas"] - counts["updatedReplicas"]
        return (
            counts["updatedReplicas"] > before("updatedReplicas")
            or old < before("replicas") - before("updatedReplicas")
            or counts["readyReplicas"] > before("readyReplicas")
            or counts["availableReplicas"] > before("availableReplicas")
        )
