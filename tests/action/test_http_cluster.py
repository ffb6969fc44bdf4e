"""Requests through the cluster: by the API server's proxy, and by the curl or wget of a pod."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from replay import kubeconfig
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cockpit.action.http import Http, InPod
from cockpit.action.http.answer import MOST_BODY
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.model import Confirmation
from cockpit.action.runner import Runner
from cockpit.clock import SystemClock
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.inside.service_proxy import proxy_path
from tests.action.alone import TARGET, Alone, given
from tests.action.stand import served

pytestmark = pytest.mark.anyio
YES = Confirmation(yes=True)


def get(url: str, **more: Any) -> Http:
    return Http("GET", url, heading=Heading("Look", risk="read-only"), **more)


def post(url: str, **more: Any) -> Http:
    return Http("POST", url, heading=Heading("Send", risk="changing"), **more)


@asynccontextmanager
async def cluster(folder: Path, answer: Response) -> AsyncIterator[tuple[Runner, Access, list[tuple[str, bytes]]]]:
    """An API server that hands one answer on from a service."""
    asked: list[tuple[str, bytes]] = []

    async def proxy(request: Request) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        asked.append((f"{request.method} {request.scope['raw_path'].decode()}{query}", await request.body()))
        return answer

    app = Starlette(routes=[Route("/{rest:path}", proxy, methods=["GET", "POST"])])
    async with served(app) as port:
        access = await Access.open("prod-eu", kubeconfig(folder, f"http://127.0.0.1:{port}", user={}), SystemClock())
        here = Alone()
        here.situation = type(here.situation)(TARGET.model_copy(update={"server": access.server}))
        try:
            yield Runner(access, here.notebook, here.board, here.clock, lambda: here.situation), access, asked
        finally:
            await access.close()


async def test_a_service_is_asked_through_the_api_server(tmp_path: Path) -> None:
    async with cluster(tmp_path, JSONResponse({"status": "ok"})) as (runner, access, asked):
        url = "http://payment-service:3006/health?deep=1"
        plan = await runner.prepare(get(url, via="service-proxy", namespace="production"))
        assert plan.refusals == ()
        assert (plan.context, plan.namespace, plan.server) == ("prod-eu", "production", access.server)
        path = "/api/v1/namespaces/production/services/payment-service%3A3006/proxy/health?deep=1"
        assert plan.request == f"GET {path}"
        assert "get --raw" in plan.command
        result = await runner.execute(plan)
        assert '"status": "ok"' in result.output
        sent = await runner.prepare(post(url, body='{"a": 1}', via="service-proxy", namespace="production"))
        assert (await runner.execute(sent, YES)).outcome == "succeeded"
        assert [each.replace("%3A", ":") for each, _ in asked] == [
            f"{method} {path.replace('%3A', ':')}" for method in ("GET", "POST")
        ]
        assert json.loads(asked[1][1]) == {"a": 1}
        for wrong in ({"headers": {"X-Key": "a"}}, {"body": "a=1"}):
            more: dict[str, Any] = wrong
            refused = await runner.prepare(post(url, via="service-proxy", namespace="production", **more))
            assert "cannot go through the API server" in refused.refusals[0]


async def test_a_service_that_is_down_is_a_failed_check(tmp_path: Path) -> None:
    async with cluster(tmp_path, Response("no endpoints available", 503)) as (runner, _, _asked):
        result = await runner.execute(
            await runner.prepare(get("http://shop/health", via="service-proxy", namespace="shop"))
        )
    assert (result.outcome, result.error) == ("failed", "it answered 503")
    assert "no endpoints available" in result.output


async def test_a_huge_answer_through_the_api_server_is_not_read_whole(tmp_path: Path) -> None:
    async with cluster(tmp_path, Response(b"x" * 40_000_000)) as (runner, _, _asked):
        result = await runner.execute(await runner.prepare(get("http://shop/", via="service-proxy", namespace="shop")))
    assert "the rest was not read" in result.output
    assert result.bytes < 2 * MOST_BODY


@pytest.mark.parametrize("url", ["http://../x", "http://shop/../../../../api/v1/secrets", "http://shop/%2e%2E/x"])
def test_no_address_leads_out_of_the_service(url: str) -> None:
    with pytest.raises(KubeError):
        proxy_path(url, "shop")


def test_the_host_may_name_the_namespace() -> None:
    path, query = proxy_path("https://shop.other.svc.cluster.local/x?a=b%26c", "here")
    assert path.replace("%3A", ":") == "/api/v1/namespaces/other/services/https:shop:443/proxy/x"
    assert query == {"a": "b&c"}


async def in_pod(
    tmp_path: Path, answers: dict[str, tuple[int, str]], action: Literal["GET", "POST"] = "GET", **more: Any
) -> tuple[Any, list[Sequence[str]]]:
    """Runs a request from a pod whose programs give `answers`."""
    called: list[Sequence[str]] = []

    async def run(argv: Sequence[str]) -> tuple[int, str]:
        called.append(argv)
        return answers.get(argv[0], (127, "not found"))

    async with cluster(tmp_path, Response()) as (runner, _, _asked):
        how = {"GET": get, "POST": post}[action]
        plan = await runner.prepare(
            how("http://redis-admin:80/x", via="pod", namespace="shop", in_pod=InPod("shop-1", run), **more)
        )
        if plan.refusals:
            return plan, called
        return await runner.execute(plan, YES), called


CURL = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\nServer: x\r\n\r\nlater\r\n"
WGET = "  HTTP/1.1 200 OK\n  Server: x\n  Content-Type: text/plain\n\nfine"


async def test_a_pod_is_asked_by_its_curl_or_its_wget(tmp_path: Path) -> None:
    result, called = await in_pod(tmp_path, {"curl": (0, CURL)}, expect=503, expect_body="^later$")
    assert result.outcome == "succeeded"
    assert "server: x" in result.output
    assert called[0][:3] == ("curl", "-sS", "-i")
    result, called = await in_pod(tmp_path, {"wget": (0, WGET)}, expect_body="fine")
    assert (result.outcome, [argv[0] for argv in called]) == ("succeeded", ["curl", "wget"])
    result, _ = await in_pod(tmp_path, {})
    assert "neither curl nor wget" in result.error


async def test_from_a_pod_too_a_lost_change_is_unknown(tmp_path: Path) -> None:
    result, _ = await in_pod(tmp_path, {"curl": (56, "curl: (56) Recv failure")}, "POST")
    assert result.outcome == "unknown"
    result, _ = await in_pod(tmp_path, {"curl": (6, "curl: (6) Could not resolve host")}, "POST")
    assert (result.outcome, result.exit) == ("failed", 6)


async def test_no_secret_becomes_a_word_of_a_command_in_a_pod(tmp_path: Path) -> None:
    values = given(("key",), key="hunter2hunter2")
    plan, called = await in_pod(tmp_path, {}, headers={"X-Key": "hunter2hunter2"}, values=values)
    assert "a secret would be a word" in plan.refusals[0]
    assert not called
    assert (await Alone().plan(get("http://a/"))).refusals == ()


async def test_without_a_cluster_or_a_pod_it_is_refused_in_words(tmp_path: Path) -> None:
    assert get("http://a/", via="pod").needs_cluster
    assert not get("http://a/").needs_cluster
    async with cluster(tmp_path, Response()) as (runner, _, _asked):
        plan = await runner.prepare(get("http://a/", via="pod", namespace="shop"))
    assert "select a pod first" in plan.refusals[0]
