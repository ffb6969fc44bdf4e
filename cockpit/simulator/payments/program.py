"""The payment service's software: its releases, and what each does when a container starts it."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from cockpit.simulator.cluster.inside.execution import CommandResult
from cockpit.simulator.pace import Pace
from cockpit.simulator.payments.exposition import CONTENT_TYPE
from cockpit.simulator.payments.web import Page, serve
from cockpit.simulator.program import Execution, LogLine, Serve, Usage

IMAGE = "registry.example/payment-service"
MEBIBYTE = 1024 * 1024
DEFAULT_POOL = "20"

FALLBACK = "USE_FALLBACK_PROCESSOR"
"""The setting with which payments go round the gateway."""
GATEWAY_SHARE = 0.8
"""The share of requests that need the gateway; the others are answered from the service's own data."""

Answers = Callable[[Random], int]
"""Gives, by chance, the HTTP status of one request."""
ConfigMapData = Callable[[str, str], Mapping[str, str]]
"""The data of a config map by namespace and name; empty when there is none."""
Shell = Callable[[str, Sequence[str]], Awaitable[CommandResult | None]]
"""Runs a command in a pod of a namespace; None for a program that the image does not have."""


class Journalist:
    """Writes a container's log lines as the service does: one JSON object each, with the wall time of the line."""

    def __init__(self, pace: Pace, version: str) -> None:
        self._pace = pace
        self._started = pace.now()
        self._version = version

    def line(self, after: float, level: str, message: str, **more: object) -> LogLine:
        """A structured line, `after` simulated seconds from the start."""
        moment: datetime = self._started + timedelta(seconds=self._pace.real(after))
        time = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        head = {"time": time, "level": level, "service": "payment-service", "version": self._version, "msg": message}
        return LogLine(after, json.dumps({**head, **more}))


class Release:
    """One version of the payment service. This is a good one; a fault's own differs where its cause is.

    Args:
        version: the image's tag.
    """

    capacity = 4.8
    """Requests per second that one container can answer: its threads wait for the processors, not for the CPU."""

    def __init__(self, version: str) -> None:
        self.version = version

    def execute(self, settings: Mapping[str, str], journalist: Journalist, random: Random) -> Execution:
        """What a start with these settings does."""
        wrong = self.wrong_setting(settings)
        if wrong:
            log = [journalist.line(0.3, "info", "starting"), journalist.line(1.0, "fatal", wrong)]
            return Execution(ready_after=None, exit_after=1.2, exit_code=1, reason="Error", log=log)
        ready = random.uniform(3.0, 4.5)
        log = [*self.opening(settings, journalist), journalist.line(ready, "info", "ready to take payments")]
        return Execution(ready_after=ready, log=log, chatter=self._chatter(), chatter_every=6.0, stop_after=2.0)

    def wrong_setting(self, settings: Mapping[str, str]) -> str:
        """What every release refuses to start with; empty when the settings are good."""
        pool = settings.get("DB_POOL_SIZE", DEFAULT_POOL)
        return "" if pool.isdecimal() and int(pool) > 0 else f"DB_POOL_SIZE must be a positive number, not {pool!r}"

    def opening(self, settings: Mapping[str, str], journalist: Journalist) -> Sequence[LogLine]:
        """The first lines of each start."""
        database = f"{settings.get('DB_HOST', 'localhost')}/{settings.get('DB_NAME', 'payments')}"
        pool = settings.get("DB_POOL_SIZE", DEFAULT_POOL)
        return [
            journalist.line(0.3, "info", "starting", settings=len(settings)),
            journalist.line(1.1, "info", "connected to database", database=database, pool_max=int(pool)),
            journalist.line(1.6, "info", "listening", port=8080),
        ]

    def status(self, settings: Mapping[str, str], random: Random) -> int:
        """The HTTP status with which a ready container that started with `settings` answers one request."""
        chance = random.random()
        if chance < 0.0008:
            return 500
        return 402 if chance < 0.008 else 200

    def kept(self, answered: int) -> int:
        """Bytes that a container which has answered so many requests never frees: none."""
        return 0

    def usage(self, running_for: float, load: float, phase: float) -> Usage:
        """What a container uses that answers `load` requests per second; `phase` (0 to 1) sets pods apart."""
        warm = min(1.0, running_for / 30)
        cores = (0.26 if running_for < 4 else 0.05) + 0.028 * load
        garbage = (running_for / 90 + phase) % 1.0  # collected every 90 s
        megabytes = 150 + 130 * warm + 5 * load + 14 * garbage + 6 * phase
        return Usage(cores + 0.006 * math.sin(running_for / 7 + 6 * phase), round(megabytes * MEBIBYTE))

    @staticmethod
    def _chatter() -> Sequence[str]:
        lines = ("payment authorised", "payment captured", "settlement batch sent", "payment authorised", "refund done")
        base = {"level": "info", "service": "payment-service"}
        return [json.dumps({**base, "msg": text, "ms": 90 + 17 * index}) for index, text in enumerate(lines)]


class PaymentProgram:
    """All releases of the image; the simulated kubelet runs them.

    Args:
        pace: the world's time.
        versions: the tags of the good releases in the registry; `add` puts others beside them.
    """

    def __init__(self, pace: Pace, versions: Sequence[str]) -> None:
        self._pace = pace
        self._releases = {version: Release(version) for version in versions}
        self._started: dict[str, Mapping[str, str]] = {}
        self.config_map: ConfigMapData = lambda _namespace, _name: {}
        self.load: Callable[[str], float] = lambda _pod: 0.0
        self.answered: Callable[[str], int] = lambda _pod: 0
        self.metrics: Callable[[str], str] = lambda _pod: ""
        self.shell: Shell = _no_programs
        self.gateway_up = True
        """Whether the external payment gateway takes payments."""

    def add(self, release: Release) -> None:
        """Push a release to the registry."""
        self._releases[release.version] = release

    @property
    def images(self) -> list[str]:
        """The images in the registry, with their tags."""
        return [f"{IMAGE}:{version}" for version in self._releases]

    def release(self, image: str) -> Release:
        """The release in an image of the registry."""
        return self._releases[image.rpartition(":")[2]]

    def execute(self, pod: dict[str, Any], container: dict[str, Any], attempt: int, random: Random) -> Execution:
        """One start, as the release does it with the settings that it finds."""
        release = self.release(container["image"])
        settings = self._started[pod["metadata"]["name"]] = self._settings(pod, container)
        return release.execute(settings, Journalist(self._pace, release.version), random)

    def answers(self, pod: str, image: str) -> Answers:
        """How the pod's running container answers requests at this moment."""
        settings = self._started.get(pod, {})
        status = partial(self.release(image).status, settings)
        if self.gateway_up or settings.get(FALLBACK, "false") == "true":
            return status
        return lambda random: 502 if random.random() < GATEWAY_SHARE else status(random)

    def pool(self, pod: str) -> int:
        """How many database connections the pod's container may hold, by the settings that it started with."""
        size = self._started.get(pod, {}).get("DB_POOL_SIZE", DEFAULT_POOL)
        return int(size) if size.isdecimal() else 0

    def listener(self, pod: dict[str, Any], container: dict[str, Any], port: int) -> Serve | None:
        """Its metrics, health and readiness over HTTP, on the ports that its container names."""
        if port not in {each["containerPort"] for each in container.get("ports", ())}:
            return None
        name, version = pod["metadata"]["name"], self.release(container["image"]).version
        return serve(
            {
                "/metrics": lambda: Page(200, self.metrics(name), CONTENT_TYPE),
                "/health": lambda: self._health(name, version),
                "/ready": lambda: Page(200, "ready\n") if _is_ready(pod) else Page(503, "not ready\n"),
            }
        )

    def _health(self, pod: str, version: str) -> Page:
        """Whether payments can be made: not while the gateway takes none and no other way is set."""
        whole = self.gateway_up or self._started.get(pod, {}).get(FALLBACK, "false") == "true"
        said = {"status": "ok" if whole else "failing", "service": "payment-service", "version": version}
        said |= {} if whole else {"gateway": "answers with errors"}
        return Page(200 if whole else 503, json.dumps(said) + "\n", "application/json")

    def command(
        self, pod: dict[str, Any], container: dict[str, Any], words: Sequence[str]
    ) -> Awaitable[CommandResult | None]:
        """What its image, an Alpine, has to look at the network."""
        return self.shell(pod["metadata"]["namespace"], words)

    def usage(self, pod: dict[str, Any], container: dict[str, Any], running_for: float) -> Usage:
        """What a running container uses under its present load."""
        return self.used(pod["metadata"]["name"], container["image"], running_for)

    def used(self, pod: str, image: str, running_for: float) -> Usage:
        """The same by the pod's name."""
        release = self.release(image)
        usage = release.usage(running_for, self.load(pod), zlib.crc32(pod.encode()) % 997 / 997)
        return Usage(usage.cores, usage.bytes + release.kept(self.answered(pod)))

    def _settings(self, pod: dict[str, Any], container: dict[str, Any]) -> dict[str, str]:
        """The environment as the kubelet builds it: config maps first, then what the container names itself."""
        namespace = pod["metadata"]["namespace"]
        found: dict[str, str] = {}
        for source in container.get("envFrom", ()):
            if "configMapRef" in source:
                found |= self.config_map(namespace, source["configMapRef"]["name"])
        for entry in container.get("env", ()):
            reference = entry.get("valueFrom", {}).get("configMapKeyRef")
            if reference is None:
                found[entry["name"]] = entry.get("value", "")
            elif reference["key"] in (data := self.config_map(namespace, reference["name"])):
                found[entry["name"]] = data[reference["key"]]
        return found


async def _no_programs(_namespace: str, _words: Sequence[str]) -> CommandResult | None:
    return None


def _is_ready(pod: dict[str, Any]) -> bool:
    return all(each["ready"] for each in pod["status"].get("containerStatuses", ()))
