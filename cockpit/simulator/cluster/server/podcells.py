"""A pod's row in the server's table: ready, status, restarts, as `kubectl get pods` prints them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cockpit.simulator.cluster.kubelet.podstatus import condition
from cockpit.simulator.cluster.server.ages import age
from cockpit.simulator.cluster.timeline import parse_time

Obj = dict[str, Any]


def pod_cells(pod: Obj, now: datetime) -> list[Any]:
    """The cells: name, ready, status, restarts, age, IP, node, nominated node, readiness gates."""
    spec, status, metadata = pod["spec"], pod["status"], pod["metadata"]
    reason, ready = _reason(pod)
    if "deletionTimestamp" in metadata and status.get("phase") not in ("Succeeded", "Failed"):
        reason = "Terminating"
    return [
        metadata["name"],
        f"{ready}/{len(spec['containers'])}",
        reason,
        _restarts(status, now),
        age(metadata["creationTimestamp"], now),
        status.get("podIP") or "<none>",
        spec.get("nodeName") or "<none>",
        status.get("nominatedNodeName") or "<none>",
        _gates(pod),
    ]


def pod_cells_last(pod: Obj, now: datetime) -> datetime | None:
    """Until when the cells read the same while the pod does not change; None where that is not worth knowing.

    From 10 minutes on, an age is told in whole minutes or coarser.
    """
    status = pod["status"]
    containers = status.get("containerStatuses") or status.get("initContainerStatuses") or ()
    seconds = (now - parse_time(pod["metadata"]["creationTimestamp"])).total_seconds()
    if seconds < 600 or any(each.get("restartCount") for each in containers):
        return None
    return now + timedelta(seconds=60 - seconds % 60)


def _reason(pod: Obj) -> tuple[str, int]:
    """The one word for a pod's state, and how many of its containers are ready."""
    status = pod["status"]
    reason: str = status.get("reason") or status.get("phase", "Unknown")
    initializing = _init_reason(pod)
    initialized = condition(pod, "Initialized")
    if initializing is not None and not (initialized and initialized["status"] == "True"):
        return initializing, 0
    ready, running = 0, False
    for container in reversed(status.get("containerStatuses", ())):
        state = container.get("state", {})
        if state.get("waiting", {}).get("reason"):
            reason = state["waiting"]["reason"]
        elif "terminated" in state:
            reason = _ended(state["terminated"])
        elif container.get("ready") and "running" in state:
            running, ready = True, ready + 1
    if reason == "Completed" and running:
        reason = "Running" if (condition(pod, "Ready") or {}).get("status") == "True" else "NotReady"
    return reason, ready


def _init_reason(pod: Obj) -> str | None:
    """What the first init container that is not done says; None when all are."""
    total = len(pod["spec"].get("initContainers", ()))
    for place, container in enumerate(pod["status"].get("initContainerStatuses", ())):
        state = container.get("state", {})
        ended = state.get("terminated")
        if ended is not None and ended.get("exitCode") == 0:
            continue
        if ended is not None:
            return "Init:" + _ended(ended)
        waiting = state.get("waiting", {}).get("reason")
        if waiting and waiting != "PodInitializing":
            return "Init:" + str(waiting)
        return f"Init:{place}/{total}"
    return None


def _ended(terminated: Obj) -> str:
    if terminated.get("reason"):
        return str(terminated["reason"])
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _restarts(status: Obj, now: datetime) -> str:
    containers = status.get("containerStatuses") or status.get("initContainerStatuses") or ()
    count = sum(each.get("restartCount", 0) for each in containers)
    ends = [each.get("lastState", {}).get("terminated", {}).get("finishedAt") for each in containers]
    last = max((end for end in ends if end), default=None)
    return f"{count} ({age(last, now)} ago)" if count and last else str(count)


def _gates(pod: Obj) -> str:
    gates = pod["spec"].get("readinessGates") or ()
    if not gates:
        return "<none>"
    true = sum((condition(pod, gate["conditionType"]) or {}).get("status") == "True" for gate in gates)
    return f"{true}/{len(gates)}"
