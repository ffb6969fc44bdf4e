"""HTTP endpoints asked from this machine, against real sockets."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from replay import answering, serving
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from cockpit.clock import ManualClock
from cockpit.config import EndpointConfig
from cockpit.signal.endpoint.check import Check
from cockpit.signal.endpoint.direct import DirectHttp
from cockpit.text import MASK
from tests.listeners import listening, refusing, saying, silent

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
TLS = Path(__file__).with_name("tls")
"""A CA, its certificate for localhost until 2099, and one that ended in 2021; the key serves these tests alone."""


async def asked(url: str, clock: ManualClock | None = None, **wanted: Any) -> Check:
    endpoint = EndpointConfig.model_validate({"http": url, **wanted})
    return await DirectHttp(endpoint, clock or ManualClock(NOW)).ask()


async def answered(response: Response | Any, **wanted: Any) -> Check:
    """What comes of an endpoint whose server answers so."""

    async def handler(request: Request) -> Response:
        answer: Response = await response(request) if callable(response) and not hasattr(response, "body") else response
        return answer

    async with serving(answering(handler)) as server:
        return await asked(f"{server}/health", **wanted)


async def test_a_good_answer_is_ok() -> None:
    check = await answered(JSONResponse({"status": "ok"}))
    assert (check.verdict, check.reason, check.came) == ("ok", "", '200 OK · {"status":"ok"}')


@pytest.mark.parametrize(
    ("status", "expect", "reason"),
    [
        (503, "200-299", "it answered 503, expected 200-299"),
        (200, [204, "300-301"], "it answered 200, expected 204 or 300-301"),
        (404, 404, ""),
        (204, "200-299", ""),
    ],
)
async def test_the_status_is_held_against_what_is_expected(status: int, expect: Any, reason: str) -> None:
    check = await answered(Response(status_code=status), expect=expect)
    assert (check.verdict, check.reason) == ("failing" if reason else "ok", reason)


@pytest.mark.parametrize(
    ("body", "wanted", "reason"),
    [
        ('{"status": "ok"}', {"body": {"contains": '"ok"'}}, ""),
        ('{"status": "no"}', {"body": {"contains": '"ok"'}}, r'its body does not hold "\"ok\""'),
        ('{"status": "ok"}', {"json": {"path": "$.status", "equals": "ok"}}, ""),
        ('{"status": "no"}', {"json": {"path": "$.status", "equals": "ok"}}, '$.status is "no", expected "ok"'),
        ('{"up": 1}', {"json": {"path": "$.up", "equals": True}}, "$.up is 1, expected true"),
        ('{"a": [{"up": true}]}', {"json": {"path": "$.a[0].up", "equals": True}}, ""),
        ("{}", {"json": {"path": "$.status", "equals": "ok"}}, "its body has no $.status"),
        ("<html>", {"json": {"path": "$.status", "equals": "ok"}}, "its body is no JSON"),
        ("[" * 5000, {"json": {"path": "$.status", "equals": "ok"}}, "its body is no JSON"),
        ("", {"json": {"path": "$", "equals": "ok"}}, "its body is no JSON"),
    ],
)
async def test_the_body_is_held_against_what_is_expected(body: str, wanted: dict[str, Any], reason: str) -> None:
    check = await answered(PlainTextResponse(body), **wanted)
    assert (check.verdict, check.reason) == ("failing" if reason else "ok", reason)


async def test_a_head_request_is_one() -> None:
    methods: list[str] = []

    async def handler(request: Request) -> Response:
        methods.append(request.scope["method"])
        return PlainTextResponse("")

    async def raw(scope: Any, receive: Any, send: Any) -> None:
        await (await handler(Request(scope)))(scope, receive, send)

    async with serving(raw) as server:
        check = await asked(server, method="HEAD")
    assert (check.verdict, methods) == ("ok", ["HEAD"])


async def test_ten_megabytes_are_not_read() -> None:
    sent = 0

    async def endless(_: Request) -> Response:
        async def chunks() -> Any:
            nonlocal sent
            for _ in range(160):
                sent += 65536
                yield b"x" * 65536
            yield b"ok"

        return StreamingResponse(chunks())

    check = await answered(endless, body={"contains": "ok"})
    assert check.reason == 'its body does not hold "ok" in its first 64 KiB'
    assert len(check.came) < 250


async def test_what_comes_can_command_no_terminal_and_tells_no_secret() -> None:
    check = await answered(PlainTextResponse("\x1b[31mred\x1b]0;x\x07 password=hunter2 \u202e", 503))
    assert "\x1b" not in check.came
    assert "\u202e" not in check.came
    assert "hunter2" not in check.came


async def test_a_port_on_which_nobody_listens_refuses() -> None:
    check = await asked(f"http://127.0.0.1:{refusing()}/")
    assert (check.verdict, check.reason, check.latency) == ("failing", "the connection was refused", None)


async def test_a_black_hole_fails_in_time() -> None:
    async with listening(silent) as port:
        check = await asked(f"http://127.0.0.1:{port}/", timeout="0.2s")
    assert (check.verdict, check.reason) == ("failing", "no answer within 0.2 s")


async def test_a_name_that_does_not_resolve_says_where_it_would() -> None:
    check = await asked("http://payment-service.invalid:3006/health")
    assert (check.verdict, check.reason) == ("failing", "its name does not resolve here")
    assert "service-proxy" in check.mend


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0-OpenSSH_9\r\n", b"", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nshort"]
)
async def test_what_is_no_whole_answer_fails(answer: bytes) -> None:
    async with listening(saying(answer)) as port:
        check = await asked(f"http://127.0.0.1:{port}/")
    assert check.verdict == "failing"
    assert "broke off" in check.reason


async def test_latency_is_until_the_answer_by_the_clock_that_is_given() -> None:
    clock = ManualClock(NOW)

    async def handler(_: Request) -> Response:
        clock.advance(1.25)
        return PlainTextResponse("")

    async with serving(answering(handler)) as server:
        check = await asked(server, clock)
    assert check.latency == 1.25


async def test_a_redirect_is_not_followed_unless_told_and_then_to_the_same_host_alone() -> None:
    async def handler(request: Request) -> Response:
        targets = {"/here": "/there", "/away": "http://elsewhere.invalid/", "/round": "/round"}
        target = targets.get(request.url.path)
        return RedirectResponse(target) if target else PlainTextResponse("there")

    async with serving(answering(handler)) as server:
        check = await asked(f"{server}/here")
        assert check.reason == "it answered 307 and leads to /there, expected 200-299"
        assert (await asked(f"{server}/here", redirects=True)).verdict == "ok"
        check = await asked(f"{server}/away", redirects=True)
        assert check.reason == "it answered 307 and leads to http://elsewhere.invalid/, expected 200-299"
        assert "more than 5" in (await asked(f"{server}/round", redirects=True)).reason


def speaking_tls(certificate: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TLS / certificate)
    return context


OK = saying(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")


async def test_an_own_ca_is_trusted_and_an_unknown_one_is_not() -> None:
    async with listening(OK, speaking_tls("good.pem")) as port:
        url = f"https://localhost:{port}/"
        assert (await asked(url, ca=TLS / "ca.pem")).verdict == "ok"
        check = await asked(url)
    assert check.verdict == "failing"
    assert check.reason.startswith("its certificate is not trusted: ")


async def test_a_certificate_that_ends_soon_is_a_warning() -> None:
    clock = ManualClock(datetime(2099, 1, 1, tzinfo=UTC) - timedelta(days=3))
    async with listening(OK, speaking_tls("good.pem")) as port:
        check = await asked(f"https://localhost:{port}/", clock, ca=TLS / "ca.pem")
    assert (check.verdict, check.reason) == ("warning", "its certificate expires in 3d (2099-01-01)")


async def test_an_expired_certificate_says_since_when() -> None:
    async with listening(OK, speaking_tls("expired.pem")) as port:
        clock = ManualClock(datetime(2021, 1, 4, tzinfo=UTC))
        check = await asked(f"https://localhost:{port}/", clock, ca=TLS / "ca.pem")
    assert (check.verdict, check.reason) == ("failing", "its certificate expired 3d ago (2021-01-01)")


async def test_a_certificate_of_another_name_is_not_trusted() -> None:
    async with listening(OK, speaking_tls("good.pem")) as port:
        check = await asked(f"https://localhost.localdomain:{port}/", ca=TLS / "ca.pem")
    assert check.verdict == "failing"  # on machines where that name does not resolve, for that reason


async def test_plain_http_where_tls_is_expected_says_so() -> None:
    async with listening(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        check = await asked(f"https://127.0.0.1:{port}/")
    assert check.reason.startswith("no TLS came about: ")


async def test_a_ca_file_that_is_none_makes_it_unknown(tmp_path: Path) -> None:
    check = await asked("https://localhost:1/", ca=tmp_path / "nothing.pem")
    assert (check.verdict, check.mend) == ("unknown", "check `ca`")


async def test_a_secret_is_sent_hidden_and_fetched_again_when_refused(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first-Secret1")
    seen: list[str] = []

    async def handler(request: Request) -> Response:
        seen.append(request.headers["authorization"])
        return PlainTextResponse("x" * 170 + f" you said {seen[-1]}", 401 if seen[-1] == "first-Secret1" else 200)

    async with serving(answering(handler)) as server:
        wanted = {"http": server, "headers": {"Authorization": {"file": str(token)}, "Accept": "text/plain"}}
        asker = DirectHttp(EndpointConfig.model_validate(wanted), ManualClock(NOW))
        first = await asker.ask()
        token.write_text("second-Secret2")
        second = await asker.ask()
    assert seen == ["first-Secret1", "second-Secret2"]
    assert (first.verdict, second.verdict) == ("failing", "ok")
    assert MASK in first.came
    assert "first-" not in first.came + second.came


@pytest.mark.parametrize(
    ("secret", "echo"),
    [
        ("Bearer first-Seen/1", "hello first-Seen/1"),
        ("first-Seen/1", '{"you": "first-Seen\\/1"}'),
        ('first-"Seen"', '{"you": "first-\\"Seen\\""}'),
    ],
)
async def test_a_secret_that_comes_back_otherwise_is_hidden_too(tmp_path: Path, secret: str, echo: str) -> None:
    """Without the word before it, or as JSON writes it."""
    token = tmp_path / "token"
    token.write_text(secret)
    check = await answered(PlainTextResponse(echo), headers={"Authorization": {"file": str(token)}})
    assert (MASK in check.came, "Seen" in check.came) == (True, False)


async def test_a_secret_goes_to_no_other_port(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("first-Seen1")
    seen: list[str | None] = []

    async def other(request: Request) -> Response:
        seen.append(request.headers.get("x-key"))
        return PlainTextResponse("")

    async with serving(answering(other)) as elsewhere:

        async def handler(_: Request) -> Response:
            return RedirectResponse(elsewhere)

        check = await answered(handler, redirects=True, headers={"X-Key": {"file": str(tmp_path / "key")}})
    assert (check.verdict, seen) == ("failing", [])


@pytest.mark.parametrize("content", [None, "two\nlines", "é"])
async def test_a_secret_that_cannot_be_had_or_sent_makes_it_unknown(tmp_path: Path, content: str | None) -> None:
    token = tmp_path / "token"
    if content is not None:
        token.write_text(content)
    check = await asked("http://127.0.0.1:1/", headers={"X-Token": {"file": str(token)}})
    assert check.verdict == "unknown"
    assert "two" not in check.reason


async def test_a_server_that_starts_again_is_ok_again() -> None:
    async with serving(answering(lambda _: asyncio.sleep(0, PlainTextResponse("")))) as server:
        assert (await asked(server)).verdict == "ok"
    assert (await asked(server)).verdict == "failing"
    port = int(server.rpartition(":")[2])
    again = await asyncio.start_server(OK, "127.0.0.1", port)
    async with again:
        assert (await asked(server)).verdict == "ok"
