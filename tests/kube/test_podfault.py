"""What is wrong with a pod: the word, the sentence, the gravity; and what is only on its way."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cockpit.kube.pods import fault as podfault
from cockpit.kube.pods.resources import parsed
from cockpit.kube.pods.row import PodRow, pod_row

BEGAN = "2026-11-21T03:00:00Z"
AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SCHEDULED = {"type": "PodScheduled", "status": "True", "lastTransitionTime": BEGAN}
UNREADY = {"type": "Ready", "status": "False", "lastTransitionTime": BEGAN, "reason": "ContainersNotReady"}
RUNNING = {"running": {"startedAt": BEGAN}}


def row(status: dict[str, Any], spec: dict[str, Any] | None = None, **meta: Any) -> PodRow:
    containers = {"containers": [{"name": "web", "image": "web:1"}], "nodeName": "node-a"}
    given = {"metadata": {"name": "p", "uid": "u", "creationTimestamp": BEGAN, **meta}, "status": status}
    return pod_row(json.dumps({**given, "spec": {**containers, **(spec or {})}}).encode())


def of(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "web", "state": state, **more}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message}}


def ended(code: int, reason: str = "Error", **more: Any) -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, "finishedAt": BEGAN, **more}}


UNSCHEDULABLE = {
    "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
    "message": "0/3 nodes are available: 3 Insufficient memory.",
}  # fmt: skip
BACK_OFF = "back-off 5m0s restarting failed container=web pod=p_production(u)"


@pytest.mark.parametrize(
    ("made", "reason", "gravity", "words"),
    [
        (
            row({"phase": "Running", "containerStatuses": [
                of(waiting("CrashLoopBackOff", BACK_OFF), restartCount=7,
                   lastState=ended(1, message="starting\nFATAL no gateway\n"))]}),
            "CrashLoopBackOff", podfault.CRASHING,
            "container web ended with exit code 1: FATAL no gateway; back-off 5m0s",
        ),
        (
            row({"phase": "Running", "containerStatuses": [
                of(waiting("CrashLoopBackOff"), restartCount=1, lastState=ended(143))]}),
            "CrashLoopBackOff", podfault.CRASHING, "container web ended with exit code 143 (SIGTERM)",
        ),
        (
            row({"phase": "Running", "containerStatuses": [of(ended(137, "OOMKilled"))]},
                {"containers": [{"name": "web", "resources": {"limits": {"memory": "512Mi"}}}]}),
            "OOMKilled", podfault.CRASHING, "container web used more memory than its limit of 512Mi",
        ),
        (
            row({"phase": "Pending", "containerStatuses": [
                of(waiting("ImagePullBackOff", 'Back-off pulling image "web:2": not found'))]}),
            "ImagePullBackOff", podfault.CANNOT_START, 'container web: Back-off pulling image "web:2": not found',
        ),
        (
            row({"phase": "Pending", "containerStatuses": [
                of(waiting("CreateContainerConfigError", 'configmap "x" not found'))]}),
            "CreateContainerConfigError", podfault.CANNOT_START, 'container web: configmap "x" not found',
        ),
        (
            row({"phase": "Pending", "initContainerStatuses": [
                of(waiting("CrashLoopBackOff"), restartCount=2, lastState=ended(3))]}),
            "CrashLoopBackOff", podfault.CRASHING, "init container web ended with exit code 3",
        ),
        (
            row({"phase": "Pending", "conditions": [UNSCHEDULABLE]}),
            "Unschedulable", podfault.WAITING, "0/3 nodes are available: 3 Insufficient memory.",
        ),
        (
            row({"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}),
            "Evicted", podfault.LEFT, "The node was low on resource: memory.",
        ),
        (
            row({"phase": "Failed", "containerStatuses": [of(ended(4))]}, {"restartPolicy": "Never"}),
            "Error", podfault.LEFT, "container web ended with exit code 4",
        ),
        (
            row({"phase": "Running", "reason": "NodeLost"}, deletionTimestamp=BEGAN),
            "NodeLost", podfault.LOST, "node node-a no longer says how it is",
        ),
        (row({"phase": "Unknown"}), "NodeLost", podfault.LOST, "node node-a no longer says how it is"),
    ],
)  # fmt: skip
def test_a_fault_has_its_word_and_its_sentence(made: PodRow, reason: str, gravity: int, words: str) -> None:
    assert (made.reason, made.gravity, made.why) == (reason, gravity, words)
    assert made.faulty


@pytest.mark.parametrize(
    "made",
    [
        row({"phase": "Succeeded", "containerStatuses": [of(ended(0, "Completed"))]}),
        row({"phase": "Running", "containerStatuses": [of(RUNNING, ready=True)],
             "conditions": [{"type": "Ready", "status": "True"}]}),
        row({"phase": "Pending"}),
        row({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
                                                 "reason": "SchedulingGated"}]}),
        row({"phase": "Pending", "conditions": [SCHEDULED], "initContainerStatuses": [of(RUNNING)]}),
        row({"phase": "Running", "containerStatuses": [of(RUNNING)], "conditions": [UNREADY]}),
        row({"phase": "Running"}, deletionTimestamp=BEGAN),
        row({}),
    ],
)  # fmt: skip
def test_what_is_normal_is_no_fault(made: PodRow) -> None:
    assert not made.faulty
    assert made.reason == ""


@pytest.mark.parametrize(
    ("made", "after", "reason", "words"),
    [
        (
            row({"phase": "Running"}, deletionTimestamp=BEGAN, finalizers=["example.com/hold", "b"]),
            30, "Terminating", "should have ended at 03:00:00Z; held by finalizers: example.com/hold, b",
        ),
        (
            row({"phase": "Running"}, deletionTimestamp=BEGAN),
            30, "Terminating", "should have ended at 03:00:00Z; node-a has not confirmed its end",
        ),
        (
            row({"phase": "Running", "containerStatuses": [of(RUNNING)], "conditions": [UNREADY]}),
            30, "NotReady", "container web not ready since 03:00:00Z",
        ),
        (
            row({"phase": "Running", "containerStatuses": [of(RUNNING)], "conditions": [UNREADY]},
                {"containers": [{"name": "web", "readinessProbe": {"initialDelaySeconds": 5, "periodSeconds": 2},
                                 "startupProbe": {"periodSeconds": 10, "failureThreshold": 30}}]}),
            311, "NotReady", "container web not ready since 03:00:00Z",
        ),
        (
            row({"phase": "Running", "containerStatuses": [of(RUNNING, ready=True)], "conditions": [UNREADY]},
                {"readinessGates": [{"conditionType": "lb/ready"}]}),
            0, "NotReady", "readiness gate lb/ready does not hold",
        ),
        (
            row({"phase": "Pending", "conditions": [SCHEDULED],
                 "containerStatuses": [of(waiting("ContainerCreating"))]}),
            180, "ContainerCreating",
            "has not started since 03:00:00Z: its events say what it waits for",
        ),
    ],
)  # fmt: skip
def test_what_lasts_too_long_becomes_a_fault(made: PodRow, after: int, reason: str, words: str) -> None:
    assert not made.faulty
    due = AT + timedelta(seconds=after)
    assert made.as_at(due - timedelta(seconds=1)) == made
    late = made.as_at(due)
    assert (late.reason, late.why, late.faulty) == (reason, words, True)


@pytest.mark.parametrize(
    ("state", "last", "before"),
    [
        (waiting("CrashLoopBackOff", BACK_OFF), ended(1), 290),
        (waiting("CrashLoopBackOff", "back-off 1m20s restarting failed container=web"), ended(1), 70),
        (waiting("CrashLoopBackOff", "back-off 10s restarting failed container=web"), ended(1), 0),
        (waiting("CrashLoopBackOff", "back-off 9h0m0s restarting failed container=web"), ended(1), 290),
        (waiting("CrashLoopBackOff"), ended(137, "OOMKilled"), 0),
        (ended(1), ended(1), 0),
        (RUNNING, ended(1), None),
        (waiting("CrashLoopBackOff", BACK_OFF), {}, None),
        (waiting("ImagePullBackOff", "back-off 5m0s pulling image"), {}, None),
    ],
)
def test_a_crash_loop_had_begun_by_its_last_end_and_the_pauses_before(
    state: dict[str, Any], last: dict[str, Any], before: int | None
) -> None:
    """The kubelet doubles its pause after each life; what runs may have ended that way weeks ago."""
    made = row({"phase": "Running", "containerStatuses": [of(state, restartCount=6, lastState=last)]})
    assert made.crashing
    assert made.since == (None if before is None else AT - timedelta(seconds=before))


READY = {"type": "Ready", "status": "True", "lastTransitionTime": BEGAN}


def lives(*statuses: dict[str, Any], spec: dict[str, Any] | None = None) -> PodRow:
    """A pod that is ready by its condition, as one without a readiness probe is whenever it runs."""
    always = {"restartPolicy": "Always", **(spec or {})}
    return row({"phase": "Running", "conditions": [READY], "containerStatuses": list(statuses)}, always)


def test_what_failed_a_moment_ago_is_not_called_well_yet() -> None:
    """Between two crashes a container without a readiness probe is ready, and says nothing of how it ended."""
    made = lives(of(RUNNING, ready=True, restartCount=7, lastState=ended(1, message="FATAL no gateway")))
    assert (made.reason, made.gravity) == ("Restarted", podfault.PASSING)
    assert made.why == (
        "container web was started again at 03:00:00Z: before that it ended with exit code 1: FATAL no gateway"
    )
    assert (made.faulty, made.crashing, made.ready_bool) == (False, False, True), "it serves while it runs"
    soon = AT + podfault.STEADY
    assert made.as_at(soon - timedelta(seconds=1)) == made
    well = made.as_at(soon)
    assert (well.reason, well.why, well.gravity, well.later) == ("", "", podfault.WELL, None)


@pytest.mark.parametrize(
    "made",
    [
        lives(of(RUNNING, ready=True)),
        lives(of(RUNNING, ready=True, restartCount=1)),
        lives(of(RUNNING, ready=True, restartCount=1, lastState=ended(0)), spec={"restartPolicy": "OnFailure"}),
        lives(of({"running": {}}, ready=True, restartCount=1, lastState=ended(1))),
    ],
)  # fmt: skip
def test_what_runs_and_never_failed_is_well(made: PodRow) -> None:
    assert (made.reason, made.gravity, made.later) == ("", podfault.WELL, None)


def test_of_several_that_were_started_again_the_last_one_counts() -> None:
    """An ended life counts, too, where the container is to run for ever: see a crash loop of them."""
    later = {"running": {"startedAt": "2026-11-21T03:00:20Z"}}
    mesh = {"name": "mesh", "state": later, "ready": True, "restartCount": 2, "lastState": {"terminated": {
        "exitCode": 0, "reason": "Completed", "startedAt": BEGAN, "finishedAt": BEGAN}}}  # fmt: skip
    made = lives(of(RUNNING, ready=True, restartCount=1, lastState=ended(1)), mesh)
    assert made.why == "container mesh was started again at 03:00:20Z: before that it ended with exit code 0"
    assert made.later is not None
    assert made.later.at == AT + timedelta(seconds=20) + podfault.STEADY


def test_the_words_of_others_are_cleaned_redacted_and_short() -> None:
    said = "\x1b[31mpassword=hunter2\n" + "x" * 5000
    made = row({"phase": "Pending", "containerStatuses": [of(waiting("ErrImagePull", said))]})
    assert made.why.isprintable()
    assert "hunter2" not in made.why
    assert len(made.why) <= 300


def test_times_at_the_end_of_the_calendar_and_long_names_stay_rows() -> None:
    last = row({"phase": "Running"}, deletionTimestamp="9999-12-31T23:59:59Z")
    assert (last.status, last.reason) == ("Unreadable", "Unreadable")
    long = row({}, name="n" * 253)
    assert (len(long.name), long.status) == (253, "Unknown")


def resources(cpu: str = "", memory: str = "", limit: str = "") -> dict[str, Any]:
    requests = {key: value for key, value in (("cpu", cpu), ("memory", memory)) if value}
    return {"resources": {"requests": requests, "limits": {"memory": limit} if limit else None}}


@pytest.mark.parametrize(
    ("spec", "cpu", "memory", "limit"),
    [
        ({"containers": [{"name": "a", **resources("250m", "64Mi", "128Mi")}]}, 0.25, 64 << 20, 128 << 20),
        ({"containers": [{"name": "a", **resources("1", "1Gi", "2Gi")}, {"name": "b", **resources("500m")}]},
         1.5, 1 << 30, None),
        ({"containers": [{"name": "a", **resources("100m", "64Mi")}],
          "initContainers": [{"name": "once", **resources("2", "32Mi")},
                             {"name": "proxy", "restartPolicy": "Always", **resources("50m", "16Mi")}]},
         2.0, 80 << 20, None),
        ({"containers": [{"name": "a", **resources("100m", "64Mi")}],
          "initContainers": [{"name": "proxy", "restartPolicy": "Always", **resources("50m", "16Mi")},
                             {"name": "once", **resources("2", "32Mi")}]}, 2.05, 80 << 20, None),
        ({"containers": [{"name": "a", **resources("100m")}], "overhead": {"cpu": "250m"}}, 0.35, None, None),
        ({"containers": [{"name": "a", **resources("100m")}], **resources("1", "1Gi", "1Gi")}, 1.0, 1 << 30, 1 << 30),
        ({"containers": [{"name": "a", **resources("much", "1e999")}]}, None, None, None),
        ({"containers": [{"name": "a"}]}, None, None, None),
    ],
)  # fmt: skip
def test_requests_and_limits_are_summed_as_the_scheduler_does(
    spec: dict[str, Any], cpu: float | None, memory: int | None, limit: int | None
) -> None:
    made = row({}, spec)
    assert made.cpu_request == (cpu if cpu is None else pytest.approx(cpu))
    assert (made.memory_request, made.memory_limit) == (memory, limit)


def test_a_quantity_that_is_none_is_unknown() -> None:
    assert [parsed(text) for text in ("250m", "2", "", "x", "1e999")] == [0.25, 2.0, None, None, None]


def test_labels_are_kept_for_filters_and_cleaned() -> None:
    made = row({}, labels={"app": "web\x1b[2J", "tier": "front"})
    assert dict(made.labels) == {"app": "web", "tier": "front"}


def test_since_when_it_is_so_is_kubernetes_own_word() -> None:
    ready = {"type": "Ready", "status": "False", "lastTransitionTime": "2026-11-21T02:30:00Z"}
    placed = {**UNSCHEDULABLE, "lastTransitionTime": "2026-11-21T02:10:00Z"}
    running = row({"phase": "Running", "conditions": [SCHEDULED, ready], "containerStatuses": [of(RUNNING)]})
    assert running.since is None, "it is still on its way"
    later = running.as_at(AT + timedelta(minutes=10))
    assert (later.reason, later.since) == ("NotReady", AT - timedelta(minutes=30))
    assert row({"phase": "Pending", "conditions": [placed]}).since == AT - timedelta(minutes=50)
    assert row({"phase": "Pending", "conditions": [UNSCHEDULABLE]}).since == AT, "else when it was made"
    lost = row({"phase": "Running", "reason": "NodeLost", "conditions": [ready]})
    assert lost.since == AT - timedelta(minutes=30)
