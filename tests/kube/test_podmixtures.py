"""What is wrong with a pod in mixtures: for good or for now, of several containers, init containers and sidecars."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cockpit.kube.pods import fault as podfault
from cockpit.kube.pods.row import PodRow, pod_row

BEGAN = "2026-11-21T03:00:00Z"
AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SCHEDULED = {"type": "PodScheduled", "status": "True", "lastTransitionTime": BEGAN}
UNREADY = {
    "type": "Ready", "status": "False", "lastTransitionTime": BEGAN, "message": "containers with unready status: [web]",
}  # fmt: skip
RUNNING = {"running": {"startedAt": BEGAN}}
TWO = {"containers": [{"name": "web"}, {"name": "mesh"}]}


def row(status: dict[str, Any], spec: dict[str, Any] | None = None) -> PodRow:
    usual = {"containers": [{"name": "web", "resources": {"limits": {"memory": "64Mi"}}}], "nodeName": "node-a"}
    meta = {"name": "p", "uid": "u", "creationTimestamp": BEGAN}
    return pod_row(json.dumps({"metadata": meta, "status": status, "spec": usual | (spec or {})}).encode())


def of(state: dict[str, Any], name: str = "web", **more: Any) -> dict[str, Any]:
    return {"name": name, "state": state, **more}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message}}


def ended(code: int, reason: str = "Error", **more: Any) -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, "startedAt": BEGAN, "finishedAt": BEGAN, **more}}


AGAIN = of(ended(137), restartCount=3, lastState=ended(1))
"""A container that had restarted before its pod ended for good."""


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (
            {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."},
            "Evicted", "The node was low on resource: memory.",
        ),
        (
            {"phase": "Failed", "reason": "DeadlineExceeded", "message": "Pod was active on the node too long"},
            "DeadlineExceeded", "Pod was active on the node too long",
        ),
        (
            {"phase": "Failed", "conditions": [
                {"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler",
                 "message": "default-scheduler: preempting to accommodate a higher priority pod"}]},
            "PreemptionByScheduler", "default-scheduler: preempting to accommodate a higher priority pod",
        ),
        ({"phase": "Failed"}, "Error", "container web ended with exit code 137 (SIGKILL)"),
    ],
)  # fmt: skip
def test_a_pod_that_failed_for_good_is_in_no_loop(status: dict[str, Any], reason: str, words: str) -> None:
    made = row({**status, "containerStatuses": [AGAIN]})
    assert (made.reason, made.why, made.gravity) == (reason, words, podfault.LEFT)
    assert not made.crashing


@pytest.mark.parametrize(
    ("phase", "ended"), [("Succeeded", True), ("Failed", True), ("Running", False), ("Pending", False), ("", False)]
)
def test_a_pod_at_its_end_is_none_that_should_serve(phase: str, ended: bool) -> None:
    made = row({"phase": phase})
    assert (made.ended, made.stays) == (ended, not ended)


def test_a_job_that_ran_out_of_memory_says_so() -> None:
    made = row({"phase": "Failed", "containerStatuses": [of(ended(137, "OOMKilled"))]}, {"restartPolicy": "Never"})
    assert (made.reason, made.gravity) == ("OOMKilled", podfault.LEFT)
    assert made.why == "container web used more memory than its limit of 64Mi"


@pytest.mark.parametrize(
    "reason", ["ImageInspectError", "RegistryUnavailable", "SignatureValidationFailed", "PreStartHookError"]
)
def test_what_cannot_be_started_is_told_at_once(reason: str) -> None:
    made = row({"phase": "Pending", "containerStatuses": [of(waiting(reason, "no such thing"))]})
    assert (made.reason, made.why, made.gravity) == (reason, "container web: no such thing", podfault.CANNOT_START)


@pytest.mark.parametrize("more", [{}, {"restartCount": 2, "lastState": ended(137)}])
def test_a_hook_that_fails_is_named(more: dict[str, Any]) -> None:
    made = row({"phase": "Running", "containerStatuses": [of(waiting("PostStartHookError", "hook said no"), **more)]})
    assert (made.reason, made.why, made.gravity) == ("PostStartHookError", "container web: hook said no", 8)
    assert made.crashing


@pytest.mark.parametrize("state", [waiting("CrashLoopBackOff"), ended(0, "Completed"), RUNNING])
def test_a_loop_without_a_failure_has_one_word_all_through_it(state: dict[str, Any]) -> None:
    looping = of(state, restartCount=4, lastState=ended(0, "Completed"))
    made = row({"phase": "Running", "conditions": [SCHEDULED, UNREADY], "containerStatuses": [looping]})
    assert (made.reason, made.exit_code, made.why) == ("CrashLoopBackOff", 0, "container web ended with exit code 0")


def test_what_ended_well_after_long_work_and_is_starting_again_is_no_loop() -> None:
    long = ended(0, "Completed", startedAt="2026-11-20T03:00:00Z")
    again = of(RUNNING, restartCount=4, lastState=long)
    made = row({"phase": "Running", "conditions": [SCHEDULED, UNREADY], "containerStatuses": [again]})
    assert (made.reason, made.crashing) == ("", False)


@pytest.mark.parametrize(
    ("policy", "end", "at_once", "reason", "words"),
    [
        ("Never", ended(3), True, "Error", "container web ended with exit code 3, and is not started again"),
        ("Never", ended(0, "Completed"), False, "NotReady", "container web ended with exit code 0 at 03:00:00Z"),
        ("OnFailure", ended(0, "Completed"), False, "NotReady", "container web ended with exit code 0 at 03:00:00Z"),
        ("Always", ended(3), False, "Error", "container web ended with exit code 3 at 03:00:00Z"),
    ],
)
def test_one_container_has_ended_while_another_runs(
    policy: str, end: dict[str, Any], at_once: bool, reason: str, words: str
) -> None:
    statuses = [of(end), of(RUNNING, "mesh", ready=True)]
    status = {"phase": "Running", "conditions": [SCHEDULED, UNREADY], "containerStatuses": statuses}
    made = row(status, TWO | {"restartPolicy": policy})
    assert made.faulty is at_once
    late = made.as_at(AT + podfault.START_WITHIN)
    assert (late.reason, late.why, late.gravity) == (reason, words, podfault.NOT_READY)


@pytest.mark.parametrize("started", [True, False])  # servers differ in what they say of one that is no sidecar
def test_an_init_container_may_work_for_as_long_as_a_rollout_may_stand_still(started: bool) -> None:
    status = {
        "phase": "Pending", "conditions": [SCHEDULED, UNREADY],
        "initContainerStatuses": [of(RUNNING, "wait-db", started=started)],
        "containerStatuses": [of(waiting("PodInitializing"))],
    }  # fmt: skip
    made = row(status, {"initContainers": [{"name": "wait-db"}]})
    assert made.status == "Init:0/1"
    assert not made.as_at(AT + timedelta(minutes=9)).faulty
    late = made.as_at(AT + timedelta(minutes=10))
    assert (late.reason, late.gravity) == ("PodInitializing", podfault.NOT_READY)
    assert (late.why, late.since) == ("init container wait-db has run since 03:00:00Z and has not ended", AT)


def test_a_sidecar_has_as_long_to_become_ready_as_its_probe_allows() -> None:
    sidecar = {"name": "mesh", "restartPolicy": "Always", "readinessProbe": {"periodSeconds": 20}}
    status = {
        "phase": "Running", "conditions": [SCHEDULED, UNREADY],
        "initContainerStatuses": [of(RUNNING, "mesh", started=True)],
        "containerStatuses": [of(RUNNING, ready=True)],
    }  # fmt: skip
    made = row(status, {"initContainers": [sidecar]})
    assert (made.ready, made.faulty) == ("1/2", False)
    assert not made.as_at(AT + timedelta(seconds=59)).faulty
    late = made.as_at(AT + timedelta(seconds=60))
    assert (late.reason, late.why) == ("NotReady", "container mesh not ready since 03:00:00Z")


def test_a_sidecar_that_does_not_start_is_named() -> None:
    sidecar = {"name": "mesh", "restartPolicy": "Always", "startupProbe": {"periodSeconds": 10, "failureThreshold": 6}}
    status = {
        "phase": "Pending", "conditions": [SCHEDULED, UNREADY],
        "initContainerStatuses": [of(RUNNING, "mesh", started=False)],
        "containerStatuses": [of(waiting("PodInitializing"))],
    }  # fmt: skip
    late = row(status, {"initContainers": [sidecar]}).as_at(AT + timedelta(minutes=10))
    assert (late.reason, late.why) == ("NotReady", "sidecar mesh has run since 03:00:00Z and has not started up")
