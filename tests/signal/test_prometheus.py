"""Prometheus as a source: recorded answers, and one that lies, falls silent, refuses and comes back."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from conftest import eventually
from replay import Recorded, answering, serving
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from cockpit.clock import SystemClock
from cockpit.config import Earlier, Secret
from cockpit.kube.errors import wait_of
from cockpit.signal.plan import MetricsPlan, SignalPlan
from cockpit.signal.prometheus.api import PrometheusApi, PrometheusError, Undefined
from cockpit.signal.prometheus.errors import LONGEST_WAIT
from cockpit.signal.prometheus.source import PrometheusSource, Round

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 21, tzinfo=UTC)


async def form(request: Request) -> dict[str, str]:
    """What a POST asks for."""
    return dict(parse_qsl((await request.body()).decode()))


@pytest.fixture
def recorded(shared: Path) -> Recorded:
    return Recorded(shared / "prometheus-recordings")


@asynccontextmanager
async def asking(handler: Any, token: Secret | None = None, timeout: float = 5.0) -> AsyncIterator[PrometheusApi]:
    async with serving(answering(handler)) as server:
        api = await PrometheusApi.open("main", server + "/", token, timeout)
        try:
            yield api
        finally:
            await api.close()


def replaying(recorded: Recorded, number: str) -> Any:
    async def handler(_: Request) -> Response:
        return recorded.answer(number)

    return handler


@pytest.mark.parametrize("number", ["02", "05"])
async def test_a_vector_of_one_and_a_scalar_are_numbers(recorded: Recorded, number: str) -> None:
    async with asking(replaying(recorded, number)) as api:
        value = await api.query("x")
    result = recorded.body(number)["data"]["result"]
    assert value == float(result[1] if number == "05" else result[0]["value"][1])


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("06", "gives a string"),
        ("07", "gives a matrix"),
        ("08", "gives nothing"),
        ("09", "gives NaN"),
        ("10", r"gives \+Inf"),
        ("11", "gives -Inf"),
        ("12", r"refused \(bad_data\).*unclosed left parenthesis"),
        ("13", r"refused \(bad_data\)"),
        ("14", r"refused \(execution\).*duplicate series"),
    ],
)
async def test_every_recorded_answer_that_is_no_number_is_unknown_with_its_reason(
    recorded: Recorded, number: str, words: str
) -> None:
    async with asking(replaying(recorded, number)) as api:
        with pytest.raises(Undefined, match=words):
            await api.query("x")


async def test_several_series_are_not_one_number(recorded: Recorded) -> None:
    element = {"metric": {}, "value": [1, "2"]}

    async def handler(_: Request) -> Response:
        return JSONResponse({"status": "success", "data": {"resultType": "vector", "result": [element, element]}})

    async with asking(handler) as api:
        with pytest.raises(Undefined, match="2 series"):
            await api.query("x")


async def test_a_list_that_is_null_is_empty() -> None:
    async def handler(request: Request) -> Response:
        kind = "matrix" if request.url.path.endswith("range") else "vector"
        return JSONResponse(
            {"status": "success", "data": {"resultType": kind, "result": None}, "warnings": None, "infos": ["seen"]}
        )

    async with asking(handler) as api:
        with pytest.raises(Undefined, match="no such series"):
            await api.query("x")
        assert (await api.one("x")).remarks == ("seen",)
        assert await api.query_range("x", NOW, NOW + timedelta(seconds=30), 5.0) == []


async def test_a_recorded_range_is_the_past(recorded: Recorded) -> None:
    asked: list[dict[str, Any]] = []

    async def handler(request: Request) -> Response:
        asked.append(await form(request))
        return recorded.answer("16")

    async with asking(handler) as api:
        past = await api.query_range("q", NOW, NOW + timedelta(seconds=30), 5.0)
    values = recorded.body("16")["data"]["result"][0]["values"]
    assert [(p.at.timestamp(), p.value) for p in past] == [(at, float(text)) for at, text in values]
    times = {"start": "1795219200.000", "end": "1795219230.000", "step": "5"}
    assert asked == [{"query": "q", **times, "timeout": "27000ms"}]


async def test_a_past_without_values_or_too_long_is_told(recorded: Recorded) -> None:
    async with asking(replaying(recorded, "17")) as api:
        assert await api.query_range("q", NOW, NOW, 5.0) == []
    async with asking(replaying(recorded, "18")) as api:
        with pytest.raises(Undefined, match="refused"):
            await api.query_range("q", NOW, NOW, 5.0)


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (PlainTextResponse("no", 401), "unauthorized", "answered 401: no"),
        (PlainTextResponse("no", 403), "forbidden", "answered 403"),
        (PlainTextResponse("<html>", 404), "error", "answered 404"),
        (PlainTextResponse("", 302), "error", "answered 302: go to nowhere"),
        (RedirectResponse("https://login.example/"), "error", "answered 307: go to https://login.example/"),
        (PlainTextResponse("", 429), "error", "answered 429: too many requests$"),
        (PlainTextResponse("", 429, {"Retry-After": "7"}), "error", "asked again in 7 s"),
        (PlainTextResponse('{"status": "succ'), "error", "cannot be read: Input data was truncated"),
        (PlainTextResponse("bad gateway", 502), "error", "answered 502"),
        (PlainTextResponse("<html>"), "error", "cannot be read"),
        (Response(b'{"status": "success", "data": {"resultType": "ve\xff"}}'), "error", "cannot be read"),
        (
            Response(
                b'{"status":"success","data":{"resultType":"vector","result":[{"metric":{"\xff":"a"},"value":[1,"1"]}]}}'
            ),
            "error",
            "cannot be read",
        ),
        (JSONResponse({"status": "success", "data": {"resultType": "vector", "result": 5}}), "error", "cannot be read"),
        (
            Response(b'{"status":"success","data":{"resultType":"scalar","result":[17637516001234,"1"]}}'),
            "error",
            "cannot be read",
        ),
        (
            Response(b'{"status":"success","data":{"resultType":"scalar","result":[-99,"1"]}}'),
            "error",
            "cannot be read",
        ),
        (Response(b'{"status":"success","x":' + b"[" * 50_000), "error", "cannot be read"),
        (JSONResponse({"status": "error", "errorType": "unavailable", "error": "loading"}, 503), "error", "loading"),
    ],
)
async def test_what_does_not_answer_is_an_error_of_the_source(answer: Response, state: str, words: str) -> None:
    async def handler(_: Request) -> Response:
        return answer

    async with asking(handler) as api:
        with pytest.raises(PrometheusError, match=words) as caught:
            await api.query("x")
    assert caught.value.state == state


async def test_nobody_there_silence_and_too_much() -> None:
    async def silent(_: Request) -> Response:
        await asyncio.sleep(5)
        return Response()

    async def huge(_: Request) -> Response:
        return PlainTextResponse("x" * 5_000_000)

    dead = await PrometheusApi.open("main", "http://127.0.0.1:1", None, 5.0)
    with pytest.raises(PrometheusError, match="cannot be reached") as refused:
        await dead.query("x")
    await dead.close()
    assert refused.value.state == "unreachable"
    async with asking(silent, timeout=0.2) as api:
        with pytest.raises(PrometheusError, match="did not answer within"):
            await api.query("x")
    async with asking(huge) as api:
        with pytest.raises(Undefined, match="larger than 4 MiB"):
            await api.query("x")


async def test_a_refused_token_is_fetched_again(tmp_path: Path, recorded: Recorded) -> None:
    path = tmp_path / "token"
    path.write_text("old\n")

    async def handler(request: Request) -> Response:
        good = request.headers["authorization"] == "Bearer new"
        return recorded.answer("02") if good else PlainTextResponse("", 401)

    async with asking(handler, Secret(file=path)) as api:
        with pytest.raises(PrometheusError):
            await api.query("x")
        path.write_text("new\n")
        await api.query("x")
    missing = await PrometheusApi.open("main", "http://127.0.0.1:1", Secret(file=tmp_path / "nope"), 1.0)
    with pytest.raises(PrometheusError, match="cannot be read") as caught:
        await missing.query("x")
    await missing.close()
    assert caught.value.state == "unauthorized"


PART = re.compile(r'label_replace\(\(\n(.*?)\n\), "cockpit_signal", "([^"]*)", "", ""\)', re.DOTALL)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0.5", 0.5),
        ("-3", 0),
        ("99999", 300),
        ("Sat, 21 Nov 2026 00:00:20 GMT", 20),
        ("soon", None),
        ("", None),
    ],
)
def test_a_plea_to_wait_is_a_number_or_a_date_and_bounded(header: str, seconds: float | None) -> None:
    assert wait_of(header, NOW, LONGEST_WAIT) == seconds


class Answers:
    """A Prometheus with one number per query, which a test sets; a Response is given as it is, also for all joined."""

    def __init__(self, **numbers: Any) -> None:
        self.numbers = numbers
        self.past: list[tuple[float, str]] = []
        self.everything: Response | None = None
        self.asked: list[tuple[str, int]] = []
        self.skew = 0.0
        self.warnings: list[str] = []
        self.quarrel = {"nobody"}

    async def __call__(self, request: Request) -> Response:
        if self.everything:
            return self.everything
        query = (await form(request))["query"]
        parts = [(query, id) for query, id in PART.findall(query)] or [(query, "")]
        self.asked.append((request.url.path.rpartition("/")[2], len(parts)))
        if {part for part, _ in parts} >= self.quarrel:
            return JSONResponse({"status": "error", "errorType": "execution", "error": "both"}, 422)
        for part, _ in parts:
            if isinstance(bad := self.numbers.get(part), Response):
                return bad
        if request.url.path.endswith("query_range"):
            values = [(at + self.skew, value) for at, value in self.past]
            result = [{"metric": {"cockpit_signal": id}, "values": values} for _, id in parts] if self.past else []
            return self._success("matrix", result)
        return self._success("vector", [*self._first(query), *(self._element(part, id) for part, id in parts)])

    def _first(self, query: str) -> list[dict[str, Any]]:
        return [self._element("1", "")] if query.startswith("vector(1)") else []

    def _element(self, query: str, id: str) -> dict[str, Any]:
        number = self.numbers.get(query, 1)
        return {"metric": {"cockpit_signal": id} if id else {}, "value": [time.time() + self.skew, str(number)]}

    def _success(self, kind: str, result: list[dict[str, Any]]) -> Response:
        whole = {"status": "success", "data": {"resultType": kind, "result": result}, "warnings": self.warnings}
        return JSONResponse(whole)


def plan(url: str, *ids: str, interval: float = 0.1) -> MetricsPlan:
    return MetricsPlan("main", url, interval, None, tuple(SignalPlan(id, id.title(), "percent", id) for id in ids))


@asynccontextmanager
async def watching(answers: Answers, *ids: str, **how: Any) -> AsyncIterator[tuple[PrometheusSource, list[Round]]]:
    async with serving(answering(answers)) as server:
        rounds: list[Round] = []
        source = PrometheusSource(plan(server, *ids, **how), SystemClock(), rounds.append)
        task = asyncio.create_task(source.run())
        try:
            yield source, rounds
        finally:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task


async def test_readings_come_with_their_past() -> None:
    answers = Answers(errors=12.5, latency=PlainTextResponse(json.dumps(
        {"status": "error", "errorType": "bad_data", "error": "parse error"}), 400))  # fmt: skip
    begin = time.time() - 60
    answers.past = [(begin, "1"), (begin + 15, "NaN"), (begin + 30, "3")]
    async with watching(answers, "errors", "latency") as (source, rounds):
        assert source.freshness().state == "loading"
        await eventually(lambda: source.readings()[0].value is not None)
        errors, latency = source.readings()
        assert source.freshness().state == "live"
        assert (errors.value, errors.title, errors.reason) == (12.5, "Errors", "")
        values = [value for value in errors.history if value is not None]
        assert values[:2] == [1.0, 3.0]
        assert set(values[2:]) == {12.5}
        spaces = {round((b.at - a.at).total_seconds(), 1) for a, b in pairwise(errors.samples[:1700])}
        assert spaces == {2.0}
        assert (latency.value, latency.reason) == (None, "the query was refused (bad_data): parse error")
        [first] = [each for each in rounds if each.pasts]
        assert [s.value for s in first.pasts["errors"] if s.value is not None] == [1.0, 3.0]
        assert first.samples["errors"].value == 12.5


async def test_a_failing_source_keeps_its_reading_for_three_intervals_and_then_is_stale() -> None:
    answers = Answers(errors=1.0)
    async with watching(answers, "errors", interval=0.3) as (source, rounds):
        await eventually(lambda: source.freshness().state == "live")
        seen = len(rounds)
        answers.everything = PlainTextResponse("bad gateway", 502)
        await eventually(lambda: len(rounds) > seen)
        assert (source.freshness().state, source.readings()[0].value) == ("live", 1.0)
        await eventually(lambda: source.freshness().state == "stale")
        assert source.freshness().as_of is not None
        assert "502" in source.freshness().detail
        [reading] = source.readings()
        assert reading.value is None
        assert reading.reason
        assert reading.at is not None
        answers.everything = None
        await eventually(lambda: source.readings()[0].value == 1.0)
        assert (source.freshness().state, source.freshness().detail) == ("live", "")


async def test_a_query_that_was_refused_is_no_sign_of_life() -> None:
    refused = JSONResponse({"status": "error", "errorType": "bad_data", "error": "parse error"}, 400)
    answers = Answers(errors=1.0, load=2.0, wrong=refused)
    async with watching(answers, "errors", "load", "wrong") as (source, _):
        await eventually(lambda: source.freshness().state == "live" and "parse error" in source.readings()[2].reason)
        answers.everything = PlainTextResponse("bad gateway", 502)
        await eventually(lambda: source.freshness().state == "stale")
        answers.everything = None
        await eventually(lambda: source.freshness().state == "live")


async def test_a_source_of_which_nothing_is_asked_now_is_asked_whether_it_lives() -> None:
    refused = JSONResponse({"status": "error", "errorType": "bad_data", "error": "parse error"}, 400)
    answers = Answers(wrong=refused)
    async with watching(answers, "wrong") as (source, _):
        await eventually(lambda: source.freshness().state == "live" and "parse error" in source.readings()[0].reason)
        answers.everything = PlainTextResponse("bad gateway", 502)
        await eventually(lambda: source.freshness().state == "stale")


async def test_a_refusal_shows_at_once_and_a_dead_server_at_the_start_is_unreachable() -> None:
    answers = Answers(errors=1.0)
    answers.everything = PlainTextResponse("", 401)
    async with watching(answers, "errors") as (source, _):
        await eventually(lambda: source.freshness().state == "unauthorized")
        assert "prometheus.main.token" in source.freshness().mend
        assert source.readings()[0].value is None
    dead = PrometheusSource(plan("http://127.0.0.1:1", "errors"), SystemClock(), lambda _: None)
    task = asyncio.create_task(dead.run())
    await eventually(lambda: dead.freshness().state == "unreachable")
    assert "cannot be reached" in dead.readings()[0].reason
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_past_is_asked_again_when_the_source_was_dead_at_the_start() -> None:
    answers = Answers(errors=1.0)
    answers.everything = PlainTextResponse("", 503)
    answers.past = [(time.time() - 600, "7")]
    async with watching(answers, "errors") as (source, rounds):
        await eventually(lambda: len(rounds) >= 2)
        answers.everything = None
        await eventually(lambda: source.readings()[0].value == 1.0)
        assert 7.0 in source.readings()[0].history


async def test_history_is_bounded() -> None:
    source = PrometheusSource(plan("http://127.0.0.1:1", "errors", interval=15), SystemClock(), lambda _: None)
    track = source._tracks["errors"]
    assert track.samples.maxlen == 240


def timed_out() -> Response:
    return JSONResponse({"status": "error", "errorType": "timeout", "error": "query timed out"}, 503)


async def test_a_slow_query_is_found_at_once_and_holds_up_nobody() -> None:
    answers = Answers(slow=timed_out())
    async with watching(answers, "errors", "slow", "queue") as (source, _):
        await eventually(lambda: [each.value for each in source.readings()] == [1.0, None, 1.0])
        assert source.readings()[1].reason == "the query was refused (timeout): query timed out"
        queries = [count for what, count in answers.asked if what == "query"]
        assert queries[:4] == [3, 1, 1, 1]  # all together, then each alone: halves would wait for it again and again
        await eventually(lambda: [count for what, count in answers.asked if what == "query"][4:7] == [2, 2, 2])


async def test_two_that_spoil_each_other_are_asked_alone() -> None:
    answers = Answers()
    answers.quarrel = {"errors", "queue"}
    async with watching(answers, "errors", "queue", "load", "rest") as (source, _):
        await eventually(lambda: [each.value for each in source.readings()] == [1.0] * 4)
        await eventually(lambda: [count for what, count in answers.asked if what == "query"][-3:] == [2, 1, 1])
        assert not any(each.reason for each in source.readings())


async def test_remarks_with_a_place_belong_to_one_query() -> None:
    answers = Answers()
    answers.warnings = ['PromQL info: metric might not be a counter: "queue" (6:6)', "remote store away"]
    async with watching(answers, "errors", "queue") as (source, _):
        await eventually(lambda: all(each.warnings for each in source.readings()))
        errors, queue = source.readings()
        assert errors.warnings == ("remote store away",)
        assert queue.warnings == ('PromQL info: metric might not be a counter: "queue"', "remote store away")


async def test_a_past_is_asked_for_although_nobody_knows_what_is_normal() -> None:
    class Forgetful(Answers):
        async def __call__(self, request: Request) -> Response:
            if request.url.path.endswith("query_range") and float((await form(request))["start"]) < time.time() - 7200:
                return PlainTextResponse("no such block", 503)
            return await super().__call__(request)

    answers = Forgetful(errors=1.0)
    answers.past = [(time.time() - 600, "7")]
    normal = Earlier.model_validate({"offset": "1d"})
    async with serving(answering(answers)) as server:
        known = SignalPlan("errors", "Errors", "percent", "errors", normal)
        source = PrometheusSource(MetricsPlan("main", server, 0.1, None, (known,)), SystemClock(), lambda _: None)
        task = asyncio.create_task(source.run())
        await eventually(lambda: 7.0 in source.readings()[0].history)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_secret_that_a_server_echoes_is_hidden_before_anything_is_cut(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("correct horse battery staple")

    async def handler(_: Request) -> Response:
        return PlainTextResponse("x" * 180 + "correct horse battery staple", 403)

    async with serving(answering(handler)) as server:
        api = await PrometheusApi.open("main", server, Secret(file=tmp_path / "token"), 5.0)
        with pytest.raises(PrometheusError) as caught:
            await api.query("up")
        await api.close()
    assert "correct" not in caught.value.message
