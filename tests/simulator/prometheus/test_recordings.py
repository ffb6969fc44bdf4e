"""The shapes of the answers beside the recordings of a real Prometheus, request by request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from cockpit.simulator.pace import Pace
from cockpit.simulator.prometheus import Metadata, Prometheus, Rule, Target

pytestmark = pytest.mark.anyio

TIMES = [1795222571701 + 1000 * i for i in range(5)]


def exposed(value: float) -> list[tuple[tuple[tuple[str, str], ...], float]]:
    """What the recorded service exposed at one scrape."""
    name = ("__name__", "http_requests_total")
    return [((name, ("code", "200"), ("method", "POST")), value), ((name, ("code", "500"), ("method", "POST")), 48.0)]


@pytest.fixture
def prometheus() -> Prometheus:
    """A Prometheus that has seen what the recorded one had."""
    values = iter([1280.0, 1296.0, 1312.0, 1328.0, 1344.0])
    targets = [
        Target("payment-service", "127.0.0.1:18080", lambda: exposed(next(values))),
        Target("prometheus", "127.0.0.1:19090", list),
    ]
    rule = Rule(
        "PaymentErrorRateHigh",
        'sum(rate(http_requests_total{code=~"5.."}[10s])) / sum(rate(http_requests_total[10s])) > 0.01',
        2,
        {"service": "payment-service", "severity": "critical"},
        {"summary": "error rate {{ $value }}"},
    )
    server = Prometheus(Pace(), lambda: targets, 1, [rule], {"http_requests_total": Metadata("counter", "")})
    for time in TIMES:
        server.scraper.scrape(time)
        server.rules.evaluate(server.storage, time)
    return server


async def replay(prometheus: Prometheus, shared: Path, name: str, **more: str) -> tuple[Any, dict[str, Any]]:
    """Our answer to the recorded request (its JSON, or its text), and the recorded response."""
    recording = json.loads((shared / "prometheus-recordings" / f"{name}.json").read_text())
    request = recording["request"]
    transport = httpx.ASGITransport(prometheus.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://prometheus") as client:
        answer = await client.request(
            request["method"],
            request["path"],
            params={**(request["params"] or {}), **more},
            data=request["form"],
        )
    response = recording["response"]
    assert answer.status_code == response["status"]
    assert answer.headers["content-type"] == response["content_type"]
    return (answer.json() if "json" in response["content_type"] else answer.text), response["body"]


def shape(value: Any) -> Any:
    """Keys and types without the values; a list is as its first element."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)


SAME = """08-query-empty 12-query-parse-error 13-query-missing 15-query-bad-time 17-query-range-empty
18-query-range-too-many-points 19-query-range-end-before-start 20-series 22-alerts 26-metadata 27-ready"""


@pytest.mark.parametrize("name", SAME.split())
async def test_the_same_answer(prometheus: Prometheus, shared: Path, name: str) -> None:
    ours, theirs = await replay(prometheus, shared, name)
    assert ours == theirs


@pytest.mark.parametrize("name", ["01-query-vector", "07-query-matrix", "14-query-execution-error"])
async def test_the_same_samples(prometheus: Prometheus, shared: Path, name: str) -> None:
    ours, theirs = await replay(prometheus, shared, name, time="1795222575.888")
    assert ours == theirs


ALIKE = """02-query-error-rate 03-query-post 05-query-scalar 06-query-string 09-query-nan 10-query-inf
11-query-minus-inf 16-query-range 23-rules 24-targets 25-buildinfo"""


@pytest.mark.parametrize("name", ALIKE.split())
async def test_the_same_shape(prometheus: Prometheus, shared: Path, name: str) -> None:
    prometheus.now = lambda: TIMES[-1]  # type: ignore[method-assign]
    ours, theirs = await replay(prometheus, shared, name)
    assert shape(ours) == shape(theirs)


async def test_labels_and_their_values(prometheus: Prometheus, shared: Path) -> None:
    ours, theirs = await replay(prometheus, shared, "21-labels")
    assert ours["data"] == ["__name__", "code", "instance", "job", "method"]
    assert set(ours["data"]) < set(theirs["data"])
    transport = httpx.ASGITransport(prometheus.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://prometheus") as client:
        answer = await client.get("/api/v1/label/code/values")
    assert answer.json() == {"status": "success", "data": ["200", "500"]}
