"""The real Python client against the simulated API: its typed models accept what we answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config, watch
from simulator.cluster.scenes import IMAGE, Scene, healthy_cluster, image_patch, scene

pytestmark = pytest.mark.anyio


async def using(here: Scene, home: Path, work: Callable[[client.ApiClient], Any]) -> Any:
    """Do blocking work with a client, beside the loop that serves."""

    def do() -> Any:
        with config.new_client_from_config(str(here.served.kubeconfig(home))) as api:
            return work(api)

    return await asyncio.wait_for(asyncio.to_thread(do), 30)


async def test_models_read_every_kind(tmp_path: Path) -> None:
    async with scene(healthy_cluster()) as here:

        def work(api: client.ApiClient) -> None:
            core, apps = client.CoreV1Api(api), client.AppsV1Api(api)
            pods = core.list_namespaced_pod("production", limit=2)
            assert pods.metadata.remaining_item_count == 1
            assert pods.items[0].status.container_statuses[0].state.running.started_at.tzinfo is not None
            assert apps.read_namespaced_deployment("payment-service", "production").status.ready_replicas == 3
            assert apps.list_namespaced_replica_set("production").items[0].status.replicas == 3
            assert {each.reason for each in core.list_namespaced_event("production").items} >= {"Scheduled", "Started"}
            assert len(core.list_node().items) == 3
            assert client.VersionApi(api).get_code().minor == "36"
            assert (
                core.read_namespaced_pod_log(pods.items[0].metadata.name, "production", tail_lines=2).count("\n") == 2
            )

        await using(here, tmp_path, work)


async def test_client_changes_things(tmp_path: Path) -> None:
    async with scene(healthy_cluster()) as here:

        def work(api: client.ApiClient) -> None:
            apps = client.AppsV1Api(api)
            dry = apps.patch_namespaced_deployment("payment-service", "production", image_patch("1.4.2"), dry_run="All")
            assert dry.spec.template.spec.containers[0].image == f"{IMAGE}:1.4.2"
            apps.patch_namespaced_deployment_scale("payment-service", "production", {"spec": {"replicas": 4}})
            assert apps.read_namespaced_deployment_scale("payment-service", "production").spec.replicas == 4
            with pytest.raises(client.ApiException) as refused:
                apps.patch_namespaced_deployment("payment-service", "production", {"spec": {"replicas": -1}})
            assert refused.value.status == 422
            apps.delete_namespaced_deployment("payment-service", "production", propagation_policy="Foreground")

        await using(here, tmp_path, work)


async def test_client_watches(tmp_path: Path) -> None:
    async with scene(healthy_cluster()) as here:

        def work(api: client.ApiClient) -> list[str]:
            core = client.CoreV1Api(api)
            core.delete_namespaced_pod(here.pods()[0]["metadata"]["name"], "production")
            told: list[str] = []
            for event in watch.Watch().stream(core.list_namespaced_pod, "production", timeout_seconds=20):
                told.append(event["type"])
                if event["type"] == "DELETED":
                    return told
            return told

        told = await using(here, tmp_path, work)
        assert told[:3] == ["ADDED"] * 3
        assert "MODIFIED" in told
        assert told[-1] == "DELETED"
