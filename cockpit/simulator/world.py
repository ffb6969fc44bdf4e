"""The whole simulated world: a cluster, a payment service that runs on it, a Prometheus that watches, and one fault."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from starlette.types import ASGIApp

from cockpit.simulator import documents
from cockpit.simulator.alerting import rules
from cockpit.simulator.cluster import Cluster
from cockpit.simulator.cluster.inside.busybox import busybox
from cockpit.simulator.dependency import Dependency
from cockpit.simulator.faults import SCENARIOS, Fault
from cockpit.simulator.pace import Pace
from cockpit.simulator.payments import manifests
from cockpit.simulator.payments.bindings import signals
from cockpit.simulator.payments.database import DatabaseProgram
from cockpit.simulator.payments.exporters import Exporters, described
from cockpit.simulator.payments.gateway import status_page
from cockpit.simulator.payments.history import Past
from cockpit.simulator.payments.program import PaymentProgram
from cockpit.simulator.payments.service import PaymentService
from cockpit.simulator.payments.sight import NAMESPACE, SERVICE, look
from cockpit.simulator.prometheus import Prometheus

STEP = 1.0
"""Simulated seconds between two looks at the pods: a pod is ready for a few seconds before it crashes."""

SHORTEST_STEP = 0.05
"""Real seconds below which a step is not worth its work, however fast the world goes."""

LONGEST_STEP = 120.0
"""Simulated seconds that are caught up with after the machine slept."""


class World:
    """A world with one fault in it, healthy until the fault begins.

    Args:
        pace: its time and chance.
        scenario: the fault's name in `SCENARIOS`.
        pods: how many pods of other software stand around the service.

    Raises:
        KeyError: there is no such scenario.
    """

    def __init__(self, pace: Pace, scenario: str, pods: int = 0) -> None:
        self.pace = pace
        self.fault: Fault = SCENARIOS[scenario]()
        self.program = PaymentProgram(pace, manifests.VERSIONS)
        for release in self.fault.releases():
            self.program.add(release)
        programs = dict.fromkeys(self.program.images, self.program)
        database = DatabaseProgram(lambda: self._exporters.connections())
        others = dict.fromkeys(manifests.OTHER_IMAGES, Dependency())
        self.cluster = Cluster(pace, {**programs, manifests.DATABASE_IMAGE: database, **others})
        self.program.shell = partial(busybox, self.cluster)
        self.program.config_map = self._config_map
        self.service = PaymentService(self.program, Random(f"{pace.seed} traffic"))
        self._exporters = Exporters(pace, self.program, self.service)
        interval = max(0.5, pace.real(5))
        metadata = described()
        alerts = rules("Payment", SERVICE, signals(pace.speed), pace.speed)
        self.prometheus = Prometheus(pace, self._exporters.targets, interval, alerts, metadata)
        self._build(pods)

    async def run(self) -> None:
        """Let it live, and the fault begin, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.cluster.run())
            tasks.create_task(self._live())
            tasks.create_task(self.prometheus.run())
            tasks.create_task(self.fault.begin(self))

    def outside(self) -> ASGIApp:
        """The gateway's status page."""
        return status_page(lambda: self.program.gateway_up)

    def configuration(self, directory: Path, prometheus: str) -> dict[str, Any]:
        """The cockpit.yaml of the payment service."""
        return documents.configuration(directory, prometheus, self.pace.speed)

    def _build(self, pods: int) -> None:
        """Everything as it stood this morning, and the past hour's metrics."""
        now = self.pace.now()
        for obj in manifests.surroundings(now):
            self.cluster.create(obj)
        self.cluster.settle()
        deployment = self.cluster.create(manifests.deployment(now))
        for obj in manifests.earlier_replica_sets(deployment, now):
            self.cluster.create(obj)
        self.fault.prepare(self)
        self.cluster.settle()
        if pods:
            self.cluster.fill(pods, NAMESPACE)
        Past(self.pace, self.program, self.service, self._exporters).write(self.prometheus, look(self.cluster))
        self._reached = time.monotonic()

    async def _live(self) -> None:
        """Move the service along with the pods as they are, from where its past ended."""
        last = self._reached
        while True:
            await asyncio.sleep(max(SHORTEST_STEP, self.pace.real(STEP)))
            now = time.monotonic()
            seconds = min(LONGEST_STEP, self.pace.simulated(now - last))
            last = now
            scene = look(self.cluster)
            self.service.advance(scene, seconds)
            self._exporters.observe(scene, seconds)
            self.cluster.kubelet.check_memory()

    def _config_map(self, namespace: str, name: str) -> dict[str, str]:
        found = self.cluster.get("configmaps", namespace, name)
        return dict(found.get("data") or {}) if found else {}
