"""Living worlds for tests: one runs in the background, and its signals are read as the cockpit would read them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from conftest import eventually

from cockpit.simulator.pace import Pace
from cockpit.simulator.payments.bindings import signals
from cockpit.simulator.payments.manifests import container
from cockpit.simulator.payments.sight import NAMESPACE, SERVICE
from cockpit.simulator.world import World

SPEED = 20.0


class Play:
    """A world that runs, and hands to reach into it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._queries = {signal.id: signal.query for signal in signals(world.pace.speed)}

    async def ask(self, query: str) -> list[dict[str, object]]:
        """A query's result, over HTTP."""
        transport = httpx.ASGITransport(self.world.prometheus.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://prometheus") as client:
            answer = await client.get("/api/v1/query", params={"query": query})
        answer.raise_for_status()
        return answer.json()["data"]["result"]

    async def signal(self, name: str) -> float:
        """The value of one signal; of a machine that stalled for as long as a query's window it is asked again."""
        (element,) = await eventually(lambda: self.ask(self._queries[name]))  # type: ignore[misc]
        return float(element["value"][1])

    async def signals(self) -> dict[str, float]:
        """All signals now."""
        return {name: await self.signal(name) for name in self._queries}

    async def broken(self) -> bool:
        """Whether customers feel it: errors, slowness and lost payments are all in breach."""
        now = await self.signals()
        return now["error-rate"] > 5 and now["p95"] > 2 and now["success-rate"] < 95

    async def healthy(self) -> bool:
        """Whether every signal is where the runbook says that it should be."""
        now = await self.signals()
        return (
            now["error-rate"] < 1
            and now["p95"] < 0.5
            and now["throughput"] > 800
            and now["memory"] < 80
            and now["cpu"] < 70
            and now["success-rate"] > 95
            and now["restarts"] <= 3
            and now["db-connection-errors"] == 0
        )

    def deploy(self, version: str) -> None:
        """Set the deployment's image, as `kubectl set image` does."""
        self.patch({"spec": {"template": {"spec": {"containers": [container(version)]}}}})

    def patch(self, change: dict[str, object]) -> None:
        """Patch the deployment."""
        self.world.cluster.patch_merge("deployments", NAMESPACE, SERVICE, change)

    def restart(self) -> None:
        """What `kubectl rollout restart` does."""
        stamp = self.world.pace.now().isoformat()
        self.patch({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": stamp}}}}})


@asynccontextmanager
async def playing(scenario: str = "bad-release", *, speed: float = SPEED, seed: int = 1) -> AsyncIterator[Play]:
    """A world with a fault to come."""
    world = World(Pace(speed, seed), scenario)
    running = asyncio.create_task(world.run())
    try:
        yield Play(world)
    finally:
        assert not running.done(), running  # a world that fell over explains itself better than a missed threshold
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
