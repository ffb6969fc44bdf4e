"""A simulated cluster of many pods in a process of its own: `python -m tests.benchmarks.fleet_server FOLDER PODS`.

It writes FOLDER/kubeconfig, prints READY, and then does what each line of its input says, answering with a line of
JSON: `flip [NAME]` turns a pod's readiness, `churn RATE` changes so many pods a second until `rest`. It
ends with its input.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from cockpit.simulator import documents
from cockpit.simulator.cluster import EVERYTHING, Cluster, User
from cockpit.simulator.cluster.store import Change
from cockpit.simulator.pace import Pace
from cockpit.simulator.payments.sight import NAMESPACE
from cockpit.simulator.program import Execution, Usage
from cockpit.simulator.serving import served

LOUD = "registry.local/loud"
LINES = 5_000
"""Lines that the loud pod writes in a second, from its start on."""
_TEXT = "2026-01-07T03:12:07Z INFO request finished method=POST path=/v1/charges status=201 duration_ms={} order={}"


class Loud:
    """Software that writes much."""

    def execute(self, pod: dict[str, Any], container: dict[str, Any], attempt: int, random: random.Random) -> Execution:
        """It is ready at once and writes without end."""
        chatter = [_TEXT.format(number % 97, 100_000 + number) for number in range(LINES)]
        return Execution(ready_after=0.1, chatter=chatter, chatter_every=1 / LINES)

    def usage(self, pod: dict[str, Any], container: dict[str, Any], running_for: float) -> Usage:
        """What it uses."""
        return Usage(0.5, 64 * 1024 * 1024)


class Commands:
    """What the lines of the input ask for."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._names = [pod["metadata"]["name"] for pod in cluster.list("pods", NAMESPACE, "app!=loud")]
        self._random = random.Random(7)
        self._churning: asyncio.Task[None] | None = None
        self._began, self._changes = 0.0, 0
        cluster.store.subscribe(self._count)

    def _count(self, change: Change) -> None:
        self._changes += change.plural == "pods"

    def flip(self, name: str = "") -> dict[str, Any]:
        """Turn the readiness of a pod, or of any; tells whose, and when on the clock that all processes share."""
        name = name or self._random.choice(self._names)
        at = time.monotonic()
        self._cluster.flip(NAMESPACE, name)
        return {"name": name, "at": at}

    def churn(self, rate: str) -> dict[str, Any]:
        """Change so many pods a second from now on."""
        self._began, self._changes = time.monotonic(), 0
        self._churning = asyncio.create_task(self._cluster.churn(float(rate)))
        return {}

    def rest(self) -> dict[str, Any]:
        """Change no more; tells how many there were in a second."""
        assert self._churning is not None
        self._churning.cancel()
        return {"rate": self._changes / (time.monotonic() - self._began)}


def cluster_of(pods: int) -> Cluster:
    """So many pods, one of them loud, all of them running."""
    made = Cluster(Pace(), {LOUD: Loud()})
    made.create({"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": NAMESPACE}})
    made.create(_loud())
    made.settle()
    made.fill(pods - 1, NAMESPACE)
    return made


def _loud() -> dict[str, Any]:
    labels = {"app": "loud"}
    spec = {"containers": [{"name": "main", "image": f"{LOUD}:1"}]}
    return {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"name": "loud", "namespace": NAMESPACE},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


async def main(folder: Path, pods: int) -> None:
    """Serve until the input ends."""
    cluster = cluster_of(pods)
    user = User("responder", rules=(EVERYTHING,))
    async with served(cluster.app({"bench": user}, anonymous=user), dated=True) as url:
        documents.write(folder / "kubeconfig", documents.kubeconfig(url, "bench", "bench"))
        living = asyncio.create_task(cluster.run())
        print("READY", flush=True)
        await _obey(Commands(cluster))
        cluster.close()
        living.cancel()


async def _obey(commands: Commands) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode().split():
        print(json.dumps(getattr(commands, line[0])(*line[1:])), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
