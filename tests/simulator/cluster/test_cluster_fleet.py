"""A filled cluster: many pods at once, which behave as all others, and change when they should."""

from __future__ import annotations

import asyncio

import pytest
from conftest import eventually
from simulator.cluster.scenes import PODS, empty_cluster, scene, words

pytestmark = pytest.mark.anyio


async def test_filled_pods_run_and_are_listed() -> None:
    cluster = empty_cluster()
    cluster.fill(1000)
    async with scene(cluster) as here:
        found = await here.get("/api/v1/pods", params={"limit": 300})
        assert (len(found["items"]), found["metadata"]["remainingItemCount"]) == (300, 700)
        await asyncio.sleep(0.1)
        assert set(words(here.pods())) == {"Running"}
        per_node: dict[str, int] = {}
        for each in here.pods():
            per_node[each["spec"]["nodeName"]] = per_node.get(each["spec"]["nodeName"], 0) + 1
        assert max(per_node.values()) <= 110
        name = here.pods()[0]["metadata"]["name"]
        assert "INFO heartbeat" in (await here.http.get(f"{PODS}/{name}/log")).text


async def test_controllers_have_nothing_to_mend_in_a_filled_cluster() -> None:
    cluster = empty_cluster()
    cluster.fill(250)
    before = cluster.store.version
    async with scene(cluster) as here:
        await asyncio.sleep(0.2)
        assert here.cluster.store.version == before


async def test_deleted_filling_pod_is_replaced() -> None:
    cluster = empty_cluster()
    cluster.fill(20)
    async with scene(cluster) as here:
        name = here.pods()[0]["metadata"]["name"]
        here.cluster.delete("pods", "production", name)
        await eventually(
            lambda: (
                len(here.pods()) == 20
                and name not in {each["metadata"]["name"] for each in here.pods()}
                and set(words(here.pods())) == {"Running"}
            )
        )


async def test_churn_changes_pods_until_it_is_cancelled() -> None:
    cluster = empty_cluster(speed=1)
    cluster.fill(50)
    async with scene(cluster) as here:
        version = here.cluster.store.version
        churning = asyncio.create_task(here.cluster.churn(200))
        await eventually(lambda: here.cluster.store.version > version + 20)
        churning.cancel()
        await asyncio.gather(churning, return_exceptions=True)
