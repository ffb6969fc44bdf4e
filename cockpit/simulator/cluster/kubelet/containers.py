"""A container's status, as the kubelet keeps and reports it."""

from __future__ import annotations

from typing import Any

from cockpit.simulator.cluster.kubelet.images import Images
from cockpit.simulator.cluster.kubelet.runs import Run
from cockpit.simulator.cluster.timeline import format_time

Obj = dict[str, Any]

FIRST_BACKOFF, MOST_BACKOFF = 10.0, 300.0
"""Simulated seconds before a crashed container or a failed pull is tried again, doubled each time."""


class Container:
    """One container of a pod: what it does now, what it did before."""

    def __init__(self, spec: Obj) -> None:
        self.spec = spec
        self.name: str = spec["name"]
        self.image: str = spec["image"]
        self.run: Run | None = None
        self.previous: Run | None = None
        self.ready = False
        self.restarts = 0
        self.backoff = 0.0
        self.pull_backoff = 0.0
        self.done = False
        self._state: Obj = {"waiting": {"reason": "ContainerCreating"}}
        self._last: Obj = {}

    def wait(self, reason: str, message: str = "") -> None:
        """It does not run, and why."""
        self._state = {"waiting": {"reason": reason, **({"message": message} if message else {})}}

    def begin(self, run: Run) -> None:
        """It runs from now on."""
        if "terminated" in self._state:
            self._last = self._state
        if self.run is not None:
            self.previous = self.run
        self.run = run
        self.ready = False
        self._state = {"running": {"startedAt": format_time(run.started_at())}}

    def finish(self, run: Run) -> None:
        """It has ended; whether it starts again is not its to know."""
        self.ready = False
        self.done = run.exit_code == 0
        self._state = {
            "terminated": {
                "exitCode": run.exit_code,
                "reason": run.reason,
                "startedAt": format_time(run.started_at()),
                "finishedAt": format_time(run.ended_at()),
                "containerID": run.container_id,
            }
        }

    def crash_loop(self, message: str) -> None:
        """It waits for its next try."""
        if "terminated" in self._state:
            self._last = self._state
        self._state = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}

    @property
    def phase(self) -> str:
        """running, waiting (never started) or stopped."""
        if "running" in self._state:
            return "running"
        return "stopped" if "terminated" in self._state or self._last else "waiting"

    @property
    def failed(self) -> bool:
        """Whether its last run ended with another exit code than 0."""
        return self.run is not None and not self.run.running and self.run.exit_code != 0

    def status(self) -> Obj:
        """Its entry in `containerStatuses`."""
        started = self.run is not None
        status: Obj = {
            "name": self.name,
            "state": self._state,
            "lastState": self._last,
            "ready": self.ready,
            "restartCount": self.restarts,
            "image": self.image,
            "imageID": Images.image_id(self.image) if started else "",
            "started": "running" in self._state,
        }
        if self.run is not None:
            status["containerID"] = self.run.container_id
        return status

    def probe_failure(self, address: str) -> str:
        """What the kubelet says when the readiness probe fails."""
        probe = self.spec["readinessProbe"]
        if "httpGet" in probe:
            return "Readiness probe failed: HTTP probe failed with statuscode: 503"
        if "tcpSocket" in probe:
            port = probe["tcpSocket"].get("port")
            return f"Readiness probe failed: dial tcp {address}:{port}: connect: connection refused"
        return "Readiness probe failed: "


def pod_phase(init: list[Container], containers: list[Container], policy: str, *, stopping: bool) -> str:
    """The pod's phase, by the kubelet's rules."""
    if any(not each.done for each in init):
        return "Failed" if policy == "Never" and any(each.failed for each in init) else "Pending"
    phases = [each.phase for each in containers]
    if "waiting" in phases:
        return "Pending"
    if "running" in phases:
        return "Running"
    failed = any(each.failed for each in containers)
    if stopping or policy == "Never" or (policy == "OnFailure" and not failed):
        return "Failed" if failed else "Succeeded"
    return "Running"
