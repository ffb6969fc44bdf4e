"""Endpoints asked through a simulated cluster: by the API server's proxy, and from inside a pod."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import eventually
from replay import kubeconfig, serving

from cockpit.clock import SystemClock
from cockpit.config import EndpointConfig
from cockpit.kube.errors import from_answer, is_status
from cockpit.signal.cluster.source import ClusterSource
from cockpit.signal.endpoint.check import Check
from cockpit.signal.endpoint.source import asker
from cockpit.signal.plan import ClusterPlan
from cockpit.simulator.cluster import EVERYTHING, Rule, User
from cockpit.simulator.cluster.inside.execution import CommandResult
from cockpit.simulator.pace import Pace
from cockpit.simulator.payments.sight import DATABASE_NAMESPACE, NAMESPACE, SELECTOR, SERVICE
from cockpit.simulator.world import World

pytestmark = pytest.mark.anyio

USERS = {
    "good": User("admin", rules=(EVERYTHING,)),
    "viewer": User("viewer", rules=(Rule(("get", "list", "watch"), ("*",), ("pods",)),)),
}
HEALTH = "http://payment-service:3006/health"


class Asked:
    """A world, and a cluster source that watches its pods."""

    def __init__(self, world: World, cluster: ClusterSource) -> None:
        self.world = world
        self.cluster = cluster

    async def ask(self, **wanted: Any) -> Check:
        """What comes of one check."""
        return await asker(EndpointConfig.model_validate(wanted), SystemClock(), self.cluster).ask()


@asynccontextmanager
async def asking(folder: Path, token: str = "good") -> AsyncIterator[Asked]:
    """A healthy payments world behind an API server; its faults do not begin by themselves."""
    world = World(Pace(20.0), "gateway-failure")
    running = asyncio.create_task(world.cluster.run())
    async with serving(world.cluster.app(USERS), dated=True) as server:
        config = kubeconfig(folder, server, user={"token": token})
        plan = ClusterPlan("prod-eu", config, NAMESPACE, SELECTOR, SERVICE)
        source = ClusterSource(plan, SystemClock(), lambda _: None)
        watching = asyncio.create_task(source.run())
        await eventually(lambda: source.freshness("pods").state == "live")
        yield Asked(world, source)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        world.cluster.close()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def gone(here: Asked, selector: str = SELECTOR) -> None:
    """Let no pod be there: the service has nobody behind it."""
    here.world.cluster.patch_merge("deployments", NAMESPACE, SERVICE, {"spec": {"replicas": 0}})


async def test_the_latency_from_a_pod_is_the_answers_where_the_program_says_it(tmp_path: Path) -> None:
    async with asking(tmp_path) as here:
        check = await here.ask(http=HEALTH, via="pod")
        assert (check.verdict, check.besides) == ("ok", "the exec into the pod")
        shell = here.world.program.shell

        async def with_curl(namespace: str, words: Sequence[str]) -> CommandResult | None:
            if words[0] != "curl":
                return await shell(namespace, words)
            return CommandResult("HTTP/1.1 200 OK\n\nok\ntook 0.0625 s\n")

        here.world.program.shell = with_curl
        check = await here.ask(http=HEALTH, via="pod")
        assert (check.verdict, check.latency, check.besides) == ("ok", 0.0625, "")
        assert check.came == "200 OK · ok"


async def test_a_service_is_asked_through_the_api_server(tmp_path: Path) -> None:
    async with asking(tmp_path) as here:
        wanted = {"http": HEALTH, "via": "service-proxy", "json": {"path": "$.status", "equals": "ok"}}
        assert (await here.ask(**wanted)).verdict == "ok"
        here.world.program.gateway_up = False
        check = await here.ask(**wanted)
        assert (check.verdict, check.reason) == ("failing", "it answered 503, expected 200-299")
        assert "answers with errors" in check.came, "the service's own words, and not the API server's"
        check = await here.ask(http=HEALTH, via="service-proxy", expect=503)
        assert check.verdict == "ok"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://payment-service:99/health", "no service port 99 found"),
        ("http://payments:3006/health", 'services "payments" not found'),
        ("http://payment-service:3006/nothing", "it answered 404, expected 200-299"),
    ],
)
async def test_what_is_not_there_fails_with_the_reason(tmp_path: Path, url: str, words: str) -> None:
    async with asking(tmp_path) as here:
        check = await here.ask(http=url, via="service-proxy")
    assert check.verdict == "failing"
    assert words in check.reason


async def test_a_service_with_nobody_behind_it_fails_and_a_pod_to_ask_from_is_unknown(tmp_path: Path) -> None:
    async with asking(tmp_path) as here:
        gone(here)
        await eventually(lambda: not any(pod.ready_bool for pod in here.cluster.pods.values()))
        check = await here.ask(http=HEALTH, via="service-proxy")
        assert check.verdict == "failing"
        assert "no endpoints available for service" in check.reason
        check = await here.ask(tcp=f"redis.{DATABASE_NAMESPACE}:6379", via="pod")
        assert (check.verdict, check.reason) == ("unknown", "no pod of app=payment-service is ready to ask from")


async def test_who_may_not_ask_does_not_know(tmp_path: Path) -> None:
    async with asking(tmp_path, "viewer") as here:
        check = await here.ask(http=HEALTH, via="service-proxy")
        assert check.verdict == "unknown"
        assert check.mend == "ask for `get services/proxy` in production, or use `via: pod`"
        check = await here.ask(tcp=f"redis.{DATABASE_NAMESPACE}:6379", via="pod")
        assert check.verdict == "unknown"
        assert "could not be asked" in check.reason


async def test_a_pod_asks_by_what_its_image_has(tmp_path: Path) -> None:
    """The simulated image is an Alpine: busybox' nc and wget, and neither curl nor bash."""
    async with asking(tmp_path) as here:
        check = await here.ask(tcp=f"redis.{DATABASE_NAMESPACE}:6379", via="pod")
        assert (check.verdict, check.came) == ("ok", "connected")
        check = await here.ask(tcp=f"redis.{DATABASE_NAMESPACE}:6380", via="pod")
        assert (check.verdict, check.reason) == ("failing", "the connection was refused")
        check = await here.ask(tcp="cache:6379", via="pod")
        assert (check.verdict, check.reason) == ("failing", "its name does not resolve there")
        check = await here.ask(http=HEALTH, via="pod", json={"path": "$.status", "equals": "ok"})
        assert check.verdict == "ok"
        assert '"status": "ok"' in check.came
        here.world.program.gateway_up = False
        check = await here.ask(http=HEALTH, via="pod")
        assert check.reason == "it answered 503, expected 200-299"
        check = await here.ask(http="http://payment-service:81/health", via="pod")
        assert (check.verdict, check.reason) == ("failing", "the connection was refused")


async def test_an_image_that_has_nothing_says_what_was_looked_for(tmp_path: Path) -> None:
    async with asking(tmp_path) as here:
        check = await here.ask(tcp=f"redis.{DATABASE_NAMESPACE}:6379", via="pod", speaks="redis")
    assert check.verdict == "unknown"
    assert check.reason.endswith("has none of bash, python3, nc")
    assert "service-proxy" in check.mend


async def test_a_cluster_that_is_not_open_makes_it_unknown(tmp_path: Path) -> None:
    plan = ClusterPlan("prod-eu", tmp_path / "nothing", NAMESPACE, SELECTOR, SERVICE)
    source = ClusterSource(plan, SystemClock(), lambda _: None)
    for via in ("service-proxy", "pod"):
        wanted = EndpointConfig.model_validate({"http": HEALTH, "via": via})
        assert (await asker(wanted, SystemClock(), source).ask()).verdict == "unknown"


def test_bytes_that_are_no_text_are_no_word_of_the_api_server() -> None:
    assert is_status(b'{"kind": "Status"}')
    assert not is_status(b'{"kind": "\xff"}')
    assert not is_status(b'{"kind": "Pod"}')
    assert not is_status(b"")
    assert "answered 500" in from_answer(500, b'{"kind": "Status", "message": "\xff"}', "prod").message
