"""The world of the order service: a cluster, a real PostgreSQL that its pods work on, a Prometheus, and one fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cockpit.simulator import documents
from cockpit.simulator.alerting import rules
from cockpit.simulator.cluster import Cluster
from cockpit.simulator.dependency import Dependency
from cockpit.simulator.faults.fault import OrdersFault
from cockpit.simulator.orders import manifests
from cockpit.simulator.orders.bindings import BY_RUNBOOK, SQL, endpoints, signals
from cockpit.simulator.orders.exporters import Exporters, described
from cockpit.simulator.orders.program import OrderProgram, Payments
from cockpit.simulator.orders.schema import SCHEMA
from cockpit.simulator.orders.traffic import Traffic
from cockpit.simulator.pace import Pace
from cockpit.simulator.payments.sight import Seen, seen
from cockpit.simulator.postgres import Postgres
from cockpit.simulator.postgres.server import APPLICATION, READER, WRITER
from cockpit.simulator.prometheus import Prometheus

DATABASE = "orders"
SESSIONS = 24
"""How many sessions the database grants to the service."""
LOOK = 0.25
"""Real seconds between two looks at the pods."""
LOOK_AT_SESSIONS = 2
"""Seconds between two looks that a cockpit takes at the database."""


class OrdersWorld:
    """The world; `open_orders` makes one and ends it.

    Args:
        pace: its time and chance.
        fault: what breaks it.
        postgres: the server, which runs.
    """

    def __init__(self, pace: Pace, fault: OrdersFault, postgres: Postgres) -> None:
        self.pace = pace
        self.fault = fault
        self.postgres = postgres
        program = OrderProgram(self._reachable)
        images: dict[str, object] = {f"{manifests.IMAGE}:{version}": program for version in manifests.VERSIONS}
        psql = Dependency(lambda: (postgres.psql, postgres.dsn(DATABASE, "postgres")))
        images |= {f"{manifests.OTHERS}-{kind}:stable": Dependency() for kind in ("redis", "rabbitmq")}
        images |= {f"{manifests.OTHERS}-postgres:stable": psql, manifests.PAYMENTS_IMAGE: Payments()}
        self.cluster = Cluster(pace, images)  # type: ignore[arg-type]  # each is a Program
        self.traffic = Traffic(self._application, self._paused)
        self._exporters = Exporters(self.traffic.counters)
        alerts = rules("Order", manifests.SERVICE, signals(), 1.0)
        self.prometheus = Prometheus(pace, self._exporters.targets, 1.0, alerts, described())
        now = pace.now()
        for obj in (*manifests.surroundings(now), manifests.deployment(now)):
            self.cluster.create(obj)
        self.cluster.settle()

    async def run(self) -> None:
        """Let it live, and the fault begin, until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.cluster.run())
                tasks.create_task(self._live())
                tasks.create_task(self._measure())
                tasks.create_task(self.prometheus.run())
                tasks.create_task(self.fault.begin(self))
        finally:
            await self.traffic.close()

    def outside(self) -> None:
        """Nothing."""

    def configuration(self, directory: Path, prometheus: str) -> dict[str, Any]:
        """The cockpit.yaml of the order service; the connection strings are in files of their own."""
        secrets = {name: directory / f"{name}.dsn" for name in ("orders", "orders-write")}
        for name, user in (("orders", READER), ("orders-write", WRITER)):
            documents.write_secret(secrets[name], self.postgres.dsn(DATABASE, user, application_name="cockpit"))
        place = {"namespace": manifests.NAMESPACE, "selector": manifests.SELECTOR, "deployment": manifests.SERVICE}
        service = documents.service(manifests.SERVICE, manifests.SERVICE, place, signals(), 1.0, endpoints())
        bound = {id: signal for id, signal in service["signals"].items() if id not in BY_RUNBOOK}
        service["signals"] = bound | {id: {"unit": bound[id]["unit"], "sql": sql} for id, sql in SQL.items()}
        made = documents.configuration_of(directory, prometheus, manifests.SERVICE, {**service, "postgresql": "orders"})
        database: dict[str, Any] = {
            "dsn": {"file": str(secrets["orders"])},
            "write_dsn": {"file": str(secrets["orders-write"])},
        }
        database["interval"] = f"{LOOK_AT_SESSIONS}s"
        return {**made, "postgresql": {"orders": database}}

    def _application(self, name: str) -> str:
        return self.postgres.dsn(DATABASE, APPLICATION, application_name=name, connect_timeout="2")

    def _reachable(self, dependency: str) -> bool:
        pod = self.cluster.get("pods", manifests.NAMESPACE, f"{dependency}-0")
        conditions = (pod or {}).get("status", {}).get("conditions", ())
        return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)

    def _paused(self, pod: str) -> bool:
        found = self.cluster.get("pods", manifests.NAMESPACE, pod)
        env = found["spec"]["containers"][0].get("env", ()) if found else ()
        return any(each["name"] == "ORDERS_PAUSED" and each.get("value") == "true" for each in env)

    def _pods(self) -> list[Seen]:
        return [seen(self.cluster, pod) for pod in self.cluster.list("pods", manifests.NAMESPACE, manifests.SELECTOR)]

    async def _live(self) -> None:
        """Pods begin and end, and their sessions with them."""
        while True:
            pods = self._pods()
            ready: Mapping[str, Seen] = {pod.run: pod for pod in pods if pod.ready and pod.run}
            self.traffic.meet(ready)
            self._exporters.observe(pods)
            self.cluster.kubelet.check_memory()
            await asyncio.sleep(LOOK)

    async def _measure(self) -> None:
        """Ask the database as its exporter does."""
        monitor = self.postgres.dsn(DATABASE, "postgres", application_name="exporter")
        while True:
            await self._exporters.measure(monitor, self._application("health check"))
            await asyncio.sleep(1.0)


@asynccontextmanager
async def open_orders(pace: Pace, fault: OrdersFault) -> AsyncIterator[OrdersWorld]:
    """A world with its server, until the block ends; raises PostgresUnavailableError."""
    postgres = Postgres(SESSIONS)
    await postgres.start(DATABASE, SCHEMA)
    try:
        await fault.prepare(postgres)
        yield OrdersWorld(pace, fault, postgres)
    finally:
        await postgres.stop()
