"""A simulated cluster with a small deployment, behind its API server, for tests that need a living one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from replay import kubeconfig, serving

from cockpit.clock import SystemClock
from cockpit.kube.access import Access
from cockpit.simulator.cluster import EVERYTHING, Cluster, Rule, User
from cockpit.simulator.pace import Pace
from cockpit.simulator.program import Execution, LogLine, Usage

NAMESPACE, NAME = "production", "payment-service"
IMAGE = "registry.example/payment-service"
VIEWER = User("viewer", rules=(Rule(("get", "list", "watch"), ("*",), ("pods", "pods/log")),))
_SEEN = ("pods", "pods/log", "deployments", "replicasets", "configmaps", "services", "horizontalpodautoscalers")
NO_SECRETS = User("no-secrets", rules=(Rule(("*",), ("*",), _SEEN),))


class PaymentProgram:
    """Release `…-crash` fails to start, `…-slow` never gets ready, the others run."""

    def execute(self, pod: dict[str, Any], container: dict[str, Any], attempt: int, random: Random) -> Execution:
        log = [LogLine(0.0, "starting")]
        if container["image"].endswith("-crash"):
            fatal = [*log, LogLine(0.0, "FATAL cannot reach gateway")]
            return Execution(ready_after=None, exit_after=0.5, exit_code=1, reason="Error", log=fatal)
        ready = None if container["image"].endswith("-slow") else 1.0
        chatter = ["request ok", "login \x1b[31mred\x1b[0m password=hunter2 token: abc"]
        return Execution(ready_after=ready, log=log, chatter=chatter, chatter_every=1.0)

    def usage(self, pod: dict[str, Any], container: dict[str, Any], running_for: float) -> Usage:
        return Usage(0.1, 100 * 1024 * 1024)


def deployment(release: str, *, replicas: int = 3, deadline: int = 600) -> dict[str, Any]:
    """The deployment as somebody would apply it."""
    container = {
        "name": "payment",
        "image": f"{IMAGE}:{release}",
        "env": [{"name": "MODE", "value": "live"}, {"name": "DB_PASSWORD", "value": "hunter2"}],
        "resources": {"limits": {"memory": "512Mi"}},
        "readinessProbe": {"httpGet": {"path": "/health", "port": 3006}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "annotations": {"kubernetes.io/change-cause": f"release {release}"},
            "creationTimestamp": (datetime.now(UTC) - timedelta(minutes=41)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
        "spec": {
            "replicas": replicas,
            "progressDeadlineSeconds": deadline,
            "selector": {"matchLabels": {"app": NAME}},
            "template": {
                "metadata": {"labels": {"app": NAME}},
                "spec": {"containers": [container], "terminationGracePeriodSeconds": 1},
            },
        },
    }


@dataclass
class Living:
    """A cluster that lives, its address, and a user's access to it."""

    cluster: Cluster
    server: str
    access: Access
    folder: Path

    def release(self, release: str, **container: Any) -> None:
        """Deploy another release, as a pipeline would."""
        spec = deployment(release)["spec"]["template"]["spec"]
        spec["containers"][0] |= container
        annotations = {"kubernetes.io/change-cause": f"release {release}"}
        patch = {"metadata": {"annotations": annotations}, "spec": {"template": {"spec": spec}}}
        self.cluster.patch_merge("deployments", NAMESPACE, NAME, patch)

    def pods(self) -> list[dict[str, Any]]:
        """The service's pods as they are."""
        return self.cluster.list("pods", NAMESPACE, f"app={NAME}")


@asynccontextmanager
async def living(
    folder: Path, *, token: str = "good", speed: float = 20.0, release: str = "1.4.1", **how: Any
) -> AsyncIterator[Living]:
    """A cluster with the deployment settled; tokens `good` (everything), `viewer` (pods only), `no-secrets`."""
    cluster = Cluster(Pace(speed=speed), {IMAGE: PaymentProgram()})
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    cluster.create(deployment(release, **how))
    cluster.settle()
    running = asyncio.create_task(cluster.run())
    users = {"good": User("admin", rules=(EVERYTHING,)), "viewer": VIEWER, "no-secrets": NO_SECRETS}
    async with serving(cluster.app(users), dated=True) as server:
        access = await Access.open("prod-eu", kubeconfig(folder, server, user={"token": token}), SystemClock())
        try:
            yield Living(cluster, server, access, folder)
        finally:
            await access.close()
            cluster.close()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
