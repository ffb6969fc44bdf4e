"""A world in a thread of its own: a cluster, a Prometheus, an Alertmanager, a database and an endpoint that change all
the time, each behind a wire, and the truth about them."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg
from starlette.requests import Request
from starlette.responses import JSONResponse

from cockpit.simulator.cluster import EVERYTHING, Cluster, User
from cockpit.simulator.pace import Pace
from cockpit.simulator.prometheus import Prometheus
from cockpit.simulator.prometheus.scrape import Target
from tests.campaign.sources.truth import Course, Truth
from tests.campaign.sources.wire import SourceWire, laid
from tests.postgres import Server
from tests.receivers import receiving
from tests.replay import answering, serving
from tests.simcluster import IMAGE, NAME, NAMESPACE, PaymentProgram, deployment

SCRAPED_EVERY = 0.2
GAUGES = ("queue", "errors")
ALERTS = ("HighErrorRate", "PodCrashLooping", "QueueGrows")
SCHEMA = (
    "CREATE TABLE orders (id serial PRIMARY KEY, status text)",
    "INSERT INTO orders (status) VALUES ('PENDING')",
)

T = TypeVar("T")


class World:
    """Everything that the cockpit watches. Made by `living`.

    Attributes:
        wires: by what is behind them: kube, prom, alerts, database, endpoint.
    """

    def __init__(self, dsn: str, socket: Path, seed: str) -> None:
        self.truth = Truth(gauges={})
        self.wires: dict[str, SourceWire] = {}
        self.database = str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])
        self._dsn, self._socket = dsn, socket
        self._chance = random.Random(f"{seed} world")
        self._seed = seed
        self._loop: asyncio.AbstractEventLoop | None = None
        self._gauges: dict[str, float] = {}
        self._blocker: psycopg.AsyncConnection[Any] | None = None
        self._blocked: asyncio.Task[None] | None = None
        self._changing: asyncio.Task[None] | None = None
        self._calm = False
        self._over = asyncio.Event()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Have something done in the world's thread, and wait for it; only from another one."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def on_wire(self, change: Callable[[], None]) -> None:
        """Change a wire in the world's thread."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(change)

    def run(self, ready: threading.Event, failed: list[BaseException]) -> None:
        """Live until `end`; the thread's own work."""
        try:
            asyncio.run(self._live(ready))
        except BaseException as error:  # noqa: BLE001 - the round must hear of it, whatever it is
            failed.append(error)
        finally:
            ready.set()

    async def _live(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            ports = await self._open(stack)
            for name, to in ports.items():
                chance = random.Random(f"{self._seed} {name}")
                self.wires[name] = await stack.enter_async_context(laid(to, chance))
            ready.set()
            await self._over.wait()
            await self._unblock()
            self.cluster.close()

    async def _open(self, stack: AsyncExitStack) -> dict[str, int | Path]:
        self.cluster = cluster = Cluster(Pace(speed=20.0), {IMAGE: PaymentProgram()})
        cluster.store.subscribe(self.truth.observe(NAMESPACE, {"app": NAME}))
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        cluster.create(deployment("1.4.1"))
        cluster.settle()
        await stack.enter_async_context(_running(cluster.run()))
        for name in GAUGES:
            self._gauge(name, 3.0)
        scraped = Prometheus(Pace(), lambda: [Target("shop", "10.0.0.1:80", self._series)], SCRAPED_EVERY)
        scraped.scrape()
        await stack.enter_async_context(_running(scraped.run()))
        receivers = await stack.enter_async_context(receiving("alertmanager"))
        self._alertmanager = receivers.alertmanager.url
        self.truth.orders.set(1)
        self._orders = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True)
        stack.push_async_callback(self._orders.close)
        served = [
            await stack.enter_async_context(serving(app, dated=dated))
            for app, dated in (
                (cluster.app({"good": User("admin", rules=(EVERYTHING,))}), True),
                (scraped.app(), False),
                (answering(self._health), False),
            )
        ]
        kube, prom, endpoint, alerts = (int(url.rpartition(":")[2]) for url in (*served, self._alertmanager))
        return {"kube": kube, "prom": prom, "alerts": alerts, "endpoint": endpoint, "database": self._socket}

    async def end(self) -> None:
        """Let the thread come to its end."""
        self._over.set()

    async def begin(self) -> None:
        """Change from now on."""
        self._changing = asyncio.create_task(self._change())

    async def calm(self) -> None:
        """Change no more, and be well; what is under way goes on to its end."""
        self._calm = True
        if self._changing:
            await self._changing  # whatever it is at is brought to its end, else the truth would not be so
        await self._unblock()
        self._release("1.5.0")
        for name in GAUGES:
            self._gauge(name, 4.0)

    async def _change(self) -> None:
        deeds: list[Callable[[], Coroutine[Any, Any, None]]] = [
            self._deploy, self._scale, self._end_pod, self._measure, self._measure, self._alert, self._order,
            self._lock, self._ail,
        ]  # fmt: skip
        while not self._calm:
            await asyncio.sleep(self._chance.uniform(0.02, 0.3))
            await self._chance.choice(deeds)()

    async def _deploy(self) -> None:
        if self._chance.random() < 0.4:
            self._release(self._chance.choice(["1.4.2", "1.4.3-crash", "1.4.4-slow", "1.4.5"]))

    def _release(self, release: str) -> None:
        spec = deployment(release)["spec"]["template"]["spec"]
        self.cluster.patch_merge("deployments", NAMESPACE, NAME, {"spec": {"template": {"spec": spec}}})

    async def _scale(self) -> None:
        patch = {"spec": {"replicas": self._chance.randint(2, 6)}}
        self.cluster.patch_merge("deployments", NAMESPACE, NAME, patch)

    async def _end_pod(self) -> None:
        pods = self.cluster.list("pods", NAMESPACE, f"app={NAME}")
        if pods:
            self.cluster.delete("pods", NAMESPACE, self._chance.choice(pods)["metadata"]["name"])

    async def _measure(self) -> None:
        name = self._chance.choice(GAUGES)
        special = [float("nan"), float("inf"), float("-inf"), None]
        number = round(self._chance.uniform(0, 20), 3)
        self._gauge(name, self._chance.choice(special) if self._chance.random() < 0.2 else number)

    def _gauge(self, name: str, value: float | None) -> None:
        finite = value is not None and abs(value) < float("inf")
        self.truth.gauges.setdefault(name, Course[float | None](None)).set(value if finite else None)
        if value is None:
            self._gauges.pop(name, None)
        else:
            self._gauges[name] = value

    def _series(self) -> list[tuple[tuple[tuple[str, str], ...], float]]:
        return [((("__name__", name),), value) for name, value in self._gauges.items()]

    async def _alert(self) -> None:
        name, firing = self._chance.choice(ALERTS), self.truth.firing.now
        labels, now = {"alertname": name, "service": NAME}, datetime.now(UTC).isoformat()
        told = {"labels": labels, "startsAt": now} | ({"endsAt": now} if name in firing else {})
        self.truth.firing.set(firing ^ {name})
        async with httpx.AsyncClient() as client:
            (await client.post(f"{self._alertmanager}/api/v2/alerts", json=[told])).raise_for_status()

    async def _order(self) -> None:
        await self._orders.execute("INSERT INTO orders (status) VALUES ('PENDING')")
        self.truth.orders.set(self.truth.orders.now + 1)

    async def _lock(self) -> None:
        """One session waits for another, or no longer does."""
        if self._blocker is not None:
            await self._unblock()
            return
        self._blocker = await psycopg.AsyncConnection.connect(self._dsn)
        await self._blocker.execute("UPDATE orders SET status = status WHERE id = 1")
        self._blocked = asyncio.create_task(self._wait_for_lock())
        self.truth.waiting.set(1)

    async def _wait_for_lock(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._dsn) as second:
            await second.execute("UPDATE orders SET status = status WHERE id = 1")

    async def _unblock(self) -> None:
        if self._blocker is not None and self._blocked is not None:
            await self._blocker.close()
            await self._blocked
            self._blocker = None
            self.truth.waiting.set(0)

    async def _ail(self) -> None:
        self.truth.well.set(not self.truth.well.now)

    async def _health(self, _: Request) -> JSONResponse:
        well = self.truth.well.now
        return JSONResponse({"status": "ok" if well else "failing"}, 200 if well else 503)


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@contextmanager
def living(server: Server, seed: str) -> Iterator[World]:
    """A world until the end of the block, with a database of its own on `server`. Raises what went wrong in it."""
    dsn = server.database()
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in SCHEMA:
            connection.execute(statement.encode())
    logging.getLogger("uvicorn").addHandler(logging.NullHandler())  # what breaks on the way is no news here
    logging.getLogger("uvicorn").propagate = False
    world, ready, failed = World(dsn, server.data / ".s.PGSQL.5432", seed), threading.Event(), list[BaseException]()
    thread = threading.Thread(target=world.run, args=(ready, failed), name="world")
    thread.start()
    ready.wait(30)
    try:
        if failed:
            raise failed[0]
        yield world
    finally:
        if not failed:
            world.do(world.end())
        thread.join(30)
    if failed:
        raise failed[0]
