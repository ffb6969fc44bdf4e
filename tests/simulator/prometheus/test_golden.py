"""The answers of the simulated Prometheus beside those that a real one gave over the same samples."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import httpx
import pytest

from cockpit.simulator.pace import Pace
from cockpit.simulator.prometheus import Prometheus
from tests.simulator.prometheus import promql_dataset as dataset

pytestmark = pytest.mark.anyio
GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())


@pytest.fixture(scope="module")
def prometheus() -> Prometheus:
    """A Prometheus that holds the dataset."""
    server = Prometheus(Pace(), discover=list, interval=5)
    for labels, moment, value in dataset.rows():
        server.storage.append(tuple(sorted(labels.items())), moment * 1000, value)
    return server


async def ask(prometheus: Prometheus, path: str, parameters: dict[str, str]) -> dict[str, Any]:
    transport = httpx.ASGITransport(prometheus.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://prometheus") as client:
        answer = await client.get(f"/api/v1/{path}", params=parameters)
    return {"status": answer.status_code, "body": answer.json()}


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with its series in one order, for Prometheus promises none."""
    data = answer["body"].get("data", {})
    if data.get("resultType") in ("vector", "matrix"):
        data["result"].sort(key=lambda element: sorted(element["metric"].items()))
    return answer


def same(ours: Any, theirs: Any) -> bool:
    """Equal, but for the last digits of a computed number: sums may be taken in another order."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, str) and isinstance(theirs, str) and ours != theirs:
        try:
            return math.isclose(float(ours), float(theirs), rel_tol=1e-11)
        except ValueError:
            return False
    return bool(ours == theirs)


@pytest.mark.parametrize("query", dataset.EXPRESSIONS)
async def test_instant(prometheus: Prometheus, query: str) -> None:
    ours = comparable(await ask(prometheus, "query", {"query": query, "time": str(dataset.END - 3)}))
    theirs = comparable(GOLDEN["instant"][query])
    assert same(ours, theirs), f"\nours   {json.dumps(ours)}\ntheirs {json.dumps(theirs)}"


@pytest.mark.parametrize("query", dataset.RANGES)
async def test_range(prometheus: Prometheus, query: str) -> None:
    span = {"start": str(dataset.START - 20), "end": str(dataset.END + 20), "step": "35"}
    ours = comparable(await ask(prometheus, "query_range", {"query": query, **span}))
    theirs = comparable(GOLDEN["range"][query])
    assert same(ours, theirs), f"\nours   {json.dumps(ours)}\ntheirs {json.dumps(theirs)}"


@pytest.mark.parametrize("query", dataset.REFUSED)
async def test_refused(prometheus: Prometheus, query: str) -> None:
    span = {"start": str(dataset.START - 20), "end": str(dataset.END + 20), "step": "35"}
    ours = await ask(prometheus, "query_range" if query == "x[5m]" else "query", {"query": query, **span})
    assert ours == GOLDEN["refused"][query]
