"""Logs, descriptions, rollouts and permissions of a living cluster."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import eventually
from replay import answering, kubeconfig, serving
from simcluster import NAME, NAMESPACE, Living, living
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from cockpit.clock import SystemClock
from cockpit.kube import needs
from cockpit.kube.access import JSON_PATCH, Access
from cockpit.kube.errors import KubeError
from cockpit.kube.logs import ending as logs
from cockpit.kube.paths import resource_path
from cockpit.kube.pods import describe
from cockpit.kube.pods.row import pod_row
from cockpit.kube.rollouts import rollout
from cockpit.text import MASK

pytestmark = pytest.mark.anyio


async def crashing(alive: Living) -> str:
    """Roll out a release that crashes, and give the name of a pod of it that has restarted."""
    alive.release("1.4.2-crash")

    def found() -> str:
        rows = [pod_row(json.dumps(pod).encode()) for pod in alive.pods()]
        return next((row.name for row in rows if row.status == "CrashLoopBackOff"), "")

    return str(await eventually(found))


async def test_a_log_is_cleaned_redacted_and_bounded(tmp_path: Path) -> None:
    async with living(tmp_path) as alive:
        pod = alive.pods()[0]["metadata"]["name"]
        whole = await logs.tail(alive.access, NAMESPACE, pod, lines=10_000)
        last = await logs.tail(alive.access, NAMESPACE, pod, lines=3)
    assert f"login red password={MASK} token: {MASK}" in whole.lines
    assert all(line.isprintable() for line in whole.lines)
    assert (len(last.lines), last.cut, last.previous) == (3, False, False)


async def test_the_previous_log_says_why_it_crashed(tmp_path: Path) -> None:
    async with living(tmp_path) as alive:
        pod = await crashing(alive)
        previous = await logs.tail(alive.access, NAMESPACE, pod, previous=True)
        calm = next(p["metadata"]["name"] for p in alive.pods() if p["metadata"]["name"] != pod)
        with pytest.raises(KubeError) as none_before:
            await logs.tail(alive.access, NAMESPACE, calm, previous=True)
        with pytest.raises(KubeError) as gone:
            await logs.tail(alive.access, NAMESPACE, "nope")
    assert previous.lines[-1] == "FATAL cannot reach gateway"
    assert "has not restarted" in none_before.value.mend
    assert "choose another" in gone.value.mend


async def test_a_container_that_waits_is_told_as_waiting(tmp_path: Path) -> None:
    async with living(tmp_path) as alive:
        alive.cluster.patch_merge(
            "deployments",
            NAMESPACE,
            NAME,
            {"spec": {"template": {"spec": {"containers": [{"name": "payment", "image": "nowhere/x:1"}]}}}},
        )

        def waiting() -> str:
            rows = [pod_row(json.dumps(pod).encode()) for pod in alive.pods()]
            return next((row.name for row in rows if row.crash_reason == "ImagePullBackOff"), "")

        pod = str(await eventually(waiting))
        with pytest.raises(KubeError) as caught:
            await logs.tail(alive.access, NAMESPACE, pod)
    assert "waiting to start" in caught.value.message
    assert "describe the pod" in caught.value.mend


async def test_a_pod_of_several_containers_gives_its_default_ones_log(tmp_path: Path) -> None:
    annotation = {"kubectl.kubernetes.io/default-container": "app"}
    pod = {"metadata": {"annotations": annotation}, "spec": {"containers": [{"name": "proxy"}, {"name": "app"}]}}

    async def handler(request: Request) -> Response:
        if not request.url.path.endswith("/log"):
            return JSONResponse(pod)
        if container := request.query_params.get("container"):
            return PlainTextResponse(f"of {container}\n")
        return JSONResponse({"message": "a container name must be specified for pod p"}, 400)

    async with serving(answering(handler)) as server:
        access = await Access.open("prod-eu", kubeconfig(tmp_path, server), SystemClock())
        read = await logs.tail(access, NAMESPACE, "p")
        names = await logs.containers(access, NAMESPACE, "p")
        await access.close()
    assert (read.container, read.lines, names) == ("app", ("of app",), ("app", "proxy"))


async def test_a_description_begins_with_what_is_wrong(tmp_path: Path) -> None:
    async with living(tmp_path) as alive:
        pod = await crashing(alive)
        lines = await describe.describe(alive.access, NAMESPACE, pod, SystemClock())
    assert lines[0].startswith(f"{pod}  CrashLoopBackOff  0/1 ready")
    assert lines[1] == "does not stay up: CrashLoopBackOff, exit code 1"
    text = "\n".join(lines)
    assert "before that Error, exit code 1" in text
    assert "BackOff" in text.partition("events, newest first")[2]
    assert "limits      memory 512Mi" in text
    assert "GET :3006/health" in text


async def test_a_description_without_events_says_why(tmp_path: Path) -> None:
    async with living(tmp_path, token="viewer") as alive:
        pod = alive.pods()[0]["metadata"]["name"]
        lines = await describe.describe(alive.access, NAMESPACE, pod, SystemClock())
    assert any(line.startswith("events unknown: prod-eu answered 403") for line in lines)


async def test_a_rollback_goes_to_the_pinned_revision_and_keeps_what_is_the_deployments(tmp_path: Path) -> None:
    path = resource_path("apps/v1", "deployments", NAMESPACE, NAME)
    async with living(tmp_path) as alive:
        alive.release("1.4.2-crash")
        await crashing(alive)
        before = await rollout.read(alive.access, NAMESPACE, NAME)
        patch = rollout.rollback_patch(before, 1)
        await alive.access.call("PATCH", path, query={"dryRun": "All"}, body=patch, content_type=JSON_PATCH)
        assert (await rollout.read(alive.access, NAMESPACE, NAME)).deployment.image == "1.4.2-crash"
        for _ in range(20):  # its status changes as pods crash, and the patch holds only for what was read
            before = await rollout.read(alive.access, NAMESPACE, NAME)
            patch = rollout.rollback_patch(before, 1)
            with suppress(KubeError):
                await alive.access.call("PATCH", path, body=patch, content_type=JSON_PATCH)
                break

        async def settled() -> bool:
            return rollout.status((await rollout.read(alive.access, NAMESPACE, NAME)).deployment).state == "complete"

        await eventually(settled)
        after = await rollout.read(alive.access, NAMESPACE, NAME)
    assert [(r.number, r.image, r.change_cause, r.current) for r in before.revisions] == [
        (2, "1.4.2-crash", "release 1.4.2-crash", True),
        (1, "1.4.1", "release 1.4.1", False),
    ]
    assert (after.deployment.revision, after.deployment.image) == (3, "1.4.1")
    assert after.deployment.change_cause == "release 1.4.1"
    assert [r.number for r in after.revisions] == [3, 2]


async def test_a_rollback_that_would_do_nothing_is_refused(tmp_path: Path) -> None:
    async with living(tmp_path) as alive:
        now = await rollout.read(alive.access, NAMESPACE, NAME)
        with pytest.raises(KubeError, match="is at revision 1 already"):
            rollout.rollback_patch(now, 1)
        with pytest.raises(KubeError, match="no revision 7; kept are: 1"):
            rollout.rollback_patch(now, 7)
        alive.cluster.patch_merge("deployments", NAMESPACE, NAME, {"spec": {"paused": True}})
        paused = await rollout.read(alive.access, NAMESPACE, NAME)
        with pytest.raises(KubeError, match="is paused"):
            rollout.rollback_patch(paused, 1)
        with pytest.raises(KubeError) as missing:
            await rollout.read(alive.access, NAMESPACE, "nope")
    assert missing.value.kind == "not-found"


async def test_a_rollout_that_never_gets_ready_stalls(tmp_path: Path) -> None:
    async with living(tmp_path, deadline=10, speed=10) as alive:
        alive.release("1.5.0-slow")
        seen: list[str] = []

        async def stalled() -> bool:
            seen.append(rollout.status((await rollout.read(alive.access, NAMESPACE, NAME)).deployment).state)
            return seen[-1] == "stalled"

        await eventually(stalled)
    assert "progressing" in seen


async def test_the_doctor_asks_for_every_permission(tmp_path: Path) -> None:
    async with living(tmp_path, token="viewer") as alive:
        found = {str(need): permission.allowed for need, permission in
                 await needs.permissions(alive.access, NAMESPACE, NAME)}  # fmt: skip
        name = await needs.user(alive.access)
    assert found["list pods"]
    assert found["get pods/log"]
    assert not found["patch deployments.apps"]
    assert len(found) == len(needs.NEEDS)
    assert name in ("viewer", "")
