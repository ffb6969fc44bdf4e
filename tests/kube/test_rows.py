"""Rows from the recorded objects: the columns that kubectl prints, what crashes, what a rollout is."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from replay import Recorded

from cockpit.kube.pods.row import PodRow, pod_row
from cockpit.kube.rowparts import tag
from cockpit.kube.rows import deployment_row, event_row, replica_set_row


@pytest.fixture
def recorded(shared: Path) -> Recorded:
    return Recorded(shared / "kubernetes-recordings")


def row(pod: dict[str, Any]) -> PodRow:
    return pod_row(json.dumps(pod).encode())


def container(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "c", "state": state, **more}


def pod(*statuses: dict[str, Any], **status: Any) -> dict[str, Any]:
    """A pod with one main container per status."""
    return {
        "metadata": {"name": "p", "uid": "u"},
        "spec": {"containers": [{"name": "c", "image": "i"}] * max(1, len(statuses))},
        "status": {"phase": "Running", "containerStatuses": list(statuses), **status},
    }


RUNNING = {"running": {"startedAt": "2026-11-21T00:00:00Z"}}
DONE = {"terminated": {"exitCode": 0, "reason": "Completed"}}
FAILED = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-11-21T00:00:00Z"}}
KILLED = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
LOOPING = {"waiting": {"reason": "CrashLoopBackOff"}}
READY = [{"type": "Ready", "status": "True"}]


def test_the_columns_are_those_of_the_recorded_table(recorded: Recorded) -> None:
    table = recorded.body("11")
    rows = {p["metadata"]["name"]: row(p) for p in recorded.body("08")["items"]}
    assert rows
    for cells in (line["cells"] for line in table["rows"]):
        made = rows[cells[0]]
        assert (made.ready, made.status, str(made.restarts), made.ip, made.node) == (*cells[1:4], *cells[5:7])


def test_a_recorded_crash_loop_is_seen_with_its_release(recorded: Recorded) -> None:
    rows = [row(p) for p in recorded.body("22")["items"]]
    [bad] = [r for r in rows if r.crashing]
    assert (bad.status, bad.ready, bad.crash_reason, bad.exit_code) == (
        "CrashLoopBackOff", "0/1", "CrashLoopBackOff", 1)  # fmt: skip
    assert (bad.image, bad.revision_hash, bad.owner) == (
        "1.4.2-crash", "7599565f95", "ReplicaSet/payment-service-7599565f95")  # fmt: skip
    assert bad.restarts >= 2
    assert bad.last_restart is not None
    assert all(r.ready_bool for r in rows if not r.crashing)


def test_a_recorded_pod_that_ends_says_terminating(recorded: Recorded) -> None:
    ending = row(recorded.body("37"))
    assert (ending.status, ending.deleting, ending.ready_bool, ending.crashing) == ("Terminating", True, False, False)


@pytest.mark.parametrize(
    ("given_pod", "status", "ready", "crash"),
    [
        (pod(container(RUNNING, ready=True), conditions=READY), "Running", "1/1", ""),
        (pod(container(RUNNING), container(DONE)), "Completed", "0/2", ""),
        (pod(container(RUNNING, ready=True), container(DONE), conditions=READY), "Running", "1/2", ""),
        (pod(container(DONE), container(RUNNING, ready=True), conditions=READY), "Running", "1/2", ""),
        (pod(container(DONE), container(RUNNING, ready=True)), "NotReady", "1/2", ""),
        (pod(container(DONE), phase="Succeeded"), "Completed", "0/1", ""),
        (pod(container({"waiting": {"reason": "ContainerCreating"}}), phase="Pending"), "ContainerCreating", "0/1", ""),
        (pod(container(LOOPING, lastState=FAILED, restartCount=3)), "CrashLoopBackOff", "0/1", "CrashLoopBackOff"),
        (pod(container(FAILED, restartCount=2)), "Error", "0/1", "CrashLoopBackOff"),
        (pod(container(FAILED)), "Error", "0/1", ""),
        (pod(container(RUNNING, lastState=FAILED, restartCount=2)), "Running", "0/1", "CrashLoopBackOff"),
        (pod(container(RUNNING, ready=True, lastState=FAILED, restartCount=2)), "Running", "1/1", ""),
        (pod(container(KILLED)), "OOMKilled", "0/1", "OOMKilled"),
        (pod(container(LOOPING, lastState=KILLED, restartCount=1)), "CrashLoopBackOff", "0/1", "OOMKilled"),
        (pod(container({"waiting": {"reason": "ErrImagePull"}})), "ErrImagePull", "0/1", "ImagePullBackOff"),
        (pod(container({"terminated": {"exitCode": 3}})), "ExitCode:3", "0/1", ""),
        (pod(container({"terminated": {"exitCode": 137, "signal": 9}})), "Signal:9", "0/1", ""),
        (pod(phase="Failed", reason="Evicted"), "Evicted", "0/1", ""),
        (pod(phase="Pending", conditions=[{"type": "PodScheduled", "reason": "SchedulingGated"}]),
         "SchedulingGated", "0/1", ""),
        (pod(phase="Pending"), "Pending", "0/1", ""),
    ],
)  # fmt: skip
def test_the_status_is_what_kubectl_prints(given_pod: dict[str, Any], status: str, ready: str, crash: str) -> None:
    made = row(given_pod)
    assert (made.status, made.ready, made.crash_reason) == (status, ready, crash)


def test_the_latest_end_is_told_with_its_time() -> None:
    killed = {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-01-31T02:00:00Z"}}
    failed = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-01-31T01:00:00Z"}}
    here = container(RUNNING, ready=True, lastState=killed, restartCount=1)
    there = container(RUNNING, ready=True, lastState=failed, restartCount=1)
    made = row(pod(there, here))
    assert (made.last_end, made.last_restart) == ("OOMKilled", datetime(2026, 1, 31, 2, tzinfo=UTC))
    assert row(pod(container(RUNNING))).last_end == ""


@pytest.mark.parametrize(
    ("statuses", "status", "restarts"),
    [
        ([{"name": "i1", "state": DONE, "restartCount": 2}, {"name": "i2", "state": {}}], "Init:1/2", 2),
        ([{"name": "i1", "state": FAILED}], "Init:Error", 0),
        ([{"name": "i1", "state": LOOPING, "restartCount": 4, "lastState": FAILED}], "Init:CrashLoopBackOff", 4),
        ([{"name": "i1", "state": {"terminated": {"exitCode": 2}}}], "Init:ExitCode:2", 0),
        ([{"name": "i1", "state": {"terminated": {"exitCode": 2, "signal": 15}}}], "Init:Signal:15", 0),
        ([{"name": "i1", "state": {"waiting": {"reason": "PodInitializing"}}}], "Init:0/2", 0),
    ],
)
def test_init_containers_come_first(statuses: list[dict[str, Any]], status: str, restarts: int) -> None:
    given_pod = pod(container({"waiting": {"reason": "PodInitializing"}}), phase="Pending")
    given_pod["spec"]["initContainers"] = [{"name": "i1"}, {"name": "i2"}]
    given_pod["status"]["initContainerStatuses"] = statuses
    made = row(given_pod)
    assert (made.status, made.restarts) == (status, restarts)


def test_a_sidecar_counts_as_a_container() -> None:
    given_pod = pod(container(RUNNING, ready=True, restartCount=1))
    given_pod["spec"]["initContainers"] = [{"name": "proxy", "restartPolicy": "Always"}, {"name": "once"}]
    given_pod["status"]["initContainerStatuses"] = [
        {"name": "proxy", "state": RUNNING, "started": True, "ready": True, "restartCount": 2},
        {"name": "once", "state": DONE, "restartCount": 5},
    ]
    made = row(given_pod)
    assert (made.status, made.ready, made.restarts) == ("Running", "2/2", 3)


def test_deleting_and_lost_nodes() -> None:
    gone = pod(container(RUNNING, ready=True), conditions=READY)
    gone["metadata"]["deletionTimestamp"] = "2026-11-21T00:00:00Z"
    assert row(gone).status == "Terminating"
    lost = copy.deepcopy(gone)
    lost["status"]["reason"] = "NodeLost"
    assert row(lost).status == "Unknown"
    ended = copy.deepcopy(gone)
    ended["status"] |= {"phase": "Failed", "containerStatuses": [container(FAILED)]}
    assert row(ended).status == "Error"


def test_what_is_no_pod_is_unreadable_and_hides_nothing() -> None:
    bad = {"metadata": {"name": "p\x1b[31m", "uid": "u"}, "status": {"containerStatuses": "what"}}
    assert (row(bad).name, row(bad).status) == ("p", "Unreadable")
    assert row({"metadata": {"name": "p"}}).status == "Unknown"
    with pytest.raises(msgspec.DecodeError):
        row({})


def test_text_from_the_cluster_is_cleaned() -> None:
    given_pod = pod(container({"waiting": {"reason": "\x1b]0;owned\x07Evil\u202e"}}))
    assert row(given_pod).status == "Evil"


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("registry.example:5000/a/b:1.4.2", "1.4.2"),
        ("registry.example:5000/a/b", "latest"),
        ("b:1@sha256:0123456789abcdef", "1"),
        ("b@sha256:0123456789abcdef", "sha256:0123456789ab"),
        ("", ""),
    ],
)
def test_the_release_is_the_images_tag(image: str, said: str) -> None:
    assert tag(image) == said


def test_the_default_container_names_the_release() -> None:
    given_pod = pod()
    given_pod["spec"]["containers"] = [{"name": "proxy", "image": "p:9"}, {"name": "app", "image": "a:1"}]
    assert row(given_pod).image == "9"
    given_pod["metadata"]["annotations"] = {"kubectl.kubernetes.io/default-container": "app"}
    assert row(given_pod).image == "1"


def test_a_recorded_deployment_and_its_revisions(recorded: Recorded) -> None:
    made = deployment_row(json.dumps(recorded.body("25")).encode())
    assert (made.revision, made.image, made.change_cause) == (2, "1.4.2-crash", "release 1.4.2")
    assert (made.wanted, made.updated, made.available, made.paused) == (3, 1, 3, False)
    assert made.progressing_reason == "ReplicaSetUpdated"
    assert made.changed_by == "python-httpx"
    sets = [replica_set_row(json.dumps(item).encode()) for item in recorded.body("26")["items"]]
    assert {(s.revision, s.image, s.owner_uid) for s in sets} == {
        (1, "1.4.1", made.uid),
        (2, "1.4.2-crash", made.uid),
    }


def test_a_revision_of_thousands_of_digits_is_none() -> None:
    raw = {"metadata": {"uid": "u", "name": "pay", "annotations": {"deployment.kubernetes.io/revision": "9" * 5000}}}
    assert deployment_row(msgspec.json.encode(raw)).revision == 0
    assert replica_set_row(msgspec.json.encode(raw)).revision == 0


def test_gitops_owners_are_recognized(recorded: Recorded) -> None:
    body = recorded.body("15")
    body["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = "x"
    assert deployment_row(json.dumps(body).encode()).gitops == "Argo CD"


def test_recorded_events(recorded: Recorded) -> None:
    events = [event_row(json.dumps(item).encode()) for item in recorded.body("24")["items"]]
    assert events
    assert all(e.at and e.at.tzinfo is UTC and e.reason and e.count >= 1 for e in events)
    assert all(e.at > datetime(2026, 1, 1, tzinfo=UTC) for e in events if e.at)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["state", "lastState", "terminated", "exitCode", "name", "ready", "reason", "restartCount"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    spec=json_values,
    status=st.dictionaries(
        st.sampled_from(["phase", "reason", "conditions", "containerStatuses", "initContainerStatuses"]), json_values
    ),
)
def test_any_status_gives_a_row(spec: object, status: object) -> None:
    made = row({"metadata": {"name": "p", "uid": "u"}, "spec": spec, "status": status})
    assert made.name == "p"
    assert made.status
    assert made.status.isprintable()
