"""Reading and writing a pod's status: conditions, readiness, restarts."""

from __future__ import annotations

from typing import Any

Obj = dict[str, Any]


def condition(obj: Obj, kind: str) -> Obj | None:
    """The condition of this type, or None."""
    found: list[Obj] = obj.get("status", {}).get("conditions", [])
    return next((each for each in found if each["type"] == kind), None)


def is_ready(pod: Obj) -> bool:
    """Whether the pod's `Ready` condition is true."""
    ready = condition(pod, "Ready")
    return ready is not None and ready["status"] == "True"


def is_active(pod: Obj) -> bool:
    """Counts for its replica set: neither ended nor asked to end."""
    return "deletionTimestamp" not in pod["metadata"] and pod["status"].get("phase") not in ("Succeeded", "Failed")


def restarts(pod: Obj) -> int:
    """The most restarts of any of its containers."""
    return max((each.get("restartCount", 0) for each in pod["status"].get("containerStatuses", ())), default=0)


def with_conditions(status: Obj, wanted: list[tuple[str, bool, str, str]], now: str) -> list[Obj]:
    """The conditions (type, whether true, reason, message) with the transition times kept where nothing changed."""
    present = {each["type"]: each for each in status.get("conditions", ())}
    made = []
    for kind, true, reason, message in wanted:
        value = "True" if true else "False"
        before = present.get(kind)
        since = before["lastTransitionTime"] if before is not None and before["status"] == value else now
        entry: Obj = {"type": kind, "status": value, "lastProbeTime": None, "lastTransitionTime": since}
        if reason:
            entry |= {"reason": reason, "message": message}
        made.append(entry)
    return made


def kubelet_conditions(status: Obj, *, initialized: bool, sandbox: bool, not_ready: list[str], now: str) -> list[Obj]:
    """All five conditions as a kubelet writes them; `not_ready` names the containers that are not."""
    reason, message = ("", "")
    if not_ready:
        reason, message = "ContainersNotReady", f"containers with unready status: [{' '.join(not_ready)}]"
    if status.get("phase") == "Succeeded":
        reason, message = "PodCompleted", ""
    waits = ("", "") if initialized else ("ContainersNotInitialized", "containers with incomplete status")
    ready = initialized and not not_ready
    wanted = [
        ("PodReadyToStartContainers", sandbox, "", ""),
        ("Initialized", initialized, *waits),
        ("Ready", ready, reason, message),
        ("ContainersReady", ready, reason, message),
        ("PodScheduled", True, "", ""),
    ]
    return with_conditions(status, wanted, now)
