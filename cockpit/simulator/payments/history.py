"""The hour before: the same model, run quickly over a healthy past, so that charts begin with something to compare."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from cockpit.simulator.pace import Pace
from cockpit.simulator.payments.exporters import Exporters
from cockpit.simulator.payments.program import PaymentProgram
from cockpit.simulator.payments.service import PaymentService
from cockpit.simulator.payments.sight import Scene, Seen
from cockpit.simulator.prometheus import Prometheus

LENGTH = 3600.0
"""Simulated seconds of the past."""


class Past:
    """Writes the past of a service as it is now into a Prometheus.

    Pods that were not there yet are preceded by others of the same release, as a rollout leaves them.
    """

    def __init__(self, pace: Pace, program: PaymentProgram, service: PaymentService, exporters: Exporters) -> None:
        self._pace = pace
        self._program = program
        self._service = service
        self._exporters = exporters

    def write(self, prometheus: Prometheus, scene: Scene) -> None:
        """Scrape `LENGTH` simulated seconds with the pods of `scene`, until the present is reached."""
        interval = prometheus.scraper.interval
        step = round(interval * 1000)
        time = prometheus.now() - round(self._pace.real(LENGTH) * 1000)
        while time <= prometheus.now():
            then = self._before(scene, time)
            seconds = self._pace.simulated(interval)
            self._service.advance(then, seconds)
            self._exporters.observe(then, seconds)
            prometheus.scraper.scrape(time)
            time += step

    def _before(self, scene: Scene, time: int) -> Scene:
        moment = datetime.fromtimestamp(time / 1000, UTC)
        return replace(scene, pods=self._pods(scene.pods, moment))

    def _pods(self, pods: Sequence[Seen], moment: datetime) -> list[Seen]:
        return [self._at(pod if pod.created <= moment else _predecessor(pod), moment) for pod in pods]

    def _at(self, pod: Seen, moment: datetime) -> Seen:
        running_for = self._pace.simulated(abs((moment - pod.created).total_seconds()))
        return replace(pod, usage=self._program.used(pod.name, pod.image, running_for))


def _predecessor(pod: Seen) -> Seen:
    """The pod that had this one's place before the last rollout."""
    head, _, tail = pod.name.rpartition("-")
    digest = f"{zlib.crc32(head.encode()):x}"
    service = head.rpartition("-")[0]
    network, _, number = pod.ip.rpartition(".")
    return replace(
        pod,
        name=f"{service}-{digest}-{tail[::-1]}",
        ip=f"{network}.{(int(number) + 100) % 250 + 2}",
        uid=pod.uid[::-1],
        run=f"{pod.run}-before",
    )
