"""What pods use: read from a living cluster's metrics API, unknown where nobody measures, and never zero."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import eventually
from replay import answering, kubeconfig, serving
from simcluster import NAME, NAMESPACE, living
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cockpit.clock import SystemClock
from cockpit.config import ClusterConfig, Config, ServiceConfig, ServiceKubernetes
from cockpit.kube.access import Access
from cockpit.kube.pods.usage import Used, read_usage
from cockpit.signal.board import Board
from cockpit.signal.cluster import usage as usage_module

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def watching(folder: Path) -> AsyncIterator[Board]:
    where = ServiceKubernetes(cluster="prod", namespace=NAMESPACE, selector=f"app={NAME}", deployment=NAME)
    config = Config(
        kubernetes={"prod": ClusterConfig(context="prod-eu", kubeconfig=folder / "kubeconfig")},
        services={NAME: ServiceConfig(kubernetes=where)},
    )
    board = Board(NAME, config, (), SystemClock())
    await board.start()
    try:
        yield board
    finally:
        await board.stop()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions twenty times a second, so that no test waits for seconds."""
    monkeypatch.setattr(usage_module, "EVERY", 0.05)


async def test_each_pod_has_its_usage_and_goes_without_it_when_nobody_measures(tmp_path: Path) -> None:
    async with living(tmp_path) as alive, watching(tmp_path) as board:
        await eventually(lambda: board.freshness("usage").state == "live")
        await eventually(lambda: len(board.usage) == 3)
        assert set(board.usage) == {row.name for row in board.pods.values()}
        one = next(iter(board.usage.values()))
        assert (one.cpu_cores, one.memory_bytes) == (pytest.approx(0.1), 100 << 20)
        assert one.containers == {"payment": Used(one.cpu_cores, one.memory_bytes)}
        alive.cluster.trouble.metrics = 503
        await eventually(lambda: board.freshness("usage").state == "stale")
        assert len(board.usage) == 3
        assert board.freshness("pods").state == "live"
        alive.cluster.trouble.metrics = None
        await eventually(lambda: board.freshness("usage").state == "live")
        alive.cluster.metrics_served = False
        await eventually(lambda: board.freshness("usage").state == "off")
        assert board.usage == {}
        assert "has no metrics API" in board.freshness("usage").detail


async def test_a_metrics_api_that_is_down_from_the_start_is_an_error_and_nothing_is_zero(tmp_path: Path) -> None:
    async with living(tmp_path) as alive, watching(tmp_path) as board:
        alive.cluster.trouble.metrics = 503
        await eventually(lambda: board.freshness("usage").state == "error")
        assert board.usage == {}
        assert "503" in board.freshness("usage").detail


async def test_who_may_not_read_metrics_still_sees_pods(tmp_path: Path) -> None:
    async with living(tmp_path) as alive, watching(tmp_path) as board:
        alive.cluster.trouble.metrics = 403
        await eventually(lambda: board.freshness("usage").state == "forbidden")
        await eventually(lambda: len(board.pods) == 3)
        assert board.usage == {}


async def test_measurements_older_than_a_minute_are_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_module, "OLDEST", timedelta(seconds=0.3))
    async with living(tmp_path) as alive, watching(tmp_path) as board:
        await eventually(lambda: board.usage)
        alive.cluster.trouble.metrics = 503
        await eventually(lambda: not board.usage)
        assert board.freshness("usage").state == "stale"


def measured(name: str, at: datetime, *usages: dict[str, str]) -> dict[str, Any]:
    containers = [{"name": f"c{number}", "usage": usage} for number, usage in enumerate(usages)]
    return {"metadata": {"name": name}, "timestamp": at.isoformat(), "containers": containers}


async def test_pages_are_followed_and_ages_go_by_the_servers_own_clock(tmp_path: Path) -> None:
    there = datetime(2020, 1, 1, tzinfo=UTC)
    first = [
        measured("a", there, {"cpu": "250m", "memory": "64Mi"}, {"cpu": "1", "memory": "1Mi"}),
        measured("old", there - timedelta(seconds=90), {"cpu": "1", "memory": "1Mi"}),
        measured("half", there, {"cpu": "1"}),
        measured("none", there),
    ]
    second = [measured("b\x1b[2J", there - timedelta(seconds=20), {"cpu": "12345678n", "memory": "2Ki"})]

    async def handler(request: Request) -> Response:
        more = "continue" not in request.query_params
        body = {"metadata": {"continue": "x"} if more else {}, "items": first if more else second}
        return JSONResponse(body, headers={"Date": format_datetime(there, usegmt=True)})

    async with serving(answering(handler)) as server:
        access = await Access.open("prod-eu", kubeconfig(tmp_path, server), SystemClock())
        found = await read_usage(access, "production", "app=x")
        await access.close()
    assert set(found) == {"a", "b"}
    assert (found["a"].cpu_cores, found["a"].memory_bytes) == (1.25, 65 << 20)
    assert found["b"].cpu_cores == pytest.approx(0.012345678)
    assert timedelta(seconds=19) < found["a"].at - found["b"].at < timedelta(seconds=25)
