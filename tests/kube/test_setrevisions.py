"""Revisions of stateful sets and daemon sets, in the shapes of the API: which is brought, what differs, how far."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from replay import answering, kubeconfig, serving
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cockpit.clock import SystemClock
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.rollouts.sets import SetKind, SetRollout, read
from cockpit.room.live.sets import MOST, read_sets
from cockpit.room.views.rollout import compared

pytestmark = pytest.mark.anyio


def template(image: str, **env: str) -> dict[str, Any]:
    container = {"name": "db", "image": f"registry.example/db:{image}"}
    if env:
        container["env"] = [{"name": name, "value": value} for name, value in env.items()]  # type: ignore[assignment]
    return {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [container]}}


def kept(number: int, image: str, owner: str = "set-uid", **env: str) -> dict[str, Any]:
    """A ControllerRevision."""
    data = {"spec": {"template": {**template(image, **env), "$patch": "replace"}}}
    meta = {
        "name": f"db-{number}aa", "labels": {"app": "db", "controller.kubernetes.io/hash": f"{number}aa"},
        "annotations": {"kubernetes.io/change-cause": f"release {image}\x1b[31m"},
        "ownerReferences": [{"kind": "StatefulSet", "name": "db", "uid": owner, "controller": True}],
        "creationTimestamp": f"2026-03-0{number}T01:00:00Z",
    }  # fmt: skip
    return {"metadata": meta, "revision": number, "data": data}


STATEFUL = {
    "metadata": {"name": "db", "uid": "set-uid", "generation": 7},
    "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "db"}}, "template": template("15.2"),
             "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}},
    "status": {"observedGeneration": 7, "replicas": 3, "readyReplicas": 3, "updatedReplicas": 1,
               "currentRevision": "db-1aa", "updateRevision": "db-2aa"},
}  # fmt: skip
KEPT = [kept(1, "15.1"), kept(2, "15.2", POOL="20"), kept(3, "9", owner="another")]


class Cluster:
    """An API server that has one set and its revisions."""

    def __init__(self, owner: dict[str, Any], revisions: list[dict[str, Any]]) -> None:
        self.owner, self.revisions = owner, revisions
        self.asked: list[str] = []

    async def __call__(self, request: Request) -> Response:
        self.asked.append(f"{request.url.path}?{request.query_params.get('labelSelector', '')}")
        if request.url.path.endswith("/controllerrevisions"):
            return JSONResponse({"items": self.revisions})
        if request.url.path.endswith("/db"):
            return JSONResponse(self.owner)
        return JSONResponse({"kind": "Status", "message": "it is not there", "code": 404}, 404)


async def seen(folder: Path, cluster: Cluster, kind: SetKind = "StatefulSet") -> SetRollout:
    async with serving(answering(cluster.__call__)) as server:
        access = await Access.open("prod-eu", kubeconfig(folder, server), SystemClock())
        try:
            return await read(access, "production", kind, "db")
        finally:
            await access.close()


def changed(owner: dict[str, Any], **status: Any) -> dict[str, Any]:
    """The set with another status."""
    copied: dict[str, Any] = json.loads(json.dumps(owner))
    copied["status"] |= status
    return copied


async def test_a_stateful_set_has_its_own_revisions_the_newest_first(tmp_path: Path) -> None:
    cluster = Cluster(STATEFUL, KEPT)
    found = await seen(tmp_path, cluster)
    assert cluster.asked == [
        "/apis/apps/v1/namespaces/production/statefulsets/db?",
        "/apis/apps/v1/namespaces/production/controllerrevisions?app=db",
    ]
    assert [(each.number, each.image, each.current) for each in found.revisions] == [
        (2, "15.2", True), (1, "15.1", False),
    ]  # fmt: skip
    newest = found.revisions[0]
    assert (newest.change_cause, newest.name, newest.hashed) == ("release 15.2", "db-2aa", "db-2aa")
    assert "$patch" not in newest.template
    assert (found.done, found.message) == (False, "1 of 3 pods have been updated")


@pytest.mark.parametrize(
    ("status", "done", "message"),
    [
        ({"observedGeneration": 6}, False, "waiting for the controller to see the change"),
        ({"readyReplicas": 1}, False, "2 of 3 pods are not ready yet"),
        ({"updatedReplicas": 3, "currentRevision": "db-2aa"}, True, "complete: 3/3 ready"),
    ],
)
async def test_how_far_a_stateful_set_is(tmp_path: Path, status: dict[str, Any], done: bool, message: str) -> None:
    found = await seen(tmp_path, Cluster(changed(STATEFUL, **status), KEPT))
    assert (found.done, found.message) == (done, message)


async def test_a_partition_and_a_set_that_nobody_rolls_are_said(tmp_path: Path) -> None:
    part = changed(STATEFUL)
    part["spec"]["updateStrategy"]["rollingUpdate"]["partition"] = 2
    found = await seen(tmp_path, Cluster(part, KEPT))
    assert (found.done, found.message) == (True, "complete down to its partition: 1 of 3 pods updated")
    part["spec"]["updateStrategy"] = {"type": "OnDelete"}
    found = await seen(tmp_path, Cluster(part, KEPT))
    assert found.message == "OnDelete: a pod takes a new template when somebody deletes it"


@pytest.mark.parametrize(
    ("updated", "available", "message"),
    [
        (1, 1, "1 of 4 pods have been updated"),
        (4, 2, "2 of 4 updated pods are available"),
        (4, 4, "complete: 4/4 available"),
    ],
)
async def test_a_daemon_set(tmp_path: Path, updated: int, available: int, message: str) -> None:
    status = {"observedGeneration": 7, "desiredNumberScheduled": 4, "updatedNumberScheduled": updated,
              "numberAvailable": available}  # fmt: skip
    revisions = [kept(1, "15.1"), kept(2, "15.2")]
    for each in revisions:
        each["metadata"]["labels"]["controller-revision-hash"] = f"h{each['revision']}"
    found = await seen(tmp_path, Cluster(STATEFUL | {"status": status}, revisions), "DaemonSet")
    assert found.message == message
    assert [(each.hashed, each.current) for each in found.revisions] == [("h2", True), ("h1", False)]


@pytest.mark.parametrize("data", [None, 7, {"spec": None}, {"spec": {"template": {"spec": {"containers": [7]}}}}])
async def test_a_revision_without_a_template_is_one_all_the_same(tmp_path: Path, data: Any) -> None:
    broken = kept(1, "15.1") | {"data": data}
    cluster = Cluster(STATEFUL, [broken, KEPT[1]])
    if isinstance(data, dict):
        assert [each.number for each in (await seen(tmp_path, cluster)).revisions] == [2, 1]
        return
    with pytest.raises(KubeError, match="cannot be read"):
        await seen(tmp_path, cluster)


async def test_people_see_what_changed_and_how_to_go_back_and_why_nothing_is_known(tmp_path: Path) -> None:
    cluster = Cluster(STATEFUL, KEPT)
    async with serving(answering(cluster.__call__)) as server:
        access = await Access.open("prod-eu", kubeconfig(tmp_path, server), SystemClock())
        owners = ["StatefulSet/db", "DaemonSet/gone", *(f"StatefulSet/x{number}" for number in range(MOST))]
        known, gone, *others = await read_sets(access, "production", owners)
        await access.close()
    new, old = known.revisions
    assert [str(each.name) for each in compared(old, new)] == ["db image", "db env POOL"]
    assert known.undo == "kubectl --context prod-eu -n production rollout undo statefulset/db --to-revision="
    assert "404" in gone.trouble
    assert others[-1].trouble == "only 5 sets are read"
