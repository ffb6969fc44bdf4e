"""A forwarded port: bytes both ways, on this machine only, until it is stopped."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import eventually

from cockpit.action.kubernetes.pods.forward import PortForward
from cockpit.action.live import Progress
from cockpit.incident.kinds import RunResult
from tests.action.stand import NAME, NAMESPACE, Payments, Stand, stand

pytestmark = pytest.mark.anyio
PORT = 3006


async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Give back a line in capitals, then everything else as it comes."""
    writer.write((await reader.readline()).upper())
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


@pytest.fixture(autouse=True)
def _listens(monkeypatch: pytest.MonkeyPatch) -> None:
    def listener(self: Payments, pod: Any, container: Any, port: int) -> Any:
        return shout if port == PORT else None

    monkeypatch.setattr(Payments, "listener", listener, raising=False)


@asynccontextmanager
async def forwarding(here: Stand, action: PortForward) -> AsyncIterator[tuple[int, list[Progress], Any]]:
    """The forward running: its local port, what it says, and its task; stopped at the end."""
    plan = await here.runner.prepare(action)
    assert (plan.refusals, plan.risk, plan.interactive) == ((), "interactive", "forward")
    signs: list[Progress] = []
    running = asyncio.create_task(here.runner.execute(plan, on_progress=signs.append))
    await eventually(lambda: running.done() or any("Forwarding from" in line for sign in signs for line in sign.lines))
    said = next(line for sign in signs for line in sign.lines)
    found = re.match(r"Forwarding from 127\.0\.0\.1:(\d+) → ", said)
    assert found, said
    try:
        yield int(found[1]), signs, running
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def said_to(port: int, data: bytes, expected: int) -> bytes:
    """What comes back of `data`, so many bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    answer = await asyncio.wait_for(reader.readexactly(expected), 30)
    writer.close()
    return answer


def last(here: Stand) -> RunResult:
    """The latest result in the record."""
    found = [entry for entry in here.notebook.entries if isinstance(entry, RunResult)]
    return found[-1]


async def test_bytes_both_ways_until_it_is_stopped(tmp_path: Path) -> None:
    """Several connections at once; to be stopped is success, and the port is free again."""
    async with stand(tmp_path) as here:
        pod = min(pod["metadata"]["name"] for pod in here.cluster.list("pods", NAMESPACE))
        async with forwarding(here, PortForward(pod, NAMESPACE, PORT)) as (port, _, _):
            sent = [b"hello\n" + os.urandom(300_000) for _ in range(3)]
            answers = await asyncio.gather(*(said_to(port, each, len(each)) for each in sent))
            assert answers == [b"HELLO\n" + each[6:] for each in sent]
        result = last(here)
        assert result.outcome == "succeeded"
        assert result.output.splitlines() == [
            f"Forwarding from 127.0.0.1:{port} → {pod}:{PORT}",
            "3 connections forwarded",
        ]
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_of_a_deployment_and_of_a_service(tmp_path: Path) -> None:
    """A ready pod is chosen; a service's port leads to its pods' own."""
    async with stand(tmp_path) as here:
        here.cluster.create(
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": NAME, "namespace": NAMESPACE},
                "spec": {"selector": {"app": NAME}, "ports": [{"port": 80, "targetPort": PORT}]},
            }
        )
        for resource, wanted in ((f"deploy/{NAME}", PORT), (f"svc/{NAME}", 80)):
            async with forwarding(here, PortForward(resource, NAMESPACE, wanted)) as (port, _, _):
                assert await said_to(port, b"hello\n", 6) == b"HELLO\n"
        plan = await here.runner.prepare(PortForward(f"svc/{NAME}", NAMESPACE, 80, local=8080))
        assert plan.command.endswith(f"port-forward --address 127.0.0.1 svc/{NAME} 8080:80")
        assert plan.after.startswith("127.0.0.1:8080 leads to port 3006 of payment-service-")


async def test_nobody_listens_there(tmp_path: Path) -> None:
    """The connection ends, the reason is said, and the forward goes on."""
    action = PortForward(f"deploy/{NAME}", NAMESPACE, 9)
    async with stand(tmp_path) as here, forwarding(here, action) as (port, signs, running):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await asyncio.wait_for(reader.read(), 30) == b""
        writer.close()
        await eventually(lambda: any("connection refused" in line for sign in signs for line in sign.lines))
        assert not running.done()


async def test_a_pod_that_goes_ends_it(tmp_path: Path) -> None:
    """It says so, instead of refusing connections in silence."""
    async with stand(tmp_path) as here:
        pod = here.cluster.list("pods", NAMESPACE)[0]["metadata"]["name"]
        async with forwarding(here, PortForward(pod, NAMESPACE, PORT)) as (port, _, running):
            here.cluster.delete("pods", NAMESPACE, pod)
            await eventually(lambda: here.cluster.get("pods", NAMESPACE, pod) is None)
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            await eventually(running.done)
            writer.close()
        assert last(here).outcome == "failed"
        assert f"{pod} can no longer be reached" in last(here).error


async def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """What failed, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with stand(tmp_path) as here:
            plan = await here.runner.prepare(PortForward(f"deploy/{NAME}", NAMESPACE, PORT, port))
            result = await here.runner.execute(plan)
            assert result.outcome == "failed"
            assert "take another port" in result.error


@pytest.mark.parametrize(
    ("action", "why"),
    [
        (PortForward("nothing", NAMESPACE, 80), '"nothing" not found'),
        (PortForward("cm/x", NAMESPACE, 80), '"x" not found'),
        (PortForward("flibbet/x", NAMESPACE, 80), "serves no resource that is called flibbet"),
        (PortForward("svc/bare", NAMESPACE, 80), "svc/bare selects no pods"),
        (PortForward("svc/named", NAMESPACE, 81), "svc/named has no port 81; it has: 80"),
        (PortForward("svc/named", NAMESPACE, 80), "has no port that is called web"),
    ],
)
async def test_where_it_cannot_lead(tmp_path: Path, action: PortForward, why: str) -> None:
    """The reason stands in the preview."""
    async with stand(tmp_path) as here:
        for name, selector in (("bare", {}), ("named", {"app": NAME})):
            spec = {"selector": selector, "ports": [{"port": 80, "targetPort": "web"}]}
            meta = {"name": name, "namespace": NAMESPACE}
            here.cluster.create({"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec})
        assert why in (await here.runner.prepare(action)).refusals[0]


async def test_a_viewer_may_not(tmp_path: Path) -> None:
    """Into a pod is a right of its own."""
    async with stand(tmp_path, token="looks") as here:
        plan = await here.runner.prepare(PortForward(f"deploy/{NAME}", NAMESPACE, PORT))
        assert plan.refusals[0].startswith(f"you may not create {plan.object}/portforward in production")
