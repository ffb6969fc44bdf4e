"""A Prometheus that answers by itself, simulated or real: many signals in one request, trouble of every kind."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
from conftest import eventually
from prometheuses import KINDS, Served, prometheus
from replay import answering, serving
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from cockpit.clock import SystemClock
from cockpit.config import BasicAuth, Earlier, Secret
from cockpit.signal.plan import MetricsPlan, SignalPlan
from cockpit.signal.prometheus import asking
from cockpit.signal.prometheus import source as source_module
from cockpit.signal.prometheus.source import PrometheusSource
from cockpit.signal.readings import Round, SignalReading
from cockpit.text import MASK, safe

pytestmark = pytest.mark.anyio
INTERVAL = 0.2


class Watch:
    """A source at work, and what it told."""

    def __init__(self, source: PrometheusSource, rounds: list[Round]) -> None:
        self.source = source
        self.rounds = rounds

    def __getitem__(self, id: str) -> SignalReading:
        return next(reading for reading in self.source.readings() if reading.id == id)

    @property
    def state(self) -> str:
        return self.source.freshness().state


@asynccontextmanager
async def watching(
    served: Served, queries: dict[str, str], interval: float = INTERVAL, **more: object
) -> AsyncIterator[Watch]:
    baseline = more.pop("baseline", None)
    signals = tuple(SignalPlan(id, id, "count", query, baseline) for id, query in queries.items())  # type: ignore[arg-type]
    plan = MetricsPlan("main", served.url, interval, None, signals, **more)  # type: ignore[arg-type]
    rounds: list[Round] = []
    source = PrometheusSource(plan, SystemClock(), rounds.append)
    task = asyncio.create_task(source.run())
    try:
        yield Watch(source, rounds)
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


MANY = {
    "queue": "queue",
    "comment": "sum(load) # all of them",
    "scalar": "42",
    "quoted": 'sum(load{pod=~"a|b"})',
    "several": "load",
    "nothing": "nosuch",
    "nan": "0 / (queue * 0)",
    "inf": "queue / 0",
    "wrong": "sum(load",
    "unfit": "queue + on () load",
    "text": '"x"',
    "window": "load[1m]",
    "escaping": 'queue) or (errors',
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
async def test_every_query_has_its_own_answer_whatever_its_neighbours_are(kind: str, tmp_path: Path) -> None:
    async with prometheus(kind, tmp_path) as served, watching(served, MANY) as watch:
        await eventually(lambda: len([each for each in watch.rounds if "queue" in each.samples]) >= 3)
        values = {reading.id: reading.value for reading in watch.source.readings() if reading.value is not None}
        assert values == {"queue": 3.0, "comment": 3.0, "scalar": 42.0, "quoted": 3.0}
        reasons = {id: watch[id].reason for id in MANY if id not in values}
        assert reasons["several"] == "the query gives 2 series; wrap it in sum() or max()"
        assert reasons["nothing"] == "the query gives nothing: no such series now"
        assert "NaN" in reasons["nan"]
        assert "+Inf" in reasons["inf"]
        assert "unclosed left parenthesis" in reasons["wrong"]
        assert "(execution)" in reasons["unfit"]
        assert reasons["text"] == "the query gives a string, not one number"
        assert reasons["window"] == "the query gives a matrix, not one number"
        assert "unexpected right parenthesis" in reasons["escaping"]
        assert watch.state == "live"
        await eventually(lambda: any("queue" in each.pasts for each in watch.rounds))
        past = next(each.pasts["queue"] for each in watch.rounds if "queue" in each.pasts)
        assert {sample.value for sample in past if sample.value is not None} == {3.0}
        await eventually(lambda: len(watch["queue"].samples) > 1000)
        if kind == "simulated":  # once it is known who spoils what, a round is one request, and what was refused waits
            before = len(served.requests)
            rounds = len(watch.rounds)
            await eventually(lambda: len(watch.rounds) >= rounds + 3)
            assert set(served.requests[before:]) == {("POST", "query")}
            assert len(served.requests) - before <= 4


async def test_what_was_refused_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "RETRY", 0.3)
    async with (
        prometheus("simulated", tmp_path) as served,
        watching(served, {"sum": "queue + on () load", "queue": "queue"}) as watch,
    ):
        await eventually(lambda: "(execution)" in watch["sum"].reason)
        del served.shop.pods["b"]
        await eventually(lambda: watch["sum"].value == 4.0)


async def test_a_hundred_signals_are_two_requests_and_their_past_is_ten(tmp_path: Path) -> None:
    async with (
        prometheus("simulated", tmp_path) as served,
        watching(served, {f"s{n}": f"queue + {n}" for n in range(100)}, 60.0) as watch,
    ):
        await eventually(lambda: all(reading.value is not None for reading in watch.source.readings()))
        assert [watch[f"s{n}"].value for n in range(100)] == [3.0 + n for n in range(100)]
        assert served.requests == [("POST", "query")] * 2 + [("POST", "query_range")] * 10
        assert max(len(each.pasts) for each in watch.rounds) == 2


@pytest.mark.parametrize(
    ("trouble", "state", "words", "mend"),
    [
        ({"answer": 503}, "error", "answered 503: Service Unavailable", "is a Prometheus"),
        ({"answer": 429, "retry_after": 1}, "error", "asked again in 1 s", "raise `interval`"),
        (
            {"login": "https://login.example/"},
            "error",
            "answered 302: go to https://login.example/",
            "write the address",
        ),
        ({"garbage": True}, "error", "it answered with a web page", "a login page or proxy"),
        ({"truncated": True}, "error", "Input data was truncated", "is a Prometheus"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_trouble_is_told_and_over_when_it_is_over(
    tmp_path: Path, trouble: dict[str, object], state: str, words: str, mend: str
) -> None:
    async with prometheus("simulated", tmp_path) as served:
        for name, value in trouble.items():
            setattr(served.trouble, name, value)
        async with watching(served, {"queue": "queue", "errors": "errors"}) as watch:
            await eventually(lambda: watch.state == state)
            fresh = watch.source.freshness()
            assert words in fresh.detail
            assert mend in fresh.mend
            assert watch["queue"].value is None
            for name in trouble:
                setattr(served.trouble, name, type(served.trouble)().__getattribute__(name))
            await eventually(lambda: watch.state == "live" and watch["queue"].value == 3.0)


async def test_who_asks_to_wait_is_left_alone_for_so_long(tmp_path: Path) -> None:
    async with prometheus("simulated", tmp_path) as served:
        served.trouble.answer, served.trouble.retry_after = 429, 600
        async with watching(served, {"queue": "queue"}) as watch:
            await eventually(lambda: watch.state == "error")
            asked = len(served.requests)
            await asyncio.sleep(5 * INTERVAL)
            assert len(served.requests) == asked


async def test_a_proxy_that_lets_only_get_through(tmp_path: Path) -> None:
    async with prometheus("simulated", tmp_path) as served:
        served.trouble.only_get = True
        async with watching(served, {f"s{n}": f"queue + {n}" for n in range(100)}, 60.0) as watch:
            await eventually(lambda: all(reading.value is not None for reading in watch.source.readings()))
            assert ("GET", "query") in served.requests


async def test_warnings_stand_with_a_reading_that_counts(tmp_path: Path) -> None:
    async with prometheus("simulated", tmp_path) as served:
        served.trouble.warnings = ("remote store \x1b[31maway",)
        async with watching(served, {"queue": "queue", "errors": "errors"}) as watch:
            await eventually(lambda: watch["queue"].warnings)
            assert (watch["queue"].value, watch["queue"].reason) == (3.0, "")
            assert watch["queue"].warnings == (safe("remote store \x1b[31maway"),)
            served.trouble.warnings = ()
            await eventually(lambda: not watch["queue"].warnings)


@pytest.mark.parametrize("seconds", [-90.0, 90.0])
async def test_a_clock_that_is_wrong_is_told_and_its_times_are_moved(tmp_path: Path, seconds: float) -> None:
    async with (
        prometheus("simulated", tmp_path, skew=seconds) as served,
        watching(served, {"queue": "queue", "errors": "errors"}) as watch,
    ):
        await eventually(lambda: watch["queue"].value == 3.0)
        at = watch["queue"].at
        assert at is not None
        assert abs((datetime.now(at.tzinfo) - at).total_seconds()) < 30
        assert re.search(rf"(89|90) s {'ahead of' if seconds > 0 else 'behind'} ours", watch.source.freshness().detail)


async def test_after_an_outage_the_hole_is_filled(tmp_path: Path) -> None:
    async with (
        prometheus("simulated", tmp_path) as served,
        watching(served, {"queue": "queue", "errors": "errors"}) as watch,
    ):
        await eventually(lambda: watch["queue"].value == 3.0)
        served.trouble.answer = 503
        served.shop.gauges["queue"] = 77.0
        await eventually(lambda: watch.state == "stale" and watch["queue"].reason)
        await asyncio.sleep(2.5)  # a step of the past is 2 s here
        served.shop.gauges["queue"] = 4.0
        await asyncio.sleep(2 * INTERVAL)
        served.trouble.answer = None
        await eventually(lambda: watch["queue"].value == 4.0)
        values = [sample.value for sample in watch["queue"].samples if sample.value is not None]
        assert 77.0 in values
        times = [sample.at for sample in watch["queue"].samples]
        assert times == sorted(times)


async def test_silence_turns_old_data_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "_SHORTEST_LIMIT", 0.5)
    async with (
        prometheus("simulated", tmp_path) as served,
        watching(served, {"queue": "queue", "errors": "errors"}) as watch,
    ):
        await eventually(lambda: watch["queue"].value == 3.0)
        served.trouble.delay = 3.0
        await eventually(lambda: watch.state == "stale")
        assert "did not answer within 0.5 s" in watch.source.freshness().detail
        assert watch["queue"].value is None
        served.trouble.delay = 0.0
        await eventually(lambda: watch.state == "live")


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_normal_is_asked_of_the_past(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "NORMAL_RETRY", 0.2)
    how = Earlier(offset=1.0, over=2.0)
    async with prometheus(kind, tmp_path) as served:
        queries = {"queue": "queue", "nothing": "nosuch", "wrong": "sum("}
        async with watching(served, queries, baseline=how) as watch:
            await eventually(lambda: any(normal.value for each in watch.rounds for normal in each.normals.values()))
            normals = watch.rounds[-1].normals or next(each.normals for each in reversed(watch.rounds) if each.normals)
            assert normals["queue"].value == 3.0
            assert (normals["nothing"].value, normals["nothing"].reason) == (None, "it had no value then")
            assert normals["wrong"].reason == "its query is refused"


async def test_user_and_tenant_are_shown_and_read_again_when_refused(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("old")

    async def handler(request: Request) -> Response:
        assert request.headers["x-scope-orgid"] == "payments"
        if request.headers["authorization"] != "Basic bWU6bmV3":  # me:new
            return PlainTextResponse(f"not {request.headers['authorization']}", 401)
        return JSONResponse({"status": "success", "data": {"resultType": "scalar", "result": [1, "5"]}})

    basic = BasicAuth(username="me", password=Secret(file=secret))
    async with serving(answering(handler)) as url:
        served = Served(url, None, None)  # type: ignore[arg-type]  # only its address is used
        async with watching(served, {"queue": "queue"}, basic=basic, headers={"X-Scope-OrgID": "payments"}) as watch:
            await eventually(lambda: watch.state == "unauthorized")
            assert f"not {MASK}" in watch.source.freshness().detail
            secret.write_text("new")
            await eventually(lambda: watch["queue"].value == 5.0)
