"""The kubelets: starting, crashing, backing off, running out of memory, ending with grace, and what they say of it."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import eventually
from simulator.cluster.scenes import IMAGE, PODS, Obj, deployment, empty_cluster, healthy_cluster, pod, scene, words

from cockpit.simulator.cluster import Cluster
from cockpit.simulator.cluster.timeline import parse_time

pytestmark = pytest.mark.anyio


def reasons(cluster: Cluster, name: str) -> dict[str, int]:
    """The events about one pod: reason to count."""
    found: dict[str, int] = {}
    for event in cluster.list("events", "production"):
        if event["involvedObject"]["name"] == name:
            found[event["reason"]] = found.get(event["reason"], 0) + event["count"]
    return found


def container(cluster: Cluster, name: str) -> Obj:
    found = cluster.get("pods", "production", name)
    assert found is not None
    status: Obj = (found["status"].get("containerStatuses") or [{}])[0]
    return status


async def test_pod_starts_step_by_step() -> None:
    async with scene(empty_cluster()) as here:
        told: list[tuple[str, str]] = []
        here.cluster.store.subscribe(
            lambda change: (
                told.append((change.record.obj["status"]["phase"], words([change.record.obj])[0]))
                if change.plural == "pods"
                else None
            )
        )
        here.cluster.create(pod("one"))
        await eventually(lambda: container(here.cluster, "one").get("ready"))
        assert told[0] == ("Pending", "Pending")
        assert ("Pending", "ContainerCreating") in told
        assert told[-1] == ("Running", "Running")
        assert reasons(here.cluster, "one").keys() == {"Scheduled", "Pulling", "Pulled", "Created", "Started"}
        status = (here.cluster.get("pods", "production", "one") or {})["status"]
        assert {each["type"]: each["status"] for each in status["conditions"]} == dict.fromkeys(
            ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"), "True"
        )
        assert status["containerStatuses"][0]["imageID"].startswith(f"{IMAGE}@sha256:")


async def test_crash_backs_off_longer_each_time() -> None:
    """At once, then 10 s, 20 s, 40 s, ... 5 min between the end of a container and its next start."""
    async with scene(empty_cluster(speed=400)) as here:
        starts: list[float] = []
        ends: list[float] = []

        def note(change: Any) -> None:
            if change.plural != "pods":
                return
            state = (change.record.obj["status"].get("containerStatuses") or [{"state": {}}])[0]["state"]
            now = here.cluster.timeline.moment()
            if "running" in state and len(starts) == len(ends):
                starts.append(now)
            elif "terminated" in state and len(ends) < len(starts):
                ends.append(now)

        here.cluster.store.subscribe(note)
        here.cluster.create(pod("crasher", f"{IMAGE}:crash"))
        await eventually(lambda: len(starts) >= 9, timeout=60)
        waits = [here.cluster.pace.simulated(start - end) for start, end in zip(starts[1:], ends, strict=False)]
        for waited, least in zip(waits, (0, 10, 20, 40, 80, 160, 300, 300), strict=False):
            assert waited >= least
        assert reasons(here.cluster, "crasher")["BackOff"] >= 7


async def test_crash_loop_says_what_happened() -> None:
    async with scene(empty_cluster()) as here:
        here.cluster.create(pod("crasher", f"{IMAGE}:crash"))
        await eventually(
            lambda: words([here.cluster.get("pods", "production", "crasher") or {}]) == ["CrashLoopBackOff"]
        )
        status = container(here.cluster, "crasher")
        assert status["lastState"]["terminated"]["exitCode"] == 1
        assert status["lastState"]["terminated"]["reason"] == "Error"
        assert (
            "back-off 10s restarting failed container=main pod=crasher_production("
            in status["state"]["waiting"]["message"]
        )
        assert status["restartCount"] == 1
        assert not status["ready"]


async def test_out_of_memory_is_told_as_such() -> None:
    async with scene(empty_cluster()) as here:
        here.cluster.create(pod("eater", f"{IMAGE}:oom"))
        await eventually(lambda: container(here.cluster, "eater").get("lastState"))
        ended = container(here.cluster, "eater")["lastState"]["terminated"]
        assert (ended["reason"], ended["exitCode"]) == ("OOMKilled", 137)


async def test_unknown_image_cannot_be_pulled() -> None:
    async with scene(empty_cluster()) as here:
        here.cluster.create(pod("typo", "registry.local/paymnet-service:1"))
        await eventually(lambda: words(here.pods()) == ["ImagePullBackOff"])
        found = reasons(here.cluster, "typo")
        assert {"Pulling", "Failed", "BackOff"} <= found.keys()
        await eventually(lambda: reasons(here.cluster, "typo")["Pulling"] >= 2)
        assert (here.cluster.get("pods", "production", "typo") or {})["status"]["phase"] == "Pending"


async def test_pod_that_is_done_succeeds_when_it_must_not_restart() -> None:
    async with scene(empty_cluster()) as here:
        here.cluster.create(pod("job", f"{IMAGE}:done", restartPolicy="Never"))
        here.cluster.create(pod("bad", f"{IMAGE}:crash", restartPolicy="Never"))
        phases = {"job": "Succeeded", "bad": "Failed"}
        await eventually(
            lambda: all(
                (here.cluster.get("pods", "production", name) or {})["status"]["phase"] == phase
                for name, phase in phases.items()
            )
        )
        assert container(here.cluster, "job")["state"]["terminated"]["reason"] == "Completed"
        assert container(here.cluster, "bad")["restartCount"] == 0


async def test_init_containers_run_in_order_before_the_others() -> None:
    async with scene(empty_cluster()) as here:
        init = [{"name": "first", "image": f"{IMAGE}:done"}, {"name": "second", "image": f"{IMAGE}:done"}]
        here.cluster.create(pod("prepared", initContainers=init))
        cells: set[str] = set()

        async def look() -> bool:
            table = await here.get(PODS, headers={"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"})
            cells.add(table["rows"][0]["cells"][2])
            return "Running" in cells

        await eventually(look)
        assert {"Init:0/2", "Init:1/2"} & cells
        statuses = (here.cluster.get("pods", "production", "prepared") or {})["status"]["initContainerStatuses"]
        assert [each["state"]["terminated"]["reason"] for each in statuses] == ["Completed", "Completed"]


async def test_failing_readiness_probe_is_said_again_and_again() -> None:
    async with scene(empty_cluster()) as here:
        body = pod("warming", f"{IMAGE}:unready")
        body["spec"]["containers"][0]["readinessProbe"] = {"httpGet": {"path": "/ready", "port": 8080}}
        here.cluster.create(body)
        await eventually(lambda: reasons(here.cluster, "warming").get("Unhealthy", 0) >= 2)
        assert not container(here.cluster, "warming")["ready"]


async def test_deleted_pod_ends_with_grace() -> None:
    async with scene(empty_cluster(speed=10)) as here:
        here.cluster.create(pod("leaving"))
        await eventually(lambda: container(here.cluster, "leaving").get("ready"))
        answer = (await here.http.delete(f"{PODS}/leaving")).json()
        assert answer["metadata"]["deletionGracePeriodSeconds"] == 30
        left = parse_time(answer["metadata"]["deletionTimestamp"]) - here.cluster.timeline.now()
        assert 20 < left.total_seconds() <= 31
        told: list[Obj] = []
        here.cluster.store.subscribe(lambda change: told.append(change.record.obj) if change.plural == "pods" else None)
        await eventually(lambda: here.cluster.get("pods", "production", "leaving") is None)
        ended = [each["status"]["containerStatuses"][0]["state"].get("terminated") for each in told]
        assert ended[-1]["exitCode"] == 0
        assert reasons(here.cluster, "leaving")["Killing"] == 1


async def test_pod_that_does_not_listen_is_killed_when_its_grace_is_over() -> None:
    async with scene(empty_cluster()) as here:
        here.cluster.create(pod("stubborn", f"{IMAGE}:slow-stop", terminationGracePeriodSeconds=5))
        await eventually(lambda: container(here.cluster, "stubborn").get("ready"))
        told: list[Obj] = []
        here.cluster.store.subscribe(lambda change: told.append(change.record.obj) if change.plural == "pods" else None)
        await here.http.delete(f"{PODS}/stubborn")
        await eventually(lambda: here.cluster.get("pods", "production", "stubborn") is None)
        assert told[-1]["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 137


async def test_forced_deletion_is_at_once() -> None:
    async with scene(healthy_cluster()) as here:
        name = here.pods()[0]["metadata"]["name"]
        await here.http.delete(f"{PODS}/{name}", params={"gracePeriodSeconds": 0})
        assert here.cluster.get("pods", "production", name) is None


async def test_cordoned_nodes_take_no_pods_until_they_may_again() -> None:
    async with scene(empty_cluster()) as here:
        for node in here.cluster.list("nodes"):
            here.cluster.patch_merge("nodes", None, node["metadata"]["name"], {"spec": {"unschedulable": True}})
        here.cluster.create(pod("waiting"))
        await eventually(lambda: reasons(here.cluster, "waiting").get("FailedScheduling"))
        scheduled = (here.cluster.get("pods", "production", "waiting") or {})["status"]["conditions"][0]
        assert (scheduled["status"], scheduled["reason"]) == ("False", "Unschedulable")
        assert scheduled["message"] == "0/3 nodes are available: 3 node(s) were unschedulable."
        here.cluster.patch_merge("nodes", None, "node-2", {"spec": {"unschedulable": None}})
        await eventually(lambda: container(here.cluster, "waiting").get("ready"))


async def test_service_knows_its_ready_pods() -> None:
    async with scene(empty_cluster()) as here:
        spec = {"selector": {"app": "payment-service"}, "ports": [{"port": 80, "targetPort": 8080}]}
        metadata = {"name": "payment-service", "namespace": "production"}
        here.cluster.create({"kind": "Service", "metadata": metadata, "spec": spec})
        here.cluster.create(deployment())

        def ready() -> list[Obj]:
            found = here.cluster.get("endpoints", "production", "payment-service") or {}
            return [each for subset in found.get("subsets", ()) for each in subset.get("addresses", ())]

        await eventually(lambda: len(ready()) == 3)
        assert {each["targetRef"]["name"] for each in ready()} == {each["metadata"]["name"] for each in here.pods()}
        victim = here.pods()[0]
        here.cluster.delete("pods", "production", victim["metadata"]["name"])
        await eventually(lambda: victim["status"]["podIP"] not in {each["ip"] for each in ready()})
