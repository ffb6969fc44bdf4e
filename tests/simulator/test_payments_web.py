"""What a payment container answers over HTTP, on a connection like the one that a forwarded port is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator.worlds import playing

from cockpit.simulator.pace import Pace
from cockpit.simulator.payments import manifests
from cockpit.simulator.payments.exposition import text
from cockpit.simulator.payments.program import PaymentProgram
from cockpit.simulator.program import Serve
from cockpit.simulator.prometheus import Metadata
from cockpit.simulator.prometheus.labels import labels

pytestmark = pytest.mark.anyio


def pod(*, ready: bool = True) -> dict[str, Any]:
    """A pod of the good release."""
    status = {"containerStatuses": [{"ready": ready}]}
    return {"metadata": {"name": "payment-service-1", "namespace": "production"}, "status": status}


def listening(*, ready: bool = True) -> Serve:
    """What a running container does on its port."""
    program = PaymentProgram(Pace(), [manifests.GOOD])
    program.metrics = lambda name: f"# of {name}\n"
    found = program.listener(pod(ready=ready), manifests.container(manifests.GOOD), 8080)
    assert found is not None
    return found


@asynccontextmanager
async def served(serve: Serve) -> AsyncIterator[int]:
    """Serve it on a free port; a failure in it is raised when the block ends."""
    connections: list[asyncio.Future[None]] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(asyncio.ensure_future(serve(reader, writer)))
        await asyncio.wait(connections[-1:])
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.gather(*connections)


async def test_pages_are_answered_one_after_the_other_on_one_connection() -> None:
    async with served(listening()) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        metrics = await http.get("/metrics?name=x")
        assert (metrics.status_code, metrics.text) == (200, "# of payment-service-1\n")
        assert metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        health = await http.get("/health")
        assert health.json() == {"status": "ok", "service": "payment-service", "version": manifests.GOOD}
        assert (await http.head("/health")).headers["content-length"] == health.headers["content-length"]
        assert (await http.get("/nothing")).reason_phrase == "Not Found"
        assert (await http.post("/health", content=b"x" * 100_000)).status_code == 405
        assert (await http.get("/ready")).status_code == 200
    async with served(listening(ready=False)) as port, httpx.AsyncClient() as http:
        assert (await http.get(f"http://127.0.0.1:{port}/ready")).status_code == 503


def test_nothing_listens_on_a_port_that_the_container_does_not_name() -> None:
    program = PaymentProgram(Pace(), [manifests.GOOD])
    assert program.listener(pod(), manifests.container(manifests.GOOD), 3006) is None


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60) | st.binary(max_size=30).map(lambda junk: b"GET /health HTTP/1.1\r\n" + junk))
async def test_what_is_no_http_is_answered_with_an_error_or_not_at_all(said: bytes) -> None:
    async with served(listening()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 30)
        writer.close()
    assert answer == b"" or answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 4"))


def test_samples_are_written_as_the_exposition_format_has_them() -> None:
    samples = [
        (labels({"__name__": "a_total"}), 3.0),
        (labels({"__name__": "b", "path": 'C:\\"x"\n', "code": "1"}), 0.25),
        (labels({"__name__": "b", "code": "2"}), float("inf")),
    ]
    assert text(samples, {"b": Metadata("gauge", "A thing.")}) == (
        'a_total 3\n# HELP b A thing.\n# TYPE b gauge\nb{code="1",path="C:\\\\\\"x\\"\\n"} 0.25\nb{code="2"} +Inf\n'
    )


async def test_metrics_of_a_pod_are_those_that_prometheus_scrapes_from_it() -> None:
    async with playing() as play:
        name = play.world.cluster.list("pods", "production")[0]["metadata"]["name"]
        shown = dict(line.rsplit(" ", 1) for line in play.world.program.metrics(name).splitlines() if line[0] != "#")
        (pool,) = await play.ask(f'db_pool_connections_max{{pod="{name}"}}')
        assert shown["db_pool_connections_max"] == pool["value"][1] == "20"  # type: ignore[index]
        assert shown[f'payment_service_build_info{{version="{manifests.GOOD}"}}'] == "1"
        assert float(shown["process_resident_memory_bytes"]) > 100 * 2**20
        assert play.world.program.metrics("nobody") == ""
