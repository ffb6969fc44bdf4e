"""Asking simulated services whether they are well: the API server's proxy, a pod's own programs, a status page."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cockpit.clock import SystemClock
from cockpit.config import EndpointConfig
from cockpit.signal.endpoint.statuspage import StatusPage
from cockpit.signal.endpoint.tcp import DirectTcp
from cockpit.simulator.cluster import EVERYTHING, CommandResult, User
from cockpit.simulator.cluster.inside.busybox import busybox
from cockpit.simulator.greeters import ON_PORT
from cockpit.simulator.pace import Pace
from cockpit.simulator.payments.gateway import COMPONENT
from cockpit.simulator.payments.manifests import container
from cockpit.simulator.payments.sight import NAMESPACE, SELECTOR, SERVICE
from cockpit.simulator.serving import served
from cockpit.simulator.world import World
from tests.listeners import listening

pytestmark = pytest.mark.anyio

SERVICES = f"/api/v1/namespaces/{NAMESPACE}/services"


@pytest.fixture
def world() -> World:
    """A healthy world that stands still."""
    return World(Pace(20.0), "gateway-failure")


async def answer(world: World, path: str, method: str = "GET") -> httpx.Response:
    transport = httpx.ASGITransport(world.cluster.app({"good": User("admin", rules=(EVERYTHING,))}))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        return await http.request(method, path, headers={"Authorization": "Bearer good"})


async def run(world: World, *words: str) -> CommandResult:
    result = await busybox(world.cluster, NAMESPACE, words)
    assert result is not None
    return result


async def test_the_proxy_hands_on_to_a_ready_pod(world: World) -> None:
    for called in ("payment-service:3006", "http:payment-service:3006", "payment-service:api"):
        for up, code, said in ((True, 200, "ok"), (False, 503, "failing")):
            world.program.gateway_up = up
            found = await answer(world, f"{SERVICES}/{called}/proxy/health?deep=1")
            assert (found.status_code, found.json()["status"]) == (code, said)


async def test_the_fallback_makes_it_well_again(world: World) -> None:
    world.program.gateway_up = False
    env = [{"name": "USE_FALLBACK_PROCESSOR", "value": "true"}]
    change = {"spec": {"template": {"spec": {"containers": [{**container("1.4.1"), "env": env}]}}}}
    world.cluster.patch_merge("deployments", NAMESPACE, SERVICE, change)
    world.cluster.settle()
    found = await answer(world, f"{SERVICES}/payment-service:3006/proxy/health")
    assert (found.status_code, found.json()["status"]) == (200, "ok")


REFUSED = (
    ("payment-service:99/proxy/", "GET", 503, 'no service port 99 found for service "payment-service"'),
    ("payment-service:nothing/proxy/", "GET", 503, 'no endpoints available for service "payment-service:nothing"'),
    ("payments:3006/proxy/", "GET", 404, 'services "payments" not found'),
    ("a:b:c/proxy/", "GET", 400, 'invalid service request "a:b:c"'),
    ("payment-service:3006/proxy/health", "POST", 405, "does not allow this method"),
)


async def test_the_proxy_refuses_as_the_real_one(world: World) -> None:
    for path, method, code, words in REFUSED:
        found = await answer(world, f"{SERVICES}/{path}", method)
        assert (found.status_code, found.json()["kind"]) == (code, "Status")
        assert words in found.json()["message"]


async def test_nobody_is_behind_a_service_whose_pods_are_gone(world: World) -> None:
    world.cluster.patch_merge("deployments", NAMESPACE, SERVICE, {"spec": {"replicas": 0}})
    world.cluster.settle()
    for pod in world.cluster.list("pods", NAMESPACE, SELECTOR):
        world.cluster.store.remove("pods", NAMESPACE, pod["metadata"]["name"])
    found = await answer(world, f"{SERVICES}/payment-service:3006/proxy/health")
    assert "no endpoints available" in found.json()["message"]
    assert "Connection refused" in (await run(world, "nc", "-z", "-w", "3", SERVICE, "3006")).err


async def test_a_pods_programs_look_at_the_network(world: World) -> None:
    assert await run(world, "nc", "-z", "-w", "3", "redis.database", "6379") == CommandResult("")
    assert await run(world, "nc", "-z", "redis.database.svc.cluster.local", "6379") == CommandResult("")
    refused = await run(world, "nc", "-z", "redis.database", "6380")
    assert (refused.code, "Connection refused" in refused.err) == (1, True)
    assert (await run(world, "nc", "-z", "redis", "6379")).err == "nc: bad address 'redis'\n"
    assert (await run(world, "nc", "redis")).code == 1
    got = await run(
        world, "wget", "-q", "-S", "-O", "-", "-T", "3", "-t", "1", "--", "http://payment-service:3006/health"
    )
    assert (got.code, '"status": "ok"' in got.out, "HTTP/1.1 200 OK" in got.err) == (0, True, True)
    missing = await run(world, "wget", "-q", "http://payment-service:3006/nothing")
    assert (missing.code, missing.err) == (1, "wget: server returned error: HTTP/1.1 404 Not Found\n")
    assert (await run(world, "wget", "https://payment-service/")).code == 1
    assert (await run(world, "wget", "http://nobody/")).err == "wget: bad address 'nobody'\n"
    assert await busybox(world.cluster, NAMESPACE, ["curl", "http://payment-service/"]) is None


@pytest.mark.parametrize(("port", "speaks"), [(6379, "redis"), (5672, "amqp"), (5432, "postgresql")])
async def test_dependencies_answer_greetings_as_the_real_ones(port: int, speaks: str) -> None:
    serve: Any = ON_PORT[port]
    async with listening(serve) as at:
        for says, verdict in ((speaks, "ok"), ("amqp" if speaks == "redis" else "redis", "failing")):
            wanted = EndpointConfig.model_validate({"tcp": f"127.0.0.1:{at}", "speaks": says, "timeout": "1s"})
            assert (await DirectTcp(wanted, SystemClock()).ask()).verdict == verdict


async def test_the_gateways_page_tells_of_the_fault(world: World) -> None:
    async with served(world.outside()) as url:
        for components in ([], [COMPONENT]):
            wanted = EndpointConfig.model_validate({"statuspage": url, "components": components})
            world.program.gateway_up = True
            assert (await StatusPage(wanted, SystemClock()).ask()).verdict == "ok"
            world.program.gateway_up = False
            check = await StatusPage(wanted, SystemClock()).ask()
            assert check.verdict == "failing"
        exports = EndpointConfig.model_validate({"statuspage": url, "components": ["Exports"]})
        assert (await StatusPage(exports, SystemClock()).ask()).verdict == "ok"
