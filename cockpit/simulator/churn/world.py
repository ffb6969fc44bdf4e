"""The world of Churn Saver: a real HTTP application and PostgreSQL, what comes in, a Prometheus, and one fault."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import Any

import psycopg

from cockpit.simulator import documents
from cockpit.simulator.alerting import rules
from cockpit.simulator.churn.app import Application
from cockpit.simulator.churn.bindings import BREACHES, SERVICE, Exporters, described, signals
from cockpit.simulator.churn.platform import Platform
from cockpit.simulator.churn.schema import SCHEMA
from cockpit.simulator.churn.work import RefusedError, Work
from cockpit.simulator.cluster import Cluster
from cockpit.simulator.faults.fault import ChurnFault
from cockpit.simulator.pace import Pace
from cockpit.simulator.postgres import Postgres
from cockpit.simulator.postgres.server import APPLICATION, READER, WRITER
from cockpit.simulator.prometheus import Prometheus
from cockpit.simulator.serving import served

DATABASE = "churn"
ENVIRONMENT = "environment.json"
"""The file of the variables that its responders have set."""
WEBHOOK_EVERY, JOB_EVERY, CRON_EVERY = 1.0, 2.0, 3.0
"""Real seconds between two webhooks, two jobs that fall due, and two runs of the cron."""


class ChurnWorld:
    """The world; `open_churn` makes one and ends it.

    Its cluster is empty: the application runs at a host that is none.
    """

    def __init__(self, pace: Pace, fault: ChurnFault, postgres: Postgres) -> None:
        self.pace = pace
        self.fault = fault
        self.postgres = postgres
        self.platform = Platform()
        self.secret = secrets.token_urlsafe(18)
        self.url = ""
        self.cluster = Cluster(pace, {})
        self.work = Work(postgres.dsn(DATABASE, APPLICATION, application_name=SERVICE), self.platform)
        self.application = Application(self.work, self.platform, self.secret).app()
        self._exporters = Exporters(self.work)
        alerts = rules("Churn", SERVICE, signals(), 1.0, BREACHES)
        self.prometheus = Prometheus(pace, self._exporters.targets, 1.0, alerts, described())

    async def run(self) -> None:
        """Let it live, and the fault begin, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for living in (self._webhooks(), self._jobs(), self._cron(), self._measure(), self.prometheus.run()):
                tasks.create_task(living)
            tasks.create_task(self.fault.begin(self))

    def outside(self) -> None:
        """Nothing."""

    def configuration(self, directory: Path, prometheus: str) -> dict[str, Any]:
        """The cockpit.yaml of Churn Saver, the `vercel` of its host, and the secrets, in files of their own."""
        self._write_host(directory / "bin")
        for name, user in (("churn", READER), ("churn-write", WRITER)):
            path = directory / f"{name}.dsn"
            documents.write_secret(path, self.postgres.dsn(DATABASE, user, application_name="cockpit"))
        # the scheduler and the webhooks have one secret here; a runbook finds each under the document's name for it
        secret = {"WEBHOOK_SECRET": self.secret, "SCHEDULER_SECRET_KEY": self.secret}
        documents.write_secret(directory / ENVIRONMENT, json.dumps(secret))
        service = documents.service(SERVICE, "incident-response-plan", {}, signals(), 1.0)
        del service["kubernetes"], service["thresholds"]  # it runs in no cluster, and its runbook has the bounds
        service |= {"postgresql": "churn", "parameters": {"base_url": self.url, "app": SERVICE}}
        made = documents.configuration_of(directory, prometheus, SERVICE, service)
        files = {key: {"file": str(directory / f"{name}.dsn")} for key, name in _FILES.items()}
        return {**made, "postgresql": {"churn": files}}

    def _write_host(self, folder: Path) -> None:
        documents.write_secret(folder / "host.json", json.dumps({"url": self.url, "token": self.secret}))
        text = resources.files("cockpit.simulator.churn").joinpath("vercel.py").read_text(encoding="utf-8")
        program = folder / "vercel"
        program.write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
        program.chmod(0o755)

    async def _webhooks(self) -> None:
        """Whop tells of its members."""
        while True:
            await asyncio.sleep(WEBHOOK_EVERY)
            await self.work.receive(self.pace.random.choice(["membership.went_valid", "membership.went_invalid"]))

    async def _jobs(self) -> None:
        """Reminders fall due."""
        while True:
            await asyncio.sleep(JOB_EVERY)
            with suppress(psycopg.Error):
                async with await self.work.session() as session:
                    await session.execute(b"INSERT INTO job_queue (kind) VALUES ('push')")

    async def _cron(self) -> None:
        """The host runs the scheduler, unless its crons are paused."""
        while True:
            await asyncio.sleep(CRON_EVERY)
            if not self.platform.crons_paused:
                with suppress(psycopg.Error, RefusedError):  # the next run tries again; the log has it
                    await self.work.remind()

    async def _measure(self) -> None:
        monitor = self.postgres.dsn(DATABASE, "postgres", application_name="exporter")
        while True:
            await self._exporters.measure(monitor)
            await asyncio.sleep(1.0)


_FILES = {"dsn": "churn", "write_dsn": "churn-write"}


@asynccontextmanager
async def open_churn(pace: Pace, fault: ChurnFault) -> AsyncIterator[ChurnWorld]:
    """A world whose application and database answer, until the block ends; raises PostgresUnavailableError."""
    postgres = Postgres()
    await postgres.start(DATABASE, SCHEMA)
    try:
        await fault.prepare(postgres)
        world = ChurnWorld(pace, fault, postgres)
        async with served(world.application) as world.url:
            yield world
    finally:
        await postgres.stop()
