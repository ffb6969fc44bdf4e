"""The order service on a real PostgreSQL: what breaks it shows, and what the playbook says ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import psycopg
import pytest
from conftest import eventually

from cockpit.runbook.library import Library
from cockpit.simulator.faults import ORDERS
from cockpit.simulator.orders.bindings import signals
from cockpit.simulator.orders.manifests import NAMESPACE, SELECTOR
from cockpit.simulator.orders.world import DATABASE, OrdersWorld, open_orders
from cockpit.simulator.pace import Pace
from cockpit.simulator.postgres import PostgresUnavailableError

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def playing(scenario: str) -> AsyncIterator[OrdersWorld]:
    """A world that runs."""
    try:
        opened = open_orders(Pace(20.0, 1), ORDERS[scenario]())
        world = await opened.__aenter__()
    except PostgresUnavailableError as error:
        pytest.skip(str(error))
    running = asyncio.create_task(world.run())
    try:
        yield world
    finally:
        assert not running.done(), running
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await opened.__aexit__(None, None, None)


async def signal(world: OrdersWorld, name: str) -> float:
    """A signal's value as the cockpit reads it; NaN while it has none."""
    query = next(each.query for each in signals() if each.id == name)
    transport = httpx.ASGITransport(world.prometheus.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://prometheus") as client:
        found = (await client.get("/api/v1/query", params={"query": query})).json()["data"]["result"]
    return float(found[0]["value"][1]) if found else float("nan")


async def above(world: OrdersWorld, name: str, bound: float) -> bool:
    return await signal(world, name) > bound


async def at_most(world: OrdersWorld, name: str, bound: float) -> bool:
    return await signal(world, name) <= bound


def statement(step: str) -> str:
    """The shipped runbook's own statement."""
    found = Library().runbook("order-service").step(step)
    assert found
    return str(getattr(found.action, "statement", ""))


async def test_orders_that_wait_behind_a_report_go_on_when_its_session_is_ended() -> None:
    async with playing("stuck-orders") as world:
        await eventually(lambda: above(world, "stuck-orders", 100), timeout=60)
        await eventually(lambda: above(world, "error-rate", 5), timeout=60)
        await eventually(lambda: above(world, "slow-queries", 0), timeout=60)
        kill = statement("slow.kill").replace("30 seconds", "5 seconds").encode()  # nobody waits half a minute here

        async def ended() -> bool:
            dsn = world.postgres.dsn(DATABASE, "cockpit_rw")
            async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as session:
                await session.execute(kill)
            return await at_most(world, "stuck-orders", 0)

        await eventually(ended, timeout=60, pause=1.0)
        await eventually(lambda: at_most(world, "webhook-events", 0), timeout=60)
        await eventually(lambda: at_most(world, "error-rate", 1), timeout=60)


async def test_leaked_sessions_end_with_the_pods_that_leak_them() -> None:
    async with playing("database-connections") as world:
        await eventually(lambda: above(world, "health-checks", 0), timeout=90)
        world.cluster.patch_merge(
            "deployments", NAMESPACE, "order-service",
            {"spec": {"template": {"spec": {"containers": [
                {**pod["spec"]["containers"][0], "image": "registry.example/order-service:2.3.1"}
                for pod in world.cluster.list("pods", NAMESPACE, SELECTOR)[:1]
            ]}}}},
        )  # fmt: skip
        await eventually(lambda: at_most(world, "health-checks", 0), timeout=60)
