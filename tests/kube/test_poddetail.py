"""A pod in full, from raw JSON of any kind: states in words, amounts, and YAML that shows no secret."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.kube.pods.detail import LONGEST_TEXT, PodDetail, pod_detail
from cockpit.text import MASK

NOW = datetime(2026, 1, 31, 3, 12, 7, tzinfo=UTC)
CONTAINER = {
    "name": "payment", "image": "registry.example/payment:1.4.2",
    "env": [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "MODE", "value": "live"}],
    "resources": {"requests": {"cpu": "250m", "memory": "256Mi"}, "limits": {"cpu": "500m"}},
    "readinessProbe": {"httpGet": {"path": "/health", "port": 3006}, "periodSeconds": 5},
}  # fmt: skip
CRASHED = {
    "name": "payment", "ready": False, "restartCount": 7,
    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}},
    "lastState": {"terminated": {
        "exitCode": 1, "reason": "Error", "startedAt": "2026-01-31T03:10:04Z", "finishedAt": "2026-01-31T03:10:07Z",
    }},
}  # fmt: skip


def pod(**more: Any) -> dict[str, Any]:
    meta = {
        "name": "payment-service-a-b", "namespace": "production", "uid": "u",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": '{"env": "hunter2"}'},
        "managedFields": [{"manager": "kubelet"}, {"manager": "kubectl"}],
    }  # fmt: skip
    init = {"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"}
    return {
        "kind": "Pod", "metadata": meta, "spec": {"containers": [CONTAINER], "initContainers": [init]},
        "status": {
            "phase": "Running", "containerStatuses": [CRASHED], "qosClass": "Burstable",
            "conditions": [
                {"type": "PodScheduled", "status": "True"},
                {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "payment\u001b[31m",
                 "lastTransitionTime": "2026-01-31T03:10:07Z"},
            ],
        },
    } | more  # fmt: skip


def detail(given: dict[str, Any]) -> PodDetail:
    return pod_detail(json.dumps(given).encode())


def test_a_container_says_how_it_is_and_how_it_was() -> None:
    proxy, payment = detail(pod()).containers(NOW)
    assert (proxy.kind, proxy.state) == ("sidecar", "unknown")
    assert payment.state == "waiting: CrashLoopBackOff back-off 5m0s"
    assert payment.before == "Error, exit code 1, 2m ago after 3s"
    assert (payment.restarts, payment.ready, payment.running) == (7, False, False)
    assert (payment.amounts.cpu_request, payment.amounts.cpu_limit) == (0.25, 0.5)
    assert (payment.amounts.memory_request, payment.amounts.memory_limit) == (256 * 1024**2, None)
    assert payment.probes == (("readiness", "GET :3006/health, every 5 s, 3 failures in a row count"),)


def test_what_does_not_hold_comes_first_and_no_control_passes() -> None:
    ready, scheduled = detail(pod()).conditions()
    assert (ready.type, ready.status, ready.said) == ("Ready", "False", "ContainersNotReady, payment")
    assert scheduled.since is None
    assert ("QoS", "Burstable") in detail(pod()).facts()


def test_the_yaml_shows_no_secret_however_yaml_writes_it() -> None:
    """Words of a command stand in lines of their own, and quotes and line ends are written otherwise."""
    words = ["--db-password", "hunter2", "--token=hunter2", "--port", "80"]
    given = {**CONTAINER, "args": words, "env": [{"name": "CONF", "value": "user: it's\npassword: 'it\\'s hunter2'"}]}
    hidden = pod(spec={"containers": [given]})
    hidden["metadata"]["annotations"] = {"app/password": "it's hunter2", "app/name": "it's here"}
    text = "\n".join(detail(hidden).yaml())
    assert "hunter2" not in text
    assert all(word in text for word in ("- --db-password\n", "--port", "'80'", "it's here"))


def test_the_yaml_shows_no_secret_and_folds_what_nobody_reads() -> None:
    text = "\n".join(detail(pod()).yaml())
    assert "hunter2" not in text
    assert f"value: {MASK}" in text
    assert "value: live" in text
    assert "managedFields: 2 entries, folded" in text
    assert "last-applied-configuration: 18 characters, folded" in text


def test_a_huge_object_is_cut_and_says_so() -> None:
    lines = detail(pod(spec={"containers": [CONTAINER], "big": "x" * 300_000})).yaml()
    assert lines[-1].endswith(" characters in all")
    assert sum(map(len, lines)) < LONGEST_TEXT + 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["name", "state", "waiting", "terminated", "exitCode", "resources", "limits", "cpu", "httpGet", "type"]), inner,
        max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(JSON, JSON, JSON)
@settings(deadline=None)
def test_whatever_the_server_sends_has_a_page(spec: object, status: object, conditions: object) -> None:
    """A malformed pod is shown as far as it can be read."""
    containers = {"containers": [CONTAINER, spec], "initContainers": spec}
    given_status = {"containerStatuses": [status], "initContainerStatuses": status, "conditions": conditions}
    found = detail({"metadata": {"name": "p"}, "spec": containers, "status": given_status})
    assert found.row.name == "p"
    assert any(each.name == "payment" for each in found.containers(NOW))
    assert isinstance(found.conditions(), tuple)
    assert found.facts() is not None
    assert found.yaml()


def test_what_has_no_name_is_no_pod() -> None:
    with pytest.raises(msgspec.DecodeError):
        pod_detail(b'{"metadata": {}}')
