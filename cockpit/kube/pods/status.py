"""What kubectl's STATUS, READY and RESTARTS columns say of a pod.

The order of the rules is the API server's own table printer's (kubernetes/pkg/printers/internalversion, `printPod`);
the Table recordings hold what it prints.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from cockpit.kube.shapes import NO_STATE, Condition, ContainerStatus, Pod, Terminated


class Seen(NamedTuple):
    """What the columns say: STATUS, ready and all containers, restarts, when the last one was, and what it ended by.

    `counted` are the containers whose restarts count.
    """

    status: str
    ready: int
    containers: int
    restarts: int
    last_restart: datetime | None
    last_end: str
    counted: tuple[ContainerStatus, ...]


def seen(pod: Pod) -> Seen:
    """The columns that `kubectl get pods` prints for `pod`."""
    status = pod.status.reason or pod.status.phase
    if any(c.type == "PodScheduled" and c.reason == "SchedulingGated" for c in pod.status.conditions or ()):
        status = "SchedulingGated"
    sidecars = {c.name for c in pod.spec.init_containers or () if c.restart_policy == "Always"}
    inits = pod.status.init_container_statuses or ()
    ready, failing = _initialized(pod, sidecars)
    counted = list(inits)
    if failing is not None:
        status = failing
    if failing is None or _is_true(pod.status.conditions, "Initialized"):
        containers = pod.status.container_statuses or ()
        counted = [c for c in inits if c.name in sidecars] + list(containers)
        status, up = _running(pod, containers, status)
        ready += up
    total = len(pod.spec.containers or ()) + len(sidecars)
    restarts = sum(c.restart_count for c in counted)
    end = _last_end(counted)
    last = (end.finished_at, ended(end)) if end else (None, "")
    return Seen(_ending(pod, status), ready, total, restarts, *last, tuple(counted))


def _initialized(pod: Pod, sidecars: set[str]) -> tuple[int, str | None]:
    """Ready sidecars so far, and the status when initialization is not through."""
    ready = 0
    for number, container in enumerate(pod.status.init_container_statuses or ()):
        state = container.state or NO_STATE
        if state.terminated and state.terminated.exit_code == 0:
            continue
        if container.name in sidecars and container.started:
            ready += container.ready
            continue
        if state.terminated:
            return ready, f"Init:{ended(state.terminated)}"
        if state.waiting and state.waiting.reason not in ("", "PodInitializing"):
            return ready, f"Init:{state.waiting.reason}"
        return ready, f"Init:{number}/{len(pod.spec.init_containers or ())}"
    return ready, None


def _running(pod: Pod, containers: Iterable[ContainerStatus], status: str) -> tuple[str, int]:
    """The status by the main containers (the first one that has something to say wins), and how many are ready."""
    ready = 0
    for container in reversed(list(containers)):
        state = container.state or NO_STATE
        if state.waiting and state.waiting.reason:
            status = state.waiting.reason
        elif state.terminated:
            status = ended(state.terminated)
        elif container.ready and state.running:
            ready += 1
    if status == "Completed" and ready:
        status = "Running" if _is_true(pod.status.conditions, "Ready") else "NotReady"
    return status, ready


def _ending(pod: Pod, status: str) -> str:
    """The status of a pod that is being deleted, else `status`."""
    if pod.metadata.deletion_timestamp is None:
        return status
    if pod.status.reason == "NodeLost":
        return "Unknown"
    return status if pod.status.phase in ("Succeeded", "Failed") else "Terminating"


def ended(terminated: Terminated) -> str:
    """How a container ended, in one word."""
    if terminated.reason:
        return terminated.reason
    return f"Signal:{terminated.signal}" if terminated.signal else f"ExitCode:{terminated.exit_code}"


def _last_end(containers: Iterable[ContainerStatus]) -> Terminated | None:
    """The latest of the ended lives before the current ones."""
    ended = [(c.last_state or NO_STATE).terminated for c in containers]
    timed = [(end.finished_at, end) for end in ended if end and end.finished_at]
    return max(timed, key=lambda each: each[0])[1] if timed else None


def _is_true(conditions: Iterable[Condition] | None, wanted: str) -> bool:
    return any(c.type == wanted and c.status == "True" for c in conditions or ())
