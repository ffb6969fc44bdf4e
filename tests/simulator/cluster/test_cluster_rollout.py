"""The deployment controller: surge, unavailability, revisions, deadlines, pauses, scaling, as in a real one."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import eventually
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator.cluster.scenes import (
    DEPLOYMENT,
    IMAGE,
    MERGE,
    deployment,
    empty_cluster,
    healthy_cluster,
    image_patch,
    scene,
    words,
)

from cockpit.simulator.cluster import Cluster
from cockpit.simulator.cluster.controllers.rollout import limits, proportional

pytestmark = pytest.mark.anyio

REVISION = "deployment.kubernetes.io/revision"


def sets(cluster: Cluster) -> dict[str, dict[str, Any]]:
    """The replica sets by the tag of their image."""
    found = cluster.list("replicasets", "production")
    return {each["spec"]["template"]["spec"]["containers"][0]["image"].rpartition(":")[2]: each for each in found}


def annotations(obj: dict[str, Any]) -> dict[str, str]:
    return dict(obj["metadata"]["annotations"])


class Census:
    """Counts pods and available pods at every change."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.most = 0
        self.fewest_available = 10**6
        cluster.store.subscribe(lambda change: self._count() if change.plural == "pods" else None)

    def _count(self) -> None:
        pods = [
            each for each in self._cluster.list("pods", "production") if "deletionTimestamp" not in each["metadata"]
        ]
        ready = [
            each
            for each in pods
            if any(c["type"] == "Ready" and c["status"] == "True" for c in each["status"].get("conditions", ()))
        ]
        self.most = max(self.most, len(pods))
        self.fewest_available = min(self.fewest_available, len(ready))


@pytest.mark.parametrize(
    ("surge", "unavailable", "most", "fewest"),
    [("25%", "25%", 5, 3), (0, 1, 4, 3), (2, 0, 6, 4), ("100%", "50%", 8, 2), (0, 0, 4, 3)],
)
async def test_rollout_keeps_within_surge_and_unavailable(surge: Any, unavailable: Any, most: int, fewest: int) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}
    async with scene(healthy_cluster(replicas=4, strategy=strategy)) as here:
        census = Census(here.cluster)
        await here.patch(DEPLOYMENT, image_patch("1.4.2"))
        await here.complete()
        assert census.most <= most
        assert census.fewest_available >= fewest
        await eventually(lambda: {each["spec"]["containers"][0]["image"] for each in here.pods()} == {f"{IMAGE}:1.4.2"})
        assert here.conditions()["Progressing"] == "NewReplicaSetAvailable"


async def test_recreate_ends_all_old_pods_first() -> None:
    async with scene(healthy_cluster(strategy={"type": "Recreate"})) as here:
        seen: list[set[str]] = []
        here.cluster.store.subscribe(
            lambda change: seen.append({each["spec"]["containers"][0]["image"] for each in here.pods()})
        )
        await here.patch(DEPLOYMENT, image_patch("1.4.2"))
        await here.complete()
        assert all(len(images) <= 1 for images in seen)


async def test_rollback_wakes_the_old_replica_set_under_a_new_revision() -> None:
    async with scene(healthy_cluster()) as here:
        first = sets(here.cluster)["1.4.1"]["metadata"]["uid"]
        await here.patch(DEPLOYMENT, image_patch("1.4.2-crash"))
        await eventually(lambda: "CrashLoopBackOff" in words(here.pods()))
        assert annotations(sets(here.cluster)["1.4.2-crash"])[REVISION] == "2"
        await here.patch(DEPLOYMENT, image_patch("1.4.1"))
        await here.complete()
        old = sets(here.cluster)["1.4.1"]
        assert old["metadata"]["uid"] == first
        assert annotations(old)[REVISION] == "3"
        assert annotations(old)["deployment.kubernetes.io/revision-history"] == "1"
        assert annotations(here.cluster.get("deployments", "production", "payment-service") or {})[REVISION] == "3"


async def test_bad_release_stalls_after_the_surge_and_misses_its_deadline() -> None:
    """The old pods go on serving; after progressDeadlineSeconds the condition says so."""
    async with scene(healthy_cluster(progressDeadlineSeconds=30)) as here:
        await here.patch(DEPLOYMENT, image_patch("1.4.2-crash"))
        await eventually(lambda: here.conditions()["Progressing"] == "ProgressDeadlineExceeded")
        status = (await here.get(DEPLOYMENT))["status"]
        assert (status["readyReplicas"], status["updatedReplicas"], status["unavailableReplicas"]) == (3, 1, 1)
        progressing = next(each for each in status["conditions"] if each["type"] == "Progressing")
        assert progressing["status"] == "False"
        assert progressing["message"].endswith("has timed out progressing.")


async def test_paused_deployment_scales_but_does_not_roll() -> None:
    async with scene(healthy_cluster()) as here:
        await here.patch(DEPLOYMENT, {"spec": {"paused": True}}, MERGE)
        await eventually(lambda: here.conditions()["Progressing"] == "DeploymentPaused")
        await here.patch(DEPLOYMENT, image_patch("1.4.2"))
        await here.patch(DEPLOYMENT, {"spec": {"replicas": 5}}, MERGE)
        await eventually(lambda: len(here.pods()) == 5)
        assert set(sets(here.cluster)) == {"1.4.1"}
        await here.patch(DEPLOYMENT, {"spec": {"paused": None}}, MERGE)
        await here.complete()
        assert sets(here.cluster)["1.4.2"]["spec"]["replicas"] == 5


async def test_scaling_down_gives_up_pods_that_are_not_ready_first() -> None:
    async with scene(healthy_cluster()) as here:
        broken = here.pods()[1]["metadata"]["name"]
        here.cluster.patch_merge("pods", "production", broken, {"metadata": {"labels": {"broken": "yes"}}})
        record = here.cluster.store.get("pods", "production", broken)
        assert record is not None
        conditions = [
            {**each, "status": "False"} if each["type"] in ("Ready", "ContainersReady") else each
            for each in record.obj["status"]["conditions"]
        ]
        here.cluster.store.put("pods", {**record.obj, "status": {**record.obj["status"], "conditions": conditions}})
        await here.patch(DEPLOYMENT + "/scale", {"spec": {"replicas": 2}}, MERGE)
        await eventually(lambda: len(here.pods()) == 2)
        assert broken not in {each["metadata"]["name"] for each in here.pods()}


async def test_history_limit_forgets_the_oldest_revisions() -> None:
    async with scene(healthy_cluster(revisionHistoryLimit=2)) as here:
        for tag in ("1.4.2", "1.4.3", "1.4.4"):
            await here.patch(DEPLOYMENT, image_patch(tag))
            await here.complete()
        await eventually(lambda: set(sets(here.cluster)) == {"1.4.2", "1.4.3", "1.4.4"})


async def test_release_over_a_stuck_one_replaces_its_broken_pods() -> None:
    async with scene(healthy_cluster()) as here:
        await here.patch(DEPLOYMENT, image_patch("1.4.2-crash"))
        await eventually(lambda: "CrashLoopBackOff" in words(here.pods()))
        await here.patch(DEPLOYMENT, image_patch("1.4.3"))
        await here.complete()
        assert sets(here.cluster)["1.4.2-crash"]["spec"]["replicas"] == 0


async def test_quarantined_pod_is_released_and_replaced() -> None:
    """A pod whose label is taken away goes on, and the replica set makes another."""
    async with scene(healthy_cluster()) as here:
        name = here.pods()[0]["metadata"]["name"]
        here.cluster.patch_merge("pods", "production", name, {"metadata": {"labels": {"app": "quarantine"}}})
        await eventually(lambda: len(here.pods()) == 4)
        assert "ownerReferences" not in (here.cluster.get("pods", "production", name) or {})["metadata"]


@pytest.mark.parametrize("policy", ["Background", "Foreground"])
async def test_deleting_a_deployment_takes_everything_with_it(policy: str) -> None:
    async with scene(healthy_cluster()) as here:
        await here.http.request("DELETE", DEPLOYMENT, json={"propagationPolicy": policy})
        await eventually(lambda: not any(here.cluster.list(kind) for kind in ("deployments", "replicasets", "pods")))


async def test_orphaned_replica_set_goes_on() -> None:
    async with scene(healthy_cluster()) as here:
        await here.http.delete(DEPLOYMENT, params={"propagationPolicy": "Orphan"})
        await eventually(lambda: not here.cluster.list("deployments"))
        assert "ownerReferences" not in sets(here.cluster)["1.4.1"]["metadata"]
        assert len(here.pods()) == 3


async def test_settle_lives_through_the_past() -> None:
    """What was created 41 minutes ago is old and running at once, without any waiting."""
    cluster = healthy_cluster(speed=1)
    pods = cluster.list("pods", "production")
    assert words(pods) == ["Running"] * 3
    found = cluster.get("deployments", "production", "payment-service")
    assert found is not None
    assert all(
        each["metadata"]["creationTimestamp"][:15] == found["metadata"]["creationTimestamp"][:15] for each in pods
    )


async def test_settle_without_a_past_ends_in_the_present() -> None:
    cluster = empty_cluster(speed=1)
    cluster.create(deployment())
    cluster.settle()
    assert words(cluster.list("pods", "production")) == ["Running"] * 3


async def test_settle_leaves_a_crash_loop_crashing() -> None:
    cluster = empty_cluster(speed=1)
    body = deployment()
    body["spec"]["template"]["spec"]["containers"][0]["image"] = f"{IMAGE}:crash"
    cluster.create(body)
    cluster.settle()
    assert set(words(cluster.list("pods", "production"))) <= {"CrashLoopBackOff", "Error", "Running"}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=2, max_size=5),
    st.integers(0, 60),
    st.integers(0, 10),
)
def test_proportional_scaling_spreads_what_is_allowed(sizes: list[int], wanted: int, surge: int) -> None:
    """None goes below zero or against the direction, and the sum is allowed, up to what rounding left over at zero."""
    body = deployment(
        replicas=wanted, strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": 1}}
    )
    active = [
        {
            "metadata": {
                "name": f"set-{place}",
                "creationTimestamp": f"2026-01-01T00:00:{place:02}Z",
                "annotations": {"deployment.kubernetes.io/max-replicas": str(max(1, sum(sizes)))},
            },
            "spec": {"replicas": size},
        }
        for place, size in enumerate(sizes)
        if size
    ]
    found = proportional(body, active)
    allowed = wanted + limits(body)[0] if wanted else 0
    assert all(size >= 0 for _, size in found)
    if active:
        total = sum(size for _, size in found)
        assert total == allowed or (total > allowed and found[0][1] == 0)
        grows = allowed >= sum(sizes)
        assert all(
            (size >= each["spec"]["replicas"]) is grows or size == each["spec"]["replicas"] for each, size in found
        )
