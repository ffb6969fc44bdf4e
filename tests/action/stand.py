"""A simulated cluster on loopback for tests of actions: a payment service whose release 1.4.2 crashes.

Everything goes over HTTP with the real client; a small proxy in between can break what tests need broken.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from replay import kubeconfig, serving

from cockpit.action.model import Plan, Situation
from cockpit.action.runner import Runner
from cockpit.clock import SystemClock
from cockpit.incident.fact import Fact
from cockpit.incident.kinds import RunIntent, RunResult, RunVerified, Target
from cockpit.incident.state import Run
from cockpit.kube.access import Access
from cockpit.simulator.cluster import EVERYTHING, READING, Cluster, User
from cockpit.simulator.pace import Pace
from cockpit.simulator.program import Execution, LogLine, Usage
from cockpit.values import replace

NAMESPACE, NAME = "production", "payment-service"
REPOSITORY = "registry.example/payment-service"
TOKENS = {"good": User("alice", rules=(EVERYTHING,)), "looks": User("viewer", rules=(READING,))}


class Payments:
    """The software: any release gets ready at once, but 1.4.2 exits."""

    log: tuple[str, ...] = ("payment-service starting",)

    def execute(self, pod: dict[str, Any], container: dict[str, Any], attempt: int, random: Random) -> Execution:
        lines = [LogLine(0.0, text) for text in self.log]
        if container["image"].endswith(":1.4.2"):
            return Execution(ready_after=None, exit_after=1.0, exit_code=1, reason="Error", log=lines)
        return Execution(ready_after=1.0, log=lines)

    def usage(self, pod: dict[str, Any], container: dict[str, Any], running_for: float) -> Usage:
        return Usage(0.1, 1 << 26)


def deployment(tag: str, **env: str) -> dict[str, Any]:
    """The payment service at release `tag`."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "labels": {"app": NAME},
            "annotations": {"kubernetes.io/change-cause": f"release {tag}"},
            "creationTimestamp": (datetime.now(UTC) - timedelta(minutes=41)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app": NAME}},
            "template": {"metadata": {"labels": {"app": NAME}}, "spec": {"containers": [_container(tag, env)]}},
        },
    }


def _container(tag: str, env: dict[str, str]) -> dict[str, Any]:
    return {
        "name": "payment",
        "image": f"{REPOSITORY}:{tag}",
        "env": [{"name": name, "value": value} for name, value in env.items()],
        "resources": {"limits": {"cpu": "500m", "memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
    }


class SkippingClock(SystemClock):
    """The machine's clock, except that a test can skip ahead instead of waiting."""

    def __init__(self) -> None:
        self._skipped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self._skipped

    async def sleep(self, seconds: float) -> None:
        until = self.monotonic() + seconds
        while (left := until - self.monotonic()) > 0:  # noqa: ASYNC110 - the clock itself
            await asyncio.sleep(min(left, 0.02))

    def skip(self, seconds: float) -> None:
        """So much time passes at once."""
        self._skipped += seconds


@dataclass
class Reading:
    """A threshold as the board would give it."""

    state: str
    id: str = "error-rate"
    title: str = "error rate"
    unit: str = "percent"
    value: float | None = 12.4
    bound: str = "> 5"
    reason: str = ""


@dataclass
class Board:
    """A board that shows what a test puts on it."""

    shown: list[Reading] = field(default_factory=list)

    def readings(self) -> list[Reading]:
        return list(self.shown)


@dataclass
class Notebook:
    """A recorder in memory; `full` refuses intents."""

    entries: list[RunIntent | RunResult | RunVerified] = field(default_factory=list)
    full: bool = False
    on_intent: Callable[[], Awaitable[None]] | None = None

    async def intent(self, plan: Plan) -> None:
        if self.full:
            raise OSError("no space left on device")
        self.entries.append(plan.intent())
        if self.on_intent is not None:
            await self.on_intent()

    async def result(self, result: RunResult) -> None:
        self.entries.append(result)

    async def verified(self, verified: RunVerified) -> None:
        self.entries.append(verified)

    @property
    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.entries]

    def runs(self, actor: str = "@alice", ago: timedelta = timedelta(minutes=4)) -> dict[str, Run]:
        """The runs that the fold would make of this, begun `ago` by `actor`."""
        found: dict[str, Run] = {}
        for entry in self.entries:
            if isinstance(entry, RunIntent):
                found[entry.run] = Run(entry, Fact(datetime.now(UTC) - ago, actor, entry.run))
            elif isinstance(entry, RunResult):
                found[entry.run] = replace(found[entry.run], result=entry)
        return found


@dataclass
class Stand:
    """A running cluster, and a runner on it."""

    cluster: Cluster
    payments: Payments
    access: Access
    clock: SkippingClock
    board: Board
    notebook: Notebook
    situation: Situation
    runner: Runner

    def deployment(self) -> dict[str, Any]:
        """The deployment as the cluster has it."""
        found = self.cluster.get("deployments", NAMESPACE, NAME)
        assert found is not None
        return found

    @property
    def image(self) -> str:
        """The release that the deployment asks for."""
        image: str = self.deployment()["spec"]["template"]["spec"]["containers"][0]["image"]
        return image.rpartition(":")[2]

    def release(self, tag: str, **env: str) -> None:
        """Somebody deploys `tag`."""
        patch = {
            "metadata": {"annotations": {"kubernetes.io/change-cause": f"release {tag}"}},
            "spec": {"template": {"spec": {"containers": [_container(tag, env)]}}},
        }
        self.cluster.patch_merge("deployments", NAMESPACE, NAME, patch)

    def patch(self, patch: dict[str, Any]) -> None:
        """Somebody changes the deployment."""
        self.cluster.patch_merge("deployments", NAMESPACE, NAME, patch)

    def revision(self) -> str:
        """The revision that the deployment controller counted."""
        return str(self.deployment()["metadata"]["annotations"].get("deployment.kubernetes.io/revision", ""))


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[int]:
    """Serve an ASGI app on this loop, which the simulator shares with its controllers; give its port."""
    async with serving(app, dated=True) as url:
        yield int(url.rpartition(":")[2])


@asynccontextmanager
async def stand(
    folder: Path, *, token: str = "good", before: Callable[[int], Any] | None = None
) -> AsyncIterator[Stand]:
    """A cluster whose payment service runs 1.4.1, ready for 41 minutes; `before` gives a context manager of a proxy.

    Args:
        token: who acts: `good` may do everything, `looks` may only read.
        before: takes the server's port; entering what it gives yields the port to use instead.
    """
    payments = Payments()
    cluster = Cluster(Pace(speed=20.0, seed=7), {REPOSITORY: payments})
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    cluster.create(deployment("1.4.1"))
    cluster.settle()
    running = asyncio.create_task(cluster.run())
    try:
        async with served(cluster.app(TOKENS)) as port, (before or _direct)(port) as entrance:
            access = await Access.open("prod-eu", _config(folder, entrance, token), SystemClock())
            try:
                yield _stand(cluster, payments, access)
            finally:
                await access.close()
                cluster.close()
    finally:
        running.cancel()
        await asyncio.wait({running})


@asynccontextmanager
async def _direct(port: int) -> AsyncIterator[int]:
    yield port


def _config(folder: Path, port: int, token: str) -> Path:
    return kubeconfig(folder, f"http://127.0.0.1:{port}", user={"token": token})


def _stand(cluster: Cluster, payments: Payments, access: Access) -> Stand:
    target = Target(
        cluster="prod", context="prod-eu", namespace=NAMESPACE, server=access.server, deployment=NAME, production=True
    )
    board, notebook = Board(), Notebook()
    clock = SkippingClock()
    runner = Runner(access, notebook, board, clock, lambda: made.situation)
    made = Stand(cluster, payments, access, clock, board, notebook, Situation(target), runner)
    return made
