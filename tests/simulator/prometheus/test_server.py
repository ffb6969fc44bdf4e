"""Scraping, staleness, alerting rules, bad parameters and trouble, over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cockpit.simulator.pace import Pace
from cockpit.simulator.prometheus import Prometheus, Rule, Target

pytestmark = pytest.mark.anyio

START = 1_795_222_500_000


class World:
    """Two targets whose exposition a test can change."""

    def __init__(self) -> None:
        self.first: dict[str, float] | None = {"requests_total": 10.0, "queue": 3.0}
        self.second_there = True

    def targets(self) -> list[Target]:
        """What there is to scrape now."""
        first = self.first
        found = [
            Target("app", "10.0.0.1:80", lambda: first and [((("__name__", n),), v) for n, v in first.items()]),
            Target("other", "10.0.0.2:80", lambda: [((("__name__", "queue"),), 1.0)], (("pod", "other-0"),)),
        ]
        return found if self.second_there else found[:1]


async def get(prometheus: Prometheus, path: str, **parameters: str) -> httpx.Response:
    transport = httpx.ASGITransport(prometheus.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://prometheus") as client:
        return await client.get(path, params=parameters)


async def values(prometheus: Prometheus, query: str, time: int) -> dict[str, str]:
    """The values of a vector by the job's name."""
    answer = await get(prometheus, "/api/v1/query", query=query, time=str(time / 1000))
    return {element["metric"].get("job", ""): element["value"][1] for element in answer.json()["data"]["result"]}


async def test_a_target_that_does_not_answer_is_down_and_its_series_end_at_once() -> None:
    world = World()
    prometheus = Prometheus(Pace(), world.targets, 5)
    prometheus.scraper.scrape(START)
    assert await values(prometheus, "queue", START) == {"app": "3", "other": "1"}
    world.first = None
    prometheus.scraper.scrape(START + 5000)
    assert await values(prometheus, "queue", START + 5000) == {"other": "1"}
    assert await values(prometheus, "up", START + 5000) == {"app": "0", "other": "1"}
    assert await values(prometheus, "queue", START + 4000) == {"app": "3", "other": "1"}
    targets = (await get(prometheus, "/api/v1/targets")).json()["data"]["activeTargets"]
    assert [(each["health"], bool(each["lastError"])) for each in targets] == [("down", True), ("up", False)]


async def test_a_target_that_is_gone_leaves_nothing_but_its_past() -> None:
    world = World()
    prometheus = Prometheus(Pace(), world.targets, 5)
    prometheus.scraper.scrape(START)
    world.second_there = False
    prometheus.scraper.scrape(START + 5000)
    assert await values(prometheus, '{pod="other-0"}', START + 5000) == {}
    assert await values(prometheus, 'up{pod="other-0"}', START) == {"other": "1"}


async def test_a_series_stands_for_five_minutes_when_nobody_says_that_it_ended() -> None:
    prometheus = Prometheus(Pace(), World().targets, 5)
    prometheus.scraper.scrape(START)
    assert "app" in await values(prometheus, "queue", START + 300_000)
    assert await values(prometheus, "queue", START + 300_001) == {}


async def test_an_alert_is_pending_then_firing_then_gone() -> None:
    world = World()
    rule = Rule("QueueLong", 'queue{job="app"} > 2', 10, {"severity": "page"}, {"summary": "{{ $value }} wait"})
    prometheus = Prometheus(Pace(), world.targets, 5, [rule])

    async def alerts(offset: int) -> list[dict[str, Any]]:
        prometheus.scraper.scrape(START + offset)
        prometheus.rules.evaluate(prometheus.storage, START + offset)
        return (await get(prometheus, "/api/v1/alerts")).json()["data"]["alerts"]

    (pending,) = await alerts(0)
    assert pending == {
        "labels": {"alertname": "QueueLong", "instance": "10.0.0.1:80", "job": "app", "severity": "page"},
        "annotations": {"summary": "3 wait"},
        "state": "pending",
        "activeAt": "2026-11-21T00:55:00.000Z",
        "value": "3",
    }
    assert [alert["state"] for alert in await alerts(10_000)] == ["firing"]
    world.first = {"queue": 1.0}
    assert await alerts(15_000) == []


async def test_a_ring_keeps_the_newest() -> None:
    prometheus = Prometheus(Pace(), World().targets, 5)
    for i in range(10_000):
        prometheus.storage.append((("__name__", "x"),), START + i, float(i))
    answer = await get(prometheus, "/api/v1/query", query="x[5m]", time=str((START + 10_000) / 1000))
    kept = [float(value) for _, value in answer.json()["data"]["result"][0]["values"]]
    assert kept == [float(i) for i in range(10_000 - len(kept), 10_000)]
    assert 2160 <= len(kept) <= 2700


@pytest.mark.parametrize(
    ("path", "parameters", "error"),
    [
        ("query_range", {"query": "x", "start": "1", "end": "2", "step": "0"}, "zero or negative query resolution"),
        ("query_range", {"query": "x", "start": "1", "end": "2", "step": "x"}, 'cannot parse "x" to a valid duration'),
        ("query_range", {"query": "x", "start": "1", "end": "2"}, 'invalid parameter "step"'),
        ("query_range", {"query": "x", "end": "2", "step": "1"}, 'parameter "start": cannot parse "" to a valid'),
        ("series", {}, "no match[] parameter provided"),
        ("series", {"match[]": "x["}, 'invalid parameter "match[]": 1:3: parse error'),
        ("query", {"query": "x[5m:1m]"}, "subqueries are not part of"),
        ("query", {"query": "x{a=~'['}"}, "error parsing regexp"),
    ],
)
async def test_bad_parameters(path: str, parameters: dict[str, str], error: str) -> None:
    answer = await get(Prometheus(Pace(), list, 5), f"/api/v1/{path}", **parameters)
    assert answer.status_code == 400
    assert answer.json()["errorType"] == "bad_data"
    assert error in answer.json()["error"]


async def test_times_may_be_rfc3339() -> None:
    prometheus = Prometheus(Pace(), World().targets, 5)
    prometheus.scraper.scrape(START)
    answer = await get(prometheus, "/api/v1/query", query="time()", time="2026-11-21T01:55:00.5+01:00")
    assert answer.json()["data"]["result"] == [1795222500.5, "1795222500.5"]


async def test_trouble_answers_in_its_place_until_it_is_over() -> None:
    prometheus = Prometheus(Pace(), list, 5)
    prometheus.trouble.answer = 503
    assert (await get(prometheus, "/api/v1/query", query="1")).status_code == 503
    prometheus.trouble.answer = None
    prometheus.trouble.garbage = True
    garbage = await get(prometheus, "/api/v1/query", query="1")
    assert (garbage.status_code, garbage.text[:6]) == (200, "<html>")
    prometheus.trouble.garbage = False
    assert (await get(prometheus, "/-/healthy")).text == "Prometheus Server is Healthy.\n"
