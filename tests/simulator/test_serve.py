"""The served world as its users find it: the files that it writes, and what answers at the addresses in them."""

from __future__ import annotations

import asyncio
import re
import signal
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from kubernetes import client, config
from simulator.cluster.stock import WEBSOCKETS, lacking, port_forward

from cockpit.config import load
from cockpit.simulator.server import Endpoints, Options, serve

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def served(directory: Path, **more: Any) -> AsyncIterator[Endpoints]:
    """A served world, until the block ends."""
    stop = asyncio.Event()
    ready: asyncio.Future[Endpoints] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(Options(directory, **more), ready.set_result, stop))
    await asyncio.wait((task, ready), return_when=asyncio.FIRST_COMPLETED)
    try:
        if task.done():
            task.result()
        yield ready.result()
    finally:
        stop.set()
        await task


def core(kubeconfig: Path, context: str) -> client.CoreV1Api:
    """The Python client, configured by the written file alone."""
    return client.CoreV1Api(config.new_client_from_config(str(kubeconfig), context=context))


async def test_the_real_client_finds_the_service_and_each_user_has_his_rights(tmp_path: Path) -> None:
    async with served(tmp_path) as endpoints:
        responder, viewer = (core(endpoints.kubeconfig, name) for name in ("prod-eu", "prod-eu-viewer"))
        for api in (responder, viewer):
            pods = await asyncio.to_thread(api.list_namespaced_pod, "production", label_selector="app=payment-service")
            assert len(pods.items) == 5
            database = await asyncio.to_thread(api.list_namespaced_pod, "database", label_selector="app=postgresql")
            assert [pod.metadata.name for pod in database.items] == ["postgresql-0"]
        change = ("payment-service-config", "production", {"data": {"LOG_LEVEL": "debug"}})
        with pytest.raises(client.ApiException) as refused:
            await asyncio.to_thread(viewer.patch_namespaced_config_map, *change)
        assert refused.value.status == 403
        changed = await asyncio.to_thread(responder.patch_namespaced_config_map, *change)
        assert changed.data["LOG_LEVEL"] == "debug"
        with pytest.raises(client.ApiException) as elsewhere:
            await asyncio.to_thread(responder.list_namespaced_config_map, "kube-system")
        assert elsewhere.value.status == 403


async def test_the_rollout_history_ends_at_the_good_revision(tmp_path: Path) -> None:
    async with served(tmp_path) as endpoints:
        api = client.AppsV1Api(config.new_client_from_config(str(endpoints.kubeconfig), context="prod-eu"))
        deployment = await asyncio.to_thread(api.read_namespaced_deployment, "payment-service", "production")
        sets = await asyncio.to_thread(api.list_namespaced_replica_set, "production")
        history = {
            int(each.metadata.annotations["deployment.kubernetes.io/revision"]): each.metadata.annotations[
                "kubernetes.io/change-cause"
            ]
            for each in sets.items
        }
        assert deployment.metadata.annotations["deployment.kubernetes.io/revision"] == "42"
        assert sorted(history) == [36, 37, 38, 39, 40, 41, 42]
        assert history[42] == "release 1.4.1"


@pytest.mark.parametrize("speed", [1.0, 10.0])
async def test_every_signal_of_the_configuration_has_a_value_and_a_past(tmp_path: Path, speed: float) -> None:
    async with served(tmp_path, speed=speed) as endpoints:
        written = yaml.safe_load(endpoints.configuration.read_text())
        url = written["prometheus"]["main"]["url"]
        assert url == endpoints.prometheus
        service = written["services"]["payment-service"]
        async with httpx.AsyncClient(base_url=url) as http:
            end = (await http.get("/api/v1/query", params={"query": "time()"})).json()["data"]["result"][0]
            start = end - 3000 / speed
            for bound in service["signals"].values():
                query = {"query": bound["query"], "start": start, "end": end, "step": 60 / speed}
                answer = (await http.get("/api/v1/query_range", params=query)).json()
                (series,) = answer["data"]["result"]
                assert len(series["values"]) > 40
        assert service["thresholds"].keys() == service["signals"].keys()
        lasting = f"{30 / speed:g}s"
        assert service["thresholds"]["error-rate"] == {"warning": "> 1", "breach": "> 5", "for": lasting}
        assert service["thresholds"]["restarts"] == {"breach": "> 3"}


async def test_the_cockpit_reads_the_configuration(tmp_path: Path) -> None:
    async with served(tmp_path) as endpoints:
        service = load(endpoints.configuration).services["payment-service"]
    assert service.runbook == "payment-service"
    assert set(service.signals) == set(service.thresholds)


async def test_windows_fit_the_speed(tmp_path: Path) -> None:
    for speed, window in ((1.0, "60s"), (10.0, "6s"), (50.0, "5s")):
        async with served(tmp_path, speed=speed) as endpoints:
            written = yaml.safe_load(endpoints.configuration.read_text())
            query = written["services"]["payment-service"]["signals"]["error-rate"]["query"]
            assert set(re.findall(r"\[(\w+)\]", query)) == {window}
            async with httpx.AsyncClient(base_url=endpoints.prometheus) as http:
                targets = (await http.get("/api/v1/targets")).json()["data"]["activeTargets"]
            intervals = {float(target["scrapeInterval"].removesuffix("s")) for target in targets}
            assert all(interval * 4 <= float(window.removesuffix("s")) for interval in intervals)


async def test_the_files_are_private_and_written_anew(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "one"
    for _ in range(2):
        async with served(directory) as endpoints:
            for path in (endpoints.kubeconfig, endpoints.configuration):
                assert stat.S_IMODE(path.stat().st_mode) == 0o600
            written = yaml.safe_load(endpoints.kubeconfig.read_text())
            assert written["clusters"][0]["cluster"]["server"] == endpoints.kubernetes
            answer = await asyncio.to_thread(core(endpoints.kubeconfig, "prod-eu").list_namespace)
            assert {"production", "database"} <= {each.metadata.name for each in answer.items}
    secrets = list((directory / "secrets").iterdir())
    assert "slack-token" in [path.name for path in secrets]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}
    assert sorted(path.name for path in directory.iterdir()) == ["arrived.txt", "cockpit.yaml", "kubeconfig", "secrets"]


@pytest.mark.skipif(bool(lacking(WEBSOCKETS)), reason=lacking(WEBSOCKETS))
async def test_a_forwarded_port_shows_the_metrics_of_a_pod_until_the_server_stops(tmp_path: Path) -> None:
    line = "kubectl port-forward svc/payment-service-metrics :8080 -n production"
    async with AsyncExitStack() as forwards:
        async with served(tmp_path) as endpoints:
            forward = await forwards.enter_async_context(port_forward(line, endpoints.kubeconfig, tmp_path))
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{forward.ports[0]}") as http:
                metrics = (await http.get("/metrics")).text
                assert 'payment_service_build_info{version="1.4.' in metrics
                assert (await http.get("/health")).json()["status"] == "ok"
        assert await forward.ended() == (1, "error: lost connection to pod\n")


async def test_other_pods_can_stand_around(tmp_path: Path) -> None:
    async with served(tmp_path, pods=150) as endpoints:
        api = core(endpoints.kubeconfig, "prod-eu")
        pods = await asyncio.to_thread(api.list_namespaced_pod, "production")
        assert len(pods.items) == 155


async def test_signals_of_the_process_stay_with_whoever_started_it(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    async with served(tmp_path):
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


async def test_what_cannot_be_served_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no scenario 'flood': choose one of bad-release"):
        await serve(Options(tmp_path, scenario="flood"), print, asyncio.Event())
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(OSError, match="file"):
        await serve(Options(blocked / "below"), print, asyncio.Event())
