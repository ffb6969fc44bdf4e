"""Alertmanager as a source: recorded answers, a real one, and one that refuses, lies and falls silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import eventually
from hypothesis import given, settings
from hypothesis import strategies as st
from replay import Recorded, answering, serving
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from cockpit.clock import ManualClock, SystemClock
from cockpit.config import Config, Secret
from cockpit.runbook.matchers import Matcher, MatcherError, equals, matcher
from cockpit.signal.alertmanager import api as alertapi
from cockpit.signal.alertmanager.api import AlertmanagerApi, AlertmanagerError, NewSilence
from cockpit.signal.alertmanager.source import AlertsSource
from cockpit.signal.board import Board
from cockpit.signal.changes import AlertsChanged, Change, SourceBack, SourceLost
from cockpit.signal.plan import AlertsPlan
from tests.alertmanagers import KINDS, alertmanager, fire
from tests.receivers import receiving

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
PAYMENTS = {"alertname": "PodCrashLooping", "service": "payment-service", "severity": "critical", "pod": "payment-1"}


@pytest.fixture
def recorded(shared: Path) -> Recorded:
    return Recorded(shared / "prometheus-recordings")


@asynccontextmanager
async def asking(handler: Any, token: Secret | None = None) -> AsyncIterator[AlertmanagerApi]:
    async with serving(answering(handler)) as server:
        api = AlertmanagerApi("main", server + "/", token)
        try:
            yield api
        finally:
            await api.close()


def answers(status: int, body: Any = "", *, text: bool = False) -> Any:
    async def handler(_: Request) -> Response:
        return PlainTextResponse(body, status) if text or body == "" else JSONResponse(body, status)

    return handler


def source(api: AlertmanagerApi, clock: Any) -> AlertsSource:
    return AlertsSource(AlertsPlan("main", api.url, 15.0, None, {"service": "payment-service"}), clock, lambda: None)


async def test_a_recorded_alert_is_read(recorded: Recorded) -> None:
    asked: list[tuple[str, str]] = []

    async def handler(request: Request) -> Response:
        asked.append((request.url.path, request.query_params["filter"]))
        return recorded.answer("30")

    async with asking(handler) as api:
        seen = source(api, ManualClock(NOW))
        await seen.look(api)
    (alert,) = seen.alerts
    assert (alert.name, alert.state, alert.severity) == ("PodCrashLooping", "active", "critical")
    assert (alert.id, alert.summary) == ("df0fb28c9c7f99d0", "pod crash loops")
    assert alert.since == datetime(2026, 11, 21, 0, 56, 15, 946000, tzinfo=UTC)
    assert (seen.freshness().state, seen.freshness().as_of) == ("live", NOW)
    assert asked == [("/api/v2/alerts", 'service="payment-service"')]


async def test_a_recorded_silence_is_made_seen_and_ended(recorded: Recorded) -> None:
    """Our request is the recorded one; the answers are the recorded ones."""
    taken: dict[str, Any] = {}

    async def handler(request: Request) -> Response:
        number = {"POST": "32", "DELETE": "36"}.get(request.method, "34" if "silences" in request.url.path else "33")
        taken[request.method] = await request.json() if request.method == "POST" else request.url.path
        return recorded.answer(number)

    async with asking(handler) as api:
        ends = datetime(2026, 11, 21, 1, 56, 17, tzinfo=UTC)
        new = NewSilence([Matcher("alertname", "=", "PodCrashLooping")], ends - timedelta(hours=1), ends, "oncall", "x")
        id = await api.silence(new)
        (known,) = await api.silences()
        await api.expire(id)
        (alert,) = await api.alerts([])
    wanted = recorded("32")["request"]["body"]
    assert set(taken["POST"]) == set(wanted)
    assert taken["POST"]["matchers"] == wanted["matchers"]
    assert datetime.fromisoformat(taken["POST"]["endsAt"]) == ends
    assert (known.id, known.status.state, known.endsAt) == (id, "active", ends)
    assert taken["DELETE"] == recorded("36")["request"]["path"]
    assert alert.status.silencedBy == [id]


async def no_utf8(_: Request) -> Response:
    return Response(b'[{"fingerprint": "f", "labels": {"alertname": "\xff"}, "startsAt": "2026-11-21T00:56:15Z"}]')


@pytest.mark.parametrize(
    ("handler", "state", "words"),
    [
        (answers(401, "Unauthorized", text=True), "unauthorized", "main answered 401: Unauthorized"),
        (answers(403), "forbidden", "main answered 403"),
        (answers(404), "error", "main answered 404"),
        (answers(500, "oops", text=True), "error", "main answered 500: oops"),
        (answers(302), "error", "main answered 302"),
        (answers(200, "<html>sign in</html>", text=True), "error", "cannot be read"),
        (answers(200, {"no": "list"}), "error", "cannot be read"),
        (answers(200, [{"labels": {}}]), "error", "cannot be read"),
        (answers(200, "x" * (17 << 20), text=True), "error", "cannot be read"),
        (no_utf8, "error", "cannot be read"),
        (answers(200, "[" * 50_000, text=True), "error", "cannot be read"),
        (answers(500, "[" * 50_000, text=True), "error", "main answered 500: [["),
    ],
)
async def test_what_is_no_answer_leaves_it_unknown(handler: Any, state: str, words: str) -> None:
    async with asking(handler) as api:
        seen = source(api, ManualClock(NOW))
        await seen.look(api)
        assert (seen.freshness().state, seen.freshness().as_of) == (state, None)
        assert words in seen.freshness().detail
        assert seen.alerts == ()


async def test_a_start_at_the_end_of_the_calendar_is_none_of_ours() -> None:
    told = [{"fingerprint": "f", "labels": {"alertname": "Old"}, "startsAt": "0001-01-01T00:00:00+14:00"}]
    async with asking(answers(200, told)) as api:
        seen = source(api, ManualClock(NOW))
        await seen.look(api)
    assert [(each.name, each.since) for each in seen.alerts] == [("Old", datetime(1, 1, 1, tzinfo=UTC))]


async def test_the_recorded_refusal_of_a_silence_is_said(recorded: Recorded) -> None:
    async def handler(_: Request) -> Response:
        return recorded.answer("35")

    async with asking(handler) as api:
        with pytest.raises(AlertmanagerError, match="matchers in body should have at least 1 items") as refused:
            await api.silence(NewSilence([], NOW, NOW, "x", ""))
        assert (refused.value.status, refused.value.sent) == (422, False)


async def test_what_was_seen_stays_for_a_while_and_then_is_stale(recorded: Recorded) -> None:
    """A blip is none; after three intervals whether anything fires is unknown, and what fired is still shown."""
    down = False

    async def handler(_: Request) -> Response:
        return PlainTextResponse("no", 503) if down else recorded.answer("30")

    clock = ManualClock(NOW)
    async with asking(handler) as api:
        seen = source(api, clock)
        await seen.look(api)
        down = True
        for seconds, state in ((15, "live"), (30, "live"), (1, "stale")):
            clock.advance(seconds)
            await seen.look(api)
            assert seen.freshness().state == state
        assert (len(seen.alerts), seen.freshness().as_of) == (1, NOW)
        down = False
        await seen.look(api)
        assert seen.freshness().state == "live"


async def test_a_token_goes_along_and_never_into_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AM_TOKEN", "hunter2-hunter2")
    seen: list[str | None] = []

    async def handler(request: Request) -> Response:
        seen.append(request.headers.get("authorization"))
        return PlainTextResponse(f"not {request.headers['authorization']}", 500)

    async with asking(handler, Secret(env="AM_TOKEN")) as api:
        with pytest.raises(AlertmanagerError) as refused:
            await api.alerts([])
    assert seen == ["Bearer hunter2-hunter2"]
    assert "hunter2" not in str(refused.value)
    api = AlertmanagerApi("main", "http://127.0.0.1:9", Secret(env="NO_SUCH_TOKEN"))
    with pytest.raises(AlertmanagerError, match="NO_SUCH_TOKEN gives nothing"):
        await api.alerts([])


@pytest.mark.parametrize("changes", [False, True])
async def test_only_a_change_without_an_answer_may_have_been_made(
    changes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alertapi, "TIMEOUT", 0.3)

    async def handler(request: Request) -> Response:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        return PlainTextResponse("")

    async with asking(handler) as api:
        with pytest.raises(AlertmanagerError, match="did not answer") as lost:
            await (api.silence(NewSilence([], NOW, NOW, "x", "")) if changes else api.alerts([]))
        assert (lost.value.state, lost.value.sent) == ("unreachable", changes)
    with pytest.raises(AlertmanagerError, match="cannot be reached") as lost:
        await AlertmanagerApi("main", "http://127.0.0.1:9", None).expire("x")
    assert not lost.value.sent


async def test_hostile_labels_are_harmless() -> None:
    told = {
        "fingerprint": "f\x1b[2J", "startsAt": "2026-11-21T00:56:15.946Z",
        "labels": {"alertname": "\x1b]0;evil\x07Name", "token": "ghp_" + "a" * 36, "x": "line\nline"},
        "annotations": {"summary": "password=hunter2 \u202eevil"},
    }  # fmt: skip
    async with asking(answers(200, [told])) as api:
        seen = source(api, ManualClock(NOW))
        await seen.look(api)
    (alert,) = seen.alerts
    shown = repr((alert.id, alert.name, alert.labels, alert.summary))
    assert not any(bad in shown for bad in ("\\x1b", "\\u202e", "\\n", "hunter2", "ghp_", "evil\\x07"))


async def test_thousands_of_alerts_do_not_hold_the_loop() -> None:
    """They are cleaned beside it; the loudest come first."""
    told = [
        {"fingerprint": f"{n:05}", "startsAt": "2026-11-21T00:56:15Z", "labels": {"alertname": f"A{n}", "severity": s}}
        for n, s in ((n, "critical" if n == 2999 else "info") for n in range(3000))
    ]
    ticks = 0

    async def ticking() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    async with asking(answers(200, told)) as api:
        ticker = asyncio.create_task(ticking())
        seen = source(api, SystemClock())
        await seen.look(api)
        ticker.cancel()
    assert (len(seen.alerts), seen.alerts[0].name) == (3000, "A2999")
    assert ticks > 3


@pytest.mark.parametrize("kind", KINDS)
async def test_a_board_knows_what_fires(kind: str, tmp_path: Path) -> None:
    """Of this service alone, with its state."""
    async with alertmanager(kind, tmp_path) as url:
        await fire(url, PAYMENTS, {**PAYMENTS, "service": "other"}, summary="pod crash loops")
        service = {"alertmanager": {"source": "main", "match": {"service": "payment-service"}}}
        config = {"alertmanager": {"main": {"url": url, "interval": "1s"}}, "services": {"pay": service}}
        board = Board("pay", Config.model_validate(config), (), SystemClock())
        assert board.freshness("alerts").state == "loading"
        await board.start()
        try:
            await eventually(lambda: board.alerts)
            (alert,) = board.alerts
            assert (alert.name, alert.state, alert.labels["pod"]) == ("PodCrashLooping", "active", "payment-1")
            assert 11 * 60 < (datetime.now(UTC) - alert.since).total_seconds() < 13 * 60
            api = AlertmanagerApi("main", url, None)
            now = datetime.now(UTC)
            await api.silence(NewSilence(equals({"pod": "payment-1"}), now, now + timedelta(hours=1), "@ada", "x"))
            await api.close()
            await eventually(lambda: board.alerts[0].state == "silenced")
        finally:
            await board.stop()


async def test_an_alertmanager_that_falls_silent_is_told_once_and_its_return_too() -> None:
    async with receiving("alertmanager") as receivers:
        there = receivers.alertmanager
        known = {"main": {"url": there.url, "interval": "0.2s"}}
        config = {"alertmanager": known, "services": {"pay": {"alertmanager": {"source": "main"}}}}
        board, told = Board("pay", Config.model_validate(config), (), SystemClock()), list[Change]()
        board.listen(told.append)
        await board.start()
        try:
            await eventually(lambda: board.freshness("alerts").state == "live")
            there.trouble.answers(503)
            await eventually(lambda: len(told) == 2)
            there.trouble.lift()
            await eventually(lambda: len(told) == 3)
        finally:
            await board.stop()
    nothing, lost, back = told
    assert isinstance(nothing, AlertsChanged)
    assert nothing.firing == (), "the first list is told in any case"
    assert isinstance(lost, SourceLost)
    assert (lost.source, "answered 503" in lost.detail) == ("Alertmanager main", True)
    assert isinstance(back, SourceBack)


async def test_where_none_is_configured_it_is_off() -> None:
    board = Board("pay", Config.model_validate({"services": {"pay": {}}}), (), SystemClock())
    assert (board.freshness("alerts").state, board.alerts) == ("off", ())


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("HighLatency", ("alertname", "=", "HighLatency")),
        ("alertname=HighLatency", ("alertname", "=", "HighLatency")),
        ('pod =~ "pay.*"', ("pod", "=~", "pay.*")),
        ("severity!=info", ("severity", "!=", "info")),
        ("pod!~x|y", ("pod", "!~", "x|y")),
        ('a="say \\"hi\\" \\\\ \\n"', ("a", "=", 'say "hi" \\ \n')),
        ("a=", ("a", "=", "")),
    ],
)
def test_a_matcher_is_read_as_alertmanagers_tools_read_it(text: str, read: tuple[str, str, str]) -> None:
    assert matcher(text) == read


@pytest.mark.parametrize("text", ["", "a b", "1a=x", 'a="x', 'a=x"y', "=x", "a-b=c", "x" * 2000 + "=y"])
def test_what_is_no_matcher_is_refused(text: str) -> None:
    with pytest.raises(MatcherError):
        matcher(text)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60), st.sampled_from(["=", "!=", "=~", "!~"]))
def test_whatever_a_value_holds_a_matcher_reads_back(value: str, operator: str) -> None:
    one = Matcher("pod", operator, value)
    assert matcher(str(one)) == one


async def test_what_an_alert_says_is_bounded() -> None:
    """A rule may put a whole page into an annotation, and an exporter anything into a label."""
    labels = {f"a{number}": "x" for number in range(3000)} | {"alertname": "High", "service": "payment-service"}
    labels |= {"long": "y" * 100_000, "severity": "critical"}
    told = {
        "fingerprint": "f", "labels": labels, "startsAt": "2026-11-21T00:54:57Z", "status": {"state": "active"},
        "annotations": {"summary": "password='hunter2' " * 50_000}, "generatorURL": "http://x/" + "z" * 100_000,
    }  # fmt: skip
    async with asking(answers(200, [told])) as api:
        watched = source(api, ManualClock(NOW))
        await watched.look(api)
    (alert,) = watched.alerts
    assert (alert.name, alert.severity, alert.labels["service"]) == ("High", "critical", "payment-service")
    assert (len(alert.labels), len(alert.summary), len(alert.link)) == (64, 500, 500)
    assert max(map(len, alert.labels.values())) <= 2000
    assert "hunter2" not in alert.summary
