"""What the cluster's tests share: a payment service that runs or crashes by its tag, and a cluster with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
from conftest import eventually
from simulator.servers import ADMIN, Served, served_cluster

from cockpit.simulator.cluster import Cluster, CommandResult
from cockpit.simulator.pace import Pace
from cockpit.simulator.program import Execution, LogLine, Serve, Usage

Obj = dict[str, Any]

IMAGE = "registry.local/payment-service"
ECHO = 7000
"""The port on which the payment service sends back what it gets."""
PODS = "/api/v1/namespaces/production/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/production/deployments"
DEPLOYMENT = f"{DEPLOYMENTS}/payment-service"
STRATEGIC, MERGE, JSON = (f"application/{kind}+json" for kind in ("strategic-merge-patch", "merge-patch", "json-patch"))


class Payments:
    """Runs with every tag but those that say how they fail: `crash`, `oom`, `unready`, `slow-stop`, `done`."""

    def execute(self, pod: Obj, container: Obj, attempt: int, random: Random) -> Execution:
        tag = container["image"].rpartition(":")[2]
        boot = (LogLine(0.1, f"INFO boot {attempt}"),)
        if tag.endswith("crash"):
            return Execution(
                None, exit_after=1.0, exit_code=1, reason="Error", log=(*boot, LogLine(0.5, "FATAL no key"))
            )
        if tag.endswith("oom"):
            return Execution(0.2, exit_after=1.0, exit_code=137, reason="OOMKilled", log=boot)
        if tag.endswith("done"):
            return Execution(None, exit_after=1.0, log=boot)
        if tag.endswith("unready"):
            return Execution(None, log=boot)
        stop = 90.0 if tag.endswith("slow-stop") else 1.0
        return Execution(1.0, log=boot, chatter=("INFO paid", "WARN slow"), chatter_every=5.0, stop_after=stop)

    def command(self, pod: Obj, container: Obj, words: Sequence[str]) -> CommandResult | None:
        if words[:3] == ["psql", "-U", "postgres"]:
            name, value = ("count", "7") if "count(*)" in words[-1] else ("?column?", "1")
            return CommandResult(f" {name} \n{'-' * (len(name) + 2)}\n{value:>{len(name) + 1}}\n(1 row)\n\n")
        if words[0] == "curl":
            return CommandResult("", "curl: (7) Failed to connect to localhost port 15000\n", 7)
        return None

    def listener(self, pod: Obj, container: Obj, port: int) -> Serve | None:
        return {8080: _metrics, ECHO: _echo}.get(port)

    def usage(self, pod: Obj, container: Obj, running_for: float) -> Usage:
        return Usage(0.12, 200 * 1024 * 1024)


async def _metrics(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One answer over HTTP."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nup 1\n")


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Everything back, until the other side has said all."""
    while chunk := await reader.read(10_000):
        writer.write(chunk)
        await writer.drain()


def deployment(**changed: Any) -> Obj:
    """The payment service's deployment; keyword arguments replace parts of its spec."""
    container = {
        "name": "payment",
        "image": f"{IMAGE}:1.4.1",
        "ports": [{"containerPort": 8080}],
        "env": [{"name": "USE_FALLBACK_PROCESSOR", "value": "false"}],
    }
    template = {"metadata": {"labels": {"app": "payment-service"}}, "spec": {"containers": [container]}}
    spec = {"replicas": 3, "selector": {"matchLabels": {"app": "payment-service"}}, "template": template}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "payment-service",
            "namespace": "production",
            "labels": {"app": "payment-service"},
            "annotations": {"kubernetes.io/change-cause": "release 1.4.1"},
        },
        "spec": {**spec, **changed},
    }


def pod(name: str, image: str = f"{IMAGE}:1", **changed: Any) -> Obj:
    """A plain pod; keyword arguments are added to its spec."""
    spec = {"containers": [{"name": "main", "image": image}], **changed}
    return {"kind": "Pod", "metadata": {"name": name, "namespace": "production"}, "spec": spec}


def empty_cluster(speed: float = 50, seed: int = 1) -> Cluster:
    """A cluster with the namespaces of the runbooks."""
    cluster = Cluster(Pace(speed, seed), {IMAGE: Payments(), "registry.local/postgresql": Payments()})
    for name in ("production", "database", "payments"):
        cluster.create({"kind": "Namespace", "metadata": {"name": name}})
    return cluster


def healthy_cluster(speed: float = 50, **changed: Any) -> Cluster:
    """A cluster whose payment service has been running for 41 minutes."""
    cluster = empty_cluster(speed)
    body = deployment(**changed)
    body["metadata"]["creationTimestamp"] = (datetime.now(UTC) - timedelta(minutes=41)).strftime("%Y-%m-%dT%H:%M:%SZ")
    cluster.create(body)
    cluster.settle()
    return cluster


def image_patch(tag: str) -> Obj:
    """A strategic merge patch that releases another tag."""
    return {"spec": {"template": {"spec": {"containers": [{"name": "payment", "image": f"{IMAGE}:{tag}"}]}}}}


def words(pods: list[Obj]) -> list[str]:
    """The waiting or ended reason, or the phase, of each pod's first container."""
    found = []
    for each in pods:
        state = each["status"].get("containerStatuses", [{"state": {}}])[0]["state"]
        reason = state.get("waiting", state.get("terminated", {})).get("reason")
        found.append(reason or each["status"]["phase"])
    return found


@dataclass(slots=True)
class Scene:
    """A served cluster and a client of it."""

    served: Served
    http: httpx.AsyncClient

    @property
    def cluster(self) -> Cluster:
        return self.served.cluster

    async def get(self, path: str, **options: Any) -> Any:
        answer = await self.http.get(path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def patch(self, path: str, body: Any, kind: str = STRATEGIC) -> httpx.Response:
        return await self.http.patch(path, json=body, headers={"content-type": kind})

    def pods(self) -> list[Obj]:
        return self.cluster.list("pods", "production")

    def conditions(self) -> dict[str, str]:
        """The deployment's conditions: type to reason."""
        found = self.cluster.get("deployments", "production", "payment-service")
        assert found is not None
        return {each["type"]: each["reason"] for each in found["status"].get("conditions", [])}

    async def complete(self) -> None:
        """Wait until the deployment is rolled out."""

        def done() -> bool:
            found = self.cluster.get("deployments", "production", "payment-service")
            assert found is not None
            status, wanted = found["status"], found["spec"]["replicas"]
            return (
                status.get("observedGeneration") == found["metadata"]["generation"]
                and status.get("updatedReplicas", 0) == status.get("availableReplicas", 0) == wanted
                and status.get("replicas", 0) == wanted
                and status.get("terminatingReplicas") == 0
            )

        await eventually(done)


@asynccontextmanager
async def scene(cluster: Cluster, token: str | None = ADMIN) -> AsyncIterator[Scene]:
    """Serve a cluster and give a client that uses this token."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with served_cluster(cluster) as served, httpx.AsyncClient(base_url=served.url, headers=headers) as http:
        yield Scene(served, http)
