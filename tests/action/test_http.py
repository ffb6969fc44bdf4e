"""Requests against real servers on loopback: what is shown of them, and every way in which an answer fails to come."""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from cockpit.action.http import Http
from cockpit.action.http.answer import MOST_BODY, Body
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.model import Confirmation
from cockpit.runbook import actions
from cockpit.runbook.fill import fill
from cockpit.values import replace
from tests.action.alone import Alone, given
from tests.action.stand import served

pytestmark = pytest.mark.anyio
YES = Confirmation(yes=True)


class Shop:
    """A service that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.app = Starlette(
            routes=[
                Route("/health", self.health),
                Route("/old", self.old, methods=["GET", "POST"]),
                Route("/loop", self.loop),
                Route("/away", self.away),
                Route("/teapot", self.teapot),
            ]
        )
        self.app.router.default = self.echo  # a route's pattern would not take every path

    async def _note(self, request: Request) -> None:
        url = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.asked.append((request.method, url, dict(request.headers), await request.body()))

    async def health(self, request: Request) -> Response:
        await self._note(request)
        return JSONResponse({"status": "ok", "checks": {"db": True}})

    async def old(self, request: Request) -> Response:
        await self._note(request)
        return RedirectResponse("/health", 307)

    async def loop(self, request: Request) -> Response:
        return RedirectResponse("/loop")

    async def away(self, request: Request) -> Response:
        return RedirectResponse("http://localhost:1/stolen")

    async def teapot(self, request: Request) -> Response:
        await self._note(request)
        return Response("\x1b[2Jno <b>tea</b>", 418, headers={"Retry-After": "30", "Set-Cookie": "session=hunter2x"})

    async def echo(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        await self._note(request)
        await Response(await request.body() or b"nothing", media_type="text/plain")(scope, receive, send)


@asynccontextmanager
async def shop() -> AsyncIterator[tuple[Shop, str]]:
    made = Shop()
    async with served(made.app) as port:
        yield made, f"http://127.0.0.1:{port}"


@asynccontextmanager
async def raw(*answer: bytes, times: int = 1) -> AsyncIterator[str]:
    """A server that reads a request, writes `answer` and hangs up; its last part as often as `times` says."""

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            for part in (*answer[:-1], *(answer[-1:] * times)):
                writer.write(part)
                await writer.drain()
        except ConnectionError:
            pass
        writer.close()

    server = await asyncio.start_server(answers, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


def get(url: str, **more: Any) -> Http:
    return Http("GET", url, heading=Heading("Look", risk="read-only"), **more)


def post(url: str, **more: Any) -> Http:
    return Http("POST", url, heading=Heading("Send", risk="changing"), **more)


async def test_an_answer_is_shown_with_status_time_and_readable_json() -> None:
    async with shop() as (_, url):
        result = await Alone().run(get(f"{url}/health"))
    head, *lines = result.output.splitlines()
    assert head.startswith("HTTP 200 OK in ")
    assert "content-type: application/json" in lines
    assert '    "db": true' in lines
    assert (result.outcome, result.exit) == ("succeeded", 0)


async def test_the_plan_says_what_is_sent_where() -> None:
    plan = await Alone().plan(post("https://shop.example/api/x?a=1", body='{"a": "it\'s"}', headers={"X-Trace": "7"}))
    assert plan.request == (
        'POST https://shop.example/api/x?a=1\nContent-Type: application/json\nX-Trace: 7\n\n{"a": "it\'s"}'
    )
    assert (plan.server, plan.object) == ("https://shop.example", "endpoint/shop.example")
    assert (plan.context, plan.namespace, plan.confirm.kind) == ("", "", "yes")
    assert plan.command.startswith(
        "curl -sS -i -X POST --globoff --max-time 10 -H 'Content-Type: application/json' -H 'X-Trace: 7'"
    )


@pytest.mark.parametrize(
    ("path", "expect", "body", "says"),
    [
        ("teapot", None, "", "it answered 418"),
        ("teapot", 418, "", ""),
        ("health", 204, "", "it answered 200, and 204 was expected"),
        ("health", 200, '"status": ?"ok"', ""),
        ("health", None, "degraded", "the body does not hold degraded"),
    ],
)
async def test_what_counts_as_success(path: str, expect: int | None, body: str, says: str) -> None:
    async with shop() as (_, url):
        result = await Alone().run(get(f"{url}/{path}", expect=expect, expect_body=body))
    assert result.outcome == ("failed" if says else "succeeded")
    assert says in result.error


async def test_what_a_server_says_is_cleaned_and_its_cookies_are_not_shown() -> None:
    async with shop() as (_, url):
        result = await Alone().run(get(f"{url}/teapot"))
    assert "retry-after: 30" in result.output
    assert "\x1b" not in result.output
    assert "hunter2x" not in result.output


async def test_reading_follows_a_redirect_on_the_same_server_alone() -> None:
    async with shop() as (_, url):
        here = Alone()
        assert '"status": "ok"' in (await here.run(get(f"{url}/old"))).output
        away = await here.run(get(f"{url}/away", headers={"X-Api-Key": "abc"}))
        assert away.output.startswith("HTTP 307")
        assert "location: http://localhost:1/stolen" in away.output
        assert "not followed" in away.output
        assert "more than 5 redirects" in (await here.run(get(f"{url}/loop"))).output


async def test_a_change_is_sent_once_and_never_to_where_a_redirect_leads() -> None:
    async with shop() as (service, url):
        result = await Alone().run(post(f"{url}/old", body='{"pay": 1}'))
        assert "not followed" in result.output
        assert [(method, path) for method, path, _, _ in service.asked] == [("POST", "/old")]


NASTY = ['"}, "admin": true, {"', "../../etc/passwd", "a b&c=d#e?f%2e", "\r\nX-Evil: 1", "☃", "@evil.example/", "\\"]


@pytest.mark.parametrize("value", NASTY)
async def test_a_value_stays_a_part_of_the_address_and_a_string_of_the_body(value: str) -> None:
    async with shop() as (service, url):
        written = actions.Http(
            kind="http",
            method="POST",
            url=f"{url}/orders/${{order}}/retry?note=${{order}}",
            body='{"order": "${order}", "dry": false}',
        )
        filled = fill(written, {"order": value, "namespace": "shop"})
        assert isinstance(filled, actions.Http)
        result = await Alone().run(post(filled.url, body=filled.body))
        assert result.outcome == "succeeded"
        method, path, headers, body = service.asked[0]
        assert method == "POST"
        assert path.count("?") == 1
        assert unquote(path.partition("?")[2]) == f"note={value}"
        assert "x-evil" not in headers
        assert json.loads(body) == {"order": value, "dry": False}


@pytest.mark.parametrize(
    ("headers", "url"),
    [({"X-Note": "a\r\nX-Evil: 1"}, "http://a/"), ({"X Note": "a"}, "http://a/"), ({}, "ftp://a/"), ({}, "http:///x")],
)
async def test_what_cannot_be_sent_is_refused(headers: dict[str, str], url: str) -> None:
    assert (await Alone().plan(get(url, headers=headers))).refusals


async def test_a_huge_body_costs_nothing() -> None:
    """A server that would send a gigabyte is left after the first megabyte."""
    size = 1 << 30
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {size}\r\n\r\n".encode()
    async with raw(head, b"x" * 65535 + b"\n", times=16384) as url:
        result = await Alone().run(get(url))
    assert result.outcome == "succeeded"
    assert result.output.endswith(f"… the rest was not read: {size - MOST_BODY} bytes")
    assert result.bytes < 2 * MOST_BODY


@pytest.mark.parametrize("before", [MOST_BODY - 5, MOST_BODY - 30])
async def test_no_half_of_a_secret_stands_where_a_body_is_cut(before: int) -> None:
    secret = "Zq7-wholly_secret"
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    async with raw(head, b"x" * before + secret.encode(), b"y" * MOST_BODY) as url:
        result = await Alone().run(get(url, values=given(("key",), key=secret)))
    assert "Zq7" not in result.output
    assert "was not read" in result.output


def test_a_small_packed_body_cannot_become_a_huge_one() -> None:
    body = Body("gzip")
    assert not body.add(gzip.compress(b"\0" * (64 << 20)))
    assert (len(body.bytes), body.whole) == (MOST_BODY, False)


async def test_a_packed_body_is_read() -> None:
    packed = gzip.compress(b'{"a": 1}')
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    async with raw(head, packed) as url:
        assert '"a": 1' in (await Alone().run(get(url))).output


async def test_a_body_that_breaks_off_takes_nothing_from_the_status() -> None:
    async with raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") as url:
        result = await Alone().run(post(url))
    assert result.outcome == "succeeded"
    assert "the body broke off" in result.output
    assert result.output.endswith("half")


@pytest.mark.parametrize(("action", "outcome"), [(get, "failed"), (post, "unknown")])
async def test_a_lost_answer_to_a_change_is_an_unknown_outcome(action: Any, outcome: str) -> None:
    async with raw(b"") as url:
        result = await Alone().run(action(url))
    assert result.outcome == outcome
    assert "broke off" in result.error
    assert ("not known" in result.error) == (outcome == "unknown")


@pytest.mark.parametrize(("action", "outcome"), [(get, "cancelled"), (post, "unknown")])
async def test_cancelled_while_it_waits(action: Any, outcome: str) -> None:
    began = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        began.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        here = Alone()
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        running = asyncio.create_task(here.run(action(url)))
        await asyncio.wait_for(began.wait(), 30)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert getattr(here.notebook.entries[-1], "outcome", "") == outcome


async def test_a_server_that_is_silent_is_given_up() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        result = await Alone().run(get(url, timeout=0.2))
    assert (result.outcome, result.exit) == ("failed", 28)
    assert "did not answer in time" in result.error


async def test_a_change_that_was_never_sent_has_failed() -> None:
    result = await Alone().run(post("http://127.0.0.1:1/"))
    assert (result.outcome, result.exit) == ("failed", 7)
    assert "cannot be reached" in result.error


async def test_a_drill_sends_no_change() -> None:
    here = Alone()
    here.drill()
    assert "drill" in (await here.plan(post("http://127.0.0.1:1/"))).refusals[0]
    here.situation = replace(here.situation, drill_cluster=True)
    assert "it goes to no cluster" in (await here.plan(post("http://127.0.0.1:1/"))).refusals[0]


async def test_secrets_are_nowhere_but_in_the_request() -> None:
    """In the address, in headers and in the body; also where the server says them again."""
    secret = "s3cr3t/va lue"
    async with shop() as (service, url):
        here = Alone()
        values = given(("api-key",), namespace="shop", **{"api-key": secret})
        written = actions.Http(
            kind="http",
            method="POST",
            url=f"{url}/pay?key=${{api-key}}",
            headers={"Authorization": "Bearer ${api-key}", "X-Signature": "fixed-signature-1"},
            body='{"key": "${api-key}"}',
        )
        filled = fill(written, values)
        assert isinstance(filled, actions.Http)
        plan = await here.plan(post(filled.url, headers=filled.headers, body=filled.body, values=values))
        result = await here.runner.execute(plan, YES, here.told.append)
        assert service.asked[0][2]["authorization"] == f"Bearer {secret}"
        assert json.loads(service.asked[0][3]) == {"key": secret}
    shown = "".join([plan.command, plan.request, repr(plan), str(plan.intent().fields()), here.everything()])
    assert '"key": ' in result.output
    assert "s3cr3t" not in shown
    assert "fixed-signature-1" not in shown


async def test_a_certificate_that_nobody_trusts_ends_it_before_anything_is_sent(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate can be made")
    files = ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")]
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", *files]
    made = await asyncio.create_subprocess_exec("openssl", *words, stderr=asyncio.subprocess.DEVNULL)
    assert await made.wait() == 0
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    asked = []

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(1))
        writer.close()

    server = await asyncio.start_server(answers, "127.0.0.1", 0, ssl=context)
    async with server:
        result = await Alone().run(post(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"))
    assert (result.outcome, asked) == ("failed", [])
    assert "certificate is not trusted" in result.error
